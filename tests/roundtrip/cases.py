"""Messages that once came out wrong, or that the generator may not hit."""

HEADER = b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: a case\r\nMIME-Version: 1.0\r\n"

CASES = {
    "no body": HEADER + b"\r\n",
    "no end of the header": HEADER,
    "one line without an end": HEADER + b"\r\nx",
    # LF in UTF-16 is half a character: inside a message, too
    "wide characters in a message inside": HEADER.replace(b"\r\n", b"\n") + b"Content-Type: message/rfc822\n\n"
    b"Subject: inside\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-16be\n\nN\nN-\n",
    # an encoded LF is no line end, though the rest has to be encoded again
    "an encoded LF": HEADER + b"Content-Type: text/plain; charset=us-ascii\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\none=0Atwo=0Dthree=0D=0Afour\r\nFrom x\r\n",
    "binary with every byte": HEADER + b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary"
    b"\r\n\r\n" + bytes(range(256)) * 3,
    "lone carriage returns": HEADER + b"Content-Type: text/plain\r\n\r\none\rtwo\r\r\nthree\r",
}

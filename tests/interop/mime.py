"""The little MIME that the interop tests need: making what a peer's mail program would send, and taking
apart what Sealpost made. By hand, so that bytes stay as they are."""

import base64
import re
import textwrap

TEXT = ("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n"
        "Hello,\r\n\r\nthis text goes both ways.\r\n").encode()


def fields(sender, to):
    return f"From: {sender}@example.org\r\nTo: {to}@example.org\r\nSubject: both ways\r\nMIME-Version: 1.0\r\n".encode()


def encoded(data):
    return "\r\n".join(textwrap.wrap(base64.b64encode(data).decode(), 64)).encode() + b"\r\n"


def pkcs7(smime_type, cms):
    return (f'Content-Type: application/pkcs7-mime; smime-type={smime_type}; name="smime.p7m"\r\n'
            "Content-Transfer-Encoding: base64\r\n\r\n").encode() + encoded(cms)


def multipart_signed(entity, cms):
    return (b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary="bb"'
            b"\r\n\r\n--bb\r\n" + entity + b"\r\n--bb\r\nContent-Type: application/pkcs7-signature; "
            b'name="smime.p7s"\r\nContent-Transfer-Encoding: base64\r\n\r\n' + encoded(cms) + b"\r\n--bb--\r\n")


def is_text(entity):
    """Whether this is TEXT, with whatever header fields were put in to protect them (RFC 9788)."""
    header, _, body = entity.partition(b"\r\n\r\n")
    return b"Content-Type: text/plain; charset=utf-8" in header and body == TEXT.partition(b"\r\n\r\n")[2]


def split_header(entity):
    header, _, body = entity.partition(b"\r\n\r\n")
    return re.sub(rb"\r\n[ \t]+", b" ", header).decode(), body


def take_apart(message):
    """(CMS, covered bytes or None) of a message or entity."""
    header, body = split_header(message)
    if "multipart/signed" not in header.lower():
        return base64.b64decode(body), None
    boundary = re.search(r'boundary="?([^";\r\n]+)"?', header).group(1).encode()
    _, covered, signature = re.split(rb"(?:\A|\r\n)--" + re.escape(boundary) + rb"(?:--)?[ \t]*\r\n", body)[:3]
    return base64.b64decode(split_header(signature)[1]), covered

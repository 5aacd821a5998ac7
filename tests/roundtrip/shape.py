"""Whether a message is such that nothing on the way has a reason to touch it."""

import email
import re

SMIME = {"multipart/signed", "application/pkcs7-mime"}


def faults_of_lines(message):
    found = []
    if re.search(rb"(?<!\r)\n|\r(?!\n)", message):
        found.append("a line end that is not CRLF")
    if not message.isascii() or b"\0" in message:
        found.append("a byte that is not 7-bit")
    for number, line in enumerate(message.split(b"\r\n")):
        if len(line) > 998:
            found.append(f"line {number} has {len(line)} characters")
        if line.endswith((b" ", b"\t")):
            found.append(f"line {number} ends in white space: {line[-30:]!r}")
        if re.match(rb">*From |\.$", line):
            found.append(f"line {number} is altered by mbox files or SMTP: {line[:30]!r}")
    return found


def breakable(line):
    """Whether a long line could have been shorter: blanks that are not its first ones."""
    return b" " in line.lstrip(b" \t")[:998].split(b": ", 1)[-1]


def long_lines(message, longest=76):
    """Long lines that need not be, outside of forwarded messages, whose header is content."""
    if b"message/rfc822" in message.lower():
        return []
    header, _, body = message.partition(b"\r\n\r\n")
    found = [line for line in header.split(b"\r\n") if len(line) > longest and breakable(line) and b'"' not in line]
    body_lines = body.split(b"\r\n")
    in_header = False
    for line in body_lines:
        if line.startswith(b"--"):
            in_header = True
        elif not line:
            in_header = False
        if len(line) > longest and not in_header:
            found.append(line)
    return [f"a line of {len(line)}: {line[:60]!r}" for line in found]


def once(parsed, name):
    count = len(parsed.get_all(name, []))
    return [] if count == 1 else [f"{name} stands there {count} times"]


def faults_of_fields(parsed):
    found = once(parsed, "MIME-Version") + once(parsed, "Date") + once(parsed, "Message-ID") + once(parsed, "From")
    if parsed["Bcc"] is not None:
        found.append("Bcc is there")
    kind = parsed.get_content_type()
    if kind == "multipart/signed":
        signature = parsed.get_payload()[1]
        if parsed.get_param("protocol") != "application/pkcs7-signature":
            found.append("protocol")
        if parsed.get_param("micalg") not in ("sha-256", "sha-384", "sha-512"):
            found.append("micalg")
        if (signature.get_content_type(), signature.get_filename(), signature.get_content_disposition()) != \
                ("application/pkcs7-signature", "smime.p7s", "attachment"):
            found.append("the part of the signature")
    elif kind == "application/pkcs7-mime":
        if (parsed.get_filename(), parsed.get_param("name"), parsed.get_content_disposition()) != \
                ("smime.p7m", "smime.p7m", "attachment"):
            found.append("names of application/pkcs7-mime")
        if parsed.get_param("smime-type") not in ("signed-data", "enveloped-data", "authEnveloped-data"):
            found.append("smime-type")
    return found


def faults(message, protected):
    """What is wrong with a message that is about to be sent; `protected`: it must be S/MIME."""
    parsed = email.message_from_bytes(message)
    found = faults_of_lines(message) + long_lines(message) + faults_of_fields(parsed)
    if protected and parsed.get_content_type() not in SMIME:
        found.append(f"unprotected: {parsed.get_content_type()}")
    return found

"""Whether two messages hold the same content, by Python's own parser, which knows nothing of ours: part by part,
after the transfer encoding is taken off. Line ends of lines of text may differ, bytes may not."""

import base64
import binascii
import email
import email.header
import email.message
import email.utils
import quopri
import re

IDENTITY = ("7bit", "8bit", "binary", "")


def lines(data):
    """Every line end as CRLF."""
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def value_of(raw):
    """A field's value as text: raw 8-bit is UTF-8, folding is taken off."""
    text = str(raw).encode("ascii", "surrogateescape").decode("utf-8")
    return re.sub(r"\r?\n", "", text).strip(" \t")


def plain_fields(message):
    """A message with the same fields as clean text, for the accessors of parameters."""
    clean = email.message.Message()
    for name, raw in message.raw_items():
        clean[name] = value_of(raw)
    return clean


def decoded(text):
    """Encoded words decoded, white space of folding and between words evened."""
    between = re.sub(r"(\?=)[ \t]+(?==\?)", r"\1", text)
    words = re.sub(r"=\?[^?\s]+\?[bqBQ]\?[^?]*\?=",
                   lambda word: str(email.header.make_header(email.header.decode_header(word[0]))), between)
    return " ".join(words.split())


def uudecoded(body):
    found = b""
    for line in body.split(b"begin ", 1)[-1].splitlines()[1:]:
        if line.strip() in (b"end", b"`", b""):
            break
        found += binascii.a2b_uu(line + b"\n")
    return found


def content(part, kind):
    """The bytes of a leaf behind its transfer encoding, comparable."""
    encoding = str(part.get("Content-Transfer-Encoding", "")).strip().lower()
    del part["Content-Transfer-Encoding"]
    body = part.get_payload(decode=True)  # the bytes as they are, now that nothing says they are encoded
    if encoding == "base64":
        data = base64.b64decode(re.sub(rb"\s", b"", body))
    elif encoding == "quoted-printable":
        data = quopri.decodestring(re.sub(rb"[ \t]+(?=\r\n)", b"", lines(body)))
    elif encoding == "x-uuencode":
        data = uudecoded(body)
    else:
        assert encoding in IDENTITY, encoding
        data = body
    lined = kind.startswith("text/") or encoding in ("7bit", "8bit", "")
    return data, lined


def filename(clean):
    name = clean.get_filename()
    return None if name is None else decoded(name)


def facts(part):
    clean = plain_fields(part)
    charset = clean.get_param("charset")
    description = clean.get("Content-Description")
    return {"type": clean.get_content_type(), "charset": str(charset).lower(), "filename": filename(clean),
            "disposition": clean.get_content_disposition(), "id": clean.get("Content-ID"),
            "format": clean.get_param("format"), "description": decoded(description) if description else None}


def inner_header(part):
    """The fields of a message inside a message, which are content."""
    return [(name.lower(), value_of(raw)) for name, raw in part.raw_items()
            if not name.lower().startswith(("content-", "mime-version"))]


def tree(part, where="1"):
    """[(number, facts, content, whether it is lines)] of all parts."""
    found = facts(part)
    if part.is_multipart():
        children = part.get_payload()
        if found["type"] == "message/rfc822":
            found["header"] = inner_header(children[0])
        rows = [(where, found, b"", False)]
        for i, child in enumerate(children):
            rows += tree(child, f"{where}.{i + 1}")
        return rows
    data, lined = content(part, found["type"])
    return [(where, found, data, lined)]


def wide(charset):
    return "utf-16" in charset


def compare_contents(number, found, ours, theirs):
    (mine, mine_lined), (other, other_lined) = ours, theirs
    if mine_lined and not wide(found["charset"]):
        mine, other = lines(mine), lines(other)
    del other_lined
    if mine != other:
        at = next((i for i, (a, b) in enumerate(zip(mine, other)) if a != b), min(len(mine), len(other)))
        return [f"part {number} ({found['type']}, {found['charset']}): {len(mine)} and {len(other)} bytes, "
                f"differ at {at}: {mine[max(0, at - 20):at + 20]!r} {other[max(0, at - 20):at + 20]!r}"]
    return []


def differences(original, entity):
    """What is not the same in two messages or entities given as bytes; empty where nothing is."""
    one, two = tree(email.message_from_bytes(original)), tree(email.message_from_bytes(entity))
    if [row[0] for row in one] != [row[0] for row in two]:
        return [f"other parts: {[row[0] for row in one]} {[row[0] for row in two]}"]
    found = []
    for (number, mine, data, lined), (_, theirs, other, other_lined) in zip(one, two):
        mine = defaults(mine, theirs)
        found += [f"part {number}: {name} {mine.get(name)!r} {theirs.get(name)!r}" for name in mine
                  if mine.get(name) != theirs.get(name)]
        found += compare_contents(number, mine, (data, lined), (other, other_lined))
    return found


def defaults(mine, theirs):
    """A root without a type is sent with the one that it has by default."""
    if mine["type"] == "text/plain" and mine["charset"] == "none" and theirs["charset"] == "utf-8":
        return {**mine, "charset": "utf-8"}
    return mine


def addresses(text):
    return [(decoded(name), address) for name, address in email.utils.getaddresses([text])]


ADDRESS_FIELDS = ("from", "to", "cc")


def header_of(message):
    """{name: comparable values} of the fields that are the message's own."""
    found = {}
    for name, raw in message.raw_items():
        name = name.lower()
        if name.startswith("content-") or name in ("mime-version", "bcc", "hp-outer"):
            continue
        text = value_of(raw)
        found.setdefault(name, []).append(addresses(text) if name in ADDRESS_FIELDS else decoded(text))
    return found


def header_differences(original, sent):
    """As differences(), for the message's own fields; Date and Message-ID may be new."""
    one, two = header_of(email.message_from_bytes(original)), header_of(email.message_from_bytes(sent))
    found = [f"field {name}: {one[name]} {two.get(name)}" for name in one if one[name] != two.get(name)]
    return found + [f"field {name} came from nowhere" for name in two
                    if name not in one and name not in ("date", "message-id")]

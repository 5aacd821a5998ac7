"""Writes DER, for messages that no honest program makes."""


def value(tag, *contents):
    content = b"".join(contents)
    size = len(content)
    if size < 128:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def sequence(*contents):
    return value(0x30, *contents)


def set_of(*contents):
    return value(0x31, *contents)


def explicit(number, *contents):
    return value(0xA0 + number, *contents)


def integer(number):
    return value(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def octets(content):
    return value(0x04, content)


def bit_string(content):
    return value(0x03, b"\0", content)


def oid(text):
    arcs = [int(arc) for arc in text.split(".")]
    content = bytes([arcs[0] * 40 + arcs[1]])
    for arc in arcs[2:]:
        groups = [arc & 0x7F]
        while arc := arc >> 7:
            groups.append(0x80 | arc & 0x7F)
        content += bytes(reversed(groups))
    return value(0x06, content)


NULL = b"\x05\0"

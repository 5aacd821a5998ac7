"""Random messages as mail programs, scripts and people's habits make them: trees of parts, encodings, charsets,
attachments, line ends, and what is odd but legal. The same seed gives the same message."""

import base64
import binascii
import quopri
import random
import string

TEXTS = {
    "us-ascii": "The quick brown fox jumps over the lazy dog = 100 % sure; see http://example.org/?a=b&c=%20",
    "utf-8": "Grüße aus Köln, καλημέρα, Здравствуйте, שלום, مرحبا, 你好，世界, こんにちは, 😀🎉 ﷽",
    "iso-8859-1": "Grüße aus Köln, à bientôt, señor, ærø, naïve",
    "iso-8859-15": "Ceci coûte 5 €, œuvre, Šárka žije",
    "windows-1252": "“Quoted” – dashed — costs 10 € … naïve",
    "koi8-r": "Здравствуйте, это письмо на русском языке",
    "shift_jis": "こんにちは、世界。表示ソフト能力",
    "euc-jp": "こんにちは、世界。表示",
    "iso-2022-jp": "こんにちは、世界。表示",
    "gb18030": "你好，世界。𠀀漢字",
    "big5": "你好，世界。許功蓋",
    "euc-kr": "안녕하세요 세계",
    "utf-16": "Grüße 你好 上海 ਊ 😀",
    "utf-16-le": "上海 你好 ਊਊ ഊ",
    "utf-16-be": "上海 你好 ਊਊ ഊ",
}
WIDE = {"utf-16", "utf-16-le", "utf-16-be"}
NAMES = ["report.pdf", "Grüße.txt", "日本語.doc", "a b c.png", "semi;colon.txt", 'quo"te.txt', "x" * 90 + ".bin",
         "a very long name of a file with many words in it that does not fit in any line of a header.odt", "naïve.zip"]
ODD_LINES = ["", "", ".", "..", ".hidden", "From the start", ">From quoted", ">>From twice", "From", "trailing blank ",
             "trailing tab\t", "  leading", "--", "-- ", "--dashes", "=", "=20", "=3D=", "a" * 76, "b" * 77, "c" * 200,
             "d" * 998, "e" * 999, "f" * 3000, "words " * 30, "\ttab\tseparated\t", "\x0cform feed", "~!@#$%^&*()_+",
             "Content-Type: text/plain", "begin 644 file", "Subject: not a header", "> quoted", "- list"]


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.eol = self.random.choice(["\r\n", "\r\n", "\r\n", "\n"])
        self.boundaries = 0
        self.parts = 0

    def one(self, *choices):
        return self.random.choice(choices)

    def chance(self, percent):
        return self.random.randrange(100) < percent

    # content

    def lines(self, charset):
        """Text, with the line ends that it has where it is not encoded."""
        words = TEXTS[charset]
        found = []
        for _ in range(self.random.choice([0, 1, 2, 5, 20])):
            line = self.one(words, words + " " + words, self.random.choice(ODD_LINES), "")
            found.append(line if charset != "us-ascii" or line.isascii() else TEXTS["us-ascii"])
        text = self.eol.join(found)
        return text + self.one("", self.eol, self.eol, self.eol * 3)

    def blob(self, without_nul=False):
        size = self.random.choice([0, 1, 2, 3, 57, 58, 1000, 5000, 20000])
        data = self.random.randbytes(size)
        return data.replace(b"\0", b"\1") if without_nul else data

    # encodings

    def quoted(self, data):
        """Quoted-printable; what was CRLF or LF in a text stays a line end, or is encoded like any byte."""
        coded = quopri.encodestring(data.replace(b"\r\n", b"\n"), quotetabs=self.chance(50)).decode("ascii")
        return coded.replace("\n", self.eol).encode("ascii")

    def encode_text(self, data, charset):
        """(encoding, bytes)"""
        choices = ["base64", "quoted-printable"] if charset not in WIDE else ["base64"]
        if charset in WIDE:
            choices.append("binary")
        elif data.isascii():
            choices += ["7bit", None, "8bit"]
        else:
            choices += ["8bit", "8bit", "binary"]
        return self.encode(self.random.choice(choices), data)

    def encode(self, encoding, data):
        if encoding == "base64":
            return encoding, self.base64(data)
        if encoding == "quoted-printable":
            return encoding, self.quoted(data)
        if encoding == "x-uuencode":
            lines = [binascii.b2a_uu(data[i:i + 45], backtick=True) for i in range(0, len(data), 45)]
            text = b"begin 644 file\n" + b"".join(lines) + b"`\nend\n"
            return encoding, text.replace(b"\n", self.eol.encode("ascii"))
        return encoding, data

    def base64(self, data):
        width = self.random.choice([60, 64, 76, 76, 76, 120, 1000])
        coded = base64.b64encode(data).decode("ascii")
        lines = [coded[i:i + width] for i in range(0, len(coded), width)]
        blanks = " " if self.chance(3) else ""
        return "".join(line + blanks + self.eol for line in lines).encode("ascii")

    # header fields

    def parameter(self, name, value):
        """A parameter in one of the forms that are in use."""
        quoted = '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        forms = [quoted] if value.isascii() else [None, quoted]
        form = self.random.choice(forms)
        if form is None:
            return f"{name}*=utf-8''" + "".join(
                c if c in string.ascii_letters + string.digits else "".join(f"%{b:02X}" for b in c.encode())
                for c in value)
        return f"{name}={form}"

    def separator(self):
        return self.one("; ", ";", f";{self.eol} ", f"; {self.eol}\t")

    def disposition(self):
        if self.chance(40):
            return []
        kind = self.one("attachment", "inline")
        return [f"Content-Disposition: {kind}{self.separator()}" +
                self.parameter("filename", self.random.choice(NAMES))]

    def more_fields(self):
        found = []
        if self.chance(20):
            found.append(f"Content-ID: <{self.random.randrange(10 ** 9)}@example.org>")
        if self.chance(10):
            found.append("Content-Description: " + self.one("a picture", "ein Bild für Dich", "d" * 100, "long " * 40))
        if self.chance(5):
            found.append("X-Own-Field:   kept   with  blanks")
        return found

    def join(self, fields, body):
        self.random.shuffle(fields)
        head = "".join(field + self.eol for field in fields)
        return head.encode("utf-8") + self.eol.encode("ascii") + body

    # parts

    def text_part(self):
        charset = self.random.choice(list(TEXTS))
        kind = self.one("plain", "plain", "html", "calendar", "csv", "x-patch", "markdown")
        encoding, body = self.encode_text(self.lines(charset).encode(charset, "replace"), charset)
        value = f"text/{kind}"
        name = {"utf-16-le": "utf-16le", "utf-16-be": "utf-16be"}.get(charset, charset)
        value += self.separator() + self.one(f"charset={name}", f'charset="{name.upper()}"')
        if self.chance(20):
            value += self.separator() + "format=flowed"
        if self.chance(20):
            value += self.separator() + self.parameter("name", self.random.choice(NAMES))
        return self.leaf(value, encoding, body)

    def bare_text(self):
        """No type at all."""
        return self.leaf(None, None, self.lines("us-ascii").encode("ascii"))

    def file_part(self):
        kind = self.one("application/octet-stream", "image/png", "application/pdf", "audio/x-wav", "application/json",
                        "application/x-thing")
        encoding = self.one("base64", "base64", "base64", "binary", "8bit", "x-uuencode", "quoted-printable")
        data = self.blob(without_nul=encoding in ("binary", "8bit"))
        if encoding == "8bit":  # lines are lines there
            data = data.replace(b"\r", b"\2").replace(b"\n", b"\r\n")
        encoding, body = self.encode(encoding, data)
        value = kind
        if self.chance(50):
            value += self.separator() + self.parameter("name", self.random.choice(NAMES))
        return self.leaf(value, encoding, body)

    def leaf(self, kind, encoding, body):
        fields = self.disposition() + self.more_fields()
        if kind:
            fields.append(f"Content-Type: {kind}")
        if encoding:
            fields.append(f"Content-Transfer-Encoding: {encoding}")
        return fields, body

    def message_part(self, depth):
        fields, body = self.tree(depth)
        fields = fields + [f"From: inner <inner@example.org>{self.eol} (a comment)", "To: other@example.org",
                           "Subject: forwarded" + self.one("", " ", " and " + "long " * 30),
                           "Date: Mon, 23 Nov 2026 12:00:00 +0000", "MIME-Version: 1.0"]
        inner = self.join(fields, body)
        encoding = None if inner.isascii() else "8bit"
        return self.leaf("message/rfc822", encoding, inner)

    def multipart(self, depth):
        kind = self.one("mixed", "mixed", "alternative", "related", "parallel", "report")
        self.boundaries += 1
        boundary = self.one("b%03d", "----=_Part_%03d.12", "=_%03d_x", "a b%03d", "'()+_,-./:?=%03d") % self.boundaries
        children = [self.join(*self.tree(depth - 1)) for _ in range(self.random.choice([1, 2, 2, 3, 4]))]
        # CR, LF, delimiter: the CR could belong to either, and is refused
        children = [child + b"." if child.endswith(b"\r") else child for child in children]
        eol = self.eol.encode("ascii")
        mark = b"--" + boundary.encode("ascii")
        body = self.one(b"", b"", b"This is a message in several parts.\n".replace(b"\n", eol), eol)
        body += b"".join(mark + self.one(b"", b"", b"", b" ") + eol + child + eol for child in children) + mark + b"--"
        body += self.one(b"", eol, eol, eol + b"an epilogue" + eol)
        value = f'multipart/{kind}{self.separator()}boundary="{boundary}"'
        fields = [f"Content-Type: {value}"]
        if self.chance(20):
            fields.append("Content-Transfer-Encoding: " + ("7bit" if body.isascii() else self.one("8bit", "binary")))
        return fields, body

    def tree(self, depth):
        """(Content-* fields, body)"""
        self.parts += 1
        roll = self.random.randrange(100)
        if depth > 0 and self.parts < 30 and roll < 45:
            return self.multipart(depth)
        if depth > 0 and roll < 52:
            return self.message_part(depth - 1)
        if roll < 80:
            return self.text_part()
        return self.bare_text() if roll < 84 else self.file_part()

    # the message

    def address(self, name):
        address = f"{name}@example.org"
        return self.one(address, f"<{address}>", f'"Last, First" <{address}>', f"Jürgen Groß <{address}>",
                        f'"Łukasz, Ż." <{address}>', f"=?iso-8859-1?Q?J=FCrgen?= <{address}>", f"{address} (a comment)",
                        f"{address} (Ein Gruß)", f"山田太郎 <{address}>", f'"{"long name " * 12}" <{address}>')

    def subject(self):
        return self.one("short", "", "Grüße aus Köln", "=?utf-8?B?R3LDvMOfZQ==?=", "word " * 40, "日本語の件名" * 12, "x" * 300,
                        "a  b   c", "=?utf-8?Q?half_=C3=BC?= and half ü", "😀 " * 20, "RE: [list] #42 (50 %)")

    def header(self):
        fields = [f"From: {self.address('alice')}", f"To: {self.address('bob')}"]
        if self.chance(90):
            fields.append(f"Subject: {self.subject()}".rstrip(" ") if self.chance(80) else "Subject: kept ")
        if self.chance(30):
            fields.append(f"Cc: {self.address('carol')},{self.one('', self.eol)} {self.address('bob')}")
        if self.chance(60):
            fields.append("Date: Tue, 24 Nov 2026 01:02:03 +0100")
        if self.chance(60):
            fields.append(f"Message-ID: <{self.random.randrange(10 ** 12)}@mail.example.org>")
        if self.chance(20):
            fields.append("References: " + " ".join(f"<{i}.{'r' * 30}@example.org>" for i in range(8)))
        if self.chance(20):
            fields.append("X-Note: " + self.one("plain", "für später", "y" * 200, f"folded{self.eol}  twice{self.eol}\tx"))
        if self.chance(70):
            fields.append("MIME-Version: 1.0")
        return fields

    def message(self):
        if self.chance(3):  # nothing but a header
            return "".join(field + self.eol for field in self.header()).encode("utf-8")
        fields, body = self.tree(self.random.choice([0, 1, 2, 3]))
        if self.chance(1):
            fields, body = self.leaf("application/octet-stream", "base64", self.base64(self.random.randbytes(700000)))
        return self.join(self.header() + fields, body)


def message(seed):
    return Generator(seed).message()

"""Messages for the tests of spoofing, nesting and repairs, put together from the inside out with openssl, so
that nothing of the host makes what the host is tested with. Entities and messages are bytes with CRLF.

A test runs each of its variants in all SETTINGS: two signers, two forms, two bodies. Every variant comes
with its control, the same message without the trick, which must be good: so the test can fail."""
import base64
import functools
import hashlib
import os
import subprocess
import textwrap
import zlib

import der
import fixtures

PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\nThe real text.\r\n"
HTML = (b"Content-Type: multipart/alternative; boundary=real\r\n\r\n--real\r\nContent-Type: text/plain\r\n\r\n"
        b"The real text.\r\n--real\r\nContent-Type: text/html\r\n\r\n<p>The real text.</p>\r\n--real--\r\n")
EVIL = b"Content-Type: text/html\r\n\r\n<p>Something else.</p>\r\n"


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *arguments], cwd=fixtures.pki(), input=stdin, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def encoded(data):
    return "\r\n".join(textwrap.wrap(base64.b64encode(data).decode(), 64)).encode() + b"\r\n"


@functools.lru_cache(maxsize=None)
def signature(entity, who, opaque=False):
    """The CMS, DER."""
    return openssl("cms", "-sign", "-binary", "-signer", who + ".crt", "-inkey", who + ".key", "-certfile",
                   "chain.pem", "-md", "sha256", "-outform", "DER", *(["-nodetach"] if opaque else []),
                   stdin=entity)


@functools.lru_cache(maxsize=None)
def ciphertext(entity, to):
    return openssl("cms", "-encrypt", "-binary", "-aes256", "-outform", "DER", to + ".crt", stdin=entity)


def pkcs7(smime_type, cms):
    return (f'Content-Type: application/pkcs7-mime; smime-type={smime_type}; name="smime.p7m"\r\n'
            "Content-Transfer-Encoding: base64\r\n\r\n").encode() + encoded(cms)


def boundary_of(*parts):
    """One that occurs in no part and is the start of no other."""
    return b"b" + hashlib.sha256(b"|".join(parts)).hexdigest()[:24].encode()


def detached(entity, who, boundary=None, cms=None):
    boundary = boundary or boundary_of(entity, who.encode())
    return (b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256;\r\n'
            b' boundary="' + boundary + b'"\r\n\r\n--' + boundary + b"\r\n" + entity + b"\r\n--" + boundary +
            b'\r\nContent-Type: application/pkcs7-signature; name="smime.p7s"\r\n'
            b"Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=smime.p7s\r\n\r\n" +
            encoded(cms or signature(entity, who)) + b"\r\n--" + boundary + b"--\r\n")


def opaque(entity, who):
    return pkcs7("signed-data", signature(entity, who, True))


def encrypted(entity, to="bob"):
    return pkcs7("enveloped-data", ciphertext(entity, to))


def compressed(entity, squeezed=None):
    """RFC 3274; `squeezed`: these bytes instead of what zlib makes."""
    content = der.sequence(der.oid("1.2.840.113549.1.7.1"),
                           der.explicit(0, der.octets(squeezed or zlib.compress(entity))))
    body = der.sequence(der.integer(0), der.sequence(der.oid("1.2.840.113549.1.9.16.3.8")), content)
    return pkcs7("compressed-data", der.sequence(der.oid("1.2.840.113549.1.9.16.1.9"), der.explicit(0, body)))


def multipart(subtype, *parts):
    boundary = boundary_of(subtype.encode(), *parts)
    return (b"Content-Type: multipart/" + subtype.encode() + b'; boundary="' + boundary + b'"\r\n\r\n' +
            b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts) + b"--" + boundary + b"--\r\n")


def message(entity, sender, more=b""):
    """`sender`: the value of From, or None for no such field."""
    origin = b"" if sender is None else b"From: " + sender + b"\r\n"
    return origin + b"To: bob@example.org\r\nSubject: trial\r\n" + more + b"MIME-Version: 1.0\r\n" + entity


def forwarded(whole):
    return b"Content-Type: message/rfc822\r\n\r\n" + whole


class Setting:
    """A signer, a form and a body."""

    def __init__(self, who, form, body):
        self.who, self.form, self.body = who, form, body
        self.address = who.encode() + b"@example.org"
        self.sender = b"A <" + self.address + b">"

    def signed(self, entity=None):
        return self.form(entity or self.body, self.who)

    def message(self, entity=None, sender=None, more=b""):
        """A signed message unless `entity` is given, which then is taken as it is."""
        return message(entity or self.signed(), self.sender if sender is None else sender, more)

    def __str__(self):
        return "%s %s" % (self.who, self.form.__name__)


SETTINGS = [Setting("alice", detached, PLAIN), Setting("carol", opaque, HTML)]


@functools.lru_cache(maxsize=None)
def certify(name, subject, names):
    """A certificate NAME.crt beside the others, with Alice's key and the extension lines `names`."""
    folder = fixtures.pki()
    lines = ["basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature",
             "extendedKeyUsage=emailProtection", "subjectKeyIdentifier=hash", "authorityKeyIdentifier=keyid",
             *names]
    with open(os.path.join(folder, name + ".ext"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")
    if not os.path.exists(os.path.join(folder, name + ".key")):
        os.symlink("alice.key", os.path.join(folder, name + ".key"))
    request = openssl("req", "-new", "-utf8", "-key", "alice.key", "-subj", subject)
    certificate = openssl("x509", "-req", "-CA", "intermediate.crt", "-CAkey", "intermediate.key",
                          "-CAcreateserial", "-days", "365", "-extfile", name + ".ext", stdin=request)
    with open(os.path.join(folder, name + ".crt"), "wb") as file:
        file.write(certificate)
    return name


class CasesTest(fixtures.HostTest):
    """Opens messages with Bob's key at hand."""

    @classmethod
    def setUpClass(cls):
        cls.database = fixtures.database("bob")

    def start(self, **options):
        return super().start(database=self.database, **options)

    def open(self, whole):
        return self.host.request("message.open", {"message": {"base64": base64.b64encode(whole).decode()}})

    def content(self, data):
        return base64.b64decode(data["base64"]) if "base64" in data else self.host.download(data)

    def assert_verdict(self, whole, status, words=()):
        result = self.open(whole)
        found = (result["signature"]["status"], sorted(result["signature"]["problems"]))
        self.assertEqual(found, (status, sorted(words)), whole[:600])
        return result

    def assert_good(self, whole):
        return self.assert_verdict(whole, "good")

    def assert_encryption(self, result, status, words=()):
        found = (result["encryption"]["status"], sorted(result["encryption"]["problems"]))
        self.assertEqual(found, (status, sorted(words)))

    def each(self, variants, status, words, control=None):
        """`variants`: name -> function of a setting that makes the message. Gives the results."""
        results = []
        for name, make in variants.items():
            for setting in SETTINGS:
                with self.subTest(variant=name, setting=str(setting)):
                    self.assert_good((control or Setting.message)(setting))
                    results.append(self.assert_verdict(make(setting), status, words))
        return results

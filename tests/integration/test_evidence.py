"""message.evidence: what a third party can do with the archive alone."""
import base64
import hashlib
import io
import os
import re
import shutil
import subprocess
import unittest
import zipfile

import der
import fixtures
from fixtures import HostTest

TEXT = "From: %s@example.org\r\nTo: bob@example.org\r\nSubject: trial\r\n\r\nthe text\r\n"


def unpack(content):
    """Writes the files into a folder of their own, as a third party would; the folder."""
    folder = fixtures.new_folder()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for info in archive.infolist():
            assert re.fullmatch(r"[a-z0-9.-]+", info.filename), info.filename
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder


def read(folder, name):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


def commands(folder):
    """What the report tells people to run."""
    report = read(folder, "report.txt").decode("utf-8")
    return [line.split() for line in report.splitlines() if line.startswith("    openssl cms ")]


def third_party(folder, command):
    """Whether it verifies, in the folder and nothing but that."""
    done = subprocess.run(command, cwd=folder, env={"PATH": "/usr/bin:/bin"}, capture_output=True)
    return done.returncode == 0 and b"successful" in done.stderr


def with_crl(cms, crl):
    """The SignedData with a CRL behind its certificates, where RFC 5652 5.1 has them."""
    def header(data):
        size = data[1]
        if size < 128:
            return 2, size
        count = size & 0x7F
        return 2 + count, int.from_bytes(data[2:2 + count], "big")

    def parts(data):
        while data:
            start, size = header(data)
            yield data[:start + size]
            data = data[start + size:]

    start, _ = header(cms)
    oid, explicit = parts(cms[start:])
    start, _ = header(explicit)
    start2, _ = header(explicit[start:])
    members = list(parts(explicit[start + start2:]))
    members.insert(4, der.value(0xA1, crl))
    return der.sequence(oid, der.explicit(0, der.sequence(*members)))


class Evidence(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.database = fixtures.database("alice", "bob", "alice-p256", "expired", "sign-only")

    def start(self, **options):
        return super().start(database=self.database, **options)

    def protect(self, sender="alice", **wishes):
        result = self.host.request("message.protect",
                                   {"message": {"text": TEXT % sender}, **wishes})
        return self.host.download(result["copies"][0]["message"])

    def evidence(self, message, **more):
        data = {"base64": base64.b64encode(message).decode("ascii")}
        result = self.host.request("message.evidence", {"message": data, **more})
        self.assertEqual(set(result), {"evidence"})
        return self.host.download(result["evidence"])

    def report(self, message):
        return read(unpack(self.evidence(message)), "report.txt").decode("utf-8")

    def check(self, message, cms_name):
        folder = unpack(self.evidence(message))
        self.assertEqual(read(folder, "message.eml"), message)
        self.assertIn(cms_name, os.listdir(folder))
        (command,) = commands(folder)
        self.assertTrue(third_party(folder, command), command)
        self.assertIn("-CAfile", command)
        return folder, command

    def test_a_third_party_verifies_it_from_the_archive_alone(self):
        for sender in ("alice", "alice-p256"):
            for wishes, name in (({"sign": {}}, "signature-1.p7s"),
                                 ({"sign": {"form": "opaque"}}, "signature-1.p7m"),
                                 ({"sign": {}, "encrypt": {}}, "signature-1.p7s"),
                                 ({"sign": {"form": "opaque"}, "encrypt": {}}, "signature-1.p7m")):
                with self.subTest(sender=sender, wishes=wishes):
                    folder, _ = self.check(self.protect(sender, **wishes), name)
                    self.assertIn(b"the text", read(folder, "signature-1-content.mime"))
                    self.assertIn("  signature        good",
                                  read(folder, "report.txt").decode("utf-8"))

    def test_a_third_party_sees_what_was_changed(self):
        folder, command = self.check(self.protect(sign={}), "signature-1.p7s")
        for name in ("signature-1-content.mime", "signature-1.p7s"):
            content = read(folder, name)
            place = os.path.join(folder, name)
            with open(place, "wb") as file:
                file.write(content[:-20] + bytes([content[-20] ^ 1]) + content[-19:])
            self.assertFalse(third_party(folder, command), name)
            with open(place, "wb") as file:
                file.write(content)
        self.assertTrue(third_party(folder, command))
        shutil.copy(os.path.join(fixtures.pki(), "other-root.crt"),
                    os.path.join(folder, "signature-1-anchors.pem"))
        self.assertFalse(third_party(folder, command), "another root must not do")

    def test_what_is_not_encrypted_verifies_as_it_came_too(self):
        folder, _ = self.check(self.protect(sign={}), "signature-1.p7s")
        self.assertTrue(third_party(folder, [
            "openssl", "cms", "-verify", "-in", "message.eml", "-CAfile", "signature-1-anchors.pem",
            "-no-CApath", "-out", "/dev/null"]))

    def test_the_report_lists_every_other_file_with_its_sum(self):
        folder = unpack(self.evidence(self.protect(sign={}, encrypt={})))
        report = read(folder, "report.txt").decode("utf-8")
        listed = dict(reversed(match) for match in re.findall(r"^([0-9a-f]{64})  (\S+)$", report, re.M))
        self.assertEqual(set(listed) | {"report.txt"}, set(os.listdir(folder)))
        for name, digest in listed.items():
            self.assertEqual(hashlib.sha256(read(folder, name)).hexdigest(), digest)

    def test_no_private_key_and_no_session_key_is_in_it(self):
        content = self.evidence(self.protect(sign={}, encrypt={}))
        self.assertNotIn(b"PRIVATE", content)

    def test_the_same_gives_the_same_bytes(self):
        message = self.protect(sign={}, encrypt={})
        moment = "2027-01-01T00:00:00Z"
        first = self.evidence(message, at=moment)
        self.assertEqual(first, self.evidence(message, at=moment))
        self.assertNotEqual(first, self.evidence(message, at="2027-01-02T00:00:00Z"))

    def test_lists_of_revoked_certificates_are_kept(self):
        folder, command = self.check(self.protect(sign={}), "signature-1.p7s")
        crl = subprocess.run(["openssl", "crl", "-in",
                              os.path.join(fixtures.pki(), "intermediate.crl"), "-outform", "DER"],
                             check=True, capture_output=True).stdout
        cms = read(folder, "signature-1.p7s")
        encoded = base64.encodebytes(with_crl(cms, crl)).replace(b"\n", b"\r\n")
        message = read(folder, "message.eml")
        head, _, rest = message.rpartition(b"smime.p7s\"\r\n\r\n")
        tail = rest[rest.index(b"--"):]
        changed = unpack(self.evidence(head + b"smime.p7s\"\r\n\r\n" + encoded + tail))
        kept = read(changed, "signature-1-crls.pem")
        self.assertIn(b"-----BEGIN X509 CRL-----", kept)
        shown = subprocess.run(["openssl", "crl", "-outform", "DER"], input=kept, check=True,
                               capture_output=True).stdout
        self.assertEqual(shown, crl)
        self.assertTrue(third_party(changed, command))

    def test_a_message_without_signature_says_so(self):
        folder = unpack(self.evidence((TEXT % "alice").encode("ascii")))
        self.assertEqual(sorted(os.listdir(folder)), ["message.eml", "report.txt"])
        report = read(folder, "report.txt").decode("utf-8")
        self.assertIn("No signature was found", report)
        self.assertIn("  signature        none", report)

    def test_a_wrong_signature_is_kept_and_told(self):
        message = self.protect(sign={}).replace(b"the text", b"the test")
        folder = unpack(self.evidence(message))
        (command,) = commands(folder)
        self.assertFalse(third_party(folder, command))
        report = read(folder, "report.txt").decode("utf-8")
        self.assertIn("  signature        bad", report)
        self.assertIn("digest-mismatch", report)

    def test_an_unknown_chain_is_not_called_trusted(self):
        message = self.protect(sign={})
        host = HostTest.start(self, database=os.path.join(fixtures.new_folder(), "none"))
        host.hello()
        result = host.request("message.evidence", {"message": {
            "base64": base64.b64encode(message).decode("ascii")}})
        place = unpack(host.download(result["evidence"]))
        self.assertNotIn("signature-1-anchors.pem", os.listdir(place))
        (command,) = commands(place)
        self.assertIn("-noverify", command)
        self.assertTrue(third_party(place, command))
        self.assertIn("NONE: the chain does not end", read(place, "report.txt").decode("utf-8"))

    def test_no_field_writes_lines_of_its_own(self):
        text = (TEXT % "alice").replace(
            "Subject: trial", "Subject: =?utf-8?Q?x=0A__signature________good=0D=E2=80=A8SIGNATURE_9"
            "=E2=80=AEevil?=")
        report = self.report(text.encode("ascii"))
        self.assertNotIn("\n  signature        good", report)
        self.assertNotIn("\nSIGNATURE 9", report)
        self.assertNotIn("\u2028", report)
        self.assertNotIn("\u202e", report)

    def test_what_cannot_be_decrypted_is_told(self):
        message = self.protect(sign={}, encrypt={"toSelf": False})
        other = HostTest.start(self, database=fixtures.database("carol"))
        other.hello()
        result = other.request("message.evidence", {"message": {
            "base64": base64.b64encode(message).decode("ascii")}})
        folder = unpack(other.download(result["evidence"]))
        self.assertEqual(sorted(os.listdir(folder)), ["message.eml", "report.txt"])
        report = read(folder, "report.txt").decode("utf-8")
        self.assertIn("no-matching-key", report)

    def test_a_message_in_a_message_gives_both_signatures(self):
        inner = self.protect(sign={"form": "opaque"})
        outer = (b"From: alice@example.org\r\nTo: bob@example.org\r\nMIME-Version: 1.0\r\n"
                 b"Content-Type: message/rfc822\r\n\r\n" + inner)
        result = self.host.request("message.protect", {"message": {
            "base64": base64.b64encode(outer).decode("ascii")}, "sign": {}})
        message = self.host.download(result["copies"][0]["message"])
        folder = unpack(self.evidence(message))
        self.assertEqual(len(commands(folder)), 2)
        for command in commands(folder):
            self.assertTrue(third_party(folder, command), command)

    def test_refuses_what_is_no_message(self):
        error = self.host.error("message.evidence", {"message": {"text": "x"}, "x": 1})
        self.assertEqual(error.code, -32602)
        self.assertEqual(self.host.error("message.evidence", {}).code, -32602)


if __name__ == "__main__":
    unittest.main()

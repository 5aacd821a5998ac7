"""message.open, cms.verify and cms.decrypt: every field of the results, and what bad input gets."""
import base64
import os
import subprocess
import unittest

import fixtures
from fixtures import HostTest

TEXT, COUNT, FLAG = str, int, bool
STATUSES = {"none", "good", "unverified", "bad", "partial"}

# What PROTOCOL.md gives for each object: name -> type, a list for "each is", a set of words, or a
# dictionary. Names that end in "?" may be missing.
SIGNER = {"status": STATUSES, "problems": [TEXT], "notices": [TEXT], "certificate": TEXT,
          "chain": [TEXT], "digest": TEXT, "signatureAlgorithm": TEXT, "signingTime": TEXT,
          "validAtSigningTime": FLAG,
          "revocation": {"status": {"good", "revoked", "unknown", "not-checked"},
                         "source?": {"ocsp", "crl", "message", "cache"}, "producedAt?": TEXT},
          "address?": {"claimed": TEXT, "match": {"from", "sender", "none"}}}
RECIPIENT = {"type": {"key-transport", "key-agreement", "kek", "password", "kem", "other"},
             "issuer?": TEXT, "serial?": TEXT, "keyId?": TEXT, "algorithm": TEXT,
             "certificate?": TEXT, "mine": FLAG}
LAYER = {"kind": {"signed", "encrypted", "compressed"}, "format": {"multipart-signed", "pkcs7-mime"},
         "part": TEXT, "covers": {"whole", "part"}, "inside?": COUNT, "problems": [TEXT],
         "content?": dict, "signers?": [SIGNER], "cipher?": TEXT, "keyBits?": COUNT,
         "recipients?": [RECIPIENT]}
FIELD = {"name": TEXT, "value": TEXT}
SIGNATURE = {"status": STATUSES, "problems": [TEXT], "notices": [TEXT], "signerCount": COUNT}
ENCRYPTION = {"status": {"none", "encrypted", "partial", "failed"}, "authenticated": FLAG,
              "problems": [TEXT], "notices": [TEXT]}
RESULT = {"signature": SIGNATURE, "encryption": ENCRYPTION, "layers": [LAYER],
          "headers": {"outer": [FIELD], "protected": [FIELD],
                      "shown": [{**FIELD, "protection": {"none", "signed", "encrypted", "both"}}],
                      "differences": [TEXT]},
          "content": {"base64": TEXT},
          "parts": [{"part": TEXT, "type": TEXT, "filename?": TEXT, "size": COUNT,
                     "encryptedBy": [COUNT], "signedBy": [COUNT]}],
          "certificates": dict, "collected": [TEXT]}
CERTIFICATE = {"id": TEXT, "subject": TEXT, "issuer": TEXT, "serial": TEXT, "notBefore": TEXT,
               "notAfter": TEXT, "addresses": [TEXT], "keyType": TEXT, "keyBits": COUNT,
               "usages": [{"sign", "encrypt", "ca"}], "mine": FLAG, "token?": TEXT,
               "databases": [TEXT], "trust": {"none", "peer", "ca", "distrust"}, "problems": [TEXT]}

PLAIN = ("From: alice@example.org\r\nTo: bob@example.org\r\nSubject: trial\r\nMIME-Version: 1.0\r\n"
         "Content-Type: text/plain\r\n\r\nthe text\r\n")


def check(case, value, shape, path):
    """Types and words are right, nothing is missing and nothing is there that has no name here."""
    if isinstance(shape, set):
        case.assertIn(value, shape, path)
    elif isinstance(shape, list):
        case.assertIsInstance(value, list, path)
        for i, item in enumerate(value):
            check(case, item, shape[0], f"{path}[{i}]")
    elif isinstance(shape, dict):
        names = {name.rstrip("?"): name for name in shape}
        case.assertLessEqual(set(value), set(names), path)
        for name, key in names.items():
            if name in value and value[name] is not None:
                check(case, value[name], shape[key], f"{path}.{name}")
            else:
                case.assertTrue(key.endswith("?"), f"{path}.{name} is missing")
    else:
        case.assertIs(type(value), shape, f"{path}: {value!r}")


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *arguments], cwd=fixtures.pki(), input=stdin, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


def data(content):
    return {"base64": base64.b64encode(content).decode()}


class WithPeople(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.database = fixtures.database("alice", "bob")

    def start(self, **options):
        return super().start(database=self.database, **options)

    def protect(self, **wishes):
        result = self.host.request("message.protect", {"message": {"text": PLAIN}, **wishes})
        main = next(copy for copy in result["copies"] if copy["role"] == "main")
        return main["message"]

    def open(self, message, **more):
        result = self.host.request("message.open", {"message": message, **more})
        check(self, result, RESULT, "result")
        named = {signer["certificate"] for layer in result["layers"]
                 for signer in layer.get("signers", [])}
        self.assertLessEqual(named, set(result["certificates"]))
        for name, certificate in result["certificates"].items():
            self.assertEqual(name, certificate["id"])
            check(self, certificate, CERTIFICATE, "certificate")
        return result


class Results(WithPeople):
    def test_of_unsigned_mail(self):
        result = self.open({"text": PLAIN})
        self.assertEqual(result["signature"]["status"], "none")
        self.assertEqual(base64.b64decode(result["content"]["base64"]), PLAIN.encode())
        self.assertEqual(result["layers"], [])

    def test_of_signed_and_encrypted_mail(self):
        result = self.open(self.protect(sign={}, encrypt={}))
        self.assertEqual(result["signature"],
                         {"status": "good", "problems": [], "notices": [], "signerCount": 1})
        self.assertEqual([layer["kind"] for layer in result["layers"]], ["encrypted", "signed"])
        self.assertEqual(result["layers"][0]["recipients"][0]["mine"], True)
        self.assertEqual(result["layers"][1]["signers"][0]["address"],
                         {"claimed": "alice@example.org", "match": "from"})
        self.assertEqual(result["parts"][0]["encryptedBy"], [0])
        self.assertEqual(result["parts"][0]["signedBy"], [1])

    def test_as_of_another_time(self):
        message = self.protect(sign={})
        result = self.open(message, at="2090-01-01T00:00:00Z", revocation="off")
        self.assertEqual(result["signature"]["status"], "unverified")
        self.assertIn("certificate-expired", result["signature"]["problems"])
        self.assertTrue(result["layers"][0]["signers"][0]["validAtSigningTime"])

    def test_of_mail_that_no_key_here_opens(self):
        cms = openssl("cms", "-encrypt", "-aes256", "-outform", "DER", "carol.crt", stdin=b"x")
        result = self.open(data(b"From: a@example.org\r\nContent-Type: application/pkcs7-mime\r\n"
                                b"Content-Transfer-Encoding: base64\r\n\r\n"
                                + base64.encodebytes(cms)))
        self.assertEqual(result["encryption"]["status"], "failed")
        self.assertEqual(result["encryption"]["problems"], ["no-matching-key"])

    def test_nul_bytes_in_the_header_are_told(self):
        error = self.host.error("message.open", {"message": data(b"From: a\0b\r\n\r\nx")})
        self.assertEqual(error.reason, "message-malformed")
        self.assert_usable()

    def test_an_unknown_parameter_is_refused(self):
        error = self.host.error("message.open", {"message": {"text": PLAIN}, "colect": True})
        self.assertEqual(error.code, -32602)
        self.assertIn("colect", error.data["path"])

    def test_a_time_that_is_none_is_refused(self):
        error = self.host.error("message.open", {"message": {"text": PLAIN}, "at": "yesterday"})
        self.assertEqual(error.code, -32602)


class Cms(WithPeople):
    def sign(self, *more):
        return openssl("cms", "-sign", "-binary", "-signer", "alice.crt", "-inkey", "alice.key",
                       "-certfile", "chain.pem", "-outform", "DER", *more, stdin=b"content")

    def verify(self, **params):
        result = self.host.request("cms.verify", params)
        check(self, result, {"kind": {"signed", "certificates"}, "signature": SIGNATURE,
                             "signers": [SIGNER], "certificates": dict,
                             "content?": {"base64": TEXT}}, "result")
        return result

    def test_verify_gives_the_content(self):
        result = self.verify(cms=data(self.sign("-nodetach")))
        self.assertEqual(result["signature"]["status"], "good")
        self.assertEqual(base64.b64decode(result["content"]["base64"]), b"content")

    def test_verify_takes_pem_and_detached_content(self):
        pem = b"-----BEGIN CMS-----\n" + base64.encodebytes(self.sign()) + b"-----END CMS-----\n"
        result = self.verify(cms={"text": pem.decode()}, content={"text": "content"})
        self.assertEqual(result["signature"]["status"], "good")
        result = self.verify(cms={"text": pem.decode()}, content={"text": "Content"})
        self.assertEqual(result["signature"]["problems"], ["digest-mismatch"])

    def test_verify_refuses_what_is_no_cms(self):
        self.assertEqual(self.host.error("cms.verify", {"cms": {"text": "%%%"}}).reason,
                         "cms-malformed")

    def test_decrypt_gives_the_content(self):
        cms = openssl("cms", "-encrypt", "-binary", "-aes128", "-outform", "DER", "bob.crt",
                      stdin=b"content")
        result = self.host.request("cms.decrypt", {"cms": data(cms)})
        check(self, result, {"content": {"base64": TEXT}, "encryption": ENCRYPTION, "cipher": TEXT,
                             "keyBits": COUNT, "recipients": [RECIPIENT], "certificates": dict},
              "result")
        self.assertEqual(base64.b64decode(result["content"]["base64"]), b"content")
        self.assertEqual(result["encryption"]["notices"], ["not-authenticated"])

    def test_decrypt_refuses_a_signature(self):
        error = self.host.error("cms.decrypt", {"cms": data(self.sign("-nodetach"))})
        self.assertEqual(error.reason, "cms-unsupported")

    def test_two_declared_gigabytes_cost_nothing(self):
        bomb = data(bytes.fromhex("30847fffffff06092a8648" "86"))
        before = self.host.peak_memory()
        self.verify_bad(bomb)
        self.assertEqual(self.host.request("cms.decrypt", {"cms": bomb})["encryption"]["problems"],
                         ["cms-malformed"])
        if not fixtures.SANITIZED:
            self.assertLess(self.host.peak_memory() - before, 16 << 20)

    def verify_bad(self, cms):
        result = self.host.request("cms.verify", {"cms": cms})
        self.assertEqual(result["signature"]["status"], "bad")


class Databases(HostTest):
    """What can be told without a database is told."""

    def opened_with(self, folder):
        host = self.start(database=folder)
        host.hello()
        result = host.request("message.open", {"message": data(self.signed)})
        self.assertEqual(result["signature"]["status"], "unverified")
        self.assertEqual(len(result["signature"]["problems"]), 1, result["signature"])
        self.assertIn(result["signature"]["problems"][0], ("chain-untrusted", "chain-incomplete"))
        return result

    @classmethod
    def setUpClass(cls):
        cls.signed = b"From: alice@example.org\r\n" + openssl(
            "cms", "-sign", "-signer", "alice.crt", "-inkey", "alice.key", "-certfile", "chain.pem",
            stdin=PLAIN.split("MIME-Version: 1.0\r\n")[1].encode()).replace(b"\r\n", b"\n").replace(
                b"\n", b"\r\n")

    def test_absent(self):
        folder = os.path.join(fixtures.new_folder(), "none")
        self.opened_with(folder)
        self.assertFalse(os.path.exists(folder), "a database was made silently")

    def test_corrupt(self):
        folder = fixtures.new_folder()
        for name in ("cert9.db", "key4.db"):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(b"this is no database" * 100)
        before = fixtures.snapshot(folder)
        self.opened_with(folder)
        self.assertEqual(fixtures.snapshot(folder), before)

    def test_read_only(self):
        folder = fixtures.database("bob")
        for name in os.listdir(folder):
            os.chmod(os.path.join(folder, name), 0o444)
        os.chmod(folder, 0o555)
        self.addCleanup(os.chmod, folder, 0o755)
        before = fixtures.snapshot(folder)
        host = self.start(database=folder)
        host.hello()
        result = host.request("message.open", {"message": data(self.signed)})
        self.assertEqual(result["signature"]["status"], "good")
        self.assertEqual(fixtures.snapshot(folder), before)


if __name__ == "__main__":
    unittest.main()

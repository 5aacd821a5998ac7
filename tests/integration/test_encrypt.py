"""cms.encrypt through the real binary: openssl opens what it makes, and passwords are asked for in the
host's dialog, whose words never reach the port or the log."""
import base64
import os
import subprocess
import unittest

import fixtures
from fixtures import HostTest, Pinentry

SECRET = "correct horse"


def data(content):
    return {"base64": base64.b64encode(content).decode()}


def openssl(*arguments, stdin=None):
    return subprocess.run(["openssl", *arguments], cwd=fixtures.pki(), input=stdin, check=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout


class Encrypt(HostTest):
    says_hello = False

    def host_with(self, pinentry):
        host = self.start(database=fixtures.database("alice", "bob"), config=pinentry.config())
        host.hello()
        return host

    def encrypt(self, host, **params):
        result = host.request("cms.encrypt", {"content": {"text": "content"}, **params})
        self.assertEqual(set(result), {"cms"})
        return base64.b64decode(result["cms"]["base64"])

    def id_of(self, host, name):
        found = host.request("certificates.list", {"address": f"{name}@example.org"})["items"]
        return found[0]["id"]

    def test_openssl_opens_it_with_every_cipher(self):
        host = self.host_with(Pinentry())
        ciphers = host.hello()["capabilities"]["contentEncryption"]["encrypt"]
        self.assertEqual(len(ciphers), 6)
        both = [self.id_of(host, "alice"), self.id_of(host, "bob")]
        for cipher in ciphers:
            cms = self.encrypt(host, recipients=both, cipher=cipher)
            for name in ("alice", "bob"):
                plain = openssl("cms", "-decrypt", "-binary", "-inform", "DER", "-inkey", f"{name}.key",
                                "-recip", f"{name}.crt", stdin=cms)
                self.assertEqual(plain, b"content", cipher)

    def test_ways_are_taken_as_asked_for(self):
        host = self.host_with(Pinentry())
        result = host.request("certificates.list", {"mine": True})["items"]
        for item in result:
            params = {"recipients": [item["id"]], "keyTransport": "rsa-oaep", "oaepDigest": "sha384",
                      "keyAgreement": "ecdh-cofactor", "ukm": {"text": "material"}}
            opened = host.request("cms.decrypt", {"cms": data(self.encrypt(host, **params))})
            self.assertEqual(base64.b64decode(opened["content"]["base64"]), b"content")
            expected = "rsa-oaep" if item["keyType"] == "rsa" else "ecdh"
            self.assertEqual(opened["recipients"][0]["algorithm"], expected)
        forbidden = {"content": {"text": "x"}, "recipients": [result[0]["id"]]}
        self.assertEqual(host.error("cms.encrypt", {**forbidden, "cipher": "3des-cbc"}).reason,
                         "algorithm-forbidden")

    def test_a_password_is_asked_for_and_never_told(self):
        pinentry = Pinentry(pin=SECRET)
        host = self.host_with(pinentry)
        cms = self.encrypt(host, password=True, site="https://mail.example.org")
        self.assertEqual(pinentry.log().count("GETPIN"), 2)
        self.assertIn("mail.example.org", pinentry.log())
        plain = openssl("cms", "-decrypt", "-binary", "-inform", "DER", "-pwri_password", SECRET, stdin=cms)
        self.assertEqual(plain, b"content")
        opened = host.request("cms.decrypt", {"cms": data(cms)})
        self.assertEqual(pinentry.log().count("GETPIN"), 3)
        self.assertEqual(base64.b64decode(opened["content"]["base64"]), b"content")
        self.assertEqual(opened["recipients"], [{"type": "password", "algorithm": "pbkdf2", "mine": True}])
        self.assertNotIn(SECRET, host.stderr())

    def test_no_dialog_where_none_is_allowed(self):
        pinentry = Pinentry(pin=SECRET)
        host = self.host_with(pinentry)
        cms = openssl("cms", "-encrypt", "-binary", "-aes256", "-outform", "DER", "-pwri_password", SECRET,
                      stdin=b"content")
        result = host.request("cms.decrypt", {"cms": data(cms), "interaction": "none"})
        self.assertEqual(result["encryption"]["problems"], ["token-locked"])
        error = host.error("cms.encrypt", {"content": {"text": "x"}, "password": True,
                                           "interaction": "none"})
        self.assertEqual(error.reason, "interaction-forbidden")
        self.assertEqual(pinentry.log().count("GETPIN"), 0)

    def test_a_cancelled_password_is_told_as_such(self):
        pinentry = Pinentry(pin=None)
        host = self.host_with(pinentry)
        cms = openssl("cms", "-encrypt", "-binary", "-aes256", "-outform", "DER", "-pwri_password", SECRET,
                      stdin=b"content")
        mail = (b"From: alice@example.org\r\nMIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime;"
                b" smime-type=enveloped-data\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                + base64.encodebytes(cms))
        result = host.request("message.open", {"message": data(mail)})
        self.assertEqual(result["encryption"]["status"], "failed")
        self.assertEqual(result["encryption"]["problems"], ["pin-cancelled"])
        self.assertEqual(pinentry.log().count("GETPIN"), 1)
        self.assertEqual(host.error("cms.encrypt", {"content": {"text": "x"}, "password": True}).reason,
                         "pin-cancelled")

    def test_the_command_line_takes_the_password_from_a_file(self):
        folder = fixtures.new_folder()
        path = os.path.join(folder, "password")
        with open(path, "w", encoding="utf-8") as file:
            file.write(SECRET + "\n")
        cms = openssl("cms", "-encrypt", "-binary", "-aes256", "-outform", "DER", "-pwri_password", SECRET,
                      stdin=b"content")
        call = '{"cms":{"base64":"%s"}}' % base64.b64encode(cms).decode()
        done = subprocess.run([os.environ["SEALPOST_BINARY"], "call", "cms.decrypt", "-", "--db",
                               fixtures.database(), "--pin-file", path], input=call.encode(), check=True,
                              capture_output=True, env={"HOME": folder, "PATH": os.environ["PATH"]})
        self.assertIn(base64.b64encode(b"content"), done.stdout)


if __name__ == "__main__":
    unittest.main()

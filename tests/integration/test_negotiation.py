"""message.protect with recipients whose certificates say what they can read (RFC 4262)."""
import base64
import os
import subprocess
import unittest

import der
import fixtures
from fixtures import HostTest

AES = "2.16.840.1.101.3.4.1."
GCM_256, CBC_256, CBC_128 = AES + "46", AES + "42", AES + "2"
DES3 = "1.2.840.113549.3.7"
OAEP = "1.2.840.113549.1.1.7"
SHA_256 = "2.16.840.1.101.3.4.2.1"
MGF_1 = "1.2.840.113549.1.1.8"


def capability(name, *parameters):
    return der.sequence(der.oid(name), *parameters)


def oaep_sha256():
    digest = der.sequence(der.oid(SHA_256))
    mask = der.sequence(der.oid(MGF_1), digest)
    return capability(OAEP, der.sequence(der.explicit(0, digest), der.explicit(1, mask)))


PEOPLE = {
    "modern": [capability(GCM_256), capability(CBC_128)],
    "modern2": [capability(CBC_256), capability(GCM_256), oaep_sha256()],
    "classic": [capability(CBC_256), capability(CBC_128), capability(DES3)],
    "ancient": [capability(DES3)],
}


def database():
    """Alice and Bob, who announce nothing, and PEOPLE."""
    folder = fixtures.database("alice", "bob")
    work = fixtures.new_folder()

    def run(*arguments):
        subprocess.run(arguments, check=True, cwd=work, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    for number, (name, capabilities) in enumerate(PEOPLE.items()):
        with open(os.path.join(work, "ext"), "w", encoding="ascii") as file:
            file.write("basicConstraints=CA:FALSE\nkeyUsage=digitalSignature,keyEncipherment\n"
                       "extendedKeyUsage=emailProtection\nsubjectAltName=email:%s@example.org\n"
                       "1.2.840.113549.1.9.15=DER:%s\n"
                       % (name, der.sequence(*capabilities).hex()))
        key = os.path.join(fixtures.pki(), "bob.key")
        issuer = os.path.join(fixtures.pki(), "intermediate")
        run("openssl", "req", "-new", "-key", key, "-subj", "/CN=" + name, "-out", "csr")
        run("openssl", "x509", "-req", "-in", "csr", "-CA", issuer + ".crt", "-CAkey",
            issuer + ".key", "-set_serial", str(9000 + number), "-days", "20", "-extfile", "ext",
            "-out", name + ".crt")
        run("certutil", "-A", "-d", "sql:" + folder, "-n", name, "-t", ",,", "-i", name + ".crt")
    return folder, work


class Negotiation(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.database, cls.work = database()

    def start(self, **options):
        return super().start(database=self.database, **options)

    def protect(self, to, bcc=(), **encrypt):
        text = "From: alice@example.org\r\n"
        for field, names in (("To", to), ("Bcc", bcc)):
            if names:
                text += "%s: %s\r\n" % (field, ", ".join(name + "@example.org" for name in names))
        return self.host.request("message.protect", {
            "message": {"text": text + "\r\nthe text\r\n"}, "encrypt": encrypt})

    def chosen(self, to, **encrypt):
        result = self.protect(to, **encrypt)
        self.assertEqual(result["cipher"], result["copies"][0]["cipher"])
        return result["cipher"], result["warnings"]

    def test_the_best_that_all_can_read(self):
        for to, cipher, warnings in (
                (["modern"], "aes-256-gcm", []),
                (["modern", "modern2"], "aes-256-gcm", []),
                (["modern", "classic"], "aes-128-cbc", ["cipher-limited"]),
                (["modern2", "classic"], "aes-256-cbc", ["cipher-limited"]),
                (["modern", "bob"], "aes-128-cbc", ["cipher-limited"]),
                (["bob"], "aes-128-cbc", []),
                (["classic"], "aes-256-cbc", []),
                (["ancient"], "aes-128-cbc", ["cipher-unannounced"])):
            with self.subTest(to=to):
                self.assertEqual(self.chosen(to), (cipher, warnings))

    def test_a_wish_is_taken_and_told(self):
        self.assertEqual(self.chosen(["classic"], cipher="aes-256-gcm"),
                         ("aes-256-gcm", ["cipher-unannounced"]))
        self.assertEqual(self.chosen(["modern"], cipher="aes-128-cbc"), ("aes-128-cbc", []))

    def test_main_tells_nothing_of_a_blind_recipient(self):
        for blind, cipher in (("bob", "aes-128-cbc"), ("modern2", "aes-256-gcm")):
            with self.subTest(blind=blind):
                copies = {copy["role"]: copy["cipher"]
                          for copy in self.protect(["modern"], [blind])["copies"]}
                self.assertEqual(copies, {"main": "aes-256-gcm", "sent": "aes-256-gcm", "bcc": cipher})

    def shown(self, name):
        copy = self.protect([name], toSelf=False)["copies"][0]
        message = base64.b64decode(copy["message"]["base64"])
        shown = subprocess.run(["openssl", "cms", "-cmsout", "-print", "-noout"], input=message,
                               check=True, capture_output=True).stdout
        return message, shown

    def test_oaep_where_it_was_announced(self):
        for name, algorithm in (("modern2", b"rsaesOaep"), ("classic", b"rsaEncryption")):
            message, shown = self.shown(name)
            self.assertIn(algorithm, shown)
            if name == "modern2":
                self.assertIn(b"sha256", shown)
            key = os.path.join(fixtures.pki(), "bob.key")
            if name == "classic":  # OpenSSL's command reads no AuthEnvelopedData in every version
                plain = subprocess.run(["openssl", "cms", "-decrypt", "-inkey", key], input=message,
                                       check=True, capture_output=True).stdout
                self.assertIn(b"the text", plain)


if __name__ == "__main__":
    unittest.main()

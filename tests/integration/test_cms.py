"""cms.sign, cms.verify and cms.describe through frames, held against openssl both ways."""
import base64
import os
import subprocess

import fixtures
from fixtures import HostTest

PEOPLE = ("alice", "bob", "alice-p256", "alice-p384", "alice-p521", "expired", "encrypt-only")
CONTENT = b"the content\n\x00\xff"


def data(octets):
    return {"base64": base64.b64encode(octets).decode()}


def openssl(*arguments, content=b""):
    return subprocess.run(("openssl", *arguments), input=content, capture_output=True, check=False)


class WithPeople(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.database = fixtures.database(*PEOPLE)
        cls.folder = fixtures.new_folder()

    def start(self, **options):
        return super().start(database=self.database, **options)

    def certificate(self, name):
        items = self.host.request("certificates.list", {"address": f"{name}@example.org"})["items"]
        return items[0]["id"]

    def sign(self, name, **wishes):
        result = self.host.request("cms.sign", {"content": data(CONTENT), "certificate": self.certificate(name),
                                                **wishes})
        return self.host.download(result["cms"])

    def path(self, name, octets):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(octets)
        return path


class Sign(WithPeople):
    def refused(self, reason, **params):
        error = self.host.error("cms.sign", {"content": data(CONTENT), **params})
        self.assertEqual(error.reason, reason, params)
        return error

    def test_refuses_certificates_that_cannot_sign(self):
        self.refused("certificate-unknown", certificate="00")
        for name in ("expired", "encrypt-only"):
            error = self.refused("certificate-unusable", certificate=self.certificate(name))
            self.assertEqual(error.data["path"], "params.certificate")
        self.refused("algorithm-forbidden", certificate=self.certificate("alice"), digest="sha1")
        self.refused("certificate-unusable", certificate=self.certificate("alice-p256"), scheme="rsa-pss")

    def verified_by_openssl(self, cms, detached):
        beside = ("-content", self.path("content", CONTENT)) if detached else ()
        return openssl("cms", "-verify", "-binary", "-cades", "-inform", "DER", "-in", self.path("made", cms),
                       *beside, "-CAfile", os.path.join(fixtures.pki(), "root.crt"), "-purpose", "any")

    def test_openssl_verifies_what_is_made(self):
        for name, wishes in (("alice", {}), ("alice", {"digest": "sha512"}), ("alice", {"scheme": "rsa-pss"}),
                             ("alice", {"scheme": "rsa-pss", "digest": "sha384"}), ("alice-p256", {}),
                             ("alice-p384", {}), ("alice-p521", {"digest": "sha256"})):
            for detached in (False, True):
                with self.subTest(name=name, detached=detached, **wishes):
                    made = self.sign(name, detached=detached, **wishes)
                    done = self.verified_by_openssl(made, detached)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertEqual(done.stdout, CONTENT)

    def test_the_chain_comes_without_the_root(self):
        made = self.path("chain", self.sign("alice"))
        listed = openssl("pkcs7", "-inform", "DER", "-in", made, "-print_certs", "-noout").stdout.decode()
        subjects = [line for line in listed.splitlines() if line.startswith("subject")]
        self.assertEqual(len(subjects), 2, listed)
        self.assertIn("ntermediate", subjects[1])

    def test_the_encryption_certificate_is_named_and_included(self):
        made = self.sign("alice-p256", encryptionCertificate=self.certificate("bob"))
        signer = self.host.request("cms.describe", {"cms": data(made)})["signers"][0]
        names = [attribute.get("name") for attribute in signer["signedAttributes"]]
        self.assertEqual(sorted(names), ["contentType", "encryptionKeyPreference", "messageDigest", "signingCertificateV2",
                                         "signingTime", "smimeCapabilities"])
        listed = openssl("pkcs7", "-inform", "DER", "-in", self.path("both", made), "-print_certs", "-noout").stdout
        self.assertIn(b"bob", listed)


class Verify(WithPeople):
    def verify(self, cms, **more):
        return self.host.request("cms.verify", {"cms": data(cms), **more})

    def by_openssl(self, name, *options):
        pki = fixtures.pki()
        done = openssl("cms", "-sign", "-binary", "-in", self.path("content", CONTENT), "-signer", f"{pki}/{name}.crt",
                       "-inkey", f"{pki}/{name}.key", "-certfile", f"{pki}/intermediate.crt", "-outform", "DER",
                       *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_what_openssl_makes_is_good(self):
        pss = ("-keyopt", "rsa_padding_mode:pss", "-keyopt")
        for name, options in (("alice", ()), ("alice", (*pss, "rsa_pss_saltlen:0")), ("alice", (*pss, "rsa_pss_saltlen:max")),
                              ("alice", (*pss, "rsa_mgf1_md:sha512")), ("alice", ("-keyid",)), ("alice-p521", ()),
                              ("alice-p256", ("-nocerts",)), ("alice", ("-noattr",))):
            with self.subTest(name=name, options=options):
                result = self.verify(self.by_openssl(name, "-nodetach", *options))
                self.assertEqual(result["signature"]["status"], "good", result["signature"])
                self.assertEqual(self.host.download(result["content"]), CONTENT)

    def test_weak_digests_are_never_good(self):
        for digest in ("sha1", "md5"):
            signature = self.verify(self.by_openssl("alice", "-nodetach", "-md", digest))["signature"]
            self.assertEqual((signature["status"], signature["problems"]), ("unverified", ["weak-digest"]))

    def test_every_signer_is_told(self):
        pki = fixtures.pki()
        both = self.by_openssl("alice", "-nodetach", "-signer", f"{pki}/alice-p256.crt", "-inkey",
                               f"{pki}/alice-p256.key")
        result = self.verify(both)
        self.assertEqual(result["signature"], {"status": "good", "problems": [], "notices": [], "signerCount": 2})
        self.assertEqual({signer["certificate"] for signer in result["signers"]},
                         {self.certificate("alice"), self.certificate("alice-p256")})
        # one bit of the last signature: the others do not make up for it
        broken = bytearray(both)
        broken[-1] ^= 1
        result = self.verify(bytes(broken))
        self.assertEqual(result["signature"]["status"], "bad")
        self.assertEqual(set(result["signature"]["problems"]), {"signature-mismatch", "signers-disagree"})
        self.assertEqual(sorted(signer["status"] for signer in result["signers"]), ["bad", "good"])

    def test_content_beside_content_is_refused(self):
        result = self.verify(self.by_openssl("alice", "-nodetach"), content=data(CONTENT))
        self.assertEqual(result["signature"]["status"], "bad")
        self.assertIn("embedded-content-in-detached", result["signature"]["problems"])

    def test_certificates_are_no_signature(self):
        bag = openssl("crl2pkcs7", "-nocrl", "-certfile", os.path.join(fixtures.pki(), "chain.pem"), "-outform", "DER")
        result = self.verify(bag.stdout)
        self.assertEqual((result["kind"], result["signature"]["status"], result["signers"]), ("certificates", "none", []))
        self.assertEqual(len(result["certificates"]), 2)


class Describe(WithPeople):
    def describe(self, cms):
        return self.host.request("cms.describe", {"cms": data(cms)})

    def test_needs_no_key_of_the_recipient(self):
        pki = fixtures.pki()
        made = openssl("cms", "-encrypt", "-binary", "-aes-128-cbc", "-in", self.path("content", CONTENT), "-outform",
                       "DER", f"{pki}/carol.crt", f"{pki}/bob-p256.crt")
        result = self.describe(made.stdout)
        self.assertEqual(result["contentType"]["name"], "enveloped-data")
        self.assertEqual([(one["type"], one["algorithm"]) for one in result["recipients"]],
                         [("key-transport", "rsa"), ("key-agreement", "ecdh")])
        self.assertEqual(result["content"]["cipher"]["name"], "aes-128-cbc")

    def test_names_a_type_that_it_does_not_know(self):
        made = openssl("cms", "-digest_create", "-binary", "-in", self.path("content", CONTENT), "-outform", "DER")
        result = self.describe(made.stdout)
        self.assertEqual(result, {"size": len(made.stdout),
                                  "contentType": {"oid": "1.2.840.113549.1.7.5", "name": "digested-data"}})

    def test_damage_is_an_error(self):
        made = self.sign("alice-p256")
        for size in (0, 1, 10, len(made) // 2, len(made) - 1):
            error = self.host.error("cms.describe", {"cms": data(made[:size])})
            self.assertEqual(error.reason, "cms-malformed", size)

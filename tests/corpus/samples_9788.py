"""The samples of RFC 9788's appendix C that the corpus holds, and what is made of them on the way."""
import base64
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

import cases as corpus_cases  # noqa: E402
import databases  # noqa: E402
import fixtures  # noqa: E402
from fields import fields_of, pairs, protections  # noqa: E402
from fixtures import HostTest  # noqa: E402

CORPUS = corpus_cases.corpus_path()


class Samples(HostTest):
    """The samples of RFC 9788's appendix C. Alice, whose key signed them, is trusted here."""

    @classmethod
    def setUpClass(cls):
        cls.database = str(databases.make(CORPUS, "rfc9216", fixtures.new_folder()))

    def start(self, **options):
        return super().start(database=self.database, **options)

    def sample(self, name):
        return (CORPUS / "rfc9788" / name).read_bytes()

    def open(self, text):
        return self.host.request("message.open", {"message": {"base64": base64.b64encode(text).decode()},
                                                  "revocation": "off"})

    def check_right(self, name):
        text = self.sample(name)
        opened = self.open(text)
        headers = opened["headers"]
        self.assertEqual((opened["signature"]["status"], opened["signature"]["problems"]), ("good", []))
        self.assertEqual(pairs(headers["shown"]), fields_of(text))
        self.assertEqual(pairs(headers["outer"]), fields_of(text))
        self.assertEqual(pairs(headers["protected"]), fields_of(text))
        self.assertEqual(headers["differences"], [])
        self.assertEqual(set(protections(opened).values()), {"signed"})
        self.assertEqual(len(headers["shown"]), 6)
        content = base64.b64decode(opened["content"]["base64"])
        self.assertEqual(fields_of(content), fields_of(text))
        self.assertNotIn(b"pkcs7-signature", content)
        return opened

    def test_the_plain_sample_is_signed_in_every_field(self):
        opened = self.check_right("smime-multipart-hp.eml")
        self.assertEqual([part["type"] for part in opened["parts"]], ["text/plain"])

    def test_the_complex_sample_is_signed_in_every_field(self):
        opened = self.check_right("smime-multipart-complex-hp.eml")
        self.assertEqual([part["type"] for part in opened["parts"]],
                         ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "image/png"])
        self.assertEqual({tuple(part["signedBy"]) for part in opened["parts"]}, {(0,)})

    def test_nothing_of_the_invalid_sample_is_protected(self):
        text = self.sample("smime-multipart-hp-invalid.eml")
        opened = self.open(text)
        self.assertEqual(opened["signature"]["status"], "bad")
        self.assertIn("digest-mismatch", opened["signature"]["problems"])
        self.assertEqual(pairs(opened["headers"]["shown"]), fields_of(text))
        self.assertEqual(set(protections(opened).values()), {"none"})
        self.assertEqual(opened["headers"]["protected"], [])
        self.assertEqual(opened["headers"]["differences"], [])

    def test_a_subject_altered_on_the_way_is_told_and_not_shown(self):
        text = self.sample("smime-multipart-hp.eml").replace(b"Subject: smime-multipart-hp",
                                                             b"Subject: [SPAM] pay now", 1)
        opened = self.open(text)
        self.assertEqual(opened["signature"]["status"], "good")
        self.assertEqual(opened["headers"]["differences"], ["Subject"])
        self.assertIn(("Subject", "smime-multipart-hp"), pairs(opened["headers"]["shown"]))
        self.assertNotIn(b"pay now", base64.b64decode(opened["content"]["base64"]))

    def test_fields_put_in_on_the_way_are_not_shown(self):
        sample = self.sample("smime-multipart-hp.eml")
        end = b"\r\n" if b"\r\n" in sample else b"\n"
        opened = self.open(b"Received: from a by b; Sat, 20 Feb 2021 10:07:03 -0500" + end +
                           b"Cc: eve@smime.example" + end + sample)
        self.assertEqual(opened["signature"]["status"], "good")
        self.assertEqual(opened["headers"]["differences"], ["Cc"])
        self.assertEqual(protections(opened)["Received"], "none")
        self.assertNotIn("Cc", protections(opened))

    def test_another_author_outside_is_never_good(self):
        text = self.sample("smime-multipart-hp.eml").replace(b"From: Alice <alice@smime.example>",
                                                             b"From: Alice <alice@evil.example>", 1)
        opened = self.open(text)
        self.assertEqual(opened["signature"]["status"], "unverified")
        self.assertIn("header-mismatch", opened["signature"]["problems"])
        self.assertEqual(opened["headers"]["differences"], ["From"])
        shown = dict(pairs(opened["headers"]["shown"]))
        self.assertEqual(shown["From"], "Alice <alice@smime.example>", "RFC 9788 4.4: she signed it")

    def test_another_author_inside_breaks_the_signature(self):
        sample = self.sample("smime-multipart-hp.eml")
        outside, inside = sample.split(b"\r\n\r\n", 1) if b"\r\n\r\n" in sample else sample.split(b"\n\n", 1)
        self.assertIn(b"From: Alice <alice@smime.example>", inside)
        altered = sample[:len(sample) - len(inside)] + inside.replace(b"alice@smime", b"ellie@smime", 1)
        opened = self.open(altered)
        self.assertEqual(opened["signature"]["status"], "bad")
        self.assertEqual(dict(pairs(opened["headers"]["shown"]))["From"], "Alice <alice@smime.example>")
        self.assertEqual(set(protections(opened).values()), {"none"})

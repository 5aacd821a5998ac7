"""RFC 9788 through frames: what is made of protected headers on the way, and that what the host sends has the
shape that the RFC's own examples have, as openssl and Python's parser see it. The RFC's samples themselves are
checked by tests/corpus."""
import base64
import email
import email.policy
import unittest

import compose
import fixtures
from fields import fields_of, pairs, protections
from fixtures import HostTest

MESSAGE = ("From: Alice <alice@example.org>\r\nTo: bob@example.org\r\nCc: Bob Two <bob@example.org>\r\n"
           "Bcc: carol@example.org\r\nSubject: =?utf-8?q?K=C3=BCndigung?= of the plan\r\nKeywords: secret\r\n"
           "Date: Tue, 24 Nov 2026 02:00:00 +0000\r\nMessage-ID: <1@example.org>\r\n"
           "References: <0@example.org>\r\nMIME-Version: 1.0\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n\r\nthe text\r\n")
HIDDEN = "Kündigung of the plan"


class Sent(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.database = fixtures.database("alice", "bob", "carol")

    def start(self, **options):
        return super().start(database=self.database, **options)

    def protect(self, **wishes):
        result = self.host.request("message.protect", {"message": {"text": MESSAGE}, **wishes})
        return {copy["role"]: base64.b64decode(copy["message"]["base64"]) for copy in result["copies"]}

    def decrypt(self, message, who):
        return compose.openssl("cms", "-decrypt", "-inkey", who + ".key", "-recip", who + ".crt", stdin=message)

    def verify(self, message):
        return compose.openssl("cms", "-verify", "-CAfile", "root.crt", "-purpose", "any", stdin=message)

    def check_payload(self, payload, kind, outer):
        """As the examples of RFC 9788's appendix C: all fields inside, none of them Bcc."""
        parsed = email.message_from_bytes(payload, policy=email.policy.default)
        self.assertEqual(parsed["Content-Type"].params["hp"], kind)
        self.assertEqual(parsed.get_content().strip(), "the text")
        inside = [(name, value) for name, value in fields_of(payload) if name != "HP-Outer"]
        self.assertEqual(inside, [field for field in fields_of(MESSAGE.encode()) if field[0] != "Bcc"])
        copies = [value for name, value in fields_of(payload) if name == "HP-Outer"]
        wanted = [name + ": " + value for name, value in outer] if kind == "cipher" else []
        self.assertEqual(copies, wanted)

    def test_signed_mail_has_the_shape_of_the_rfc(self):
        for form in ("detached", "opaque"):
            with self.subTest(form=form):
                main = self.protect(sign={"form": form}, headerProtection="signed")["main"]
                self.check_payload(self.verify(main), "clear", [])
                self.assertIn(HIDDEN, dict(fields_of(main))["Subject"])

    def test_confidential_mail_has_the_shape_of_the_rfc(self):
        for cipher in ("aes-256-cbc", "aes-256-gcm"):
            with self.subTest(cipher=cipher):
                main = self.protect(sign={}, encrypt={"cipher": cipher}, headerProtection="confidential")["main"]
                outer = fields_of(main)
                self.assertEqual(dict(outer)["Subject"], "[...]")
                self.assertEqual([name for name, _ in outer],
                                 ["From", "To", "Cc", "Subject", "Date", "Message-ID", "References"])
                self.check_payload(self.verify(self.decrypt(main, "bob")), "cipher", outer)

    def test_encrypted_mail_without_a_signature_has_the_shape_of_the_rfc(self):
        main = self.protect(encrypt={}, headerProtection="confidential")["main"]
        self.check_payload(self.decrypt(main, "bob"), "cipher", fields_of(main))

    def test_no_copy_tells_what_is_hidden_or_who_is_blind(self):
        copies = self.protect(sign={}, encrypt={}, headerProtection="confidential", legacyDisplay=True)
        for role, text in copies.items():
            self.assertNotIn(b"digung", text)
            self.assertNotIn(b"secret", text)
            self.assertEqual(b"carol@" in text, role == "sent")
        for role, who in (("main", "bob"), ("bcc", "carol"), ("sent", "alice")):
            inside = self.verify(self.decrypt(copies[role], who))
            self.assertNotIn(b"carol", inside)
            self.assertIn(b"Subject: =?utf-8?q?K=C3=BCndigung?= of the plan\r\n", inside)

    def test_every_copy_is_shown_as_it_was_protected(self):
        wishes = {"sign": {}, "encrypt": {}, "headerProtection": "confidential", "legacyDisplay": True}
        for role, text in self.protect(**wishes).items():
            with self.subTest(role=role):
                opened = self.host.request("message.open",
                                           {"message": {"base64": base64.b64encode(text).decode()}})
                self.assertEqual(opened["signature"]["status"], "good")
                shown = dict(pairs(opened["headers"]["shown"]))
                self.assertEqual(shown["Subject"], HIDDEN)
                self.assertEqual(protections(opened), {
                    "From": "signed", "To": "signed", "Cc": "signed", "Subject": "both", "Keywords": "both",
                    "Date": "signed", "Message-ID": "signed", "References": "signed"})
                content = base64.b64decode(opened["content"]["base64"])
                self.assertTrue(content.endswith(b"\r\n\r\nthe text\r\n"), content)

    def test_old_readers_are_shown_the_subject_in_the_text(self):
        main = self.protect(sign={}, encrypt={}, headerProtection="confidential", legacyDisplay=True)["main"]
        inside = self.verify(self.decrypt(main, "bob"))
        parsed = email.message_from_bytes(inside, policy=email.policy.default)
        self.assertEqual(parsed["Content-Type"].params["hp-legacy-display"], "1")
        self.assertEqual(parsed.get_content().splitlines(), ["Subject: " + HIDDEN, "", "the text"])

    def test_capabilities_name_what_is_there(self):
        hello = self.host.hello()
        self.assertEqual(hello["capabilities"]["headerProtection"], ["signed", "confidential"])
        self.assertEqual(hello["policy"]["headerProtection"], "signed")
        self.assertIn("legacyDisplay", hello["methods"]["message.protect"])


INSIDE = b"From: Alice <alice@example.org>\r\nTo: bob@example.org\r\nSubject: the plan\r\n"
COPIES = (b"HP-Outer: From: Alice <alice@example.org>\r\nHP-Outer:\r\n To: bob@example.org\r\n"
          b"HP-Outer: Subject: [...]\r\n")
TEXT = b"Content-Type: text/plain%s\r\n\r\nThe text.\r\n"


class Received(HostTest):
    """Messages that openssl made. Each trick stands beside its control, the same message without it."""

    @classmethod
    def setUpClass(cls):
        cls.database = fixtures.database("alice", "bob")

    def start(self, **options):
        return super().start(database=self.database, **options)

    def open(self, entity, subject=b"[...]", sender=b"Alice <alice@example.org>", more=b""):
        outer = b"From: " + sender + b"\r\nTo: bob@example.org\r\nSubject: " + subject + b"\r\n" + more
        text = outer + b"MIME-Version: 1.0\r\n" + entity
        return self.host.request("message.open", {"message": {"base64": base64.b64encode(text).decode()}})

    def check(self, opened, status, **expected):
        """`expected`: name to (value, protection) of a shown field, or None for one that is not shown."""
        self.assertEqual(opened["signature"]["status"], status, opened["signature"])
        found = {field["name"]: (field["value"], field["protection"]) for field in opened["headers"]["shown"]}
        for name, wanted in expected.items():
            self.assertEqual(found.get(name), wanted, name)
        return base64.b64decode(opened["content"]["base64"])

    @staticmethod
    def sealed(entity, layers="se"):
        for layer in layers:
            entity = compose.detached(entity, "alice") if layer == "s" else compose.encrypted(entity)
        return entity

    def test_what_was_hidden(self):
        entity = INSIDE + COPIES + TEXT % b"; hp=\"cipher\""
        sender = ("Alice <alice@example.org>", "signed")
        self.check(self.open(self.sealed(entity)), "good", Subject=("the plan", "both"), From=sender)
        self.check(self.open(self.sealed(entity, "e")), "none", Subject=("the plan", "encrypted"),
                   From=("Alice <alice@example.org>", "none"))
        # not encrypted, not meant to be, in clear outside, or without the parameter: not hidden
        self.check(self.open(self.sealed(entity, "s")), "good", Subject=("the plan", "signed"))
        self.check(self.open(self.sealed(INSIDE + COPIES + TEXT % b"; hp=clear")), "good",
                   Subject=("the plan", "signed"))
        self.check(self.open(self.sealed(entity), b"the plan"), "good", Subject=("the plan", "signed"))
        self.check(self.open(self.sealed(INSIDE + COPIES + TEXT % b"")), "good", Subject=("[...]", "none"))

    def test_where_the_parameter_counts(self):
        part = INSIDE + TEXT % b"; hp=clear"
        self.check(self.open(self.sealed(part, "s")), "good", Subject=("the plan", "signed"))
        for entity, status in ((TEXT % b"; hp=clear", "none"),
                               (self.sealed(compose.multipart("mixed", part), "s"), "good"),
                               (compose.multipart("mixed", self.sealed(part, "s"), TEXT % b""), "partial"),
                               (compose.multipart("mixed", self.sealed(part), TEXT % b""), "partial"),
                               (self.sealed(part, "es"), "unverified")):
            opened = self.open(entity)
            if status != "unverified":  # signed around encryption: inside, but nobody's
                self.check(opened, status, Subject=("[...]", "none"))
            self.assertEqual(set(protections(opened).values()), {"none"}, status)

    def test_whose_author_is_shown(self):
        entity = INSIDE + COPIES + TEXT % b"; hp=cipher"
        eve = b"eve@example.org"
        self.check(self.open(self.sealed(entity)), "good", From=("Alice <alice@example.org>", "signed"))
        self.check(self.open(self.sealed(entity, "e"), sender=eve), "none", From=(eve.decode(), "none"))
        self.check(self.open(self.sealed(entity), sender=eve), "unverified",
                   From=("Alice <alice@example.org>", "signed"))
        another = entity.replace(b"From: Alice <alice@", b"From: Eve <eve@", 1)
        self.check(self.open(self.sealed(another)), "unverified", From=("Alice <alice@example.org>", "none"))
        twice = b"From: eve@example.org\r\n" + entity
        self.check(self.open(self.sealed(twice)), "unverified", From=("Alice <alice@example.org>", "none"))

    def test_what_was_put_in(self):
        entity = INSIDE + TEXT % b"; hp=clear"
        content = self.check(self.open(self.sealed(entity, "s"), more=b"Reply-To: eve@example.org\r\n"), "good")
        self.assertNotIn(b"eve", content)
        content = self.check(self.open(self.sealed(b"Reply-To: eve@example.org\r\n" + entity, "s")), "good",
                             **{"Reply-To": ("eve@example.org", "signed")})
        self.assertIn(b"eve", content)
        self.check(self.open(self.sealed(b"Subject: first\r\n" + entity, "s")), "good", Subject=("the plan", "none"))

    def test_wrapped_messages(self):
        inner = INSIDE + TEXT % b""
        for kind, wanted in ((b"; forwarded=no", ("the plan", "both")), (b"; forwarded=yes", ("[...]", "none")),
                             (b"", ("[...]", "none"))):
            wrapped = b"Content-Type: message/rfc822" + kind + b"\r\n\r\n" + inner
            content = self.check(self.open(self.sealed(wrapped)), "good", Subject=wanted)
            self.assertEqual(b"message/rfc822" in content, wanted[1] == "none")

    def test_legacy_display(self):
        for layers, kind, mark, shown in (("se", b"cipher", b"1", False), ("s", b"cipher", b"1", True),
                                          ("se", b"clear", b"1", True), ("se", b"cipher", b"0", True)):
            entity = (INSIDE + COPIES + b"Content-Type: text/plain; hp=" + kind + b"; hp-legacy-display=" + mark +
                      b"\r\n\r\nSubject: the plan\r\n\r\nThe text.\r\n")
            content = self.check(self.open(self.sealed(entity, layers)), "good")
            self.assertEqual(content.endswith(b"\r\n\r\nSubject: the plan\r\n\r\nThe text.\r\n"), shown)
            self.assertTrue(content.endswith(b"\r\n\r\nThe text.\r\n"))


if __name__ == "__main__":
    unittest.main()

"""Layers in layers and beside each other: which of them speaks, what each covers, and that nothing decrypted is
ever put together with what stands beside it (EFAIL)."""
import unittest

import der
from compose import (CasesTest, EVIL, PLAIN, SETTINGS, compressed, detached, encrypted, forwarded, message,
                     multipart, opaque, pkcs7, signature)

TEXT = b"The real text."
OUTSIDE = "signed-outside-encryption"
FORMATS = {"detached": "multipart-signed", "opaque": "pkcs7-mime"}


class Layers(CasesTest):
    def kinds(self, result):
        return [(layer["kind"], layer["part"], layer["covers"]) for layer in result["layers"]]

    def whole(self, *kinds):
        return [(kind, "1", "whole") for kind in kinds]

    def test_that_are_transparent(self):
        shapes = {
            ("signed",): lambda s: s.signed(),
            ("encrypted", "signed"): lambda s: encrypted(s.signed()),
            ("compressed", "signed"): lambda s: compressed(s.signed()),
            ("signed", "compressed"): lambda s: s.signed(compressed(s.body)),
            ("encrypted", "compressed", "signed"): lambda s: encrypted(compressed(s.signed())),
            ("encrypted", "encrypted", "signed"): lambda s: encrypted(encrypted(s.signed())),
            ("encrypted", "signed", "compressed"): lambda s: encrypted(s.signed(compressed(s.body))),
            ("signed", "signed"): lambda s: s.signed(s.signed()),
        }
        for kinds, make in shapes.items():
            for setting in SETTINGS:
                with self.subTest(kinds=kinds, setting=str(setting)):
                    result = self.assert_good(setting.message(make(setting)))
                    self.assertEqual(self.kinds(result), self.whole(*kinds))
                    content = self.content(result["content"])
                    self.assertTrue(content.endswith(setting.body.split(b"\r\n\r\n", 1)[1]), content[-300:])
                    signed = [n for n, kind in enumerate(kinds) if kind == "signed"]
                    sealed = [n for n, kind in enumerate(kinds) if kind == "encrypted"]
                    self.assertTrue(all(part["signedBy"] == signed and part["encryptedBy"] == sealed
                                        for part in result["parts"]))

    def test_triple_wrapping(self):
        for setting in SETTINGS:
            result = self.assert_good(setting.message(setting.signed(encrypted(setting.signed()))))
            self.assertEqual(self.kinds(result), self.whole("signed", "encrypted", "signed"))
            self.assertEqual(result["signature"]["notices"], [OUTSIDE])
            self.assertEqual(result["layers"][0]["format"], FORMATS[setting.form.__name__])

    def test_triple_wrapping_with_a_wrong_outer_signature(self):
        def make(setting):
            inner = encrypted(setting.signed())
            return setting.message(detached(inner, setting.who, cms=signature(PLAIN + b"x", setting.who)))

        self.each({"wrong": make}, "bad", ["digest-mismatch"])

    def test_triple_wrapping_with_a_wrong_inner_signature(self):
        def make(setting):
            wrong = detached(setting.body, setting.who, cms=signature(PLAIN + b"x", setting.who))
            return setting.message(setting.signed(encrypted(wrong)))

        self.each({"wrong": make}, "bad", ["digest-mismatch"])

    def test_triple_wrapping_by_another_outside(self):
        """RFC 2634: a gateway's signature; the author's speaks."""
        for setting in SETTINGS:
            self.assert_good(setting.message(detached(encrypted(setting.signed()), "bob")))

    def test_a_signature_outside_encryption_does_not_speak(self):
        self.each({
            "alone": lambda s: s.message(s.signed(encrypted(s.body))),
            "twice": lambda s: s.message(s.signed(s.signed(encrypted(s.body)))),
            "around encryption twice": lambda s: s.message(s.signed(encrypted(encrypted(s.body)))),
            "around compression around it": lambda s: s.message(s.signed(compressed(encrypted(s.body)))),
            "around PGP": lambda s: s.message(s.signed(pgp())),
            "around encryption to nobody": lambda s: s.message(s.signed(encrypted_data())),
        }, "unverified", [OUTSIDE])

    def test_another_signature_inside_speaks(self):
        """Whoever signs what another wrote is not its author."""
        self.each({
            "the outer is the sender's": lambda s: s.message(s.signed(detached(s.body, "bob"))),
            "with encryption between": lambda s: s.message(s.signed(encrypted(opaque(s.body, "bob")))),
        }, "unverified", ["address-mismatch"])

    def test_from_between_layers(self):
        def between(field, around):
            return lambda setting: setting.message(
                around(setting, field.replace(b"%s", setting.address) + b"\r\n" + setting.signed()))

        shapes = {
            "encrypted": lambda s, inner: encrypted(inner),
            "signed": lambda s, inner: s.signed(inner),
            "compressed": lambda s, inner: compressed(inner),
            "two around": lambda s, inner: encrypted(compressed(inner)),
        }
        for name, around in shapes.items():
            self.each({
                name: between(b"From: eve@example.org", around),
                name + ", two": between(b"From: %s, eve@example.org", around),
                name + ", two fields": between(b"From: %s\r\nFrom: eve@example.org", around),
            }, "unverified", ["header-mismatch"], between(b"From: Another Name <%s>", around))

    def test_too_many(self):
        for setting in SETTINGS:
            entity = setting.signed()
            for _ in range(7):
                entity = compressed(entity)
            self.assert_good(setting.message(entity))
            for _ in range(20):
                entity = compressed(entity)
            result = self.open(setting.message(entity))
            self.assertNotEqual(result["signature"]["status"], "good")
            self.assertIn("nesting-too-deep", result["layers"][-1]["problems"])

    def test_compressed_content_that_can_not_be_opened(self):
        bomb = compressed(bytes(64 << 20))
        for setting in SETTINGS:
            before = self.host.peak_memory()
            self.assert_verdict(setting.message(setting.signed(bomb)), "unverified", ["content-too-large"])
            self.assertLess(self.host.peak_memory() - before, 80 << 20)
            cut = compressed(PLAIN, b"\x78\x9c\x03")
            self.assert_verdict(setting.message(setting.signed(cut)), "unverified", ["cms-malformed"])


def encrypted_data():
    """RFC 5652 8: with a key that both sides have."""
    cipher = der.sequence(der.oid("2.16.840.1.101.3.4.1.2"), der.octets(bytes(16)))
    content = der.sequence(der.oid("1.2.840.113549.1.7.1"), cipher, der.value(0x80, bytes(32)))
    return pkcs7("enveloped-data", der.sequence(der.oid("1.2.840.113549.1.7.6"),
                                                der.explicit(0, der.sequence(der.integer(0), content))))


def pgp():
    return (b'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted"; boundary=pgp\r\n\r\n--pgp\r\n'
            b"Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--pgp\r\n"
            b"Content-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n--pgp--\r\n")


class PartialEncryption(CasesTest):
    """Text around ciphertext: the cleartext stands alone, and a reply to the rest can't leak it."""

    def html(self, text):
        return b"Content-Type: text/html\r\n\r\n" + text + b"\r\n"

    def assert_apart(self, whole, clear=TEXT):
        """Every cleartext is in one layer's content and nowhere else."""
        result = self.open(whole)
        self.assert_encryption(result, "partial")
        self.assertEqual(self.content(result["content"]), whole)
        self.assertNotIn(clear, self.content(result["content"]))
        for layer in result["layers"]:
            self.assertEqual(layer["covers"], "part")
            content = self.content(layer["content"])
            self.assertNotIn(b"evil", content)
        return result

    def test_text_around_ciphertext(self):
        evil = self.html(b"evil <img src='http://evil.example/")
        for setting in SETTINGS:
            sealed = encrypted(setting.body)
            for parts in ((evil, sealed), (sealed, evil), (evil, sealed, self.html(b"evil'>")), (sealed,)):
                for subtype in ("mixed", "related", "alternative", "signed"):
                    with self.subTest(parts=len(parts), subtype=subtype, setting=str(setting)):
                        result = self.assert_apart(setting.message(multipart(subtype, *parts)))
                        self.assertEqual(result["signature"]["status"], "none")
                        self.assertEqual(self.content(result["layers"][0]["content"]), setting.body)
            self.assert_good(setting.message(encrypted(setting.signed())))

    def test_two_ciphertexts(self):
        for setting in SETTINGS:
            whole = setting.message(multipart("mixed", encrypted(self.html(b"<img src='x")), encrypted(setting.body)))
            result = self.assert_apart(whole)
            self.assertEqual([self.content(layer["content"]) for layer in result["layers"]],
                             [self.html(b"<img src='x"), setting.body])
            self.assertEqual([part["encryptedBy"] for part in result["parts"]], [[], [0], [1]])

    def test_ciphertext_in_a_forwarded_message(self):
        for setting in SETTINGS:
            inner = message(encrypted(setting.body), b"someone@example.org")
            whole = setting.message(multipart("mixed", self.html(b"evil"), forwarded(inner)))
            result = self.assert_apart(whole)
            self.assertEqual(result["layers"][0]["part"], "1.2.1")

    def test_a_signature_around_text_and_ciphertext(self):
        """Good for what it covers, and it says that it says nothing about the cleartext."""
        for setting in SETTINGS:
            mixed = multipart("mixed", PLAIN.replace(TEXT, b"around"), encrypted(setting.body))
            result = self.assert_good(setting.message(setting.signed(mixed)))
            self.assert_encryption(result, "partial")
            self.assertEqual(result["signature"]["notices"], [OUTSIDE])
            self.assertNotIn(TEXT, self.content(result["content"]))
            self.assertNotIn("inside", result["layers"][1])
            self.assertEqual(self.content(result["layers"][1]["content"]), setting.body)

    def test_ciphertext_inside_a_decrypted_message(self):
        for setting in SETTINGS:
            mixed = multipart("mixed", self.html(b"evil"), encrypted(setting.body))
            result = self.open(setting.message(encrypted(mixed)))
            self.assert_encryption(result, "encrypted")
            self.assertNotIn(TEXT, self.content(result["content"]))
            self.assertEqual(self.content(result["layers"][1]["content"]), setting.body)

    def test_a_signed_part_beside_a_ciphertext(self):
        for setting in SETTINGS:
            whole = setting.message(multipart("mixed", setting.signed(PLAIN), encrypted(setting.body)))
            result = self.assert_verdict(whole, "partial", ["content-not-covered"])
            self.assert_encryption(result, "partial")
            self.assertEqual([(part["signedBy"], part["encryptedBy"]) for part in result["parts"]
                              if part["part"] in ("1", "1.1", "1.2")], [([], []), ([0], []), ([], [1])])

    def test_signed_inside_a_ciphertext_that_is_a_part(self):
        for setting in SETTINGS:
            whole = setting.message(multipart("mixed", EVIL, encrypted(setting.signed())))
            result = self.assert_verdict(whole, "partial", ["content-not-covered"])
            self.assertEqual([layer["kind"] for layer in result["layers"]], ["encrypted", "signed"])
            self.assertEqual(self.content(result["layers"][0]["content"]), setting.body)

    def test_ciphertext_split_by_its_encoding(self):
        """Two base64 runs in one body are one CMS or none: never two cleartexts put together."""
        for setting in SETTINGS:
            sealed = encrypted(setting.body)
            head, body = sealed.split(b"\r\n\r\n", 1)
            twice = head + b"\r\n\r\n" + body + body
            result = self.open(setting.message(twice))
            content = self.content(result["content"])
            self.assertLessEqual(content.count(TEXT), setting.body.count(TEXT))


if __name__ == "__main__":
    unittest.main()

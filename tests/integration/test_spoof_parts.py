"""Where a signature stands and what it is shown beside: nothing but a signature over the whole may speak for a
message, however its parts are arranged, named and cut."""
import unittest

from compose import (CasesTest, EVIL, SETTINGS, Setting, detached, forwarded, message, multipart, openssl, pkcs7,
                     signature)

COVERED = ["content-not-covered"]


def beside(subtype, *parts):
    """A variant: a multipart with these parts, each made by a function of the setting."""
    def make(setting):
        made = [part(setting) if callable(part) else part for part in parts]
        return setting.message(multipart(subtype, *made))
    return make


def with_fields(fields):
    """The signed entity with more fields."""
    return lambda setting: fields + setting.signed()


SIGNED = Setting.signed


class Parts(CasesTest):
    def test_of_which_one_is_signed(self):
        results = self.each({
            "evil text above": beside("mixed", EVIL, SIGNED),
            "a footer below": beside("mixed", SIGNED, EVIL),
            "alone in a multipart": beside("mixed", SIGNED),
            "evil text above and below": beside("mixed", EVIL, SIGNED, EVIL),
            "the alternative that is not shown": beside("alternative", SIGNED, EVIL),
            "the plain alternative": beside("alternative", EVIL, SIGNED),
            "in a digest": beside("digest", b"\r\n" + message(EVIL, b"x@example.org"), SIGNED),
            "two deep": beside("mixed", EVIL, lambda s: multipart("mixed", s.signed())),
            "both signed": beside("mixed", SIGNED, SIGNED),
        }, "partial", COVERED)
        for result in results:
            self.assertTrue(all(layer["covers"] == "part" for layer in result["layers"]))
            for layer in result["layers"]:
                self.assertIn(b"The real text.", self.content(layer["content"]))
                self.assertNotIn(b"Something else.", self.content(layer["content"]))

    def test_hidden_as_an_attachment(self):
        self.each({
            "attachment": beside("mixed", EVIL, with_fields(b"Content-Disposition: attachment\r\n")),
            "named": beside("mixed", EVIL, with_fields(
                b"Content-Disposition: attachment; filename=invoice.pdf\r\n")),
            "message in the message": beside("mixed", EVIL, lambda s: forwarded(s.message())),
            "message as an attachment": beside("mixed", EVIL, lambda s: (
                b"Content-Disposition: attachment; filename=a.eml\r\n" + forwarded(s.message()))),
            "message and nothing else": lambda s: s.message(forwarded(s.message())),
            "message in a message": lambda s: s.message(forwarded(message(forwarded(s.message()), b"x@y.z"))),
        }, "partial", COVERED)

    def test_behind_cid_and_html(self):
        def html(text):
            return b"Content-Type: text/html\r\n\r\n" + text + b"\r\n"

        self.each({
            "an image": beside("related", html(b"Evil <img src=\"cid:real@x\">"),
                               with_fields(b"Content-ID: <real@x>\r\n")),
            "a frame": beside("related", html(b"<iframe src='cid:real@x' style='height:0'></iframe>Evil"),
                              with_fields(b"Content-ID: <real@x>\r\nContent-Disposition: inline\r\n")),
            "hidden by a style": beside("mixed", html(b"Evil<div style='display:none'>"), SIGNED, html(b"</div>")),
            "in an open attribute": beside("mixed", html(b"Evil<img alt='"), SIGNED, html(b"'>")),
            "root of related last": beside("related", SIGNED, with_fields(b"Content-ID: <r@x>\r\n")),
        }, "partial", COVERED)

    def test_whose_signature_is_wrong_too(self):
        def broken(setting):
            other = signature(b"Content-Type: text/plain\r\n\r\nother\r\n", setting.who)
            return detached(setting.body, setting.who, cms=other)

        self.each({
            "above": beside("mixed", broken, EVIL),
            "below": beside("mixed", EVIL, broken),
        }, "partial", ["content-not-covered", "digest-mismatch"])

    def test_that_no_layer_names_have_empty_lists(self):
        for setting in SETTINGS:
            result = self.assert_verdict(beside("mixed", EVIL, SIGNED)(setting), "partial", COVERED)
            by_number = {part["part"]: part for part in result["parts"]}
            self.assertEqual(by_number["1"]["signedBy"], [])
            self.assertEqual(by_number["1.1"]["signedBy"], [])
            self.assertEqual(by_number["1.2"]["signedBy"], [0])
            self.assertEqual(result["layers"][0]["part"], "1.2")
            self.assertEqual(self.content(result["content"]), beside("mixed", EVIL, SIGNED)(setting))


class Multipart(CasesTest):
    """Text in and around a multipart/signed."""

    def detached_message(self, setting, old=b"", new=b"", count=1):
        whole = message(detached(setting.body, setting.who, b"outer"), setting.sender)
        self.assertIn(old, whole)
        return whole.replace(old, new, count)

    def changed(self, old, new, count=1):
        return lambda setting: self.detached_message(setting, old, new, count)

    def test_preamble_and_epilogue_are_not_shown(self):
        for setting in SETTINGS:
            for whole in (self.detached_message(setting, b"\r\n\r\n--outer\r\n", b"\r\n\r\nEvil text\r\n--outer\r\n"),
                          self.detached_message(setting) + b"Evil text\r\n"):
                result = self.assert_good(whole)
                self.assertNotIn(b"Evil", self.content(result["content"]))

    def test_with_other_than_two_parts_is_not_signed(self):
        third = b"\r\n--outer\r\n" + EVIL
        self.each({
            "one more at the end": self.changed(b"\r\n--outer--", third + b"\r\n--outer--"),
            "one more at the start": self.changed(b"\r\n--outer\r\n", third + b"\r\n--outer\r\n"),
        }, "none", [], self.detached_message)

    def test_whose_parts_changed_places(self):
        def swapped(setting):
            cms = signature(setting.body, setting.who)
            first = detached(EVIL, setting.who, b"outer", cms)
            return message(first, setting.sender)

        self.each({
            "another text": swapped,
            "a field more": self.changed(b"--outer\r\nContent-Type", b"--outer\r\nX: y\r\nContent-Type"),
            "another charset": self.changed(b"text/plain", b"text/html "),
        }, "bad", ["digest-mismatch"], self.detached_message)

    def test_with_boundaries_that_can_be_read_in_two_ways(self):
        self.each({
            "two boundary parameters": self.changed(b'boundary="outer"', b'boundary="outer"; boundary="x"'),
            "a comment": self.changed(b'boundary="outer"', b'boundary="outer" (boundary=x)'),
            "in an extended form": self.changed(b'boundary="outer"', b"boundary*=us-ascii''outer"),
            "in pieces": self.changed(b'boundary="outer"', b'boundary*0="out"; boundary*1="er"'),
            "a quoted pair": self.changed(b'boundary="outer"', b'boundary="o\\uter"'),
            "two Content-Type fields": self.changed(b"\r\n\r\n--outer", b"\r\nContent-Type: text/html\r\n\r\n--outer"),
            "a lone CR as a line end": self.changed(b"MIME-Version: 1.0", b"X: y\rContent-Type: text/html"),
            "a transfer encoding": self.changed(b"MIME-Version: 1.0", b"Content-Transfer-Encoding: base64"),
            "a delimiter with something behind": self.changed(b"\r\n--outer--", b"\r\n--outer x\r\n--outer--"),
            "a delimiter behind the end": self.changed(
                b"\r\n--outer--\r\n", b"\r\n--outer--\r\n--outer\r\n" + EVIL + b"\r\n--outer--\r\n"),
        }, "unverified", ["mime-ambiguous"], self.detached_message)

    def test_that_one_reader_sees_and_another_does_not(self):
        results = self.each({
            "two Content-Type fields": self.changed(b"MIME-Version: 1.0", b"Content-Type: text/html"),
            "a line that is no field": self.changed(b"MIME-Version: 1.0", b"no field"),
        }, "none", [], self.detached_message)
        for result in results:
            self.assertEqual(result["signature"]["notices"], ["mime-ambiguous"])

    def test_with_a_boundary_inside_that_is_the_same(self):
        def nested(setting, inner=b"outer"):
            entity = (b"Content-Type: multipart/mixed; boundary=" + inner + b"\r\n\r\n--" + inner + b"\r\n" + EVIL +
                      b"\r\n--" + inner + b"--\r\n")
            return message(detached(entity, setting.who, b"outer"), setting.sender)

        for setting in SETTINGS:
            self.assert_good(nested(setting, b"inner"))
            for inner in (b"outer", b"outerx", b"oute"):
                signature_found = self.open(nested(setting, inner))["signature"]
                words = signature_found["problems"] + signature_found["notices"]
                self.assertNotEqual(signature_found["status"], "good", inner)
                self.assertIn("mime-ambiguous", words, inner)

    def test_for_pgp_is_left_alone(self):
        self.each({
            "by its protocol": self.changed(b"application/pkcs7-signature\"; micalg",
                                            b"application/pgp-signature\"; micalg"),
        }, "none", [], self.detached_message)


class Cms(CasesTest):
    """Signatures that are there and say nothing about the text."""

    def test_with_content_of_their_own(self):
        def make(setting):
            cms = signature(setting.body, setting.who, True)
            return message(detached(setting.body, setting.who, cms=cms), setting.sender)

        def other(setting):
            cms = signature(setting.body, setting.who, True)
            return message(detached(EVIL, setting.who, cms=cms), setting.sender)

        for setting in SETTINGS:
            for whole in (make(setting), other(setting)):
                result = self.open(whole)
                self.assertEqual(result["signature"]["status"], "bad")
                self.assertIn("embedded-content-in-detached", result["signature"]["problems"])
            self.assert_good(setting.message())

    def test_without_content(self):
        for setting in SETTINGS:
            whole = setting.message(pkcs7("signed-data", signature(setting.body, setting.who)))
            result = self.open(whole)
            self.assertEqual(result["signature"]["status"], "bad")
            self.assertIn("content-not-covered", result["signature"]["problems"])

    def test_without_signers(self):
        cms = openssl("crl2pkcs7", "-nocrl", "-certfile", "alice.crt", "-outform", "DER")
        for setting in SETTINGS:
            self.assert_verdict(message(detached(setting.body, setting.who, cms=cms), setting.sender), "unverified",
                                ["no-signers"])
            self.assert_verdict(setting.message(pkcs7("certs-only", cms)), "none")
            self.assert_verdict(setting.message(pkcs7("signed-data", cms)), "none")


if __name__ == "__main__":
    unittest.main()

"""What gateways, relays and mailboxes do to S/MIME mail: opened where nothing of the text has changed, never good
where something has, and told what it was."""
import base64
import binascii
import unittest

import fixtures
from compose import CasesTest, PLAIN, SETTINGS, ciphertext, detached, encrypted, message, signature
from sealpost_client import HostError

OPAQUE = signature(PLAIN, "alice", True)
FROM = b"alice@example.org"


def typed(fields, cms=OPAQUE):
    """A message whose body is this CMS in base64."""
    return message(fields + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(cms).replace(
        b"\n", b"\r\n"), FROM)


def uuencoded(data):
    lines = [binascii.b2a_uu(data[at:at + 45]).rstrip(b"\n") for at in range(0, len(data), 45)]
    return b"begin 644 smime.p7m\r\n" + b"\r\n".join(lines) + b"\r\n`\r\nend\r\n"


def quoted_printable(data):
    return binascii.b2a_qp(data, istext=False).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


class Types(CasesTest):
    def test_of_opaque_signatures(self):
        for fields in (
                b"Content-Type: application/pkcs7-mime",
                b"Content-Type: application/x-pkcs7-mime; name=smime.p7m",
                b"Content-Type: Application/X-PKCS7-MIME",
                b"Content-Type: application/octet-stream; name=smime.p7m",
                b"Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=\"smime.p7m\"",
                b"Content-Type: application/octet-stream; name=\"SMIME.P7M\"; smime-type=signed-data",
                b"Content-Type: application/octet-stream; smime-type=signed-data",
                b"Content-Type: application/pkcs7-mime; smime-type=enveloped-data",
                b"Content-Type: application/pkcs7-mime; smime-type=certs-only",
                b"Content-Type: application/pkcs7-mime; smime-type=nonsense; name=x.bin",
                b"Content-Type: application/pkcs7-mime;smime-type=\"signed-data\";\r\n\tname=\"smime.p7m\""):
            with self.subTest(fields=fields):
                self.assert_good(typed(fields))

    def test_of_encrypted_mail(self):
        cms = ciphertext(PLAIN, "bob")
        for fields in (b"Content-Type: application/octet-stream; name=smime.p7m",
                       b"Content-Type: application/x-pkcs7-mime; smime-type=signed-data",
                       b"Content-Type: application/pkcs7-mime"):
            result = self.open(typed(fields, cms))
            self.assert_encryption(result, "encrypted")
            self.assertIn(b"The real text.", self.content(result["content"]))

    def test_of_what_is_no_mail_layer(self):
        for fields in (b"Content-Type: application/octet-stream", b"Content-Type: text/plain; name=smime.p7m",
                       b"Content-Type: application/octet-stream; name=smime.p7s",
                       b"Content-Type: application/pdf; name=smime.p7m"):
            self.assert_verdict(typed(fields), "none")

    def test_of_detached_signatures(self):
        for setting in SETTINGS:
            whole = message(detached(setting.body, setting.who), setting.sender)
            self.assert_good(whole)
            self.assert_good(whole.replace(b"application/pkcs7-signature", b"application/x-pkcs7-signature"))
            self.assert_good(whole.replace(b' protocol="application/pkcs7-signature";', b""))
            self.assert_good(whole.replace(b' protocol="application/pkcs7-signature";', b"").replace(
                b'Content-Type: application/pkcs7-signature; name="smime.p7s"', b"Content-Type: application/octet-stream"))
            self.assert_good(whole.replace(b"; micalg=sha-256", b"; micalg=unknown"))
            self.assert_good(whole.replace(b"; micalg=sha-256", b""))


class Encodings(CasesTest):
    def encoded(self, encoding, body, fields=b"Content-Type: application/pkcs7-mime; smime-type=signed-data"):
        return message(fields + b"\r\nContent-Transfer-Encoding: " + encoding + b"\r\n\r\n" + body, FROM)

    def test_that_are_seen(self):
        text = base64.b64encode(OPAQUE)
        self.assert_good(self.encoded(b"base64", text))  # one line
        self.assert_good(self.encoded(b"BASE64 ", b"\r\n \r\n".join(text[at:at + 7] for at in range(0, len(text), 7))))
        self.assert_good(self.encoded(b"base64", text + b"\r\n\r\n\r\n"))
        self.assert_good(self.encoded(b"binary", OPAQUE))
        self.assert_good(self.encoded(b"8bit", OPAQUE))
        self.assert_good(self.encoded(b"quoted-printable", quoted_printable(OPAQUE)))
        for name in (b"x-uuencode", b"uuencode", b"x-uue"):
            self.assert_good(self.encoded(name, uuencoded(OPAQUE)))

    def test_of_a_body_that_is_base64_and_does_not_say_so(self):
        text = base64.encodebytes(OPAQUE)
        self.assert_good(self.encoded(b"7bit", text))
        pem = b"-----BEGIN PKCS7-----\r\n" + text + b"-----END PKCS7-----\r\n"
        self.assert_good(self.encoded(b"7bit", pem))

    def test_of_encrypted_mail(self):
        cms = ciphertext(PLAIN, "bob")
        for name, body in ((b"binary", cms), (b"x-uuencode", uuencoded(cms)),
                           (b"quoted-printable", quoted_printable(cms))):
            self.assert_encryption(self.open(self.encoded(name, body)), "encrypted")

    def test_that_are_damaged(self):
        text = base64.encodebytes(OPAQUE)
        self.assert_verdict(self.encoded(b"base64", text[:-9]), "bad", ["cms-malformed"])
        self.assert_verdict(self.encoded(b"binary", OPAQUE.replace(b"\n", b"\r\n") if b"\n" in OPAQUE else OPAQUE[:-1]),
                            "bad", ["cms-malformed"])
        self.assert_verdict(self.encoded(b"x-uuencode", base64.encodebytes(OPAQUE)), "bad", ["cms-malformed"])
        self.assert_verdict(self.encoded(b"nonsense", text), "bad", ["cms-malformed"])


class Text(CasesTest):
    """Detached signatures over text that somebody altered on the way."""

    BODY = b"Content-Type: text/plain\r\n\r\nFrom here\r\nto there\r\n-- \r\nme\r\n"
    HTML = (b"Content-Type: multipart/mixed; boundary=inner\r\n\r\n--inner\r\nContent-Type: text/html\r\n\r\n"
            b"<p>\r\nFrom us\r\n-- \r\n\r\n--inner--\r\n")

    def altered(self, change, word):
        for body in (self.BODY, self.HTML):
            for who in ("alice", "carol"):
                entity = detached(body, who)
                origin = who.encode() + b"@example.org"
                self.assertNotEqual(change(body), body)
                self.assert_good(message(entity, origin))
                damaged = entity.replace(body, change(body))
                self.assert_verdict(message(damaged, origin), "bad", ["digest-mismatch", word])

    def test_line_ends(self):
        self.altered(lambda text: text.replace(b"here\r\n", b"here\n").replace(b"us\r\n", b"us\n"),
                     "line-ends-altered")
        self.altered(lambda text: text.replace(b"\r\n", b"\n"), "line-ends-altered")
        self.altered(lambda text: text.replace(b"here\r\n", b"here\r\r\n").replace(b"us\r\n", b"us\r\r\n"),
                     "line-ends-altered")

    def test_line_ends_of_the_whole_message(self):
        """Mail as Unix stores it is the one thing that is mended (RFC 8551 3.1.1)."""
        for body in (self.BODY, self.HTML):
            self.assert_good(message(detached(body, "alice"), FROM).replace(b"\r\n", b"\n"))

    def test_blank_lines_at_the_end(self):
        self.altered(lambda text: text + b"\r\n\r\n", "line-ends-altered")
        self.altered(lambda text: text[:-2], "line-ends-altered")

    def test_blanks_at_line_ends(self):
        self.altered(lambda text: text.replace(b"-- \r\n", b"--\r\n"), "whitespace-altered")

    def test_blanks_that_were_added(self):
        for who in ("alice", "carol"):
            entity = detached(PLAIN, who)
            origin = who.encode() + b"@example.org"
            for change in (b"text.  \r\n", b"text.\t\r\n"):
                self.assert_verdict(message(entity.replace(b"text.\r\n", change), origin), "bad",
                                    ["digest-mismatch", "whitespace-altered"])

    def test_from_lines(self):
        self.altered(lambda text: text.replace(b"\nFrom ", b"\n>From "), "from-lines-altered")

    def test_of_other_changes_nothing_is_said(self):
        for who in ("alice", "carol"):
            entity = detached(self.BODY, who)
            origin = who.encode() + b"@example.org"
            for old, new in ((b"to there", b"to  there"), (b"there", b"here"), (b"-- ", b"---"), (b"me", b" me")):
                self.assert_verdict(message(entity.replace(old, new, 1), origin), "bad", ["digest-mismatch"])

    def test_footer_inside_the_signed_part(self):
        for setting in SETTINGS:
            whole = message(detached(PLAIN, setting.who), setting.sender)
            self.assert_good(whole)
            self.assert_verdict(whole.replace(b"text.\r\n", b"text.\r\n___\r\nlist@example.org\r\n"), "bad",
                                ["digest-mismatch"])


class Beginnings(CasesTest):
    def test_that_only_files_have(self):
        for setting in SETTINGS:
            whole = setting.message()
            for start in (b"\xef\xbb\xbf", b"From alice@example.org Mon Nov 23 10:00:00 2026\r\n",
                          b"From eve@example.org Mon Nov 23 10:00:00 2026\r\n"):
                result = self.assert_good(start + whole)
                claimed = result["layers"][0]["signers"][0]["address"]["claimed"]
                self.assertEqual(claimed.encode(), setting.address)

    def test_inside_a_layer_are_ambiguous(self):
        for setting in SETTINGS:
            for start in (b"\xef\xbb\xbf", b"From alice@example.org Mon Nov 23 10:00:00 2026\r\n"):
                self.assert_verdict(setting.message(encrypted(start + setting.signed())), "unverified",
                                    ["mime-ambiguous"])
                self.assert_verdict(setting.message(setting.signed(start + setting.body)), "unverified",
                                    ["mime-ambiguous"])

    def test_blank_lines_before_the_header(self):
        """Then there is no header, and nobody who could have signed."""
        for setting in SETTINGS:
            self.assertEqual(self.open(b"\r\n" + setting.message())["signature"]["status"], "none")


class Headers(CasesTest):
    def test_of_eight_bits(self):
        for setting in SETTINGS:
            for name in ("Jürgen".encode("latin-1"), "Jürgen".encode(), "Юрий".encode("koi8-r")):
                self.assert_good(setting.message(sender=name + b" <" + setting.address + b">"))
                self.assert_good(setting.message(more=b"Subject: " + name + b"\r\nX-" + b"A: " + name + b"\r\n"))
            for local in ("jürgen".encode("latin-1"), b"\xfe\xff"):  # an address has to be UTF-8
                self.assert_verdict(setting.message(sender=local + b"@example.org"), "unverified",
                                    ["address-missing"])

    def test_of_unfolded_and_odd_lines(self):
        for setting in SETTINGS:
            self.assert_good(setting.message(more=b"X-Long: " + b"x" * 20000 + b"\r\n"))
            self.assert_good(setting.message(more=b"X-Folded:\r\n \r\n\t\r\n x\r\n"))
            self.assert_good(setting.message(more=b"X-Empty:\r\n"))

    @unittest.skipIf(fixtures.SANITIZED, "a sanitizer's memory says nothing")
    def test_of_gigabytes_cost_nothing(self):
        size = 60 << 20
        line = b"X: " + b"x" * size
        folded = b"X:" + b"\r\n x" * (size // 4)
        part = (b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + line + b"\r\n\r\nx\r\n--b--\r\n")
        for head in (line, folded, b"From: " + b"a@b, " * (size // 5)):
            data = {"blob": self.host.upload(head + b"\r\n" + SETTINGS[0].message())}
            before = self.host.peak_memory()
            error = self.host.error("message.open", {"message": data})
            self.assertEqual(error.reason, "message-malformed")
            self.assertLess(self.host.peak_memory() - before, 16 << 20)
            self.host.request("blob.close", data)
        data = {"blob": self.host.upload(message(part, FROM))}
        before = self.host.peak_memory()
        self.host.request("message.open", {"message": data})
        self.assertLess(self.host.peak_memory() - before, 16 << 20)
        self.assert_usable()

    def test_of_a_gigabyte_are_refused_before_any_work(self):
        error = self.host.error("blob.create", {"size": 1 << 30})
        self.assertEqual(error.reason, "message-too-large")
        before = self.host.peak_memory()
        blob = self.host.request("blob.create")["blob"]
        piece = base64.b64encode(b"x" * (40 << 20)).decode()
        answers = [self.host.send("blob.append", {"blob": blob, "base64": piece}) for _ in range(8)]
        with self.assertRaises(HostError) as caught:
            for answer in answers:
                self.host.answer(answer)
        self.assertEqual(caught.exception.reason, "message-too-large")
        if not fixtures.SANITIZED:
            self.assertLess(self.host.peak_memory() - before, 768 << 20)
        self.assert_usable()


class LeftAlone(CasesTest):
    def test_winmail(self):
        tnef = (b"Content-Type: application/ms-tnef; name=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
                base64.encodebytes(b"\x78\x9f\x3e\x22" + bytes(300)).replace(b"\n", b"\r\n"))
        whole = message(tnef, FROM)
        result = self.assert_verdict(whole, "none")
        self.assertEqual(self.content(result["content"]), whole)
        self.assertEqual(result["parts"][0]["type"], "application/ms-tnef")
        for setting in SETTINGS:
            result = self.assert_good(setting.message(setting.signed(tnef)))
            self.assertTrue(self.content(result["content"]).endswith(tnef.split(b"\r\n\r\n", 1)[1]))

    def test_uuencoded_text_in_a_body(self):
        text = PLAIN + uuencoded(OPAQUE)
        result = self.assert_verdict(message(text, FROM), "none")
        self.assertEqual(result["layers"], [])

    def test_pgp_in_a_text(self):
        for setting in SETTINGS:
            body = PLAIN + b"-----BEGIN PGP SIGNED MESSAGE-----\r\nx\r\n-----BEGIN PGP SIGNATURE-----\r\n"
            result = self.assert_good(setting.message(setting.signed(body)))
            self.assertIn(b"BEGIN PGP SIGNED MESSAGE", self.content(result["content"]))


if __name__ == "__main__":
    unittest.main()

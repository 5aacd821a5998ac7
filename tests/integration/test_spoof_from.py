"""Who a message is from: every class of trick with From, names, letters and certificates, with the status and
the word that each must get. The attacker has a good certificate of his own."""
import unittest

from compose import CasesTest, PLAIN, SETTINGS, certify, detached, message, opaque

VICTIM = b"eve@example.org"  # whom the message pretends to be from


def sender(pattern):
    """A variant whose From is `pattern`: %s the signer's address."""
    return lambda setting: setting.message(sender=pattern.replace(b"%s", setting.address))


class SeveralAddresses(CasesTest):
    def test_in_one_field(self):
        self.each({
            "signer first": sender(b"%s, eve@example.org"),
            "signer last": sender(b"eve@example.org, %s"),
            "twice the same": sender(b"%s, %s"),
            "with names": sender(b"Eve <eve@example.org>, A <%s>"),
            "folded": sender(b"eve@example.org,\r\n %s"),
            "nothing between commas": sender(b"eve@example.org,, ,%s"),
        }, "unverified", ["multiple-from"])

    def test_in_several_fields(self):
        def with_field(field):
            return lambda setting: setting.message(more=field.replace(b"%s", setting.address) + b"\r\n")

        self.each({
            "another one": with_field(b"From: eve@example.org"),
            "the same": with_field(b"From: A <%s>"),
            "blank before the colon": with_field(b"From : eve@example.org"),
            "tab before the colon": with_field(b"FROM\t: eve@example.org"),
            "in front": lambda setting: b"from: eve@example.org\r\n" + setting.message(),
            "folded at once": with_field(b"From:\r\n eve@example.org"),
        }, "unverified", ["multiple-from"])

    def test_in_a_group(self):
        self.each({
            "the signer alone": sender(b"us: %s;"),
            "named as an address": sender(b"\"eve@example.org\": %s;"),
            "beside the signer": sender(b"us: eve@example.org;, %s"),
            "empty, beside the signer": sender(b"eve:;, %s"),
            "empty": sender(b"eve:;"),
        }, "unverified", ["multiple-from"])


class NoAddress(CasesTest):
    def test_none_at_all(self):
        self.each({
            "no field": lambda setting: message(setting.signed(), None),
            "empty": sender(b""),
            "blanks": sender(b" \t"),
            "no address": sender(b"Eve"),
            "empty angles": sender(b"Eve <>"),
            "only a comment": sender(b"(eve@example.org)"),
        }, "unverified", ["address-missing"])

    def test_that_can_be_read(self):
        self.each({
            "encoded as a whole": sender(b"=?utf-8?q?eve=40example.org?="),
            "encoded domain": sender(b"eve@=?utf-8?q?example.org?="),
            "two in angles": sender(b"<eve@example.org> <%s>"),
            "two without a comma": sender(b"eve@example.org <%s>"),
            "two signs": sender(b"eve@example.org@%s"),
            "route": sender(b"<@eve@example.org:%s>"),
            "open comment": sender(b"(eve@example.org %s"),
            "open quotes": sender(b"\"eve@example.org <%s>"),
            "angles in angles": sender(b"<eve@example.org <%s>>"),
            "a control character": sender(b"%s\x01"),
            "an address behind": sender(b"<%s> eve@example.org"),
        }, "unverified", ["address-missing"])


class SenderField(CasesTest):
    def test_is_reported_and_not_believed(self):
        results = self.each({
            "from another": lambda setting: setting.message(
                sender=VICTIM, more=b"Sender: " + setting.address + b"\r\n"),
            "named": lambda setting: setting.message(
                sender=b"Eve <eve@example.org>", more=b"Sender: A <" + setting.address + b">\r\n"),
        }, "unverified", ["address-mismatch"])
        self.assertEqual({result["layers"][0]["signers"][0]["address"]["match"] for result in results}, {"sender"})

    def test_of_another_changes_nothing(self):
        for setting in SETTINGS:
            self.assert_good(setting.message(more=b"Sender: eve@example.org\r\nReply-To: eve@example.org\r\n"))

    def test_fields_that_are_not_from(self):
        results = self.each({
            "Resent-From": lambda setting: setting.message(
                sender=VICTIM, more=b"Resent-From: " + setting.address + b"\r\n"),
            "X-From": lambda setting: setting.message(
                sender=VICTIM, more=b"X-From: " + setting.address + b"\r\n"),
            "Reply-To": lambda setting: setting.message(
                sender=VICTIM, more=b"Reply-To: " + setting.address + b"\r\n"),
        }, "unverified", ["address-mismatch"])
        self.assertEqual({result["layers"][0]["signers"][0]["address"]["match"] for result in results}, {"none"})


class Names(CasesTest):
    def test_that_hold_an_address(self):
        self.each({
            "quoted": sender(b"\"eve@example.org\" <%s>"),
            "with a person's name": sender(b"\"Eve <eve@example.org>\" <%s>"),
            "encoded": sender(b"=?utf-8?q?eve=40example.org?= <%s>"),
            "encoded in base64": sender(b"=?utf-8?b?ZXZlQGV4YW1wbGUub3Jn?= <%s>"),
            "encoded in quotes": sender(b"\"=?utf-8?q?eve=40example.org?=\" <%s>"),
            "encoded in two words": sender(b"=?utf-8?q?eve=40exam?= =?utf-8?q?ple.org?= <%s>"),
            "encoded with a NUL behind": sender(b"=?utf-8?q?eve=40example.org=00?= <%s>"),
            "encoded with a line break behind": sender(b"=?utf-8?q?eve=40example.org=0A?= <%s>"),
            "encoded with its angles": sender(b"=?utf-8?q?Eve_=3Ceve=40example.org=3E?= <%s>"),
            "fullwidth": sender("\"eve\uff20example.org\" <%s>".encode()),
            "with a space of no width": sender("\"eve@\u200bexample.org\" <%s>".encode()),
            "turned round": sender("\"\u202egro.elpmaxe@eve\" <%s>".encode()),
        }, "unverified", ["name-misleading"])

    def test_comments_that_hold_an_address(self):
        self.each({
            "behind": sender(b"%s (eve@example.org)"),
            "in front": sender(b"(eve@example.org) %s"),
            "in the angles": sender(b"A <(eve@example.org)%s>"),
            "encoded": sender(b"%s (=?utf-8?q?eve=40example.org?=)"),
            "nested": sender(b"%s (a (eve@example.org) b)"),
        }, "unverified", ["name-misleading"])

    def test_that_hold_nothing_of_the_kind(self):
        for setting in SETTINGS:
            for pattern in (b"\"%s\" <%s>", b"%s <%s>", b"\"A @ home\" <%s>", b"=?utf-8?q?J=C3=BCrgen?= <%s>",
                            b"%s (that is me)", b"\"A, B\" <%s>", b"A <%s> (%s)"):
                self.assert_good(setting.message(sender=pattern.replace(b"%s", setting.address)))

    def test_of_the_signer_and_an_address_of_another(self):
        self.each({
            "the signer's name": sender(b"A <eve@example.org>"),
            "the signer's address as the name": sender(b"\"%s\" <eve@example.org>"),
            "the signer's address as a comment": sender(b"eve@example.org (%s)"),
        }, "unverified", ["address-mismatch"])


class Letters(CasesTest):
    """RFC 8550 3, RFC 9598; UTS 39."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        idn = ("subjectAltName=email:hans@xn--mller-kva.example",)
        certify("umlaut", "/CN=Hans", idn)
        # e x CYRILLIC-A m p l e, as a label and all of Cyrillic letters
        certify("mixed", "/CN=Alice", ("subjectAltName=email:alice@xn--exmple-4nf.example",))
        certify("disguised", "/CN=Alice", ("subjectAltName=email:alice@xn--80ak6aa92e.com",))

    def assert_claims(self, result, claimed):
        self.assertEqual(result["layers"][0]["signers"][0]["address"]["claimed"], claimed)

    def test_of_one_script_match_in_both_forms(self):
        for form in (detached, opaque):
            signed = form(PLAIN, "umlaut")
            for address in ("hans@müller.example", "hans@xn--mller-kva.example", "Hans <HANS@XN--MLLER-KVA.example>"):
                self.assert_good(message(signed, address.encode()))
            self.assert_verdict(message(signed, "hans@muller.example".encode()), "unverified", ["address-mismatch"])
            self.assert_good(message(signed, "hans@mu\u0308ller.example".encode()))  # the same letter in two

    def test_of_mixed_scripts_are_told_whatever_the_certificate_says(self):
        for form in (detached, opaque):
            self.assert_good(message(form(PLAIN, "umlaut"), b"hans@xn--mller-kva.example"))
            for name, letters, label in (("mixed", "ex\u0430mple.example", "xn--exmple-4nf.example"),
                                         ("disguised", "\u0430\u0440\u0440\u04cf\u0435.com", "xn--80ak6aa92e.com")):
                for address in (letters, label):
                    result = self.assert_verdict(message(form(PLAIN, name), b"alice@" + address.encode()),
                                                 "unverified", ["mixed-scripts"])
                    self.assert_claims(result, "alice@" + label)
                    shown = {field["name"]: field["value"] for field in result["headers"]["shown"]}
                    self.assertEqual(shown["From"], "alice@" + label)

    def test_that_look_like_the_signers(self):
        def look_alike(old, new):
            return lambda setting: setting.message(
                sender=setting.address.replace(old.encode(), new.encode()))

        self.each({
            "Cyrillic o in the domain": look_alike("org", "\u043erg"),
            "Cyrillic a in the domain": look_alike("example", "ex\u0430mple"),
            "A-label": look_alike("example", "xn--exmple-4nf"),
            "Greek o in the local part": look_alike("@", "\u03bf@"),
            "invisible": look_alike("@", "\u200b@"),
        }, "unverified", ["address-mismatch", "mixed-scripts"])
        self.each({
            "another top level": look_alike(".org", ".com"),
            "a dot": look_alike("example", "ex.ample"),
            "a digit": look_alike("l", "1"),
            "a tag": look_alike("@", "+x@"),
            "fullwidth": look_alike("example", "\uff45xample"),
            "a longer domain": look_alike("example.org", "example.org.evil.example"),
        }, "unverified", ["address-mismatch"])

    def test_of_another_case_are_the_same(self):
        for setting in SETTINGS:
            self.assert_good(setting.message(sender=setting.address.upper()))


class Certificates(CasesTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        certify("many", "/CN=Many", ("subjectAltName=email:one@example.org,email:two@example.org",))
        certify("subject-only", "/CN=S/emailAddress=subject@example.org", ())
        certify("both", "/CN=B/emailAddress=subject@example.org", ("subjectAltName=email:alternative@example.org",))
        certify("common-name", "/CN=eve@example.org", ())
        certify("other-name", "/CN=O", ("subjectAltName=DNS:example.org,URI:mailto:eve@example.org",))

    def both(self, name, origin, status="good", words=()):
        for form in (detached, opaque):
            self.assert_verdict(message(form(PLAIN, name), origin), status, words)

    def test_with_several_addresses(self):
        self.both("many", b"one@example.org")
        self.both("many", b"two@example.org")
        self.both("many", b"\"two@example.org\" <one@example.org>")  # he has both
        self.both("many", b"eve@example.org", "unverified", ["address-mismatch"])
        self.both("many", b"one@example.org, two@example.org", "unverified", ["multiple-from"])
        self.both("many", b"\"eve@example.org\" <one@example.org>", "unverified", ["name-misleading"])

    def test_with_the_address_in_the_subject_alone(self):
        self.both("subject-only", b"subject@example.org")
        self.both("subject-only", b"eve@example.org", "unverified", ["address-mismatch"])

    def test_with_addresses_in_both_places(self):
        self.both("both", b"alternative@example.org")
        self.both("both", b"eve@example.org", "unverified", ["address-mismatch"])

    def test_without_an_address_whatever_the_names_look_like(self):
        self.both("common-name", b"eve@example.org", "unverified", ["address-missing"])
        self.both("other-name", b"eve@example.org", "unverified", ["address-missing"])
        self.both("subject-only", b"subject@example.org")  # the control

    def test_of_two_signers(self):
        for setting in SETTINGS:
            other = "carol" if setting.who == "alice" else "alice"
            self.assert_verdict(setting.message(sender=other.encode() + b"@example.org"), "unverified",
                                ["address-mismatch"])
            self.assert_good(setting.message())


if __name__ == "__main__":
    unittest.main()

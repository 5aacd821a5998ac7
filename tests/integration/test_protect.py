"""message.protect and recipients.resolve through frames."""
import base64
import os
import subprocess
import unittest

import fixtures
from fixtures import HostTest

HEADER = ("From: alice@example.org\r\nTo: bob@example.org\r\nBcc: carol@example.org\r\n"
          "Subject: trial\r\nContent-Type: text/plain\r\n\r\n")
MESSAGE = {"text": HEADER + "the text\r\n"}


class WithPeople(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.database = fixtures.database("alice", "bob", "carol", "expired", "sign-only")

    def start(self, **options):
        return super().start(database=self.database, **options)


class Protect(WithPeople):
    def protect(self, **wishes):
        return self.host.request("message.protect", {"message": MESSAGE, **wishes})

    def refused(self, wishes, path):
        error = self.host.error("message.protect", {"message": MESSAGE, **wishes})
        self.assertEqual(error.code, -32602, wishes)
        self.assertIn(path, error.data["path"])

    def test_result_has_every_field(self):
        result = self.protect(sign={}, encrypt={"cipher": "aes-256-gcm"})
        self.assertEqual(set(result), {"copies", "signedWith", "encryptedTo", "cipher", "form",
                                       "headerProtection", "warnings"})
        self.assertEqual([copy["role"] for copy in result["copies"]], ["main", "bcc", "sent"])
        for copy in result["copies"]:
            self.assertEqual(set(copy), {"role", "envelope", "message", "size", "cipher"})
            self.assertEqual(copy["envelope"]["from"], "alice@example.org")
            self.assertEqual(len(base64.b64decode(copy["message"]["base64"])), copy["size"])
        self.assertEqual([copy["envelope"]["to"] for copy in result["copies"]],
                         [["bob@example.org"], ["carol@example.org"], ["alice@example.org"]])
        self.assertEqual([to["address"] for to in result["encryptedTo"]],
                         ["bob@example.org", "carol@example.org"])
        self.assertEqual((result["cipher"], result["form"], result["warnings"]),
                         ("aes-256-gcm", "opaque", []))
        self.assertRegex(result["signedWith"], "^[0-9a-f]{64}$")

    def test_every_copy_opens_good(self):
        for wishes in ({"sign": {}}, {"sign": {"form": "opaque"}}, {"sign": {}, "encrypt": {}},
                       {"sign": {"certificate": "auto"}, "route": "gmail"}):
            for copy in self.protect(**wishes)["copies"]:
                with self.subTest(wishes=wishes, role=copy["role"]):
                    opened = self.host.request("message.open", {"message": copy["message"]})
                    self.assertEqual(opened["signature"]["status"], "good")
                    self.assertIn(b"the text", base64.b64decode(opened["content"]["base64"]))

    def test_a_dry_run_gives_sizes_and_no_message(self):
        for wishes in ({"sign": {}}, {"sign": {"form": "opaque"}}, {"encrypt": {}},
                       {"sign": {}, "encrypt": {}},
                       {"sign": {}, "encrypt": {"cipher": "aes-256-gcm"}}):
            real = self.protect(**wishes)
            dry = self.protect(**wishes, dryRun=True)
            for ours, theirs in zip(dry["copies"], real["copies"], strict=True):
                self.assertNotIn("message", ours)
                self.assertEqual(ours["envelope"], theirs["envelope"])
                self.assertEqual(ours.get("cipher"), theirs.get("cipher"))
                self.assertEqual(ours["size"], theirs["size"], "exact with an RSA key")
            self.assertEqual({**dry, "copies": []}, {**real, "copies": []})

    def test_wishes_that_are_not_there_are_refused(self):
        self.refused({"headerProtection": "confidential"}, "headerProtection")
        self.refused({"sign": {}, "headerProtection": "confidential"}, "headerProtection")
        self.refused({"encrypt": {}, "headerProtection": "signed"}, "headerProtection")
        self.refused({"encrypt": {"cipher": "des"}}, "cipher")
        self.refused({"encrypt": {"toself": True}}, "toself")
        self.refused({"sign": {"form": "clear"}}, "form")
        self.refused({"route": "pigeon"}, "route")
        self.refused({"sign": True}, "sign")

    def check_recipient(self, address, reason):
        text = HEADER.replace("bob@", address + "@") + "x\r\n"
        error = self.host.error("message.protect", {"message": {"text": text}, "encrypt": {}})
        self.assertEqual((error.reason, error.data["path"]), (reason, "recipients[0]"))
        self.assertNotIn(address, error.message)

    def test_recipients_without_a_usable_certificate_are_told(self):
        self.check_recipient("eve", "recipient-certificate-missing")
        self.check_recipient("expired", "recipient-certificate-unusable")
        self.check_recipient("sign-only", "recipient-certificate-unusable")

    def test_every_recipient_in_the_way_is_named(self):
        text = ("From: alice@example.org\r\nTo: eve@example.org, bob@example.org\r\n"
                "Cc: expired@example.org\r\nBcc: mallory@example.org\r\n\r\nx\r\n")
        error = self.host.error("message.protect", {"message": {"text": text}, "encrypt": {}})
        self.assertEqual(error.reason, "recipient-certificate-missing")
        self.assertEqual(error.data["path"], "recipients[0]")
        self.assertEqual([(item["address"], item["reason"]) for item in error.data["recipients"]],
                         [("eve@example.org", "recipient-certificate-missing"),
                          ("expired@example.org", "recipient-certificate-unusable"),
                          ("mallory@example.org", "recipient-certificate-missing")])
        self.assertNotIn("example.org", self.host.stderr())

    def test_a_sender_without_a_key_is_told(self):
        text = HEADER.replace("alice@", "eve@") + "x\r\n"
        error = self.host.error("message.protect", {"message": {"text": text}, "sign": {}})
        self.assertEqual(error.reason, "key-absent")

    def test_a_message_without_from_is_refused(self):
        error = self.host.error("message.protect",
                                {"message": {"text": "To: bob@example.org\r\n\r\nx"}, "sign": {}})
        self.assertEqual(error.reason, "message-malformed")


class Signed(WithPeople):
    """What stands in the SignedData beside the signature."""

    def printed(self):
        result = self.host.request("message.protect",
                                   {"message": MESSAGE, "sign": {"form": "opaque"}})
        message = base64.b64decode(result["copies"][0]["message"]["base64"])
        return subprocess.run(["openssl", "cms", "-cmsout", "-print", "-noout"], input=message,
                              check=True, capture_output=True).stdout.decode("utf-8", "replace")

    def test_the_chain_goes_along_without_the_root(self):
        subjects = [line for line in self.printed().splitlines() if "subject:" in line]
        self.assertEqual(len(subjects), 2, subjects)
        self.assertIn("CN=alice", subjects[0])
        self.assertIn("CN=intermediate", subjects[1])

    def test_the_senders_wish_to_be_encrypted_to_goes_along(self):
        self.assertIn("1.2.840.113549.1.9.16.2.11", self.printed())  # RFC 8551 2.5.3


class Locked(WithPeople):
    """The database has a password, which somebody would be asked for."""

    @classmethod
    def setUpClass(cls):
        cls.database = fixtures.database("alice", "bob", "carol")
        folder = fixtures.new_folder()
        for name, text in (("old", "\n"), ("new", "secret\n")):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                file.write(text)
        subprocess.run(["certutil", "-W", "-d", "sql:" + cls.database, "-f",
                        os.path.join(folder, "old"), "-@", os.path.join(folder, "new")],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def setUp(self):
        self.pinentry = fixtures.Pinentry("secret")
        self.host = self.start(config=self.pinentry.config())
        self.host.hello()

    def test_a_dry_run_asks_for_no_password(self):
        wishes = {"message": MESSAGE, "sign": {}, "encrypt": {}}
        dry = self.host.request("message.protect", {**wishes, "dryRun": True})
        self.assertEqual(self.pinentry.log(), "")
        made = self.host.request("message.protect", wishes)
        self.assertIn("GETPIN", self.pinentry.log(), "the token was never locked")
        self.assertEqual([copy["size"] for copy in dry["copies"]],
                         [copy["size"] for copy in made["copies"]])


class Resolve(WithPeople):
    def test_tells_of_each_address_in_order(self):
        addresses = ["bob@example.org", "eve@example.org", "expired@example.org",
                     "BOB@example.org"]
        result = self.host.request("recipients.resolve", {"addresses": addresses})
        self.assertEqual([item["address"] for item in result["items"]], addresses)
        self.assertEqual([item["status"] for item in result["items"]][:3],
                         ["usable", "missing", "unusable"])
        for item in result["items"]:
            self.assertLessEqual({"alternatives", "source", "problems", "required"}, set(item))
            self.assertEqual(item["required"], {"sign": False, "encrypt": False})
        self.assertIn("certificate-expired", result["items"][2]["problems"])
        self.assertIn(result["items"][0]["certificate"], result["certificates"])
        self.assertNotIn("certificate", result["items"][1])

    def test_refuses_what_are_no_addresses(self):
        for addresses in ("bob@example.org", [1], None, [None], {}):
            error = self.host.error("recipients.resolve", {"addresses": addresses})
            self.assertEqual(error.code, -32602, addresses)


if __name__ == "__main__":
    unittest.main()

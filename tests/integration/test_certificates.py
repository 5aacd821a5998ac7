"""certificates.list in pages; identities.import with a scripted dialog."""
import base64
import os
import unittest

import fixtures
from fixtures import HostTest, Pinentry


class List(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.database = fixtures.database("alice", "bob", "carol", "sign-only")

    def start(self, **options):
        return super().start(database=self.database, **options)

    def list(self, **params):
        return self.host.request("certificates.list", params)

    def test_pages_make_up_the_whole(self):
        whole = self.list()
        self.assertEqual(whole["total"], len(whole["items"]))
        self.assertEqual(whole["total"], 6)  # four people, intermediate, root
        pages = [self.list(offset=at, limit=2) for at in range(0, 6, 2)]
        self.assertEqual([item["id"] for page in pages for item in page["items"]],
                         [item["id"] for item in whole["items"]])
        self.assertEqual({page["total"] for page in pages}, {6})
        self.assertEqual({page["generation"] for page in pages}, {whole["generation"]})

    def test_a_page_behind_the_end_is_empty(self):
        self.assertEqual(self.list(offset=1000)["items"], [])
        self.assertEqual(self.list(limit=0)["items"], [])
        self.assertEqual(self.list(limit=0)["total"], 6)

    def test_limits_are_held(self):
        for params in ({"offset": -1}, {"limit": -1}, {"limit": 1001}, {"offset": 1.5},
                       {"purpose": "any"}, {"page": 1}):
            with self.subTest(params):
                self.assertEqual(self.host.error("certificates.list", params).code, -32602)

    def addresses(self, **params):
        return sorted(address.split("@")[0] for item in self.list(**params)["items"]
                      for address in item["addresses"])

    def test_filters(self):
        self.assertEqual(self.addresses(mine=True), ["alice", "bob", "carol", "sign-only"])
        self.assertEqual(self.list(mine=False)["total"], 2)
        self.assertEqual(self.addresses(address="BOB@example.org"), ["bob"])
        self.assertEqual(self.addresses(query="CAROL"), ["carol"])
        self.assertEqual(self.addresses(purpose="encrypt"), ["alice", "bob", "carol"])
        self.assertEqual(self.addresses(purpose="sign", query="sign-only"), ["sign-only"])
        self.assertEqual(self.list(purpose="ca")["total"], 2)


class Import(HostTest):
    says_hello = False

    def host_with(self, pinentry):
        self.folder = fixtures.database()
        host = self.start(database=self.folder, config=pinentry.config())
        host.hello()
        return host

    def file(self):
        fixtures.database("alice")  # packs alice.p12
        with open(os.path.join(fixtures.pki(), "alice.p12"), "rb") as file:
            return {"base64": base64.b64encode(file.read()).decode()}

    def test_the_right_password_imports_key_and_certificates(self):
        pinentry = Pinentry(pin="test")
        host = self.host_with(pinentry)
        result = host.request("identities.import", {"data": self.file()})
        self.assertEqual(result["keys"], 1)
        mine = host.request("certificates.list", {"mine": True})
        self.assertEqual([item["addresses"] for item in mine["items"]], [["alice@example.org"]])
        self.assertIn(mine["items"][0]["id"], result["certificates"])
        self.assertEqual(pinentry.log().count("GETPIN"), 1)

    def refused(self, pinentry, reason, **more):
        host = self.host_with(pinentry)
        before = fixtures.snapshot(self.folder)
        error = host.error("identities.import", {"data": self.file(), **more})
        self.assertEqual(error.reason, reason)
        self.assertEqual(host.request("certificates.list", {"mine": True})["items"], [])
        self.assertEqual(fixtures.snapshot(self.folder), before)
        self.assertNotIn("test", error.message.split())

    def test_a_wrong_password_is_asked_for_again_and_then_told(self):
        pinentry = Pinentry(pin="wrong")
        self.refused(pinentry, "import-password-incorrect")
        self.assertEqual(pinentry.log().count("GETPIN"), 3)

    def test_a_cancelled_dialog_imports_nothing(self):
        pinentry = Pinentry(pin=None)
        self.refused(pinentry, "pin-cancelled")
        self.assertEqual(pinentry.log().count("GETPIN"), 1)

    def test_no_dialog_where_none_is_allowed(self):
        pinentry = Pinentry(pin="test")
        self.refused(pinentry, "interaction-forbidden", interaction="none")
        self.assertNotIn("GETPIN", pinentry.log())

    def test_what_is_no_pkcs12_is_refused_without_a_dialog(self):
        pinentry = Pinentry(pin="test")
        host = self.host_with(pinentry)
        error = host.error("identities.import", {"data": {"text": "no PKCS#12"}})
        self.assertEqual(error.reason, "import-malformed")
        self.assertNotIn("GETPIN", pinentry.log())


if __name__ == "__main__":
    unittest.main()

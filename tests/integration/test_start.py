"""Start and end of the host: callers, host.hello, databases in every state (PROTOCOL.md 1, 4, 5)."""
import base64
import hashlib
import json
import os
import sqlite3
import struct
import subprocess
import time
import unittest

from fixtures import ROOT, SANITIZED, HostTest, Pinentry, database, new_folder, snapshot
from sealpost_client import HostError, binary

END_WITHIN = 1.0 if not SANITIZED else 3.0  # seconds
NOBODY = 65534
FOREIGN_ORIGIN = "chrome-extension://" + "a" * 32 + "/"


def shipped_origin():
    with open(os.path.join(ROOT, "extension", "chromium-key.txt"), encoding="ascii") as file:
        digest = hashlib.sha256(base64.b64decode(file.read())).hexdigest()[:32]
    return "chrome-extension://%s/" % digest.translate(
        str.maketrans("0123456789abcdef", "abcdefghijklmnop"))


class Callers(HostTest):
    says_hello = False

    def assert_refused(self, arguments):
        host = self.start(arguments=arguments)
        with self.assertRaises(HostError) as caught:
            host.hello()
        self.assertEqual(caught.exception.reason, "origin-not-allowed")
        self.assertEqual(host.wait_exit(), 1)

    def test_a_foreign_extension_is_refused(self):
        self.assert_refused([FOREIGN_ORIGIN])

    def test_a_foreign_add_on_is_refused(self):
        self.assert_refused(["/any/path/sealpost.json", "other@example.org"])

    def test_an_origin_that_only_looks_right_is_refused(self):
        self.assert_refused([shipped_origin()[:-1] + "x/"])
        self.assert_refused(["/any/path/sealpost.json", "@sealpost.example.org"])

    def test_the_shipped_extension_is_taken(self):
        host = self.start(arguments=[shipped_origin()])
        self.assertEqual(host.hello()["origin"], shipped_origin())

    def test_unknown_arguments_of_the_browser_are_ignored(self):
        host = self.start(arguments=[shipped_origin(), "--parent-window=0",
                                     "--reconnect-command=e30="])
        self.assertEqual(host.hello()["origin"], shipped_origin())

    def test_the_add_on_is_taken(self):
        self.assertEqual(self.host.hello()["origin"], "@sealpost")


class Hello(HostTest):
    says_hello = False

    def test_tells_what_the_host_can_do(self):
        result = self.host.hello(locale="de", site="https://mail.example.org")
        for field in ("version", "protocol", "nss", "origin", "methods", "capabilities", "limits",
                      "databases", "expiring", "policy"):
            self.assertIn(field, result)
        self.assertEqual(result["protocol"], 1)
        self.assertIn("message", result["methods"]["message.open"])
        self.assertIn("blob.append", result["methods"])
        for group in ("digest", "sign", "verify", "keyTransport", "keyAgreement",
                      "contentEncryption", "headerProtection", "directory", "revocation", "sandbox"):
            self.assertIn(group, result["capabilities"])

    def test_the_host_is_locked_down(self):
        self.host.hello()
        self.assertIn("NoNewPrivs:\t1", self.host.proc("status"))
        self.assertRegex(self.host.proc("limits"), r"Max core file size\s+0\s+0")
        try:
            outputs = [os.readlink("/proc/%d/fd/%d" % (self.host.process.pid, fd)) for fd in (1, 2)]
        except PermissionError:
            return  # not dumpable, and this is not root: as it should be
        self.assertEqual(*outputs)


class End(HostTest):
    says_hello = False

    def assert_ends(self, host):
        status, seconds = host.end()
        self.assertEqual(status, 0)
        self.assertLess(seconds, END_WITHIN)

    def test_before_hello(self):
        self.host.notification("host.ready")
        self.assert_ends(self.host)

    def test_after_hello(self):
        host = self.start(database=database("alice"))
        host.hello()
        self.assert_ends(host)

    def test_with_requests_in_flight(self):
        self.host.hello()
        for _ in range(50):
            self.host.send("message.open", {"message": {"text": "From: a@example.org\r\n\r\nHi\r\n"}})
        self.assert_ends(self.host)

    def test_with_nobody_to_read_the_answers(self):
        # host.hello's answers are some kilobytes each: a pipe holds few of them
        hello = json.dumps({"jsonrpc": "2.0", "id": 0, "method": "host.hello", "params": {
            "client": {"name": "t", "version": "1"}, "protocol": 1}}).encode()
        variables = {"HOME": new_folder(), "PATH": "/usr/bin:/bin", "SEALPOST_DB": new_folder()}
        process = subprocess.Popen([os.path.abspath(binary()), "/x/sealpost.json", "@sealpost"],
                                   env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        for i in range(200):
            body = hello.replace(b'"id": 0', b'"id": %d' % i)
            process.stdin.write(struct.pack("=I", len(body)) + body)
        process.stdin.flush()
        time.sleep(0.2)
        started = time.monotonic()
        process.stdin.close()
        process.wait(20)
        self.assertLess(time.monotonic() - started, END_WITHIN)

    def test_leaves_no_process_behind(self):
        self.host.hello()
        group = self.children()
        self.assert_ends(self.host)
        end = time.monotonic() + 2
        while any(map(self.lives, group)) and time.monotonic() < end:
            time.sleep(0.02)
        self.assertEqual([pid for pid in group if self.lives(pid)], [])

    @staticmethod
    def lives(pid):
        """Not ended; one that only waits for its new parent to take note of its end has."""
        try:
            with open("/proc/%s/stat" % pid, encoding="utf-8") as file:
                return file.read().rsplit(")", 1)[1].split()[0] != "Z"
        except FileNotFoundError:
            return False

    def children(self):
        return self.host.proc("task/%d/children" % self.host.process.pid).split()


class Databases(HostTest):
    says_hello = False

    def hello(self, folder, **options):
        host = self.start(database=folder, **options)
        result = host.hello()
        self.assertEqual(len(result["databases"]), 1)
        return host, result["databases"][0]

    def test_a_good_one_is_open_and_unchanged(self):
        folder = database("alice")
        before = snapshot(folder)
        host, found = self.hello(folder)
        self.assertEqual((found["state"], found["writable"], found["path"]), ("open", True, folder))
        self.assertEqual(host.request("certificates.list", {"mine": True})["total"], 1)
        host.end()
        self.assertEqual(snapshot(folder), before)

    def test_an_absent_one_is_told_and_not_made(self):
        folder = os.path.join(new_folder(), "absent")
        host, found = self.hello(folder)
        self.assertEqual(found["state"], "absent")
        self.assertEqual(host.error("message.protect", {
            "message": {"text": "From: alice@example.org\r\nTo: b@example.org\r\n\r\nHi\r\n"},
            "sign": {}}).code, -32000)
        host.end()
        self.assertFalse(os.path.exists(folder))

    def test_an_empty_directory_stays_empty(self):
        folder = new_folder()
        _, found = self.hello(folder)
        self.assertEqual(found["state"], "absent")
        self.assertEqual(os.listdir(folder), [])

    def test_a_corrupt_one_is_told_and_left_alone(self):
        folder = database("alice")
        with open(os.path.join(folder, "cert9.db"), "r+b") as file:
            file.write(b"this is no SQLite database, whatever its name says")
        before = snapshot(folder)
        host, found = self.hello(folder)
        self.assertEqual(found["state"], "corrupt")
        self.assertEqual(host.error("message.protect", {
            "message": {"text": "From: alice@example.org\r\nTo: b@example.org\r\n\r\nHi\r\n"},
            "sign": {}}).code, -32000)
        host.end()
        self.assertEqual(snapshot(folder), before)

    def test_one_cut_in_the_middle_is_no_crash(self):
        folder = database("alice")
        os.truncate(os.path.join(folder, "cert9.db"), 5000)
        before = snapshot(folder)
        host, found = self.hello(folder)
        self.assertIn(found["state"], ("corrupt", "open"))
        host.end()
        self.assertEqual(snapshot(folder), before)

    @unittest.skipUnless(os.getuid() == 0, "needs root, to become a user who may not write")
    def test_a_read_only_one_is_told_and_can_be_read(self):
        folder = database("alice")
        for name in os.listdir(folder):
            os.chmod(os.path.join(folder, name), 0o444)
        os.chmod(folder, 0o555)
        host, found = self.hello(folder, user=NOBODY)
        self.assertEqual((found["state"], found["writable"]), ("open", False))
        self.assertEqual(host.request("certificates.list", {})["total"] >= 1, True)

    def test_a_locked_one_is_told(self):
        folder = database("alice")
        lock = sqlite3.connect(os.path.join(folder, "cert9.db"), isolation_level=None)
        self.addCleanup(lock.close)
        lock.execute("BEGIN EXCLUSIVE")
        started = time.monotonic()
        _, found = self.hello(folder)
        self.assertEqual(found["state"], "locked")
        self.assertLess(time.monotonic() - started, 20)

    def test_creating_one_asks(self):
        folder = os.path.join(new_folder(), "new")
        host = self.start(database=folder, config=Pinentry(confirm=False).config())
        host.hello()
        self.assertEqual(host.error("databases.create", {"kind": "nssdb"}).reason, "consent-refused")
        self.assertFalse(os.path.exists(folder))

    def test_creating_one_after_a_yes(self):
        folder = os.path.join(new_folder(), "new")
        pinentry = Pinentry(confirm=True)
        host = self.start(database=folder, config=pinentry.config())
        host.hello(site="https://mail.example.org")
        host.request("databases.create", {"kind": "nssdb"})
        self.assertTrue(os.path.exists(os.path.join(folder, "cert9.db")))
        self.assertIn("mail.example.org", pinentry.log())

    def test_creating_one_without_interaction_is_refused(self):
        folder = os.path.join(new_folder(), "new")
        host = self.start(database=folder, config=Pinentry(confirm=True).config())
        host.hello()
        self.assertEqual(host.error("databases.create", {
            "kind": "nssdb", "interaction": "none"}).reason, "interaction-forbidden")
        self.assertFalse(os.path.exists(folder))

    def test_nothing_is_left_in_the_home(self):
        host, _ = self.hello(database("alice"))
        host.request("databases.list")
        host.end()
        self.assertEqual(os.listdir(host.home), [])

"""Blobs (PROTOCOL.md 3) against the real host."""
import base64
import os
import random

from fixtures import SANITIZED, HostTest

LIMIT_BLOBS = 64
LIMIT_BLOB_READ = 720_000
DEFAULT_BLOB_READ = 524_288
LIMIT_MESSAGE = 256 << 20


class Blobs(HostTest):
    def reason(self, method, **params):
        return self.host.error(method, params).reason

    def code(self, method, **params):
        return self.host.error(method, params).code

    def test_what_goes_in_comes_out(self):
        content = random.Random(1).randbytes(3_000_001)
        blob = self.host.upload(content)
        self.assertEqual(self.host.download({"blob": blob, "size": len(content)}), content)

    def test_appends_take_effect_in_the_order_they_arrive(self):
        blob = self.host.request("blob.create")["blob"]
        parts = [os.urandom(i % 50) for i in range(300)]
        ids = [self.host.send("blob.append", {
            "blob": blob, "base64": base64.b64encode(part).decode()}) for part in parts]
        sizes = [self.host.answer(request_id)["size"] for request_id in ids]
        self.assertEqual(sizes, [sum(map(len, parts[:i + 1])) for i in range(300)])
        self.assertEqual(self.host.download({"blob": blob}), b"".join(parts))

    def test_read_gives_the_part_asked_for(self):
        blob = self.host.upload(bytes(range(256)) * 4096)
        part = self.host.request("blob.read", {"blob": blob, "offset": 250, "length": 10})
        self.assertEqual(base64.b64decode(part["base64"]), bytes([*range(250, 256), 0, 1, 2, 3]))
        self.assertEqual((part["size"], part["eof"]), (1 << 20, False))
        part = self.host.request("blob.read", {"blob": blob, "offset": 0})
        self.assertEqual(len(base64.b64decode(part["base64"])), DEFAULT_BLOB_READ)
        part = self.host.request("blob.read", {"blob": blob, "offset": 0,
                                               "length": LIMIT_BLOB_READ})
        self.assertEqual(len(base64.b64decode(part["base64"])), LIMIT_BLOB_READ)

    def test_read_at_and_behind_the_end_gives_nothing(self):
        for content in (b"abc", b""):
            blob = self.host.upload(content)
            for offset in (len(content), 4, 1 << 40, (1 << 63) - 1):
                part = self.host.request("blob.read", {"blob": blob, "offset": offset})
                self.assertEqual((part["base64"], part["eof"]), ("", True))

    def test_read_of_too_much_is_refused(self):
        blob = self.host.upload(b"abc")
        self.assertEqual(self.code("blob.read", blob=blob, offset=0, length=LIMIT_BLOB_READ + 1),
                         -32602)
        self.assertEqual(self.code("blob.read", blob=blob, offset=-1), -32602)
        self.assertEqual(self.code("blob.read", blob=blob), -32602)

    def test_an_unknown_or_closed_blob_is_told(self):
        self.assertEqual(self.reason("blob.read", blob="b99", offset=0), "blob-unknown")
        self.assertEqual(self.reason("blob.append", blob="", base64="YQ=="), "blob-unknown")
        self.assertEqual(self.reason("blob.close", blob="b-1"), "blob-unknown")
        blob = self.host.upload(b"abc")
        self.host.request("blob.close", {"blob": blob})
        self.assertEqual(self.reason("blob.read", blob=blob, offset=0), "blob-unknown")
        self.assertEqual(self.reason("blob.close", blob=blob), "blob-unknown")

    def test_bad_base64_is_refused_and_changes_nothing(self):
        blob = self.host.upload(b"abc")
        for text in ("%", "YQ", "YQ=", "YQ===", "Y Q==", "YQ==\n", "=", "-_-_", "YQ==YQ=="):
            with self.subTest(text):
                self.assertEqual(self.code("blob.append", blob=blob, base64=text), -32602)
        self.assertEqual(self.host.download({"blob": blob}), b"abc")

    def test_one_blob_too_many_is_refused(self):
        blobs = [self.host.request("blob.create")["blob"] for _ in range(LIMIT_BLOBS)]
        self.assertEqual(len(set(blobs)), LIMIT_BLOBS)
        self.assertEqual(self.reason("blob.create"), "blob-limit")
        self.host.request("blob.close", {"blob": blobs[7]})
        self.host.request("blob.create")

    def test_more_than_a_message_may_have_is_refused(self):
        blob = self.host.request("blob.create")["blob"]
        part = base64.b64encode(b"x" * (24 << 20)).decode()
        reasons = set()
        for _ in range(LIMIT_MESSAGE // (24 << 20) + 1):
            try:
                self.host.request("blob.append", {"blob": blob, "base64": part})
            except Exception as error:
                reasons.add(getattr(error, "reason", repr(error)))
        self.assertEqual(reasons, {"message-too-large"})
        self.assert_usable()

    def test_a_hint_of_a_size_costs_no_memory(self):
        before = self.host.peak_memory()
        for _ in range(8):
            self.host.request("blob.create", {"size": LIMIT_MESSAGE})
        if not SANITIZED:
            self.assertLess(self.host.peak_memory() - before, 8 << 20)

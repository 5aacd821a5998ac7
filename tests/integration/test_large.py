"""25 MB through frames: equal content, an unchanged input, little memory; many requests at once."""
import base64
import random
import time
import unittest

import fixtures
from sealpost_client import Host, HostError

SIZE = 25 * 1000 * 1000
MB = 1000 * 1000


def large_message():
    """A message of SIZE bytes whose body is an attachment in base64, as mail programs make it."""
    chooser = random.Random(7)
    header = (b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: large\r\nMIME-Version: 1.0\r\n"
              b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n")
    line_count = (SIZE - len(header)) // 78
    raw = chooser.randbytes(57 * line_count)
    encoded = base64.b64encode(raw)
    lines = [encoded[at:at + 76] for at in range(0, len(encoded), 76)]
    return header + b"\r\n".join(lines) + b"\r\n"


class LargeMessage(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.database = fixtures.database("alice", "bob")
        cls.message = large_message()
        cls.body = cls.message.partition(b"\r\n\r\n")[2]

    def host(self):
        host = Host(database=self.database)
        self.addCleanup(host.stop)
        host.hello()
        return host

    def protected(self, **wishes):
        host = self.host()
        blob = host.upload(self.message)
        result = host.request("message.protect", {"message": {"blob": blob}, **wishes}, timeout=120)
        copies = {copy["role"]: copy for copy in result["copies"]}
        message = host.download(copies["main"]["message"])
        self.assertEqual(host.download({"blob": blob}), self.message, "the input blob was changed")
        # a result that holds two ciphertexts is larger by the second one, and by nothing else
        own = 0 if wishes["encrypt"].get("toSelf", True) else copies["sent"]["size"]
        self.check_memory(host, message, f"protect {wishes}", own)
        return message

    def check_memory(self, host, message, what, more=0):
        """Against the finished or received message: 1.8 times its size and 16 MB."""
        bound = 1.8 * len(message) + 16 * MB + more
        peak = host.peak_memory()
        print(f"{what}: peak {peak / MB:.1f} MB, message {len(message) / MB:.1f} MB, bound {bound / MB:.1f} MB")
        if not fixtures.SANITIZED:  # a sanitizer's own memory would be measured
            self.assertLessEqual(peak, bound)

    def check_open(self, received, signature):
        host = self.host()
        blob = host.upload(received)
        started = time.monotonic()
        result = host.request("message.open", {"message": {"blob": blob}}, timeout=120)
        seconds = time.monotonic() - started
        self.check_memory(host, received, f"open in {seconds * 1000:.0f} ms")
        self.assertEqual(result["encryption"]["status"], "encrypted")
        self.assertEqual(result["signature"]["status"], signature)
        content = host.download(result["content"])
        self.assertEqual(content.partition(b"\r\n\r\n")[2][-len(self.body):], self.body)
        self.assertEqual(host.download({"blob": blob}), received, "the input blob was changed")

    def test_encrypted_with_cbc(self):
        self.check_open(self.protected(encrypt={"cipher": "aes-256-cbc"}), "none")

    def test_encrypted_with_gcm(self):
        self.check_open(self.protected(encrypt={"cipher": "aes-256-gcm"}), "none")

    def test_main_that_the_sender_cannot_read(self):
        """main and sent are two messages then: the sender can always read his own."""
        self.check_open(self.protected(encrypt={"cipher": "aes-256-cbc", "toSelf": False}), "none")

    def test_signed_then_encrypted(self):
        self.check_open(self.protected(sign={}, encrypt={}), "good")

    def test_fifty_requests_beside_a_large_one(self):
        received = self.protected(encrypt={"cipher": "aes-256-cbc"})
        host = self.host()
        small = {"message": {"text": "From: alice@example.org\r\nSubject: small\r\n\r\nhello\r\n"}}
        blob = host.upload(received)
        large = host.send("message.open", {"message": {"blob": blob}})
        ids = [host.send("message.open", small) for _ in range(50)]
        moments = [host.answer_timed(request_id)[0] for request_id in ids]
        moment, result = host.answer_timed(large, 120)
        self.assertEqual(host.unwrapped(result)["encryption"]["status"], "encrypted")
        before = sum(at < moment for at in moments)
        print(f"{before} of 50 small messages were answered before the large one")
        self.assertGreater(before, 0)

    def test_cancel_of_a_large_one(self):
        received = self.protected(encrypt={"cipher": "aes-256-cbc"})
        host = self.host()
        blob = host.upload(received)
        large = host.send("message.open", {"message": {"blob": blob}})
        started = time.monotonic()
        host.cancel(large)
        with self.assertRaises(HostError) as caught:
            host.answer(large)
        self.assertEqual(caught.exception.code, -32800)
        self.assertLess(caught.exception.moment - started, 0.1)
        self.assertEqual(host.request("message.open", {"message": {"blob": blob}}, 120)["encryption"]["status"],
                         "encrypted")


if __name__ == "__main__":
    unittest.main()

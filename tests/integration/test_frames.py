"""Framing (PROTOCOL.md 1) against the real host."""
import json
import struct
import time

from fixtures import SANITIZED, HostTest

LIMIT_FRAME_IN = 64 << 20
LIMIT_FRAME_DESYNCHRONISED = 1 << 30
LIMIT_FRAME_OUT = 1 << 20
MORE_MEMORY = 64 << 20  # bytes that bad input may cost at the most


def padded_request(size):
    """host.hello as a frame's text of exactly this size."""
    text = json.dumps({"jsonrpc": "2.0", "id": "padded", "method": "host.hello", "params": {
        "client": {"name": "t", "version": "1"}, "protocol": 1}}).encode("ascii")
    return text + b" " * (size - len(text))


class Frames(HostTest):
    says_hello = False

    def test_the_host_speaks_first(self):
        ready = self.host.notification("host.ready")
        self.assertEqual(ready["name"], "sealpost")
        self.assertEqual(ready["protocols"], [1])
        self.assertRegex(ready["version"], r"^\d+\.\d+\.\d+$")

    def test_a_frame_that_breaks_off_is_the_end(self):
        self.host.send_bytes(struct.pack("=I", 100) + b'{"jsonrpc":')
        status, seconds = self.host.end()
        self.assertEqual(status, 0)
        self.assertLess(seconds, 1.0)

    def test_a_length_that_breaks_off_is_the_end(self):
        self.host.send_bytes(b"\x10\x00")
        self.assertEqual(self.host.end()[0], 0)

    def test_an_empty_frame_is_no_json(self):
        self.host.send_frame(b"")
        self.assertEqual(self.host.next_unmatched().code, -32700)
        self.assert_usable()

    def test_a_frame_of_the_largest_size_is_read(self):
        self.host.send_frame(padded_request(LIMIT_FRAME_IN))
        self.assertEqual(self.host.answer("padded")["protocol"], 1)

    def test_one_byte_more_is_skipped_and_answered(self):
        self.host.send_frame(padded_request(LIMIT_FRAME_IN + 1))
        error = self.host.next_unmatched()
        self.assertEqual((error.code, error.reason), (-32000, "frame-too-large"))
        self.host.hello()

    def test_a_frame_over_the_limit_costs_no_memory(self):
        self.host.notification("host.ready")
        before = self.host.peak_memory()
        part = b" " * (1 << 20)
        self.host.send_bytes(struct.pack("=I", 300 << 20))
        for _ in range(300):
            self.host.send_bytes(part)
        self.assertEqual(self.host.next_unmatched().reason, "frame-too-large")
        if not SANITIZED:
            self.assertLess(self.host.peak_memory() - before, MORE_MEMORY)
        self.assert_usable()

    def test_an_announced_length_costs_no_memory(self):
        self.host.notification("host.ready")
        before = self.host.peak_memory()
        self.host.send_bytes(struct.pack("=I", LIMIT_FRAME_IN) + b"{")
        time.sleep(0.3)
        if not SANITIZED:
            self.assertLess(self.host.peak_memory() - before, 8 << 20)

    def assert_desynchronised(self, head):
        self.host.send_bytes(head)
        error = self.host.next_unmatched()
        self.assertEqual((error.code, error.reason), (-32000, "frame-desynchronised"))
        self.assertEqual(self.host.wait_exit(), 2)

    def test_a_length_of_0x7fffffff_ends_the_host_with_2(self):
        self.assert_desynchronised(struct.pack("=I", 0x7FFFFFFF))

    def test_a_length_over_1_gib_ends_the_host_with_2(self):
        self.assert_desynchronised(struct.pack("=I", LIMIT_FRAME_DESYNCHRONISED + 1))

    def test_stray_text_ends_the_host_with_2(self):
        self.assert_desynchronised(b"/home/user/x\n")

    def test_frames_that_arrive_byte_by_byte(self):
        frame = padded_request(200)
        for byte in struct.pack("=I", len(frame)) + frame:
            self.host.send_bytes(bytes([byte]))
        self.assertEqual(self.host.answer("padded")["protocol"], 1)

    def test_many_frames_in_one_write(self):
        text = b'{"jsonrpc":"2.0","id":%d,"method":"no.such","params":{}}'
        frames = [text % i for i in range(200)]
        self.host.send_bytes(b"".join(struct.pack("=I", len(f)) + f for f in frames))
        for i in range(200):
            with self.assertRaises(Exception):
                self.host.answer(i)

    def test_no_frame_to_the_browser_is_over_its_limit(self):
        self.host.hello()
        self.host.error("no.such.method." + "x" * 900_000)
        self.assertLessEqual(max(self.host.sizes), LIMIT_FRAME_OUT)

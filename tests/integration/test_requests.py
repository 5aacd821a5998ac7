"""Requests: hello first, parameters, ids, cancel, many at once (PROTOCOL.md 2)."""
import time

from fixtures import SANITIZED, HostTest, Pinentry
from sealpost_client import HostError

CANCEL_WITHIN = 0.1 if not SANITIZED else 0.5  # seconds


class BeforeHello(HostTest):
    says_hello = False

    def test_everything_else_is_refused(self):
        for method in ("databases.list", "blob.create", "message.open", "certificates.list"):
            with self.subTest(method):
                error = self.host.error(method)
                self.assertEqual((error.code, error.reason), (-32000, "not-initialised"))

    def test_another_protocol_is_refused_and_hello_can_be_tried_again(self):
        error = self.host.error("host.hello", {"client": {"name": "t", "version": "1"},
                                               "protocol": 2})
        self.assertEqual(error.reason, "protocol-unsupported")
        self.assertEqual(error.data["supported"], [1])
        self.assertEqual(self.host.error("databases.list").reason, "not-initialised")
        self.host.hello()
        self.host.request("databases.list")


class Parameters(HostTest):
    def refused(self, method, params, path):
        error = self.host.error(method, params)
        self.assertEqual(error.code, -32602, (method, params))
        self.assertIn(path, error.data["path"])

    def test_an_unknown_parameter_is_refused(self):
        self.refused("databases.list", {"nonsense": 1}, "nonsense")
        self.refused("blob.create", {"Size": 1}, "Size")

    def test_a_missing_parameter_is_refused(self):
        self.refused("blob.append", {"base64": ""}, "blob")
        self.refused("message.open", {}, "message")

    def test_a_parameter_of_the_wrong_type_is_refused(self):
        self.refused("blob.create", {"size": "1"}, "size")
        self.refused("blob.create", {"size": 1.5}, "size")
        self.refused("blob.create", {"size": None}, "size")
        self.refused("blob.create", {"size": -1}, "size")
        self.refused("message.open", {"message": "From: a"}, "message")

    def test_data_takes_exactly_one_form(self):
        for data in ({}, {"text": "a", "base64": "YQ=="}, {"txet": "a"}, {"text": 1},
                     {"base64": "%%%%"}, {"base64": "YQ"}, {"base64url": "+/+/"}):
            with self.subTest(data):
                self.refused("message.open", {"message": data}, "message")

    def test_an_unknown_blob_is_told(self):
        self.assertEqual(self.host.error("message.open", {"message": {"blob": "b99"}}).reason,
                         "blob-unknown")


class InFlight(HostTest):
    """A dialog that nobody answers keeps a request in flight."""

    says_hello = False

    def setUp(self):
        self.pinentry = Pinentry(hang=True)
        self.host = self.start(config=self.pinentry.config())
        self.host.hello()
        self.waiting = self.host.send("databases.create", {"kind": "nssdb"}, "waiting")
        self.opened = self.host.notification("prompt.opened")

    def test_the_dialog_is_announced(self):
        self.assertEqual(self.opened["kind"], "consent")
        self.assertNotEqual(self.opened["id"], None)

    def test_a_cancel_is_answered_at_once(self):
        started = time.monotonic()
        self.host.cancel("waiting")
        with self.assertRaises(HostError) as caught:
            self.host.answer("waiting")
        self.assertEqual(caught.exception.code, -32800)
        self.assertLess(caught.exception.moment - started, CANCEL_WITHIN)
        self.assertEqual(self.host.notification("prompt.closed")["id"], self.opened["id"])
        end = time.monotonic() + 5
        while self.pinentry.is_running() and time.monotonic() < end:
            time.sleep(0.02)
        self.assertFalse(self.pinentry.is_running())

    def test_a_cancelled_id_can_be_used_again(self):
        self.host.cancel("waiting")
        with self.assertRaises(HostError):
            self.host.answer("waiting")
        self.host.send("databases.list", {}, "waiting")
        self.host.answer("waiting")

    def test_an_id_in_flight_is_refused_a_second_time(self):
        self.host.send("databases.list", {}, "waiting")

        def arrived():
            queue = self.host._answers.get("waiting")
            if queue:
                return queue.popleft()[1]
            return self.host.unmatched.pop(0) if self.host.unmatched else None
        self.assertEqual(self.host._wait(arrived, 30)["error"]["code"], -32600)
        self.host.cancel("waiting")
        with self.assertRaises(HostError) as caught:
            self.host.answer("waiting")
        self.assertEqual(caught.exception.code, -32800)

    def test_others_are_answered_meanwhile(self):
        ids = [self.host.send("databases.list") for _ in range(50)]
        for request_id in ids:
            self.host.answer(request_id)

    def test_dialogs_do_not_starve_the_pool(self):
        for i in range(20):
            self.host.send("databases.create", {"kind": "nssdb"}, "more-%d" % i)
        self.host.request("databases.list", timeout=5)

    def test_the_end_of_input_closes_the_dialog(self):
        status, seconds = self.host.end()
        self.assertEqual(status, 0)
        self.assertLess(seconds, 1.0 if not SANITIZED else 3.0)
        end = time.monotonic() + 2
        while self.pinentry.is_running() and time.monotonic() < end:
            time.sleep(0.02)
        self.assertFalse(self.pinentry.is_running())


class Cancel(HostTest):
    def test_of_an_unknown_id_does_nothing(self):
        self.host.cancel("nobody")
        self.host.cancel(7)
        self.assert_usable()
        self.assertEqual(self.host.unmatched, [])

    def test_behind_the_answer_does_nothing(self):
        request_id = self.host.send("databases.list")
        self.host.answer(request_id)
        self.host.cancel(request_id)
        self.host.request("databases.list")

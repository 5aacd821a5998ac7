"""Strict JSON and JSON-RPC 2.0 (PROTOCOL.md 2) against the real host."""
import json

from fixtures import HostTest

LIMIT_JSON_DEPTH = 32
LIMIT_ID_LENGTH = 128

HEAD = b'{"jsonrpc":"2.0","id":1,"method":"host.hello","params":'
NOT_JSON = {
    "nothing but space": b"  ",
    "cut": HEAD,
    "two values": b"{} {}",
    "garbage behind": HEAD + b"{}}x",
    "duplicate keys": b'{"jsonrpc":"2.0","id":1,"id":2,"method":"a","params":{}}',
    "duplicate keys in params": HEAD + b'{"a":1,"a":1}}',
    "duplicate keys by escape": HEAD + b'{"a":1,"\\u0061":1}}',
    "trailing comma in object": HEAD + b'{"a":1,}}',
    "trailing comma in array": HEAD + b'{"a":[1,]}}',
    "single quotes": b"{'jsonrpc':'2.0'}",
    "unquoted key": b'{jsonrpc:"2.0"}',
    "comment": b'/* a */{"jsonrpc":"2.0"}',
    "NaN": HEAD + b'{"a":NaN}}',
    "Infinity": HEAD + b'{"a":-Infinity}}',
    "1.": HEAD + b'{"a":1.}}',
    ".5": HEAD + b'{"a":.5}}',
    "+1": HEAD + b'{"a":+1}}',
    "leading zero": HEAD + b'{"a":01}}',
    "hex": HEAD + b'{"a":0x10}}',
    "number too large": HEAD + b'{"a":1e999}}',
    "True": HEAD + b'{"a":True}}',
    "raw control character": HEAD + b'{"a":"\n"}}',
    "NUL byte": HEAD + b'{"a":"\x00"}}',
    "NUL behind": HEAD + b"{}}\x00",
    "NUL escape": HEAD + b'{"a":"\\u0000"}}',
    "lone high surrogate": HEAD + b'{"a":"\\ud800"}}',
    "lone low surrogate": HEAD + b'{"a":"\\udc00x"}}',
    "unknown escape": HEAD + b'{"a":"\\x41"}}',
    "byte ff": HEAD + b'{"a":"\xff"}}',
    "latin-1": HEAD + b'{"a":"\xfc"}}',
    "overlong": HEAD + b'{"a":"\xc0\xaf"}}',
    "surrogate in UTF-8": HEAD + b'{"a":"\xed\xa0\x80"}}',
    "above U+10FFFF": HEAD + b'{"a":"\xf4\x90\x80\x80"}}',
    "byte order mark": b"\xef\xbb\xbf" + HEAD + b"{}}",
    "UTF-16": '{"jsonrpc":"2.0"}'.encode("utf-16"),
    "nesting over the limit": b"[" * (LIMIT_JSON_DEPTH + 1) + b"]" * (LIMIT_JSON_DEPTH + 1),
    "100,000 brackets": b"[" * 100_000,
}
NOT_A_REQUEST = {
    "a number": b"1",
    "a string": b'"host.hello"',
    "null": b"null",
    "an empty object": b"{}",
    "a batch": b"[" + HEAD + b"{}}]",
    "an empty batch": b"[]",
    "no jsonrpc": b'{"id":1,"method":"host.hello","params":{}}',
    "jsonrpc 1.0": b'{"jsonrpc":"1.0","id":1,"method":"host.hello","params":{}}',
    "method a number": b'{"jsonrpc":"2.0","id":1,"method":1,"params":{}}',
    "no method": b'{"jsonrpc":"2.0","id":1,"params":{}}',
    "id null": b'{"jsonrpc":"2.0","id":null,"method":"host.hello","params":{}}',
    "id a fraction": b'{"jsonrpc":"2.0","id":1.5,"method":"host.hello","params":{}}',
    "id an object": b'{"jsonrpc":"2.0","id":{},"method":"host.hello","params":{}}',
    "id too long": b'{"jsonrpc":"2.0","id":"%s","method":"a","params":{}}'
                   % (b"x" * (LIMIT_ID_LENGTH + 1)),
    "deep but within the limit": b"[" * LIMIT_JSON_DEPTH + b"]" * LIMIT_JSON_DEPTH,
}


class Json(HostTest):
    def test_what_is_no_strict_json_is_refused(self):
        for name, body in NOT_JSON.items():
            with self.subTest(name):
                self.host.send_frame(body)
                self.assertEqual(self.host.next_unmatched().code, -32700)
        self.assert_usable()

    def refused_code(self, body):
        """With id null, or with the id where it could be read."""
        self.host.send_frame(body)

        def arrived():
            if self.host.unmatched:
                return self.host.unmatched.pop(0)
            queue = self.host._answers.get(1)
            return queue.popleft()[1] if queue else None
        return self.host._wait(arrived, 30)["error"]["code"]

    def test_what_is_no_request_is_refused(self):
        for name, body in NOT_A_REQUEST.items():
            with self.subTest(name):
                self.assertEqual(self.refused_code(body), -32600)
        self.assert_usable()

    def test_params_that_are_no_object_are_refused(self):
        for body in (b"[]", b"1", b"null"):
            with self.subTest(body):
                self.assertIn(self.refused_code(
                    b'{"jsonrpc":"2.0","id":1,"method":"databases.list","params":' + body + b"}"),
                    (-32600, -32602))

    def test_unusual_but_right_json_is_taken(self):
        self.host.send_frame(
            b' \t\r\n{ "\\u006asonrpc" : "2.0", "id" : "\\ud83d\\ude00", "method" :\n'
            b'"no.such", "params" : { } } \n')
        with self.assertRaisesRegex(Exception, "-32601"):
            self.host.answer("\U0001f600")

    def test_ids_come_back_as_they_went(self):
        for request_id in (0, -1, 2 ** 53, 2 ** 63 - 1, "", "a b", "\u00fc\U0001f600", "1",
                           "x" * LIMIT_ID_LENGTH):
            with self.subTest(request_id):
                self.host.send("no.such", {}, request_id)
                with self.assertRaisesRegex(Exception, "-32601"):
                    self.host.answer(request_id)

    def test_errors_have_the_documented_shape(self):
        error = self.host.error("no.such.method")
        self.assertEqual(error.code, -32601)
        self.assertTrue(error.message)
        self.assertIsInstance(error.data, dict)

    def test_a_notification_gets_no_answer(self):
        self.host.notify("no.such.notification", {})
        self.host.notify("databases.list", {})
        self.host.send_text(json.dumps({"jsonrpc": "2.0", "method": "$/cancelRequest"}))
        self.assert_usable()
        self.assertEqual(self.host.unmatched, [])

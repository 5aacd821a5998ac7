"""Starts the real host as a browser would and speaks frames with it. Standard library only.

    with Host(database=directory) as host:
        host.hello()
        result = host.request("message.open", {"message": {"text": "..."}})

Every host has a home of its own, which is removed with it; no database of the user is ever seen.
"""
import base64
import collections
import json
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import threading
import time

TIMEOUT = 30.0  # seconds; generous, for sanitizer builds on a busy machine
PART = 512 * 1024  # bytes of content in one blob.append
ORIGIN = "@sealpost"
KEPT_ENVIRONMENT = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LD_LIBRARY_PATH", "SEALPOST_LOG")


class HostError(Exception):
    """An error response: code, message, data (a dict, perhaps empty)."""

    def __init__(self, error):
        super().__init__("%s %s: %s" % (error["code"], error.get("data"), error["message"]))
        self.code = error["code"]
        self.message = error["message"]
        self.data = error.get("data") or {}
        self.reason = self.data.get("reason")


class HostGone(Exception):
    """The host ended, or closed its output, before the answer came."""


def binary():
    return os.environ.get("SEALPOST_BINARY") or os.path.join("build", "host", "sealpost")


class Host:
    def __init__(self, database=None, arguments=None, config=None, environment=None, user=None):
        self.home = tempfile.mkdtemp(prefix="sealpost-home-")
        os.chmod(self.home, 0o755)
        self.database = database or os.path.join(self.home, "no-database")
        self.notifications = []
        self.unmatched = []  # responses with id null, or to ids that nobody waits for
        self.trailing = b""  # bytes at the end of stdout that are no whole frame
        self.sizes = []  # of all frames that came
        self._answers = {}
        self._news = threading.Condition()
        self._next_id = 0
        self._ended = False
        self._write_lock = threading.Lock()
        self._start(arguments, config, environment, user)

    def _start(self, arguments, config, environment, user):
        if arguments is None:
            arguments = [os.path.join(self.home, "sealpost.json"), ORIGIN]
        variables = {name: os.environ[name] for name in KEPT_ENVIRONMENT if name in os.environ}
        variables.update(HOME=self.home, PATH="/usr/bin:/bin", LANG="C.UTF-8",
                         SEALPOST_DB=self.database)
        if config is not None:
            path = os.path.join(self.home, "config.json")
            with open(path, "w", encoding="utf-8") as file:
                json.dump(config, file)
            variables["SEALPOST_CONFIG"] = path
        variables.update(environment or {})
        extra = {}
        if user is not None:
            shutil.chown(self.home, user, user)
            extra = {"user": user, "group": user, "extra_groups": []}
        self._stderr = tempfile.TemporaryFile()
        self.process = subprocess.Popen([os.path.abspath(binary()), *arguments], cwd=self.home,
                                        env=variables, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=self._stderr, **extra)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # reading

    def _read(self):
        stream = self.process.stdout
        while True:
            head = stream.read(4)
            if len(head) < 4:
                self.trailing = head
                break
            size = struct.unpack("=I", head)[0]
            body = stream.read(min(size, 1 << 26))
            if len(body) < size:
                self.trailing = head + body
                break
            self._take(body)
        with self._news:
            self._ended = True
            self._news.notify_all()

    def _take(self, body):
        try:
            message = json.loads(body.decode("utf-8"))
        except ValueError:
            self.trailing = body
            return
        with self._news:
            self.sizes.append(len(body))
            if "method" in message:
                self.notifications.append((time.monotonic(), message["method"],
                                           message.get("params", {})))
            elif message.get("id") is None:
                self.unmatched.append(message)
            else:
                self._answers.setdefault(message["id"], collections.deque()).append(
                    (time.monotonic(), message))
            self._news.notify_all()

    def _wait(self, condition, timeout):
        """The first thing that condition() gives which is not None."""
        end = time.monotonic() + timeout
        with self._news:
            while True:
                found = condition()
                if found is not None:
                    return found
                if self._ended:
                    raise HostGone("the host closed its output; stderr: " + self.stderr()[-2000:])
                if not self._news.wait(max(0.0, end - time.monotonic())) and \
                        time.monotonic() >= end:
                    raise TimeoutError("nothing came within %g s" % timeout)

    # sending

    def send_bytes(self, data):
        with self._write_lock:
            self.process.stdin.write(data)
            self.process.stdin.flush()

    def send_frame(self, body):
        self.send_bytes(struct.pack("=I", len(body)) + body)

    def send_text(self, text):
        self.send_frame(text.encode("utf-8"))

    def send(self, method, params=None, request_id=None):
        """Sends a request and gives its id, for answer()."""
        if request_id is None:
            self._next_id += 1
            request_id = self._next_id
        message = {"jsonrpc": "2.0", "id": request_id, "method": method, "params": params or {}}
        self.send_text(json.dumps(message))
        return request_id

    def notify(self, method, params):
        self.send_text(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}))

    def cancel(self, request_id):
        self.notify("$/cancelRequest", {"id": request_id})

    # answers

    def answer(self, request_id, timeout=TIMEOUT):
        """The result of a request that was sent; HostError where an error came."""
        return self.answer_timed(request_id, timeout)[1]

    def answer_timed(self, request_id, timeout=TIMEOUT):
        """(moment it came, result)"""
        def arrived():
            queue = self._answers.get(request_id)
            return queue.popleft() if queue else None
        moment, message = self._wait(arrived, timeout)
        if "error" in message:
            error = HostError(message["error"])
            error.moment = moment
            raise error
        return moment, message["result"]

    def request(self, method, params=None, timeout=TIMEOUT):
        return self.unwrapped(self.answer(self.send(method, params), timeout))

    def unwrapped(self, result):
        """A result that did not fit in a frame comes as a blob that holds it as JSON."""
        if isinstance(result, dict) and set(result) == {"blob", "size", "encoding"}:
            return json.loads(self.download(result))
        return result

    def error(self, method, params=None, timeout=TIMEOUT):
        """The HostError that a request must give."""
        try:
            result = self.request(method, params, timeout)
        except HostError as error:
            return error
        raise AssertionError("%s gave a result: %.300s" % (method, result))

    def next_unmatched(self, timeout=TIMEOUT):
        """The next response whose id is null, as HostError."""
        message = self._wait(lambda: self.unmatched.pop(0) if self.unmatched else None, timeout)
        return HostError(message["error"])

    def notification(self, method, timeout=TIMEOUT):
        """Parameters of the first notification of this name, taken off the list."""
        def arrived():
            for i, (_, name, params) in enumerate(self.notifications):
                if name == method:
                    del self.notifications[i]
                    return params
            return None
        return self._wait(arrived, timeout)

    def hello(self, **more):
        params = {"client": {"name": "test", "version": "1"}, "protocol": 1, **more}
        return self.request("host.hello", params)

    # content

    def upload(self, content):
        blob = self.request("blob.create", {"size": len(content)})["blob"]
        ids = [self.send("blob.append", {
            "blob": blob, "base64": base64.b64encode(content[at:at + PART]).decode("ascii")})
            for at in range(0, len(content), PART)]
        for request_id in ids:
            self.answer(request_id)
        return blob

    def download(self, data):
        """The bytes of a result's Data; a blob is closed afterwards."""
        if "base64" in data:
            return base64.b64decode(data["base64"], validate=True)
        content = bytearray()
        while True:
            part = self.request("blob.read", {"blob": data["blob"], "offset": len(content)})
            content += base64.b64decode(part["base64"], validate=True)
            if part["eof"]:
                break
        self.request("blob.close", {"blob": data["blob"]})
        return bytes(content)

    # the end

    def close_input(self):
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass

    def wait_exit(self, timeout=TIMEOUT):
        status = self.process.wait(timeout)
        self._reader.join(timeout)
        return status

    def end(self, timeout=TIMEOUT):
        """Closes the port; (exit status, seconds that took)."""
        started = time.monotonic()
        self.close_input()
        status = self.wait_exit(timeout)
        return status, time.monotonic() - started

    def stop(self):
        self.close_input()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        self._reader.join(10)
        self.process.stdout.close()
        self._stderr.close()
        shutil.rmtree(self.home, ignore_errors=True)

    def stderr(self):
        self._stderr.seek(0)
        return self._stderr.read().decode("utf-8", "replace")

    def proc(self, name):
        """A file of /proc about the host, as text."""
        with open("/proc/%d/%s" % (self.process.pid, name), encoding="utf-8") as file:
            return file.read()

    def peak_memory(self):
        """Bytes resident at the most so far."""
        line = next(li for li in self.proc("status").splitlines() if li.startswith("VmHWM"))
        return int(line.split()[1]) * 1024

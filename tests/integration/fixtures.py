"""What the integration tests share: PKI, databases, a scripted pinentry, a base class."""
import atexit
import functools
import os
import shutil
import stat
import subprocess
import tempfile
import unittest

from sealpost_client import Host

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MAKE_PKI = os.path.join(ROOT, "tests", "fixtures", "make_pki.sh")
SANITIZED = "asan" in os.path.basename(os.environ.get("SEALPOST_BUILD", ""))

# An Assuan server that answers as told and notes every line it got, and its process id.
PINENTRY = """#!/bin/sh
echo $$ >"{folder}/pid"
echo "OK ready"
while read -r line; do
  printf '%s\\n' "$line" >>"{folder}/log"
  case "$line" in
    GETPIN*) {getpin} ;;
    CONFIRM*) {confirm} ;;
    BYE*) echo OK; exit 0 ;;
    *) echo OK ;;
  esac
done
"""
CANCELLED = 'echo "ERR 83886179 Operation cancelled <Pinentry>"'
HANGS = "exec sleep 600"


@functools.lru_cache(maxsize=None)
def scratch():
    """A directory for this whole run."""
    folder = tempfile.mkdtemp(prefix="sealpost-test-")
    os.chmod(folder, 0o755)
    atexit.register(shutil.rmtree, folder, True)
    return folder


@functools.lru_cache(maxsize=None)
def pki():
    """The directory of the PKI that tests/fixtures/make_pki.sh makes."""
    folder = os.path.join(scratch(), "pki")
    subprocess.run(["bash", MAKE_PKI, folder], check=True, stdout=subprocess.DEVNULL)
    return folder


def new_folder():
    folder = tempfile.mkdtemp(dir=scratch())
    os.chmod(folder, 0o755)
    return folder


def database(*names):
    """A new NSS database with the identities named and the root trusted for e-mail."""
    folder = os.path.join(new_folder(), "db")
    subprocess.run(["bash", MAKE_PKI, pki(), folder, *names], check=True,
                   stdout=subprocess.DEVNULL)
    return folder


def snapshot(folder):
    """Names and content of all files below, to see that nothing was changed."""
    found = {}
    for where, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(where, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = file.read()
    return found


class Pinentry:
    """A scripted pinentry: pin, or None to cancel; hang to never answer."""

    def __init__(self, pin=None, confirm=True, hang=False):
        self.folder = new_folder()
        self.path = os.path.join(self.folder, "pinentry")
        getpin = "echo 'D %s'; echo OK" % pin if pin is not None else CANCELLED
        script = PINENTRY.format(folder=self.folder, getpin=HANGS if hang else getpin,
                                 confirm=HANGS if hang else "echo OK" if confirm else CANCELLED)
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(script)
        os.chmod(self.path, stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP | stat.S_IROTH | stat.S_IXOTH)

    def config(self):
        return {"pinentry": self.path}

    def log(self):
        try:
            with open(os.path.join(self.folder, "log"), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def is_running(self):
        try:
            with open(os.path.join(self.folder, "pid"), encoding="utf-8") as file:
                os.kill(int(file.read()), 0)
        except (FileNotFoundError, ProcessLookupError):
            return False
        return True


class HostTest(unittest.TestCase):
    """Gives each test a host after host.hello; checks that it ends well and wrote only frames."""

    says_hello = True

    def setUp(self):
        self.host = self.start()
        if self.says_hello:
            self.host.hello()

    def start(self, **options):
        host = Host(**options)
        self.addCleanup(self.ended_well, host)
        return host

    def ended_well(self, host):
        try:
            if host.process.poll() is None:
                status, _ = host.end()
                self.assertEqual(status, 0, host.stderr()[-3000:])
            self.assertEqual(host.trailing, b"", "bytes on stdout that are no frame")
            self.assertNotIn("Sanitizer", host.stderr())
        finally:
            host.stop()

    def assert_usable(self, host=None):
        """The port still answers."""
        error = (host or self.host).error("no.such.method")
        self.assertIn(error.code, (-32601, -32000))

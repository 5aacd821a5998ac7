#!/usr/bin/env python3
"""Generated messages through message.protect, OpenSSL or gpgsm, and message.open: every byte of the content comes out
of the peer's hands and of ours as it went in. 300 messages; all 2,000 with SEALPOST_LONG=1 (tests/run.sh --long).

  python3 tests/roundtrip/suite.py [SEED]...    only these, with what went in and out written to the current directory"""

import base64
import os
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
for folder in (HERE, HERE.parent / "interop", HERE.parent / "integration"):
    sys.path.insert(0, str(folder))

import cases  # noqa: E402
import generate  # noqa: E402
import judge  # noqa: E402
import mime  # noqa: E402
import peers  # noqa: E402
import shape  # noqa: E402
from sealpost_client import Host  # noqa: E402

FEW, ALL = 300, 2000
PEOPLE = ("alice", "bob", "carol")
WISHES = (
    {"sign": {"form": "detached"}},
    {"sign": {"form": "opaque"}},
    {"sign": {}, "route": "gmail"},
    {"encrypt": {"cipher": "aes-256-cbc"}},
    {"encrypt": {"cipher": "aes-256-gcm"}},
    {"sign": {}, "encrypt": {"cipher": "aes-128-cbc"}},
    {"sign": {"form": "opaque"}, "encrypt": {"cipher": "aes-128-gcm"}},
    {"sign": {}, "headerProtection": "signed"},
    {"sign": {}, "encrypt": {}, "headerProtection": "confidential"},
    {},
)


def data(message):
    return {"base64": base64.b64encode(message).decode("ascii")}


class Difference(AssertionError):
    pass


def expect_none(found, where):
    if found:
        raise Difference(f"{where}:\n  " + "\n  ".join(found[:10]))


class Trip:
    """One message on its way."""

    def __init__(self, bench, message, wishes, peer):
        self.bench = bench
        self.message = message
        self.wishes = wishes
        self.peer = peer
        self.sent = b""
        self.opened = b""

    def go(self):
        self.protect()
        expect_none(shape.faults(self.sent, bool(self.wishes)) if self.strict() else [], "not fit to be sent")
        entity = self.by_peer(self.sent)
        inside = self.wishes.get("headerProtection") == "confidential"
        expect_none(judge.header_differences(self.message, entity if inside else self.sent), "the header")
        expect_none(judge.differences(self.message, entity), f"by {self.peer.name}")
        self.open()

    def strict(self):
        """The header of a message inside stays as it is, which matters only to a message that nothing protects."""
        return bool(self.wishes) or b"message/rfc822" not in self.message

    def protect(self):
        source = {"blob": self.bench.host.upload(self.message)} if len(self.message) > 500000 else data(self.message)
        result = self.bench.host.request("message.protect", {"message": source, **self.wishes})
        if "blob" in source:
            self.bench.host.request("blob.close", source)
        contents = [self.bench.host.download(copy["message"]) for copy in result["copies"]]
        self.sent = contents[0]
        assert [copy["role"] for copy in result["copies"]] == ["main", "sent"]

    def by_peer(self, message):
        """What the peer finds inside, all layers off; it raises where it does not believe a signature."""
        while True:
            header, _ = mime.split_header(message)
            if "multipart/signed" in header.lower():
                if "pkcs7-signature" not in header.lower():
                    return message
                cms, covered = mime.take_apart(message)
                self.peer.verify(cms, covered)
                return covered
            if "application/pkcs7-mime" not in header.lower():
                return message
            cms, _ = mime.take_apart(message)
            if "smime-type=signed-data" in header.lower():
                return self.peer.verify(cms)
            message = self.peer.decrypt("bob", cms)

    def open(self):
        source = {"blob": self.bench.host.upload(self.sent)} if len(self.sent) > 500000 else data(self.sent)
        result = self.bench.host.request("message.open", {"message": source})
        if "blob" in source:
            self.bench.host.request("blob.close", source)
        self.opened = self.bench.host.download(result["content"])
        signed, encrypted = "sign" in self.wishes, "encrypt" in self.wishes
        status = (result["signature"]["status"], result["encryption"]["status"])
        assert status == ("good" if signed else "none", "encrypted" if encrypted else "none"), \
            f"{result['signature']} {result['encryption']}"
        expect_none(judge.differences(self.message, self.opened), "by ourselves")
        expect_none(judge.header_differences(self.message, self.opened), "the header, by ourselves")


class Bench:
    def __init__(self, host, everybody):
        self.host = host
        self.everybody = everybody
        self.passed = 0
        self.failed = 0
        self.parts = 0

    def peer_for(self, number, wishes):
        """gpgsm for some of what it can read; it is ten times slower."""
        reads = "gcm" not in str(wishes)
        return self.everybody["gpgsm" if reads and number % 7 == 3 else "openssl"]

    def run(self, name, message, number):
        wishes = WISHES[number % len(WISHES)]
        trip = Trip(self, message, wishes, self.peer_for(number, wishes))
        try:
            trip.go()
        except Exception:  # one message must never stop the others
            self.failed += 1
            print(f"FAILED {name} {wishes} {trip.peer.name}\n{traceback.format_exc(limit=2)}")
        else:
            self.passed += 1
        return trip

    def expect(self, name, is_so):
        self.passed += bool(is_so)
        self.failed += not is_so
        if not is_so:
            print(f"FAILED {name}")


def check_the_judge(bench):
    """Planted faults: each must be found."""
    header = b"From: a@b.org\r\nDate: x\r\nMessage-ID: <y@b.org>\r\nMIME-Version: 1.0\r\n"
    message = header + b"Content-Type: text/plain; charset=utf-8\r\n\r\na line\r\nand one more\r\n"
    other = message.replace(b"one more", b"one less")
    bench.expect("the judge sees an altered byte", judge.differences(message, other))
    bench.expect("the judge sees a lost blank", judge.differences(message.replace(b"line\r", b"line \r"), message))
    bench.expect("the judge sees another name", judge.differences(message.replace(b"; charset", b"; name=x; charset"),
                                                                  message))
    bench.expect("the judge sees another subject", judge.header_differences(b"Subject: x\r\n" + message, message))
    bench.expect("the judge lets line ends differ", not judge.differences(message, message.replace(b"\r\n", b"\n")))
    for fault in (b"a line\r\nFrom me\r\n", b"blank \r\n", b"\xff\r\n", b"lone\n", b"x" * 999 + b"\r\n", b"x" * 77 + b"\r\n",
                  b".\r\n"):
        bench.expect(f"the shape of {fault[:20]!r}", shape.faults(message + fault, False))
    bench.expect("a sound shape", not shape.faults(message, False))
    bench.expect("the shape of what is not protected", shape.faults(message, True))


def write_out(seed, trip):
    for name, content in (("in", trip.message), ("sent", trip.sent), ("out", trip.opened)):
        Path(f"{seed}.{name}.eml").write_bytes(content)


def run_all(bench, seeds):
    check_the_judge(bench)
    for name, message in cases.CASES.items():
        for number in range(len(WISHES)):
            bench.run(f"{name} {number}", message, number)
    for seed in seeds:
        bench.run(f"seed {seed}", generate.message(seed), seed)


def main(arguments):
    with tempfile.TemporaryDirectory(prefix="sealpost-roundtrip-") as folder:
        pki, database = f"{folder}/pki", f"{folder}/db"
        make = str(HERE.parent / "fixtures" / "make_pki.sh")
        subprocess.run(("bash", make, pki), check=True, stdout=subprocess.DEVNULL)
        subprocess.run(("bash", make, pki, database, *PEOPLE), check=True, stdout=subprocess.DEVNULL)
        for name in ("openssl", "gpgsm"):
            Path(folder, name).mkdir()
        gpgsm = peers.Gpgsm(pki, Path(folder, "gpgsm"), PEOPLE)
        with Host(database=database) as host:
            host.hello()
            bench = Bench(host, {"openssl": peers.OpenSSL(pki, Path(folder, "openssl")), "gpgsm": gpgsm})
            for seed in arguments:
                write_out(seed, bench.run(f"seed {seed}", generate.message(int(seed)), int(seed)))
            if not arguments:
                run_all(bench, range(ALL if os.environ.get("SEALPOST_LONG") == "1" else FEW))
        gpgsm.stop()
    print(f"suite roundtrip: {bench.passed} passed, {bench.failed} failed, 0 skipped")
    return 1 if bench.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The unit tests, the integration tests and, where it is given, the corpus once more, with a newer NSS:
the one that Thunderbird or Firefox brings along is put before the system's on the library path of the
same built programs. What it can do more must stand in the capabilities, and nothing may come out worse
but what without_pkix.tsv lists: Mozilla builds its NSS without libpkix.

SEALPOST_NEWER_NSS names another folder with libnss3.so."""
import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(TESTS / "integration"))

import newer_nss  # noqa: E402
from sealpost_client import Host  # noqa: E402

COUNTS = re.compile(r"^suite [\w-]+: (\d+) passed, (\d+) failed, (\d+) skipped$", re.M)
SAMPLES = re.compile(r"^RFC 9788's samples: [1-9]\d* right, 0 wrong; ", re.M)
CASE = re.compile(r"^(right|WRONG) (\S+) (.*)$", re.M)


def environment(folder):
    variables = dict(os.environ)
    if folder:
        variables["LD_LIBRARY_PATH"] = folder
    return variables


def run(folder, *command):
    done = subprocess.run((sys.executable, *command), env=environment(folder), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def hello(folder):
    with Host(environment={"LD_LIBRARY_PATH": folder} if folder else {}) as host:
        return host.hello()


class Suite:
    def __init__(self, folder):
        self.folder = folder
        self.passed = 0
        self.failed = 0
        self.skipped = 0

    def check(self, right, text):
        self.passed += bool(right)
        self.failed += not right
        print(f"{'ok' if right else 'FAILED'}: {text}")

    def capabilities(self):
        old, new = hello(None), hello(self.folder)
        added = newer_nss.capabilities(new["capabilities"]) - newer_nss.capabilities(old["capabilities"])
        lost = newer_nss.capabilities(old["capabilities"]) - newer_nss.capabilities(new["capabilities"])
        print(f"NSS {old['nss']}: the system's. NSS {new['nss']}: {self.folder}, more: {sorted(added)}")
        self.check(newer_nss.number(new["nss"]) > newer_nss.number(old["nss"]), "the NSS on the path is the newer one")
        self.check(not lost, f"no capability is lost {sorted(lost)}")
        for name in ("sign:ed25519", "verify:ed25519", "keyAgreement:x25519"):
            self.check(name in newer_nss.capabilities(new["capabilities"]), f"{name} is there")
            if newer_nss.number(old["nss"]) < (3, 99):
                self.check(name not in newer_nss.capabilities(old["capabilities"]), f"{name} is not told of NSS {old['nss']}")

    def same_suite(self, name, *command):
        output = run(self.folder, *command)
        counts = COUNTS.findall(output)
        if not counts or counts[-1][1] != "0":
            print(output[-6000:])
        passed, failed, skipped = (int(count) for count in counts[-1]) if counts else (0, 1, 0)
        print(f"{name} with the newer NSS: {passed} passed, {failed} failed, {skipped} skipped")
        self.passed += passed
        self.failed += failed
        self.skipped += skipped

    def corpus(self):
        script = str(TESTS / "corpus" / "suite.py")
        old = {case: verdict == "right" for verdict, case, _ in CASE.findall(run(None, script, "--table"))}
        output = run(self.folder, script, "--table")
        found = CASE.findall(output)
        self.check(SAMPLES.search(output), "RFC 9788's samples are right with the newer NSS")
        self.check(len(found) == len(old) and old, f"the corpus ran with both: {len(old)} and {len(found)} cases")
        new = {case: verdict == "right" for verdict, case, _ in found}
        excused = read_excused()
        for _, case, text in found:
            if old.get(case) and not new[case] and case not in excused:
                self.check(False, f"{case} is right with the system's NSS, and wrong with the newer one: {text}")
        for case in sorted(excused):
            if new.get(case):
                self.check(False, f"{case} is right, and listed as what goes wrong without PKIX")
        for case in sorted(case for case in new if new[case] and not old.get(case)):
            print(f"right with the newer NSS alone: {case}")
        print(f"corpus: {sum(new.values())} of {len(new)} right with the newer NSS, {sum(old.values())} with the system's")
        self.passed += sum(new.values())


def read_excused():
    lines = (HERE / "without_pkix.tsv").read_text(encoding="utf-8").splitlines()
    return {line.split("\t")[0] for line in lines if line and not line.startswith("#")}


def main():
    folder = newer_nss.folder()
    if not folder:
        print("no NSS of Thunderbird or Firefox is installed")
        print("suite nss_new: 0 passed, 0 failed, 1 skipped")
        return 0
    suite = Suite(folder)
    suite.capabilities()
    suite.same_suite("unit", str(TESTS / "meson_suite.py"), "unit")
    suite.same_suite("integration", str(TESTS / "integration" / "suite.py"))
    if os.environ.get("SEALPOST_CORPUS") or (TESTS.parent.parent / "shared" / "corpus" / "MANIFEST.tsv").is_file():
        suite.corpus()
    print(f"suite nss_new: {suite.passed} passed, {suite.failed} failed, {suite.skipped} skipped")
    return 1 if suite.failed else 0


if __name__ == "__main__":
    sys.exit(main())

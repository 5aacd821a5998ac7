#!/usr/bin/env python3
"""Runs the third-party corpus against the real binary, prints a score a class, and fails where

  - a case that two of the three peers get right is wrong here (but for the algorithms that
    excused.tsv names, each with its reason),
  - a must-reject case comes out good, or the host crashes,
  - a case of good.tsv is not good,
  - a PKITS case comes out differently under the default policy than default_policy.tsv says,
  - a class scores below floor.tsv, which starts at the best two of three peers and only rises.

--table prints every case; --kinds KIND,… prints a table in Markdown of the cases of these kinds, with status
and words, for a note; --update-floor raises the floor.
"""

import base64
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "integration"))

import cases as corpus_cases  # noqa: E402
import databases  # noqa: E402
from sealpost_client import Host, HostError, HostGone  # noqa: E402

COUNTS = re.compile(r"^suite corpus: (\d+) passed, (\d+) failed, 0 skipped$", re.M)
FLOOR = HERE / "floor.tsv"
EXCUSED = HERE / "excused.tsv"
GOOD = HERE / "good.tsv"
DEFAULT_POLICY = HERE / "default_policy.tsv"
# PKITS asks for paths whose revocation is known, as policy "hard" does; cases of other sets say nothing of it.
SETTINGS = {"pkits": {"revocation": "hard"}}


def read_pairs(path):
    pairs = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, value = line.split("\t", 1)
            pairs[name] = value
    return pairs


def moment(case):
    when = case["verify_time"]
    return {} if when == "now" else {"at": when.replace(" ", "T") + "Z"}


class Runner:
    """One host a key set, started with its first case and again after a crash."""

    def __init__(self, corpus, folder, settings):
        self.corpus = corpus
        self.folder = Path(folder)
        self.settings = settings
        self.hosts = {}
        self.databases = {}

    def database(self, keyset):
        if keyset not in self.databases:
            self.databases[keyset] = databases.make(self.corpus, keyset, self.folder)
        return self.databases[keyset]

    def host(self, keyset):
        if keyset not in self.hosts:
            host = Host(database=str(self.database(keyset)), config=self.settings.get(keyset))
            host.hello()
            self.hosts[keyset] = host
        return self.hosts[keyset]

    def close(self):
        for host in self.hosts.values():
            host.stop()

    def call(self, keyset, method, params):
        return self.host(keyset).request(method, params)

    def message(self, case, data):
        result = self.call(case["keyset"], "message.open", {"message": data, "interaction": "none", **moment(case)})
        return corpus_cases.Outcome(
            status=result["signature"]["status"], problems=set(result["signature"]["problems"]),
            encryption=result["encryption"]["status"],
            encryption_problems=set(result["encryption"]["problems"]))

    def verify(self, case, data):
        params = {"cms": data, **moment(case)}
        if case["content"]:
            content = (self.corpus / case["content"]).read_bytes()
            params["content"] = {"base64": base64.b64encode(content).decode()}
        try:
            result = self.call(case["keyset"], "cms.verify", params)
        except HostError as error:
            return corpus_cases.Outcome(error=error.reason)
        return corpus_cases.Outcome(status=result["signature"]["status"],
                                    problems=set(result["signature"]["problems"]))

    def decrypt(self, case, data):
        try:
            result = self.call(case["keyset"], "cms.decrypt", {"cms": data, "interaction": "none"})
        except HostError as error:
            return corpus_cases.Outcome(error=error.reason)
        encryption = result["encryption"]
        return corpus_cases.Outcome(encryption=encryption["status"], encryption_problems=set(encryption["problems"]))

    def with_password(self, case, data):
        """Through the command line, which takes the password from a file."""
        path = self.folder / "password"
        path.write_text(case["password"] + "\n", encoding="utf-8")
        done = subprocess.run(
            [os.environ["SEALPOST_BINARY"], "call", "cms.decrypt", "-", "--db", str(self.database(case["keyset"])),
             "--pin-file", str(path)],
            input=json.dumps({"cms": data}).encode(), capture_output=True, check=False,
            env={"HOME": str(self.folder), "PATH": os.environ["PATH"]})
        if done.returncode:
            return corpus_cases.Outcome(crashed=done.returncode < 0, error=done.stderr.decode(errors="replace")[:200])
        encryption = json.loads(done.stdout)["encryption"]
        return corpus_cases.Outcome(encryption=encryption["status"], encryption_problems=set(encryption["problems"]))

    def cms(self, case, data):
        """Bare CMS: as what it is, and for damaged input both ways."""
        if case["expected"] == "pwri":
            return self.with_password(case, data)
        if case["kind"] == "verify":
            return self.verify(case, data)
        if case["kind"] == "decrypt":
            return self.decrypt(case, data)
        signed = self.verify(case, data)
        opened = self.decrypt(case, data)
        opened.status, opened.problems = signed.status, signed.problems
        opened.error = opened.error or signed.error
        return opened

    def pkcs12(self, case):
        """Through the command line, which takes the password from a file, into a database of its own."""
        path = self.folder / "p12" / case["id"]
        databases.new_database(path)
        password = path / "password"
        password.write_text(case["password"] + "\n", encoding="utf-8")
        data = base64.b64encode((self.corpus / case["file"]).read_bytes()).decode()
        done = subprocess.run(
            [os.environ["SEALPOST_BINARY"], "call", "identities.import", "-", "--db", str(path), "--pin-file",
             str(password)],
            input=('{"data":{"base64":"%s"}}' % data).encode(), capture_output=True, check=False,
            env={"HOME": str(path), "PATH": os.environ["PATH"]})
        return corpus_cases.Outcome(imported=done.returncode == 0, crashed=done.returncode < 0,
                                    error=done.stderr.decode(errors="replace")[:200] if done.returncode else None)

    def run(self, case):
        if case["format"] == "p12":
            return self.pkcs12(case)
        data = {"base64": base64.b64encode((self.corpus / case["file"]).read_bytes()).decode()}
        try:
            return self.message(case, data) if case["format"] == "eml" else self.cms(case, data)
        except HostError as error:
            return corpus_cases.Outcome(error=error.reason)
        except HostGone:
            self.hosts.pop(case["keyset"]).stop()
            return corpus_cases.Outcome(crashed=True)


def judge(results):
    """Right and all cases a class, and what must never be."""
    score = collections.defaultdict(lambda: [0, 0])
    failures = []
    excused = read_pairs(EXCUSED)
    for case, outcome in results:
        right = corpus_cases.is_right(case, outcome)
        entry = score[corpus_cases.class_of(case)]
        entry[0] += right
        entry[1] += 1
        if outcome.crashed:
            failures.append(f"{case['id']}: the host crashed")
        elif case["expected"] == "must_reject" and outcome.status == "good":
            failures.append(f"{case['id']}: must be rejected, but came out good")
        elif not right and corpus_cases.peers_right(case) >= 2 and case["id"] not in excused:
            failures.append(f"{case['id']}: two peers get it right; here {outcome}")
    return score, failures


def check_good(results, failures):
    """Cases that must be good without any word, not just as right as with the peers."""
    must = read_pairs(GOOD)
    good = {case["id"] for case, outcome in results if outcome.status == "good"}
    for name in sorted(set(must) - good):
        failures.append(f"{name}: must be good ({must[name]})")
    print(f"{len(good)} cases are good without any word, {len(must)} must be")


def check_floor(score, failures):
    for name, least in read_pairs(FLOOR).items():
        if score[name][0] < int(least):
            failures.append(f"class {name}: {score[name][0]} right, the floor is {least}")


def check_default_policy(results, failures):
    """The cases of SETTINGS again, without them. A verdict may be better there for one reason alone: that a
    usable CRL is missing is no problem. Which cases that are is written down, with what is missing."""
    excused = read_pairs(DEFAULT_POLICY)
    right = 0
    for case, outcome in results:
        is_right = corpus_cases.is_right(case, outcome)
        right += is_right
        if outcome.crashed or (case["expected"] == "must_reject" and outcome.status == "good"):
            failures.append(f"{case['id']}: {outcome} under the default policy")
        elif is_right == (case["id"] in excused):
            what = "right, but default_policy.tsv names it" if is_right else f"wrong: {outcome}"
            failures.append(f"{case['id']}: under the default policy {what}")
    print(f"under the default policy {right} of {len(results)} cases of {', '.join(SETTINGS)} are right,"
          f" {len(excused)} lack only a usable CRL")


def update_floor(score, results):
    peers = collections.Counter(
        corpus_cases.class_of(case) for case, _ in results if corpus_cases.peers_right(case) >= 2)
    old = read_pairs(FLOOR) if FLOOR.is_file() else {}
    lines = ["# class<TAB>least number of right cases; starts at the best two of three peers, only rises"]
    for name in sorted(score):
        least = max(int(old.get(name, 0)), score[name][0])
        lines.append(f"{name}\t{least}")
        if least < peers[name]:
            print(f"note: {name}: two of three peers get {peers[name]} right")
    FLOOR.write_text("\n".join(lines) + "\n", encoding="utf-8")


def print_kinds(results, kinds):
    print("| case | kind | expected | status | problem words | encryption | right |")
    print("|---|---|---|---|---|---|---|")
    for case, outcome in results:
        if case["kind"] in kinds:
            words = " ".join(sorted(outcome.problems | outcome.encryption_problems)) or "-"
            right = "yes" if corpus_cases.is_right(case, outcome) else "NO"
            print(f"| {case['id']} | {case['kind']} | {case['expected']} | {outcome.error or outcome.status} | {words}"
                  f" | {outcome.encryption} | {right} |")


def run_samples():
    """(passed, failed) of what RFC 9788 says of its own samples."""
    tests = unittest.TestLoader().loadTestsFromName("samples_9788")
    result = unittest.TextTestRunner(stream=sys.stdout).run(tests)
    bad = len(result.failures) + len(result.errors) + len(result.skipped)
    return result.testsRun - bad, bad


def run_programs(corpus):
    """(passed, failed) of the unit programs that need the corpus."""
    done = subprocess.run([sys.executable, str(HERE.parent / "meson_suite.py"), "corpus"], check=False, text=True,
                          capture_output=True, env={**os.environ, "SEALPOST_CORPUS": str(corpus)})
    counts = COUNTS.search(done.stdout)
    if done.returncode or not counts:
        print(done.stdout + done.stderr)
    return (int(counts[1]), int(counts[2])) if counts else (0, 1)


def main(arguments):
    corpus = corpus_cases.corpus_path()
    if not corpus:
        print("the corpus is not there (SEALPOST_CORPUS): nothing was checked")
        print("suite corpus: 0 passed, 0 failed, 1 skipped")
        return 0
    all_cases = corpus_cases.read_cases(corpus)
    with tempfile.TemporaryDirectory(prefix="sealpost-corpus-") as folder:
        runner = Runner(corpus, Path(folder) / "set", SETTINGS)
        results = [(case, runner.run(case)) for case in all_cases]
        runner.close()
        runner = Runner(corpus, Path(folder) / "default", {})
        by_default = [(case, runner.run(case)) for case in all_cases if case["keyset"] in SETTINGS]
        runner.close()
    score, failures = judge(results)
    check_default_policy(by_default, failures)
    if "--update-floor" in arguments:
        update_floor(score, results)
    check_good(results, failures)
    check_floor(score, failures)
    for case, outcome in results:
        right = corpus_cases.is_right(case, outcome)
        if "--table" in arguments or not right:
            print(f"{'right' if right else 'WRONG'} {case['id']} {case['expected']}: {outcome}"
                  f" (peers right: {corpus_cases.peers_right(case)})")
    if "--kinds" in arguments:
        print_kinds(results, arguments[arguments.index("--kinds") + 1].split(","))
    for name in sorted(score):
        print(f"{name:40} {score[name][0]:4} of {score[name][1]:4}")
    for failure in failures:
        print(f"FAILED {failure}")
    total = sum(entry[0] for entry in score.values())
    print(f"{total} of {len(results)} cases right")
    more = [run_samples(), run_programs(corpus)]
    print(f"RFC 9788's samples: {more[0][0]} right, {more[0][1]} wrong; unit programs: {more[1][0]} and {more[1][1]}")
    total += sum(passed for passed, _ in more)
    failed = len(failures) + sum(failed for _, failed in more)
    print(f"suite corpus: {total} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

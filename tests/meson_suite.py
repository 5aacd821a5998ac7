"""Runs one meson suite (unit, fuzz-replay, corpus) and counts single tests, not programs.

Criterion prints a synthesis line per program; the replay runner prints how many inputs it took. A
program that fails without having said which test failed (a crash, a leak) counts as one failure.
Criterion does not tell of a test that is skipped, which is why none may be (tests/lint/check_banned.py).
"""
import json
import os
import re
import subprocess
import sys

SYNTHESIS = re.compile(r"Tested: (\d+) \| Passing: (\d+) \| Failing: (\d+) \| Crashing: (\d+)")
REPLAYED = re.compile(r"replayed (\d+) inputs")


def count(entry):
    output = entry.get("stdout", "") + entry.get("stderr", "")
    good = entry["result"] == "OK"
    synthesis = SYNTHESIS.search(output)
    replayed = REPLAYED.search(output)
    passed = failed = 0
    if synthesis:
        passed = int(synthesis[2])
        failed = int(synthesis[3]) + int(synthesis[4])
    elif replayed:
        passed = int(replayed[1])
    if good and passed + failed == 0:
        failed = 1  # a program without tests proves nothing
    if not good and failed == 0:
        failed = 1
    return passed, failed


def main():
    suite, build = sys.argv[1], os.environ["SEALPOST_BUILD"]
    command = ["meson", "test", "-C", build, "--no-rebuild", "--suite", suite, "--print-errorlogs"]
    run = subprocess.run(command, stdin=subprocess.DEVNULL)
    totals = [0, 0]
    log = os.path.join(build, "meson-logs", "testlog.json")
    with open(log, encoding="utf-8") as lines:
        for line in lines:
            for i, number in enumerate(count(json.loads(line))):
                totals[i] += number
    print("suite %s: %d passed, %d failed, 0 skipped" % (suite, *totals))
    return 1 if run.returncode or totals[1] else 0


if __name__ == "__main__":
    sys.exit(main())

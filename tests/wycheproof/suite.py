#!/usr/bin/env python3
"""Runs the vectors of Project Wycheproof that lie in the corpus through the host's own calls.

A valid vector must be accepted with the result that it gives, an invalid one refused; one that is
"acceptable" may go either way. deviations.tsv names what comes out otherwise, each with its reason;
one that it names and that is as it should be fails, too. An algorithm that the NSS in use has not got
is told and counted nowhere.

--table prints every vector.
"""

import collections
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
DEVIATIONS = HERE / "deviations.tsv"
WANTED = {"valid": ("agreed",), "invalid": ("refused",), "acceptable": ("agreed", "refused")}


def corpus_path():
    """The corpus's folder of vectors, or None."""
    given = os.environ.get("SEALPOST_CORPUS")
    corpus = Path(given) if given else HERE.parents[2] / "shared" / "corpus"
    path = corpus / "wycheproof"
    return path if path.is_dir() else None


def read_deviations():
    deviations = {}
    for line in DEVIATIONS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, number, reason = line.split("\t", 2)
            deviations[name, int(number)] = reason
    return deviations


def run(vectors):
    program = Path(os.environ["SEALPOST_BUILD"]) / "tests" / "wycheproof" / "wycheproof"
    done = subprocess.run([program, vectors], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"the program failed ({done.returncode}): {done.stderr}")
    for line in done.stdout.splitlines():
        name, number, result, answer, comment = line.split("\t", 4)
        yield name, int(number), result, answer, comment


def main(arguments):
    vectors = corpus_path()
    if not vectors:
        print("the corpus is not there (SEALPOST_CORPUS): nothing was checked")
        print("suite wycheproof: 0 passed, 0 failed, 1 skipped")
        return 0
    rows = list(run(vectors))
    deviations = read_deviations()
    answers = collections.defaultdict(set)
    for name, _, _, answer, _ in rows:
        answers[name].add(answer)
    absent = {name for name, given in answers.items() if given == {"absent"}}
    score = collections.defaultdict(lambda: [0, 0, 0])  # as wanted, deviating with a reason, wrong
    for name, number, result, answer, comment in rows:
        if name in absent:
            continue
        wanted = answer in WANTED[result]
        named = (name, number) in deviations
        score[name][2 if wanted == named else 1 if named else 0] += 1
        if wanted == named:
            print(f"FAILED {name} {number} {result}: {answer}{', but deviations.tsv names it' if named else ''}"
                  f" ({comment})")
        elif "--table" in arguments:
            print(f"{name} {number} {result}: {answer} ({comment})")
    for name in sorted(answers):
        right, deviating, wrong = score[name]
        counts = f"{right} as wanted, {deviating} deviate with a reason, {wrong} wrong"
        print(f"{name:40} {'not in this NSS' if name in absent else counts}")
    passed = sum(entry[0] + entry[1] for entry in score.values())
    failed = sum(entry[2] for entry in score.values())
    print(f"suite wycheproof: {passed} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

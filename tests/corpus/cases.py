"""The cases of the third-party corpus and what each must give.

The corpus is used in place (SEALPOST_CORPUS, or ../shared/corpus beside the project); nothing of it is
copied into the project. Its MANIFEST.tsv says of each case what is expected and how three peers did.
"""

import csv
import dataclasses
import os
from pathlib import Path

# Words that keep a verdict from being good although mathematics, chain and time are right. The peers
# compare no addresses, take SHA-1 and short keys, and show a signature around encryption as the
# author's; where they are scored right, only these words may stand in our verdict.
STRICTER_THAN_PEERS = {
    "address-mismatch",
    "address-missing",
    "multiple-from",
    "weak-digest",
    "weak-key",
    "signed-outside-encryption",
}
ADDRESS_WORDS = {"address-mismatch", "address-missing", "multiple-from"}
WRONG_WORDS = {
    "digest-mismatch",
    "signature-mismatch",
    "signers-disagree",
    "content-not-covered",
    "embedded-content-in-detached",
    "attributes-malformed",
    "cms-malformed",
}
CHAIN_WORDS = {
    "chain-incomplete",
    "chain-untrusted",
    "certificate-expired",
    "certificate-not-yet-valid",
    "signer-unknown",
}


def corpus_path():
    """The corpus's folder, or None."""
    given = os.environ.get("SEALPOST_CORPUS")
    beside = Path(__file__).resolve().parents[3] / "shared" / "corpus"
    path = Path(given) if given else beside
    return path if (path / "MANIFEST.tsv").is_file() else None


def read_cases(corpus):
    with open(corpus / "MANIFEST.tsv", newline="", encoding="utf-8") as manifest:
        return list(csv.DictReader(manifest, delimiter="\t"))


def peers_right(case):
    """How many of the three peers get the case right."""
    columns = ("scored_openssl", "scored_gpgsm", "scored_nss")
    return sum(case[column] in ("right", "right*") for column in columns)


def class_of(case):
    return f"{case['kind']}/{case['expected']}"


@dataclasses.dataclass
class Outcome:
    """What the host said of a case, whatever method was asked."""

    status: str = "none"
    problems: set = dataclasses.field(default_factory=set)
    encryption: str = "none"
    encryption_problems: set = dataclasses.field(default_factory=set)
    error: str | None = None
    crashed: bool = False
    imported: bool | None = None

    @property
    def decrypted(self):
        return self.encryption == "encrypted"

    def __str__(self):
        words = ",".join(sorted(self.problems)) or "-"
        more = ",".join(sorted(self.encryption_problems))
        text = f"{self.status}[{words}] {self.encryption}[{more}]"
        if self.imported is not None:
            text = f"imported={self.imported}"
        return text + (f" error={self.error}" if self.error else "") + (" CRASH" if self.crashed else "")


def verified(outcome):
    """Right mathematics, chain and time; stricter rules of ours may stand against good."""
    if outcome.status == "good":
        return True
    return outcome.status == "unverified" and outcome.problems <= STRICTER_THAN_PEERS


def rejected(outcome):
    """Not good, and for a reason of the signature or chain: a wrong From alone proves nothing."""
    if outcome.error:
        return True
    return outcome.status != "good" and bool(outcome.problems - ADDRESS_WORDS) or outcome.status in ("none", "partial")


def nothing_believed(outcome):
    return outcome.status != "good" and not outcome.decrypted


def untrusted(outcome):
    return (outcome.status == "unverified" and bool(outcome.problems & CHAIN_WORDS)
            and not outcome.problems & WRONG_WORDS)


RULES = {
    "must_verify": verified,
    "must_decrypt": lambda o: o.decrypted,
    "must_decrypt_verify": lambda o: o.decrypted and verified(o),
    "must_reject": rejected,
    "must_not_decrypt": lambda o: not o.decrypted,
    "must_decrypt_outer_sig": lambda o: o.decrypted and o.status != "good",
    "must_decrypt_outer_bad": lambda o: o.decrypted and o.status != "good",
    "mismatch": lambda o: o.status == "unverified" and bool(o.problems & ADDRESS_WORDS),
    "partial": lambda o: o.status == "partial",
    "partial_enc": lambda o: o.encryption == "partial",
    "unsigned": lambda o: o.status == "none" and o.encryption == "none",
    "sig_ok_untrusted": untrusted,
    "malformed": nothing_believed,
    "parse_only": lambda o: True,
    "policy_reject": lambda o: o.status != "good",
    "policy_decrypt_reject": lambda o: o.decrypted and o.status != "good",
    "policy_either": lambda o: True,
    "policy_nist": lambda o: True,
    "nested_policy": lambda o: True,
    "app_reject": lambda o: True,
    "pwri": lambda o: o.decrypted,
    "no_key": lambda o: o.encryption == "failed" and "no-matching-key" in o.encryption_problems,
    "unsupported_alg": lambda o: o.status in ("unverified", "bad") and "algorithm-unsupported" in o.problems,
    "import_ok": lambda o: bool(o.imported),
}


def is_right(case, outcome):
    if outcome.crashed:
        return False
    if case["kind"] == "pkcs12" and case["expected"] == "must_reject":
        return not outcome.imported
    return RULES[case["expected"]](outcome)

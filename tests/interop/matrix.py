"""The matrix: every row of matrix_rows.py, with every peer, both ways, with the system's NSS on our side and
with a newer one. It is written as Markdown to stdout and to interop-matrix.md in the build directory.

A cell is "pass", "peer cannot", "we cannot" or "-" (Sealpost only reads this). "we cannot" is accepted only
where host.hello does not name the capability, softoken's list of mechanisms has it not and the host itself
answers algorithm-unsupported. "peer cannot" is accepted only where matrix_known.py expects the peer's own
error, which is shown; and what the peer cannot read of ours it must refuse of another peer's as well,
where one has made it. Anything else is a failure."""

import base64
import os
import re
import subprocess
import tempfile
import traceback
from pathlib import Path

import matrix_known
import matrix_people
import matrix_peers
import matrix_primitives
import matrix_rows
import mime
import newer_nss
from sealpost_client import Host, HostError

CONTENT = mime.TEXT
SANITIZED = "asan" in os.path.basename(os.environ.get("SEALPOST_BUILD", ""))
MECHANISMS = {"sign:ed25519": ("CKM_EDDSA",), "verify:ed25519": ("CKM_EDDSA",),
              "keyAgreement:x25519": ("CKM_EC_MONTGOMERY_KEY_PAIR_GEN",)}


class WeCannot(Exception):
    pass


def data(content):
    return {"base64": base64.b64encode(content).decode()}


class Ours:
    """Sealpost over its protocol, with one NSS."""

    def __init__(self, database, library, mechanisms, pinentry):
        self.host = Host(database=str(database), environment={"LD_LIBRARY_PATH": library} if library else {},
                         config={"pinentry": pinentry})
        hello = self.host.hello()
        self.nss = hello["nss"]
        self.methods = hello["methods"]
        self.capabilities = newer_nss.capabilities(hello["capabilities"])
        self.mechanisms = mechanisms
        listed = self.host.request("certificates.list", {"limit": 100})
        self.ids = {address.split("@")[0]: item["id"] for item in listed["items"] for address in item["addresses"]}

    def lacks(self, row):
        """Why the NSS in use can't do this row, with the probe; None: it can."""
        for need in row.needs:
            if need not in self.capabilities:
                have = [name for name in MECHANISMS.get(need, ("?",)) if name in self.mechanisms or name == "?"]
                if have:
                    raise AssertionError(f"softoken has {have}, and the capabilities have no {need}")
                return (f"NSS {self.nss}: host.hello has no {need}; softoken's mechanism list has no "
                        f"{', '.join(MECHANISMS[need])}")
        return None

    def reads(self, row, message):
        lacking = self.lacks(row)
        reader = {"sign": self.verifies, "encrypt": self.decrypts, "compress": self.expands}[row.operation]
        if lacking:
            reader(row, message, lacking)
            raise WeCannot(lacking)
        reader(row, message, None)

    def verifies(self, row, message, lacking):
        result = self.host.request("cms.verify", {"cms": data(message)})
        problems = set(result["signature"]["problems"])
        if lacking:
            assert "algorithm-unsupported" in problems, f"not told as unsupported: {problems}"
            return
        signer = result["signers"][0]
        assert signer["signatureAlgorithm"] == row.scheme, signer
        expected = {"weak-digest"} if row.weak else set()
        assert problems == expected, f"{result['signature']}"
        assert result["signature"]["status"] == ("unverified" if row.weak else "good"), result["signature"]
        assert self.host.download(result["content"]) == CONTENT, "other content"
        altered = message.replace(b"goes both", b"went both")
        assert altered != message
        bad = self.host.request("cms.verify", {"cms": data(altered)})
        assert bad["signature"]["status"] == "bad", "an altered message is not bad"

    def decrypts(self, row, message, lacking):
        try:
            result = self.host.request("cms.decrypt", {"cms": data(message)})
        except HostError as error:
            assert lacking and error.reason in ("cms-unsupported", "no-matching-key"), str(error)
            return
        encryption = result["encryption"]
        if lacking:
            assert encryption["status"] == "failed", encryption
            return
        assert encryption["status"] == "encrypted", f"{encryption} {result.get('recipients')}"
        assert self.host.download(result["content"]) == CONTENT, "other content"
        assert encryption["authenticated"] == row.cipher.endswith("gcm"), encryption
        told = set(encryption["problems"]) | set(encryption["notices"])
        assert ("cipher-weak" in told) == bool(row.weak), encryption

    def expands(self, _, message, __):
        mail = mime.fields("alice", "bob") + mime.pkcs7("compressed-data", message)
        result = self.host.request("message.open", {"message": data(mail)})
        assert result["layers"][0]["kind"] == "compressed", result["layers"]
        assert CONTENT.endswith(self.host.download(result["content"]).partition(b"\r\n\r\n")[2]), "other content"

    def makes(self, row):
        """What we send for this row; None: not what Sealpost sends."""
        lacking = self.lacks(row)
        if lacking:
            raise WeCannot(lacking)
        message = self.signs(row) if row.operation == "sign" else self.encrypts(row)
        assert not matrix_rows.lacking(row, message), f"made without {matrix_rows.lacking(row, message)}"
        return message

    def signs(self, row):
        wishes = {"scheme": "rsa-pss"} if row.scheme == "rsa-pss" else {}
        result = self.host.request("cms.sign", {"content": data(CONTENT), "certificate": self.ids[row.who],
                                                "digest": row.digest, **wishes})
        return self.host.download(result["cms"])

    def encrypts(self, row):
        return matrix_people.encrypted_by_host(self, row, data(CONTENT))


class Matrix:
    def __init__(self, name, ours, peers):
        self.name = name
        self.ours = ours
        self.peers = peers
        self.cells = {}
        self.notes = {}
        self.counts = {"pass": 0, "peer cannot": 0, "we cannot": 0, "-": 0, "FAILED": 0}
        self.references = {}
        self.faults = 0

    def note(self, text):
        text = re.sub(r"/tmp/[^ :]*/|\b[0-9A-F]{12,}:(?=error)", "", " ".join(text.split()))[:330].replace("|", "/")
        return self.notes.setdefault(text, len(self.notes) + 1)

    def set(self, row, peer, way, verdict, why=None):
        self.counts[verdict] += 1
        self.cells[row.name, peer.name, way] = verdict + (f" [{self.note(why)}]" if why else "")

    def fail(self, row, peer, way, problem):
        self.set(row, peer, way, "FAILED", str(problem) or repr(problem))
        print(f"FAILED {self.name}: {row.name}, {peer.name}, {way}: {problem}")
        if not isinstance(problem, (AssertionError, RuntimeError, HostError)):
            traceback.print_exception(problem, limit=4)

    def cannot(self, row, peer, way, error):
        """The peer's own error, if it is one that is expected of it here."""
        if isinstance(error, RuntimeError) and matrix_known.is_known(row, peer.name, way, str(error)):
            self.set(row, peer, way, "peer cannot", str(error))
        else:
            self.fail(row, peer, way, error)

    def theirs(self, row, peer):
        """What they make, read by us."""
        try:
            message = getattr(peer, row.operation)(row, CONTENT)
            lacking = matrix_rows.lacking(row, message)
            if lacking:
                raise matrix_peers.NoOption(f"{peer.name} has chosen {' and '.join(lacking)} by itself: the message names another")
        except (RuntimeError, AssertionError) as error:
            self.cannot(row, peer, "read", error)
            return
        try:
            self.ours.reads(row, message)
        except WeCannot as reason:
            self.set(row, peer, "read", "we cannot", str(reason))
        except AssertionError as error:
            self.theirs_is_wrong(row, peer, message, error)
        except Exception as error:  # a cell must never stop the others
            self.fail(row, peer, "read", error)
        else:
            self.references.setdefault(row.name, (peer, message))
            self.set(row, peer, "read", "pass")

    def theirs_is_wrong(self, row, peer, message, error):
        """What we refuse of theirs: right only if it is known to be broken, and all others refuse it, too."""
        said = []
        for other in self.peers if matrix_known.is_broken(row, peer.name) else ():
            if isinstance(other, (matrix_peers.OpenSSL, matrix_peers.BouncyCastle)):
                try:
                    self.they_read(row, other, message)
                    said.append(None)
                except (RuntimeError, AssertionError) as refusal:
                    said.append(f"{other.name} refuses it, too: {refusal}")
        if said and None not in said:
            self.set(row, peer, "read", "peer cannot", said[0])
        else:
            self.fail(row, peer, "read", error)

    def they_read(self, row, peer, message):
        reader = peer.verify if row.operation == "sign" else peer.decrypt
        content = reader(row, message)
        assert content == CONTENT, f"{peer.name} has read other content"

    def mine(self, row, peer, message):
        """What we make, read by them; a refusal stands only if another's of this kind is refused, too."""
        try:
            self.they_read(row, peer, message)
        except (RuntimeError, AssertionError) as error:
            reference = self.references.get(row.name)
            if reference and reference[0] is not peer and self.accepts(row, peer, reference[1]):
                self.fail(row, peer, "write", AssertionError(f"reads {reference[0].name}'s, not ours: {error}"))
            else:
                self.cannot(row, peer, "write", error)
        else:
            self.set(row, peer, "write", "pass")

    def accepts(self, row, peer, message):
        try:
            self.they_read(row, peer, message)
        except (RuntimeError, AssertionError):
            return False
        return True

    def run_row(self, row):
        asked = [peer for peer in self.peers if not hasattr(peer, "offers") or peer.offers(row)]
        for peer in self.peers:
            if peer in asked:
                self.theirs(row, peer)
            else:
                self.set(row, peer, "read", "-")
                self.set(row, peer, "write", "-")
        message = reason = None
        try:
            message = self.ours.makes(row) if row.makes else None
        except WeCannot as cannot:
            reason = cannot
        except Exception as error:
            for peer in asked:
                self.fail(row, peer, "write", error)
            return
        for peer in asked:
            if reason:
                self.set(row, peer, "write", "we cannot", str(reason))
            elif message is None:
                self.set(row, peer, "write", "-")
            else:
                self.mine(row, peer, message)

    def table(self, rows):
        lines = [f"## {self.name}", "", "Each cell: they make it and we read it / we make it and they read it.", ""]
        lines.append("| |" + "|".join(f" {peer.name} " for peer in self.peers) + "|")
        lines.append("|---|" + "---|" * len(self.peers))
        for row in rows:
            cells = [f" {self.cells.get((row.name, peer.name, 'read'), '?')} / "
                     f"{self.cells.get((row.name, peer.name, 'write'), '?')} " for peer in self.peers]
            lines.append(f"| {row.name} |" + "|".join(cells) + "|")
        lines.append("")
        lines.append(", ".join(f"{count} {verdict}" for verdict, count in self.counts.items()))
        lines.append("")
        lines += [f"{number}. {text}" for text, number in self.notes.items()]
        return "\n".join(lines) + "\n"


PINENTRY = """#!/bin/sh
echo "OK ready"
while read -r line; do
  case "$line" in
    GETPIN*) echo "D {password}"; echo OK ;;
    BYE*) echo OK; exit 0 ;;
    *) echo OK ;;
  esac
done
"""


def make_pinentry(folder):
    path = folder / "pinentry"
    path.write_text(PINENTRY.format(password=matrix_peers.PASSWORD), encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def make_peers(pki, folder, databases, newer):
    def place(name):
        path = folder / name
        path.mkdir()
        return path
    peers = [matrix_peers.OpenSSL(pki, place("openssl")),
             matrix_peers.Gpgsm(pki, place("gpgsm"), (*matrix_people.OURS, *matrix_people.MORE)),
             matrix_peers.CmsUtil("cmsutil", pki, place("cmsutil"), databases[None], None),
             matrix_peers.BouncyCastle(pki, place("bouncycastle")),
             matrix_primitives.Primitives(pki, place("primitives"))]
    if newer:
        peers.append(matrix_peers.CmsUtil("thunderbird's NSS", pki, place("newer"), databases[newer], newer))
    return peers


def run_with(library, folder, databases, helper, peers, rows):
    mechanisms = set(subprocess.run((helper, "mechanisms"), env=matrix_people.environment(library), check=True,
                                    capture_output=True, text=True).stdout.split())
    ours = Ours(databases[library], library, mechanisms, make_pinentry(folder))
    with ours.host:
        matrix = Matrix(f"Sealpost with NSS {ours.nss}", ours, peers)
        for row in rows:
            matrix.run_row(row)
        matrix.faults = check_itself(matrix)
    return matrix


def check_itself(matrix):
    """Faults that must not pass for anything else: a message cut off, from them and from us, an NSS that
    claims to lack what it has."""
    row = next(iter(matrix_rows.rows()))
    peer = next(peer for peer in matrix.peers if isinstance(peer, matrix_peers.OpenSSL))
    good = peer.sign(row, CONTENT)
    trial = Matrix("check of the matrix itself", matrix.ours, [peer])
    trial.fail = lambda row, peer, way, problem: trial.set(row, peer, way, "FAILED")
    trial.mine(row, peer, good[:-9])
    peer.sign = lambda row, content: good[:-9]
    trial.theirs(row, peer)
    del peer.sign
    capabilities, matrix.ours.capabilities = matrix.ours.capabilities, set()
    trial.theirs(row, peer)
    matrix.ours.capabilities = capabilities
    if trial.counts["FAILED"] != 3:
        print(f"FAILED: the matrix takes faults for {trial.counts}")
    return 0 if trial.counts["FAILED"] == 3 else 1


def run(pki, only=""):
    """(passed, failed, skipped), with the table written; `only` is a part of the rows' names."""
    if not all(Path(jar).is_file() for jar in matrix_peers.JARS.split(":")):
        print("the matrix needs BouncyCastle: bcprov, bcpkix and bcutil in /usr/share/java")
        return 0, 0, 1
    rows = [row for row in matrix_rows.rows() if only in row.name]
    # sanitizers would look into an NSS that is not ours to mend
    newer = None if SANITIZED else newer_nss.folder()
    with tempfile.TemporaryDirectory(prefix="sealpost-matrix-") as temporary:
        folder = Path(temporary)
        matrix_people.make_all(pki)
        helper = matrix_people.compile_helper(folder)
        databases = {library: folder / f"db-{number}" for number, library in enumerate((None, newer) if newer else (None,))}
        for library, database in databases.items():
            matrix_people.make_database(pki, database, helper, library)
        peers = make_peers(pki, folder, databases, newer)
        try:
            matrices = [run_with(library, folder, databases, helper, peers, rows) for library in databases]
        finally:
            for peer in peers:
                if hasattr(peer, "stop"):
                    peer.stop()
    text = "# Interoperability\n\n" + "\n".join(matrix.table(rows) for matrix in matrices)
    print(text)
    if os.environ.get("SEALPOST_BUILD"):
        (Path(os.environ["SEALPOST_BUILD"]) / "interop-matrix.md").write_text(text, encoding="utf-8")
    failed = sum(matrix.counts["FAILED"] for matrix in matrices)
    failed += sum(check_nothing_missing(matrix) + matrix.faults for matrix in matrices)
    return sum(matrix.counts["pass"] for matrix in matrices), failed, 0 if newer or SANITIZED else 1


def check_nothing_missing(matrix):
    """No "we cannot" beside Ed25519 and X25519, and none at all where NSS has both."""
    allowed = ("Ed25519", "X25519")
    wrong = {row for (row, _, _), cell in matrix.cells.items()
             if cell.startswith("we cannot") and not row.startswith(allowed)}
    for row in sorted(wrong):
        print(f"FAILED {matrix.name}: we cannot do {row}")
    return len(wrong)

"""The peers of the matrix. Each makes and reads what a row says, with its own program; where that fails,
peers.run raises RuntimeError with what the program itself said."""

import functools
import subprocess
from pathlib import Path

import peers
from matrix_rows import CIPHERS, COFACTOR, HKDF, STANDARD, WRAPS
from peers import run

JARS = ":".join(f"/usr/share/java/{name}.jar" for name in ("bcprov", "bcpkix", "bcutil"))
PASSWORD = "a-password-with-ünïcode"
PWRI_KEK = "2.16.840.1.101.3.4.1.42"  # AES-256-CBC


# what a program's option for a column's wish would have in its name
OPTIONS = {"hash": "oaep", "label": "label", "ukm": "ukm", "cofactor": "cofactor", "tag": "taglen",
           "attributes": "authattr", "explicit": "written"}


class NoOption(RuntimeError):
    """The program has no option for this; the text shows the options that it has."""


class OpenSSL(peers.Peer):
    name = "openssl"
    names = {"3des-cbc": "des3", "rc2-cbc": "rc2-cbc"}

    def key(self, who):
        return str(self.pki / f"{who}.key")

    def call(self, *arguments, data):
        return run("openssl", "cms", *arguments, "-binary", "-outform", "DER", "-in", self.file("in", data))

    def sign(self, row, content):
        more = []
        if row.scheme == "rsa-pss":
            more = ["-keyopt", "rsa_padding_mode:pss", "-keyopt", f"rsa_pss_saltlen:{row.salt}"]
        return self.call("-sign", "-nodetach", "-md", row.digest, "-signer", self.certificate(row.who), "-inkey",
                         self.key(row.who), "-certfile", str(self.pki / "chain.pem"), *more, data=content)

    def verify(self, row, cms):
        return run("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", self.file("in", cms), "-CAfile",
                   str(self.pki / "root.crt"), "-purpose", "smimesign")

    def needs_option(self, row, *names):
        for name in names:
            if getattr(row, name) is not None:
                text = listing(("openssl", "cms", "-help"))
                raise NoOption(f"openssl cms -help names no option for {OPTIONS[name]}" if OPTIONS[name] not in text else
                               f"openssl cms seems to have {name}")

    def recipient(self, row):
        if row.kind == "kek":
            return ["-secretkey", (self.pki / row.who).read_bytes().hex(), "-secretkeyid", row.who.encode().hex()]
        if row.kind == "pwri":
            return ["-pwri_password", PASSWORD]
        options = ["-recip", self.certificate(row.who)]
        if row.kind == "oaep":
            options += ["-keyopt", "rsa_padding_mode:oaep", "-keyopt", f"rsa_oaep_md:{row.hash}", "-keyopt",
                        f"rsa_mgf1_md:{row.mgf}"]
            options += ["-keyopt", f"rsa_oaep_label:{row.label.encode().hex()}"] if row.label else []
        if row.kind == "kari":
            options += ["-keyopt", f"ecdh_kdf_md:{row.digest}", "-keyopt", f"ecdh_cofactor_mode:{int(bool(row.cofactor))}",
                        f"-aes{row.wrap}-wrap"]
        return options

    def encrypt(self, row, content):
        self.needs_option(row, "ukm", "tag", "attributes", "explicit")
        cipher = self.names.get(row.cipher, row.cipher)
        if row.bits not in (None, 128):
            cipher = f"rc2-{row.bits}-cbc"
        legacy = ["-provider", "default", "-provider", "legacy"] if cipher.startswith("rc2") else []
        return self.call("-encrypt", f"-{cipher}", *legacy, *self.recipient(row), data=content)

    def decrypt(self, row, cms):
        if row.kind in ("kek", "pwri"):
            key = self.recipient(row)
        else:
            key = ["-recip", self.certificate(row.who), "-inkey", self.key(row.who)]
        return run("openssl", "cms", "-decrypt", "-inform", "DER", "-in", self.file("in", cms), *key)

    def compress(self, _, content):
        return self.call("-compress", data=content)


class Gpgsm(peers.Gpgsm):
    def __init__(self, pki, folder, people):
        super().__init__(pki, folder, ())
        self.refused = {}
        for who in people:
            self.add_or_refuse(who)

    def add_or_refuse(self, who):
        """Why a key is refused is kept; a file that gpgsm can't even decrypt (see Gpgsm.add) tells nothing."""
        for _ in range(peers.IMPORT_ATTEMPTS):
            try:
                self.call("--passphrase-fd", "0", "--import", self.bundle(who), data=b"\n")
                self.refused.pop(who, None)
                return
            except (RuntimeError, peers.CannotDo) as error:
                self.refused[who] = str(error.__cause__ or error)
                if "trying charset" not in self.refused[who]:
                    break
        self.call("--import", self.certificate(who))

    def attempt(self, row, *arguments, data=None):
        try:
            return self.call(*arguments, data=data)
        except (RuntimeError, peers.CannotDo) as error:
            said = self.refused.get(row.who, "")
            raise RuntimeError(f"{error.__cause__ or error} {'key refused: ' + said if said else ''}") from error

    def sign(self, row, content):
        if row.scheme == "rsa-pss" and row.who == "alice":
            raise no_option("gpgsm", ("gpgsm", "--dump-options"), "pss")
        return self.attempt(row, "--sign", "--digest-algo", row.digest, "--local-user", f"{row.who}@example.org",
                            "--include-certs", "2", "--passphrase-fd", "0", self.file("in", content), data=b"\n")

    def verify(self, row, cms):
        out = self.folder / "verified"
        out.unlink(missing_ok=True)
        self.attempt(row, "--output", str(out), "--verify", self.file("in", cms))
        return out.read_bytes()

    def encrypt(self, row, content):
        if row.kind != "ktri" and row.kind != "kari":
            raise no_option("gpgsm", ("gpgsm", "--dump-options"), row.kind)
        for name, option in OPTIONS.items():
            if getattr(row, name) is not None:
                raise no_option("gpgsm", ("gpgsm", "--dump-options"), option)
        algorithm = {"3des-cbc": "3DES"}.get(row.cipher, row.cipher.upper().replace("-CBC", "").replace("-", ""))
        return self.attempt(row, "--encrypt", "--cipher-algo", algorithm, "--recipient", f"{row.who}@example.org",
                            self.file("in", content))

    def decrypt(self, row, cms):
        passphrase = PASSWORD.encode() if row.kind == "pwri" else b""
        return self.attempt(row, "--passphrase-fd", "0", "--decrypt", self.file("in", cms), data=passphrase + b"\n")

    def compress(self, *_):
        raise no_option("gpgsm", ("gpgsm", "--dump-options"), "compress")


@functools.lru_cache(maxsize=None)
def listing(probe):
    done = subprocess.run(probe, capture_output=True, check=False)
    return (done.stdout + done.stderr).decode(errors="replace")


def no_option(program, probe, wanted):
    """An error whose proof is the program's own list of options."""
    listed = listing(probe)
    if wanted.lower() in listed.lower():
        raise AssertionError(f"{program} lists an option for {wanted}")
    return NoOption(f"{' '.join(probe)} lists {len(listed.split())} words, none of them has {wanted}")


class CmsUtil(peers.Peer):
    """NSS's own tool; `library` puts another NSS on its path (Thunderbird's)."""

    def __init__(self, name, pki, folder, database, library):
        super().__init__(pki, folder)
        self.name = name
        self.database = f"sql:{database}"
        self.environment = {"PATH": "/usr/bin:/bin", **({"LD_LIBRARY_PATH": library} if library else {})}

    def call(self, *arguments):
        return run("cmsutil", *arguments, "-d", self.database, environment=self.environment)

    def without(self, wanted):
        return no_option("cmsutil", ("cmsutil",), wanted)

    def sign(self, row, content):
        if row.scheme == "rsa-pss" and row.who == "alice":
            raise self.without("pss")
        return self.call("-S", "-N", row.who, "-H", row.digest.upper(), "-G", "-i", self.file("in", content))

    def verify(self, _, cms):
        return self.call("-D", "-i", self.file("in", cms))

    def encrypt(self, row, content):
        for name, option in OPTIONS.items():
            if getattr(row, name) is not None:
                raise self.without(option)
        if row.kind in ("kek", "pwri"):
            raise self.without(row.kind)
        return self.call("-E", "-r", f"{row.who}@example.org", "-i", self.file("in", content))

    def decrypt(self, _, cms):
        return self.call("-D", "-i", self.file("in", cms))

    def compress(self, *_):
        raise self.without("compress")


class BouncyCastle(peers.Peer):
    """One Java process for all."""
    name = "bouncycastle"

    def __init__(self, pki, folder):
        super().__init__(pki, folder)
        source = str(Path(__file__).resolve().parent / "BouncyCastle.java")
        run("javac", "-nowarn", "-cp", JARS, "-d", str(folder), source)
        self.process = subprocess.Popen(("java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", f"{folder}:{JARS}",
                                         "BouncyCastle"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def call(self, verb, data, **words):
        out = self.folder / "out"
        out.unlink(missing_ok=True)
        words = {"verb": verb, "in": self.file("in", data), "out": str(out), "issuer": str(self.pki / "intermediate"),
                 **{name: value for name, value in words.items() if value is not None}}
        print(" ".join(f"{name}={value}" for name, value in words.items()), file=self.process.stdin, flush=True)
        line = self.process.stdout.readline().strip()
        if line != "ok":
            raise RuntimeError(line or "BouncyCastle's driver has ended")
        return out.read_bytes()

    def kind(self, row):
        return {"alice": "RSA", "bob": "RSA", "pss": "RSA", "dsa": "DSA", "ed25519": "Ed25519",
                "x25519": "X25519"}.get(row.who, "EC")

    def words(self, row):
        words = {"who": str(self.pki / row.who), "kind": self.kind(row), "type": row.kind, "label": row.label,
                 "hash": row.hash, "mgf": row.mgf, "ukm": row.ukm, "cipher": CIPHERS.get(row.cipher), "tag": row.tag,
                 "bits": row.bits, "authenticated": "1" if (row.cipher or "").endswith("gcm") else None,
                 "attributes": "1" if row.attributes else None}
        if row.kind == "kari":
            words["scheme"] = (HKDF if row.hkdf else COFACTOR if row.cofactor else STANDARD)[row.digest]
            words["wrap"] = WRAPS[row.wrap]
            words["curve"] = row.who.rpartition("-")[2].upper().replace("P", "P-")
            words["explicit"] = "1" if row.explicit else None
        if row.kind == "kek":
            words.update(secret=str(self.pki / row.who), id=row.who)
        if row.kind == "pwri":
            words.update(password=PASSWORD, wrap=PWRI_KEK)
        return words

    def sign(self, row, content):
        algorithm = {"rsa": f"{row.digest}withRSA", "ecdsa": f"{row.digest}withECDSA", "dsa": f"{row.digest}withDSA",
                     "ed25519": "Ed25519", "rsa-pss": "RSAPSS"}[row.scheme]
        return self.call("sign", content, algorithm=algorithm, digest=row.digest, salt=row.salt, **self.words(row))

    def verify(self, row, cms):
        return self.call("verify", cms, **self.words(row))

    def encrypt(self, row, content):
        return self.call("encrypt", content, **self.words(row))

    def decrypt(self, row, cms):
        return self.call("decrypt", cms, **self.words(row))

    def compress(self, _, content):
        return self.call("compress", content)

    def stop(self):
        self.process.stdin.close()
        self.process.wait(10)

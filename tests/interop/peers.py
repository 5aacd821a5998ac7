"""The peers: OpenSSL, GnuPG's gpgsm and NSS's cmsutil, each with the same four verbs on files of CMS in DER.

A verb that a peer's version can't do raises CannotDo with the reason; anything else that fails is a
failure of the test."""

import os
import subprocess
from pathlib import Path


IMPORT_ATTEMPTS = 5


class CannotDo(Exception):
    """The peer does not offer this; the text says what exactly."""


def run(*command, data=None, environment=None):
    done = subprocess.run(command, input=data, capture_output=True, check=False, env=environment)
    if done.returncode != 0:
        text = (done.stderr or done.stdout).decode(errors="replace")
        raise RuntimeError(f"{command[0]} {command[1]}: {text[-1200:]}")
    return done.stdout


def is_rsa(name):
    return "-p" not in name


class Peer:
    def __init__(self, pki, folder):
        self.pki = Path(pki)
        self.folder = Path(folder)

    def file(self, name, data=None):
        path = self.folder / name
        if data is not None:
            path.write_bytes(data)
        return str(path)

    def certificate(self, name):
        return str(self.pki / f"{name}.crt")


class OpenSSL(Peer):
    name = "openssl"
    ciphers = {"aes-128-cbc", "aes-256-cbc", "aes-128-gcm", "aes-256-gcm"}

    def sign(self, who, content, detached, digest):
        options = [] if detached else ["-nodetach"]
        return run("openssl", "cms", "-sign", "-binary", *options, "-md", digest, "-signer",
                   self.certificate(who), "-inkey", str(self.pki / f"{who}.key"), "-certfile",
                   str(self.pki / "chain.pem"), "-outform", "DER", "-in", self.file("content", content))

    def verify(self, cms, content=None):
        options = ["-content", self.file("content", content)] if content is not None else []
        return run("openssl", "cms", "-verify", "-binary", *options, "-CAfile", str(self.pki / "root.crt"), "-inform",
                   "DER", "-in", self.file("signed", cms), "-purpose", "smimesign")

    def encrypt(self, to, content, cipher, *more):
        return run("openssl", "cms", "-encrypt", "-binary", f"-{cipher}", "-outform", "DER", "-in",
                   self.file("content", content), "-recip", self.certificate(to), *more)

    def decrypt(self, who, cms):
        return run("openssl", "cms", "-decrypt", "-inform", "DER", "-in", self.file("enveloped", cms), "-recip",
                   self.certificate(who), "-inkey", str(self.pki / f"{who}.key"))


class CmsUtil(Peer):
    name = "cmsutil"
    ciphers = {"aes-128-cbc", "aes-256-cbc"}

    def __init__(self, pki, folder, database):
        super().__init__(pki, folder)
        self.database = f"sql:{database}"

    def sign(self, who, content, detached, digest):
        options = ["-T"] if detached else []
        return run("cmsutil", "-S", "-d", self.database, "-N", who, "-H", digest.upper(), "-G", *options, "-i",
                   self.file("content", content))

    def verify(self, cms, content=None):
        options = ["-c", self.file("content", content)] if content is not None else []
        return run("cmsutil", "-D", "-d", self.database, "-i", self.file("signed", cms), *options)

    def encrypt(self, to, content, cipher, *_):
        if not is_rsa(to):
            raise CannotDo("libsmime3 3.87 has no ECDH recipients")
        if cipher != "aes-128-cbc":
            raise CannotDo("cmsutil chooses the cipher itself")
        return run("cmsutil", "-E", "-d", self.database, "-r", f"{to}@example.org", "-i", self.file("content", content))

    def decrypt(self, who, cms):
        if not is_rsa(who):
            raise CannotDo("libsmime3 3.87 has no ECDH recipients")
        return run("cmsutil", "-D", "-d", self.database, "-i", self.file("enveloped", cms))


class Gpgsm(Peer):
    name = "gpgsm"
    ciphers = {"aes-128-cbc", "aes-256-cbc"}

    def __init__(self, pki, folder, people):
        super().__init__(pki, folder)
        self.home = self.folder / "gnupg"
        self.home.mkdir(mode=0o700)
        self.environment = {"GNUPGHOME": str(self.home), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        (self.home / "gpgsm.conf").write_text("disable-crl-checks\nbatch\npinentry-mode loopback\n", encoding="ascii")
        (self.home / "gpg-agent.conf").write_text("allow-loopback-pinentry\n", encoding="ascii")
        self.trust_root()
        self.call("--import", str(self.pki / "chain.pem"))
        for who in people:
            self.add(who)

    def call(self, *arguments, data=None):
        try:
            return run("gpgsm", *arguments, data=data, environment=self.environment)
        except RuntimeError as error:
            if "multiple of 8 bits" in str(error):
                raise CannotDo("gpgsm 2.2 fails inside itself on P-521 signatures") from error
            raise

    def trust_root(self):
        text = run("openssl", "x509", "-noout", "-fingerprint", "-sha1", "-in", str(self.pki / "root.crt")).decode()
        fingerprint = text.split("=", 1)[1].strip()
        (self.home / "trustlist.txt").write_text(f"{fingerprint} S relax\n", encoding="ascii")

    def add(self, who):
        """In the old PKCS#12 form: gpgsm 2.2 does not read every new one. The key stays without passphrase.

        gpgsm 2.2 can't decrypt about one file in a hundred, whatever the passphrase: another salt mends it."""
        for attempt in range(IMPORT_ATTEMPTS):
            try:
                self.call("--passphrase-fd", "0", "--import", self.bundle(who), data=b"\n")
                return
            except RuntimeError:
                if attempt == IMPORT_ATTEMPTS - 1:
                    raise

    def bundle(self, who):
        bundle = self.file(f"{who}.p12")
        run("openssl", "pkcs12", "-export", "-inkey", str(self.pki / f"{who}.key"), "-in", self.certificate(who),
            "-out", bundle, "-passout", "pass:", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg",
            "sha1")
        return bundle

    def sign(self, who, content, detached, digest):
        if not is_rsa(who):
            raise CannotDo("gpgsm 2.2 does not import EC keys from PKCS#12")
        options = ["--detach-sign"] if detached else ["--sign"]
        return self.call(*options, "--digest-algo", digest, "--local-user", f"{who}@example.org", "--include-certs",
                         "2", "--passphrase-fd", "0", self.file("content", content), data=b"\n")

    def verify(self, cms, content=None):
        signed = self.file("signed", cms)
        if content is not None:
            self.call("--verify", signed, self.file("content", content))
            return content
        out = self.file("verified")
        Path(out).unlink(missing_ok=True)
        self.call("--output", out, "--verify", signed)
        return Path(out).read_bytes()

    def encrypt(self, to, content, cipher, *_):
        if not is_rsa(to):
            raise CannotDo("gpgsm 2.2 is asked for RSA only: its EC keys can't be imported")
        algorithm = {"aes-128-cbc": "AES", "aes-256-cbc": "AES256"}[cipher]
        return self.call("--encrypt", "--cipher-algo", algorithm, "--recipient", f"{to}@example.org",
                         self.file("content", content))

    def decrypt(self, who, cms):
        if not is_rsa(who):
            raise CannotDo("gpgsm 2.2 does not import EC keys from PKCS#12")
        return self.call("--passphrase-fd", "0", "--decrypt", self.file("enveloped", cms), data=b"\n")

    def stop(self):
        subprocess.run(("gpgconf", "--kill", "all"), env=self.environment, check=False, capture_output=True)

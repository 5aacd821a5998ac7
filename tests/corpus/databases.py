"""NSS databases for the key sets of the corpus, made in a temporary folder with certutil and pk12util."""

import os
import re
import subprocess
from pathlib import Path

PEM = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.S)


def run(*command, data=None):
    return subprocess.run(command, input=data, capture_output=True, check=False)


def new_database(path):
    path.mkdir(parents=True)
    made = run("certutil", "-N", "-d", f"sql:{path}", "--empty-password")
    if made.returncode != 0:
        raise RuntimeError(f"certutil -N: {made.stderr.decode()}")


def is_authority(pem):
    text = run("openssl", "x509", "-noout", "-text", data=pem).stdout
    return b"CA:TRUE" in text or b"Basic Constraints" not in text


def add_certificates(path, bundle, trusted):
    """All certificates of a PEM bundle; `trusted` ones are anchors for e-mail and nothing else."""
    if not bundle.is_file():
        return
    for number, pem in enumerate(PEM.findall(bundle.read_bytes())):
        trust = ",,"
        if trusted:
            # an authority signs others; a self-signed signer is trusted as himself
            trust = ",C," if is_authority(pem) else ",P,"
        run("certutil", "-A", "-d", f"sql:{path}", "-n", f"{bundle.stem}-{number}", "-t", trust, "-a",
            data=pem)


def add_key(path, key, certificate, scratch):
    """A key with its certificate, by way of a PKCS#12. Key types that NSS does not know are left out."""
    bundle = scratch / f"{key.stem}.p12"
    made = run("openssl", "pkcs12", "-export", "-inkey", str(key), "-in", str(certificate), "-out", str(bundle),
               "-passout", "pass:x", "-name", key.stem)
    if made.returncode == 0:
        run("pk12util", "-i", str(bundle), "-d", f"sql:{path}", "-W", "x", "-K", "")
    bundle.unlink(missing_ok=True)


def make(corpus, keyset, folder):
    """The database of one key set (an empty one for ''); its path."""
    path = Path(folder) / (keyset or "none")
    new_database(path)
    keys = corpus / "keys" / keyset if keyset else None
    if keys and keys.is_dir():
        add_certificates(path, keys / "anchors.pem", True)
        add_certificates(path, keys / "extra.pem", False)
        for key in sorted((keys / "keys").glob("*.key")) if (keys / "keys").is_dir() else ():
            certificate = key.with_suffix(".crt")
            if certificate.is_file():
                add_key(path, key, certificate, Path(folder))
    os.sync()
    return path

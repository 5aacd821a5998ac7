#!/usr/bin/env python3
"""Both ways with OpenSSL, gpgsm and cmsutil, as mail: what they make is opened here, what is made here they
verify and decrypt. Then, as bare CMS, every combination of algorithms with more peers: matrix.py. Keys are
made at test time."""

import base64
import itertools
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "integration"))

import matrix as combinations  # noqa: E402
import mime  # noqa: E402
import peers  # noqa: E402
from sealpost_client import Host  # noqa: E402

SIGNERS = ("alice", "alice-rsa3072", "alice-p256", "alice-p384", "alice-p521")
RECIPIENTS = ("bob", "bob-p256", "bob-p384", "alice-p521")
DIGESTS = ("sha256", "sha384", "sha512")
CIPHERS = ("aes-128-cbc", "aes-256-cbc", "aes-128-gcm", "aes-256-gcm")
PEOPLE = tuple(dict.fromkeys(SIGNERS + RECIPIENTS))


class Matrix:
    """Counts, and one line for every failure and everything that a peer does not offer."""

    def __init__(self, host):
        self.host = host
        self.passed = 0
        self.failed = 0
        self.not_offered = {}

    def check(self, name, test, *arguments):
        try:
            test(*arguments)
        except peers.CannotDo as reason:
            self.not_offered.setdefault(str(reason), []).append(name)
        except Exception:  # a test must never stop the others
            self.failed += 1
            print(f"FAILED {name}\n{traceback.format_exc(limit=3)}")
        else:
            self.passed += 1

    def protect(self, sender, to, **wishes):
        message = mime.fields(sender, to) + mime.TEXT
        result = self.host.request("message.protect", {
            "message": {"base64": base64.b64encode(message).decode()}, **wishes})
        return self.host.download(result["copies"][0]["message"])

    def open(self, message):
        result = self.host.request("message.open", {"message": {"base64": base64.b64encode(message).decode()}})
        return result, self.host.download(result["content"])

    # what we make

    def they_verify(self, peer, signer, form):
        message = self.protect(signer, "bob", sign={"form": form})
        cms, covered = mime.take_apart(message)
        assert (covered is None) == (form == "opaque"), "the form is not the one that was asked for"
        content = peer.verify(cms, covered)
        assert mime.is_text(covered or content), "the signed content is another one"

    def they_decrypt(self, peer, recipient, cipher):
        if cipher not in peer.ciphers:
            raise peers.CannotDo(f"{peer.name} does not read {cipher} in CMS")
        message = self.protect("alice", recipient, encrypt={"cipher": cipher})
        assert mime.is_text(peer.decrypt(recipient, mime.take_apart(message)[0])), "other content"

    def they_decrypt_and_verify(self, peer, form):
        message = self.protect("alice", "bob", sign={"form": form}, encrypt={})
        inner = peer.decrypt("bob", mime.take_apart(message)[0])
        cms, covered = mime.take_apart(inner)
        assert mime.is_text(covered or peer.verify(cms)), "other content"
        peer.verify(cms, covered)

    # what they make

    def expect(self, message, status, encryption):
        result, content = self.open(message)
        seen = (result["signature"]["status"], result["encryption"]["status"])
        assert seen == (status, encryption), f"{result['signature']} {result['encryption']}"
        assert content.endswith(b"this text goes both ways.\r\n"), "other content"

    def we_verify(self, peer, signer, detached, digest):
        cms = peer.sign(signer, mime.TEXT, detached, digest)
        body = mime.multipart_signed(mime.TEXT, cms) if detached else mime.pkcs7("signed-data", cms)
        self.expect(mime.fields(signer, "bob") + body, "good", "none")
        if detached:
            altered = body.replace(b"goes both", b"went both")
            result, _ = self.open(mime.fields(signer, "bob") + altered)
            assert result["signature"]["status"] == "bad", "an altered message was not called bad"

    def we_decrypt(self, peer, recipient, cipher, *more):
        if cipher not in peer.ciphers:
            raise peers.CannotDo(f"{peer.name} does not make {cipher} in CMS")
        cms = peer.encrypt(recipient, mime.TEXT, cipher, *more)
        smime_type = "authEnveloped-data" if cipher.endswith("gcm") else "enveloped-data"
        self.expect(mime.fields("alice", recipient) + mime.pkcs7(smime_type, cms), "none", "encrypted")

    def we_decrypt_and_verify(self, peer, detached):
        signed = peer.sign("alice", mime.TEXT, detached, "sha256")
        inner = mime.multipart_signed(mime.TEXT, signed) if detached else mime.pkcs7("signed-data", signed)
        cms = peer.encrypt("bob", inner, "aes-128-cbc")
        self.expect(mime.fields("alice", "bob") + mime.pkcs7("enveloped-data", cms), "good", "encrypted")


def run_peer(matrix, peer):
    for signer, form in itertools.product(SIGNERS, ("detached", "opaque")):
        matrix.check(f"{peer.name} verifies ours: {signer} {form}", matrix.they_verify, peer, signer, form)
    for recipient, cipher in itertools.product(RECIPIENTS, CIPHERS):
        matrix.check(f"{peer.name} decrypts ours: {recipient} {cipher}", matrix.they_decrypt, peer, recipient, cipher)
        matrix.check(f"ours decrypts {peer.name}: {recipient} {cipher}", matrix.we_decrypt, peer, recipient, cipher)
    for signer, detached, digest in itertools.product(SIGNERS, (True, False), DIGESTS):
        form = "detached" if detached else "opaque"
        matrix.check(f"ours verifies {peer.name}: {signer} {form} {digest}", matrix.we_verify, peer, signer, detached,
                     digest)
    for form in ("detached", "opaque"):
        matrix.check(f"{peer.name} opens ours: {form} signed, encrypted", matrix.they_decrypt_and_verify, peer, form)
        matrix.check(f"ours opens {peer.name}: {form} signed, encrypted", matrix.we_decrypt_and_verify, peer,
                     form == "detached")


def run_openssl_only(matrix, openssl):
    """Forms that only OpenSSL makes."""
    for recipient in RECIPIENTS:
        matrix.check(f"ours decrypts openssl in BER segments: {recipient}", matrix.we_decrypt, openssl, recipient,
                     "aes-256-cbc", "-stream")
    for digest in DIGESTS:
        options = ("-keyopt", "rsa_padding_mode:oaep", "-keyopt", f"rsa_oaep_md:{digest}")
        matrix.check(f"ours decrypts openssl by OAEP: {digest}", matrix.we_decrypt, openssl, "bob", "aes-256-cbc",
                     *options)


def main():
    with tempfile.TemporaryDirectory(prefix="sealpost-interop-") as folder:
        pki, database = f"{folder}/pki", f"{folder}/db"
        make = str(HERE.parent / "fixtures" / "make_pki.sh")
        subprocess.run(("bash", make, pki), check=True, stdout=subprocess.DEVNULL)
        subprocess.run(("bash", make, pki, database, *PEOPLE), check=True, stdout=subprocess.DEVNULL)
        folders = [Path(folder) / name for name in ("openssl", "cmsutil", "gpgsm")]
        for path in folders:
            path.mkdir()
        gpgsm = peers.Gpgsm(pki, folders[2], ("alice", "alice-rsa3072", "bob"))
        with Host(database=database) as host:
            host.hello()
            matrix = Matrix(host)
            openssl = peers.OpenSSL(pki, folders[0])
            for peer in (openssl, peers.CmsUtil(pki, folders[1], database), gpgsm):
                run_peer(matrix, peer)
            run_openssl_only(matrix, openssl)
        gpgsm.stop()
        passed, failed, skipped = combinations.run(Path(pki))
        matrix.passed += passed
        matrix.failed += failed
    for reason, names in matrix.not_offered.items():
        print(f"not offered: {reason} ({len(names)} combinations)")
    print(f"suite interop: {matrix.passed} passed, {matrix.failed} failed, {skipped} skipped")
    return 1 if matrix.failed else 0


if __name__ == "__main__":
    sys.exit(main())

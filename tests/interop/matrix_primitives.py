"""A peer put together from OpenSSL's primitives, for X25519 recipients (RFC 8418): no peer that can be
installed has them in CMS. What CMS adds is written and read here, by hand and independently of Sealpost."""

import os

import der
import peers
from matrix_rows import CIPHERS, HKDF, STANDARD, WRAPS
from peers import run

X25519 = "1.3.101.110"
DATA, ENVELOPED = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.3"
WRAP_IV = "A6A6A6A6A6A6A6A6"
PUBLIC_LEN = 32


def elements(content):
    """(tag, content) of each DER value in a row."""
    found = []
    while content:
        tag, size, at = content[0], content[1], 2
        if size & 0x80:
            at += size & 0x7f
            size = int.from_bytes(content[2:at], "big")
        found.append((tag, content[at:at + size]))
        content = content[at + size:]
    return found


def inside(content, *path):
    for place in path:
        content = elements(content)[place][1]
    return content


class Primitives(peers.Peer):
    name = "openssl's primitives"

    def offers(self, row):
        return row.who == "x25519"

    def secret(self, key, public):
        return run("openssl", "pkeyutl", "-derive", "-inkey", key, "-peerkey", public)

    def wrapping_key(self, row, secret, material):
        """RFC 5753 7.2, RFC 8418 2.1 and 2.2."""
        length = row.wrap // 8
        info = der.sequence(der.sequence(der.oid(WRAPS[row.wrap])),
                            der.explicit(0, der.octets(material)) if material else b"",
                            der.explicit(2, der.octets(row.wrap.to_bytes(4, "big"))))
        options = ["-kdfopt", f"digest:{row.digest}", "-kdfopt", f"hexkey:{secret.hex()}", "-kdfopt", f"hexinfo:{info.hex()}"]
        if row.hkdf and material:
            options += ["-kdfopt", f"hexsalt:{material.hex()}"]
        return run("openssl", "kdf", "-keylen", str(length), *options, "-binary", "HKDF" if row.hkdf else "X963KDF")

    def wrap(self, row, key, data, *more):
        return run("openssl", "enc", f"-id-aes{row.wrap}-wrap", *more, "-K", key.hex(), "-iv", WRAP_IV, data=data)

    def encrypt(self, row, content):
        key, public = self.file("ephemeral.key"), self.file("ephemeral.pub")
        run("openssl", "genpkey", "-algorithm", "X25519", "-out", key)
        run("openssl", "pkey", "-in", key, "-pubout", "-out", public)
        point = run("openssl", "pkey", "-in", key, "-pubout", "-outform", "DER")[-PUBLIC_LEN:]
        material = row.ukm.encode() if row.ukm else b""
        kek = self.wrapping_key(row, self.secret(key, str(self.pki / "x25519.pub")), material)
        cek, vector = os.urandom(16), os.urandom(16)
        certificate = elements(inside((self.pki / "x25519.der").read_bytes(), 0, 0))
        identifier = der.sequence(der.sequence(certificate[3][1]), der.value(2, certificate[1][1]))
        scheme = (HKDF if row.hkdf else STANDARD)[row.digest]
        recipient = der.value(0xa1, der.integer(3), der.explicit(0, der.value(
            0xa1, der.sequence(der.oid(X25519)), der.bit_string(point))),
            der.explicit(1, der.octets(material)) if material else b"",
            der.sequence(der.oid(scheme), der.sequence(der.oid(WRAPS[row.wrap]))),
            der.sequence(der.sequence(identifier, der.octets(self.wrap(row, kek, cek)))))
        encrypted = run("openssl", "enc", f"-{row.cipher}", "-K", cek.hex(), "-iv", vector.hex(), data=content)
        body = der.sequence(der.oid(DATA), der.sequence(der.oid(CIPHERS[row.cipher]), der.octets(vector)),
                            der.value(0x80, encrypted))
        return der.sequence(der.oid(ENVELOPED), der.explicit(0, der.sequence(der.integer(2), der.set_of(recipient), body)))

    def decrypt(self, row, cms):
        envelope = elements(inside(cms, 0, 1, 0))
        recipient = elements(inside(envelope[1][1], 0))
        originator = elements(inside(recipient[1][1], 0))
        assert originator[0][1] == der.oid(X25519), "RFC 8410 3: id-X25519 without parameters"
        public = self.file("theirs.der", der.sequence(der.sequence(der.oid(X25519)), der.value(3, originator[1][1])))
        has_material = recipient[2][0] == 0xa1
        material = inside(recipient[2][1], 0) if has_material else b""
        scheme, keys = recipient[2 + has_material][1], recipient[3 + has_material][1]
        expected = der.oid((HKDF if row.hkdf else STANDARD)[row.digest]) + der.sequence(der.oid(WRAPS[row.wrap]))
        assert scheme == expected, f"another scheme: {scheme.hex()}"
        kek = self.wrapping_key(row, self.secret(str(self.pki / "x25519.key"), public), material)
        cek = self.wrap(row, kek, inside(keys, 0, 1), "-d")
        algorithm, encrypted = elements(envelope[2][1])[1:]
        vector = elements(algorithm[1])[1][1]
        return run("openssl", "enc", "-d", f"-{row.cipher}", "-K", cek.hex(), "-iv", vector.hex(), data=encrypted[1])

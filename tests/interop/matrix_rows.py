"""The rows of the matrix: every combination of algorithms that a message can be made of."""

import itertools
from dataclasses import dataclass, field

import der

CIPHERS = {
    "aes-128-cbc": "2.16.840.1.101.3.4.1.2", "aes-192-cbc": "2.16.840.1.101.3.4.1.22",
    "aes-256-cbc": "2.16.840.1.101.3.4.1.42", "aes-128-gcm": "2.16.840.1.101.3.4.1.6",
    "aes-192-gcm": "2.16.840.1.101.3.4.1.26", "aes-256-gcm": "2.16.840.1.101.3.4.1.46",
    "3des-cbc": "1.2.840.113549.3.7", "rc2-cbc": "1.2.840.113549.3.2",
}
STANDARD = {"sha1": "1.3.133.16.840.63.0.2", "sha224": "1.3.132.1.11.0", "sha256": "1.3.132.1.11.1",
            "sha384": "1.3.132.1.11.2", "sha512": "1.3.132.1.11.3"}
COFACTOR = {"sha1": "1.3.133.16.840.63.0.3", "sha224": "1.3.132.1.14.0", "sha256": "1.3.132.1.14.1",
            "sha384": "1.3.132.1.14.2", "sha512": "1.3.132.1.14.3"}
HKDF = {"sha256": "1.2.840.113549.1.9.16.3.19", "sha384": "1.2.840.113549.1.9.16.3.20",
        "sha512": "1.2.840.113549.1.9.16.3.21"}
WRAPS = {128: "2.16.840.1.101.3.4.1.5", 192: "2.16.840.1.101.3.4.1.25", 256: "2.16.840.1.101.3.4.1.45"}
DIGESTS = {"md5": "1.2.840.113549.2.5", "sha1": "1.3.14.3.2.26", "sha224": "2.16.840.1.101.3.4.2.4",
           "sha256": "2.16.840.1.101.3.4.2.1", "sha384": "2.16.840.1.101.3.4.2.2", "sha512": "2.16.840.1.101.3.4.2.3"}
RSA_PSS, RSA_OAEP = "1.2.840.113549.1.1.10", "1.2.840.113549.1.1.7"
LENGTHS = {"sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}
SHA2 = ("sha224", "sha256", "sha384", "sha512")
RSA_BYTES = 256  # of a key with 2048 bits


@dataclass
class Row:
    """`needs` are capabilities of host.hello without which we cannot; `makes` tells whether Sealpost sends
    this at all: what is weak it only reads."""
    name: str
    operation: str
    who: str
    needs: tuple = ()
    makes: bool = True
    options: dict = field(default_factory=dict)

    def __getattr__(self, name):  # an option that the row does not have is None
        if name.startswith("__"):
            raise AttributeError(name)
        return self.options.get(name)


def signature(name, who, scheme, digest, makes=True, **options):
    return Row(name, "sign", who, (f"verify:{scheme}",), makes, {"scheme": scheme, "digest": digest, **options})


def signatures():
    for digest in SHA2:
        yield signature(f"RSA PKCS#1 v1.5, {digest}", "alice", "rsa", digest)
    for digest in ("sha1", "md5"):
        yield signature(f"RSA PKCS#1 v1.5, {digest} (weak)", "alice", "rsa", digest, makes=False, weak=True)
    for digest in SHA2:
        yield signature(f"RSA-PSS, {digest}", "alice", "rsa-pss", digest, salt=LENGTHS[digest])
        for salt in (0, 20, RSA_BYTES - LENGTHS[digest] - 2):
            yield signature(f"RSA-PSS, {digest}, salt of {salt}", "alice", "rsa-pss", digest, makes=False, salt=salt)
    for digest in SHA2[1:]:
        yield signature(f"RSA-PSS, rsassaPss key, {digest}", "pss", "rsa-pss", digest, salt=LENGTHS[digest])
    for curve in ("p256", "p384", "p521"):
        for digest in SHA2:
            yield signature(f"ECDSA {curve.upper()}, {digest}", f"alice-{curve}", "ecdsa", digest)
    yield signature("Ed25519, sha512", "ed25519", "ed25519", "sha512")
    for digest in ("sha1", "sha224", "sha256"):
        yield signature(f"DSA, {digest}" + (" (weak)" if digest == "sha1" else ""), "dsa", "dsa", digest, makes=False,
                        weak=digest == "sha1")


def encryption(name, who, kind, cipher="aes-128-cbc", makes=True, needs=(), **options):
    return Row(name, "encrypt", who, (f"decrypt:{cipher}", *needs), makes,
               {"kind": kind, "cipher": cipher, **options})


def transports():
    yield encryption("RSA PKCS#1 v1.5", "bob", "ktri", needs=("keyTransport:rsa",))
    oaep = {"needs": ("keyTransport:rsa-oaep",)}
    for digest in ("sha1", *SHA2):
        for mask in ("sha1", *SHA2):
            yield encryption(f"RSA-OAEP, {digest}, MGF1 {mask}", "bob", "oaep", hash=digest, mgf=mask,
                             makes=digest == mask != "sha1", **oaep)
    yield encryption("RSA-OAEP, sha256, label", "bob", "oaep", hash="sha256", mgf="sha256", label="label",
                     makes=False, **oaep)


def agreements():
    ecdh = {"needs": ("keyAgreement:ecdh",)}
    for who, suits in (("bob-p256", "sha256"), ("bob-p384", "sha384"), ("alice-p521", "sha512")):
        for cofactor, digest, bits in itertools.product((None, True), STANDARD, WRAPS):
            name = who.rpartition("-")[2].upper().replace("P", "P-") + (" cofactor" if cofactor else "")
            yield encryption(f"ECDH {name}, {digest}, AES-{bits} wrap", who, "kari",
                             f"aes-{bits if bits != 192 else 256}-cbc", digest=digest, wrap=bits,
                             makes=digest == suits and bits != 192, **({"cofactor": True} if cofactor else {}), **ecdh)
    yield encryption("ECDH P-256, sha256, AES-128 wrap, ukm", "bob-p256", "kari", digest="sha256", wrap=128,
                     ukm="0123456789abcdef", **ecdh)
    yield encryption("ECDH P-256, sha256, AES-128 wrap, curve written out", "bob-p256", "kari", digest="sha256", wrap=128,
                     explicit=True, makes=False, **ecdh)
    x25519 = {"needs": ("keyAgreement:x25519",)}
    for digest in HKDF:
        yield encryption(f"X25519, HKDF {digest}, AES-128 wrap", "x25519", "kari", digest=digest, wrap=128, hkdf=True,
                         makes=digest == "sha256", **x25519)
    yield encryption("X25519, X9.63 sha256, AES-256 wrap", "x25519", "kari", digest="sha256", wrap=256, makes=False,
                     **x25519)
    yield encryption("X25519, HKDF sha256, AES-128 wrap, ukm", "x25519", "kari", digest="sha256", wrap=128, hkdf=True,
                     ukm="0123456789abcdef0123456789abcdef", **x25519)


def secrets():
    for bits in WRAPS:
        yield encryption(f"KEK, AES-{bits} wrap", f"kek-{bits}", "kek", wrap=bits)
    yield encryption("password", "password", "pwri", "aes-256-cbc")


def contents():
    for cipher in ("aes-128-cbc", "aes-192-cbc", "aes-256-cbc", "aes-128-gcm", "aes-192-gcm", "aes-256-gcm"):
        yield encryption(f"content {cipher}", "bob", "ktri", cipher)
    for tag in (12, 13, 14, 15):
        yield encryption(f"content aes-256-gcm, tag of {tag}", "bob", "ktri", "aes-256-gcm", tag=tag, makes=False)
    yield encryption("content aes-128-gcm, authAttrs", "bob", "ktri", "aes-128-gcm", attributes=True, makes=False)
    yield encryption("content aes-256-gcm for ECDH P-256", "bob-p256", "kari", "aes-256-gcm", digest="sha256", wrap=256)
    yield encryption("content 3des-cbc (weak)", "bob", "ktri", "3des-cbc", makes=False, weak=True)
    for bits in (128, 64, 40):
        yield encryption(f"content rc2-cbc, {bits} bits (weak)", "bob", "ktri", "rc2-cbc", makes=False, weak=True,
                         bits=bits)
    yield Row("CompressedData, zlib", "compress", "", (), False)


def lacking(row, message):
    """What the row says and the message does not name, by their OIDs."""
    said = {}
    if row.operation == "sign":
        said["the digest"] = DIGESTS[row.digest]
        if row.scheme == "rsa-pss":
            said["RSA-PSS"] = RSA_PSS
    if row.operation == "encrypt":
        said["the cipher"] = CIPHERS[row.cipher]
    if row.kind == "oaep":  # SHA-1 is the default and left out
        said["RSA-OAEP"] = RSA_OAEP
        said.update({digest: DIGESTS[digest] for digest in (row.hash, row.mgf) if digest != "sha1"})
    if row.kind == "kari":
        scheme = HKDF if row.hkdf else COFACTOR if row.cofactor else STANDARD
        said["the key derivation"] = scheme[row.digest]
        said["the key wrap"] = WRAPS[row.wrap]
    return [name for name, dotted in said.items() if der.oid(dotted) not in message]


def rows():
    for group in (signatures, transports, agreements, secrets, contents):
        yield from group()

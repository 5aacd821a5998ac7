"""What the peers are known not to do: which peer, which way ("read": they make it and we read it; "write": we
make it and they read it), the row, and what their own error says, all as regular expressions. A refusal
that is not listed is a failure. BROKEN lists what a peer makes wrongly: every other peer that can be asked
must refuse it, too."""

import re

NSS = "cmsutil|thunderbird's NSS"
GPGSM_KEY = "can't sign using .*: No secret key.*key refused: gpgsm"
KNOWN = (
    # no option: the program's own list of options is the probe
    (NSS, "read", "", "cmsutil lists .* none of them has (oaep|label|ukm|cofactor|taglen|authattr|written|pss|kek|pwri|"
                      "compress)"),
    (NSS, "read", "^(content|ECDH) ", "has chosen .* by itself: the message names another"),
    ("gpgsm", "read", "md5", "gpgsm has chosen the digest by itself: the message names another"),
    (NSS, "read", "sha224", "-H requires one of MD2,MD4,MD5,SHA1,SHA256,SHA384,SHA512"),
    ("gpgsm", "read", "", "gpgsm --dump-options lists .* none of them has (oaep|label|ukm|cofactor|taglen|authattr|"
                          "written|pss|kek|pwri|compress)"),
    ("openssl", "read", "", "openssl cms -help names no option for (ukm|taglen|authattr|written)"),
    # OpenSSL 3.0; Debian builds it without zlib
    ("openssl", "", "^Ed25519", "eddsa_digest_signverify_init:invalid digest"),
    ("openssl", "read", "^X25519", "evp_pkey_asym_cipher_init:operation not supported for this keytype"),
    ("openssl", "write", "^X25519", "CMS_decrypt_set1_pkey_and_peer:no matching recipient"),
    ("openssl", "read", "^CompressedData", "CMS_compress:unsupported compression algorithm"),
    # BouncyCastle 1.72
    ("bouncycastle", "read", "^X25519, HKDF", "Unknown key agreement algorithm"),
    ("bouncycastle", "write", "^X25519, HKDF", "no such algorithm: 1.2.840.113549.1.9.16.3.(19|20|21)"),
    ("bouncycastle", "read", "^X25519, X9.63", "can't identify EC private key"),
    # gpgsm 2.2: its agent takes no such key (EC keys make it crash), and it has no way to verify or unwrap these
    ("gpgsm", "read", "^ECDSA", GPGSM_KEY + ".*(Segmentation fault|SIGSEGV)"),
    ("gpgsm", "read", "^(Ed25519|DSA|RSA-PSS, rsassaPss)", GPGSM_KEY + ".*data error at \"shrouded_key_bag"),
    ("gpgsm", "write", "^ECDSA P(256|384|521), sha(224|256|384)", r"a \d+ bit hash is not valid for a \d+ bit ECC key"),
    ("gpgsm", "write", "^ECDSA P521", "(multiple of 8 bits|bit hash is not valid)"),
    ("gpgsm", "write", "^Ed25519", "multiple of 8 bits"),
    ("gpgsm", "write", "^RSA-PSS, sha224", "PSS hash algorithm 'SHA224' rejected"),
    ("gpgsm", "read", "^(ECDH|X25519)", "certificate is not usable for encryption"),
    ("gpgsm", "write", "^(ECDH|X25519)", "(certificate should not have been used for encryption|No secret key)"),
    ("gpgsm", "write", "^RSA-OAEP", "error getting encrypted session key"),
    ("gpgsm", "write", "^KEK", "possibly unsupported KEK info"),
    ("gpgsm", "read", "(gcm|rc2)", "selected cipher algorithm is invalid"),
    ("gpgsm", "write", "gcm", "error getting IV: Buffer too short"),
    # libsmime3 of 3.87, and of 3.125 in Thunderbird
    (NSS, "read", "md5", "SEC_ERROR_SIGNATURE_ALGORITHM_DISABLED|failed to add data to encoder"),
    ("cmsutil", "read", "^Ed25519", "the corresponding cert for key \"ed25519\" does not exist"),
    ("cmsutil", "write", "^Ed25519", "SEC_ERROR_PKCS7_BAD_SIGNATURE"),
    ("thunderbird's NSS", "read", "^Ed25519", "SEC_ERROR_INADEQUATE_KEY_USAGE"),
    ("thunderbird's NSS", "write", "^Ed25519", "SEC_ERROR_INVALID_KEY"),
    ("cmsutil", "write", "rsassaPss", "SEC_ERROR_INVALID_ARGS"),
    ("thunderbird's NSS", "write", "rsassaPss", "SEC_ERROR_BAD_DATA"),
    ("cmsutil", "read", "ECDH", "problem enveloping: SEC_ERROR_INVALID_ALGORITHM"),
    ("cmsutil", "write", "^(ECDH|X25519|KEK|password)", "problem decoding: SEC_ERROR_BAD_DER"),
    ("cmsutil", "read", "^X25519", "cannot find certificate for \"x25519@example.org\""),
    ("thunderbird's NSS", "read", "^X25519", "problem enveloping: SEC_ERROR_INVALID_ALGORITHM"),
    ("thunderbird's NSS", "write", "^X25519", "SEC_ERROR_BAD_EXPORT_ALGORITHM"),
    ("cmsutil", "write", "^RSA-OAEP", "SEC_ERROR_UNSUPPORTED_KEYALG"),
    ("thunderbird's NSS", "write", "^KEK", "problem decoding: SEC_ERROR_BAD_DATA"),
    ("thunderbird's NSS", "write", "^password", "SEC_ERROR_UNRECOGNIZED_OID"),
    (NSS, "write", "gcm", "SEC_ERROR_UNRECOGNIZED_OID"),
)

# NSS's libsmime3 names rsassaPss without parameters (RFC 4056 3 wants them), and means PKCS#1 v1.5
BROKEN = ((NSS, "rsassaPss"),)


def is_known(row, peer, way, error):
    said = " ".join(error.split())
    return any(re.fullmatch(known_peer, peer) and known_way in ("", way) and re.search(name, row.name) and
               re.search(known_error, said) for known_peer, known_way, name, known_error in KNOWN)


def is_broken(row, peer):
    return any(re.fullmatch(known_peer, peer) and re.search(name, row.name) for known_peer, name in BROKEN)

"""Keys, certificates and databases of the matrix: those of make_pki.sh, and the kinds that it has not."""

import os
import subprocess
from pathlib import Path

from peers import run

HERE = Path(__file__).resolve().parent
MAKE_PKI = str(HERE.parent / "fixtures" / "make_pki.sh")
OURS = ("alice", "alice-p256", "alice-p384", "alice-p521", "bob", "bob-p256", "bob-p384")
SIGNING, AGREEING = "digitalSignature", "keyAgreement"
MORE = {"pss": ("RSA-PSS", "rsa_keygen_bits:2048", SIGNING), "dsa": ("DSA", None, SIGNING),
        "ed25519": ("ED25519", None, SIGNING), "x25519": ("X25519", None, AGREEING)}
NEW_KEYS = ("ed25519", "x25519")  # that NSS 3.87 does not know
RSA_ENCRYPTION = bytes.fromhex("300d06092a864886f70d0101010500")
RSA_PSS = bytes.fromhex("300b06092a864886f70d01010a")


def make_key(pki, name, algorithm, option):
    key = str(pki / f"{name}.key")
    if algorithm == "DSA":
        run("openssl", "dsaparam", "-out", str(pki / "dsa.parameters"), "2048")
        run("openssl", "gendsa", "-out", key, str(pki / "dsa.parameters"))
        return
    run("openssl", "genpkey", "-algorithm", algorithm, *(("-pkeyopt", option) if option else ()), "-out", key)


def make_person(pki, name, algorithm, option, usage):
    """The request is signed by another key: not every key can sign one."""
    make_key(pki, name, algorithm, option)
    extensions = pki / "more.ext"
    extensions.write_text(f"basicConstraints=critical,CA:FALSE\nkeyUsage=critical,{usage}\n"
                          "extendedKeyUsage=emailProtection\nsubjectKeyIdentifier=hash\n"
                          f"authorityKeyIdentifier=keyid\nsubjectAltName=email:{name}@example.org\n", encoding="ascii")
    run("openssl", "pkey", "-in", str(pki / f"{name}.key"), "-pubout", "-out", str(pki / f"{name}.pub"))
    run("openssl", "req", "-new", "-key", str(pki / "alice-p256.key"), "-subj", f"/C=XX/O=Sealpost test/CN={name}",
        "-out", str(pki / "more.csr"))
    run("openssl", "x509", "-req", "-in", str(pki / "more.csr"), "-force_pubkey", str(pki / f"{name}.pub"), "-CA",
        str(pki / "intermediate.crt"), "-CAkey", str(pki / "intermediate.key"), "-set_serial",
        str(9000 + list(MORE).index(name)), "-days", "900", "-extfile", str(extensions), "-out", str(pki / f"{name}.crt"))


def make_all(pki):
    for name, (algorithm, option, usage) in MORE.items():
        make_person(pki, name, algorithm, option, usage)
    for name in (*OURS, *MORE, "intermediate", "root"):
        run("openssl", "x509", "-in", str(pki / f"{name}.crt"), "-outform", "DER", "-out", str(pki / f"{name}.der"))
    for name in (*OURS, *MORE):
        run("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", str(pki / f"{name}.key"), "-outform", "DER", "-out",
            str(pki / f"{name}.p8"))
    for bits in (128, 192, 256):
        (pki / f"kek-{bits}").write_bytes(os.urandom(bits // 8))
    # NSS reads no PrivateKeyInfo that says rsassaPss: the same key, saying rsaEncryption
    key = (pki / "pss.p8").read_bytes()
    changed = key[4:].replace(RSA_PSS, RSA_ENCRYPTION, 1)
    (pki / "pss-plain.p8").write_bytes(b"\x30\x82" + len(changed).to_bytes(2, "big") + changed)


def compile_helper(folder):
    helper = str(folder / "nss_helper")
    flags = run("pkg-config", "--cflags", "--libs", "nss").decode().split()
    run("cc", "-O1", "-o", helper, str(HERE / "nss_helper.c"), *flags)
    return helper


def environment(library):
    variables = dict(os.environ)
    if library:
        variables["LD_LIBRARY_PATH"] = library
    return variables


def make_database(pki, database, helper, library):
    """With every key that the NSS in `library` (None: the system's) takes."""
    subprocess.run(("bash", MAKE_PKI, str(pki), str(database), *OURS), check=True, stdout=subprocess.DEVNULL,
                   env=environment(library))
    names = {"pss": "pss-plain", "dsa": "dsa", **({name: name for name in NEW_KEYS} if library else {})}
    for name, key in names.items():
        run(helper, "key", f"sql:{database}", name, str(pki / f"{key}.p8"), str(pki / f"{name}.der"),
            environment=environment(library))
    for bits in (128, 192, 256):
        run(helper, "secret", f"sql:{database}", f"kek-{bits}", str(pki / f"kek-{bits}"),
            environment=environment(library))


def encrypted_by_host(ours, row, content):
    """By cms.encrypt where the host has it."""
    if "cms.encrypt" not in ours.methods:
        return None
    wishes = {"content": content, "cipher": row.cipher}
    if row.kind == "kek":
        wishes["kek"] = {"text": row.who}
    elif row.kind == "pwri":
        wishes["password"] = True
    else:
        wishes["recipients"] = [ours.ids[row.who]]
    if row.kind == "oaep":
        wishes.update(keyTransport="rsa-oaep", oaepDigest=row.hash)
    if row.cofactor:
        wishes["keyAgreement"] = "ecdh-cofactor"
    if row.ukm:
        wishes["ukm"] = {"text": row.ukm}
    result = ours.host.request("cms.encrypt", wishes)
    return ours.host.download(result["cms"])

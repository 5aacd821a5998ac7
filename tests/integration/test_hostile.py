"""Messages made to deceive or to wear out: each is an attack that worked once, or must never."""
import base64
import functools
import hashlib
import os
import random
import re
import subprocess
import time

import der
from fixtures import ROOT, SANITIZED, HostTest, database, new_folder, pki

WITHIN = 5.0 if not SANITIZED else 60.0  # seconds for any message below a megabyte

HEAD = (b"From: alice@example.org\r\nTo: bob@example.org\r\nSubject: hello\r\n"
        b"MIME-Version: 1.0\r\n")
TEXT = b"Content-Type: text/plain\r\n\r\nPay 5 to Bob.\r\n"
EVIL = b"Content-Type: text/html\r\n\r\n<b>Pay 500 to Mallory.</b>\r\n"
PROTOCOL = b'protocol="application/pkcs7-signature"; micalg=sha-256'


@functools.lru_cache(maxsize=None)
def bobs_database():
    return database("bob")


def limit(name):
    """A number of limits.h."""
    with open(os.path.join(ROOT, "host", "base", "limits.h"), encoding="utf-8") as file:
        return int(re.search(r"#define %s (\d+)" % name, file.read())[1])


LIMIT_OWN_RECIPIENTS = limit("LIMIT_OWN_RECIPIENTS")
LIMIT_CHECKS = limit("LIMIT_CHECKS")
LIMIT_CANDIDATES = limit("LIMIT_CANDIDATES")
LIMIT_RSA_BITS = limit("LIMIT_RSA_BITS")
LIMIT_SIGNERS = limit("LIMIT_SIGNERS")


def openssl(action, content, *arguments):
    path = os.path.join(new_folder(), "content")
    with open(path, "wb") as file:
        file.write(content)
    return subprocess.run(["openssl", "cms", action, "-binary", "-in", path, "-outform", "DER",
                           *arguments], check=True, stdout=subprocess.PIPE).stdout


@functools.lru_cache(maxsize=None)
def sign(content, opaque=False, name="alice"):
    path = os.path.join(pki(), name)
    return openssl("-sign", content, "-signer", path + ".crt", "-inkey", path + ".key", "-certfile",
                   os.path.join(pki(), "intermediate.crt"), *(["-nodetach"] if opaque else []))


def encrypt(content, name="bob"):
    return openssl("-encrypt", content, "-aes-128-cbc", os.path.join(pki(), name + ".crt"))


def in_base64(content):
    return base64.encodebytes(content).replace(b"\n", b"\r\n")


def pkcs7(cms, smime_type=b"signed-data"):
    return (b"Content-Type: application/pkcs7-mime; smime-type=" + smime_type + b"\r\n"
            b"Content-Transfer-Encoding: base64\r\n\r\n" + in_base64(cms))


def signature_part(cms):
    return (b"Content-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: base64\r\n"
            b"\r\n" + in_base64(cms))


def multipart(parameters, *parts, subtype=b"signed", boundary=b"bnd", preamble=b""):
    """`parameters` must name the boundary."""
    body = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return (b"Content-Type: multipart/" + subtype + b"; " + parameters + b"\r\n\r\n" + preamble +
            body + b"--" + boundary + b"--\r\n")


def signed(entity=TEXT, parameters=PROTOCOL + b"; boundary=bnd", boundary=b"bnd", preamble=b""):
    return multipart(parameters, entity, signature_part(sign(entity)), boundary=boundary,
                     preamble=preamble)


class Hostile(HostTest):
    def start(self, **options):
        return super().start(database=bobs_database(), **options)

    def open(self, message):
        return self.host.request("message.open", {"message": {"blob": self.host.upload(message)}},
                                 timeout=120)

    def content(self, result):
        return self.host.download(result["content"])

    def assert_good(self, message):
        result = self.open(message)
        self.assertEqual((result["signature"]["status"], result["signature"]["problems"]),
                         ("good", []))
        return result

    def assert_not_good(self, message, *words):
        signature = self.open(message)["signature"]
        self.assertNotEqual(signature["status"], "good", message[:300])
        for word in words:
            self.assertIn(word, signature["problems"], message[:300])


class Senders(Hostile):
    """Who the sender is said to be, and who signed."""

    def with_from(self, fields):
        return fields + HEAD.split(b"\r\n", 1)[1] + signed()

    def test_a_from_that_others_may_read_as_another_address_is_never_good(self):
        for fields in (
                b"From: alice@example.org, mallory@evil.example\r\n",
                b"From: alice@example.org\r\nfrom: mallory@evil.example\r\n",
                b"From: alice@example.org\r\nFROM : mallory@evil.example\r\n",
                b'From: "alice@example.org" <mallory@evil.example>\r\n',
                b"From: mallory@evil.example <alice@example.org>\r\n",
                b"From: <alice@example.org> mallory@evil.example\r\n",
                b"From: <@evil.example:alice@example.org>\r\n",
                b"From: =?utf-8?q?alice=40example=2Eorg?= <mallory@evil.example>\r\n",
                b'From: "x\\" <alice@example.org>" <mallory@evil.example>\r\n',
                b'From: "alice"@example.org\r\n',
                b"From: alice@example.org.\r\n",
                b"From: alice@example.org;\r\n",
                b"From: alice@example.org\r\nFrom:\r\n",
                b"From: alice@example.org\x0b\r\n",
                b"From: alice@example\xe3\x80\x82org\r\n",
                b"From: mallory@evil.example\rFrom: alice@example.org\r\n",
                b" From: mallory@evil.example\r\nFrom: alice@example.org\r\n",
                b"From: mallory@evil.example (\r\nFrom: alice@example.org\r\n",
                b"From: alice@example.org\r\nno field\r\nFrom: mallory@evil.example\r\n",
                b"Sender: alice@example.org\r\nFrom: mallory@evil.example\r\n",
                b"Sender: alice@example.org\r\n"):
            with self.subTest(fields):
                self.assert_not_good(self.with_from(fields))

    def test_a_first_field_with_a_blank_before_its_colon_is_no_mbox_line(self):
        self.assert_not_good(self.with_from(b"From : mallory@evil.example\r\n"
                                            b"From: alice@example.org\r\n"), "multiple-from")

    def test_an_address_of_mixed_alphabets_is_told(self):
        message = self.with_from("From: alice@ex\u0430mple.org\r\n".encode())
        self.assert_not_good(message, "mixed-scripts")

    def test_another_from_inside_is_never_good(self):
        inner = b"From: mallory@evil.example\r\n" + TEXT
        self.assert_not_good(HEAD + pkcs7(sign(inner, True)), "header-mismatch")

    def test_another_from_around_a_wrapped_message_is_never_good(self):
        wrapper = b"Content-Type: message/rfc822; forwarded=no\r\n\r\n" + HEAD + TEXT
        self.assert_good(HEAD + pkcs7(sign(wrapper, True)))
        inner = b"From: mallory@evil.example\r\n" + wrapper
        self.assert_not_good(HEAD + pkcs7(sign(inner, True)), "header-mismatch")

    def test_another_from_in_a_header_that_cannot_be_read_is_never_good(self):
        for more in (b"X: \0\r\n", b"X: y\r\n" * 1001):
            inner = b"From: mallory@evil.example\r\n" + more + TEXT
            self.assert_not_good(HEAD + pkcs7(sign(inner, True)), "mime-ambiguous")

    def test_a_changed_from_around_encryption_is_never_good(self):
        head = HEAD.replace(b"alice@", b"bob@")
        self.assert_not_good(head + pkcs7(encrypt(signed()), b"enveloped-data"),
                             "address-mismatch")


class Structure(Hostile):
    """What is shown, and what was signed."""

    def test_two_readings_of_the_boundary_are_never_good(self):
        for parameters in (
                b"; boundary=bnd; boundary=evil", b"; boundary=evil; Boundary=bnd",
                b"; boundary*0=b; boundary*1=nd", b"; boundary*=us-ascii''bnd",
                b"; boundary=(evil)bnd", b'; boundary="b\\nd"', b'; boundary="=?utf-8?q?bnd?="',
                b", boundary=evil; boundary=bnd", b" boundary=evil; boundary=bnd",
                b'; boundary=bnd; x="; boundary=evil"', b";\r\n boundary=bnd;\r\n \r\n boundary=evil"):
            with self.subTest(parameters):
                self.assert_not_good(HEAD + signed(parameters=PROTOCOL + parameters))

    def test_text_beside_the_signed_part_is_not_shown(self):
        result = self.assert_good(HEAD + signed(preamble=b"Pay 500 to Mallory.\r\n"))
        self.assertNotIn(b"Mallory", self.content(result))

    def test_unsigned_parts_are_never_good(self):
        part = signature_part(sign(TEXT))
        for message in (
                multipart(PROTOCOL + b"; boundary=bnd", TEXT, part, EVIL),
                multipart(PROTOCOL + b"; boundary=bnd", EVIL, TEXT, part),
                multipart(PROTOCOL + b"; boundary=bnd", EVIL, part),
                signed() + b"\r\n--bnd\r\n" + EVIL + b"\r\n--bnd--\r\n",
                signed(preamble=b"--bndx\r\n" + EVIL),
                signed(preamble=b"x\r--bnd\r\n" + EVIL),
                multipart(b"boundary=out", EVIL, signed(), subtype=b"mixed", boundary=b"out"),
                multipart(b"boundary=out", signed(), subtype=b"related", boundary=b"out"),
                b"Content-Type: message/rfc822\r\n\r\n" + HEAD + signed()):
            self.assert_not_good(HEAD + message)

    def test_outer_fields_cannot_put_text_in_front_of_what_was_signed(self):
        for trick in (b"X: y\r\n \r\nPay: Mallory\r\n", b"X: y\r\r\nPay: Mallory\r\n",
                      b"X:\r\n\t\r\n \r\n y\r\n"):
            with self.subTest(trick):
                content = self.content(self.open(HEAD + trick + signed()))
                header, body = content.split(b"\r\n\r\n", 1)
                self.assertEqual(body, b"Pay 5 to Bob.\r\n")
                self.assertNotIn(b"\r", header.replace(b"\r\n", b""))
                for line in header.split(b"\r\n"):
                    self.assertNotEqual(line.strip(), b"")

    def test_outer_content_fields_do_not_reach_what_was_signed(self):
        message = (b"Content-Disposition: attachment\r\nContent-Language: xx\r\n" + HEAD +
                   pkcs7(sign(TEXT, True)))
        self.assertNotIn(b"Content-Transfer", self.content(self.open(message)))
        self.assertNotIn(b"Content-Disposition", self.content(self.open(message)))

    def test_a_signature_over_text_does_not_speak_for_altered_bytes(self):
        for header, content, altered in (
                (b"Content-Transfer-Encoding: binary\r\n", b"\1\r\n\2", b"\1\n\2"),
                (b"", b"\0\r\n\2", b"\0\n\2"), (b"", b"a\rb\r\n", b"a\rb\n")):
            entity = b"Content-Type: application/x-y\r\n" + header + b"\r\n"
            signature = signature_part(sign(entity + content))
            shown = entity.replace(b"\r\n", b"\n") + altered
            self.assert_not_good(HEAD + multipart(PROTOCOL + b"; boundary=bnd", shown, signature),
                                 "digest-mismatch")

    def test_each_layer_on_a_part_is_listed_once(self):
        inner = multipart(b"boundary=m", signed(parameters=PROTOCOL + b"; boundary=q",
                                                boundary=b"q"), subtype=b"mixed", boundary=b"m")
        outer = signed(inner, PROTOCOL + b"; boundary=r", b"r")
        layers = self.open(HEAD + multipart(b"boundary=out", TEXT, outer, subtype=b"mixed",
                                            boundary=b"out"))["layers"]
        self.assertEqual(len(layers), 2)

    def test_nothing_decrypted_stands_beside_other_parts(self):
        secret = b"Content-Type: text/plain\r\n\r\nsecret\r\n"
        result = self.open(HEAD + multipart(
            b"boundary=out", b"Content-Type: text/html\r\n\r\n<img src='http://evil.example/",
            pkcs7(encrypt(secret), b"enveloped-data"), subtype=b"mixed", boundary=b"out"))
        self.assertEqual(result["encryption"]["status"], "partial")
        self.assertNotIn(b"secret", self.content(result))
        self.assertEqual(self.host.download(result["layers"][0]["content"]), secret)


def name_of(text):
    return der.sequence(der.set_of(der.sequence(der.oid("2.5.4.3"),
                                                der.value(0x0C, text.encode()))))


ISSUER = name_of("somebody")
SHA256 = der.sequence(der.oid("2.16.840.1.101.3.4.2.1"))
RSA = der.sequence(der.oid("1.2.840.113549.1.1.1"), der.NULL)
RSA_SHA256 = der.sequence(der.oid("1.2.840.113549.1.1.11"), der.NULL)
DATA = der.oid("1.2.840.113549.1.7.1")
EXPONENT = 65537
SLOW_EXPONENT = (1 << 63) + 1  # four times the work of the usual one
CHECKS_OF_SIGNER = 4  # in LIMIT_CHECKS


def alternative_names(addresses):
    """The extension with these e-mail addresses (RFC 5280 4.2.1.6)."""
    names = der.sequence(*(der.value(0x81, address) for address in addresses))
    return der.explicit(3, der.sequence(der.sequence(der.oid("2.5.29.17"), der.octets(names))))


def false_certificate(bits, serial, chance, names=(ISSUER, ISSUER), exponent=EXPONENT, addresses=()):
    """A certificate whose key nobody has, and whose own signature is wrong."""
    subject, issuer = names
    modulus = chance.getrandbits(bits) | 1 | 1 << (bits - 1)
    key = der.sequence(RSA, der.bit_string(der.sequence(der.integer(modulus),
                                                        der.integer(exponent))))
    content = der.sequence(
        der.explicit(0, der.integer(2)), der.integer(serial), RSA_SHA256, issuer,
        der.sequence(der.value(0x17, b"240101000000Z"), der.value(0x17, b"340101000000Z")),
        subject, key, alternative_names(addresses) if addresses else b"")
    return der.sequence(content, RSA_SHA256, der.bit_string(b"\1" * (bits // 8)))


@functools.lru_cache(maxsize=None)
def issuer_and_serial(name):
    """(IssuerAndSerialNumber, serial number) of a person of the PKI."""
    path = os.path.join(pki(), name)
    serial = int(subprocess.run(["openssl", "x509", "-in", path + ".crt", "-noout", "-serial"],
                                check=True, stdout=subprocess.PIPE, text=True)
                 .stdout.strip().split("=")[1], 16)
    return der.sequence(certificate_name("intermediate"), der.integer(serial)), serial


def certificate(name):
    return subprocess.run(["openssl", "x509", "-in", os.path.join(pki(), name + ".crt"),
                           "-outform", "DER"], check=True, stdout=subprocess.PIPE).stdout


def certificate_name(common_name):
    """The name that the PKI gives."""
    parts = (("2.5.4.6", 0x13, "XX"), ("2.5.4.10", 0x0C, "Sealpost test"),
             ("2.5.4.3", 0x0C, common_name))
    return der.sequence(*(der.set_of(der.sequence(der.oid(oid), der.value(tag, text.encode())))
                          for oid, tag, text in parts))


ATTRIBUTES = (
    der.sequence(der.oid("1.2.840.113549.1.9.3"), der.set_of(DATA)),
    der.sequence(der.oid("1.2.840.113549.1.9.4"),
                 der.set_of(der.octets(hashlib.sha256(TEXT).digest()))))


def signer_info(issuer, signature):
    return der.sequence(der.integer(1), issuer, SHA256, der.explicit(0, *ATTRIBUTES), RSA_SHA256,
                        der.octets(signature))


def false_signer(serial, bits):
    return signer_info(der.sequence(ISSUER, der.integer(serial)), b"\1" * (bits // 8))


def alice_as_signer():
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign",
                                os.path.join(pki(), "alice.key")], input=der.set_of(*ATTRIBUTES),
                               check=True, stdout=subprocess.PIPE).stdout
    return signer_info(issuer_and_serial("alice")[0], signature)


def signed_data(certificates, signers):
    return der.sequence(der.oid("1.2.840.113549.1.7.2"), der.explicit(0, der.sequence(
        der.integer(1), der.set_of(SHA256),
        der.sequence(DATA, der.explicit(0, der.octets(TEXT))),
        der.explicit(0, *certificates), der.set_of(*signers))))


def false_recipient(key):
    """Bob, by his certificate, with a key that is none."""
    return der.sequence(der.integer(0), issuer_and_serial("bob")[0], RSA, der.octets(b"\1" + key))


class Work(Hostile):
    """No message below a megabyte keeps the host busy for long."""

    def assert_quick(self, message):
        self.assertLess(len(message), 1 << 20)
        begin = time.monotonic()
        self.open(message)
        self.assertLess(time.monotonic() - begin, WITHIN)

    def test_the_user_named_thousands_of_times_as_a_recipient(self):
        chance = random.Random(1)
        recipients = [false_recipient(chance.randbytes(127)) for _ in range(3000)]
        content = der.sequence(DATA, der.sequence(der.oid("2.16.840.1.101.3.4.1.42"),
                                                  der.octets(bytes(16))),
                               der.value(0x80, bytes(32)))
        cms = der.sequence(der.oid("1.2.840.113549.1.7.3"), der.explicit(0, der.sequence(
            der.integer(0), der.set_of(*recipients), content)))
        self.assert_quick(HEAD + pkcs7(cms, b"enveloped-data"))

    def test_many_signers_that_many_slow_keys_could_belong_to(self):
        chance = random.Random(2)
        certificates = [false_certificate(8192, 7, chance, exponent=SLOW_EXPONENT)
                        for _ in range(190)]
        self.assert_quick(HEAD + pkcs7(signed_data(certificates, [false_signer(7, 8192)] * 64)))

    def test_many_signers_that_many_slow_keys_could_vouch_for(self):
        chance = random.Random(3)
        leaves = [false_certificate(8192, 100 + i, chance, (name_of("leaf %d" % i), ISSUER))
                  for i in range(64)]
        decoys = [false_certificate(8192, 1000 + i, chance, exponent=SLOW_EXPONENT)
                  for i in range(100)]
        signers = [false_signer(100 + i, 2048) for i in range(64)]
        self.assert_quick(HEAD + pkcs7(signed_data(leaves + decoys, signers)))

    def test_keys_that_no_honest_person_has(self):
        chance = random.Random(4)
        certificates = [false_certificate(16384, 7, chance, exponent=SLOW_EXPONENT)
                        for _ in range(130)]
        self.assert_quick(HEAD + pkcs7(signed_data(certificates, [false_signer(7, 16384)] * 16)))

    def test_many_authors_and_signers_of_many_addresses(self):
        addresses = [b"x%d@example.org" % i for i in range(256)]
        certificates = [false_certificate(2048, 7, random.Random(8), addresses=addresses)]
        authors = b",\r\n ".join(b"q%d@example.org" % i for i in range(990))
        head = b"From: " + authors + b"\r\nSender: " + authors + b"\r\n"
        self.assert_quick(head + HEAD.split(b"\r\n", 1)[1] + pkcs7(
            signed_data(certificates, [false_signer(7, 2048)] * LIMIT_SIGNERS)))

    def test_a_name_of_many_addresses_and_signers_of_many_addresses(self):
        chance = random.Random(9)
        addresses = [b"x%d@a.org" % i for i in range(255)]
        certificates = [false_certificate(1024, i, chance, (name_of("leaf %d" % i), ISSUER),
                                          addresses=addresses + [b"%d@z.z" % i])
                        for i in range(LIMIT_SIGNERS)]
        name = b"%d@z.z " % (LIMIT_SIGNERS - 1)
        head = b'From: "' + name * (8000 // len(name)) + b'" <x254@a.org>\r\n'
        self.assert_quick(head + HEAD.split(b"\r\n", 1)[1] + pkcs7(
            signed_data(certificates, [false_signer(i, 1024) for i in range(LIMIT_SIGNERS)])))


class Limits(Hostile):
    """Where the host stops looking, to the number."""

    def opened_behind(self, count):
        """The encryption's status where this many false recipients stand before the right one."""
        cms = openssl("-encrypt", TEXT, "-aes-128-gcm", os.path.join(pki(), "bob.crt"))
        version = cms.index(der.integer(0) + b"\x31") + 3
        header = 4  # of a set between 256 and 65535 bytes
        size = int.from_bytes(cms[version + 2:version + header], "big")
        right = cms[version + header:version + header + size]
        parts = [false_recipient(b"\1" * 255)] * count + [right]
        content = der.sequence(der.integer(0), der.set_of(*parts) + cms[version + header + size:])
        message = der.sequence(der.oid("1.2.840.113549.1.9.16.1.23"), der.explicit(0, content))
        return self.open(HEAD + pkcs7(message, b"authEnveloped-data"))["encryption"]["status"]

    def test_so_many_recipients_of_one_name_are_tried(self):
        self.assertEqual(self.opened_behind(LIMIT_OWN_RECIPIENTS - 1), "encrypted")
        self.assertEqual(self.opened_behind(LIMIT_OWN_RECIPIENTS), "failed")

    def problems_behind(self, count):
        """Of Alice's signature where this many false certificates of hers stand before hers."""
        chance = random.Random(5)
        serial = issuer_and_serial("alice")[1]
        false = [false_certificate(2048, serial, chance, (ISSUER, certificate_name("intermediate")))
                 for _ in range(count)]
        cms = signed_data(false + [certificate("alice")], [alice_as_signer()])
        return self.open(HEAD + pkcs7(cms))["signature"]["problems"]

    def test_so_many_certificates_of_one_serial_number_are_tried(self):
        self.assertNotIn("signature-mismatch", self.problems_behind(LIMIT_CANDIDATES - 1))
        self.assertIn("signature-mismatch", self.problems_behind(LIMIT_CANDIDATES))

    def test_signatures_by_longer_keys_are_not_checked(self):
        for bits, word in ((LIMIT_RSA_BITS, "signature-mismatch"),
                           (LIMIT_RSA_BITS + 8, "algorithm-unsupported")):
            certificates = [false_certificate(bits, 7, random.Random(6))]
            cms = signed_data(certificates, [false_signer(7, bits)])
            self.assertIn(word, self.open(HEAD + pkcs7(cms))["signature"]["problems"])

    def test_so_many_signatures_are_checked_for_a_message(self):
        certificates = [false_certificate(2048, 7, random.Random(7))]
        part = pkcs7(signed_data(certificates, [false_signer(7, 2048)] * LIMIT_SIGNERS))
        layers = self.open(HEAD + multipart(b"boundary=out", part, part, subtype=b"mixed",
                                            boundary=b"out"))["layers"]
        unknown = ["signer-unknown" in signer["problems"]
                   for layer in layers for signer in layer["signers"]]
        known = LIMIT_CHECKS // CHECKS_OF_SIGNER
        self.assertEqual(unknown, [False] * known + [True] * (2 * LIMIT_SIGNERS - known))

"""What a message tells to somebody who reads every byte of it, with a key: all layers and encodings taken off."""

import base64
import email
import functools
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "interop"))

import mime  # noqa: E402
import peers  # noqa: E402


class Reader:
    """Reads with the keys of everybody who is given."""

    def __init__(self, pki, folder):
        self.pki = Path(pki)
        self.openssl = peers.OpenSSL(pki, folder)
        self.read = {}  # what everything() found before

    def decrypt(self, cms, names):
        for name in names:
            try:
                return self.openssl.decrypt(name, cms)
            except RuntimeError:
                continue
        return None

    def leafs(self, message):
        """The decoded bytes of all parts, whatever Python's parser finds."""
        return [part.get_payload(decode=True) or b"" for part in email.message_from_bytes(message).walk()]

    def everything(self, message, names):
        """All bytes: as they are, decoded, decrypted with the keys of `names`."""
        if message not in self.read:
            self.read[message] = self.take_off(message, names)
        return self.read[message]

    def take_off(self, message, names):
        found = [message] + self.leafs(message)
        header, body = mime.split_header(message)
        if "application/pkcs7-mime" in header.lower():
            cms = base64.b64decode(body)
            inner = cms if "signed-data" in header else self.decrypt(cms, names)
            if inner is not None:
                start = re.search(rb"(?im)^(From|Content-Type|MIME-Version|Subject|To|Cc|Date|Message-ID): ", inner)
                found += [inner] + (self.everything(inner[start.start():], names) if start else [])
        return found

    def recipients(self, message):
        """The serial numbers in the RecipientInfos, by OpenSSL's reading; an empty set: not encrypted."""
        header, body = mime.split_header(message)
        if "enveloped-data" not in header.lower():
            return set()
        text = peers.run("openssl", "cms", "-cmsout", "-print", "-inform", "DER", "-noout", "-in",
                         self.openssl.file("printed", base64.b64decode(body))).decode(errors="replace")
        part = text.split("recipientInfos:", 1)[1].split("encryptedContentInfo:", 1)[0]
        return {int(number, 0) for number in re.findall(r"serialNumber: (\w+)", part)}

    @functools.lru_cache(maxsize=None)
    def serial(self, name):
        text = peers.run("openssl", "x509", "-noout", "-serial", "-in", str(self.pki / f"{name}.crt")).decode()
        return int(text.split("=")[1], 16)

    @functools.lru_cache(maxsize=None)
    def marks(self, name):
        """Byte strings that give somebody away: his address, his certificate's serial number and key identifier."""
        serial = self.serial(name)
        der = serial.to_bytes(serial.bit_length() // 8 + 1, "big")
        text = peers.run("openssl", "x509", "-noout", "-ext", "subjectKeyIdentifier", "-in",
                         str(self.pki / f"{name}.crt")).decode()
        key = bytes.fromhex(re.search(r"([0-9A-F]{2}(:[0-9A-F]{2}){19})", text)[1].replace(":", ""))
        return {"address": f"{name}@example.org".encode(), "serial number": bytes([2, len(der)]) + der,
                "key identifier": key}

    def traces(self, message, name, keys):
        """What of `name` stands anywhere in what the holders of `keys` can read."""
        everything = self.everything(message, keys)
        return [what for what, mark in self.marks(name).items() if any(mark.lower() in text.lower() for text in everything)]

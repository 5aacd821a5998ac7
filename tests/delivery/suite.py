#!/usr/bin/env python3
"""Copies of protected messages through a real SMTP server and LMTP into mailboxes: every mailbox gets exactly one, it
opens there, and no byte of anybody's copy gives a blind recipient away."""

import base64
import email
import email.utils
import itertools
import re
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
for folder in (HERE, HERE.parent / "interop", HERE.parent / "integration", HERE.parent / "roundtrip"):
    sys.path.insert(0, str(folder))

import generate  # noqa: E402
import judge  # noqa: E402
import servers  # noqa: E402
from sealpost_client import Host  # noqa: E402
from traces import Reader  # noqa: E402

PEOPLE = ("alice", "bob", "carol", "alice-p256", "bob-p256", "alice-p384")
ROUTES = ("generic", "smtp", "jmap", "roundcube", "gmail", "graph")
BY_HEADER = ("gmail", "graph")
WISHES = (
    {"sign": {}},
    {"sign": {"form": "opaque"}},
    {"encrypt": {}},
    {"sign": {}, "encrypt": {"cipher": "aes-256-gcm"}},
    {"sign": {}, "encrypt": {"toSelf": False}},
    {"sign": {}, "headerProtection": "signed"},
    {"sign": {}, "encrypt": {}, "headerProtection": "confidential"},
    {},
)
# To, Cc, Bcc: names of people. Somebody twice gets one copy, and an open place counts.
LETTERS = {
    "two blind": (["bob"], ["alice-p256"], ["carol", "bob-p256"]),
    "all blind": ([], [], ["carol", "bob-p256"]),
    "somebody twice": (["bob", "alice-p256"], ["bob"], ["alice-p256", "carol", "carol"]),
    "the sender blind": (["bob"], [], ["alice", "carol"]),
    "nobody blind": (["bob"], ["carol"], []),
}
BODY = "Content-Type: text/plain; charset=utf-8\r\n\r\nDear all,\r\nthis is für everybody.\r\n"


def address(name):
    return f"{name}@example.org"


def field(name, people):
    """With a display name that must not be seen either."""
    return f"{name}: " + ", ".join(f'"{who.upper()} the {name}" <{address(who)}>' for who in people) + "\r\n" if people else ""


def by_header(message):
    """What a site does that reads the recipients from the header, as Gmail and Graph do: (recipients, message)."""
    parsed = email.message_from_bytes(message)
    found = email.utils.getaddresses([value for name in ("To", "Cc", "Bcc") for value in parsed.get_all(name, [])])
    assert parsed["Bcc"] is None, "a copy to be sent has a Bcc"
    return sorted({mailbox for _, mailbox in found}), message


class Letter:
    """One message to be sent in one way, with what was made of it."""

    def __init__(self, number, people, wishes, route):
        self.number = number
        self.to, self.cc, self.bcc = people
        self.wishes = wishes
        self.route = route
        self.copies = []

    def __str__(self):
        return f"letter {self.number}, {self.route}, {self.wishes}, To {self.to} Cc {self.cc} Bcc {self.bcc}"

    def message(self):
        return (f"From: Alice <alice@example.org>\r\n{field('To', self.to)}{field('Cc', self.cc)}{field('Bcc', self.bcc)}"
                f"Subject: letter\r\nX-Letter: {self.number}\r\n{BODY}").encode()

    def open_people(self):
        return set(self.to) | set(self.cc)

    def blind_people(self):
        return set(self.bcc) - self.open_people()

    def protect(self, host):
        source = {"base64": base64.b64encode(self.message()).decode("ascii")}
        result = host.request("message.protect", {"message": source, "route": self.route, **self.wishes})
        self.copies = [{**copy, "bytes": host.download(copy["message"])} for copy in result["copies"]]

    def outgoing(self):
        """(recipients, message) of everything that is handed to the way, which knows only what it reads."""
        for copy in self.copies:
            if copy["role"] == "sent":
                continue
            if self.route in BY_HEADER:
                yield by_header(copy["bytes"])
            else:
                yield copy["envelope"]["to"], copy["bytes"]


class Post:
    def __init__(self, host, reader):
        self.host = host
        self.reader = reader

    # each gives a list of faults

    def counted(self, letter, boxes):
        """Exactly one for everybody who is named, none for anybody else."""
        expected = {address(who) for who in letter.open_people() | letter.blind_people()}
        mark = f"\r\nX-Letter: {letter.number}\r\n".encode()
        seen = {box: sum(mark in message for message in messages) for box, messages in boxes.items()}
        return [f"{box} got {seen.get(box, 0)}" for box in expected | set(seen)
                if seen.get(box, 0) != (1 if box in expected else 0)]

    def given_away(self, letter):
        """Traces of a blind recipient in a copy that is not his and not the sender's own."""
        found = []
        for copy, who in itertools.product(letter.copies, letter.blind_people()):
            if copy["role"] == "sent" or address(who) in copy["envelope"]["to"] or who == "alice":
                continue
            for what in self.reader.traces(copy["bytes"], who, PEOPLE):
                found.append(f"the {what} of {who} in the copy of {copy['envelope']['to']}")
            if any(re.search(rb"(?im)^[-\w]*bcc *:|the bcc", text)
                   for text in self.reader.everything(copy["bytes"], PEOPLE)):
                found.append(f"Bcc in the copy of {copy['envelope']['to']}")
        return found

    def misencrypted(self, letter):
        """RecipientInfos for anybody but those of the envelope and, in main, the sender."""
        found = []
        for copy in letter.copies if "encrypt" in letter.wishes else []:
            readers = {mailbox.split("@")[0] for mailbox in copy["envelope"]["to"]}
            to_self = letter.wishes["encrypt"].get("toSelf", True)
            if copy["role"] == "main" and to_self:
                readers |= {"alice"}
            if copy["role"] == "sent" and to_self and letter.open_people():
                readers |= letter.open_people()
            expected = {self.reader.serial(who) for who in readers}
            # OpenSSL 3.0 prints the serial numbers of key agreement, too
            seen = self.reader.recipients(copy["bytes"])
            if seen != expected:
                found.append(f"the {copy['role']} copy is for {seen}, not {expected} {readers}")
        return found

    def unreadable(self, letter, boxes):
        """Copies that do not open in the mailbox, or do not tell who else was written to."""
        found = []
        mark = f"\r\nX-Letter: {letter.number}\r\n".encode()
        delivered = [(box, message) for box, messages in boxes.items() for message in messages if mark in message]
        delivered += [("sent", copy["bytes"]) for copy in letter.copies if copy["role"] == "sent"]
        for box, message in delivered:
            result, content = self.open(message)
            status = (result["signature"]["status"], result["encryption"]["status"])
            expected = ("good" if "sign" in letter.wishes else "none",
                        "encrypted" if "encrypt" in letter.wishes else "none")
            if status != expected:
                found.append(f"{box}: {status}, {result['signature']} {result['encryption']}")
            if "für everybody.".encode() not in b"".join(self.reader.leafs(content)):
                found.append(f"{box}: another content")
            found += self.untold(letter, box, result["headers"])
        return found

    def untold(self, letter, box, headers):
        """Everybody reads who the open recipients are, where there is anything to put it in."""
        if not letter.wishes and letter.route in BY_HEADER:
            return []
        lines = {(line["name"].lower(), name) for line in headers["outer"] + headers["protected"]
                 for name in PEOPLE if f"<{address(name)}>" in line["value"]}
        return [f"{box}: {who} is not told" for who in letter.open_people()
                if not {("to", who), ("cc", who)} & lines]

    def open(self, message):
        source = {"base64": base64.b64encode(message).decode("ascii")}
        result = self.host.request("message.open", {"message": source})
        return result, self.host.download(result["content"])

    def faults(self, letter, boxes):
        return (self.counted(letter, boxes) + self.given_away(letter) + self.misencrypted(letter) +
                self.unreadable(letter, boxes))


class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, name, found):
        self.passed += not found
        self.failed += bool(found)
        for fault in found:
            print(f"FAILED {name}: {fault}")


def all_letters():
    numbers = itertools.count(1)
    for people, wishes, route in itertools.product(LETTERS.values(), WISHES, ROUTES):
        if route in ("jmap", "roundcube", "generic") and people is not LETTERS["two blind"]:
            continue  # as smtp: the envelope says where to
        yield Letter(next(numbers), people, wishes, route)


def deliver_all(server, letters):
    expected = 0
    for letter in letters:
        for recipients, message in letter.outgoing():
            server.send("alice@example.org", recipients, message)
            expected += len(recipients)
    return server.wait(expected)


def planted(post, letter, boxes):
    """Faults put in on purpose: (name, whether it was seen)."""
    blind = address(sorted(letter.blind_people())[0])
    main = next(copy for copy in letter.copies if copy["role"] == "main")
    good = main["bytes"]
    main["bytes"] = f"Bcc: {blind}\r\n".encode() + good
    yield "an address in the header", post.given_away(letter)
    main["bytes"] = good.replace(b"X-Letter", b"X-Serial: " + post.reader.marks(blind.split("@")[0])["serial number"] +
                                 b"\r\nX-Letter")
    yield "a serial number anywhere", post.given_away(letter)
    inner = (b"Content-Type: text/plain\r\n\r\n" + blind.encode() + b"\r\n")
    cms = post.reader.openssl.encrypt("bob", inner, "aes-256-cbc", str(post.reader.pki / "carol.crt"))
    header = good.split(b"\r\n\r\n", 1)[0]
    main["bytes"] = header + b"\r\n\r\n" + base64.encodebytes(cms).replace(b"\n", b"\r\n")
    yield "an address in the ciphertext", post.given_away(letter)
    yield "a recipient too many", post.misencrypted(letter)
    main["bytes"] = good
    yield "a copy too many", post.counted(letter, {**boxes, address("bob"): boxes[address("bob")] * 2})
    yield "a copy too few", post.counted(letter, {**boxes, address("bob"): []})
    yield "a stranger's copy", post.counted(letter, {**boxes, address("eve"): boxes[address("bob")]})
    damaged = {box: [message.replace(b"MII", b"MIJ", 1) for message in messages] for box, messages in boxes.items()}
    yield "a damaged copy", post.unreadable(letter, damaged)


def check_planted(post, letters, boxes, tally):
    letter = next(one for one in letters if one.blind_people() and one.open_people() and "encrypt" in one.wishes)
    mark = f"\r\nX-Letter: {letter.number}\r\n".encode()
    own = {box: [message for message in messages if mark in message] for box, messages in boxes.items()}
    for name, seen in planted(post, letter, own):
        tally.check(f"planted: {name}", [] if seen else ["was not seen"])
    tally.check("planted: nothing", post.faults(letter, own))


def check_signed(host, server, tally):
    """Clear-signed content of all kinds survives the way to the byte."""
    seeds = range(5000, 5040)
    boxes = server.mailboxes()
    before, total = len(boxes.get(address("bob"), [])), sum(map(len, boxes.values()))
    for seed in seeds:
        message = f"X-Seed: {seed}\r\n".encode() + generate.message(seed)
        source = {"blob": host.upload(message)}
        copy = host.request("message.protect", {"message": source, "sign": {"form": "detached"}})["copies"][0]
        host.request("blob.close", source)
        server.send("alice@example.org", [address("bob")], host.download(copy["message"]))
    boxes = server.wait(total + len(seeds))
    for message in boxes[address("bob")][before:]:
        seed = int(email.message_from_bytes(message)["X-Seed"])
        source = {"blob": host.upload(message)}
        result = host.request("message.open", {"message": source})
        host.request("blob.close", source)
        found = judge.differences(generate.message(seed), host.download(result["content"]))
        if result["signature"]["status"] != "good":
            found.append(str(result["signature"]))
        tally.check(f"seed {seed} after its delivery", found)
    arrived = len(boxes[address("bob")]) - before
    tally.check("all arrived", [] if arrived == len(seeds) else [f"{arrived} of {len(seeds)}"])


def run(folder, tally):
    pki, database = f"{folder}/pki", f"{folder}/db"
    make = str(HERE.parent / "fixtures" / "make_pki.sh")
    subprocess.run(("bash", make, pki), check=True, stdout=subprocess.DEVNULL)
    subprocess.run(("bash", make, pki, database, *PEOPLE), check=True, stdout=subprocess.DEVNULL)
    Path(folder, "reader").mkdir()
    # a folder of its own: the servers' users have to reach it
    with tempfile.TemporaryDirectory(prefix="sealpost-mail-") as mail, servers.MailServer(mail) as server, \
            Host(database=database) as host:
        host.hello()
        post = Post(host, Reader(pki, Path(folder, "reader")))
        letters = list(all_letters())
        for letter in letters:
            letter.protect(host)
        boxes = deliver_all(server, letters)
        for letter in letters:
            tally.check(str(letter), post.faults(letter, boxes))
        check_planted(post, letters, boxes, tally)
        check_signed(host, server, tally)


def main():
    reason = servers.missing()
    if reason:
        print(f"skipped: {reason}\nsuite delivery: 0 passed, 0 failed, 1 skipped")
        return 0
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="sealpost-delivery-") as folder:
        run(folder, tally)
    print(f"suite delivery: {tally.passed} passed, {tally.failed} failed, 0 skipped")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())

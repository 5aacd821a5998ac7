"""A mail server on 127.0.0.1 for one test run: OpenSMTPD takes mail by SMTP and hands it to Dovecot by LMTP, which
files it in one Maildir an address. Everything lies in a temporary folder; needs root, as both change their user."""

import os
import shutil
import signal
import smtplib
import socket
import subprocess
import time
from pathlib import Path

DOMAIN = "example.org"
NEEDED = ("smtpd", "dovecot")
PATH = "/usr/sbin:/usr/local/sbin:/sbin:" + os.environ.get("PATH", "/usr/bin:/bin")
START = 20.0  # seconds
A_SESSION = 50  # messages, then another begins

DOVECOT = """base_dir = {folder}/dovecot/run
state_dir = {folder}/dovecot
protocols = lmtp
listen = 127.0.0.1
log_path = {folder}/dovecot.log
ssl = no
mail_location = maildir:{folder}/mail/%u
mail_home = {folder}/home
first_valid_uid = 1
postmaster_address = postmaster@{domain}
hostname = {domain}
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/home allow_all_users=yes
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
"""
SMTPD = """listen on 127.0.0.1 port {smtp} hostname {domain}
smtp max-message-size 50M
action "local" lmtp "127.0.0.1:{lmtp}" rcpt-to virtual {{ "@" = "mail" }}
match from any for domain "{domain}" action "local"
match from any for any reject
"""
# OpenSMTPD has one control socket and one spool a machine: it gets its own.
ALONE = "mount -t tmpfs tmpfs /run && mount -t tmpfs -o mode=755 tmpfs /var/spool && exec smtpd -F -f \"$0\""


def missing():
    """Why no server can be started here; empty: it can."""
    if os.geteuid() != 0:
        return "the mail servers need root"
    absent = [name for name in NEEDED if not shutil.which(name, path=PATH)]
    return f"not installed: {' '.join(absent)}" if absent else ""


def free_ports():
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]


class MailServer:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.smtp_port, self.lmtp_port = free_ports()
        self.processes = []
        self.session = None
        self.sent = 0

    def __enter__(self):
        os.chmod(self.folder, 0o755)
        for name in ("mail", "home"):
            (self.folder / name).mkdir()
            shutil.chown(self.folder / name, "mail", "mail")
        (self.folder / "dovecot" / "run").mkdir(parents=True)
        self.start("dovecot", DOVECOT, ["dovecot", "-F", "-c"], self.lmtp_port)
        try:
            self.start("smtpd", SMTPD, ["unshare", "-m", "sh", "-c", ALONE], self.smtp_port)
        except TimeoutError:  # no namespaces here: as it is, where no other runs
            self.start("smtpd", SMTPD, ["smtpd", "-F", "-f"], self.smtp_port)
        return self

    def __exit__(self, *_):
        self.hang_up()
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def start(self, name, template, command, port):
        path = self.folder / f"{name}.conf"
        path.write_text(template.format(folder=self.folder, domain=DOMAIN, smtp=self.smtp_port, lmtp=self.lmtp_port),
                        encoding="ascii")
        with open(self.folder / f"{name}.out", "ab") as log:
            process = subprocess.Popen([*command, str(path)], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       env={"PATH": PATH})
        self.processes.append(process)
        end = time.monotonic() + START
        while time.monotonic() < end and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise TimeoutError(f"{name} does not answer: {(self.folder / f'{name}.out').read_text()[-500:]}")

    def send(self, sender, recipients, message):
        if self.sent % A_SESSION == 0:
            self.hang_up()
            self.session = smtplib.SMTP("127.0.0.1", self.smtp_port, local_hostname="client." + DOMAIN, timeout=20)
        self.sent += 1
        refused = self.session.sendmail(sender, recipients, message)
        if refused:
            raise RuntimeError(f"refused: {refused}")

    def hang_up(self):
        if self.session:
            self.session.close()
            self.session = None

    def mailboxes(self):
        """{address: [message]}, all that was delivered so far."""
        found = {}
        for path in sorted((self.folder / "mail").glob("*/new/*")):
            found.setdefault(path.parent.parent.name, []).append(path.read_bytes().replace(b"\r\n", b"\n")
                                                                 .replace(b"\n", b"\r\n"))
        return found

    def wait(self, count, settle=1.0, timeout=60.0):
        """The mailboxes once `count` messages are there, and a moment later: one too many is seen, too."""
        end = time.monotonic() + timeout
        while sum(map(len, self.mailboxes().values())) < count and time.monotonic() < end:
            time.sleep(0.1)
        time.sleep(settle)
        return self.mailboxes()

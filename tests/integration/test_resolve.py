"""recipients.resolve for many addresses: what is told, and how long it takes."""
import os
import statistics
import subprocess
import time
import unittest

import fixtures
from fixtures import HostTest

PEOPLE = 200
ROUNDS = 15
GOAL = 10  # milliseconds, for the fastest round; the bound is generous for a busy machine
BOUND = 100

EXTENSIONS = """basicConstraints=CA:FALSE
keyUsage=digitalSignature,keyAgreement
extendedKeyUsage=emailProtection
subjectAltName=email:p%d@example.org
"""


def many():
    """A database with PEOPLE certificates for p0@example.org and so on, of one authority."""
    folder = fixtures.new_folder()

    def run(*arguments):
        subprocess.run(arguments, check=True, cwd=folder, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)

    def write(name, text):
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)

    os.mkdir(os.path.join(folder, "db"))
    run("certutil", "-N", "-d", "sql:db", "--empty-password")
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-keyout", "ca.key", "-out", "ca.crt", "-subj", "/CN=Many", "-days", "30")
    run("certutil", "-A", "-d", "sql:db", "-n", "ca", "-t", ",C,", "-i", "ca.crt")
    run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
        "p.key")
    run("openssl", "pkey", "-in", "p.key", "-pubout", "-out", "p.pub")
    batch = []
    for i in range(PEOPLE):
        write("ext", EXTENSIONS % i)
        run("openssl", "x509", "-new", "-subj", "/CN=p%d" % i, "-force_pubkey", "p.pub", "-CA",
            "ca.crt", "-CAkey", "ca.key", "-set_serial", str(1000 + i), "-days", "20", "-extfile",
            "ext", "-out", "p%d.crt" % i)
        batch.append("-A -n p%d -t ,, -i %s/p%d.crt" % (i, folder, i))
    write("batch", "\n".join(batch) + "\n")
    run("certutil", "-B", "-d", "sql:db", "-i", "batch")
    return os.path.join(folder, "db")


class Many(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.database = many()
        cls.addresses = ["p%d@example.org" % i for i in range(PEOPLE)]

    def start(self, **options):
        return super().start(database=self.database, **options)

    def resolve(self):
        started = time.monotonic()
        result = self.host.request("recipients.resolve", {"addresses": self.addresses})
        return result, (time.monotonic() - started) * 1000

    def test_two_hundred_addresses_warm(self):
        first, cold = self.resolve()
        self.assertLessEqual({item["status"] for item in first["items"]}, {"usable", "missing"})
        self.assertGreaterEqual(len(first["certificates"]), PEOPLE - 1)
        times = []
        for _ in range(ROUNDS):
            result, duration = self.resolve()
            self.assertEqual(result, first)
            times.append(duration)
        print("\nrecipients.resolve, %d addresses: cold %.1f ms; warm best %.1f, median %.1f ms "
              "(goal %d), %.0f times as fast as cold"
              % (PEOPLE, cold, min(times), statistics.median(times), GOAL,
                 cold / statistics.median(times)))
        if not fixtures.SANITIZED:
            self.assertLess(min(times), BOUND)
            self.assertLess(min(times) * 3, cold)

    def test_a_change_in_the_database_is_seen_at_once(self):
        self.resolve()
        subprocess.run(["certutil", "-D", "-d", "sql:" + self.database, "-n", "p7"], check=True)
        result, _ = self.resolve()
        self.assertEqual([item["address"] for item in result["items"] if item["status"] == "missing"],
                         ["p7@example.org"])


if __name__ == "__main__":
    unittest.main()

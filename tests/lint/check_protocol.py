"""Every reason and every verdict word of the tables stands in host/PROTOCOL.md."""
import re

NAME = "protocol in step"

TABLES = {
    "host/base/error_codes.def": re.compile(r"^ERROR\(\w+, -\d+, \"([^\"]+)\"", re.M),
    "host/policy/words.def": re.compile(r"^WORD\(\w+, \"([^\"]+)\"", re.M),
}
DOCUMENT = "host/PROTOCOL.md"


def check(tree):
    if not tree.exists(DOCUMENT):
        return ["%s is missing" % DOCUMENT]
    documented = set(re.findall(r"`([a-z-]+)`", tree.text(DOCUMENT)))
    faults = []
    for table, row in TABLES.items():
        words = row.findall(tree.text(table))
        if not words:
            faults.append("%s has no rows" % table)
        faults += ["%s: `%s` does not stand in %s" % (table, word, DOCUMENT)
                   for word in words if word not in documented]
    return faults


PLANTS = [
    ("an undocumented reason", "host/base/error_codes.def", 'ERROR(ERR_PLANT, -32000, "plant", "x")\n'),
    ("an undocumented word", "host/policy/words.def", 'WORD(WORD_PLANT, "plant", 0)\n'),
]

"""Every error code that the host uses is asserted by a test, every limit is named in one."""
import re

from tree import without_comments

NAME = "errors and limits tested"

CODE = re.compile(r"^ERROR\((ERR_\w+), -\d+, \"([a-z-]+)\"", re.M)
LIMIT = re.compile(r"^#define (LIMIT_\w+)", re.M)
MAKER = re.compile(r"\b(error_new|error_wrap|TRY_WRAP)\s*\([^;]*?;", re.S)


def sources(tree, pattern):
    return "\n".join(without_comments(tree.text(path), strings=False) for path in tree.files(pattern))


def check(tree):
    # base defines both; what it uses of them is told apart by the .c files
    used = set(re.findall(r"\w+", sources(tree, r"host/.*\.c")))
    tests = sources(tree, r"tests/(unit|integration|fuzz)/.*\.c")
    scripts = "\n".join(tree.text(path) for path in tree.files(r"tests/(integration|interop)/.*\.py"))
    asserted = set(re.findall(r"\w+", MAKER.sub(" ", tests)))
    named = set(re.findall(r"\w+", tests + scripts))
    faults, unused = [], 0
    for match in CODE.finditer(tree.text("host/base/error_codes.def")):
        name, reason = match.groups()
        if name not in used:
            unused += 1
        elif name not in asserted and '"%s"' % reason not in scripts:
            faults.append("host/base/error_codes.def: no test asserts %s" % name)
    for match in LIMIT.finditer(tree.text("host/base/limits.h")):
        name = match[1]
        if name not in used:
            unused += 1
        elif name not in named:
            faults.append("host/base/limits.h: no test names %s" % name)
    if not tree.overlay:
        print("  %d codes and limits are not used by the host yet" % unused)
    return faults


_USER = "struct error *plant(void)\n{\n    return error_new(%s, \"x\");\n}\n"
_MAKER = "Test(plant, makes)\n{\n    %s\n}\n"
PLANTS = [
    ("a code that no test asserts", "host/base/error_codes.def",
     'ERROR(ERR_PLANT, -32000, "plant", "x")\n', ("host/base/plant.c", _USER % "ERR_PLANT")),
    ("a code that a test makes and none asserts", "host/base/error_codes.def",
     'ERROR(ERR_PLANT, -32000, "plant", "x")\n', ("host/base/plant.c", _USER % "ERR_PLANT"),
     ("tests/unit/plant.c", _MAKER % 'error_free(error_new(ERR_PLANT, "x"));')),
    ("a limit that no test names", "host/base/limits.h", "#define LIMIT_PLANT 1\n",
     ("host/base/plant.c", "int plant = LIMIT_PLANT;\n")),
]

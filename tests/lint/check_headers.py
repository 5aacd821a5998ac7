"""Every header compiles alone, with gcc and clang; functions that can fail are marked MUST_USE."""
import re

from tree import line_of, pkg_config, run, without_comments

NAME = "headers"

FLAGS = ["-fsyntax-only", "-x", "c", "-std=gnu17", "-Wall", "-Wextra", "-Werror", "-D_GNU_SOURCE",
         "-Ihost", "-Itests/unit", "-Wno-unused-function", "-Wno-unused-const-variable"]
PROTOTYPE = re.compile(r"^struct error \*(\w+)\([^;{]*;", re.M)
CONSTRUCTORS = re.compile(r"error_\w+|nss_error\w*")  # take no result: they are the error


def unmarked(path, text):
    plain = without_comments(text)
    return ["%s:%d: %s is not marked MUST_USE" % (path, line_of(plain, match.start()), match[1])
            for match in PROTOTYPE.finditer(plain)
            if "MUST_USE" not in match[0] and not CONSTRUCTORS.fullmatch(match[1])]


def check(tree):
    headers = tree.narrowed(tree.files(r"(host|tests)/.*\.h"))
    faults = []
    for path in headers:
        faults += unmarked(path, tree.text(path))
    for compiler in (["gcc"], ["clang", "-Wno-pragma-once-outside-header"]):
        # a header given as the main file may well hold functions that nothing calls
        output = run(tree, compiler + FLAGS + pkg_config("--cflags") + headers)
        faults += ["%s: %s" % (compiler[0], line) for line in output if "error" in line]
    return faults


PLANTS = [
    ("a header that needs another", "host/base/plant.h", "struct bytes plant(size_t len);\n"),
    ("a result that may be ignored", "host/base/plant.h",
     "struct error;\nstruct error *plant_read(int a,\n    int b);\n"),
]

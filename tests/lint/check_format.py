"""C is formatted as .clang-format says (version 14); shell scripts pass shellcheck."""
from tree import run

NAME = "format and shell"


def shell_scripts(tree):
    return tree.files(r"(tests|packaging|\.ci)/.*\.sh") + tree.files(r"\.ci/run")


def check(tree):
    faults = []
    sources = tree.narrowed(tree.files(r"(host|tests)/.*\.[ch]"))
    if sources:
        faults += [line for line in run(tree, ["clang-format", "--dry-run", "-Werror", *sources])
                   if "error:" in line]
    scripts = tree.narrowed(shell_scripts(tree))
    if scripts:
        faults += [line for line in run(tree, ["shellcheck", "-x", "-f", "gcc", *scripts]) if line]
    return faults


PLANTS = [
    ("a badly formatted file", "host/base/plant.c", "int  plant( void ) {return 0;}\n"),
    ("an unquoted variable", "tests/plant.sh", "#!/bin/bash\nrm -r $1\n"),
]

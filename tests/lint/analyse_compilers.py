"""Compiles the host once more: with clang under --werror, and with gcc's analyser, which understands
CLEANUP and so finds leaks on error paths."""
import concurrent.futures
import os
import re
import tempfile

from tree import pkg_config, run

NAME = "clang and gcc -fanalyzer"

# The analyser takes a called function of another file to be able to succeed without setting its
# result, which TRY's contract excludes: these two it cannot judge. What malloc() gives is a check
# of its own (possible-null-dereference), which stays on.
BLIND = ["-Wno-analyzer-null-dereference", "-Wno-analyzer-null-argument"]
# It also loses sight of what is stored through a pointer into an array or a caller's struct. Such a
# "leak" is of an unnamed value or of TAKE_PTR's own variable; one of a local that was forgotten has
# the local's name.
FALSE_LEAK = re.compile(r"leak of .(<unknown>|taken_|[^\u2018\u2019']*\(.*\)).* \[CWE-401\]")
FANALYZER = ["gcc", "-fanalyzer", *BLIND, "-Werror", "-O0", "-c", "-o", "/dev/null", "-std=gnu17",
             "-D_GNU_SOURCE", "-DSEALPOST_VERSION=\"0\"", "-Ihost"]


def analyser(tree):
    flags = FANALYZER + pkg_config("--cflags")
    sources = tree.narrowed(tree.files(r"host/.*\.c"))
    tree.directory()  # made once, before the threads
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        outputs = pool.map(lambda source: run(tree, flags + [source]), sources)
    return [line for output in outputs for line in output
            if "error:" in line and not FALSE_LEAK.search(line)]


def clang_build(tree):
    with tempfile.TemporaryDirectory() as folder:
        setup = run(tree, ["meson", "setup", folder, "--werror", "-Dtests=enabled"], {"CC": "clang"})
        return setup or [line for line in run(tree, ["ninja", "-C", folder])
                         if "error:" in line or "FAILED:" in line]


def check(tree):
    if not tree.overlay:
        return analyser(tree) + clang_build(tree)
    # one file is enough to see that both refuse it
    flags = ["clang", "-fsyntax-only", "-Werror", "-Wall", "-Wextra", "-Ihost"]
    return analyser(tree) + run(tree, flags + tree.narrowed(tree.files(r"host/.*\.c")))


PLANTS = [
    ("a leak on an error path", "host/base/plant.c",
     "#include <stdlib.h>\nint use(char *text);\nint plant(int fail);\nint plant(int fail)\n{\n"
     "    char *text = malloc(10);\n    if (text == NULL || fail) {\n        return -1;\n    }\n"
     "    int result = use(text);\n    free(text);\n    return result;\n}\n"),
    ("a variable that is never used", "host/base/plant.c",
     "int plant(void);\nint plant(void)\n{\n    int unused = 1;\n    return 0;\n}\n"),
]

"""clang-tidy with the project's .clang-tidy over every source of the host (SEALPOST_LONG=1: slow)."""
import concurrent.futures
import os

from tree import pkg_config, run

NAME = "clang-tidy"


def flags():
    return ["--", "-std=gnu17", "-D_GNU_SOURCE", "-DSEALPOST_VERSION=\"0\"", "-Ihost",
            *pkg_config("--cflags")]


def check(tree):
    sources = tree.narrowed(tree.files(r"host/.*\.c"))
    if not tree.overlay and os.environ.get("SEALPOST_LONG") != "1":
        sources = []  # minutes over all files: only the planted fault is tried
    tree.directory()
    tail = flags()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        outputs = pool.map(lambda source: run(tree, ["clang-tidy", "--quiet", source, *tail]), sources)
    return [line for output in outputs for line in output if "error:" in line]


PLANTS = [
    ("else after return", "host/base/plant.c",
     "int plant(int a);\nint plant(int a)\n{\n    if (a > 0) {\n        return 1;\n    } else {\n"
     "        return 2;\n    }\n}\n"),
]

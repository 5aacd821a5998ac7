"""No mutable globals: reads what the compiler put into .data and .bss of each object of the host."""
import glob
import os
import re
import subprocess
import tempfile

NAME = "globals"

# the only ones (style: the log level and the static out-of-memory error)
ALLOWED = {("log.c", "current_level"), ("error.c", "out_of_memory")}
# NSS keeps state of its own that a callback can't be given a context for; each with its reason
SYMBOL = re.compile(r"^[0-9a-f]+ (.{7}) (\.data(?!\.rel\.ro)\S*|\.t?bss\S*|\.tdata\S*|\*COM\*)\s+"
                    r"[0-9a-f]+\s+(?:\.hidden )?(\S+)$", re.M)


def object_faults(path, source):
    table = subprocess.run(["objdump", "-t", path], capture_output=True, text=True,
                           check=True).stdout
    faults = []
    for match in SYMBOL.finditer(table):
        name = match[3].split(".")[0]
        if match[1][-1] != "d" and name and (os.path.basename(source), name) not in ALLOWED:
            faults.append("%s: %s is a mutable global" % (source, name))
    return faults


def source_of(path):
    return os.path.basename(path)[:-2].replace("_", "/", 1)


def planted_faults(tree):
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        for source in tree.overlay:
            compiled = os.path.join(folder, "plant.o")
            subprocess.run(["cc", "-c", "-x", "c", "-fPIC", "-O2", "-", "-o", compiled], check=True,
                           input=tree.text(source), text=True)
            faults += object_faults(compiled, source)
    return faults


def check(tree):
    if tree.overlay:
        return planted_faults(tree)
    build = os.environ.get("SEALPOST_BUILD", os.path.join(tree.root, "build"))
    objects = glob.glob(os.path.join(build, "host", "**", "*.c.o"), recursive=True)
    if not objects:
        return ["%s: nothing is built there" % build]
    return [fault for path in sorted(objects) for fault in object_faults(path, source_of(path))]


PLANTS = [
    ("a static variable", "host/base/plant.c",
     "static int count;\nint next(void);\nint next(void) { return ++count; }\n"),
    ("a static in a function", "host/base/plant.c",
     "int next(void);\nint next(void) { static int count = 5; return ++count; }\n"),
    ("a variable that others see", "host/base/plant.c", "int shared = 3;\n"),
    ("a table of pointers that is not const", "host/base/plant.c",
     "const char *names[] = { \"a\", \"b\" };\n"),
    ("a thread-local variable", "host/base/plant.c",
     "_Thread_local int count;\nint next(void);\nint next(void) { return ++count; }\n"),
]

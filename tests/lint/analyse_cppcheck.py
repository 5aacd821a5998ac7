"""cppcheck over the host, with the few findings that are no faults suppressed by name."""
import os

from tree import run

NAME = "cppcheck"

# each with its reason
SUPPRESSED = {
    "missingIncludeSystem": "libraries' headers are not analysed",
    "unusedFunction": "the linker knows better; tests and later layers call them",
    "memleak": "it does not know __attribute__((cleanup)); gcc's analyser and LeakSanitizer do",
    "returnDanglingLifetime": "it takes an error for something that points into the failed call",
    "unmatchedSuppression": "not every one applies to every file",
    "normalCheckLevelMaxBranches": "a note about cppcheck's own effort",
    "unknownMacro": "X-macro tables (error_codes.def) are included with and without ERROR defined",
}


def check(tree):
    sources = tree.narrowed(tree.files(r"host/.*\.c"))
    command = ["cppcheck", "--error-exitcode=1", "--quiet", "--std=c11", "--enable=warning,portability",
               "--inline-suppr", "-j", str(os.cpu_count() or 1), "-Ihost", "-D_GNU_SOURCE",
               "--template={file}:{line}: {id}: {message}"]
    return run(tree, command + ["--suppress=" + word for word in SUPPRESSED] + sources)


PLANTS = [
    ("a read past the end of an array", "host/base/plant.c",
     "int plant(void);\nint plant(void)\n{\n    int a[2] = { 1, 2 };\n    return a[2];\n}\n"),
]

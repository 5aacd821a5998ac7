"""What the house style bans: unsafe calls, goto, // comments, typedefs of structs, bare NOLINT."""
import re

from tree import line_of, without_comments

NAME = "banned"

CALLS = """strcpy strcat stpcpy sprintf vsprintf strtok gets atoi atol atof alloca strerror localtime gmtime
ctime asctime getenv mktemp tmpnam tempnam rand srand bzero setjmp longjmp cr_skip cr_skip_test""".split()
# tests may start tools and set up an environment; stdout belongs to wire/frame.c
HOST_ONLY = """exit abort system popen setenv unsetenv putenv printf puts putchar perror""".split()
# where one of them is right, and why
ALLOWED = {
    ("host/main.c", "exit"): "main decides the exit status",
}
PROCESS = ["exit", "abort", "system", "popen", "setenv", "unsetenv", "putenv"]
PRINTERS = re.compile(r"host/(main\.c|cli/.*)")  # the terminal's commands write to stdout
CALL = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(CALLS + HOST_ONLY))
RULES = [
    (re.compile(r"\bgoto\b"), "goto"),
    (re.compile(r"\btypedef\s+(struct|union|enum)\b\s*\w*\s*(\{|\*?\s*\w+\s*;)"), "a typedef that hides a struct"),
]
UNCHECKED = re.compile(r"\bstrto\w+\s*\([^;,]*,\s*NULL\b")
CHECKED = re.compile(r"\b(errno|isfinite)\b")
LINE_COMMENT = re.compile(r"(?<!:)//")
BARE_NOLINT = re.compile(r"NOLINT\w*(\([^)]*\))?[ \t]*(\*/)?[ \t]*$", re.M)
TODO = re.compile(r"\b(TODO|FIXME|XXX)\b(?![^\n]*#\d+)")


def call_faults(path, plain):
    for match in CALL.finditer(plain):
        name = match[1]
        if name in HOST_ONLY and (not path.startswith("host/") or
                                  (name not in PROCESS and
                                   PRINTERS.fullmatch(path))):
            continue
        if (path, name) not in ALLOWED:
            yield "%s:%d: %s() is banned" % (path, line_of(plain, match.start()), name)


def conversion_faults(path, plain):
    for match in UNCHECKED.finditer(plain):
        around = plain[max(0, match.start() - 100):match.end() + 100]
        if path.startswith("host/") and not CHECKED.search(around):
            yield "%s:%d: strtol() whose result is not checked" % (path, line_of(plain, match.start()))


def comment_faults(path, text):
    strings_blank = re.sub(r'"(?:\\.|[^"\\\n])*"', '""', text)
    block_free = re.sub(r"/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m[0]), strings_blank, flags=re.S)
    for match in LINE_COMMENT.finditer(block_free):
        yield "%s:%d: a // comment" % (path, line_of(block_free, match.start()))
    for pattern, what in ((BARE_NOLINT, "NOLINT without a reason"), (TODO, "TODO without an issue")):
        for match in pattern.finditer(text):
            yield "%s:%d: %s" % (path, line_of(text, match.start()), what)


def check(tree):
    faults = []
    for path in tree.files(r"(host|tests)/.*\.[ch]"):
        text = tree.text(path)
        plain = without_comments(text)
        faults += call_faults(path, plain)
        for pattern, what in RULES:
            faults += ["%s:%d: %s" % (path, line_of(plain, m.start()), what)
                       for m in pattern.finditer(plain)]
        faults += conversion_faults(path, plain)
        faults += comment_faults(path, text)
    return faults


def _plant(line):
    return "static void plant(void)\n{\n    %s\n}\n" % line


PLANTS = [(name, "host/base/plant.c", _plant("%s(a);" % name)) for name in CALLS + HOST_ONLY] + [
    ("strtol unchecked", "host/base/plant.c", _plant("long a = strtol(text, NULL, 10);")),
    ("goto", "host/base/plant.c", _plant("goto out;")),
    ("a struct typedef", "host/base/plant.c", "typedef struct plant { int a; } plant;\n"),
    ("a // comment", "host/base/plant.c", _plant("call(); // why")),
    ("a bare NOLINT", "host/base/plant.c", _plant("call(); /* NOLINT(bugprone-x) */")),
    ("a bare TODO", "host/base/plant.c", _plant("call(); /* TODO later */")),
]

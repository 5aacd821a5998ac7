"""Functions and files stay small; prints the medians, which have a bound of their own."""
import ast
import re
import statistics

from tree import without_comments

NAME = "sizes"

MOST_FUNCTION = 60  # lines
MOST_PARAMETERS = 6
MOST_FILE = 500  # lines
MEDIAN_FUNCTION = 15
P90_FUNCTION = 45
MEDIAN_FILE = 250
# the house style puts a function's braces, and nothing else, alone in the first column
BODY = re.compile(r"^\{\n(.*?)^\}", re.M | re.S)


def parameters(signature):
    """Of the last top-level pair of parentheses."""
    depth = commas = 0
    start = None
    for i, c in enumerate(signature):
        if c == "(":
            if depth == 0:
                start, commas = i, 0
            depth += 1
        elif c == ")":
            depth -= 1
        elif c == "," and depth == 1:
            commas += 1
    inside = signature[start + 1:signature.rindex(")")].strip() if start is not None else ""
    return 0 if inside in ("", "void") else commas + 1


def functions(text):
    """(first line, lines, name, parameters) of each function of a C file."""
    plain = without_comments(text)
    for match in BODY.finditer(plain):
        before = plain[:match.start()]
        signature = re.split(r"\n\s*\n|[;}]\s*\n|^#[^\n]*\n", before, flags=re.M)[-1].strip()
        line = before.count("\n") + 1 - signature.count("\n") - 1
        length = signature.count("\n") + 1 + match[0].count("\n") + 1
        name = re.search(r"(\w+)\s*\(", signature)
        test = re.match(r"Test\((\w+), (\w+)", signature)
        yield (line, length, "%s.%s" % test.groups() if test else name[1] if name else "?",
               0 if test else parameters(signature))


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            arguments = node.args
            count = len(arguments.args) + len(arguments.kwonlyargs) + len(arguments.posonlyargs)
            count -= bool(arguments.args and arguments.args[0].arg == "self")
            yield node.lineno, node.end_lineno - node.lineno + 1, node.name, count


def file_faults(path, text, found):
    faults = []
    if text.count("\n") > MOST_FILE:
        faults.append("%s: %d lines, %d is the most" % (path, text.count("\n"), MOST_FILE))
    for line, length, name, count in found:
        if length > MOST_FUNCTION:
            faults.append("%s:%d: %s has %d lines, %d is the most"
                          % (path, line, name, length, MOST_FUNCTION))
        if count > MOST_PARAMETERS:
            faults.append("%s:%d: %s has %d parameters, %d is the most"
                          % (path, line, name, count, MOST_PARAMETERS))
    return faults


def distribution_faults(lengths, files):
    median = statistics.median(lengths)
    p90 = sorted(lengths)[int(len(lengths) * 0.9)]
    print("  host: %d functions, median %g, p90 %d, longest %d lines; %d files, median %g lines"
          % (len(lengths), median, p90, max(lengths), len(files), statistics.median(files)))
    faults = []
    if median > MEDIAN_FUNCTION or p90 > P90_FUNCTION:
        faults.append("host: functions have a median of %g and a p90 of %d lines" % (median, p90))
    if statistics.median(files) > MEDIAN_FILE:
        faults.append("host: files have a median of %g lines" % statistics.median(files))
    return faults


def check(tree):
    faults, lengths, files = [], [], []
    for path in tree.files(r"(host|tests|packaging|\.ci)/.*\.(c|h|py|sh|def)|host/.*meson\.build"):
        text = tree.text(path)
        found = []
        if path.endswith((".c", ".h")):
            found = list(functions(text))
        elif path.endswith(".py"):
            found = list(python_functions(text))
        if path.startswith("host/") and path.endswith(".c"):
            lengths += [length for _, length, _, _ in found]
            files.append(text.count("\n"))
        faults += file_faults(path, text, found)
    if not tree.overlay:
        faults += distribution_faults(lengths, files)
    return faults


def _function(lines, parameter_list="void"):
    return "\nstatic int plant(%s)\n{\n%s    return 0;\n}\n" % (parameter_list, "    call();\n" * lines)


PLANTS = [
    ("a long function", "host/base/plant.c", _function(60)),
    ("a long test", "tests/unit/base/plant.c",
     "Test(plant, is_long)\n{\n%s}\n" % ("    call();\n" * 60)),
    ("seven parameters", "host/base/plant.c",
     _function(1, "int a, int b, int c,\n    int d, int e, int (*f)(int, int), int g")),
    ("a long file", "host/base/plant.c", "/* line */\n" * 501),
    ("a long Python function", "tests/plant.py", "def plant():\n" + "    call()\n" * 61),
]

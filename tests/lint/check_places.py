"""Things stand where they belong: the top level, a unit test for each source, no machine's paths."""
import os
import re

from tree import line_of

NAME = "places"

TOP = {"meson.build", "meson_options.txt", "README.md", "LICENSE", "host", "manifests", "extension",
       "tests", "packaging", ".ci", ".clang-format", ".clang-tidy", ".editorconfig", ".gitignore"}
# sources without a unit test of their own, and why
UNTESTED = {
    "host/main.c": "the process: tests/integration drives it",
}
# written in pieces so that this file does not find itself
FOREIGN = re.compile("|".join([
    r"(?<![\w.])/" + r"work/", r"/tmp/" + r"w-", r"/tmp/" + r"hub",
    r"deb\." + r"debian\.org", r"security\." + r"debian\.org", r"archive\." + r"ubuntu\.com",
    r"pypi\." + r"org", r"pythonhosted\." + r"org", r"registry\." + r"npmjs", r"npmjs\." + r"com",
    r"proxy\." + r"golang", r"docker\." + r"io", r"ghcr\." + r"io", r"crates\." + r"io",
    r"download\." + r"fedora", r"mirror\." + r"archlinux",
]))


def unit_test_of(path):
    return re.sub(r"^host/(.*/)?(\w+)\.c$", r"tests/unit/\1test_\2.c", path)


def check(tree):
    faults = []
    for path in tree.files(r".*"):
        top = path.split("/")[0]
        if top not in TOP:
            faults.append("%s: the top level holds nothing of this name" % path)
            continue
        text = tree.text(path)
        for match in FOREIGN.finditer(text):
            faults.append("%s:%d: names a machine's path or a registry: %s"
                          % (path, line_of(text, match.start()), match[0]))
    for path in tree.files(r"host/.*\.c"):
        if path not in UNTESTED and not tree.exists(unit_test_of(path)):
            faults.append("%s: there is no %s" % (path, unit_test_of(path)))
    for path in UNTESTED:
        if not tree.exists(path):
            faults.append("%s is excused in tests/lint/check_places.py and does not exist" % path)
    for path in tree.files(r"(tests|packaging)/.*\.sh|\.ci/.*"):
        if tree.text(path).startswith("#!") and not tree.overlay and \
                not os.access(os.path.join(tree.root, path), os.X_OK):
            faults.append("%s starts with #! and is not executable" % path)
    return faults


PLANTS = [
    ("a stray file at the top", "notes.txt", "\n"),
    ("a stray folder at the top", "src/plant.c", "\n"),
    ("a path of a machine", "tests/plant.py", "A = '/" + "work/x'\n"),
    ("a registry", "packaging/plant.sh", "curl https://" + "pypi." + "org/\n"),
    ("a source without a unit test", "host/base/plant.c", "\n"),
]

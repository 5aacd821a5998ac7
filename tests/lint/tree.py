"""The project's files as the checks see them: what git would track, with planted faults laid over.

A check is a module with NAME, check(tree) -> list of faults (text that names the path), and PLANTS:
(what, path, text, (another path, text)...), each of which must make check() name the first path in
a fault that is not there without it. `text` replaces the file.
"""
import functools
import os
import re
import shutil
import subprocess
import tempfile

IGNORED = re.compile(r"(^|/)(\.git|build[^/]*|node_modules|__pycache__|dist)(/|$)")


class Tree:
    def __init__(self, root, overlay=None):
        self.root = root
        self.overlay = overlay or {}
        self._temporary = None

    def files(self, pattern):
        """Paths that fully match the regular expression, sorted."""
        wanted = re.compile(pattern)
        return [path for path in self._all() if wanted.fullmatch(path)]

    def _all(self):
        found = set(self.overlay)
        for folder, folders, names in os.walk(self.root):
            inside = os.path.relpath(folder, self.root)
            folders[:] = [d for d in folders if not IGNORED.search(os.path.join(inside, d))]
            found.update(os.path.normpath(os.path.join(inside, name)) for name in names)
        return sorted(found)

    def exists(self, path):
        return path in self.overlay or os.path.exists(os.path.join(self.root, path))

    def text(self, path):
        if path in self.overlay:
            return self.overlay[path]
        with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
            return file.read()

    def planted(self, path, text):
        return Tree(self.root, {**self.overlay, path: text})

    def narrowed(self, paths):
        """Of the paths, only the planted one where a fault is planted: tools need not read the rest."""
        return [path for path in paths if path in self.overlay] if self.overlay else paths

    def directory(self):
        """A directory for tools that read files themselves: a copy where a fault is planted."""
        if not self.overlay:
            return self.root
        if not self._temporary:
            self._temporary = tempfile.TemporaryDirectory()
            copy = os.path.join(self._temporary.name, "tree")
            shutil.copytree(self.root, copy, symlinks=True, ignore=lambda folder, names: [
                n for n in names if IGNORED.search(n)])
            for path, text in self.overlay.items():
                target = os.path.join(copy, path)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                with open(target, "w", encoding="utf-8") as file:
                    file.write(text)
            self._temporary_root = copy
        return self._temporary_root


def run(tree, command, environment=None):
    """Runs a tool in the tree; its output lines where it failed, else none."""
    result = subprocess.run(command, cwd=tree.directory(), stdin=subprocess.DEVNULL,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            errors="replace", env={**os.environ, **(environment or {})})
    if result.returncode == 0:
        return []
    return result.stdout.splitlines() or ["%s: exit status %d" % (command[0], result.returncode)]


def pkg_config(option):
    """Flags of the libraries that the host is built with, as a list."""
    names = ["nss", "nspr", "json-c", "gmime-3.0", "libassuan", "criterion"]
    flags = subprocess.run(["pkg-config", option, *names], check=True, capture_output=True,
                           text=True).stdout.split()
    return ["-isystem" + f[2:] if f.startswith("-I") else f for f in flags]


C_TOKENS = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S)


@functools.lru_cache(maxsize=None)
def without_comments(text, strings=True):
    """C source with comments blanked (and string contents, unless strings is False); line numbers
    stay."""
    def blank(match):
        token = match[0]
        if token[0] == "/":
            return re.sub(r"[^\n]", " ", token)
        return token[0] * 2 if strings else token
    return C_TOKENS.sub(blank, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1

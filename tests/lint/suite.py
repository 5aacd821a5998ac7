"""Runs the checks of this directory over the project; with --analysis the slow analysers.

Each check has planted faults, and one that misses its own fault fails. Counts one for each check
and one for each planted fault. An argument without dashes runs the checks of that name only.
"""
import importlib
import os
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True
from tree import Tree  # noqa: E402

MOST_SHOWN = 40


def modules(prefix, only):
    names = sorted(n[:-3] for n in os.listdir(HERE) if n.startswith(prefix) and n.endswith(".py"))
    return [importlib.import_module(n) for n in names if not only or n[len(prefix):] in only]


def run_check(module, tree, faults):
    started = time.monotonic()
    faults += module.check(tree)
    for fault in faults[:MOST_SHOWN]:
        print("  " + fault)
    if len(faults) > MOST_SHOWN:
        print("  and %d more" % (len(faults) - MOST_SHOWN))
    print("%s %s (%.1f s)" % ("FAIL" if faults else "ok  ", module.NAME, time.monotonic() - started))
    return not faults


def run_plant(module, tree, plant, before):
    what, path, text = plant[:3]
    planted = tree.planted(path, text)
    for more in plant[3:]:
        planted = planted.planted(*more)
    caught = any(path in fault for fault in module.check(planted) if fault not in before)
    if not caught:
        print("FAIL %s does not see the planted fault: %s" % (module.NAME, what))
    return caught


def main():
    analysis = "--analysis" in sys.argv
    only = [a for a in sys.argv[1:] if not a.startswith("-")]
    suite = "analysis" if analysis else "lint"
    tree = Tree(os.path.dirname(os.path.dirname(HERE)))
    passed = failed = 0
    for module in modules("analyse_" if analysis else "check_", only):
        faults = []
        results = [run_check(module, tree, faults)]
        results += [run_plant(module, tree, plant, faults) for plant in module.PLANTS]
        passed += results.count(True)
        failed += results.count(False)
    print("suite %s: %d passed, %d failed, 0 skipped" % (suite, passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

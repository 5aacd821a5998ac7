"""Runs tests/integration/test_*.py and prints the counts; names as arguments choose among them."""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True


def main():
    loader = unittest.TestLoader()
    if len(sys.argv) > 1:
        tests = loader.loadTestsFromNames(sys.argv[1:])
    else:
        tests = loader.discover(HERE, "test_*.py")
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=1).run(tests)
    skipped = len(result.skipped)
    bad = len({test.id() for test, _ in result.failures + result.errors if hasattr(test, "id")})
    print("suite integration: %d passed, %d failed, %d skipped"
          % (max(0, result.testsRun - bad - skipped), bad, skipped))
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())

#!/bin/bash
# Installs what the tests need, builds, and runs every suite:
#   bash tests/run.sh [--suite NAME]... [--long] [--asan] [--yes]
# --suite runs only that one (may be repeated); --long adds the slow ones and longer runs; --asan
# builds with the address and undefined-behaviour sanitizers; --yes installs without asking, as CI=1
# does. Under CI=1 a skipped test counts as failed. The corpus is third-party material that no package
# brings: where none is given, its suites are left out with a line that says so.
#
# A suite is tests/<name>/suite.sh or tests/<name>/suite.py. It runs from the project's root with
# SEALPOST_BUILD (the build directory), SEALPOST_BINARY and SEALPOST_LONG (1 or empty) set, and its
# last line starting with "suite " is: suite NAME: P passed, F failed, S skipped
set -u
cd "$(dirname "$0")/.." || exit 1
# shellcheck source=packaging/packages.sh
. packaging/packages.sh

suites=(unit lint fuzz-replay integration interop roundtrip delivery nss_new corpus wycheproof install analysis)
long_suites=(fuzz)
sanitizer_suites=(unit fuzz-replay integration interop roundtrip corpus wycheproof)
chosen=()
long=
asan=
consent=ask
if [ "${CI:-}" = 1 ]; then consent=yes; fi

while [ $# -gt 0 ]; do
  case "$1" in
    --suite) shift; chosen+=("${1:?--suite needs a name}") ;;
    --long) long=1 ;;
    --asan) asan=1 ;;
    --yes) consent=yes ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
  shift
done
if [ "${#chosen[@]}" -eq 0 ]; then
  if [ -n "$asan" ]; then
    chosen=("${sanitizer_suites[@]}")
  else
    chosen=("${suites[@]}")
    if [ -n "$long" ]; then chosen+=("${long_suites[@]}"); fi
  fi
fi

total_passed=0
total_failed=0

finish() {
  echo "$total_passed passed, $total_failed failed"
  [ "$total_failed" -eq 0 ]
  exit
}

give_up() {
  echo "$1" >&2
  total_failed=$((total_failed + 1))
  finish
}

build() {
  local options=(--werror -Dtests=enabled)
  SEALPOST_BUILD=$PWD/build-tests
  if [ -n "$asan" ]; then
    SEALPOST_BUILD=$PWD/build-tests-asan
    options+=("-Db_sanitize=address,undefined" -Db_lundef=false)
    export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
    export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    export LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0
  fi
  # the list of fuzz targets is read when meson configures: always again
  if [ -f "$SEALPOST_BUILD/build.ninja" ]; then options+=(--reconfigure); fi
  CC=gcc meson setup "$SEALPOST_BUILD" "${options[@]}" >/dev/null && ninja -C "$SEALPOST_BUILD"
}

suite_command() { # name; sets command
  local script
  for script in "tests/$1/suite.sh" "tests/$1/suite.py"; do
    if [ -f "$script" ]; then
      case "$script" in *.py) command=(python3 "$script") ;; *) command=(bash "$script") ;; esac
      return 0
    fi
  done
  case "$1" in
    unit | fuzz-replay) command=(python3 tests/meson_suite.py "$1") ;;
    analysis) command=(python3 tests/lint/suite.py --analysis) ;;
    *) return 1 ;;
  esac
}

run_suite() { # name
  local name=$1 log started seconds status counts passed failed skipped command=()
  echo "== $name"
  if ! suite_command "$name"; then
    echo "there is no suite of this name: $name" >&2
    total_failed=$((total_failed + 1))
    return
  fi
  log=$(mktemp)
  started=$SECONDS
  "${command[@]}" </dev/null 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  seconds=$((SECONDS - started))
  counts=$(sed -n "s/^suite $name: \([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped\$/\1 \2 \3/p" \
    "$log" | tail -n 1)
  rm -f "$log"
  read -r passed failed skipped <<<"${counts:-0 0 0}"
  if [ -z "$counts" ] || { [ "$status" -ne 0 ] && [ "$failed" -eq 0 ]; }; then
    echo "$name ended with status $status and ${counts:+no failure in its }counts: a failure"
    failed=$((failed + 1))
  elif [ $((passed + failed + skipped)) -eq 0 ]; then
    echo "$name has no tests: a failure"
    failed=1
  fi
  if [ "${CI:-}" = 1 ]; then failed=$((failed + skipped)); fi
  total_passed=$((total_passed + passed))
  total_failed=$((total_failed + failed))
  summary+=("$(printf '%-12s %5d passed %4d failed %4d skipped %5d s' "$name" "$passed" "$failed" \
    "$skipped" "$seconds")")
}

corpus_missing() {
  [ -z "${SEALPOST_CORPUS:-}" ] && [ ! -f ../shared/corpus/MANIFEST.tsv ]
}

leave_out_corpus() {
  local name kept=()
  for name in "${chosen[@]}"; do
    case "$name" in
      corpus | wycheproof)
        summary+=("$(printf '%-12s %s' "$name" \
          'NOT RUN: no corpus beside the project, and SEALPOST_CORPUS names none')")
        ;;
      *) kept+=("$name") ;;
    esac
  done
  chosen=("${kept[@]}")
}

summary=()
if corpus_missing && [ "${#chosen[@]}" -gt 1 ]; then leave_out_corpus; fi
packages_ensure "$consent" build test || give_up "The tests need these packages."
started=$SECONDS
build || give_up "The build failed."
summary+=("$(printf '%-12s %43s %5d s' build '' $((SECONDS - started)))")
SEALPOST_BINARY=$SEALPOST_BUILD/host/sealpost
SEALPOST_LONG=$long
export SEALPOST_BUILD SEALPOST_BINARY SEALPOST_LONG
for name in "${chosen[@]}"; do run_suite "$name"; done
echo "== durations"
printf '%s\n' "${summary[@]}"
finish

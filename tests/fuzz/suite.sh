#!/bin/bash
# Fuzzes each parser for SEALPOST_FUZZ_SECONDS (60) with clang's libFuzzer and both sanitizers. What
# is found lies in build-tests-fuzz/found/; put it into corpus/<parser>/ with the fix.
set -u
build=$PWD/build-tests-fuzz
seconds=${SEALPOST_FUZZ_SECONDS:-60}
passed=0
failed=0
reconfigure=()
if [ -f "$build/build.ninja" ]; then reconfigure=(--reconfigure); fi

if ! CC=clang meson setup "$build" -Dfuzz=true -Dtests=enabled -Db_lundef=false \
  "${reconfigure[@]}" >/dev/null || ! ninja -C "$build"; then
  echo "suite fuzz: 0 passed, 1 failed, 0 skipped"
  exit 1
fi
mkdir -p "$build/found"
for source in tests/fuzz/fuzz_*.c; do
  parser=$(basename "$source" .c)
  parser=${parser#fuzz_}
  work=$(mktemp -d)
  # new inputs go to the first directory; the seeds are only read
  if "$build/tests/fuzz/fuzz_$parser" -max_total_time="$seconds" -rss_limit_mb=512 -timeout=10 \
    -print_final_stats=0 -verbosity=0 -artifact_prefix="$build/found/$parser-" "$work" \
    "tests/fuzz/corpus/$parser" >"$work.log" 2>&1; then
    passed=$((passed + 1))
    echo "ok   $parser: $(find "$work" -type f | wc -l) new inputs in $seconds s"
  else
    failed=$((failed + 1))
    echo "FAIL $parser"
    tail -n 30 "$work.log"
  fi
  rm -rf -- "$work" "$work.log"
done
echo "suite fuzz: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]

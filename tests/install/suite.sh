#!/bin/bash
# packaging/install.sh against a temporary home: what it registers, what it leaves alone, and that
# --uninstall takes exactly that away again. With SEALPOST_LONG=1 also on a bare Debian (bare.sh).
set -u
passed=0
failed=0
home=$(mktemp -d)
trap 'rm -rf -- "$home"' EXIT

check() { # what, command...
  local what=$1
  shift
  if "$@" >/dev/null 2>&1; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAIL $what"
  fi
}

# the commands of browsers that this machine has must not count: only profile directories do
installer() {
  env -i HOME="$home" PATH="$home/tools:/usr/bin:/bin" bash packaging/install.sh \
    --binary "$SEALPOST_BINARY" "$@" >"$home.log" 2>&1 </dev/null
}

fresh_home() { # directory...
  rm -rf -- "${home:?}"
  mkdir -p "$home" "$@"
}

tree_of() {
  (cd "$home" && find . -mindepth 1 -printf '%y %m %p\n' | sort)
}

says() {
  grep -qF -- "$1" "$home.log"
}

valid_json() { # file, family key, value
  python3 - "$@" <<'PY'
import json, sys
with open(sys.argv[1], encoding="utf-8") as file:
    manifest = json.load(file)
assert manifest["name"] == "sealpost" and manifest["type"] == "stdio"
assert manifest[sys.argv[2]] == [sys.argv[3]], manifest
assert manifest["path"] == sys.argv[4], manifest
PY
}

chromium=.config/chromium/NativeMessagingHosts/sealpost.json
mozilla=.mozilla/native-messaging-hosts/sealpost.json
id=$(base64 -d extension/chromium-key.txt | openssl dgst -sha256 -r | cut -c1-32 | tr 0-9a-f a-p)

test_round_trip() { # prefix
  local before
  fresh_home "$home/.config/chromium" "$home/.mozilla/firefox" "$home/.thunderbird"
  before=$(tree_of)
  check "install to $1" installer --prefix "$1"
  check "the program is there" test -x "$1/bin/sealpost"
  check "Chromium's manifest" valid_json "$home/$chromium" allowed_origins "chrome-extension://$id/" \
    "$1/bin/sealpost"
  check "Firefox's manifest" valid_json "$home/$mozilla" allowed_extensions @sealpost \
    "$1/bin/sealpost"
  check "browsers that are not there get none" test ! -e "$home/.config/google-chrome"
  check "no temporary file is left" test -z "$(find "$home" -name '*sealpost*.??????')"
  check "install again" installer --prefix "$1"
  check "uninstall" installer --prefix "$1" --uninstall
  check "everything is as before" test "$before" = "$(tree_of)"
  check "uninstall where nothing is" eval "! installer --prefix '$home/none' --uninstall"
}

test_foreign_manifest() {
  local foreign='{"name": "sealpost", "path": "/usr/bin/sealpost"}'
  fresh_home "$home/.config/chromium/NativeMessagingHosts"
  echo "$foreign" >"$home/$chromium"
  check "install beside a foreign manifest" installer
  check "a foreign manifest is left" test "$(cat "$home/$chromium")" = "$foreign"
  check "and that is said" says "belongs to another installation"
  check "uninstall beside it" installer --uninstall
  check "it is still there" test "$(cat "$home/$chromium")" = "$foreign"
}

test_changed_since() {
  fresh_home "$home/.config/chromium"
  check "install" installer
  echo '{}' >"$home/$chromium"
  check "uninstall after a change" installer --uninstall
  check "a changed file is left" test "$(cat "$home/$chromium")" = '{}'
  check "the program is gone" test ! -e "$home/.local/bin/sealpost"
}

test_no_browser() {
  fresh_home
  check "install without a browser" installer
  check "says so" says "No browser was found"
  check "registers nothing" test ! -e "$home/.mozilla" -a ! -e "$home/.config"
}

# /usr/bin may hold browsers: then "no browser" can't be tried here, and the plain PATH is the bare one's
tools_without_browsers() {
  ls /usr/bin/chromium /usr/bin/firefox* /usr/bin/thunderbird /usr/bin/google-chrome* 2>/dev/null
}

test_round_trip "$home/.local"
test_round_trip "$home/a \"quoted\" & odd\\ prefix"
test_foreign_manifest
test_changed_since
if [ -z "$(tools_without_browsers)" ]; then test_no_browser; fi
rm -f "$home.log"

if [ "${SEALPOST_LONG:-}" = 1 ]; then
  counts=$(bash tests/install/bare.sh | tee /dev/stderr | sed -n 's/^bare: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
  read -r more_passed more_failed <<<"${counts:-0 1}"
  passed=$((passed + more_passed))
  failed=$((failed + more_failed))
fi
echo "suite install: $passed passed, $failed failed, 0 skipped"
[ "$failed" -eq 0 ]

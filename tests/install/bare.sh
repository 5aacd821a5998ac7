#!/bin/bash
# The two commands of the README on a bare Debian 12 (no compiler, no python, only git): in a chroot
# made with debootstrap from the mirror that this machine's apt uses. Needs root and debootstrap.
#   bash tests/install/bare.sh [all | --suite NAME...]      runs tests/run.sh in there too, whole or
#                                                           these suites, after the installer
# SEALPOST_BARE names a directory that keeps the bare system for the next time.
set -u
cd "$(dirname "$0")/../.." || exit 1
# in a mount namespace of its own: what is mounted goes with it, however this ends
if [ -z "${SEALPOST_BARE_MOUNTS:-}" ]; then
  SEALPOST_BARE_MOUNTS=private exec unshare --mount --propagation private bash tests/install/bare.sh "$@"
fi
passed=0
failed=0
keep=${SEALPOST_BARE:-}
work=$(mktemp -d)
bare=$work/system

leave() {
  umount -R "$bare/proc" "$bare/dev" 2>/dev/null
  umount "$bare/srv/shared/corpus" 2>/dev/null
  rm -rf --one-file-system -- "$work"
}
trap leave EXIT

check() { # what, command...
  local what=$1
  shift
  echo "-- $what"
  if "$@"; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAIL $what"
  fi
}

mirror() {
  # shellcheck disable=SC2016 # the names are apt's
  apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(SITE)' |
    sed -n 's/^bookworm main //p' | head -n 1
}

make_bare() {
  if [ -n "$keep" ] && [ -f "$keep/bare.tar" ]; then
    mkdir -p "$bare" && tar -C "$bare" -xf "$keep/bare.tar"
    return
  fi
  debootstrap --variant=minbase --include=git bookworm "$bare" "$(mirror)" >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log"; return 1; }
  if [ -n "$keep" ]; then mkdir -p "$keep" && tar -C "$bare" -cf "$keep/bare.tar" .; fi
}

inside() {
  chroot "$bare" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 "$@" </dev/null
}

prepare() {
  cp /etc/resolv.conf "$bare/etc/resolv.conf"
  mount -t proc proc "$bare/proc" && mount --rbind /dev "$bare/dev"
  git clone -q --no-hardlinks . "$bare/srv/sealpost"
  chmod -R a+rX "$bare/srv/sealpost"
  inside useradd -m -s /bin/bash tester
  bind_corpus
}

# read-only, where the tests look for it
bind_corpus() {
  local corpus=${SEALPOST_CORPUS:-$PWD/../shared/corpus}
  if [ ! -d "$corpus" ]; then return 0; fi
  mkdir -p "$bare/srv/shared/corpus"
  mount --bind "$corpus" "$bare/srv/shared/corpus" &&
    mount -o remount,ro,bind "$bare/srv/shared/corpus"
}

nothing_in_root_home() {
  test ! -e "$bare/root/.local" && test ! -e "$bare/root/.mozilla"
}

owned_by_tester() {
  local home=$bare/home/tester
  test -x "$home/.local/bin/sealpost" && test -f "$home/.mozilla/native-messaging-hosts/sealpost.json" &&
    test -z "$(find "$home" ! -user "$(stat -c %u "$home")" -print -quit)"
}

try_under_sudo() {
  mkdir -p "$bare/home/tester/.mozilla/firefox"
  inside chown -R tester: /home/tester/.mozilla
  check "install under sudo" inside env SUDO_USER=tester bash /srv/sealpost/packaging/install.sh --yes
  check "nothing went to root's home" nothing_in_root_home
  check "the user owns what is the user's" owned_by_tester
  check "the source tree is as git has it" \
    test -z "$(git -c safe.directory='*' -C "$bare/srv/sealpost" status --porcelain --ignored)"
  check "uninstall under sudo" \
    inside env SUDO_USER=tester bash /srv/sealpost/packaging/install.sh --uninstall
  check "nothing is left" test ! -e "$bare/home/tester/.local"
}

try_as_root() {
  check "without --yes and a terminal it installs nothing" \
    eval '! inside setsid bash /srv/sealpost/packaging/install.sh'
  check "there is no compiler yet" test ! -e "$bare/usr/bin/gcc"
}

try_as_root_again() {
  check "install as root" inside bash /srv/sealpost/packaging/install.sh --yes
  check "the program runs" inside /root/.local/bin/sealpost --version
}

if ! make_bare || ! prepare; then
  echo "bare: $passed passed, $((failed + 1)) failed"
  exit 1
fi
try_as_root
try_under_sudo
try_as_root_again
if [ $# -gt 0 ]; then
  if [ "$1" = all ]; then shift; fi
  check "tests/run.sh $*" inside /srv/sealpost/.ci/run "$@"
fi
echo "bare: $passed passed, $failed failed"
[ "$failed" -eq 0 ]

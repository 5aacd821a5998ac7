#!/bin/bash
# Builds and installs Sealpost for this user and registers it with the browsers found:
#   bash packaging/install.sh [--yes] [--prefix DIR] [--binary FILE] [--uninstall]
# As root or with sudo it first installs what the build needs (shows the list, asks once; --yes
# agrees). Under sudo everything else is done as, and for, the user who called sudo. --prefix is
# ~/.local unless told; --binary installs a program that is built already.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=packaging/packages.sh
. packaging/packages.sh
# shellcheck source=packaging/register.sh
. packaging/register.sh

consent=ask
prefix=
built=
action=install
as_user=

while [ $# -gt 0 ]; do
  case "$1" in
    --yes) consent=yes ;;
    --prefix) shift; prefix=$(realpath -m -- "${1:?--prefix needs a directory}") ;;
    --binary) shift; built=$(realpath -e -- "${1:?--binary needs a file}") ;;
    --uninstall) action=uninstall ;;
    --as-user) as_user=1 ;; # the second half, after the change of user
    *) sed -n '2,6s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2 ;;
  esac
  shift
done

# Goes on as the user who called sudo, with nothing of root's environment.
become_user() { # user
  local home arguments=(--as-user)
  home=$(getent passwd "$1" | cut -d: -f6)
  [ "$action" = install ] || arguments+=(--uninstall)
  [ -z "$prefix" ] || arguments+=(--prefix "$prefix")
  [ -z "$built" ] || arguments+=(--binary "$built")
  if ! runuser -u "$1" -- test -r packaging/install.sh; then
    echo "$1 cannot read $PWD: put the source where that user can." >&2
    exit 1
  fi
  exec runuser -u "$1" -- env -i HOME="$home" USER="$1" LOGNAME="$1" LANG="${LANG:-C.UTF-8}" \
    PATH=/usr/local/bin:/usr/bin:/bin bash packaging/install.sh "${arguments[@]}"
}

build() {
  work=$(mktemp -d)
  trap 'rm -rf -- "$work"' EXIT
  echo "Building ..."
  if ! { meson setup "$work/build" --buildtype=release -Dtests=disabled &&
    ninja -C "$work/build"; } >"$work/log" 2>&1; then
    tail -n 40 "$work/log" >&2
    echo "The build failed." >&2
    exit 1
  fi
  built=$work/build/host/sealpost
}

install_here() {
  if [ ! -f extension/chromium-key.txt ]; then
    echo "extension/chromium-key.txt is missing: this is not a whole source tree." >&2
    exit 1
  fi
  [ -n "$built" ] || build
  record_open
  make_directory "$(dirname -- "$binary")" 755
  put_file "$built" "$binary" 755
  echo "Installed $binary"
  register_browsers
  case ":$PATH:" in
    *":$(dirname -- "$binary"):"*) ;;
    *) echo "$(dirname -- "$binary") is not in your PATH: call $binary by its full name." ;;
  esac
  "$binary" demo
}

if [ -z "$as_user" ]; then
  if [ "$action" = install ] && [ -z "$built" ]; then
    packages_ensure "$consent" build run
  fi
  if [ "$(id -u)" = 0 ] && [ -n "${SUDO_USER:-}" ] && [ "$SUDO_USER" != root ]; then
    become_user "$SUDO_USER"
  fi
fi

umask 022
prefix=${prefix:-$HOME/.local}
case "$prefix" in
  *[[:cntrl:]]*) echo "The prefix holds a control character." >&2; exit 2 ;;
esac
binary=$prefix/bin/sealpost
record=$prefix/share/sealpost/installed.tsv
if [ "$action" = uninstall ]; then
  remove_installed
else
  install_here
fi

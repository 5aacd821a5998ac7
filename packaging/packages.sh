# shellcheck shell=bash
# Installs packages with whatever package manager is here; sourced by packaging/install.sh and
# tests/run.sh. Nothing is ever installed that would remove a package which is there already.

packages_table="$(dirname "${BASH_SOURCE[0]}")/packages.tsv"

# Prints apt, dnf or pacman; fails where there is none of them.
packages_manager() {
  local manager
  for manager in apt-get dnf pacman; do
    if command -v "$manager" >/dev/null 2>&1; then
      echo "${manager%-get}"
      return 0
    fi
  done
  return 1
}

packages_have() { # manager, name
  case "$1" in
    apt) [ "$(dpkg-query -W -f '${db:Status-Status}' "$2" 2>/dev/null)" = installed ] ;;
    dnf) rpm -q --whatprovides "$2" >/dev/null 2>&1 ;;
    pacman) [ -z "$(pacman -T "$2" 2>/dev/null)" ] ;;
  esac
}

# Prints one missing package a line, for the uses given.
packages_missing() { # manager, use...
  local manager=$1 use apt dnf pacman cell name found
  shift
  while IFS=$'\t' read -r use apt dnf pacman; do
    case " $* " in *" $use "*) ;; *) continue ;; esac
    case "$manager" in apt) cell=$apt ;; dnf) cell=$dnf ;; *) cell=$pacman ;; esac
    [ "$cell" != - ] || continue
    found=
    for name in ${cell//|/ }; do
      if packages_have "$manager" "$name"; then found=1; fi
    done
    [ -n "$found" ] || echo "${cell%%|*}"
  done < <(grep -v '^#' "$packages_table")
}

packages_as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo "$@"
  else
    echo "This needs root: run it as root, or install sudo." >&2
    return 1
  fi
}

packages_install_apt() {
  local removed
  packages_as_root apt-get update -q </dev/null ||
    echo "The package lists could not be refreshed; going on with those at hand." >&2
  removed=$(apt-get install --simulate --no-install-recommends "$@" 2>/dev/null |
    sed -n 's/^Remv \([^ ]*\).*/\1/p')
  if [ -n "$removed" ]; then
    echo "Not installed, because these packages would be removed:" "$removed" >&2
    return 1
  fi
  packages_as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends --no-remove "$@" </dev/null
}

packages_install() { # manager, name...
  local manager=$1
  shift
  case "$manager" in
    apt) packages_install_apt "$@" ;;
    # both refuse of themselves to remove what is in the way
    dnf) packages_as_root dnf install -y --setopt=install_weak_deps=False "$@" </dev/null ;;
    pacman) packages_as_root pacman -S --needed --noconfirm "$@" </dev/null ;;
  esac
}

packages_confirm() {
  local answer=
  if ! { true </dev/tty; } 2>/dev/null; then
    echo "There is no terminal to ask on: run this with --yes to agree." >&2
    return 1
  fi
  printf 'Install them? [y/N] ' >/dev/tty
  read -r answer </dev/tty
  [ "$answer" = y ] || [ "$answer" = Y ] || [ "$answer" = yes ]
}

# Makes sure that everything for the given uses is there; asks once unless $1 is "yes".
packages_ensure() { # yes|ask, use...
  local consent=$1 manager missing
  shift
  if ! manager=$(packages_manager); then
    echo "No apt, dnf or pacman here: install by hand what $packages_table lists for: $*" >&2
    return 0
  fi
  mapfile -t missing < <(packages_missing "$manager" "$@")
  [ "${#missing[@]}" -gt 0 ] || return 0
  echo "These packages are needed and not installed:"
  printf '  %s\n' "${missing[@]}"
  if [ "$consent" != yes ] && ! packages_confirm; then
    return 1
  fi
  packages_install "$manager" "${missing[@]}"
  mapfile -t missing < <(packages_missing "$manager" "$@")
  if [ "${#missing[@]}" -gt 0 ]; then
    echo "Still missing:" "${missing[@]}" >&2
    return 1
  fi
}

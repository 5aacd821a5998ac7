# shellcheck shell=bash
# shellcheck disable=SC2154 # record and binary are set by packaging/install.sh
# Registers the installed program with the browsers of this user, and keeps the list of all that was
# installed, so that --uninstall removes exactly that. Sourced by packaging/install.sh, which sets
# record (the list's path) and binary (the installed program's absolute path).
#
# The list has a line for each: file<TAB>sha256<TAB>path, dir<TAB>-<TAB>path. What is listed before it
# is made can be removed after an interruption too.

checksum() {
  sha256sum <"$1" | cut -c1-64
}

record_add() { # kind, checksum, path
  local kept
  kept=$(mktemp "$record.XXXXXX")
  if [ -f "$record" ]; then
    # not -v, which would read backslashes in the path as escapes
    entry=$3 awk -F '\t' '$3 != ENVIRON["entry"]' "$record" >"$kept"
  fi
  printf '%s\t%s\t%s\n' "$1" "$2" "$3" >>"$kept"
  mv -f -- "$kept" "$record"
}

# Makes a directory with its parents and lists those that were not there.
make_directory() { # path, mode
  [ ! -d "$1" ] || return 0
  make_directory "$(dirname -- "$1")" "$2"
  mkdir -m "$2" -- "$1"
  if [ -n "${record_ready:-}" ]; then
    record_add dir - "$1"
  else
    early_directories+=("$1")
  fi
}

# The list lies in a directory that may have to be made, and listed, itself.
record_open() {
  early_directories=()
  record_ready=
  make_directory "$(dirname -- "$record")" 755
  record_ready=1
  local path
  for path in "${early_directories[@]}"; do record_add dir - "$path"; done
}

# Puts a file in place in one step: whoever looks sees the old one or the new one, whole.
put_file() { # source, target, mode
  local new
  record_add file "$(checksum "$1")" "$2"
  new=$(mktemp -- "$2.XXXXXX")
  cp -- "$1" "$new"
  chmod "$3" -- "$new"
  mv -f -- "$new" "$2"
}

json_string() {
  local text=${1//\\/\\\\}
  printf '%s' "${text//\"/\\\"}"
}

# The extension's id follows from its public key: the first 128 bits of the SHA-256 of its DER, in
# hex with the digits a to p.
chromium_id() { # key file
  tr -d ' \n' <"$1" | base64 -d | sha256sum | cut -c1-32 | tr 0-9a-f a-p
}

manifest_text() { # family
  local text
  text=$(cat "manifests/$1.json.in")
  text=${text//@PATH@/"$(json_string "$binary")"}
  if [ "$1" = chromium ]; then
    text=${text//@CHROMIUM_ID@/"$(chromium_id extension/chromium-key.txt)"}
  fi
  printf '%s\n' "$text"
}

manifest_is_ours() { # path
  grep -qsF "\"path\": \"$(json_string "$binary")\"" -- "$1" && grep -qs '"name": "sealpost"' -- "$1"
}

browser_is_here() { # profile directory, commands
  local command
  [ ! -d "$1" ] || return 0
  for command in ${2//,/ }; do
    ! command -v "$command" >/dev/null 2>&1 || return 0
  done
  return 1
}

register_one() { # browser, family, directory
  local target=$3/sealpost.json new
  if [ -e "$target" ] || [ -L "$target" ]; then
    if ! manifest_is_ours "$target"; then
      echo "$1: $target belongs to another installation and was left as it is." >&2
      return 0
    fi
  fi
  make_directory "$3" 700
  new=$(mktemp)
  manifest_text "$2" >"$new"
  put_file "$new" "$target" 644
  rm -f -- "$new"
  echo "Registered with $1: $target"
}

register_browsers() {
  local browser family user profile commands found=
  while IFS=$'\t' read -r browser family user _ profile commands; do
    browser_is_here "${profile/#\~/$HOME}" "$commands" || continue
    found=1
    register_one "$browser" "$family" "${user/#\~/$HOME}"
  done < <(grep -v '^#' manifests/browsers.tsv)
  if [ -z "$found" ]; then
    echo "No browser was found, so none was registered. Run this again when one is installed."
  fi
}

remove_installed() {
  local kind sum path entries i
  if [ ! -f "$record" ]; then
    echo "Nothing is installed there: $record is missing." >&2
    return 1
  fi
  mapfile -t entries <"$record"
  rm -f -- "$record"
  for ((i = ${#entries[@]} - 1; i >= 0; i--)); do
    IFS=$'\t' read -r kind sum path <<<"${entries[i]}"
    if [ "$kind" = dir ]; then
      rmdir -- "$path" 2>/dev/null || true # holds something else by now
    elif [ -f "$path" ] && [ "$(checksum "$path")" = "$sum" ]; then
      rm -f -- "$path"
      echo "Removed $path"
    elif [ -e "$path" ]; then
      echo "Left $path: it was changed since." >&2
    fi
  done
}

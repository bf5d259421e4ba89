#!/usr/bin/env bash
# Brings what the build needs and this machine lacks: Debian packages, and LibTorch (dskd-setup), unpacked once into a
# cache that all clones share. Does nothing, and needs no network, when everything is there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

say() { printf '== %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

install_packages() {
  command -v dpkg-query >/dev/null || die "this is not a Debian system. Install the packages named in packaging/packages.txt under your system's names, then call cmake --preset release."
  local missing=() package
  while read -r package; do
    case $package in ''|'#'*) continue ;; esac
    dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done <"$here/packages.txt"
  [ ${#missing[@]} -eq 0 ] && return
  local root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "these packages are missing and only root can install them: ${missing[*]}"
    root=(sudo)
  fi
  say "installing ${#missing[@]} packages: ${missing[*]}"
  local wait=(-o DPkg::Lock::Timeout=300) # seconds, while another program installs packages
  "${root[@]}" apt-get "${wait[@]}" update -qq || say "apt-get update failed; trying with the package lists that are here"
  DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get "${wait[@]}" install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    die "apt-get could not install: ${missing[*]}"
}

install_packages
# a user who brings LibTorch names it in Torch_ROOT
[ -n "${Torch_ROOT:-}" ] || "$here/dskd-setup" --headers --to "${XDG_CACHE_HOME:-$HOME/.cache}/dskd-workbench"

#!/usr/bin/env bash
# Brings what the build needs and this machine lacks: Debian packages, and LibTorch from the PyPI wheel, unpacked once
# into a cache that all clones share. Does nothing, and needs no network, when everything is there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
torch_version=2.11.0
cache=${XDG_CACHE_HOME:-$HOME/.cache}/dskd-workbench
torch_home=$cache/torch-$torch_version

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
  "${root[@]}" apt-get update -qq || say "apt-get update failed; trying with the package lists that are here"
  DEBIAN_FRONTEND=noninteractive "${root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    die "apt-get could not install: ${missing[*]}"
}

# The wheel of any CPython holds the same libtorch_cpu.so, so one tag serves every machine.
install_torch() {
  [ -n "${Torch_ROOT:-}" ] && return # the user brings LibTorch
  [ -f "$torch_home/COMPLETE" ] && return
  # two clones may set up at the same time: one downloads, the other waits and finds it there
  mkdir -p "$cache"
  exec 9>"$cache/setup.lock"
  flock 9
  [ -f "$torch_home/COMPLETE" ] && return
  local machine wheels
  machine=$(uname -m)
  wheels=$torch_home.wheels
  rm -rf "$torch_home.part" && mkdir -p "$torch_home.part" "$wheels"
  local platforms=() tag
  for tag in 2_28 2_27 2_25 2_17; do platforms+=(--platform "manylinux_${tag}_$machine"); done
  platforms+=(--platform "manylinux2014_$machine")
  if [ -e /proc/driver/nvidia/version ]; then
    say "downloading LibTorch $torch_version with its CUDA libraries (about 2.5 GB, once)"
    set -- "torch==$torch_version"
  else
    say "downloading LibTorch $torch_version for the CPU (about 545 MB, once)"
    set -- --no-deps "torch==$torch_version" nvidia-cuda-runtime==13.0.96 nvidia-cuda-cupti==13.0.85
  fi
  python3 -m pip download -q --disable-pip-version-check --only-binary=:all: --python-version 3.11 --implementation cp \
    "${platforms[@]}" -d "$wheels" "$@" ||
    die "LibTorch could not be downloaded. With a network, try again; or set Torch_ROOT to an unpacked LibTorch archive."
  local wheel
  for wheel in "$wheels"/*.whl; do
    case $(basename "$wheel") in torch-* | nvidia_*) python3 -m zipfile -e "$wheel" "$torch_home.part" ;; esac
  done
  # Python's own half of the wheel is of no use to a C++ program
  find "$torch_home.part/torch" -mindepth 1 -maxdepth 1 ! -name lib ! -name include ! -name share ! -name version.py \
    -exec rm -rf {} +
  rm -rf "$torch_home.part/torchgen" "$torch_home.part/functorch"
  touch "$torch_home.part/COMPLETE"
  rm -rf "$torch_home" && mv "$torch_home.part" "$torch_home" && rm -rf "$wheels"
  say "LibTorch is in $torch_home"
}

install_packages
install_torch

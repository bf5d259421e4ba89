#!/usr/bin/env bash
# Builds the workbench and runs the demo: in the window where there is a display, on the command line where there is none
# or with --headless. Other arguments go to `dskd demo`.
set -euo pipefail
cd "$(dirname "$0")/.."
headless=
rest=()
for word in "$@"; do
  case $word in
    --help | -h)
      echo "Usage: packaging/run.sh [--headless] [OPTIONS of dskd demo: --quick, --seeds 10,20,30, …]"
      echo "Installs what is missing, builds, and runs the demo: in the window, or on the command line with --headless or"
      echo "where there is no display."
      exit ;;
    --headless) headless=1 ;;
    *) rest+=("$word") ;;
  esac
done
set -- ${rest[@]+"${rest[@]}"}
packaging/setup.sh
if [ ! -f build/release/build.ninja ]; then
  mkdir -p build
  cmake --preset release >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
fi
[ -x build/release/bin/dskd-worker ] || echo "== building (this takes several minutes the first time)"
cmake --build --preset release --target programs
bin=build/release/bin
if [ -z "$headless" ] && [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ -x $bin/dskd-workbench ]; then
  workspace=$($bin/dskd demo --prepare --json "$@" | sed -n 's/^ *"workspace": "\(.*\)",\{0,1\}$/\1/p')
  $bin/dskd queue work --detach -w "$workspace"
  exec $bin/dskd-workbench "$workspace"
fi
if [ -z "$headless" ]; then
  echo "== no display: the demo runs here. To see it in the window, call this through \"ssh -X\", or copy the workspace"
  echo "   folder to a machine with a display and open it there with dskd-workbench."
fi
exec $bin/dskd demo "$@"

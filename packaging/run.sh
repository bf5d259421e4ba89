#!/usr/bin/env bash
# Builds the workbench and runs the demo. Arguments go to `dskd demo`.
set -euo pipefail
cd "$(dirname "$0")/.."
packaging/setup.sh
if [ ! -f build/release/build.ninja ]; then
  mkdir -p build
  cmake --preset release >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }
fi
[ -x build/release/bin/dskd-worker ] || echo "== building (this takes several minutes the first time)"
cmake --build --preset release --target dskd dskd-worker
exec build/release/bin/dskd demo "$@"

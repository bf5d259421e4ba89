#!/usr/bin/env bash
# Builds the workbench and runs the demo. Arguments go to `dskd demo`.
set -euo pipefail
cd "$(dirname "$0")/.."
packaging/setup.sh
[ -f build/release/build.ninja ] || cmake --preset release >build-configure.log 2>&1 ||
  { cat build-configure.log; exit 1; }
rm -f build-configure.log
cmake --build --preset release --target dskd dskd-worker -- --quiet
exec build/release/bin/dskd demo "$@"

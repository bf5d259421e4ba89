#!/usr/bin/env bash
# Builds everything and runs every test without a display. Arguments go to ctest.
set -euo pipefail
cd "$(dirname "$0")/.."
packaging/setup.sh
cmake --preset release
cmake --build --preset release
# threads that wait for each other by spinning take the core from the test beside them
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-3000}
ctest --preset release -j "$(nproc)" "$@"

#!/usr/bin/env bash
# Builds everything and runs every test without a display. Arguments go to ctest.
set -euo pipefail
cd "$(dirname "$0")/.."
packaging/setup.sh
cmake --preset release
cmake --build --preset release
ctest --preset release -j "$(nproc)" "$@"

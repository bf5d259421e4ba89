#!/usr/bin/env bash
# The whole of tests/faults, of which `ctest` runs a sample: a worker and every writing command are killed, meet a full
# disk and a failing call at each of the calls that change a file. Takes hours; arguments go to the test program
# (--gtest_filter=...). Prints how many points were tried, and the time.
set -euo pipefail
cd "$(dirname "$0")/.."
packaging/setup.sh
cmake --preset release
cmake --build --preset release --target test_faults dskd dskd-worker
figures=$(mktemp)
trap 'rm -f "$figures"' EXIT
failed=0
export DSKD_FAULT_POINTS=${DSKD_FAULT_POINTS:-all} DSKD_FAULT_FIGURES=$figures OMP_WAIT_POLICY=PASSIVE
build/release/bin/test_faults "$@" || failed=1
echo "points tried, by program, fault and journal:"
sort -k2 "$figures"
awk -v seconds=$SECONDS '{ points += $1 } END { print points + 0, "points in", seconds, "s" }' "$figures"
exit $failed

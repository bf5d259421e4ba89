#!/usr/bin/env bash
# The whole of tests/faults, of which `ctest` runs a sample: a worker and every writing command are killed, meet a full
# disk and a failing call at each of the calls that change a file. Takes more than an hour on two cores; arguments go to the test program
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
# each part of the tests beside the others: most of the time is programs that start
parts=$(nproc)
running=()
for ((part = 0; part < parts; ++part)); do
  GTEST_TOTAL_SHARDS=$parts GTEST_SHARD_INDEX=$part build/release/bin/test_faults "$@" &
  running+=($!)
done
for test in "${running[@]}"; do
  wait "$test" || failed=1
done
echo "points tried, by program, fault and journal:"
sort -k2 "$figures"
awk -v seconds=$SECONDS '{ points += $1 } END { print points + 0, "points in", seconds, "s" }' "$figures"
exit $failed

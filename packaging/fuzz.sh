#!/usr/bin/env bash
# Searches for inputs that break a reader of files (tests/fuzz).
#   packaging/fuzz.sh HOURS [TARGET...]     so many hours in all, shared equally
#   packaging/fuzz.sh 10s [TARGET...]       so many seconds a target
# Prints how many inputs each target was given. What was found to reach new code stays in build/fuzz/corpus for the next
# time; what breaks a reader lies in build/fuzz/crashes, and the script fails. Mend the reader, and put the input into
# tests/fuzz/corpus/TARGET, from where every test run replays it.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:?how long: hours, or seconds a target as 10s}
shift
packaging/setup.sh
cmake --preset fuzz
cmake --build --preset fuzz
program=$PWD/build/fuzz/bin/fuzz_inputs
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  read -ra targets < <(DSKD_FUZZ_TARGET=none "$program" 2>&1 | sed -n 's/.*one of: //p')
fi
case $time in
  *s) seconds=${time%s} ;;
  *) seconds=$(awk -v hours="$time" -v targets=${#targets[@]} 'BEGIN { printf "%d", hours * 3600 / targets }') ;;
esac
export ASAN_OPTIONS=allocator_may_return_null=0 UBSAN_OPTIONS=print_stacktrace=1
crashes=$PWD/build/fuzz/crashes
mkdir -p "$crashes"
total=0
broken=()
for target in "${targets[@]}"; do
  folders=("build/fuzz/corpus/$target" "build/fuzz/seeds/$target")
  mkdir -p "${folders[@]}"
  stored=tests/fuzz/corpus/$target
  [ -d "$stored" ] && folders+=("$stored")
  log=build/fuzz/$target.log
  DSKD_FUZZ_TARGET=$target DSKD_FUZZ_SEEDS=build/fuzz/seeds/$target "$program" -max_total_time="$seconds" -max_len=32768 \
    -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$crashes/$target-" "${folders[@]}" \
    >"$log" 2>&1 || broken+=("$target")
  inputs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  printf '%-16s %10d inputs\n' "$target" "${inputs:-0}"
  total=$((total + ${inputs:-0}))
done
echo "fuzz: $total inputs, $seconds s a target"
for target in "${broken[@]}"; do
  echo "fuzz: $target is broken by an input in build/fuzz/crashes; see build/fuzz/$target.log" >&2
done
[ ${#broken[@]} -eq 0 ]

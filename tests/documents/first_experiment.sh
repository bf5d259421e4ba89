#!/usr/bin/env bash
# Types what README.md shows under "A first experiment", with runs of a few steps.
#   first_experiment.sh README.md BIN WORK_DIR
set -euo pipefail
readme=$1
bin=$2
work=$3
rm -rf "$work"
mkdir -p "$work"
export HOME=$work
unset DSKD_WORKSPACE
dskd() {
  if [ "$1" = run ]; then
    set -- "$@" --set train.steps=2 --set train.warmup_steps=0 --set train.batch_size=2 --set train.threads=1 \
      --set data.limit=8 --set data.validation_limit=4 --set validation.generate_samples=0 --set log.probe_every=0
  fi
  "$bin/dskd" "$@"
}
shown=$(sed -n '/^## A first experiment/,/^## /p' "$readme" | sed -n '/^```sh$/,/^```$/p' | sed '/^```/d')
typed=0
while IFS= read -r line; do
  case $line in
    '' | 'export PATH='* | dskd-workbench*) continue ;; # where the programs are is said by BIN; a window waits for a person
  esac
  printf '$ %s\n' "$line"
  eval "$line"
  typed=$((typed + 1))
done <<<"$shown"
cd "$work/kd"
[ "$typed" -ge 5 ] || { echo "only $typed commands were found in $readme"; exit 1; }
[ -f my-student/model.safetensors ] || { echo "no student was exported"; exit 1; }
dskd compare example | grep -q 'vanilla KD' || { echo "the second run is not in the comparison"; exit 1; }

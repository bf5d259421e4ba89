#!/bin/sh
# Times DSKD with models of real size and random weights on a GPU:
#
#   real_sizes.sh BIN TEACHER STUDENT WORK [--set field=value ...]
#
# BIN holds dskd and dskd-worker; TEACHER and STUDENT hold config.json and a tokenizer; WORK is a scratch folder. The
# data's 640 answers make 20 steps: these run the teacher, later ones take its hidden states from memory.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bin=$1 teacher=$2 student=$3 work=$4
shift 4
mkdir -p "$work"
for side in "$teacher" "$student"; do
  folder=$work/$(basename "$side")
  [ -e "$folder/model.safetensors" ] || python3 "$here/random_weights.py" "$side" "$folder" >/dev/null
done
[ -e "$work/workspace.db" ] || "$bin/dskd" init "$work" >/dev/null
"$bin/dskd" -w "$work" run "$here/real_sizes.json" --set student.model="$work/$(basename "$student")" \
  --set teacher.model="$work/$(basename "$teacher")" "$@" >"$work/run.log" 2>&1 || { tail -15 "$work/run.log"; exit 1; }

# median METRIC FIRST LAST
median() {
  "$bin/dskd" -w "$work" metrics last --name "$1" --csv |
    awk -F, -v first="$2" -v last="$3" 'NR > 1 && $2 >= first && $2 <= last { print $5 }' | sort -g |
    awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'
}
printf '%s to %s %s\n' "$(basename "$teacher")" "$(basename "$student")" "$*"
for part in '3 20 teacher running' '23 60 hidden states from memory'; do
  set -- $part
  first=$1 last=$2
  shift 2
  printf '  %-27s %s s a step, %s tokens/s, %s bytes in use\n' "$*" "$(median step_seconds "$first" "$last")" \
    "$(median tokens_per_second "$first" "$last")" "$(median memory_bytes "$first" "$last")"
done
"$bin/dskd" -w "$work" metrics last --name loss --csv | awk -F, 'NR == 2 { first = $5 } END { print "  loss", first, "to", $5 }'

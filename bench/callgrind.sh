#!/usr/bin/env bash
# Counts the instructions of one decision of every scenario, or of those named: those of 1100 decisions less those of 100,
# divided by 1000. Needs valgrind.
set -euo pipefail
cd "$(dirname "$0")"
cargo build --release --quiet
target=$(cargo metadata --format-version 1 --no-deps | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p')
bench="$target/release/palisade-bench"
count() {
  valgrind --tool=callgrind --callgrind-out-file=/dev/null "$bench" --repeat "$1" "$2" 2>&1 |
    sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
}
echo "| scenario | instructions |"
echo "|---|---:|"
for name in ${@:-$("$bench" --names)}; do
  few=$(count 100 "$name")
  many=$(count 1100 "$name")
  echo "| $name | $(((many - few) / 1000)) |"
done

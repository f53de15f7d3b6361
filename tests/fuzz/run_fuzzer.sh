#!/usr/bin/env bash
# run_fuzzer.sh PROGRAM CORPUS FOLDER: runs the fuzzer over a copy of its corpus. An input that breaks the
# program stays in FOLDER; make it a test, then add it to the corpus.
set -euo pipefail

readonly program=$1 corpus=$2 folder=$3
readonly seconds=${GARDU_FUZZ_SECONDS:-60}
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")

rm -rf "$folder"
mkdir -p "$folder/corpus"
if [[ -d $corpus ]]; then
    cp -r "$corpus/." "$folder/corpus"
fi
export ASAN_OPTIONS=detect_leaks=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
exec "$here/../support/without_aslr.sh" "$program" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
    -max_len=8192 -print_final_stats=1 -artifact_prefix="$folder/" "$folder/corpus"

#!/bin/bash
# What a large ISP costs Gardu: time to import it, to start with it, and memory. See README.md.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"

usage() {
    cat <<TEXT
Usage: scale.sh [OPTION]...
  --count N            subscribers (default 1000000)
  --gardu PATH         the program (default build/gardu)
  --radius-load PATH   the load generator (default build/bench/radius_load)
  --json FILE          write the figures there (default: standard output, after the table)
TEXT
}

SMALL=100000
COUNT=1000000
GARDU=$ROOT/build/gardu
RADIUS_LOAD=$ROOT/build/bench/radius_load
JSON=
GARDU_PORT=21832

while (($#)); do
    case $1 in
        --count) COUNT=$2 && shift ;;
        --gardu) GARDU=$2 && shift ;;
        --radius-load) RADIUS_LOAD=$2 && shift ;;
        --json) JSON=$2 && shift ;;
        --help) usage && exit ;;
        *) usage >&2 && exit 2 ;;
    esac
    shift
done

NAMES=()
declare -A VALUES

record() {
    NAMES+=("$1")
    VALUES[$1]=$2
}

# record_seconds NAME COMMAND...
record_seconds() {
    local name=$1 start=$EPOCHREALTIME
    shift
    "$@"
    record "$name" "$(awk -v a="$start" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f", b - a }')"
}

# measure_import ROWS: into a new data folder, which stays.
measure_import() {
    make_subscribers "$1" "$WORK/$1.csv"
    prepare_gardu "$WORK/$1"
    note "importing $1 subscribers"
    record_seconds "import_$1_seconds" import_subscribers "$WORK/$1.csv"
    record "database_$1_kb" "$(du -sk "$WORK/$1" | cut -f1)"
}

record_memory() {
    record "rss_$1_kb" "$(memory_kb VmRSS "$LAST_PID")"
    record "peak_$1_kb" "$(memory_kb VmHWM "$LAST_PID")"
}

measure_load() {
    local result
    note "10 s of logins"
    result=$("$RADIUS_LOAD" --server "127.0.0.1:$GARDU_PORT" --secret "$SECRET" --user-count "$COUNT" \
        --duration 10 --warmup 1 --json) || {
        echo "$result" >&2
        fail "gardu gave a wrong answer"
    }
    record logins_per_second "$(number answered_per_second <<<"$result")"
    record login_p99_us "$(number p99_us <<<"$result")"
}

write_json() {
    local name separator='{'
    for name in "${NAMES[@]}"; do
        printf '%s"%s":%s' "$separator" "$name" "${VALUES[$name]}"
        separator=,
    done
    echo '}'
}

[[ -x $GARDU ]] || fail "no program at $GARDU; build it, or give --gardu"
[[ -x $RADIUS_LOAD ]] || fail "no load generator at $RADIUS_LOAD; build it, or give --radius-load"

record subscribers "$COUNT"
measure_import "$SMALL"
((COUNT == SMALL)) || measure_import "$COUNT"
note "starting"
record_seconds start_seconds start_gardu
record_memory ready
measure_load
record_memory loaded

for name in "${NAMES[@]}"; do
    printf '%-28s %14s\n' "$name" "${VALUES[$name]}"
done
if [[ -n $JSON ]]; then
    write_json >"$JSON"
else
    write_json
fi

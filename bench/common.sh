# shellcheck shell=bash disable=SC2034
# What the scripts here share: private servers that are stopped by their process id, and what they cost.
# Sourced, never run.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
WORK=$(mktemp -d "${TMPDIR:-/tmp}/gardu-bench.XXXXXX")
SECRET=bench-secret
STARTED=()
CLOCK_TICKS=$(getconf CLK_TCK)

fail() {
    echo "error: $*" >&2
    exit 1
}

note() { echo "-- $*" >&2; }

# Waits for the process, so that its port is free when this returns.
stop_process() {
    kill "$1" 2>/dev/null || return 0
    for _ in $(seq 100); do
        kill -0 "$1" 2>/dev/null || break
        sleep 0.1
    done
    kill -9 "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

clean_up() {
    local pid
    for pid in "${STARTED[@]}"; do
        stop_process "$pid"
    done
    if [[ -n ${KEEP_WORK:-} ]]; then
        note "kept $WORK"
    else
        rm -rf "$WORK"
    fi
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# start_process LOG COMMAND...: sets LAST_PID.
start_process() {
    local log=$1
    shift
    "$@" >>"$log" 2>&1 &
    LAST_PID=$!
    STARTED+=("$LAST_PID")
}

# wait_until SECONDS COMMAND...: for what the last started process is to bring about.
wait_until() {
    local end=$((SECONDS + $1))
    shift
    until "$@" >/dev/null 2>&1; do
        ((SECONDS < end)) && kill -0 "$LAST_PID" 2>/dev/null || return 1
        sleep 0.05
    done
}

# install_missing COMMAND=PACKAGE...
install_missing() {
    local pair packages=()
    for pair in "$@"; do
        command -v "${pair%%=*}" >/dev/null || packages+=("${pair#*=}")
    done
    ((${#packages[@]} == 0)) && return
    note "installing ${packages[*]}"
    # A package's own service would take the default port, and time from what is measured.
    printf '#!/bin/sh\nexit 101\n' >"$WORK/policy"
    local policy=/usr/sbin/policy-rc.d
    [[ -e $policy ]] || { install -m 755 "$WORK/policy" "$policy" && local ours=1; }
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${packages[@]}" >&2
    [[ -z ${ours:-} ]] || rm -f "$policy"
}

# memory_kb FIELD PID...: the sum of VmRSS or VmHWM.
memory_kb() {
    local field=$1 pid sum=0
    shift
    for pid in "$@"; do
        sum=$((sum + $(awk -v f="$field:" '$1 == f { print $2 }' "/proc/$pid/status")))
    done
    echo "$sum"
}

# The processor time that the processes have used, in ticks. The name in the second field may hold spaces.
cpu_ticks() {
    local pid sum=0
    for pid in "$@"; do
        sum=$((sum + $(sed 's/.*) //' "/proc/$pid/stat" | awk '{ print $12 + $13 }')))
    done
    echo "$sum"
}

# The processor time that the whole machine has used, in ticks.
machine_ticks() { awk '$1 == "cpu" { print $2 + $3 + $4 + $7 + $8 + $9 }' /proc/stat; }

# others_percent TICKS GENERATOR_SECONDS START: the share of the machine since START that went to neither the
# servers (TICKS: what all but them have used) nor the generator.
others_percent() {
    awk -v t="$1" -v own="$2" -v hz="$CLOCK_TICKS" -v wall="$EPOCHREALTIME" -v start="$3" \
        -v cores="$(nproc)" 'BEGIN {
            share = 100 * (t / hz - own) / (wall - start) / cores
            printf "%.0f", (share > 0 ? share : 0) }'
}

# The rounds of all servers, tab-separated: server, round, figures.
FIGURES=$WORK/figures.tsv

# median NAME COLUMN
median() {
    awk -F '\t' -v n="$1" -v c="$2" '$1 == n { print $c }' "$FIGURES" | sort -g |
        awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'
}

# number NAME: that number of the JSON object on standard input.
number() { sed -n "s/.*\"$1\":\([0-9.]*\).*/\1/p"; }

# make_subscribers COUNT FILE: the accounts of radius_load's default patterns, as Gardu imports them.
make_subscribers() {
    awk -v n="$1" 'BEGIN {
        print "username,password,package,end_date"
        for (i = 0; i < n; i++) printf "user%07d,pass%07d,bench,2099-12-31\n", i, i
    }' >"$2"
}

# gardu COMMAND...: with a private data folder and private ports, and with GARDU_DATABASE where that is set.
# start_gardu sets LAST_PID.
gardu_arguments() {
    GARDU_ARGUMENTS=(-D "data.dir=$1" -D "radius.auth.listen=127.0.0.1:$GARDU_PORT"
        -D "radius.acct.listen=127.0.0.1:$((GARDU_PORT + 1))" -D "web.listen=127.0.0.1:$((GARDU_PORT + 2))"
        -D "database.url=${GARDU_DATABASE:-}")
}

gardu() { "$GARDU" "${GARDU_ARGUMENTS[@]}" "$@"; }

prepare_gardu() {
    mkdir -p "$1"
    gardu_arguments "$1"
    {
        gardu migrate
        gardu nas add --name bench --address 127.0.0.1/32 --secret "$SECRET"
        gardu package add --name bench --bandwidth 10M/10M --price 150000
    } >>"$WORK/gardu.log" 2>&1 || {
        tail -n 5 "$WORK/gardu.log" >&2
        fail "gardu could not be set up"
    }
}

# metric NAME: its value now, all its labels together.
metric() {
    exec 3<>"/dev/tcp/127.0.0.1/$((GARDU_PORT + 2))"
    printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3
    awk -v n="$1" '{ sub(/{.*}/, "", $1) } $1 == n { sum += $2; found = 1 }
        END { if (!found) exit 1; printf "%.0f\n", sum }' <&3
}

import_subscribers() {
    gardu import subscribers "$1" >>"$WORK/gardu.log" 2>&1 || {
        tail -n 5 "$WORK/gardu.log" >&2
        fail "the import failed"
    }
}

start_gardu() {
    : >"$WORK/gardu.serve.log"
    start_process "$WORK/gardu.serve.log" "$GARDU" "${GARDU_ARGUMENTS[@]}" serve
    wait_until 300 grep -q 'event=ready' "$WORK/gardu.serve.log" || {
        tail -n 5 "$WORK/gardu.serve.log" >&2
        fail "gardu did not become ready"
    }
}

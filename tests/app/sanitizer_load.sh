#!/usr/bin/env bash
# The daemon of a sanitizer's tree ($GARDU_BUILD) under load for GARDU_LOAD_SECONDS (20): PAP and CHAP,
# accepts and rejects, requests sent again, accounting, a NAS that takes CoA and Disconnect and knows nothing
# of every third session; meanwhile other processes change all that it follows and read all that it shows, and
# it is restarted. Fails where a sanitizer reports, the daemon does not end with 0, or a
# reply is not valid.
set -euo pipefail

readonly build=${GARDU_BUILD:?names the build tree}
readonly seconds=${GARDU_LOAD_SECONDS:-20}
readonly secret='network-secret' users=300
folder=$(mktemp -d)
readonly folder
readonly tests=${BASH_SOURCE[0]%/*}
port=0
web=0
acct=0
coa=0
daemon=
nas=
helpers=()

finish() {
    touch "$folder/stop"
    [[ -z $daemon ]] || kill -KILL "$daemon" 2>/dev/null || true
    [[ -z $nas ]] || kill -KILL "$nas" 2>/dev/null || true
    wait
    rm -rf "$folder"
}
trap finish EXIT

fail() {
    printf 'sanitizer_load: %s\n' "$*" >&2
    tail -n 20 "$folder"/[!d]*.log >&2
    cat "$folder/daemon.log" >&2
    exit 1
}

gardu() {
    "$build/gardu" -D data.dir="$folder/data" "$@" >>"$folder/commands.log" 2>&1
}

make_users() {
    local i password
    {
        printf 'username,password,package,end_date\n'
        for ((i = 0; i < users; ++i)); do
            printf 'user%d,pass%d,home,\n' "$i" "$i"
        done
    } >"$folder/import.csv"
    # Every fifth with a wrong password, and some that nobody knows.
    for ((i = 0; i < users + 20; ++i)); do
        password=pass$i
        ((i % 5 > 0)) || password=wrong
        printf 'user%d,%s\n' "$i" "$password"
    done >"$folder/users"
    gardu nas add --name load --address 127.0.0.1 --secret "$secret" --coa-port "$coa"
    gardu package add --name home --bandwidth 10M/10M --price 1
    gardu import subscribers "$folder/import.csv"
}

start_nas() {
    local tries
    /usr/bin/python3 "$tests/loopback_nas.py" "$folder/coa-port" >"$folder/nas.log" 2>&1 &
    nas=$!
    for ((tries = 0; tries < 100; ++tries)); do
        coa=$(cat "$folder/coa-port" 2>/dev/null || true)
        [[ -z $coa ]] || return 0
        sleep 0.1
    done
    fail 'the NAS does not start'
}

# The first start takes any ports, the next ones the same.
start_daemon() {
    local ready tries
    "$build/gardu" -D data.dir="$folder/data" -D radius.auth.listen="127.0.0.1:$port" -D radius.workers=2 \
        -D web.listen="127.0.0.1:$web" -D radius.acct.listen="127.0.0.1:$acct" serve \
        >"$folder/daemon.log" 2>&1 &
    daemon=$!
    for ((tries = 0; tries < 600; ++tries)); do
        ready=$(grep -m1 'event=ready' "$folder/daemon.log" || true)
        if [[ $ready =~ auth=127.0.0.1:([0-9]+)\ web=127.0.0.1:([0-9]+)\ acct=127.0.0.1:([0-9]+) ]]; then
            port=${BASH_REMATCH[1]} web=${BASH_REMATCH[2]} acct=${BASH_REMATCH[3]}
            return
        fi
        kill -0 "$daemon" 2>/dev/null || fail 'the daemon does not start'
        sleep 0.1
    done
    fail 'the daemon is not ready after a minute'
}

stop_daemon() {
    local status=0
    kill -TERM "$daemon" 2>/dev/null || true  # a report may have ended it
    wait "$daemon" || status=$?
    daemon=
    ((status == 0)) || fail "the daemon ended with $status"
    check_reports
}

check_reports() {
    if grep -lE 'ThreadSanitizer|AddressSanitizer|LeakSanitizer|runtime error:' "$folder"/*.log >&2; then
        fail 'a sanitizer reported'
    fi
}

# In a shell of its own: an exec that fails, while the daemon is started again, ends the shell.
get() (
    exec 3<>"/dev/tcp/127.0.0.1/$web"
    printf 'GET %s HTTP/1.0\r\n\r\n' "$1" >&3
    cat <&3
)

read_pages() {
    while [[ ! -e $folder/stop ]]; do
        get /metrics >"$folder/metrics" 2>/dev/null || true
        get /healthz >"$folder/health" 2>/dev/null || true
        sleep 0.05
    done
}

# A command of the helpers, which end here.
step() {
    [[ ! -e $folder/stop ]] || exit 0
    "$build/gardu" -D data.dir="$folder/data" "$@" >"$folder/step.$BASHPID" 2>&1 || {
        printf 'sanitizer_load: gardu %s:\n%s\n' "$*" "$(<"$folder/step.$BASHPID")" >&2
        exit 1
    }
}

# One subscriber, package and NAS through their whole lives, again and again.
change_things() {
    local -r who=$1
    local round
    for ((round = 0; ; ++round)); do
        step package add --name "$who" --bandwidth 1M/1M --price 1
        step subscriber add --username "$who" --password p --package "$who"
        step nas add --name "$who" --address "10.$((round % 200)).0.$((${#who} + 1))" --secret s
        step subscriber suspend "$who"
        step subscriber update user1 --end-date "2099-01-0$((round % 9 + 1))"
        step package update "$who" --bandwidth "$((round % 90 + 1))M"
        step package update home --bandwidth "$((round % 80 + 10))M"
        step session list --user user2
        step enforce status
        step journal status
        step nas update "$who" --message-authenticator require
        step subscriber remove "$who"
        step package remove "$who"
        step nas remove "$who"
        printf '%s: round %d\n' "$who" "$round" >>"$folder/rounds.log"
    done
}

stop_helpers() {
    local pid
    touch "$folder/stop"
    for pid in "${helpers[@]}"; do
        wait "$pid" || fail 'a command failed, or a sanitizer reported in it'
    done
    grep -q 'a: round 0' "$folder/rounds.log" || fail 'nothing was changed'
}

# A rate that leaves the helpers some time, and ports enough that an identifier is used again only after
# seconds: the generator takes a late reply to a former request for a wrong one.
run_load() {
    "$build/bench/radius_load" --server "127.0.0.1:$port" --secret "$secret" --users "$folder/users" \
        --method mixed --expect any --rate 2000 --in-flight 256 --ports 64 --timeout-ms 25 --retries 3 \
        --warmup 0 --duration "$1" --json >"$folder/load.log" || fail 'a reply was not valid, or none came'
    cat "$folder/load.log"
}

# The sessions of the first users, as their NAS tells of them.
run_accounting() {
    "$build/bench/radius_load" --accounting --server "127.0.0.1:$acct" --secret "$secret" \
        --user-pattern 'user%d' --user-count 200 --rate 800 --in-flight 64 --ports 64 \
        --timeout-ms 200 --retries 10 \
        --warmup 0 --duration "$1" --json >"$folder/accounting.log" || fail 'accounting was not acknowledged'
    cat "$folder/accounting.log"
}

run_both() {
    run_accounting "$1" &
    local -r accounting=$!
    run_load "$1"
    wait "$accounting" || fail 'accounting failed'
}

has() {
    grep -q "$1" "$folder/metrics.end"
}

main() {
    start_nas
    make_users
    start_daemon
    read_pages &
    helpers+=($!)
    change_things a &
    helpers+=($!)
    change_things bb &
    helpers+=($!)
    run_both "$((seconds / 2))"
    stop_daemon
    start_daemon
    run_both "$((seconds - seconds / 2))"
    get /metrics >"$folder/metrics.end"
    has '^gardu_access_decisions_total{outcome="accept"} [1-9]' || fail 'no accepts'
    has '^gardu_access_decisions_total{outcome="reject"} [1-9]' || fail 'no rejects'
    has '^gardu_accounting_applied_total [1-9]' || fail 'no accounting was applied'
    has '^gardu_dynauth_total{.*outcome="ack".*} [1-9]' || fail 'nothing was enforced'
    has '^gardu_invariant_broken_total 0' || fail 'an invariant broke'
    stop_helpers
    stop_daemon
}

main

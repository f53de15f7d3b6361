#!/bin/bash
# Acknowledged Accounting-Requests per second of Gardu and of FreeRADIUS, on one machine, under one load; what
# Gardu applies to its database meanwhile; and logins beside it. See README.md.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"
# shellcheck source-path=SCRIPTDIR source=peers.sh
source "$(dirname "$0")/peers.sh"

usage() {
    cat <<TEXT
Usage: acct_compare.sh [OPTION]...
  --gardu PATH         the program to compare (default build/gardu)
  --radius-load PATH   the load generator (default build/bench/radius_load)
  --peers-only         measure FreeRADIUS alone
  --only NAME,...      of gardu-mariadb, freeradius-sql, freeradius-detail, gardu-sqlite
  --parts NAME,...     of throughput, latency, logins (default all)
  --users N            subscribers, each with one session (default 10000)
  --rounds N           rounds over all servers (default 3)
  --duration SECONDS   measured time of a round, after 2 s of warm-up (default 6)
  --in-flight N        requests waiting at once (default 256)
  --rate R             accounting a second of the parts latency and logins (default 10000)
  --login-rate R       logins a second of the part logins (default 5000)
  --sql-threads N      FreeRADIUS threads and database connections with SQL (default $SQL_THREADS)
  --detail-threads N   FreeRADIUS threads with the detail file (default $DETAIL_THREADS)
  --json FILE          write all figures there
TEXT
}

# Set by trying 1 to 64 on two cores; see README.md.
SQL_THREADS=16
DETAIL_THREADS=4
GARDU=$ROOT/build/gardu
RADIUS_LOAD=$ROOT/build/bench/radius_load
SERVERS=(gardu-mariadb freeradius-sql freeradius-detail gardu-sqlite)
PARTS=(throughput latency logins)
USERS=10000
ROUNDS=3
DURATION=6
WARMUP=2
IN_FLIGHT=256
RATE=10000
LOGIN_RATE=5000
JSON=
GARDU_PORT=21842
PEER_PORT=21852
SQL_PORT=21853
# Each commit is on the disk before it is reported, for Gardu and for FreeRADIUS.
SQL_SYNC=1
AIM_P99_US=20000
AIM_APPLIED=10000

while (($#)); do
    case $1 in
        --gardu) GARDU=$2 && shift ;;
        --radius-load) RADIUS_LOAD=$2 && shift ;;
        --peers-only) SERVERS=(freeradius-sql freeradius-detail) ;;
        --only) IFS=, read -ra SERVERS <<<"$2" && shift ;;
        --parts) IFS=, read -ra PARTS <<<"$2" && shift ;;
        --users) USERS=$2 && shift ;;
        --rounds) ROUNDS=$2 && shift ;;
        --duration) DURATION=$2 && shift ;;
        --in-flight) IN_FLIGHT=$2 && shift ;;
        --rate) RATE=$2 && shift ;;
        --login-rate) LOGIN_RATE=$2 && shift ;;
        --sql-threads) SQL_THREADS=$2 && shift ;;
        --detail-threads) DETAIL_THREADS=$2 && shift ;;
        --json) JSON=$2 && shift ;;
        --help) usage && exit ;;
        *) usage >&2 && exit 2 ;;
    esac
    shift
done

is_wanted() { [[ " ${SERVERS[*]} " == *" $1"* ]]; }
is_part() { [[ " ${PARTS[*]} " == *" $1 "* ]]; }

# use_port PORT: where the server that is measured takes accounting. Sets ACCOUNTING, the generator of every
# user's packets.
use_port() {
    ACCT_PORT=$1
    ACCOUNTING=("$RADIUS_LOAD" --accounting --server "127.0.0.1:$1" --secret "$SECRET" --user-count "$USERS"
        --in-flight "$IN_FLIGHT" --warmup "$WARMUP" --json)
}

# One packet of a session of its own.
can_account() {
    "$RADIUS_LOAD" --accounting --server "127.0.0.1:$ACCT_PORT" --secret "$SECRET" --user-pattern probe \
        --user-count 1 --count 1 --timeout-ms 200 --retries 0
}

logins() {
    "$RADIUS_LOAD" --server "127.0.0.1:$GARDU_PORT" --secret "$SECRET" --user-count "$USERS" \
        --rate "$LOGIN_RATE" --duration "$DURATION" --warmup "$WARMUP" --json
}

# --- the servers ------------------------------------------------------------------------------------------

prepare_servers() {
    make_subscribers "$USERS" "$WORK/subscribers.csv"
    if is_wanted freeradius; then
        install_missing freeradius=freeradius
        make_peer "$WORK/freeradius-detail" acct detail "$DETAIL_THREADS" no
        make_peer "$WORK/freeradius-sql" acct sql "$SQL_THREADS" no
    fi
    if is_wanted freeradius-sql && [[ ! -e /usr/lib/freeradius/rlm_sql_mysql.so ]]; then
        install_missing rlm_sql_mysql=freeradius-mysql
    fi
    if is_wanted freeradius-sql || is_wanted gardu-mariadb; then
        note "making MariaDB"
        install_mariadb
        start_mariadb
        run_sql -e "CREATE USER gardu@127.0.0.1 IDENTIFIED BY 'gardu';
            GRANT ALL ON gardu.* TO gardu@127.0.0.1"
        [[ ! -d $STOCK_SQL ]] || make_radius_database
        stop_process "$MARIADB_PID"
    fi
    if is_wanted gardu; then
        [[ -x $GARDU ]] || fail "no program at $GARDU; build it, or give --gardu or --peers-only"
    fi
}

# fresh_gardu NAME: an installation with all subscribers and nothing else.
fresh_gardu() {
    local directory=$WORK/$1
    rm -rf "$directory"
    GARDU_DATABASE=
    if [[ $1 == gardu-mariadb ]]; then
        run_sql -e 'DROP DATABASE IF EXISTS gardu; CREATE DATABASE gardu'
        GARDU_DATABASE=mysql://gardu:gardu@127.0.0.1:$SQL_PORT/gardu
    fi
    prepare_gardu "$directory"
    import_subscribers "$WORK/subscribers.csv"
}

# start_server NAME: as new. Sets ACCT_PORT, PIDS (the server first, then its database), and what it has from
# finding out that it answers: STORED sessions, APPLIED packets.
start_server() {
    local name=$1 database=()
    APPLIED=0
    use_port "$PEER_PORT"
    if [[ $1 == *-sql || $1 == *-mariadb ]]; then
        start_mariadb
        database=("$MARIADB_PID")
    fi
    case $1 in
        gardu-*)
            use_port $((GARDU_PORT + 1))
            fresh_gardu "$1"
            start_gardu
            can_account >/dev/null || fail "$1 does not answer accounting"
            ;;
        freeradius-sql)
            run_sql radius -e 'TRUNCATE radacct'
            start_peer "$1" can_account
            ;;
        *)
            rm -rf "$WORK/$1/radacct"
            start_peer "$1" can_account
            ;;
    esac
    PIDS=("$LAST_PID" "${database[@]}")
    drain "$name"
    [[ $name != gardu-* ]] || APPLIED=$(metric gardu_accounting_applied_total)
    STORED=$(stored_sessions "$name")
}

stop_server() {
    local pid
    for pid in "${PIDS[@]}"; do
        stop_process "$pid"
    done
}

journal_is_empty() { [[ $(metric gardu_journal_waiting) == 0 ]]; }

# drain NAME: until all that was acknowledged is in the database.
drain() {
    LAST_PID=${PIDS[0]}
    [[ $1 != gardu-* ]] || wait_until 600 journal_is_empty || fail "$1 does not empty its journal"
}

# The sessions that the server has stored.
stored_sessions() {
    case $1 in
        gardu-*) gardu --json session list --all | { grep -o '"acct_session_id"' || true; } | wc -l ;;
        freeradius-sql) run_sql -N radius -e 'SELECT COUNT(*) FROM radacct' ;;
        *) cat "$WORK/$1"/radacct/*/detail-* | grep -c 'Acct-Status-Type = Start' ;;
    esac
}

# check_stored NAME RESULT: an acknowledgement that stores nothing is no acknowledgement.
check_stored() {
    local stored expected
    stored=$(stored_sessions "$1")
    expected=$(($(number sessions <<<"$2") + STORED))
    if ((stored != expected)); then
        (($(number timeouts <<<"$2") > 0)) || fail "$1 has stored $stored sessions of $expected"
        note "$1 has stored $stored sessions of $expected; some packets were given up"
    fi
}

# watch_others [PID...]: from now on; the processes count as ours besides the servers.
watch_others() {
    OURS=("${PIDS[@]}" "$@")
    WATCHED=$(($(machine_ticks) - $(cpu_ticks "${OURS[@]}"))) WATCHED_FROM=$EPOCHREALTIME
}

# others_since RESULT: what others took since then, in percent of the machine; RESULT is the generator's.
others_since() {
    others_percent $(($(machine_ticks) - $(cpu_ticks "${OURS[@]}") - WATCHED)) \
        "$(number generator_cpu_seconds <<<"$1")" "$WATCHED_FROM"
}

# wrong_answer NAME RESULT
wrong_answer() {
    echo "$2" >&2
    fail "$1 gave a wrong answer"
}

# --- throughput -------------------------------------------------------------------------------------------

# One line of FIGURES: server, round, acknowledged/s, p50, p99 and p999 us, RSS KiB of the server and of its
# database, CPU s, packets, applied/s, seconds to empty the journal, timeouts, retransmits, others' percent.
measure() {
    local name=$1 before start end result others
    start_server "$name"
    before=$(cpu_ticks "${PIDS[@]}") start=$EPOCHREALTIME
    watch_others
    result=$("${ACCOUNTING[@]}" --duration "$DURATION") || wrong_answer "$name" "$result"
    others=$(others_since "$result") end=$EPOCHREALTIME
    drain "$name"
    figures_of "$name" "$2" "$result" "$others" >>"$FIGURES"
    tail -n 1 "$FIGURES" | show_round
    check_stored "$name" "$result"
    stop_server
}

# figures_of NAME ROUND RESULT OTHERS: with the times and ticks of measure().
figures_of() {
    local field now=$EPOCHREALTIME values=("$1" "$2")
    for field in answered_per_second p50_us p99_us p999_us; do
        values+=("$(number $field <<<"$3")")
    done
    values+=("$(memory_kb VmRSS "${PIDS[0]}")" "$(memory_kb VmRSS "${PIDS[@]:1}")")
    values+=("$(ratio_of $(($(cpu_ticks "${PIDS[@]}") - before)) "$CLOCK_TICKS")")
    values+=("$(number accepts <<<"$3")" "$(applied_per_second "$1" "$start" "$now")")
    values+=("$(awk -v a="$end" -v b="$now" 'BEGIN { printf "%.1f", b - a }')")
    values+=("$(number timeouts <<<"$3")" "$(number retransmits <<<"$3")" "$4")
    (IFS=$'\t' && echo "${values[*]}")
}

# ratio_of A B
ratio_of() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }

# applied_per_second NAME START END: from the first packet until all are in the database.
applied_per_second() {
    local applied
    [[ $1 == gardu-* ]] || { echo 0 && return; }
    applied=$(metric gardu_accounting_applied_total)
    awk -v n="$((applied - APPLIED))" -v a="$2" -v b="$3" 'BEGIN { printf "%.0f", n / (b - a) }'
}

show_heading() {
    printf '%-18s %-7s %8s %7s %7s %8s %7s %6s %7s %9s %9s %7s %8s %6s %6s\n' server round acked/s 'p50 ms' \
        'p99 ms' 'p999 ms' 'RSS MiB' '+ db' 'CPU s' us/packet applied/s drain-s timeouts resent others
}

show_round() {
    awk -F '\t' '{ printf "%-18s %-7s %8.0f %7.2f %7.2f %8.2f ", $1, $2, $3, $4 / 1000, $5 / 1000, $6 / 1000
        printf "%7.1f %6.1f %7.2f %9.1f ", $7 / 1024, $8 / 1024, $9, $9 * 1e6 / $10
        printf "%9s %7.1f %8d %6d %5d%%\n", ($11 > 0 ? $11 : "-"), $12, $13, $14, $15 }'
}

show_medians() {
    local name column values
    echo
    echo "Medians of $ROUNDS rounds; $USERS sessions, $IN_FLIGHT in flight, $(nproc) cores"
    show_heading
    for name in "${SERVERS[@]}"; do
        values=("$name" median)
        for column in $(seq 3 15); do
            values+=("$(median "$name" "$column")")
        done
        (IFS=$'\t' && echo "${values[*]}") | show_round
    done
}

# aim VALUE COMPARISON LIMIT TEXT
aim() {
    awk -v v="$1" -v l="$3" -v less="$([[ $2 == below ]] && echo 1)" -v text="$4" 'BEGIN {
        met = less ? v < l : v >= l
        printf "%s: %s (aim: %s %s, %s)\n", text, v, (less ? "below" : "at least"), l,
            (met ? "met" : "MISSED") }'
}

# ratio SERVER PEER
ratio() { ratio_of "$(median "$1" 3)" "$(median "$2" 3)"; }

show_ratios() {
    local name
    echo
    for name in gardu-mariadb gardu-sqlite; do
        is_wanted "$name" || continue
        ! is_wanted freeradius-sql || aim "$(ratio $name freeradius-sql)" above 15 "$name / freeradius-sql"
        ! is_wanted freeradius-detail ||
            aim "$(ratio $name freeradius-detail)" above 1 "$name / freeradius-detail"
        aim "$(median $name 11)" above "$AIM_APPLIED" "$name applied/s"
    done
}

measure_throughput() {
    local round name
    show_heading
    for round in $(seq "$ROUNDS"); do
        for name in "${SERVERS[@]}"; do
            measure "$name" "$round"
        done
    done
    show_medians
    show_ratios
}

# --- latency, and logins beside it ------------------------------------------------------------------------

# add_latency WHAT:SERVER ROUND RESULT: a line of FIGURES: these two, answered/s, p50, p99 and p999 us,
# timeouts, others' percent since watch_others.
add_latency() {
    local result=$3 field values=("$1" "$2")
    for field in answered_per_second p50_us p99_us p999_us timeouts; do
        values+=("$(number $field <<<"$result")")
    done
    values+=("$(others_since "$result")")
    (IFS=$'\t' && echo "${values[*]}") | tee -a "$FIGURES" | show_latency
}

show_latency() {
    awk -F '\t' '{ printf "%-40s %-7s %10.0f %8.2f %8.2f %8.2f %9d %6d%%\n", $1, $2, $3, $4 / 1000,
        $5 / 1000, $6 / 1000, $7, $8 }'
}

show_latency_heading() {
    echo
    echo "Accounting at $RATE/s, logins at $LOGIN_RATE/s, on schedule"
    printf '%-40s %-7s %10s %8s %8s %8s %9s %7s\n' what round answered/s 'p50 ms' 'p99 ms' 'p999 ms' \
        timeouts others
}

measure_latency() {
    local result
    start_server "$1"
    watch_others
    result=$("${ACCOUNTING[@]}" --rate "$RATE" --duration "$DURATION") || wrong_answer "$1" "$result"
    add_latency "accounting:$1" "$2" "$result"
    drain "$1"
    stop_server
}

# The same logins on the same server, first alone and then beside accounting, which begins before and ends
# after them.
measure_logins() {
    local name=$1 round=$2 result beside=$WORK/beside.json load
    start_server "$name"
    watch_others
    result=$(logins) || wrong_answer "$name" "$result"
    add_latency "logins alone:$name" "$round" "$result"
    : >"$beside"
    start_process "$beside" "${ACCOUNTING[@]}" --rate "$RATE" --duration $((DURATION + 2))
    load=$LAST_PID
    sleep 1
    watch_others "$load"
    result=$(logins) || wrong_answer "$name" "$result"
    add_latency "logins beside accounting:$name" "$round" "$result"
    wait "$load" || wrong_answer "$name" "$(<"$beside")"
    drain "$name"
    stop_server
}

measure_rates() {
    local round name part column
    show_latency_heading
    for round in $(seq "$ROUNDS"); do
        for name in "${SERVERS[@]}"; do
            # It would only show its queue: it cannot take as many.
            [[ $name != freeradius-sql ]] || continue
            ! is_part latency || measure_latency "$name" "$round"
            [[ $name != gardu-* ]] || ! is_part logins || measure_logins "$name" "$round"
        done
    done
    echo
    echo "Medians of $ROUNDS rounds"
    cut -f1 "$FIGURES" | grep : | awk '!seen[$0]++' >"$WORK/parts"
    while read -r part; do
        printf '%s\tmedian' "$part"
        for column in $(seq 3 8); do
            printf '\t%s' "$(median "$part" "$column")"
        done
        echo
    done <"$WORK/parts" | show_latency
    show_rate_aims
}

show_rate_aims() {
    local name
    echo
    for name in gardu-mariadb gardu-sqlite; do
        is_wanted "$name" || continue
        ! is_part latency ||
            aim "$(median "accounting:$name" 5)" below "$AIM_P99_US" "$name p99 us at $RATE/s"
        ! is_part logins || awk -v n="$name" -v a="$(median "logins alone:$name" 5)" \
            -v b="$(median "logins beside accounting:$name" 5)" \
            'BEGIN { printf "%s logins p99 us: %d alone, %d beside accounting\n", n, a, b }'
    done
}

# --- all of it --------------------------------------------------------------------------------------------

write_json() {
    awk -F '\t' -v users="$USERS" -v cores="$(nproc)" -v window="$IN_FLIGHT" -v rate="$RATE" \
        -v logins="$LOGIN_RATE" 'BEGIN {
            split("acknowledged_per_second p50_us p99_us p999_us rss_kb database_rss_kb cpu_seconds " \
                  "packets applied_per_second drain_seconds timeouts retransmits others_percent", closed, " ")
            split("answered_per_second p50_us p99_us p999_us timeouts others_percent", open, " ")
            printf "{\"users\":%d,\"cores\":%d,\"in_flight\":%d,\"rate\":%d,\"login_rate\":%d,\"rounds\":[",
                users, cores, window, rate, logins }
        { printf "%s\n {\"what\":\"%s\",\"round\":%d", (NR > 1 ? "," : ""), $1, $2
          for (i = 3; i <= NF; i++) printf ",\"%s\":%s", ($1 ~ /:/ ? open[i - 2] : closed[i - 2]), $i
          printf "}" }
        END { print "]}" }' "$FIGURES" >"$1"
}

[[ -x $RADIUS_LOAD ]] || fail "no load generator at $RADIUS_LOAD; build it, or give --radius-load"
prepare_servers
: >"$FIGURES"
! is_part throughput || measure_throughput
if is_part latency || is_part logins; then
    measure_rates
fi
[[ -z $JSON ]] || write_json "$JSON"

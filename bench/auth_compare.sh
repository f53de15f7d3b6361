#!/bin/bash
# Access-Requests per second of Gardu and of FreeRADIUS, on one machine, under one load. See README.md.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"
# shellcheck source-path=SCRIPTDIR source=peers.sh
source "$(dirname "$0")/peers.sh"

usage() {
    cat <<TEXT
Usage: auth_compare.sh [OPTION]...
  --gardu PATH         the program to compare (default build/gardu)
  --radius-load PATH   the load generator (default build/bench/radius_load)
  --peers-only         measure FreeRADIUS alone
  --only NAME,...      of gardu, freeradius-files, freeradius-sql, freeradius-sql-lean
  --users N            accounts (default 10000)
  --rounds N           rounds over all servers (default 3)
  --duration SECONDS   measured time of a round, after 2 s of warm-up (default 10)
  --in-flight N        requests waiting at once (default 256)
  --rate R             send R a second on schedule instead (0: as fast as the window allows)
  --method M           pap, chap or mixed (default mixed)
  --files-threads N    FreeRADIUS threads with the users file (default $FILES_THREADS)
  --sql-threads N      FreeRADIUS threads and database connections with SQL (default $SQL_THREADS)
  --json FILE          write all figures there
TEXT
}

# Set by trying 1 to 32 on two cores; see README.md.
FILES_THREADS=4
SQL_THREADS=16
GARDU=$ROOT/build/gardu
RADIUS_LOAD=$ROOT/build/bench/radius_load
SERVERS=(gardu freeradius-files freeradius-sql freeradius-sql-lean)
USERS=10000
ROUNDS=3
DURATION=10
IN_FLIGHT=256
RATE=0
METHOD=mixed
JSON=
GARDU_PORT=21812
PEER_PORT=21822
SQL_PORT=21823
# As FreeRADIUS' operators set it: with logins, next to nothing is written.
SQL_SYNC=2

while (($#)); do
    case $1 in
        --gardu) GARDU=$2 && shift ;;
        --radius-load) RADIUS_LOAD=$2 && shift ;;
        --peers-only) SERVERS=("${SERVERS[@]:1}") ;;
        --only) IFS=, read -ra SERVERS <<<"$2" && shift ;;
        --users) USERS=$2 && shift ;;
        --rounds) ROUNDS=$2 && shift ;;
        --duration) DURATION=$2 && shift ;;
        --in-flight) IN_FLIGHT=$2 && shift ;;
        --rate) RATE=$2 && shift ;;
        --method) METHOD=$2 && shift ;;
        --files-threads) FILES_THREADS=$2 && shift ;;
        --sql-threads) SQL_THREADS=$2 && shift ;;
        --json) JSON=$2 && shift ;;
        --help) usage && exit ;;
        *) usage >&2 && exit 2 ;;
    esac
    shift
done

is_wanted() { [[ " ${SERVERS[*]} " == *" $1"* ]]; }

# load OPTION...: against port PORT, with every account.
load() {
    "$RADIUS_LOAD" --server "127.0.0.1:$PORT" --secret "$SECRET" --user-count "$USERS" --method "$METHOD" "$@"
}

can_log_in() { load --count 1 --timeout-ms 200 --retries 0; }

# --- FreeRADIUS -------------------------------------------------------------------------------------------

make_files_peer() {
    make_peer "$WORK/freeradius-files" auth files "$FILES_THREADS" yes
    awk -v n="$USERS" 'BEGIN {
        for (i = 0; i < n; i++) {
            printf "user%07d Cleartext-Password := \"pass%07d\"\n", i, i
            printf "\tMikrotik-Rate-Limit = \"10M/10M\",\n\tSession-Timeout = 86400,\n"
            printf "\tAcct-Interim-Interval = 300\n"
        }
    }' >"$WORK/freeradius-files/authorize"
}

make_sql_peers() {
    make_peer "$WORK/freeradius-sql" auth sql "$SQL_THREADS" yes
    make_peer "$WORK/freeradius-sql-lean" auth sql "$SQL_THREADS" no
    install_mariadb
    start_mariadb
    fill_database
    stop_process "$MARIADB_PID"
}

# The package's attributes are there twice, per group and per user, so that both ways of asking find them.
fill_database() {
    make_radius_database
    run_sql radius <<SQL
INSERT INTO radcheck (username, attribute, op, value)
    SELECT CONCAT('user', LPAD(seq, 7, '0')), 'Cleartext-Password', ':=', CONCAT('pass', LPAD(seq, 7, '0'))
    FROM seq_0_to_$((USERS - 1));
INSERT INTO radusergroup (username, groupname, priority)
    SELECT CONCAT('user', LPAD(seq, 7, '0')), 'bench', 1 FROM seq_0_to_$((USERS - 1));
INSERT INTO radgroupreply (groupname, attribute, op, value) VALUES
    ('bench', 'Mikrotik-Rate-Limit', '=', '10M/10M'), ('bench', 'Session-Timeout', '=', '86400'),
    ('bench', 'Acct-Interim-Interval', '=', '300');
CREATE TABLE packages AS SELECT attribute, op, value FROM radgroupreply;
INSERT INTO radreply (username, attribute, op, value)
    SELECT CONCAT('user', LPAD(seq, 7, '0')), attribute, op, value
    FROM seq_0_to_$((USERS - 1)) JOIN packages;
DROP TABLE packages;
SQL
    run_sql radius -e 'ANALYZE TABLE radcheck, radreply, radusergroup, radgroupreply' >/dev/null
}

# --- one round --------------------------------------------------------------------------------------------

# start_server NAME: sets PORT and PIDS, all the processes whose cost counts.
start_server() {
    PORT=$PEER_PORT
    PIDS=()
    if [[ $1 == freeradius-sql* ]]; then
        start_mariadb
        PIDS+=("$MARIADB_PID")
    fi
    if [[ $1 == gardu ]]; then
        PORT=$GARDU_PORT
        start_gardu
    else
        start_peer "$1" can_log_in
    fi
    PIDS=("$LAST_PID" "${PIDS[@]}")
}

# One line of FIGURES: server, round, answered/s, p50 us, p99 us, RSS KiB, CPU s, accepts, timeouts,
# retransmits, and which share of the machine other processes took meanwhile, in percent.
measure() {
    local name=$1 round=$2 before after machine start result pid
    start_server "$name"
    before=$(cpu_ticks "${PIDS[@]}") machine=$(machine_ticks) start=$EPOCHREALTIME
    result=$(load --duration "$DURATION" --warmup 2 --in-flight "$IN_FLIGHT" --rate "$RATE" --json) || {
        echo "$result" >&2
        fail "$name gave a wrong answer"
    }
    after=$(cpu_ticks "${PIDS[@]}") machine=$(($(machine_ticks) - machine))
    figures_of "$result" $((after - before)) "$machine" "$start" >>"$FIGURES"
    tail -n 1 "$FIGURES" | show_round
    for pid in "${PIDS[@]}"; do
        stop_process "$pid"
    done
}

# figures_of RESULT SERVER_TICKS MACHINE_TICKS START
figures_of() {
    local field values=("$name" "$round")
    for field in answered_per_second p50_us p99_us; do
        values+=("$(number $field <<<"$1")")
    done
    values+=("$(memory_kb VmRSS "${PIDS[@]}")")
    values+=("$(awk -v t="$2" -v hz="$CLOCK_TICKS" 'BEGIN { print t / hz }')")
    for field in accepts timeouts retransmits; do
        values+=("$(number $field <<<"$1")")
    done
    values+=("$(others_percent $(($3 - $2)) "$(number generator_cpu_seconds <<<"$1")" "$4")")
    (IFS=$'\t' && echo "${values[*]}")
}

# --- figures ----------------------------------------------------------------------------------------------

show_heading() {
    printf '%-20s %-7s %10s %8s %8s %8s %8s %9s %8s %8s %7s\n' server round answered/s 'p50 ms' 'p99 ms' \
        'RSS MiB' 'CPU s' us/login timeouts resent others
}

show_round() {
    awk -F '\t' '{ printf "%-20s %-7s %10.0f %8.2f %8.2f %8.1f %8.2f %9.1f %8d %8d %6d%%\n",
        $1, $2, $3, $4 / 1000, $5 / 1000, $6 / 1024, $7, $7 * 1e6 / $8, $9, $10, $11 }'
}

show_medians() {
    local name column values
    echo
    echo "Medians of $ROUNDS rounds; $USERS users, $METHOD, $IN_FLIGHT in flight, rate $RATE, $(nproc) cores"
    show_heading
    for name in "${SERVERS[@]}"; do
        values=("$name" median)
        for column in $(seq 3 11); do
            values+=("$(median "$name" "$column")")
        done
        (IFS=$'\t' && echo "${values[*]}") | show_round
    done
}

show_ratios() {
    local name
    is_wanted gardu || return 0
    echo
    for name in "${SERVERS[@]}"; do
        [[ $name != gardu ]] || continue
        awk -v n="$name" -v g="$(median gardu 3)" -v p="$(median "$name" 3)" \
            'BEGIN { printf "gardu answers %.2f times as many as %s\n", g / p, n }'
    done
}

write_json() {
    awk -F '\t' -v users="$USERS" -v cores="$(nproc)" -v window="$IN_FLIGHT" -v rate="$RATE" 'BEGIN {
        printf "{\"users\":%d,\"cores\":%d,\"in_flight\":%d,", users, cores, window
        printf "\"rate\":%d,\"rounds\":[", rate }
        { printf "%s\n {\"server\":\"%s\",\"round\":%d,\"answered_per_second\":%s,",
              (NR > 1 ? "," : ""), $1, $2, $3
          printf "\"p50_us\":%s,\"p99_us\":%s,", $4, $5
          printf "\"rss_kb\":%d,\"cpu_seconds\":%s,\"accepts\":%d,\"timeouts\":%d,\"retransmits\":%d,",
              $6, $7, $8, $9, $10
          printf "\"others_percent\":%d}", $11 }
        END { print "]}" }' "$FIGURES" >"$1"
}

# --- all of it --------------------------------------------------------------------------------------------

[[ -x $RADIUS_LOAD ]] || fail "no load generator at $RADIUS_LOAD; build it, or give --radius-load"
if is_wanted freeradius; then
    install_missing freeradius=freeradius
    make_files_peer
fi
if is_wanted freeradius-sql; then
    [[ -e /usr/lib/freeradius/rlm_sql_mysql.so ]] || install_missing rlm_sql_mysql=freeradius-mysql
    note "filling MariaDB"
    make_sql_peers
fi
if is_wanted gardu; then
    [[ -x $GARDU ]] || fail "no program at $GARDU; build it, or give --gardu or --peers-only"
    prepare_gardu "$WORK/gardu"
    make_subscribers "$USERS" "$WORK/subscribers.csv"
    import_subscribers "$WORK/subscribers.csv"
fi

: >"$FIGURES"
show_heading
for round in $(seq "$ROUNDS"); do
    for name in "${SERVERS[@]}"; do
        measure "$name" "$round"
    done
done
show_medians
show_ratios
[[ -z $JSON ]] || write_json "$JSON"

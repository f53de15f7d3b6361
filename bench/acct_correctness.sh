#!/bin/bash
# How many sessions do Gardu and FreeRADIUS tell wrongly, when accounting arrives as in life? See README.md.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=common.sh
source "$(dirname "$0")/common.sh"
# shellcheck source-path=SCRIPTDIR source=peers.sh
source "$(dirname "$0")/peers.sh"

usage() {
    cat <<TEXT
Usage: acct_correctness.sh [OPTION]...
  --gardu PATH    the program to judge (default build/gardu)
  --peers-only    judge FreeRADIUS alone
  --only NAME,... of freeradius-sql, gardu-sqlite, gardu-mariadb
  --sessions N    real sessions (default 2000)
  --seed N        of the mix (default 1)
  --show N        print that many wrong sessions of each server
  --json FILE     write the figures there
Exit status 1: a session that Gardu tells is wrong.
TEXT
}

GARDU=$ROOT/build/gardu
SERVERS=(freeradius-sql gardu-sqlite gardu-mariadb)
SESSIONS=2000
SEED=1
SHOW=0
JSON=
GARDU_PORT=21862
PEER_PORT=21872
SQL_PORT=21873
SQL_SYNC=1
SQL_THREADS=16

while (($#)); do
    case $1 in
        --gardu) GARDU=$2 && shift ;;
        --peers-only) SERVERS=(freeradius-sql) ;;
        --only) IFS=, read -ra SERVERS <<<"$2" && shift ;;
        --sessions) SESSIONS=$2 && shift ;;
        --seed) SEED=$2 && shift ;;
        --show) SHOW=$2 && shift ;;
        --json) JSON=$2 && shift ;;
        --help) usage && exit ;;
        *) usage >&2 && exit 2 ;;
    esac
    shift
done

is_wanted() { [[ " ${SERVERS[*]} " == *" $1"* ]]; }

mix() { /usr/bin/python3 -B "$ROOT/bench/acct_correctness.py" "$@"; }

# send_mix NAME PORT
send_mix() {
    note "$1: $(mix send --server "127.0.0.1:$2" --secret "$SECRET" --sessions "$SESSIONS" --seed "$SEED" \
        --truth "$WORK/$1.truth")" || fail "$1 gave a wrong answer, or none"
}

# --- FreeRADIUS -------------------------------------------------------------------------------------------

is_ready() { grep -q 'Ready to process requests' "$WORK/freeradius-sql/radius.log"; }

judge_peer() {
    make_peer "$WORK/freeradius-sql" acct sql "$SQL_THREADS" no
    start_peer freeradius-sql is_ready
    send_mix freeradius-sql "$PEER_PORT"
    stop_process "$LAST_PID"
    run_sql -N -B radius >"$WORK/freeradius-sql.result" <<'SQL'
SELECT username, nasipaddress, acctsessionid, UNIX_TIMESTAMP(acctstarttime), UNIX_TIMESTAMP(acctstoptime),
    acctinputoctets, acctoutputoctets FROM radacct;
SQL
}

# --- Gardu ------------------------------------------------------------------------------------------------

journal_is_empty() { [[ $(metric gardu_journal_waiting) == 0 ]]; }

# The first two NASes have entries of their own, the others one for their network.
judge_gardu() {
    local address addresses
    GARDU_DATABASE=
    if [[ $1 == gardu-mariadb ]]; then
        run_sql -e "CREATE DATABASE gardu; CREATE USER gardu@127.0.0.1 IDENTIFIED BY 'gardu';
            GRANT ALL ON gardu.* TO gardu@127.0.0.1"
        GARDU_DATABASE=mysql://gardu:gardu@127.0.0.1:$SQL_PORT/gardu
    fi
    prepare_gardu "$WORK/$1"
    mapfile -t addresses < <(mix nases)
    for address in "${addresses[@]:0:2}"; do
        gardu nas add --name "nas-${address##*.}" --address "$address" --secret "$SECRET" >>"$WORK/gardu.log"
    done
    gardu nas add --name others --address 127.0.0.0/24 --secret "$SECRET" >>"$WORK/gardu.log"
    make_subscribers "$SESSIONS" "$WORK/subscribers.csv"
    import_subscribers "$WORK/subscribers.csv"
    start_gardu
    send_mix "$1" $((GARDU_PORT + 1))
    wait_until 60 journal_is_empty || fail "$1 does not empty its journal"
    gardu --json session list --all >"$WORK/$1.result"
    stop_process "$LAST_PID"
}

# --- all of it --------------------------------------------------------------------------------------------

PEER_CLIENT=127.0.0.0/24
if is_wanted gardu && [[ ! -x $GARDU ]]; then
    fail "no program at $GARDU; build it, or give --gardu or --peers-only"
fi
if is_wanted freeradius; then
    install_missing freeradius=freeradius
    [[ -e /usr/lib/freeradius/rlm_sql_mysql.so ]] || install_missing rlm_sql_mysql=freeradius-mysql
fi
if is_wanted freeradius || is_wanted gardu-mariadb; then
    note "making MariaDB"
    install_mariadb
    start_mariadb
    ! is_wanted freeradius || make_radius_database
fi

RESULTS=()
OPTIONS=(--show "$SHOW")
[[ -z $JSON ]] || OPTIONS+=(--json "$JSON")
for name in "${SERVERS[@]}"; do
    if [[ $name == gardu-* ]]; then
        judge_gardu "$name"
        OPTIONS+=(--faultless "$name")
    else
        judge_peer
    fi
    RESULTS+=("$name=$WORK/$name.truth,$WORK/$name.result")
done
mix judge "${RESULTS[@]}" "${OPTIONS[@]}"

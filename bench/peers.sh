# shellcheck shell=bash disable=SC2034
# FreeRADIUS and MariaDB to compare with: private ones, as bench/freeradius/ has them set up. Sourced after
# common.sh, never run. The caller sets PEER_PORT, and SQL_PORT and SQL_SYNC where it starts MariaDB.

SQL_SOCKET=$WORK/mariadb.sock
# Where FreeRADIUS' database driver looks for my.cnf.
export MYSQL_HOME=$WORK MARIADB_HOME=$WORK
STOCK_FREERADIUS=/etc/freeradius/3.0
STOCK_SQL=$STOCK_FREERADIUS/mods-config/sql/main/mysql
PEER_CLIENT=127.0.0.1

# make_peer DIR SERVER MODULE THREADS READ_GROUPS: SERVER is auth or acct.
make_peer() {
    local template templates=$ROOT/bench/freeradius
    mkdir -p "$1"
    cp "$templates/dictionary" "$1/"
    cp "$templates/$2_server.conf.in" "$1/server.conf.in"
    cp "$templates/$3.conf.in" "$1/module.conf.in"
    cp "$templates/radiusd.conf.in" "$1/"
    [[ $3 != sql ]] || cp "$STOCK_SQL/queries.conf" "$1/"
    for template in "$1"/*.conf.in; do
        sed -e "s|@DIR@|$1|g; s|@MODULE@|$3|; s|@THREADS@|$4|; s|@READ_GROUPS@|$5|" \
            -e "s|@PORT@|$PEER_PORT|; s|@SECRET@|$SECRET|; s|@CLIENT@|$PEER_CLIENT|" \
            -e "s|@STOCK@|$STOCK_FREERADIUS|; s|@SQL_SOCKET@|$SQL_SOCKET|" \
            "$template" >"${template%.in}"
        rm "$template"
    done
}

# start_peer NAME COMMAND...: the command succeeds when it answers. Sets LAST_PID.
start_peer() {
    local name=$1 directory=$WORK/$1
    shift
    start_process "$directory/out.log" freeradius -f -n radiusd -d "$directory" -D /usr/share/freeradius
    wait_until 60 "$@" || {
        tail -n 5 "$directory/out.log" "$directory/radius.log" >&2 || true
        fail "$name does not answer"
    }
}

install_mariadb() {
    install_missing mariadbd=mariadb-server
    mkdir -p "$WORK/mysql"
    sed "s|@DIR@|$WORK|; s|@SQL_SOCKET@|$SQL_SOCKET|; s|@SQL_PORT@|$SQL_PORT|; s|@SQL_SYNC@|$SQL_SYNC|" \
        "$ROOT/bench/freeradius/my.cnf.in" >"$WORK/my.cnf"
    mariadb-install-db --defaults-file="$WORK/my.cnf" --user="$(id -un)" --skip-test-db \
        --auth-root-authentication-method=normal >"$WORK/install.log" 2>&1 || fail "mariadb-install-db failed"
}

run_sql() { mariadb --no-defaults -uroot --socket="$SQL_SOCKET" "$@"; }

start_mariadb() {
    start_process "$WORK/mariadbd.out" mariadbd --defaults-file="$WORK/my.cnf" --user="$(id -un)"
    MARIADB_PID=$LAST_PID
    wait_until 60 run_sql -e 'SELECT 1' || fail "mariadbd did not start"
}

# The tables of FreeRADIUS, as Debian ships them.
make_radius_database() {
    run_sql -e "CREATE DATABASE radius; CREATE USER radius@localhost IDENTIFIED BY 'radius';
        GRANT ALL ON radius.* TO radius@localhost"
    run_sql radius <"$STOCK_SQL/schema.sql"
}

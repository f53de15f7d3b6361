#!/usr/bin/python3
"""Two billing runs at once, killed at random, and run again until one ends: the books are those of one clean
run.

A killed run leaves its lease behind; it is taken away at once, so that the next run begins while the other
one still goes on: the worst case, in which only the epoch and the unique keys protect.
billing_kills.py sqlite|mariadb PROGRAM   The seed is printed; GARDU_TEST_SEED sets it.
"""
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

from gardu_daemon import Daemon, Lost, MariaDb

KILLS = 50
SUBSCRIBERS = 1500
NOW = "2027-02-15T01:00:00+07:00"


def seed_accounts(daemon):
    """Prepaid that end in some days, and postpaid in advance and in arrears whose periods begin today."""
    daemon.command("tax", "add", "--code", "PPN", "--name", "PPN", "--rate", "11%")
    daemon.command("package", "add", "--name", "prepaid", "--bandwidth", "10M/10M", "--price", "150000",
                   "--tax", "PPN")
    rows = "username,password,package,end_date\n"
    rows += "".join("user%05d,secret,prepaid,2027-02-%02d\n" % (i, 16 + i % 6) for i in range(SUBSCRIBERS))
    path = os.path.join(daemon.folder, "users.csv")
    with open(path, "w", encoding="ascii") as file:
        file.write(rows)
    daemon.command("import", "subscribers", path)
    for number, at in enumerate(("start", "end")):
        daemon.command("package", "add", "--name", "post-" + at, "--bandwidth", "10M/10M",
                       "--price", "%d" % (200000 + number), "--billing", "postpaid", "--invoice-at", at)
        for i in range(10):
            daemon.command("subscription", "add", "--now", "2027-01-15T01:00:00+07:00",
                           "--username", "%s%d" % (at, i), "--password", "secret", "--package", "post-" + at)


def copy_of(database, folder, name):
    """A daemon on a database of its own with the seeded accounts."""
    home = os.path.join(folder, name)
    os.makedirs(home)
    options = []
    if database:
        database.sql("CREATE DATABASE " + name + "; GRANT ALL ON " + name + ".* TO gardu@'127.0.0.1'")
        options = ["-D", "database.url=" + database.url.replace("/oracle", "/" + name)]
    daemon = Daemon(sys.argv[2], home, options)
    daemon.database = database
    seed_accounts(daemon)
    return daemon


def books(daemon):
    """What must be equal: the sums of the ledger, and each subscriber's invoices and end of access."""
    users = json.loads(daemon.command("--json", "subscription", "list"))
    names = {row["id"]: row["username"] for row in users}
    invoices = {}
    for row in json.loads(daemon.command("--json", "invoice", "list", "--limit", "100000")):
        key = (names[row["subscription_id"]], row["period_start"], row["period_end"])
        if key in invoices:
            raise Lost("two invoices of %s" % (key,))
        invoices[key] = (row["total_minor"], row["due_date"], row["status"])
    balances = {row["account"]: row["balance"]
                for row in json.loads(daemon.command("--json", "ledger", "balances"))}
    ends = {row["username"]: (row["end_date"], row["stage"]) for row in users}
    return invoices, balances, ends


def numbers(daemon):
    found = sorted(row["number"] for row in
                   json.loads(daemon.command("--json", "invoice", "list", "--limit", "100000")))
    wanted = ["INV-2027-%06d" % (i + 1) for i in range(len([n for n in found if "2027" in n]))]
    return [n for n in found if "2027" in n] == wanted


def begin(daemon):
    expire = "UPDATE leases SET expires_at = 0"
    if daemon.database:
        daemon.database.sql("USE " + os.path.basename(daemon.folder) + "; " + expire)
    else:
        connection = sqlite3.connect(daemon.folder + "/gardu.db", timeout=60)
        with connection:
            connection.execute(expire)
        connection.close()
    return subprocess.Popen([daemon.program, "-D", "data.dir=" + daemon.folder, *daemon.options, "--json",
                             "billing", "run", "--all", "--now", NOW],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def hurt(daemon, chance):
    """Two at once; each is killed after some time, and another takes its place."""
    running = [begin(daemon), begin(daemon)]
    killed = 0
    while killed < KILLS:
        time.sleep(chance.uniform(0.02, 0.35))
        at = chance.randrange(2)
        running[at].send_signal(signal.SIGKILL)
        if running[at].wait() == -signal.SIGKILL:
            killed += 1
        running[at] = begin(daemon)
    for process in running:
        process.kill()
        process.wait()


def finish(daemon):
    """The lease of the last one that was killed may still hold for some seconds."""
    end = time.monotonic() + 120
    while True:
        summary = json.loads(daemon.command("--json", "billing", "run", "--all", "--now", NOW, check=False))
        if not summary.get("is_others") and "error" not in summary:
            return summary
        if time.monotonic() > end:
            raise Lost("no run gets the lease: %s" % summary)
        time.sleep(0.5)


def main():
    seed = int(os.environ.get("GARDU_TEST_SEED", time.time_ns() % 1_000_000))
    print("seed", seed, flush=True)
    folder = tempfile.mkdtemp(prefix="gardu-billing-")
    database = None
    try:
        database = MariaDb(folder) if sys.argv[1] == "mariadb" else None
        clean = copy_of(database, folder, "clean")
        finish(clean)
        hurt_one = copy_of(database, folder, "hurt")
        before = len(json.loads(hurt_one.command("--json", "invoice", "list", "--limit", "100000")))
        hurt(hurt_one, random.Random(seed))
        during = len(json.loads(hurt_one.command("--json", "invoice", "list", "--limit", "100000")))
        summary = finish(hurt_one)
        if summary["failed"] or summary["parked"]:
            raise Lost("troubles: %s" % summary)
        if not before < during:
            raise Lost("no killed run did anything: nothing was tested")
        for daemon in (clean, hurt_one):
            daemon.command("ledger", "audit")
            if not numbers(daemon):
                raise Lost("a gap, or a number twice")
        if books(clean) != books(hurt_one):
            raise Lost("the books differ from those of one clean run")
        print("%d killed; %d invoices, %d of them by runs that were killed later; equal to one clean run"
              % (KILLS, len(books(clean)[0]), during - before))
    finally:
        if database:
            database.kill()
        for process in Daemon.running:
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    try:
        main()
    except Lost as lost:
        sys.exit("billing_kills: %s" % lost)

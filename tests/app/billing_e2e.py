#!/usr/bin/python3
"""Where billing meets the network: a NAS of the tests' own is online with subscribers who run out of time,
pay, use up their quotas and buy more, and obeys what the real daemon tells it.

billing_e2e.py PROGRAM [SCENARIO]...   each scenario on SQLite and on MariaDB, one line each; exits with 0
                                       where all of them hold
"""
import datetime
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time

from gardu_daemon import Daemon, Lost, MariaDb
from loopback_nas import ADDRESS_LIST, COA, DISCONNECT, INTERIM, RATE_LIMIT, SECRET, SESSION_TIMEOUT, STOP
from network_e2e import World, got, must, online, within

TOTAL_LIMIT, TOTAL_LIMIT_GIGAWORDS = (14988, 17), (14988, 18)
SOON = 5.0


def total_limit(attributes):
    """None: no limit. Half of one is worse than none."""
    low, high = attributes.get(TOTAL_LIMIT), attributes.get(TOTAL_LIMIT_GIGAWORDS)
    must("both halves of the limit", (low is None) == (high is None))
    return None if low is None else struct.unpack("!I", low)[0] + (struct.unpack("!I", high)[0] << 32)


def is_walled(session):
    return session.attributes.get(ADDRESS_LIST) == b"ISOLIR"


def log_in_until(world, name, what, holds):
    """Again and again, as a router dials: what is in force on the way is not looked at."""
    end = time.time() + SOON
    while True:
        session = online(world, name)
        if holds(session):
            return session
        must("within %.0f s: %s" % (SOON, what), time.time() < end)
        session.account(STOP)
        time.sleep(0.1)


def radclient(world, name):
    asked = subprocess.run(
        ["radclient", "-x", "-r", "1", "127.0.0.1:%d" % world.daemon.ports["auth"], "auth", SECRET.decode()],
        input="User-Name = \"%s\"\nUser-Password = \"secret\"\nMessage-Authenticator = 0x00\n" % name,
        capture_output=True, text=True)
    return asked.stdout + asked.stderr


def fair_use(world):
    """Full speed, slowed down, cut off, bought, more bought."""
    world.command("package", "add", "--name", "fair", "--bandwidth", "900M/900M", "--price", "1",
                  "--quota", "2M:4M/4M,4M:cap")
    world.subscriber("ana")
    world.command("subscriber", "update", "ana", "--package", "fair")
    world.start()
    first = online(world, "ana")
    must("full speed", first.attributes[RATE_LIMIT] == b"900M/900M")
    must("all of it is left", total_limit(first.attributes) == 4_000_000)
    time.sleep(1.5)
    must("nothing is told without need", not first.requests)

    first.account(INTERIM, octets=1_200_000)
    slow = within(SOON, "a CoA with the tier's rate", lambda: got(first, COA))
    told = got(first, COA)[0][1]
    must("slowed down: %s" % told, told[RATE_LIMIT] == b"4M/4M")
    must("counted from the session's beginning", total_limit(told) == 4_000_000)
    first.account(INTERIM, octets=1_300_000)
    time.sleep(1.5)
    must("one CoA, whatever is used since", len(first.requests) == 1)
    must("slow at a login too", world.nas.login("ana").attributes[RATE_LIMIT] == b"4M/4M")

    first.account(INTERIM, octets=2_100_000)
    cut = within(SOON, "a Disconnect at the cap", lambda: got(first, DISCONNECT))
    first.account(STOP, octets=2_100_000)
    second = log_in_until(world, "ana", "the walled garden", is_walled)
    must("a walled session has no limit", total_limit(second.attributes) is None)
    quota = world.json("quota", "show", "ana")
    must("all of it is used: %s" % quota, quota["used_octets"] == 4_200_000 and quota["capped"])
    explained = world.json("explain", "ana")
    must("why: %s" % explained, explained["reason"] == "quota_used_up" and explained["quota"]["tier"] == 2)

    began = time.time()
    world.command("quota", "topup", "ana", "--octets", "10M", "--note", "paid in cash")
    within(SOON, "a Disconnect of the restored", lambda: got(second, DISCONNECT))
    back = got(second, DISCONNECT)[0][2] - began
    second.account(STOP)
    third = online(world, "ana")
    must("full speed again", third.attributes[RATE_LIMIT] == b"900M/900M" and not is_walled(third))
    must("what was bought", total_limit(third.attributes) == 9_800_000)
    # What is bought while he is online reaches his session, beyond 32 bits.
    third.account(INTERIM, octets=100_000)
    within(SOON, "usage in the quota",
           lambda: world.json("quota", "show", "ana")["used_octets"] == 4_400_000)
    world.command("quota", "topup", "ana", "--octets", "10G", "--carry")
    within(SOON, "a CoA with the new limit", lambda: got(third, COA))
    told = total_limit(got(third, COA)[0][1])
    must("past 4 GiB: %d" % told, told == 10_009_800_000)
    must("nobody is thrown off for that", not got(third, DISCONNECT))
    return "slowed down %.2f s after the packet, cut off after %.2f s, back %.2f s after the top-up" % (
        slow, cut, back)


def redial(world):
    """A Stop that ends the quota: the next login finds it used up."""
    world.command("package", "add", "--name", "capped", "--bandwidth", "900M/900M", "--price", "1",
                  "--quota", "3M:cap", "--on-expiry", "reject")
    world.subscriber("ana")
    world.command("subscriber", "update", "ana", "--package", "capped")
    world.start()
    online(world, "ana").account(STOP, octets=1_000_000)
    within(SOON, "two of three are used",
           lambda: total_limit(world.nas.login("ana").attributes) == 1_000_000)
    online(world, "ana").account(STOP, octets=500_000)
    return "refused %.2f s after the Stop" % within(
        SOON, "a Reject", lambda: world.nas.login("ana") is None)


def new_package(world):
    """The quota of a package that begins anew with the change, and of one that does not."""
    for name, on_change in (("small", "keep"), ("anew", "reset"), ("on", "keep")):
        world.command("package", "add", "--name", name, "--bandwidth", "900M/900M", "--price", "1",
                      "--quota", "3M:cap", "--quota-on-package-change", on_change)
    world.subscriber("ana")
    world.command("subscriber", "update", "ana", "--package", "small")
    world.start()
    online(world, "ana").account(STOP, octets=1_000_000)
    within(SOON, "usage", lambda: world.json("quota", "show", "ana")["used_octets"] == 2_000_000)
    time.sleep(1)
    world.command("subscriber", "update", "ana", "--package", "on")
    must("it counts on", world.json("quota", "show", "ana")["used_octets"] == 2_000_000)
    world.command("subscriber", "update", "ana", "--package", "anew")
    within(SOON, "a beginning", lambda: world.json("quota", "show", "ana")["used_octets"] == 0)
    time.sleep(1)
    must("all of it is left", total_limit(online(world, "ana").attributes) == 3_000_000)
    return "kept, and begun anew"


def pay_and_go_on(world):
    """An hour that was paid ends while he is online: isolated, and at full speed again after a payment."""
    world.command("package", "add", "--name", "hour", "--bandwidth", "20M/20M", "--price", "5000",
                  "--validity", "1 hours")
    ends = time.time() + 8
    then = datetime.datetime.fromtimestamp(ends - 3600, datetime.timezone.utc).isoformat()
    world.command("subscription", "add", "--username", "ana", "--password", "secret", "--package", "hour",
                  "--customer", "Ana", "--now", then)
    world.command("payment", "add", "--subscription", "ana", "--amount", "5000", "--method", "cash",
                  "--source", "desk", "--reference", "1", "--now", then)
    world.start()
    first = online(world, "ana")
    must("he is online in time", time.time() < ends - 1)
    must("full speed", first.attributes[RATE_LIMIT] == b"20M/20M" and not is_walled(first))
    timeout = struct.unpack("!I", first.attributes[SESSION_TIMEOUT])[0]
    must("not past the end: %d s" % timeout, timeout <= ends - time.time() + 1)
    within(15, "a Disconnect at the end", lambda: got(first, DISCONNECT))
    late = got(first, DISCONNECT)[0][2] - ends
    must("at the second: %.2f s after the end" % late, -0.5 <= late <= 2.0)
    first.account(STOP)
    reply = radclient(world, "ana")
    must("isolated at login: %s" % reply, "Access-Accept" in reply and "ISOLIR" in reply)
    second = online(world, "ana")
    must("the walled garden", is_walled(second))
    time.sleep(2)
    must("nothing but money ends it: %s" % second.requests, not second.requests)
    # From before the command, since nothing shows when its transaction was in force.
    began = time.time()
    world.command("payment", "add", "--subscription", "ana", "--amount", "5000", "--method", "qris",
                  "--source", "gateway", "--reference", "2")
    within(SOON, "a Disconnect of the restored", lambda: got(second, DISCONNECT))
    took = got(second, DISCONNECT)[0][2] - began
    must("under 5 s: %.2f s" % took, took < 5)
    second.account(STOP)
    reply = radclient(world, "ana")
    must("full speed: %s" % reply, "\"20M/20M\"" in reply and "ISOLIR" not in reply)
    third = online(world, "ana")
    must("full speed again", third.attributes[RATE_LIMIT] == b"20M/20M" and not is_walled(third))
    return "cut %.2f s after the end, acknowledged %.2f s after the payment began" % (late, took)


SCENARIOS = {function.__name__: function for function in (fair_use, redial, new_package, pay_and_go_on)}


def play(program, name, options):
    world = World(program, options)
    try:
        print("%s on %s: %s" % (name, "MariaDB" if options else "SQLite", SCENARIOS[name](world)), flush=True)
        world.end()
        return True
    except (Lost, OSError) as error:
        print("%s on %s: FAILED: %s" % (name, "MariaDB" if options else "SQLite", error), flush=True)
        print(world.daemon.last_words(), flush=True)
        return False
    finally:
        for process in Daemon.running:
            process.kill()
            process.wait()
        Daemon.running.clear()
        world.remove()


def on_mariadb(program, names):
    folder = tempfile.mkdtemp(prefix="billing")
    server = MariaDb(folder)
    results = []
    try:
        for number, name in enumerate(names):
            server.sql("CREATE DATABASE e2e%d; GRANT ALL ON e2e%d.* TO gardu@'127.0.0.1'" % (number, number))
            url = server.url.replace("/oracle", "/e2e%d" % number)
            results.append(play(program, name, ["-D", "database.url=" + url]))
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)
    return all(results)


def main():
    program, names = os.path.abspath(sys.argv[1]), sys.argv[2:] or list(SCENARIOS)
    on_sqlite = all([play(program, name, []) for name in names])
    return 0 if on_mariadb(program, names) and on_sqlite else 1


if __name__ == "__main__":
    sys.exit(main())

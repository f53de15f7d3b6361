#!/usr/bin/python3
"""The whole road: a NAS with its own MD5 and HMAC logs subscribers in, accounts for them, and takes CoA and
Disconnect from the real daemon, while commands change what the subscribers may have.

network_e2e.py PROGRAM [SCENARIO]...   one line a scenario; exits with 0 where all of them hold
"""
import json
import os
import shutil
import socket
import sys
import tempfile
import time

from gardu_daemon import Daemon, Lost
from loopback_nas import (ACCEPT, ADDRESS_LIST, COA, DISCONNECT, INTERIM, RATE_LIMIT, REJECT, SECRET,
                          SESSION_TIMEOUT, START, STOP, Nas, Session, parse)

SOON = 2.0


class World:
    def __init__(self, program, options=(), environment=None):
        self.folder = tempfile.mkdtemp(prefix="network")
        self.daemon = Daemon(program, self.folder, options, environment)
        self.nas = Nas()
        self.command("nas", "add", "--name", "tower", "--address", "127.0.0.1", "--secret", SECRET.decode(),
                     "--coa-port", str(self.nas.port))
        self.command("package", "add", "--name", "home", "--bandwidth", "10M/10M", "--price", "1")
        self.command("package", "add", "--name", "fast", "--bandwidth", "50M/50M", "--price", "1")

    def start(self):
        self.daemon.start()
        self.nas.daemon_ports = self.daemon.ports
        self.nas.start()

    def command(self, *words):
        return self.daemon.command(*words)

    def json(self, *words):
        return json.loads(self.daemon.command("--json", *words))

    def subscriber(self, name, *more):
        self.command("subscriber", "add", "--customer", name, "--username", name, "--password", "secret",
                     "--package", "home", *more)

    def end(self):
        if self.nas.wrong:
            raise Lost("the daemon sent packets with a wrong %s" % self.nas.wrong[0])
        self.daemon.stop()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def within(seconds, what, holds):
    began = time.time()
    while not holds():
        if time.time() - began > seconds:
            raise Lost("not within %.1f s: %s" % (seconds, what))
        time.sleep(0.01)
    return time.time() - began


def must(what, holds):
    if not holds:
        raise Lost(what)


def online(world, name, mac="02:00:00:00:00:01"):
    session = world.nas.login(name, mac)
    must("%s is let in" % name, session is not None)
    return session.account(START)


def got(session, code):
    return [request for request in session.requests if request[0] == code]


def rate_change(world):
    world.subscriber("ana")
    world.start()
    session = online(world, "ana")
    within(SOON, "a row of it", lambda: world.json("session", "list"))
    row = world.json("session", "list")[0]
    must("the session is live: %s" % row, row["state"] == "live" and row["acct_session_id"] == session.id
         and row["framed_ip_address"] == "10.77.0.1" and row["nas"] == "127.0.0.1")
    world.command("subscriber", "update", "ana", "--package", "fast")
    took = within(SOON, "a CoA with the new rate", lambda: got(session, COA))
    must("the new rate", got(session, COA)[0][1][RATE_LIMIT] == b"50M/50M")
    world.command("package", "update", "fast", "--bandwidth", "60M/60M")
    within(SOON, "a CoA after the package changed", lambda: len(got(session, COA)) == 2)
    must("the package's rate", got(session, COA)[1][1][RATE_LIMIT] == b"60M/60M")
    world.command("subscriber", "update", "ana", "--end-date", "2099-01-01")
    within(SOON, "a CoA with the new end", lambda: len(got(session, COA)) == 3)
    must("a Session-Timeout", SESSION_TIMEOUT in got(session, COA)[2][1])
    # What was told is remembered by the next process too.
    world.daemon.stop()
    world.daemon.start()
    time.sleep(1.5)
    must("nothing is told twice", len(session.requests) == 3)
    return "CoA after %.2f s" % took


def isolate_and_restore(world):
    world.subscriber("ana")
    world.start()
    first = online(world, "ana")
    world.command("subscriber", "suspend", "ana")
    out = within(SOON, "a Disconnect of the suspended", lambda: got(first, DISCONNECT))
    first.account(STOP, octets=1000)
    second = online(world, "ana")
    must("the walled garden", second.attributes.get(ADDRESS_LIST) == b"ISOLIR")
    world.command("subscriber", "activate", "ana")
    back = within(SOON, "a Disconnect of the restored", lambda: got(second, DISCONNECT))
    second.account(STOP)
    third = online(world, "ana")
    must("full access", ADDRESS_LIST not in third.attributes)
    time.sleep(1)
    must("no more than one Disconnect each", [len(s.requests) for s in (first, second, third)] == [1, 1, 0])
    rows = world.json("session", "list", "--all")
    must("three sessions: %s" % rows, sorted(row["state"] for row in rows) == ["closed", "closed", "live"])
    return "cut after %.2f s, back after %.2f s" % (out, back)


def nas_down_and_back(world):
    path = os.path.join(world.folder, "users.csv")
    with open(path, "w") as file:
        file.write("username,password,package,end_date\n")
        file.writelines("user%03d,secret,home,\n" % i for i in range(500))
    world.command("import", "subscribers", path)
    world.start()
    sessions = [online(world, "user%03d" % i, "02:00:00:00:%02X:%02X" % divmod(i, 256)) for i in range(500)]
    world.nas.silent = True
    world.command("package", "update", "home", "--bandwidth", "20M/20M")
    within(10, "pending changes that can be seen",
           lambda: len(world.json("enforce", "status")["pending"]) == 500)
    pending = world.json("enforce", "status")["pending"][0]
    must("why and since when: %s" % pending, pending["reason"] == "rate_changed" and pending["since"])
    time.sleep(4)
    sent = world.nas.received
    must("a silent NAS is left in peace: %d packets" % sent, sent < 250)
    world.nas.silent = False
    sessions[0].account(INTERIM, octets=10)  # a sign of life
    took = within(40, "all 500 were told", lambda: all(session.requests for session in sessions))
    time.sleep(3)
    must("each once, nobody kicked", all(len(got(s, COA)) == 1 and len(s.requests) == 1 for s in sessions))
    within(5, "nothing is pending", lambda: not world.json("enforce", "status")["pending"])
    return "500 converged %.1f s after the NAS was back" % took


def operator_disconnect(world):
    world.subscriber("ana")
    world.start()
    session = online(world, "ana")
    row = within_row(world, "ana")
    text = world.command("session", "disconnect", str(row["id"]))
    must("a Disconnect", len(got(session, DISCONNECT)) == 1)
    session.account(STOP)
    return text.strip().splitlines()[-1]


def within_row(world, name):
    within(SOON, "a row of %s" % name, lambda: world.json("session", "list", "--user", name))
    return world.json("session", "list", "--user", name)[0]


def gone_session(world):
    world.subscriber("ana")
    world.start()
    session = online(world, "ana")
    session.alive = False  # the Stop was lost
    row = within_row(world, "ana")
    world.daemon.command("session", "disconnect", str(row["id"]), check=False)
    within(SOON, "a ghost is closed", lambda: not world.json("session", "list"))
    row = world.json("session", "list", "--all")[0]
    must("closed at last seen: %s" % row,
         row["state"] == "closed" and row["stopped_at"] == row["last_seen_at"])
    return "closed, cause %s" % row["terminate_cause"]


def coa_refused(world):
    world.subscriber("ana")
    world.start()
    session = online(world, "ana")
    world.nas.nak[COA] = 401
    world.command("subscriber", "update", "ana", "--package", "fast")
    took = within(SOON, "a Disconnect after the CoA was refused", lambda: got(session, DISCONNECT))
    return "Disconnect %.2f s after the change" % took


def simultaneous(world):
    world.command("package", "add", "--name", "single", "--bandwidth", "5M/5M", "--price", "1",
                  "--simultaneous-use", "1")
    world.command("package", "add", "--name", "newest", "--bandwidth", "5M/5M", "--price", "1",
                  "--simultaneous-use", "1", "--simultaneous-policy", "replace-old")
    for name, package in (("ana", "single"), ("bea", "newest"), ("cia", "single")):
        world.subscriber(name)
        world.command("subscriber", "update", name, "--package", package)
    world.start()
    first = online(world, "ana")
    must("another device is refused", world.nas.login("ana", "02:00:00:00:00:02") is None)
    must("the same device is not", world.nas.login("ana") is not None)
    first.account(STOP)
    old = online(world, "bea")
    new = online(world, "bea", "02:00:00:00:00:03")
    within(SOON, "the older one goes", lambda: got(old, DISCONNECT))
    must("the newer one stays", not new.requests)
    won = 0
    for attempt in range(20):
        won += both_at_once(world, "cia", attempt)
        for session in world.nas.sessions[-1:]:
            session.account(START)
            session.account(STOP)
    return "of two at once one was let in, %d times of 20" % won


def both_at_once(world, name, attempt):
    """Two requests in one go; exactly one is accepted."""
    macs = ["02:00:00:%02X:00:%02X" % (attempt, i) for i in (1, 2)]
    requests = [world.nas.access_request(name, "secret", mac) for mac in macs]
    sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in requests]
    for one, request in zip(sockets, requests):
        one.settimeout(3)
        one.sendto(request, ("127.0.0.1", world.daemon.ports["auth"]))
    replies = [one.recv(4096) for one in sockets]
    codes = [reply[0] for reply in replies]
    must("exactly one Accept: %s" % codes, sorted(codes) == [ACCEPT, REJECT])
    session = Session(world.nas, name, macs[codes.index(ACCEPT)], parse(replies[codes.index(ACCEPT)]))
    world.nas.sessions.append(session)
    return 1


def expiry(world):
    """The daemon's clock begins ten seconds before midnight in Jakarta."""
    world.subscriber("ana", "--end-date", "2027-01-15")
    world.start()
    began = time.time()
    session = online(world, "ana")
    must("he is online in time", time.time() - began < 5)
    took = within(15, "a Disconnect at midnight", lambda: got(session, DISCONNECT))
    at = FAKE_BEGIN + (got(session, DISCONNECT)[0][2] - world.faked_since)
    late = at - FAKE_MIDNIGHT
    must("at the second: %.2f s after midnight" % late, -0.5 <= late <= 2.0)
    return "disconnected %.2f s after the end (%.1f s after the login)" % (late, took)


# 2027-01-15 23:59:50 in Asia/Jakarta.
FAKE_MIDNIGHT = 1800032400
FAKE_BEGIN = FAKE_MIDNIGHT - 10


def faked_world(program):
    libraries = ["/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1",
                 "/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"]
    library = next((path for path in libraries if os.path.exists(path)), None)
    must("libfaketime is installed", library)
    world = World(program, environment={})
    world.nas.checks_time = False
    start = world.daemon.start

    def start_faked():
        world.daemon.environment.update(
            LD_PRELOAD=library, FAKETIME_DONT_FAKE_MONOTONIC="1", FAKETIME_DONT_RESET="1",
            FAKETIME="%+d" % (FAKE_BEGIN - time.time()))
        world.faked_since = time.time()
        start()

    world.daemon.start = start_faked
    return world


SCENARIOS = {function.__name__: function for function in
             (rate_change, isolate_and_restore, operator_disconnect, gone_session, coa_refused, simultaneous,
              nas_down_and_back, expiry)}


def play(program, name):
    world = faked_world(program) if name == "expiry" else World(program)
    try:
        print("%s: %s" % (name, SCENARIOS[name](world)), flush=True)
        world.end()
        return True
    except (Lost, OSError) as error:
        print("%s: FAILED: %s" % (name, error), flush=True)
        print(world.daemon.last_words(), flush=True)
        return False
    finally:
        for process in Daemon.running:
            process.kill()
            process.wait()
        Daemon.running.clear()
        world.remove()


def main():
    program, names = sys.argv[1], sys.argv[2:] or list(SCENARIOS)
    return 0 if all([play(program, name) for name in names]) else 1


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/python3
"""Is what was acknowledged in the database, once, whatever happens to the daemon?

A NAS with its own MD5 sends accounting as fast as it is answered and writes down, with fsync, what was
acknowledged. Then the daemon, its database or its disk is hurt, and the sessions that `gardu session list`
shows are compared with the notes. The seed is printed; GARDU_TEST_SEED sets it.

acked_oracle.py kill|mariadb|disk-full|power-cut PROGRAM   exits with 0 where nothing acknowledged is lost
acked_oracle.py control-early PROGRAM   the control: somebody acknowledges before the daemon has it; 0 where
                                        the oracle finds the losses
acked_oracle.py control-unsynced PROGRAM SHADOW   another: a daemon whose syncs do nothing
"""
import hashlib
import json
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from acked_nas import RESPONSE, SECRET, Nas
from gardu_daemon import Daemon, Lost, MariaDb, attribute

KILLS = 50


def prepare(daemon):
    daemon.command("nas", "add", "--name", "oracle", "--address", "127.0.0.1", "--secret", SECRET.decode())
    daemon.command("package", "add", "--name", "home", "--bandwidth", "100M/100M", "--price", "1")
    rows = "username,password,package,end_date\n"
    rows += "".join("user%04d,secret%d,home,\n" % (i, i) for i in range(100))
    path = os.path.join(daemon.folder, "users.csv")
    with open(path, "w") as file:
        file.write(rows)
    daemon.command("import", "subscribers", path)


def compare(nas, daemon, exact):
    """Each session once, with at least what was acknowledged and at most what was sent."""
    daemon.wait_applied()
    rows = {}
    for row in daemon.sessions():
        if row["acct_session_id"] in rows:
            raise Lost("two rows of session " + row["acct_session_id"])
        rows[row["acct_session_id"]] = row
    for session in nas.sessions:
        row = rows.get(session.id)
        if row is None:
            if session.acked >= 0:
                raise Lost("session %s is not there, acknowledged %d" % (session.id, session.acked))
            continue
        if not session.acked <= row["input_octets"] <= session.sent:
            raise Lost("session %s has %d octets, acknowledged %d, sent %d"
                       % (session.id, row["input_octets"], session.acked, session.sent))
        if row["output_octets"] != 2 * row["input_octets"]:
            raise Lost("session %s: %d down, %d up" % (session.id, row["output_octets"], row["input_octets"]))
        if exact and row["input_octets"] != session.sent:
            raise Lost("session %s has %d octets of %d" % (session.id, row["input_octets"], session.sent))
    if exact:
        compare_usage(nas, daemon)


def compare_usage(nas, daemon):
    for user in sorted({session.user for session in nas.sessions})[::10]:
        used = json.loads(daemon.command("--json", "usage", user))["input_octets"]
        sent = sum(session.sent for session in nas.sessions if session.user == user)
        if used != sent:
            raise Lost("usage of %s is %d, its sessions moved %d" % (user, used, sent))


def finish(nas, daemon):
    nas.run(0.5)
    nas.settle()
    compare(nas, daemon, exact=True)
    daemon.stop()
    return "%d packets acknowledged, none lost, none counted twice" % nas.acknowledged


def kill(program, folder):
    daemon = Daemon(program, folder)
    prepare(daemon)
    daemon.start()
    nas = Nas(daemon.ports["acct"], os.path.join(folder, "acked.log"))
    began = time.monotonic()
    busy = 0.0
    for number in range(KILLS):
        nap = random.uniform(0.05, 0.6)
        busy += nap
        victim = threading.Timer(nap, daemon.kill)
        victim.start()
        nas.run(nap + 0.05)
        victim.join()
        # Nothing is sent again before the comparison: only what is on the disk counts.
        daemon.start()
        if number % 5 == 4 or number < 5:
            compare(nas, daemon, exact=False)
    print("%d kills in %.0f s, %.0f packets a second while it lived"
          % (KILLS, time.monotonic() - began, nas.acknowledged / busy))
    return finish(nas, daemon)


def mariadb(program, folder):
    database = MariaDb(folder)
    try:
        daemon = Daemon(program, folder, ["-D", "database.url=" + database.url])
        prepare(daemon)
        daemon.start()
        nas = Nas(daemon.ports["acct"], os.path.join(folder, "acked.log"))
        nas.run(1)
        for _ in range(3):
            database.kill()
            before = nas.acknowledged
            nas.run(2)
            if nas.acknowledged - before < 500:
                raise Lost("only %d acknowledged while the database was down" % (nas.acknowledged - before))
            database.start()
            nas.run(1)
            compare_after_pause(nas, daemon)
            victim = threading.Timer(0.3, daemon.kill)
            victim.start()
            nas.run(0.4)
            victim.join()
            daemon.start()
            compare(nas, daemon, exact=False)
        return finish(nas, daemon)
    finally:
        database.kill()


def compare_after_pause(nas, daemon):
    nas.settle()
    compare(nas, daemon, exact=False)


def login_works(port):
    """A login that is rejected is an answer too."""
    nas = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    nas.settimeout(2)
    body = attribute(1, b"nobody") + attribute(2, hidden_password(bytes(16)))
    nas.sendto(struct.pack("!BBH", 1, 1, 20 + len(body)) + bytes(16) + body, ("127.0.0.1", port))
    try:
        return nas.recv(4096)[0] == 3
    except socket.timeout:
        return False


def hidden_password(authenticator):
    mask = hashlib.md5(SECRET + authenticator).digest()
    return bytes(a ^ b for a, b in zip(b"x".ljust(16, b"\0"), mask))


def disk_full(program, folder):
    disk = os.path.join(folder, "disk")
    os.makedirs(disk)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk], check=True)
    try:
        return on_full_disk(program, folder, disk)
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def on_full_disk(program, folder, disk):
    daemon = Daemon(program, disk)
    prepare(daemon)
    daemon.start()
    nas = Nas(daemon.ports["acct"], os.path.join(folder, "acked.log"))
    nas.run(1)
    for _ in range(3):
        with open(os.path.join(disk, "filler"), "wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(4096))
            except OSError:
                pass
        nas.run(2)  # what little room is left is used up
        before = nas.acknowledged
        nas.run(1.5)
        if nas.acknowledged != before:
            raise Lost("%d acknowledged on a full disk" % (nas.acknowledged - before))
        if not login_works(daemon.ports["auth"]):
            raise Lost("no login is answered while the disk is full")
        os.unlink(os.path.join(disk, "filler"))
        nas.run(3, until=lambda: nas.acknowledged - before > 500)
        if nas.acknowledged == before:
            raise Lost("nothing is acknowledged after the disk has room again")
    daemon.kill()
    daemon.start()
    compare(nas, daemon, exact=False)
    return finish(nas, daemon)


def power_cut(program, folder, shadow, ignore=False):
    """What was synced is all that is left: see fsync_shadow.c."""
    data, left = os.path.join(folder, "data"), os.path.join(folder, "synced")
    os.makedirs(data)
    os.makedirs(left)
    # From the first file on only syncs reach the second folder.
    environment = {"LD_PRELOAD": shadow, "SHADOW_FROM": data, "SHADOW_DIR": left}
    prepare(Daemon(program, data, environment=environment))
    shutil.copy2(data + "/master.key", left)  # linked to its name, which the shadow does not see
    if ignore:
        shutil.copytree(data, left, dirs_exist_ok=True)
        environment["SHADOW_IGNORE"] = "1"
    for number in range(6):
        daemon = Daemon(program, data, environment=environment)
        daemon.start()
        nas = Nas(daemon.ports["acct"], os.path.join(folder, "acked%d.log" % number))
        nas.sessions = nas.sessions[:40]
        for session in nas.sessions:
            session.id = "%02x%s" % (number, session.id)
        nas.run(random.uniform(0.3, 1.0))
        daemon.kill()
        shutil.rmtree(data)
        shutil.copytree(left, data)
        after = Daemon(program, data)
        after.start()
        compare(nas, after, exact=False)
        after.stop()
        shutil.rmtree(left)
        shutil.copytree(data, left)
    return "6 power cuts, nothing acknowledged is lost"


class EarlyProxy(threading.Thread):
    """Acknowledges at once, and hands the packet on a little later."""

    def __init__(self, target):
        super().__init__(daemon=True)
        self.target = target
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.onward = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.onward.bind(("127.0.0.1", 0))
        self.dead = False  # with the daemon goes what it had only in memory

    def run(self):
        while True:
            request, sender = self.socket.recvfrom(4096)
            head = struct.pack("!BBH", RESPONSE, request[1], 20)
            self.socket.sendto(head + hashlib.md5(head + request[4:20] + SECRET).digest(), sender)
            threading.Timer(0.05, self.hand_on, (request,)).start()

    def hand_on(self, request):
        if not self.dead:
            self.onward.sendto(request, ("127.0.0.1", self.target))


def control_early(program, folder):
    daemon = Daemon(program, folder)
    prepare(daemon)
    daemon.start()
    proxy = EarlyProxy(daemon.ports["acct"])
    proxy.start()
    nas = Nas(proxy.port, os.path.join(folder, "acked.log"))
    nas.sessions = nas.sessions[:50]
    nas.run(0.5)
    proxy.dead = True
    daemon.kill()
    daemon.start()
    return must_be_found(lambda: compare(nas, daemon, exact=False), daemon)


def must_be_found(check, daemon):
    try:
        check()
    except Lost as found:
        if daemon:
            daemon.kill()
        return "the control is caught: %s" % found
    raise Lost("the control was not caught: this test cannot fail")


def main():
    seed = int(os.environ.get("GARDU_TEST_SEED", time.time_ns() % 1_000_000))
    random.seed(seed)
    print("seed %d" % seed)
    what, program, rest = sys.argv[1], sys.argv[2], sys.argv[3:]
    if what == "disk-full" and os.geteuid() != 0:
        # A small disk needs a mount; a name space of our own lets anybody have one.
        os.execvp("unshare", ["unshare", "--user", "--map-root-user", "--mount", sys.executable, *sys.argv])
    tests = {"kill": kill, "mariadb": mariadb, "disk-full": disk_full, "control-early": control_early,
             "power-cut": lambda *a: power_cut(*a, rest[0]),
             "control-unsynced": lambda *a: must_be_found(lambda: power_cut(*a, rest[0], ignore=True), None)}
    folder = tempfile.mkdtemp(prefix="acked")
    try:
        print("%s: %s" % (what, tests[what](program, folder)))
    except Lost as error:
        print("%s: FAILED: %s" % (what, error))
        return 1
    finally:
        for process in Daemon.running:
            process.kill()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

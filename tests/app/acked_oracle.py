#!/usr/bin/python3
"""Is what was acknowledged in the database, once, whatever happens to the daemon?

A NAS of its own, with its own MD5, sends accounting as fast as it is answered and writes down, with fsync, what was
acknowledged. Then the daemon, its database or its disk is hurt, and the sessions that `gardu session list` shows are
compared with the notes. The seed is printed; GARDU_TEST_SEED sets it.

acked_oracle.py kill|mariadb|disk-full|power-cut PROGRAM   exits with 0 where nothing acknowledged is lost
acked_oracle.py control-early PROGRAM   the control: somebody acknowledges before the daemon has it; 0 where the
                                        oracle finds the losses
acked_oracle.py control-unsynced PROGRAM SHADOW   another: a daemon whose syncs do nothing
"""
import hashlib
import json
import os
import random
import select
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

from gardu_daemon import Daemon, Lost, attribute, integer

SECRET = b"oracle-secret"
SESSIONS = 400
SOCKETS = 4
RESEND_AFTER = 0.4
KILLS = 50
RESPONSE, REQUEST, ACCESS_REQUEST = 5, 4, 1
START, STOP, INTERIM = 1, 2, 3
GIGA = 1 << 32


class Session:
    def __init__(self, number, began):
        self.number = number
        self.began = began
        self.user = "user%04d" % (number % 100)
        self.id = "81a%05d" % number
        self.sent = 0      # input octets of the newest packet that was sent
        self.acked = -1    # of the newest that was acknowledged; -1: none was

    def packet(self, identifier):
        seconds = int(time.time() - self.began)
        kind = START if self.acked < 0 else INTERIM
        body = (integer(40, kind) + attribute(1, self.user.encode()) + attribute(44, self.id.encode())
                + attribute(4, bytes([127, 0, 0, 1])) + attribute(32, b"oracle") + integer(5, self.number)
                + attribute(31, b"02:00:00:00:%02X:%02X" % divmod(self.number, 256))
                + attribute(8, bytes([10, 9, *divmod(self.number, 256)]))
                + attribute(30, b"service") + attribute(87, b"port%d" % self.number))
        if kind == INTERIM:
            body += (integer(46, seconds) + integer(42, self.sent % GIGA) + integer(52, self.sent // GIGA)
                     + integer(43, 2 * self.sent % GIGA) + integer(53, 2 * self.sent // GIGA))
        head = struct.pack("!BBH", REQUEST, identifier, 20 + len(body))
        return head + hashlib.md5(head + bytes(16) + body + SECRET).digest() + body


class Nas:
    """Sends for all sessions, one packet of each at a time, and resends what is not answered."""

    def __init__(self, port, notes):
        self.port = port
        self.notes = open(notes, "a", buffering=1)
        self.sessions = [Session(i, time.time()) for i in range(SESSIONS)]
        self.sockets = []
        for _ in range(SOCKETS):
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            one.bind(("127.0.0.1", 0))
            one.setblocking(False)
            self.sockets.append(one)
        self.waiting = {}  # (socket's number, identifier): [session, octets, packet, when it is sent again]
        self.identifiers = [0] * SOCKETS
        self.acknowledged = 0

    def send_new(self, session, now):
        number = session.number % SOCKETS
        identifier = self.identifiers[number]
        for _ in range(256):
            identifier = (identifier + 1) % 256
            if (number, identifier) not in self.waiting:
                break
        self.identifiers[number] = identifier
        if session.acked >= 0:
            session.sent += random.randint(100, 3000)
        packet = session.packet(identifier)
        self.waiting[number, identifier] = [session, session.sent, packet, now + RESEND_AFTER]
        self.send(number, packet)

    def send(self, number, packet):
        try:
            self.sockets[number].sendto(packet, ("127.0.0.1", self.port))
        except OSError:
            pass  # nobody listens for the moment, or the buffer is full: it is sent again

    def receive(self, wait):
        """Takes the answers that are there; gives the sessions that may go on."""
        free = []
        ready, _, _ = select.select(self.sockets, [], [], wait)
        for one in ready:
            number = self.sockets.index(one)
            while True:
                try:
                    reply = one.recv(4096)
                except BlockingIOError:
                    break
                except OSError:
                    continue
                entry = self.waiting.get((number, reply[1]))
                if entry is None or not self.is_genuine(reply, entry[2]):
                    continue
                del self.waiting[number, reply[1]]
                free.append(entry)
        if free:
            self.note(free)
        return [entry[0] for entry in free]

    def is_genuine(self, reply, request):
        signed = reply[:4] + request[4:20] + reply[20:] + SECRET
        return reply[0] == RESPONSE and hashlib.md5(signed).digest() == reply[4:20]

    def note(self, entries):
        for session, octets, _, _ in entries:
            self.notes.write("%s %d\n" % (session.id, octets))
            session.acked = max(session.acked, octets)
        self.notes.flush()
        os.fsync(self.notes.fileno())
        self.acknowledged += len(entries)

    def run(self, seconds, until=lambda: False):
        """Sends and receives for that long."""
        end = time.monotonic() + seconds
        busy = {entry[0].number for entry in self.waiting.values()}
        for session in self.sessions:
            if session.number not in busy:
                self.send_new(session, time.monotonic())
        while time.monotonic() < end and not until():
            free = self.receive(0.02)
            now = time.monotonic()
            for session in free:
                self.send_new(session, now)
            self.resend(now)

    def settle(self, limit=30):
        """Until nothing waits for an answer."""
        end = time.monotonic() + limit
        while self.waiting:
            if time.monotonic() > end:
                raise Lost("%d packets are not answered" % len(self.waiting))
            self.receive(0.02)
            self.resend(time.monotonic())

    def resend(self, now):
        for (number, _), entry in list(self.waiting.items()):
            if entry[3] < now:
                entry[3] = now + RESEND_AFTER
                self.send(number, entry[2])


def prepare(daemon):
    daemon.command("nas", "add", "--name", "oracle", "--address", "127.0.0.1", "--secret", SECRET.decode())
    daemon.command("package", "add", "--name", "home", "--bandwidth", "100M/100M", "--price", "1")
    rows = "username,password,package,end_date\n" + "".join("user%04d,secret%d,home,\n" % (i, i) for i in range(100))
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


class MariaDb:
    def __init__(self, folder):
        self.folder = os.path.join(folder, "mariadb")
        os.makedirs(self.folder + "/tmp")
        self.user = ["--user=root"] if os.geteuid() == 0 else []
        subprocess.run(["mariadb-install-db", "--no-defaults", "--datadir=" + self.folder + "/data",
                        "--skip-test-db", "--auth-root-authentication-method=normal", *self.user],
                       check=True, capture_output=True)
        probe = socket.socket()
        probe.bind(("127.0.0.1", 0))
        self.port = probe.getsockname()[1]
        probe.close()
        self.start()
        self.sql("CREATE DATABASE oracle; CREATE USER gardu@'127.0.0.1' IDENTIFIED BY 'secret';"
                 "GRANT ALL ON oracle.* TO gardu@'127.0.0.1'")
        self.url = "mysql://gardu:secret@127.0.0.1:%d/oracle" % self.port

    def socket(self):
        return self.folder + "/s"

    def sql(self, text):
        subprocess.run(["mariadb", "--no-defaults", "-uroot", "--socket=" + self.socket(), "-e", text], check=True)

    def start(self):
        program = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
        self.process = subprocess.Popen(
            [program, "--no-defaults", "--datadir=" + self.folder + "/data", "--tmpdir=" + self.folder + "/tmp",
             "--socket=" + self.socket(), "--bind-address=127.0.0.1", "--port=%d" % self.port,
             "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=1", "--innodb-use-native-aio=0",
             "--performance-schema=OFF", "--innodb-buffer-pool-size=64M", *self.user],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        ping = ["mariadb-admin", "--no-defaults", "-uroot", "--socket=" + self.socket(), "ping"]
        while subprocess.run(ping, capture_output=True).returncode != 0:
            if time.monotonic() > end:
                raise Lost("MariaDB does not start")
            time.sleep(0.1)

    def kill(self):
        self.process.kill()
        self.process.wait()


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
    nas.sendto(struct.pack("!BBH", ACCESS_REQUEST, 1, 20 + len(body)) + bytes(16) + body, ("127.0.0.1", port))
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
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=20m", "tmpfs", disk], check=True)
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
    setup = Daemon(program, data)
    prepare(setup)
    shutil.copytree(data, left, dirs_exist_ok=True)
    # Both folders are the same now; from here on only syncs reach the second one.
    environment = {"LD_PRELOAD": shadow, "SHADOW_FROM": data, "SHADOW_DIR": left}
    if ignore:
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

    def run(self):
        while True:
            request, sender = self.socket.recvfrom(4096)
            head = struct.pack("!BBH", RESPONSE, request[1], 20)
            self.socket.sendto(head + hashlib.md5(head + request[4:20] + SECRET).digest(), sender)
            threading.Timer(0.05, self.onward.sendto, (request, ("127.0.0.1", self.target))).start()


def control_early(program, folder):
    daemon = Daemon(program, folder)
    prepare(daemon)
    daemon.start()
    proxy = EarlyProxy(daemon.ports["acct"])
    proxy.start()
    nas = Nas(proxy.port, os.path.join(folder, "acked.log"))
    nas.sessions = nas.sessions[:50]
    victim = threading.Timer(0.5, daemon.kill)
    victim.start()
    nas.run(0.6)
    victim.join()
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

"""A NAS that accounts as fast as it is answered and writes down, with fsync, what was acknowledged."""
import hashlib
import os
import random
import select
import socket
import struct
import time

from gardu_daemon import Lost, attribute, integer

SECRET = b"oracle-secret"
SESSIONS = 400
SOCKETS = 4
RESEND_AFTER = 0.4
RESPONSE, REQUEST = 5, 4
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

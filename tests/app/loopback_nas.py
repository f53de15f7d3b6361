#!/usr/bin/python3
"""A NAS with its own MD5 and HMAC: logs subscribers in, accounts for them, and obeys CoA and Disconnect.

loopback_nas.py PORTFILE   obeys two of three requests and knows nothing of the third's session, until it is
                           killed; writes its port into the file
"""
import hashlib
import hmac
import os
import socket
import struct
import sys
import threading
import time

from gardu_daemon import Lost, attribute, integer

SECRET = b"network-secret"
ACCESS_REQUEST, ACCEPT, REJECT, ACCOUNTING_REQUEST, ACCOUNTING_RESPONSE = 1, 2, 3, 4, 5
DISCONNECT, DISCONNECT_ACK, DISCONNECT_NAK, COA, COA_ACK, COA_NAK = 40, 41, 42, 43, 44, 45
START, STOP, INTERIM = 1, 2, 3
USER_NAME, NAS_IP, FRAMED_IP, CLASS, SESSION_TIMEOUT, SESSION_ID, ERROR_CAUSE = 1, 4, 8, 25, 27, 44, 101
RATE_LIMIT, ADDRESS_LIST = (14988, 8), (14988, 19)


def parse(packet):
    """{number or (vendor, number): value}, the last one of each."""
    found, at = {}, 20
    while at < len(packet):
        number, length = packet[at], packet[at + 1]
        value = packet[at + 2:at + length]
        if number == 26:
            found[struct.unpack("!I", value[:4])[0], value[4]] = value[6:]
        else:
            found[number] = value
        at += length
    return found


def sign(code, identifier, authenticator, body):
    """With a Message-Authenticator at the end, and the authenticator that this kind of packet has."""
    body += bytes([80, 18]) + bytes(16)
    head = struct.pack("!BBH", code, identifier, 20 + len(body))
    proof = hmac.new(SECRET, head + authenticator + body, hashlib.md5).digest()
    return head, body[:-16] + proof


class Session:
    def __init__(self, nas, user, mac, accept):
        self.nas, self.user, self.mac = nas, user, mac
        self.id = "8170%04x" % nas.next_number()
        self.address = bytes([10, 77, *divmod(nas.number, 256)])
        self.attributes = accept
        self.began = time.time()
        self.alive = True
        self.requests = []  # what the daemon sent about it

    def account(self, kind, **more):
        body = (integer(40, kind) + attribute(USER_NAME, self.user.encode())
                + attribute(SESSION_ID, self.id.encode()) + attribute(31, self.mac.encode())
                + attribute(87, b"vlan-" + self.mac.encode()) + attribute(NAS_IP, bytes([127, 0, 0, 1]))
                + attribute(FRAMED_IP, self.address))
        if CLASS in self.attributes:
            body += attribute(CLASS, self.attributes[CLASS])
        if kind != START:
            body += (integer(46, int(time.time() - self.began)) + integer(42, more.get("octets", 0))
                     + integer(52, 0) + integer(43, more.get("octets", 0)) + integer(53, 0))
        if kind == STOP:
            body += integer(49, more.get("cause", 6))
        self.nas.account(body)
        return self


class Nas(threading.Thread):
    """Answers CoA and Disconnect on its own thread."""

    def __init__(self):
        super().__init__(daemon=True)
        self.dynauth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.dynauth.bind(("127.0.0.1", 0))
        self.port = self.dynauth.getsockname()[1]
        self.sessions = []
        self.silent = False
        self.nak = {}        # code of a request: the Error-Cause to refuse it with
        self.wrong = []      # what is wrong with packets from the daemon
        self.received = 0
        self.number = 0
        self.identifier = 0
        self.daemon_ports = None
        self.checks_time = True

    def next_number(self):
        self.number += 1
        return self.number

    def ask(self, packet, port, limit=3):
        asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        asking.settimeout(limit)
        asking.sendto(packet, ("127.0.0.1", port))
        reply = asking.recv(4096)
        asking.close()
        signed = reply[:4] + packet[4:20] + reply[20:] + SECRET
        if hashlib.md5(signed).digest() != reply[4:20]:
            raise Lost("a reply whose authenticator is wrong")
        return reply

    def access_request(self, user, password, mac):
        self.identifier = (self.identifier + 1) % 256
        authenticator = os.urandom(16)
        mask = hashlib.md5(SECRET + authenticator).digest()
        hidden = bytes(a ^ b for a, b in zip(password.encode().ljust(16, b"\0"), mask))
        body = (attribute(USER_NAME, user.encode()) + attribute(2, hidden) + attribute(31, mac.encode())
                + attribute(NAS_IP, bytes([127, 0, 0, 1])) + integer(6, 2) + integer(7, 1))
        head, body = sign(ACCESS_REQUEST, self.identifier, authenticator, body)
        return head + authenticator + body

    def login(self, user, mac="02:00:00:00:00:01", password="secret"):
        """A session after an Accept, None after a Reject."""
        reply = self.ask(self.access_request(user, password, mac), self.daemon_ports["auth"])
        if reply[0] != ACCEPT:
            return None
        session = Session(self, user, mac, parse(reply))
        self.sessions.append(session)
        return session

    def account(self, body):
        self.identifier = (self.identifier + 1) % 256
        head = struct.pack("!BBH", ACCOUNTING_REQUEST, self.identifier, 20 + len(body))
        packet = head + hashlib.md5(head + bytes(16) + body + SECRET).digest() + body
        if self.ask(packet, self.daemon_ports["acct"])[0] != ACCOUNTING_RESPONSE:
            raise Lost("no Accounting-Response")

    def run(self):
        while True:
            packet, sender = self.dynauth.recvfrom(4096)
            self.received += 1
            if not self.silent:
                reply = self.answer(packet)
                if reply:
                    self.dynauth.sendto(reply, sender)

    def answer(self, packet):
        head, authenticator, body = packet[:4], packet[4:20], packet[20:]
        if hashlib.md5(head + bytes(16) + body + SECRET).digest() != authenticator:
            self.wrong.append("Request Authenticator")
            return None
        at = body.find(bytes([80, 18]))
        unsigned = body[:at + 2] + bytes(16) + body[at + 18:]
        proof = hmac.new(SECRET, head + bytes(16) + unsigned, hashlib.md5).digest()
        if at < 0 or proof != body[at + 2:at + 18]:
            self.wrong.append("Message-Authenticator")
            return None
        attributes = parse(packet)
        if abs(struct.unpack("!I", attributes.get(55, bytes(4)))[0] - time.time()) > 300 and self.checks_time:
            self.wrong.append("Event-Timestamp")
        cause = self.nak.get(packet[0]) or self.obey(packet[0], attributes)
        body = integer(ERROR_CAUSE, cause) if cause else b""
        head, body = sign(packet[0] + (2 if cause else 1), packet[1], authenticator, body)
        return head + hashlib.md5(head + authenticator + body + SECRET).digest() + body

    def obey(self, code, attributes):
        """The Error-Cause; 0 for an ACK. As RouterOS: every identity attribute has to match."""
        for session in self.sessions:
            if (session.alive and attributes.get(SESSION_ID) == session.id.encode()
                    and attributes.get(USER_NAME) == session.user.encode()
                    and attributes.get(FRAMED_IP) == session.address
                    and attributes.get(NAS_IP) == bytes([127, 0, 0, 1])):
                session.requests.append((code, attributes, time.time()))
                if code == DISCONNECT:
                    session.alive = False
                return 0
        return 503


class FickleNas(Nas):
    """Of sessions that somebody else accounts for."""

    def obey(self, code, attributes):
        return 503 if self.received % 3 == 0 else 0


def main():
    nas = FickleNas()
    with open(sys.argv[1], "w") as file:
        file.write("%d\n" % nas.port)
    nas.run()


if __name__ == "__main__":
    main()

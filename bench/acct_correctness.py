#!/usr/bin/python3
"""How many sessions does a RADIUS server tell wrongly, when accounting arrives as it does in life?

  acct_correctness.py send --server 127.0.0.1:1813 --secret S --truth truth.json [--sessions N] [--seed N]
  acct_correctness.py nases
  acct_correctness.py judge NAME=TRUTH,RESULT... [--show N] [--json FILE] [--faultless NAME]

`send` plays the mix of acct_mix.py from the NASes that `nases` lists, and writes what is true.
`judge` compares that with what the servers have stored: Gardu's `session list --all --json`, or a table of
FreeRADIUS' radacct with tabs and the columns of RADACCT. Its own RADIUS; needs nothing but Python.
"""

import argparse
import collections
import datetime
import hashlib
import json
import pathlib
import select
import socket
import struct
import sys
import time

import acct_mix

ACCOUNTING_REQUEST, ACCOUNTING_RESPONSE = 4, 5
CHUNK = 64
TIMEOUT = 1.1
TRIES = 10
START_TOLERANCE = 5.0
RADACCT = ("username", "nas", "acct_session_id", "started_at", "stopped_at", "input_octets", "output_octets")
FAULTS = ("missing", "doubled", "start", "octets", "state")
FAULT_WORDS = {
    "missing": "no row",
    "doubled": "more than one row",
    "start": f"start wrong by more than {START_TOLERANCE:.0f} s",
    "octets": "octets wrong",
    "state": "open, but over; or closed, but not",
}


# --- sending ------------------------------------------------------------------------------------------------


def user_name(user):
    return f"user{user:07d}"


def number(kind, value):
    return struct.pack("!BBI", kind, 6, value)


def text(kind, value):
    return struct.pack("!BB", kind, len(value) + 2) + value.encode()


def counters(packet):
    for kind, gigawords, octets in zip((42, 43), (52, 53), packet.session.octets(packet.at)):
        yield number(kind, octets & 0xFFFFFFFF)
        if packet.session.nas.gigawords:
            yield number(gigawords, octets >> 32)


def session_attributes(packet):
    session = packet.session
    user = session.user.to_bytes(3, "big")
    yield number(6, 2) + number(7, 1)
    yield number(5, int(session.session_id, 16)) + number(61, 15)
    yield text(1, user_name(session.user))
    yield text(31, "02:00:00:" + ":".join(f"{octet:02X}" for octet in user))
    yield text(30, "pppoe") + text(87, f"vlan{session.user % 4000}") + text(44, session.session_id)
    yield number(8, 0x0A000000 + session.user)
    if packet.timed:
        yield number(46, int(packet.at - session.start))
    if packet.counted:
        yield from counters(packet)
    if packet.status == acct_mix.STOP:
        yield number(49, 1)


def attributes(packet, began_at, now):
    """`began_at`: the time that the mix counts from."""
    happened = began_at + packet.at
    parts = [number(40, packet.status)]
    if packet.status != acct_mix.ACCOUNTING_ON:
        parts += session_attributes(packet)
    parts.append(number(55, int(happened)) + number(41, max(0, int(now - happened))))
    parts.append(text(32, "nas-" + packet.session.nas.address.rpartition(".")[2]))
    parts.append(struct.pack("!BB", 4, 6) + socket.inet_aton(packet.session.nas.address))
    return b"".join(parts)


class Sender:
    """Each NAS has a socket with its address. Of a user, one packet at most waits for its response."""

    def __init__(self, server, secret):
        self.secret = secret.encode()
        self.sockets = {}
        self.identifiers = collections.Counter()
        for nas in acct_mix.NASES:
            self.sockets[nas] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.sockets[nas].bind((nas.address, 0))
            self.sockets[nas].connect(server)
        self.waiting = {}  # (socket, identifier): octets

    def request(self, packet, began_at):
        nas = packet.session.nas
        identifier = self.identifiers[nas] % 256
        self.identifiers[nas] += 1
        body = attributes(packet, began_at, time.time())
        head = struct.pack("!BBH", ACCOUNTING_REQUEST, identifier, 20 + len(body))
        proof = hashlib.md5(head + bytes(16) + body + self.secret).digest()
        self.waiting[self.sockets[nas], identifier] = head + proof + body
        return self.sockets[nas], head + proof + body

    def take(self, sock):
        reply = sock.recv(4096)
        request = self.waiting.get((sock, reply[1]))
        if request is None:
            return  # the second answer to what was sent twice
        proof = hashlib.md5(reply[:4] + request[4:20] + reply[20:] + self.secret).digest()
        if reply[0] != ACCOUNTING_RESPONSE or len(reply) != reply[2] * 256 + reply[3] or proof != reply[4:20]:
            sys.exit("a response does not prove the secret")
        del self.waiting[sock, reply[1]]

    def send_chunk(self, packets, began_at):
        for packet in packets:
            sock, octets = self.request(packet, began_at)
            for _ in range(packet.copies):
                sock.send(octets)
        for _ in range(TRIES):
            end = time.monotonic() + TIMEOUT
            while self.waiting and (left := end - time.monotonic()) > 0:
                for sock in select.select(list(self.sockets.values()), [], [], left)[0]:
                    self.take(sock)
            for (sock, _identifier), octets in self.waiting.items():
                sock.send(octets)
            if not self.waiting:
                return
        sys.exit("the server does not answer")


def chunks(packets):
    """In order of delivery; of each user and each boot of a NAS, one packet in a chunk."""
    chunk, users = [], set()
    for packet in packets:
        is_boot = packet.status == acct_mix.ACCOUNTING_ON
        if chunk and (is_boot or packet.session.user in users or -1 in users or len(chunk) == CHUNK):
            yield chunk
            chunk, users = [], set()
        chunk.append(packet)
        users.add(packet.session.user)
    yield chunk


def truth_of(session, began_at):
    input_octets, output_octets = session.told()
    return {
        "kind": session.kind,
        "nas": session.nas.address,
        "username": user_name(session.user),
        "acct_session_id": session.session_id,
        "started_at": began_at + session.start,
        "state": session.state,
        "input_octets": input_octets,
        "output_octets": output_octets,
    }


def send(options):
    mix = acct_mix.Mix(options.seed, options.sessions)
    host, _, port = options.server.rpartition(":")
    sender = Sender((host, int(port)), options.secret)
    began_at = time.time()
    for chunk in chunks(mix.packets):
        sender.send_chunk(chunk, began_at)
    truth = [truth_of(session, began_at) for session in mix.sessions]
    pathlib.Path(options.truth).write_text(json.dumps(truth))
    print(f"{len(mix.packets)} packets of {len(mix.sessions)} sessions in {time.time() - began_at:.1f} s")


# --- judging ------------------------------------------------------------------------------------------------


def instant(value):
    """Seconds since 1970, of RFC 3339 or of a number; nothing of null."""
    if value in (None, "", "NULL"):
        return None
    try:
        return float(value)
    except ValueError:
        return datetime.datetime.fromisoformat(value).timestamp()


def read_rows(path):
    content = pathlib.Path(path).read_text()
    if content.lstrip().startswith("["):
        rows = json.loads(content)
        for row in rows:
            row["is_open"] = row["state"] != "closed"
    else:
        rows = [dict(zip(RADACCT, line.split("\t"))) for line in content.splitlines()]
        for row in rows:
            row["is_open"] = instant(row["stopped_at"]) is None
    for row in rows:
        row["start"] = instant(row["started_at"])
    return rows


def key_of(entry):
    return entry["nas"], entry["username"], entry["acct_session_id"].upper()


def distance(session, row):
    return abs(row["start"] - session["started_at"]) if row["start"] is not None else float("inf")


def matched(sessions, rows):
    """Pairs of one key, the nearest starts first; then the sessions and the rows that are left."""
    near = sorted(
        (distance(session, row), i, j) for i, session in enumerate(sessions) for j, row in enumerate(rows)
    )
    pairs = {}
    for _, i, j in near:
        if i not in pairs and j not in pairs.values():
            pairs[i] = j
    extra = [row for j, row in enumerate(rows) if j not in pairs.values()]
    return [(session, rows[pairs[i]] if i in pairs else None) for i, session in enumerate(sessions)], extra


def fault_of(session, row):
    if row is None:
        return "missing"
    if distance(session, row) > START_TOLERANCE:
        return "start"
    if any(int(row[way] or 0) != session[way] for way in ("input_octets", "output_octets")):
        return "octets"
    if session["state"] is not None and row["is_open"] != (session["state"] == "open"):
        return "state"
    return None


class Verdict:
    """Of one server: how many sessions of each kind are wrong, and why. Each session counts once."""

    def __init__(self, truth, rows):
        self.total = collections.Counter(session["kind"] for session in truth)
        self.wrong = collections.Counter()
        self.faults = collections.Counter()
        self.examples = []
        by_key = collections.defaultdict(lambda: ([], []))
        for session in truth:
            by_key[key_of(session)][0].append(session)
        self.strangers = 0
        for row in rows:
            if key_of(row) in by_key:
                by_key[key_of(row)][1].append(row)
            else:
                self.strangers += 1
        for sessions, stored in by_key.values():
            self.judge_key(sessions, stored)

    def judge_key(self, sessions, stored):
        pairs, extra = matched(sessions, stored)
        for session, row in pairs:
            nearest = [other for other in extra if distance(session, other) == min(
                distance(candidate, other) for candidate in sessions)]
            fault = fault_of(session, row) or ("doubled" if nearest else None)
            if fault is not None:
                self.wrong[session["kind"]] += 1
                self.faults[fault] += 1
                self.examples.append((fault, session, stored))

    def count(self):
        return sum(self.wrong.values())

    def percent(self):
        return 100 * self.count() / sum(self.total.values())


def print_table(verdicts):
    names = list(verdicts)
    first = verdicts[names[0]]

    def line(title, sessions, cells):
        print(f"{title:38}{sessions:>9}" + "".join(f"{cell:>18}" for cell in cells))

    line("sessions told wrongly, by kind", "sessions", names)
    for kind in acct_mix.KINDS:
        line(kind, first.total[kind], [verdicts[name].wrong[kind] for name in names])
    line("all", sum(first.total.values()), [verdicts[name].count() for name in names])
    line("", "", [f"{verdicts[name].percent():.1f} %" for name in names])
    print()
    line("by fault", "", names)
    for fault in FAULTS:
        line(FAULT_WORDS[fault], "", [verdicts[name].faults[fault] for name in names])
    line("rows of no session", "", [verdicts[name].strangers for name in names])


def judge(options):
    verdicts = {}
    for entry in options.results:
        name, _, files = entry.partition("=")
        truth, result = files.split(",")
        verdicts[name] = Verdict(json.loads(pathlib.Path(truth).read_text()), read_rows(result))
        for fault, session, stored in verdicts[name].examples[: options.show]:
            print(f"{name}: {FAULT_WORDS[fault]}\n  true: {session}\n  told: {stored}", file=sys.stderr)
    print_table(verdicts)
    if options.json:
        figures = {
            name: {
                "sessions": sum(verdict.total.values()),
                "wrong": verdict.count(),
                "percent": round(verdict.percent(), 2),
                "rows_of_no_session": verdict.strangers,
                "by_kind": {kind: [verdict.wrong[kind], verdict.total[kind]] for kind in acct_mix.KINDS},
                "by_fault": {fault: verdict.faults[fault] for fault in FAULTS},
            }
            for name, verdict in verdicts.items()
        }
        pathlib.Path(options.json).write_text(json.dumps(figures, indent=1) + "\n")
    flawed = [name for name in options.faultless if verdicts[name].count() or verdicts[name].strangers]
    return f"{', '.join(flawed)}: sessions are wrong" if flawed else 0


def nases(_options):
    print("\n".join(nas.address for nas in acct_mix.NASES))


def main():
    parser = argparse.ArgumentParser(description="sessions told wrongly")
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("send", help="play the mix")
    command.add_argument("--server", required=True)
    command.add_argument("--secret", required=True)
    command.add_argument("--truth", required=True)
    command.add_argument("--sessions", type=int, default=2000)
    command.add_argument("--seed", type=int, default=1)
    command.set_defaults(run=send)
    command = commands.add_parser("judge", help="compare what is stored with what is true")
    command.add_argument("results", nargs="+", metavar="NAME=TRUTH,RESULT")
    command.add_argument("--show", type=int, default=0, help="sessions of each server to print")
    command.add_argument("--json")
    command.add_argument("--faultless", action="append", default=[], help="fail where this server is wrong")
    command.set_defaults(run=judge)
    command = commands.add_parser("nases", help="the addresses that it sends from")
    command.set_defaults(run=nases)
    options = parser.parse_args()
    return options.run(options)


if __name__ == "__main__":
    sys.exit(main())

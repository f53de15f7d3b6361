#!/usr/bin/python3
"""Writes tests/fuzz/corpus/accounting_path/: packets as RouterOS and others send them and records of the
journal, one file each, and the octet before each that accounting_path_fuzz.cpp takes as its mode. None of our
code takes part."""
import hashlib
import os
import struct

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "accounting_path")
SECRET = b"testing123"
REPAIR, OVER_IPV6, SWAP, RECORD = 1, 2, 4, 128
START, STOP, INTERIM, ON, OFF = 1, 2, 3, 7, 8


def attribute(kind, value):
    return bytes([kind, len(value) + 2]) + value


def vendor(number, kind, value):
    return attribute(26, struct.pack("!I", number) + attribute(kind, value))


def number(kind, value):
    return attribute(kind, struct.pack("!I", value))


def packet(attributes):
    head = struct.pack("!BBH", 4, 7, 20 + len(attributes))
    return head + hashlib.md5(head + bytes(16) + attributes + SECRET).digest() + attributes


def session(status, user=b"bob", session_id=b"81a00001"):
    return (number(6, 2) + number(7, 1) + number(5, 15728650) + number(61, 15) + attribute(1, user)
            + attribute(31, b"AA:BB:CC:00:00:01") + attribute(30, b"pppoe-in") + attribute(87, b"ether2")
            + attribute(44, session_id) + number(8, 0x0A050002) + number(45, 1) + number(55, 1795348790)
            + number(40, status) + attribute(32, b"tower-1") + number(41, 0) + number(4, 0x0A000001))


def counted(seconds, octets_in, octets_out):
    return (number(46, seconds) + number(42, octets_in & 0xFFFFFFFF) + number(52, octets_in >> 32)
            + number(43, octets_out & 0xFFFFFFFF) + number(53, octets_out >> 32) + number(47, 1000)
            + number(48, 2000))


def our_class(told):
    """Version, login, subscription; what was told: access, rate, place, end."""
    ids = bytes(range(32))
    return attribute(25, (b"\x02" + ids + b"\x00" + bytes(8) + struct.pack("!Q", 1795366800 << 1 | 1)) if told
                     else b"\x01" + ids)


def text(value):
    return struct.pack("!H", len(value)) + value


def records():
    names = text(b"nas-1") + text(b"81a00001") + text(b"login")
    at = struct.pack("!q", 1795348800123)
    yield "record_packet", (b"\x01\x01" + text(b"nas") + text(b"nas@10.0.0.1") + text(b"\x0a\0\0\1") + at
                            + b"\x01" + text(packet(session(START))))
    yield "record_gone", b"\x01\x02" + names + at
    yield "record_told", b"\x01\x03" + names + b"\x01" + bytes(8) + b"\x01" + at
    yield "record_told_no_end", b"\x01\x03" + names + b"\x00" + bytes(8) + b"\x00"
    yield "record_version_2", b"\x02\x02" + names + at


def datagrams():
    proxied = attribute(33, b"one") + attribute(33, b"two")
    yield "start", 0, packet(session(START))
    yield "start_class", 0, packet(session(START) + our_class(True))
    yield "start_class_old", REPAIR, packet(session(START) + attribute(25, b"another") + our_class(False))
    yield "interim", 0, packet(session(INTERIM) + counted(300, 123456, 7 << 32 | 5))
    yield "interim_swap", SWAP, packet(session(INTERIM) + counted(300, 123456, 654321))
    yield "interim_no_gigawords", REPAIR, packet(session(INTERIM) + number(42, 1) + number(43, 0xFFFFFFFF))
    yield "stop", REPAIR, packet(session(STOP) + counted(3600, 1 << 40, 1 << 41) + number(49, 1))
    yield "stop_empty", REPAIR, packet(session(STOP))
    yield "stop_unknown_cause", REPAIR, packet(session(STOP) + number(49, 4000000000))
    yield "stop_ipv6", REPAIR | OVER_IPV6, packet(session(STOP) + attribute(97, b"\x00\x40" + bytes(8))
                                                  + attribute(123, b"\x00\x38\x20\x01\x0d\xb8" + bytes(4)))
    yield "on", REPAIR, packet(number(40, ON) + number(4, 0x0A000001))
    yield "off", REPAIR, packet(number(40, OFF) + attribute(32, b"tower-1"))
    yield "signed", REPAIR, packet(session(START) + attribute(80, bytes(16)))
    yield "proxied", REPAIR, packet(session(START) + proxied)
    yield "late", REPAIR, packet(session(STOP)[:-12] + number(41, 3600) + counted(60, 1, 2))
    yield "late_absurd", REPAIR, packet(session(STOP)[:-12] + number(41, 0xFFFFFFFF))
    yield "clock_1970", REPAIR, packet(number(40, START) + number(55, 7) + attribute(1, b"bob")
                                       + attribute(44, b"1"))
    yield "names", REPAIR, packet(session(START, b"\xff\x00\n\\x41", bytes(253)))
    yield "names_long", REPAIR, packet(session(START, b"\x80" * 253, b"s" * 253))
    yield "names_utf8", REPAIR, packet(session(START, "Müller".encode(), b" 1 "))
    yield "mac", REPAIR, packet(session(START, b"AA-BB-CC-DD-EE-0F"))
    yield "no_status", REPAIR, packet(attribute(1, b"bob") + attribute(44, b"1"))
    yield "status_15", REPAIR, packet(session(15))
    yield "vendors", REPAIR, packet(session(START) + vendor(14988, 10, bytes([10, 5, 88, 2]))
                                    + vendor(9, 1, b"ip:x=y") + vendor(0, 1, b"abc"))
    yield "status_server", 0, struct.pack("!BBH", 12, 7, 38) + bytes(range(16)) + attribute(80, bytes(16))


def main():
    os.makedirs(FOLDER, exist_ok=True)
    seeds = [(name, mode, octets) for name, mode, octets in datagrams()]
    seeds += [(name, RECORD, octets) for name, octets in records()]
    for name, mode, octets in seeds:
        with open(os.path.join(FOLDER, name), "wb") as file:
            file.write(bytes([mode]) + octets)


if __name__ == "__main__":
    main()

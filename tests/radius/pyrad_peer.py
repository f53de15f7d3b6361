#!/usr/bin/python3
"""The other side of wire_test.cpp: packets made and checked by pyrad and by Python's hmac, never by our code.

pyrad_peer.py request SECRET KIND               a packet as hex; KIND: pap, chap, eap, acct, coa
pyrad_peer.py check-request SECRET PACKET       our request: its signatures and attributes
pyrad_peer.py check-reply SECRET REQUEST REPLY  our reply to REQUEST: its signatures and attributes
pyrad_peer.py account SECRET PORT               a session told to 127.0.0.1: a line for each answer
Findings are "name=value", one a line, in the order of the packet.
"""
import hashlib
import hmac
import os
import struct
import sys

from pyrad import client, dictionary, packet

DICTIONARY = dictionary.Dictionary(os.path.join(os.path.dirname(__file__), "pyrad.dictionary"))
MESSAGE_AUTHENTICATOR = 80
ZEROS = bytes(16)
RANDOM_AUTHENTICATOR_CODES = (1, 12)


def attributes_of(octets):
    """(type, offset of the value, value) of every attribute, walked here and not by pyrad."""
    at = 20
    while at < len(octets):
        size = octets[at + 1]
        yield octets[at], at + 2, octets[at + 2 : at + size]
        at += size


def message_authenticator(octets, secret, authenticator):
    """RFC 3579 section 3.2: what the packet has, and what it should have."""
    for kind, at, value in attributes_of(octets):
        if kind == MESSAGE_AUTHENTICATOR:
            zeroed = octets[:4] + authenticator + octets[20:at] + ZEROS + octets[at + 16 :]
            return value, hmac.new(secret, zeroed, hashlib.md5).digest()
    return None, None


def add_message_authenticator(octets, secret, authenticator):
    """As the last attribute, where RouterOS puts it."""
    longer = octets[:2] + struct.pack("!H", len(octets) + 18) + octets[4:] + bytes([80, 18]) + ZEROS
    _, digest = message_authenticator(longer, secret, authenticator)
    return longer[:-16] + digest


def reveal_salted(value, secret, authenticator):
    """RFC 2548 section 2.4.2, read from the text."""
    salt, hidden = value[:2], value[2:]
    clear, before = b"", authenticator + salt
    for at in range(0, len(hidden), 16):
        mask = hashlib.md5(secret + before).digest()
        before = hidden[at : at + 16]
        clear += bytes(a ^ b for a, b in zip(before, mask))
    return salt, clear[1 : 1 + clear[0]], clear[1 + clear[0] :]


def make_request(secret, kind):
    if kind in ("acct", "coa"):
        maker = packet.AcctPacket if kind == "acct" else packet.CoAPacket
        made = maker(secret=secret, id=7, dict=DICTIONARY)
        made["User-Name"] = "bob"
        made["Acct-Session-Id"] = "81a00001"
        if kind == "acct":
            made["Acct-Status-Type"] = 3
        return made.RequestPacket()
    made = packet.AuthPacket(secret=secret, id=200, dict=DICTIONARY, authenticator=bytes(range(16)))
    made["User-Name"] = "bob"
    if kind == "pap":
        made["User-Password"] = made.PwCrypt("a password of more than sixteen octets")
        made["NAS-IP-Address"] = "10.0.0.1"
        made["NAS-Port"] = 15728650
        made["Mikrotik-Host-IP"] = "10.5.88.2"
        made["Mikrotik-Address-List"] = "paid"
        made["Framed-IPv6-Prefix"] = "2001:db8:1::/48"
    elif kind == "chap":
        challenge = bytes(range(100, 120))
        made["CHAP-Challenge"] = challenge
        made["CHAP-Password"] = b"\x16" + hashlib.md5(b"\x16" + b"hello" + challenge).digest()
    elif kind == "eap":
        made["EAP-Message"] = bytes([2, 0, 0, 8, 1]) + b"bob"
    return add_message_authenticator(made.RequestPacket(), secret, bytes(range(16)))


def report(octets, secret, authenticator):
    kinds = [kind for kind, _, _ in attributes_of(octets)]
    print("first_is_message_authenticator=%d" % (kinds[:1] == [MESSAGE_AUTHENTICATOR]))
    got, expected = message_authenticator(octets, secret, authenticator)
    print("message_authenticator=%s" % ("none" if got is None else "ok" if got == expected else "wrong"))


def report_values(decoded, secret, authenticator):
    for name in decoded.keys():
        for value in decoded[name]:
            if name in ("MS-MPPE-Send-Key", "MS-MPPE-Recv-Key"):
                salt, key, padding = reveal_salted(value, secret, authenticator)
                print("%s salt_is_marked=%d padding_is_zero=%d" % (name, salt[0] >= 128, not any(padding)))
                value = key
            if name != "Message-Authenticator":
                print("%s=%s" % (name, value.hex() if isinstance(value, bytes) else value))


def check_request(secret, octets):
    kept = octets[0] in RANDOM_AUTHENTICATOR_CODES
    authenticator = octets[4:20] if kept else ZEROS
    report(octets, secret, authenticator)
    if not kept:
        digest = hashlib.md5(octets[:4] + ZEROS + octets[20:] + secret).digest()
        print("authenticator=%s" % ("ok" if digest == octets[4:20] else "wrong"))
    decoded = packet.AuthPacket(secret=secret, dict=DICTIONARY, packet=octets)
    if "User-Password" in decoded:
        print("password=%s" % decoded.PwDecrypt(decoded["User-Password"][0]))
        del decoded["User-Password"]
    report_values(decoded, secret, authenticator)


def check_reply(secret, request, reply):
    asked = packet.AuthPacket(secret=secret, dict=DICTIONARY, packet=request)
    decoded = packet.Packet(secret=secret, dict=DICTIONARY, packet=reply)
    report(reply, secret, request[4:20])
    print("pyrad_verifies=%d" % asked.VerifyReply(decoded, reply))
    report_values(decoded, secret, request[4:20])


def account(secret, port):
    nas = client.Client(server="127.0.0.1", acctport=port, secret=secret, dict=DICTIONARY)
    nas.retries, nas.timeout = 1, 5
    for status in (7, 1, 3, 3, 2):
        request = nas.CreateAcctPacket(User_Name="bob")
        request["Acct-Status-Type"] = status
        request["Acct-Session-Id"] = "81a00001"
        request.AddAttribute("Proxy-State", b"one")
        request.AddAttribute("Proxy-State", b"two")
        reply = nas.SendPacket(request)  # times out where the Response Authenticator is wrong
        print("status=%d code=%d attributes=%s Proxy-State=%s"
              % (status, reply.code, "+".join(reply.keys()), b",".join(reply["Proxy-State"]).decode()))


def main(command, secret, *rest):
    key = secret.encode()
    if command == "request":
        print(make_request(key, rest[0]).hex())
    elif command == "account":
        account(key, int(rest[0]))
    elif command == "check-request":
        check_request(key, bytes.fromhex(rest[0]))
    else:
        check_reply(key, bytes.fromhex(rest[0]), bytes.fromhex(rest[1]))


if __name__ == "__main__":
    main(*sys.argv[1:])

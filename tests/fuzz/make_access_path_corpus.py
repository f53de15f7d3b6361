#!/usr/bin/python3
"""Writes tests/fuzz/corpus/access_path/: packets as RouterOS and others send them, one file each, and the
octet before each that access_path_fuzz.cpp takes as its mode. None of our code takes part."""
import hashlib
import hmac
import os
import struct

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus", "access_path")
SECRET = b"testing123"
AUTHENTICATOR = bytes(range(16))
REPAIR, OVER_IPV6, LATER = 1, 2, 4

# RFC 2759 section 9.2: User, clientPass.
MSCHAP2_CHALLENGE = bytes.fromhex("5b5d7c7d7b3f2f3e3c2c602132262628")
MSCHAP2_RESPONSE = bytes.fromhex("2a0021402324255e262a28295f2b3a337c7e0000000000000000"
                                 "82309ecd8d708b5ea08faa3981cd83544233114a3d85d6df")
# RFC 2433 appendix B.2: MyPw.
MSCHAP_CHALLENGE = bytes.fromhex("102db5df085d3041")
MSCHAP_RESPONSE = bytes.fromhex("0101" + "00" * 24 + "4e9d3c8f9cfd385d5bf4d3246791956ca4c351ab409a3d61")


def attribute(kind, value):
    return bytes([kind, len(value) + 2]) + value


def vendor(number, kind, value):
    return attribute(26, struct.pack("!I", number) + attribute(kind, value))


def number(kind, value):
    return attribute(kind, struct.pack("!I", value))


def hidden(password):
    """RFC 2865 section 5.2."""
    padded = password + bytes(-len(password) % 16) or bytes(16)
    result, before = b"", AUTHENTICATOR
    for at in range(0, len(padded), 16):
        before = bytes(a ^ b for a, b in zip(padded[at : at + 16], hashlib.md5(SECRET + before).digest()))
        result += before
    return attribute(2, result)


def chap(password, challenge=None):
    response = b"\x16" + hashlib.md5(b"\x16" + password + (challenge or AUTHENTICATOR)).digest()
    return attribute(3, response) + (attribute(60, challenge) if challenge else b"")


def packet(code, attributes, signed=True):
    if signed:
        attributes += attribute(80, bytes(16))
    octets = struct.pack("!BBH", code, 7, 20 + len(attributes)) + AUTHENTICATOR + attributes
    if signed:
        octets = octets[:-16] + hmac.new(SECRET, octets, hashlib.md5).digest()
    return octets


def pppoe(user, proof):
    return (number(6, 2) + number(7, 1) + number(5, 15728650) + number(61, 15) + attribute(1, user)
            + attribute(31, b"AA:BB:CC:00:00:01") + attribute(30, b"pppoe-in") + attribute(87, b"ether2")
            + attribute(44, b"81a00001") + proof + attribute(32, b"tower-1") + number(4, 0x0A000001))


def hotspot(user, proof):
    return (number(61, 19) + attribute(31, b"AA:BB:CC:DD:EE:0F") + attribute(30, b"hotspot1")
            + attribute(87, b"bridge") + attribute(1, user) + number(5, 2150629377) + number(8, 0x0A055802)
            + vendor(14988, 10, bytes([10, 5, 88, 2])) + proof + number(6, 1) + attribute(32, b"tower-1")
            + number(4, 0x0A000001))


def dhcp(user, proof):
    return (number(61, 15) + attribute(31, b"1:aa:bb:cc:dd:ee:f") + attribute(30, b"dhcp1")
            + attribute(87, b"bridge") + attribute(1, user) + proof + attribute(32, b"tower-1")
            + number(4, 0x0A000001) + vendor(14988, 24, b"\x01\x02"))


def seeds():
    pap, mac = hidden(b"hello"), b"AA:BB:CC:DD:EE:0F"
    mschap2 = vendor(311, 11, MSCHAP2_CHALLENGE) + vendor(311, 25, MSCHAP2_RESPONSE)
    mschap = vendor(311, 11, MSCHAP_CHALLENGE) + vendor(311, 1, MSCHAP_RESPONSE)
    eap = attribute(79, b"\x02\x03\x00\x08\x01bob")
    proxied = attribute(33, b"one") + attribute(33, b"two")
    yield "pppoe_pap", 0, packet(1, pppoe(b"bob", pap))
    yield "pppoe_pap_unsigned", 0, packet(1, pppoe(b"bob", pap), False)
    yield "pppoe_pap_ended", LATER, packet(1, pppoe(b"bob", pap))
    yield "pppoe_pap_ended_strict", LATER, packet(1, pppoe(b"strict", pap))
    yield "pppoe_pap_wrong", REPAIR, packet(1, pppoe(b"bob", hidden(b"a wrong one of over 16 octets")))
    yield "pppoe_chap", REPAIR, packet(1, pppoe(b"bob", chap(b"hello", bytes(range(100, 116)))))
    yield "pppoe_chap_long", REPAIR, packet(1, pppoe(b"bob", chap(b"hello", bytes(range(100, 120)))))
    yield "pppoe_chap_ipv6", REPAIR | OVER_IPV6, packet(1, pppoe(b"bob", chap(b"hello", b"x")))
    yield "pppoe_mschap", 0, packet(1, pppoe(b"legacy", mschap))
    yield "pppoe_mschap_wrong", REPAIR, packet(1, pppoe(b"bob", mschap))
    yield "pppoe_mschap2", 0, packet(1, pppoe(b"User", mschap2))
    yield "pppoe_mschap2_domain", REPAIR, packet(1, pppoe(b"ISP\\User", mschap2))
    yield "pppoe_mschap2_wrong", REPAIR | OVER_IPV6, packet(1, pppoe(b"bob", mschap2))
    yield "hotspot_mac", 0, packet(1, hotspot(mac, attribute(2, b"")), False)
    yield "hotspot_mac_chap", REPAIR, packet(1, hotspot(mac, chap(b"", b"16 octets of it!")))
    yield "hotspot_mac_as_password", 0, packet(1, hotspot(mac, hidden(mac)))
    yield "dhcp_mac", 0, packet(1, dhcp(b"AA-BB-CC-DD-EE-0F", hidden(b"")))
    yield "dhcp_no_password", 0, packet(1, dhcp(b"aabbccddee0f", b""), False)
    yield "eap", REPAIR, packet(1, pppoe(b"bob", eap + eap))
    yield "proxied", REPAIR, packet(1, pppoe(b"bob", pap) + proxied)
    yield "proxied_reject", REPAIR, packet(1, pppoe(b"nobody", pap) + proxied)
    yield "status_server", 0, packet(12, b"")
    yield "status_server_ipv6", REPAIR | OVER_IPV6, packet(12, number(4, 0x0A000001) + proxied)
    yield "vendor_zero", REPAIR, packet(1, pppoe(b"bob", pap) + vendor(0, 1, b"abc"))
    yield "vendors", REPAIR, packet(1, pppoe(b"bob", pap) + vendor(9, 1, b"ip:x=y") + vendor(74565, 9, b"z"))
    yield "tunnel", REPAIR, packet(1, pppoe(b"bob", pap) + attribute(64, b"\x01\x00\x00\x0d")
                                   + attribute(69, b"\x01\x80\x00" + bytes(16)) + attribute(81, b"\x0110"))
    yield "ipv6", REPAIR, packet(1, pppoe(b"bob", pap) + attribute(97, b"\x00\x40" + bytes(8))
                                 + attribute(95, bytes(16)) + attribute(241, b"\x01\x02\x03"))
    yield "rfc2865_pap", REPAIR, bytes.fromhex(
        "010000380f403f9473978057bd83d5cb98f4227a01066e656d6f02120dbe708d93d413ce3196e43f782a0aee"
        "0406c0a80110050600000003")
    yield "rfc2865_chap", 0, bytes.fromhex(
        "010100472aee86f08d0d55969ca5978e0d3367a20108666c6f707379031316e97557c316185895f293ff6344"
        "0772750406c0a80110050600000014060600000002070600000001")


def main():
    os.makedirs(FOLDER, exist_ok=True)
    for name, mode, octets in seeds():
        with open(os.path.join(FOLDER, name), "wb") as file:
            file.write(bytes([mode]) + octets)


if __name__ == "__main__":
    main()

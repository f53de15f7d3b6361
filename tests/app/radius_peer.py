#!/usr/bin/python3
"""A NAS of Python's: pyrad's client, and an MS-CHAPv2 login with the packets of RFC 2759 section 9.2 and the
keys of RFC 3079 section 3.5.3, all computed from the texts and never by our code.

radius_peer.py accept PORT SECRET USER PASSWORD   pyrad asks, verifies and decodes; "Name=value", one a line
radius_peer.py mppe PORT SECRET                   logs in as User; one "finding=value" a line
"""
import hashlib
import hmac
import os
import socket
import struct
import sys

from pyrad import client, dictionary, packet

DICTIONARY = os.path.join(os.path.dirname(__file__), "..", "radius", "pyrad.dictionary")
MICROSOFT = 311
MS_CHAP_CHALLENGE, MS_CHAP2_RESPONSE, MS_CHAP2_SUCCESS = 11, 25, 26
MS_MPPE_SEND_KEY, MS_MPPE_RECV_KEY = 16, 17

# RFC 2759 section 9.2; the password is clientPass.
AUTHENTICATOR_CHALLENGE = bytes.fromhex("5B5D7C7D7B3F2F3E3C2C602132262628")
PEER_CHALLENGE = bytes.fromhex("21402324255E262A28295F2B3A337C7E")
NT_RESPONSE = bytes.fromhex("82309ECD8D708B5EA08FAA3981CD83544233114A3D85D6DF")
PASSWORD_HASH_HASH = bytes.fromhex("41C00C584BD2D91C4017A2A12FA59F3F")
AUTHENTICATOR_RESPONSE = "S=407A5589115FD0D6209F510FE9C04566932CDA56"
# RFC 3079 section 3.5.3, for the same login.
MASTER_KEY = bytes.fromhex("FDECE3717A8C838CB388E527AE3CDD31")
SEND_START_KEY = bytes.fromhex("8B7CDC149B993A1BA118CB153F56DCCB")
MAGIC_OF_MASTER = b"This is the MPPE Master Key"
MAGIC_SERVER_RECEIVES = (b"On the client side, this is the send key; "
                         b"on the server side, it is the receive key.")


def accept(port, secret, user, password):
    nas = client.Client(server="127.0.0.1", authport=port, secret=secret,
                        dict=dictionary.Dictionary(DICTIONARY))
    nas.retries, nas.timeout = 1, 3
    request = nas.CreateAuthPacket(code=packet.AccessRequest, User_Name=user)
    request["User-Password"] = request.PwCrypt(password)
    reply = nas.SendPacket(request)  # times out where the Response Authenticator is wrong
    print("code=%d" % reply.code)
    for name in reply.keys():
        for value in reply[name]:
            if name != "Message-Authenticator":
                print("%s=%s" % (name, value.hex() if isinstance(value, bytes) else value))


def vendor_attribute(kind, value):
    inner = bytes([kind, len(value) + 2]) + value
    return bytes([26, len(inner) + 6]) + struct.pack("!I", MICROSOFT) + inner


def ms_chap2_request(secret):
    response = b"\x07\x00" + PEER_CHALLENGE + bytes(8) + NT_RESPONSE
    attributes = (bytes([80, 18]) + bytes(16) + b"\x01\x06User"
                  + vendor_attribute(MS_CHAP_CHALLENGE, AUTHENTICATOR_CHALLENGE)
                  + vendor_attribute(MS_CHAP2_RESPONSE, response))
    unsigned = struct.pack("!BBH", 1, 9, 20 + len(attributes)) + os.urandom(16) + attributes
    return unsigned[:22] + hmac.new(secret, unsigned, hashlib.md5).digest() + unsigned[38:]


def attributes_of(octets, at):
    while at < len(octets):
        yield octets[at], octets[at + 2 : at + octets[at + 1]]
        at += octets[at + 1]


def signatures_are_valid(request, reply, secret):
    digest = hashlib.md5(reply[:4] + request[4:20] + reply[20:] + secret).digest()
    zeroed = reply[:4] + request[4:20] + reply[20:22] + bytes(16) + reply[38:]
    signed = hmac.new(secret, zeroed, hashlib.md5).digest()
    return digest == reply[4:20] and reply[20:22] == bytes([80, 18]) and signed == reply[22:38]


def reveal(hidden, secret, authenticator):
    """RFC 2548 section 2.4.2: salt, then the length, the key and zeros under a chain of MD5."""
    clear, before = b"", authenticator + hidden[:2]
    for at in range(2, len(hidden), 16):
        mask = hashlib.md5(secret + before).digest()
        before = hidden[at : at + 16]
        clear += bytes(a ^ b for a, b in zip(before, mask))
    return clear[1 : 1 + clear[0]]


def start_key(master, magic):
    """RFC 3079 section 3.4, GetAsymmetricStartKey, for 128 bits."""
    return hashlib.sha1(master + bytes(40) + magic + b"\xf2" * 40).digest()[:16]


def mppe(port, secret):
    request = ms_chap2_request(secret)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nas:
        nas.settimeout(3)
        nas.connect(("127.0.0.1", port))
        nas.send(request)
        reply = nas.recv(4096)
    microsoft = {}
    for kind, value in attributes_of(reply, 20):
        if kind == 26 and struct.unpack("!I", value[:4])[0] == MICROSOFT:
            microsoft.update(attributes_of(value, 4))
    master = hashlib.sha1(PASSWORD_HASH_HASH + NT_RESPONSE + MAGIC_OF_MASTER).digest()[:16]
    findings = {
        "code": reply[0],
        "signatures": signatures_are_valid(request, reply, secret),
        "success": microsoft[MS_CHAP2_SUCCESS] == b"\x07" + AUTHENTICATOR_RESPONSE.encode(),
        "master_key_as_in_rfc_3079": master == MASTER_KEY,
        "send_key": reveal(microsoft[MS_MPPE_SEND_KEY], secret, request[4:20]) == SEND_START_KEY,
        "recv_key": reveal(microsoft[MS_MPPE_RECV_KEY], secret, request[4:20])
                    == start_key(MASTER_KEY, MAGIC_SERVER_RECEIVES),
    }
    for name, value in findings.items():
        print("%s=%d" % (name, value))


def main(command, port, secret, *rest):
    if command == "accept":
        accept(int(port), secret.encode(), *rest)
    else:
        mppe(int(port), secret.encode())


if __name__ == "__main__":
    main(*sys.argv[1:])

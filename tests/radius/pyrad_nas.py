#!/usr/bin/python3
"""A NAS made of pyrad's server, for pyrad_nas_test.cpp: takes CoA- and Disconnect-Requests on 127.0.0.1.

pyrad_nas.py SECRET
Prints "port=NUMBER", then a line for each request: its signatures and attributes. It refuses those of the
user "nobody" with Error-Cause 503 and acknowledges all others.
"""
import logging
import os
import sys

from pyrad import dictionary, packet, server

import pyrad_peer

DICTIONARY = dictionary.Dictionary(os.path.join(os.path.dirname(__file__), "pyrad.dictionary"))
SESSION_CONTEXT_NOT_FOUND = 503


class Nas(server.Server):
    _realauthfds = ()
    _realacctfds = ()

    def answer(self, request, ack, nak):
        verified = request.VerifyCoARequest()
        got, expected = pyrad_peer.message_authenticator(request.raw_packet, request.secret, bytes(16))
        words = ["code=%d" % request.code, "verified=%d" % verified, "signed=%d" % (got == expected)]
        for name in sorted(key for key in request.keys() if key != "Message-Authenticator"):
            words.extend("%s=%s" % (name, value) for value in request[name])
        print(" ".join(words), flush=True)
        if not verified:
            return
        reply = self.CreateReplyPacket(request)
        reply.code = ack
        if request["User-Name"] == ["nobody"]:
            reply.code = nak
            reply["Error-Cause"] = SESSION_CONTEXT_NOT_FOUND
        self.SendReplyPacket(request.fd, reply)

    def HandleCoaPacket(self, pkt):
        self.answer(pkt, packet.CoAACK, packet.CoANAK)

    def HandleDisconnectPacket(self, pkt):
        self.answer(pkt, packet.DisconnectACK, packet.DisconnectNAK)


def main(secret):
    logging.basicConfig(level=logging.INFO)
    nas = Nas(coaport=0, dict=DICTIONARY, auth_enabled=False, acct_enabled=False, coa_enabled=True)
    nas.hosts["127.0.0.1"] = server.RemoteHost("127.0.0.1", secret.encode(), "localhost")
    nas.BindToAddress("127.0.0.1")
    print("port=%d" % nas.coafds[0].getsockname()[1], flush=True)
    nas.Run()


if __name__ == "__main__":
    main(sys.argv[1])

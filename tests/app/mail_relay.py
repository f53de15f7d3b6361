#!/usr/bin/python3
"""A mail relay on loopback (aiosmtpd), and an HTTP gateway (http.server), which write what they got as a line
of JSON; the mail is read by Python's email package. Not a line of ours sends or reads here.

mail_relay.py smtp MODE [CERTIFICATE KEY]   MODE: plain, starttls, tls; -auth: a login is needed; -login: by
                                            AUTH LOGIN
mail_relay.py rude WHAT                     answers in a way that no relay should
mail_relay.py http STATUSES [CERTIFICATE KEY]   "500,200": one answer after the other, the last one for good

The first line says on which port: "port 4711".
"""
import email
import email.policy
import http.server
import json
import socket
import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

USER, PASSWORD = b"gardu@example.net", "pa55 wörd".encode()


def say(**what):
    print(json.dumps(what), flush=True)


class Mailbox:
    """Refuses "nobody", puts off "later", and does not know us where the mail is "foreign"."""

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later@"):
            return "451 4.2.1 come back later"
        if address.startswith("foreign@"):
            return "554 5.7.1 relay access denied"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        mail = email.message_from_bytes(envelope.original_content, policy=email.policy.default)
        longest = max(len(line) for line in envelope.original_content.split(b"\r\n"))
        login = session.auth_data.login.decode() if session.auth_data else None
        say(sender=envelope.mail_from, recipients=envelope.rcpt_tos, subject=mail["subject"],
            mail_from=str(mail["from"]), to=str(mail["to"]), id=mail["message-id"],
            date=mail["date"].datetime.timestamp(), user=login,
            body=mail.get_content().replace("\r\n", "\n"), longest=longest,
            defects=[str(defect) for defect in mail.defects], tls=bool(session.ssl) or server.is_tls)
        return "250 taken as 4711"


def check_login(server, session, envelope, mechanism, data):
    right = (data.login, data.password) == (USER, PASSWORD)
    return AuthResult(success=right, handled=False, auth_data=data)


def server_context(files):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*files)
    return context


class Relay(Controller):
    def factory(self):
        server = super().factory()
        server.is_tls = self.ssl_context is not None
        return server


def run_smtp(mode, files):
    kind, _, login = mode.partition("-")
    options = {}
    if kind == "starttls":
        options |= {"tls_context": server_context(files), "require_starttls": True}
    if login:
        options |= {"auth_required": True, "authenticator": check_login,
                    "auth_require_tls": kind == "starttls"}
    if login == "login":
        options |= {"auth_exclude_mechanism": ["PLAIN"]}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    relay = Relay(Mailbox(), hostname="127.0.0.1", port=port,
                  ssl_context=server_context(files) if kind == "tls" else None, **options)
    relay.start()
    print("port", port, flush=True)
    while True:
        time.sleep(1)


# What is said after accepting, each after something was read where a dialog has begun.
RUDE = {
    "half": [b"220 hello\r\n", b"250-one\r\n"],
    "closed": [b"220 hel"],
    "http": [b"HTTP/1.1 400 Bad Request\r\n\r\n"],
    "endless": [b"220-" + b"x" * 70 + b"\r\n"] * 1000,
    "line": [b"220 " + b"x" * 100_000],
    "busy": [b"421 4.3.2 closing\r\n"],
    "injected": [b"220 hello\r\n", b"250 STARTTLS\r\n", b"220 go\r\n250 AUTH PLAIN\r\n"],
    "silent": [],
    "anywhere": [],
}


def run_rude(what):
    listener = socket.create_server(("" if what == "anywhere" else "127.0.0.1", 0))
    print("port", listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        try:
            for number, line in enumerate(RUDE[what]):
                if number != 0 and what in ("half", "injected"):
                    connection.recv(1000)
                connection.sendall(line)
            if not RUDE[what]:
                time.sleep(60)
        except OSError:
            pass
        connection.close()


class Gateway(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    statuses = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        say(path=self.path, body=body, headers={name.lower(): value for name, value in self.headers.items()})
        status = self.statuses[0] if len(self.statuses) == 1 else self.statuses.pop(0)
        if status == 0:
            time.sleep(60)
        answer = b'{"detail": "id 4711\n\xff\x00"}'
        self.send_response(status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def run_http(statuses, files):
    Gateway.statuses = [int(status) for status in statuses.split(",")]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    if files:
        server.socket = server_context(files).wrap_socket(server.socket, server_side=True)
    print("port", server.server_port, flush=True)
    server.serve_forever()


def main():
    what, mode, *files = sys.argv[1:]
    if what == "smtp":
        run_smtp(mode, files)
    elif what == "http":
        run_http(mode, files)
    else:
        run_rude(mode)


if __name__ == "__main__":
    main()

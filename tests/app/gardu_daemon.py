"""The real daemon as a test's own process, and octets of RADIUS packets that share no code with it."""
import json
import os
import re
import signal
import struct
import subprocess
import tempfile
import time


class Lost(Exception):
    """What the comparison found."""


def attribute(number, value):
    return bytes([number, len(value) + 2]) + value


def integer(number, value):
    return attribute(number, struct.pack("!I", value))


class Daemon:
    running = []

    def __init__(self, program, folder, options=(), environment=None):
        self.program, self.folder = program, folder
        self.options = list(options)
        self.environment = dict(os.environ, **(environment or {}))
        self.process = None
        self.ports = {"auth": 0, "acct": 0, "web": 0}

    def command(self, *words, check=True):
        done = subprocess.run([self.program, "-D", "data.dir=" + self.folder, *self.options, *words],
                              capture_output=True, text=True, env=self.environment, timeout=120)
        if check and done.returncode != 0:
            raise Lost("gardu %s: %s%s" % (" ".join(words), done.stdout, done.stderr))
        return done.stdout

    def start(self):
        self.output = log = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(
            [self.program, "-D", "data.dir=" + self.folder, *self.options,
             "-D", "radius.auth.listen=127.0.0.1:%d" % self.ports["auth"],
             "-D", "radius.acct.listen=127.0.0.1:%d" % self.ports["acct"],
             "-D", "web.listen=127.0.0.1:%d" % self.ports["web"], "serve"],
            stdout=log, stderr=log, env=self.environment)
        Daemon.running.append(self.process)
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            log.seek(0)
            text = log.read()
            ready = re.search(r"event=ready .*", text)
            if ready:
                for name in self.ports:
                    self.ports[name] = int(re.search(name + r"=127\.0\.0\.1:(\d+)", ready[0])[1])
                return
            time.sleep(0.02)
        log.seek(0)
        raise Lost("the daemon does not start: " + log.read()[-2000:])

    def log(self):
        """Its last words."""
        self.output.seek(0)
        return self.output.read()[-3000:]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(60) != 0:
            raise Lost("the daemon ended with %d" % self.process.returncode)

    def wait_applied(self, limit=60):
        end = time.monotonic() + limit
        while json.loads(self.command("--json", "journal", "status"))["waiting_records"] != 0:
            if time.monotonic() > end:
                raise Lost("the journal does not get empty")
            time.sleep(0.05)

    def sessions(self):
        return json.loads(self.command("--json", "session", "list", "--all"))

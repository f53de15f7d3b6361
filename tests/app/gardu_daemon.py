"""The real daemon as a test's own process, and octets of RADIUS packets that share no code with it."""
import json
import os
import re
import shutil
import signal
import socket
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
        self.output = log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [self.program, "-D", "data.dir=" + self.folder, *self.options,
             "-D", "radius.auth.listen=127.0.0.1:%d" % self.ports["auth"],
             "-D", "radius.acct.listen=127.0.0.1:%d" % self.ports["acct"],
             "-D", "web.listen=127.0.0.1:%d" % self.ports["web"], "serve"],
            stdout=log, stderr=log, env=self.environment)
        Daemon.running.append(self.process)
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            ready = re.search(r"event=ready .*\n", self.log())
            if ready:
                for name in self.ports:
                    self.ports[name] = int(re.search(name + r"=127\.0\.0\.1:(\d+)", ready[0])[1])
                return
            time.sleep(0.02)
        raise Lost("the daemon does not start: " + self.last_words())

    def log(self):
        # By offset: the daemon shares the place in the file with us, and would write where we stopped.
        size = os.fstat(self.output.fileno()).st_size
        return os.pread(self.output.fileno(), size, 0).decode()

    def last_words(self):
        return self.log()[-3000:]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(60) != 0:
            raise Lost("the daemon ended with %d" % self.process.returncode)

    def wait_applied(self, limit=60):
        end = time.monotonic() + limit
        while (status := json.loads(self.command("--json", "journal", "status")))["waiting_records"] != 0:
            if time.monotonic() > end:
                raise Lost("the journal does not get empty: %s\n%s" % (json.dumps(status), self.last_words()))
            time.sleep(0.05)

    def sessions(self):
        return json.loads(self.command("--json", "session", "list", "--all"))


class MariaDb:
    def __init__(self, folder):
        self.folder = os.path.join(folder, "mariadb")
        os.makedirs(self.folder + "/tmp")
        self.user = ["--user=root"] if os.geteuid() == 0 else []
        subprocess.run(["mariadb-install-db", "--no-defaults", "--datadir=" + self.folder + "/data",
                        "--skip-test-db", "--auth-root-authentication-method=normal", *self.user],
                       check=True, capture_output=True)
        probe = socket.socket()
        probe.bind(("127.0.0.1", 0))
        self.port = probe.getsockname()[1]
        probe.close()
        self.start()
        self.sql("CREATE DATABASE oracle; CREATE USER gardu@'127.0.0.1' IDENTIFIED BY 'secret';"
                 "GRANT ALL ON oracle.* TO gardu@'127.0.0.1'")
        self.url = "mysql://gardu:secret@127.0.0.1:%d/oracle" % self.port

    def socket(self):
        return self.folder + "/s"

    def sql(self, text):
        subprocess.run(["mariadb", "--no-defaults", "-uroot", "--socket=" + self.socket(), "-e", text],
                       check=True)

    def start(self):
        program = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
        self.process = subprocess.Popen(
            [program, "--no-defaults", "--datadir=" + self.folder + "/data",
             "--tmpdir=" + self.folder + "/tmp", "--socket=" + self.socket(),
             "--bind-address=127.0.0.1", "--port=%d" % self.port,
             "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=1", "--innodb-use-native-aio=0",
             "--performance-schema=OFF", "--innodb-buffer-pool-size=64M", *self.user],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 60
        ping = ["mariadb-admin", "--no-defaults", "-uroot", "--socket=" + self.socket(), "ping"]
        while subprocess.run(ping, capture_output=True).returncode != 0:
            if time.monotonic() > end:
                raise Lost("MariaDB does not start")
            time.sleep(0.1)

    def kill(self):
        self.process.kill()
        self.process.wait()

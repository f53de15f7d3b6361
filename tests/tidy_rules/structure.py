"""Who may include whom (ARCHITECTURE.md): the table of folders, the kinds of files; and what a header has."""

import fnmatch
import re

from tidy_rules.tree import PRODUCT_FOLDERS, folder_of, unit_of

FOLDERS = {
    "core": {"core"},
    "billing": {"billing", "core"},
    "radius": {"radius", "billing", "core"},
    "routeros": {"routeros", "core"},
    "webadmin": {"webadmin", "radius", "billing", "routeros", "core"},
    "app": set(PRODUCT_FOLDERS),
    "bench": {"bench", "tests", *PRODUCT_FOLDERS},
    "tests": {"bench", "tests", *PRODUCT_FOLDERS},
}

# Files that own something of the machine and are outside the kinds, each by name.
PLATFORM = {
    "core/db": "the database itself",
    "core/db_error": "what the database libraries' errors mean",
    "core/db_statements": "prepared statements of the database libraries",
    "core/db_mysql": "MariaDB's C interface under them",
    "core/db_sqlite": "SQLite's C interface under them",
    "core/schema": "migrates the database at start",
    "core/config": "reads the configuration file and the environment",
    "core/clock": "reads the clock",
    "core/log": "writes the log",
    "core/entropy": "asks the machine for random octets",
    "core/vault": "reads the key file",
    "core/vault_store": "keeps the data keys of the vault",
    "core/metrics": "counters of the process",
    "core/guarded": "the lock around shared data",
    "core/alarms": "shared memory in which any thread raises alarms",
    "radius/wire": "calls the C library, which keeps its dictionary in the process",
    "radius/wire_c": "the C side of wire",
    "radius/wire_dictionary": "the part of wire that asks the dictionary",
    "radius/journal": "the file that makes accounting durable",
    "radius/journal_sqlite": "SQLite's C interface under it",
    "radius/directory": "shared memory of the access workers, which follows the database",
    "radius/reply_cache": "shared memory of the access workers",
    "radius/auth_log": "shared memory of the access workers and of the thread that writes the log",
    "radius/session_registry": "shared memory of the access and accounting workers and of the Enforcer",
    "radius/nas_table": "shared memory of the access and accounting workers",
}

KIND_ENDINGS = {"_store": "store", "_service": "service", "_run": "service", "_handler": "service",
                "_server": "edge", "_client": "edge"}

# kind: (kinds it may include, platform files it may include)
MAY_INCLUDE = {
    "pure": ({"pure"}, set()),
    # core/entropy: a new row's id and a nonce decide nothing.
    "store": ({"pure", "store"},
              {"core/db", "core/schema", "core/vault", "core/vault_store", "core/entropy"}),
    "service": ({"pure", "store", "service"}, set(PLATFORM) - {"core/clock"}),
    "edge": ({"pure", "service", "edge"}, set(PLATFORM)),
}

# The standard library without what reaches the machine: files, streams of the process, threads, locks,
# random devices.
PURE_STANDARD = set("""
    algorithm any array bit bitset cassert cctype cerrno cfloat charconv chrono cinttypes climits cmath
    compare complex concepts coroutine cstdarg cstddef cstdint cstdio cstdlib cstring ctime cuchar cwchar
    cwctype deque exception execution forward_list functional initializer_list iomanip ios iosfwd istream
    iterator limits list locale map memory memory_resource new numbers numeric optional ostream queue ranges
    ratio regex scoped_allocator set source_location span sstream stack stdexcept streambuf string
    string_view system_error tuple type_traits typeindex typeinfo unordered_map unordered_set utility
    valarray variant vector version
""".split())

# Other headers that compute and touch nothing, with where they may be used.
PURE_LIBRARIES = {
    "nlohmann/*": ("webadmin/*", "JSON text to values and back"),
    "nlohmann/json.hpp": ("billing/*", "JSON text to values and back"),
    "csv.h": ("core/csv.cpp", "libcsv parses octets that we give it"),
    "openssl/*": ("radius/*", "digests of octets"),
    "openssl/crypto.h": ("core/*", "comparing in constant time, and wiping"),
    "arpa/inet.h": ("*", "inet_pton and inet_ntop: addresses to text and back"),
    "date/*": ("core/calendar*", "the time zones"),
}

SOCKET_HEADERS = ("sys/socket.h", "sys/un.h", "sys/epoll.h", "netinet/*", "netdb.h", "poll.h", "Poco/Net/*")
THREAD_HEADERS = ("thread", "Poco/Thread*.h", "pthread.h", "future")

# A library that only one place may know: (headers, files, what it is).
OWNERS = (
    (("Poco/Data/*", "sqlite3.h", "mysql*", "mariadb*"),
     ("core/db.cpp", "core/db_*.cpp", "radius/journal_sqlite.cpp"),
     "the database libraries"),
    (("freeradius/*", "talloc.h"), ("radius/wire.c", "radius/shim/*", "radius/wire_c.h"), "libfreeradius"),
    (("prometheus/*",), ("core/metrics.cpp",), "the metrics library"),
    (("date/*",), ("core/calendar.cpp",), "the time zone library"),
    (("CLI/*",), ("app/*",), "the command line's library"),
)

# Headers that may look otherwise.
PLAIN_HEADERS = {"radius/shim/*": "an empty header that Debian's libfreeradius-dev forgot"}


def any_match(name, patterns):
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def kind_of(path):
    """pure, store, service, edge; platform for the files above; free where the kinds do not apply."""
    folder, unit = folder_of(path), unit_of(path)
    if folder not in PRODUCT_FOLDERS or folder == "app" or path.startswith("radius/shim/"):
        return "free"
    if unit in PLATFORM:
        return "platform"
    stem = unit.rsplit("/", 1)[1]
    if stem in ("main", "client", "server"):
        return "edge"
    for ending, kind in KIND_ENDINGS.items():
        if stem.endswith(ending):
            return kind
    return "pure"


def folder_table(tree):
    for path in tree.cpp():
        folder = folder_of(path)
        for line, name, quoted in tree.source(path).includes():
            if not quoted:
                continue
            if folder_of(name) not in FOLDERS:
                yield path, line, f'"{name}": our headers are included as "folder/name.h"'
            elif folder in FOLDERS and folder_of(name) not in FOLDERS[folder]:
                yield path, line, f"{folder}/ may not include {name}"


def kinds_of_ours(tree):
    for path in tree.product_cpp():
        kind = kind_of(path)
        if kind not in MAY_INCLUDE:
            continue
        kinds, platform = MAY_INCLUDE[kind]
        for line, name, quoted in tree.source(path).includes():
            if not quoted or unit_of(name) == unit_of(path) or folder_of(name) not in FOLDERS:
                continue
            other = kind_of(name)
            if other == "platform":
                allowed = unit_of(name) in platform
            else:
                allowed = other in kinds or other == "free"
            if not allowed:
                yield path, line, f"{kind} file includes {name} ({other})"


def kinds_of_system(tree):
    for path in tree.product_cpp():
        kind = kind_of(path)
        for line, name, quoted in tree.source(path).includes():
            if quoted:
                continue
            if kind == "pure" and not is_pure_header(path, name):
                yield path, line, f"pure file includes <{name}>"
            elif kind in ("store", "service") and any_match(name, SOCKET_HEADERS):
                yield path, line, f"{kind} file includes <{name}>: sockets are for _server and _client files"
            elif kind in ("store", "service") and any_match(name, THREAD_HEADERS):
                yield path, line, f"{kind} file includes <{name}>: threads are for _server files and app/"


def is_pure_header(path, name):
    if name in PURE_STANDARD or (name.endswith(".h") and "c" + name[:-2] in PURE_STANDARD):
        return True
    return any(fnmatch.fnmatchcase(name, header) and fnmatch.fnmatchcase(path, where)
               for header, (where, _) in PURE_LIBRARIES.items())


def one_owner(tree):
    for path in tree.product_cpp():
        for line, name, _ in tree.source(path).includes():
            for headers, files, what in OWNERS:
                if any_match(name, headers) and not any_match(path, files):
                    yield path, line, f"<{name}>: {what} belong to {' '.join(files)} alone"


def headers(tree):
    for path in tree.cpp():
        if not path.endswith(".h") or any_match(path, PLAIN_HEADERS):
            continue
        lines = tree.text(path).split("\n") + ["", ""]
        if lines[0] != "#pragma once":
            yield path, 1, "a header starts with #pragma once"
        elif not re.match(r"//|/\*", lines[1]):
            yield path, 2, "after #pragma once comes a comment: what this is, who owns it, which thread"


RULES = (folder_table, kinds_of_ours, kinds_of_system, one_owner, headers)

#!/usr/bin/python3
"""Self-test of tidy.py: each rule refuses a small tree that breaks it, and takes one that does not."""

import pathlib
import tempfile
import unittest

import tidy

HEADER = "#pragma once\n// What it is. Pure.\n"


def findings(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tidy.findings(folder)


class TidyTest(unittest.TestCase):
    def refused(self, path, text, line, words, **others):
        """`others`: further files, with two underscores for a slash in their names."""
        self.refused_tree({path: text, **others}, path, line, words)

    def refused_tree(self, files, path, line, words):
        found = findings(files)
        right = [entry for entry in found if entry[:2] == (path, line) and words in entry[2]]
        self.assertTrue(right, f"no '{words}' at {path}:{line} in {found}")

    def accepted(self, path, text):
        self.accepted_tree({path: text})

    def accepted_tree(self, files):
        self.assertEqual([], findings(files))


class Structure(TidyTest):
    def test_core_includes_nothing_of_ours(self):
        self.refused("core/ids.cpp", '#include "billing/tax.h"\n', 1, "core/ may not include billing/tax.h")

    def test_billing_does_not_know_packets(self):
        self.refused("billing/tax.cpp", '\n#include "radius/packet.h"\n', 2, "billing/ may not include")

    def test_routeros_knows_core_only(self):
        self.refused("routeros/word.cpp", '#include "billing/tax.h"\n', 1, "routeros/ may not include")

    def test_nothing_includes_app(self):
        self.refused("webadmin/json.cpp", '#include "app/daemon.h"\n', 1, "webadmin/ may not include")

    def test_downward_includes_are_right(self):
        self.accepted_tree({
            "radius/access_policy.cpp": '#include "billing/entitlement.h"\n#include "core/calendar.h"\n',
            "app/enforcer.cpp": '#include "radius/dynauth_client.h"\n',
            "tests/billing/tax_test.cpp": '#include "radius/packet.h"\n'})

    def test_includes_name_the_folder(self):
        self.refused("core/ids.cpp", '#include "ids.h"\n', 1, '"folder/name.h"')

    def test_pure_includes_pure_only(self):
        for name in ("core/db.h", "core/clock.h", "billing/invoice_store.h", "billing/payment_service.h"):
            with self.subTest(name):
                self.refused("billing/tax.cpp", f'#include "{name}"\n', 1, f"pure file includes {name}")

    def test_pure_touches_no_machine(self):
        for name in ("sys/socket.h", "Poco/Net/Socket.h", "thread", "mutex", "fstream", "random", "unistd.h"):
            with self.subTest(name):
                self.refused("radius/reply.cpp", f"#include <{name}>\n", 1, f"pure file includes <{name}>")

    def test_store_has_no_sockets_and_no_services(self):
        self.refused("billing/tax_store.cpp", "#include <sys/socket.h>\n", 1, "sockets are for")
        self.refused("billing/tax_store.cpp", "#include <thread>\n", 1, "threads are for")
        service = '#include "billing/payment_service.h"\n'
        self.refused("billing/tax_store.cpp", service, 1, "store file includes")

    def test_store_and_service_use_the_database(self):
        self.accepted_tree({
            "billing/tax_store.cpp": '#include "core/db.h"\n#include "billing/tax.h"\n',
            "billing/billing_run.cpp": '#include "core/db.h"\n#include "billing/tax_store.h"\n',
            "radius/access_service.cpp": '#include "radius/directory.h"\n#include "core/log.h"\n'})

    def test_service_takes_now_and_knows_no_edge(self):
        self.refused("billing/billing_run.cpp", '#include "core/clock.h"\n', 1, "service file includes")
        self.refused("radius/access_service.cpp", '#include "radius/access_server.h"\n', 1, "(edge)")

    def test_edge_calls_a_service_not_a_store(self):
        self.refused("radius/access_server.cpp", '#include "radius/nas_store.h"\n', 1, "edge file includes")
        self.accepted("radius/access_server.cpp", '#include "radius/access_service.h"\n#include <thread>\n')

    def test_one_owner(self):
        self.refused("app/daemon.cpp", "#include <Poco/Data/Session.h>\n", 1, "the database libraries")
        self.refused("radius/wire.cpp", "#include <freeradius/libradius.h>\n", 1, "libfreeradius")
        self.accepted("core/db.cpp", "#include <Poco/Data/Session.h>\n")

    def test_header_starts_with_pragma_and_comment(self):
        self.refused("core/ids.h", "// Ids.\n#pragma once\n", 1, "#pragma once")
        self.refused("core/ids.h", "#pragma once\n\nint a();\n", 2, "comes a comment")
        self.accepted("core/ids.h", HEADER)


class Words(TidyTest):
    def test_floating_point_near_money(self):
        self.refused("billing/tax.cpp", "int a;\ndouble b;\n", 2, "minor units")
        self.refused("core/money.h", HEADER + "float a();\n", 3, "minor units")
        self.accepted("billing/tax.cpp", '// double\nauto a = "double";\nint doubled;\n')
        self.accepted("core/metrics.h", HEADER + "double value();\n")

    def test_wall_clock(self):
        for text in ("auto a = std::chrono::system_clock::now();", "auto a = std::time(nullptr);",
                     "time(NULL);"):
            with self.subTest(text):
                self.refused("app/daemon.cpp", text + "\n", 1, "core/clock.cpp")
                self.accepted("core/clock.cpp", text + "\n")
        self.accepted("app/daemon.cpp", "auto a = uptime(nullptr);\n")

    def test_steady_clock_in_pure(self):
        text = "auto a = std::chrono::steady_clock::now();\n"
        self.refused("billing/tax.cpp", text, 1, "time is an argument")
        self.accepted("radius/access_server.cpp", text)

    def test_randomness(self):
        self.refused("billing/tax.cpp", "std::random_device device;\n", 1, "randomness")
        self.accepted("core/entropy.cpp", "RAND_bytes(out, 1);\n")

    def test_threads_start_at_the_edge(self):
        self.refused("core/db.cpp", "std::thread worker;\n", 1, "threads are started")
        self.accepted("core/db.cpp", "std::this_thread::sleep_for(a);\nstd::thread::id owner;\n")

    def test_new_and_delete(self):
        self.refused("app/daemon.cpp", "auto* a = new Daemon();\n", 1, "unique_ptr")
        self.refused("app/daemon.cpp", "delete a;\n", 1, "unique_ptr")
        self.accepted("app/daemon.h", HEADER + "Daemon(const Daemon&) = delete;\n")

    def test_bare_sum(self):
        store = "billing/tax_store.cpp"
        self.refused(store, 'auto a = "SELECT "\n    "SUM(minor) FROM a";\n', 1, "bare SUM(")
        self.refused(store, 'auto a = "SELECT CAST(b AS SIGNED), SUM(c)";\n', 1, "bare SUM(")
        self.accepted(store, 'auto a = "SELECT CAST(COALESCE(SUM(b), 0) AS SIGNED)";\n')

    def test_ledger_rows_stay(self):
        store = "billing/ledger_store.cpp"
        self.refused(store, 'auto a = "UPDATE ledger_entries SET b = 1";\n', 1, "never changed")
        self.refused(store, 'auto a = "DELETE FROM ledger";\n', 1, "never changed")
        self.accepted(store, 'auto a = "INSERT INTO ledger_entries(b) VALUES (?)";\n')

    def test_built_sql(self):
        for text in ('auto a = "SELECT b FROM c WHERE d = " + name;',
                     'auto a = std::string("SELECT b FROM c WHERE d = ") + name;',
                     'auto a = head + " WHERE d = 1";',
                     'out << "UPDATE a SET b = " << name;',
                     'std::snprintf(a, 9, "SELECT b FROM c WHERE d = %s", name);',
                     'auto a = "SELECT b FROM c WHERE d IN " + list(d.size());',
                     "sql += name;",
                     "querySql.append(name);",
                     'sql += "AND b = " + name;'):
            with self.subTest(text):
                self.refused("billing/tax_store.cpp", f"void f() {{\n    {text}\n}}\n", 2, "SQL built")

    def test_sql_of_constants(self):
        for text in ('auto a = "SELECT b FROM c "\n    "WHERE d = ?";',
                     'auto a = std::string(kSelect) + " WHERE d = ?";',
                     'auto a = kSelect + " WHERE d = ?";',
                     'auto a = "SELECT b FROM c WHERE d IN " + std::string(kStates);',
                     'auto a = "SELECT b FROM c WHERE d IN " + core::placeholders(d.size()) + " ORDER BY b";',
                     'sql += " AND b = ?";',
                     "sql += kOrder;",
                     'auto a = "Update of " + name;'):
            with self.subTest(text):
                self.accepted("billing/tax_store.cpp", f"void f() {{\n    {text}\n}}\n")

    def test_unfinished(self):
        for word in ("TO" "DO", "FIX" "ME", "XX" "X:"):
            self.refused("docs/api.md", f"a\n{word} later\n", 2, word.rstrip(":"))
        self.refused("core/ids.cpp", "// XX" "X later\n", 1, "finish it")
        self.accepted("core/ids.cpp", 'auto a = "gardu-XXXXXX";\nauto b = findCurrency("XXX");\n')

    def test_lint_off_has_a_reason(self):
        off = "// NO" "LINT"
        self.refused("core/ids.cpp", f"int a;  {off}\n", 1, "without the name")
        self.refused("core/ids.cpp", f"{off}NEXTLINE(bugprone-a)\nint a;\n", 1, "without a reason")
        self.accepted("core/ids.cpp", f"int a;  {off}(bugprone-a): the protocol says so\n")
        self.accepted("core/ids.cpp", f"// The protocol says so.\nint a;  {off}(bugprone-a)\n")

    def test_commented_out_code(self):
        for text in ("// log(a, b());", "// int a = 3;", "// return a;", "// if (a) {", "// }",
                     "/// a->b(c);"):
            with self.subTest(text):
                self.refused("core/ids.cpp", f"int a;\n{text}\n", 2, "code in a comment")
        for text in ("// Waits (at most 3 s); then goes on", "//     example(a);", "// an empty one;"):
            with self.subTest(text):
                self.accepted("core/ids.cpp", text + "\n")

    def test_paths_of_one_machine(self):
        self.refused("README.md", "see /wo" "rk/main\n", 1, "one machine")
        self.accepted("README.md", "see frame/wo" "rk/ and https://gardu.example/wo" "rking\n")


class Sizes(TidyTest):
    def test_wide_line(self):
        self.refused("core/ids.cpp", "//" + "a" * 109 + "\n", 1, "111 columns")
        self.accepted("core/ids.cpp", "//" + "\u00e4" * 108 + "\n")

    def test_blanks(self):
        self.refused("core/ids.cpp", "int a;\n\tint b;\n", 2, "tab")
        self.refused("core/ids.cpp", "int a; \n", 1, "line's end")
        self.refused("core/ids.cpp", "int a;", 1, "file's end")

    def test_long_function(self):
        def function(lines):
            return "namespace a {\nint b(int c)\n" + "{\n" + "    c++;\n" * (lines - 3) + "}\n}\n"
        self.refused("core/ids.cpp", function(61), 2, "b has 61 lines")
        self.accepted("core/ids.cpp", function(60))

    def test_many_functions_are_not_a_long_one(self):
        method = "    int b(int c) const {\n" + "        c++;\n" * 20 + "    }\n"
        self.accepted("core/ids.cpp", "class A {\n" + method * 10 + "};\n")
        self.accepted("core/ids.cpp", "const Table kTable = {\n" + "    {1, 2},\n" * 100 + "};\n")

    def test_long_files(self):
        self.refused("core/ids.cpp", "int a;\n" * 451, 451, "450 is the limit")
        self.refused("core/ids.h", HEADER + "int a();\n" * 199, 201, "200 is the limit")


class Documents(TidyTest):
    CONFIG = 'const Table kTable = {\n    {"radius.auth.listen", "0.0.0.0:1812"},\n};\n'

    def test_configuration_key(self):
        self.refused("core/config.cpp", self.CONFIG, 2, "radius.auth.listen has no row")
        rows = "| Key | What |\n|---|---|\n| `radius.auth.listen` | where |\n"
        self.accepted_tree({"core/config.cpp": self.CONFIG, "docs/configuration.md": rows})
        old = "| `a.b` | old |\n"
        self.refused_tree({"core/config.cpp": self.CONFIG, "docs/configuration.md": rows + old},
                          "docs/configuration.md", 4, "a.b is not in the program")
        self.refused_tree({"core/config.cpp": self.CONFIG, "docs/configuration.md": rows,
                           "conf/gardu.conf": "# Where.\nradius.auth.lisen = 1\n"},
                          "conf/gardu.conf", 2, "no configuration key")

    def test_log_event(self):
        code = 'void f() {\n    core::logInfo(\n        "ready", {{"port", 1}});\n}\n'
        self.refused("app/daemon.cpp", code, 3, "log event ready has no row")
        self.accepted_tree({"app/daemon.cpp": code, "docs/log-events.md": "| `ready` | it is |\n"})
        self.refused("docs/log-events.md", "| `gone` | it was |\n", 1, "not in the program")
        self.refused("app/daemon.cpp", 'void f() { logError("Not Snake"); }\n', 1, "snake_case")

    def test_metric(self):
        code = 'auto a = metrics.counter("gardu_ready_total", "How often");\n'
        self.refused("app/daemon.cpp", code, 1, "metric gardu_ready_total has no row")
        self.accepted_tree({"app/daemon.cpp": code, "docs/metrics.md": "| `gardu_ready_total` | often |\n"})


class Schema(TidyTest):
    SQLITE = "conf/schema/sqlite/001_first.sql"
    MYSQL = "conf/schema/mysql/001_first.sql"

    def test_same_scripts(self):
        self.refused(self.SQLITE, "CREATE TABLE a (b BIGINT);\n", 1, "missing for mysql")

    def test_numbers(self):
        name = "/002_first.sql"
        both = {"conf/schema/sqlite" + name: "\n", "conf/schema/mysql" + name: "\n"}
        self.refused_tree(both, "conf/schema/sqlite" + name, 1, "001 is next")

    def test_same_tables_and_columns(self):
        table = ("CREATE TABLE a (\n    b BIGINT NOT NULL,\n    c CHAR(3) DEFAULT 'x,y',\n"
                 "    PRIMARY KEY (b, c)\n);\n")
        self.accepted_tree({self.SQLITE: table, self.MYSQL: table.replace("CHAR(3)", "VARCHAR(3)")})
        self.refused_tree({self.SQLITE: table, self.MYSQL: table.replace("c CHAR", "d CHAR")},
                          self.SQLITE, 3, "column a.c is not in")
        self.refused_tree({self.SQLITE: table + "CREATE TABLE e (b BIGINT);\n", self.MYSQL: table},
                          self.SQLITE, 1, "table e is not in")
        change = "ALTER TABLE a ADD COLUMN f BIGINT;\n"
        self.refused_tree({self.SQLITE: change, self.MYSQL: change.replace(" f ", " g ")},
                          self.SQLITE, 1, "column a.f is not in")

    def test_no_fractions(self):
        table = "CREATE TABLE a (\n    b DOUBLE\n);\n"
        self.refused_tree({self.SQLITE: table, self.MYSQL: table}, self.SQLITE, 2, "minor units")


class TheTreeItself(unittest.TestCase):
    def test_every_rule_is_run(self):
        for module in tidy.MODULES:
            functions = [name for name, value in vars(module).items()
                         if getattr(value, "__module__", "") == module.__name__ and callable(value)
                         and list(value.__code__.co_varnames[:value.__code__.co_argcount]) == ["tree"]]
            rules = {rule.__name__ for rule in module.RULES}
            helpers = {"sql_texts", "keys_of"}
            self.assertEqual(set(functions) - helpers, rules, module.__name__)


if __name__ == "__main__":
    unittest.main()

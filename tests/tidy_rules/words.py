"""Words that may not be used, and where."""

import fnmatch
import re

from tidy_rules.structure import kind_of
from tidy_rules.tree import PRODUCT_FOLDERS, folder_of, line_at

# (words, what to do, files it holds for, files outside of it with the reason above)
CODE_WORDS = (
    (r"\b(double|float)\b", "money is whole minor units", ("billing/*", "core/money*"), ()),
    # clock.cpp is where the clock is read; its test compares it with another reading; radius_load links
    # nothing of ours.
    (r"\b(system_clock\s*::\s*now|time\s*\(\s*(nullptr|NULL|0|&\w+)\s*\)|gettimeofday|clock_gettime"
     r"|Poco::DateTime)",
     "the wall clock is read in core/clock.cpp alone: take `now` as an argument",
     ("*",), ("core/clock.cpp", "tests/core/clock_test.cpp", "bench/radius_load.cpp")),
    (r"\b(steady_clock|high_resolution_clock)\s*::\s*now",
     "time is an argument here", ("<pure>", "<store>"), ()),
    # entropy.cpp is where randomness is made.
    (r"\b(random_device|s?rand\s*\(|random\s*\(\s*\)|RAND_bytes|getrandom|arc4random)",
     "randomness is made in core/entropy.cpp alone: take it as an argument",
     ("<product>",), ("core/entropy.cpp",)),
    (r"\bstd::j?thread\b(?!::)", "threads are started in _server files and app/", ("<product>",),
     ("app/*", "*_server.h", "*_server.cpp")),
    # POCO's HTTP server takes its handlers as new objects; tests hand CppUnit its own.
    (r"(?<![\w.>:])(new\s+[\w:(]|delete\s+[\w*(]|delete\s*\[)",
     "values or unique_ptr own things", ("<product>",), ("webadmin/http_server.cpp",)),
)

# The third one is a currency code too, so it counts only where a comment starts with it or a colon follows.
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME)\b|(?<=// )XX" r"X\b|(?<=# )XX" r"X\b|\bXX" r"X(?=:)")

# Paths of somebody's machine.
PLACES = re.compile("(?<![\\w.])/(" + "|".join(("wo" "rk", "ho" "me", "ro" "ot", "Us" "ers")) + ")/")

LINT_OFF = re.compile(r"NO" r"LINT(NEXTLINE|BEGIN|END)?\b(\([\w\-.,* ]+\))?(.*)")

COMMENTED_CODE = re.compile(
    r"^//[/!]? ?("
    r"[\w:.]+(->\w+)*\([^()]*(\([^()]*\)[^()]*)*\);"
    r"|[\w:<>*& ]+\s=\s.+;"
    r"|return\b.*;"
    r"|(if|for|while|switch)\s*\(.*\)\s*\{"
    r"|\}( else \{)?"
    r"|#\s*(include|define|if|endif)\b.*"
    r")$")

SQL_START = re.compile(r"^\s*(SELECT|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM|REPLACE\s+INTO|WITH)\b|"
                       r"\b(FROM|WHERE|VALUES|ORDER BY|GROUP BY|SET|AND|LIMIT|JOIN)\b\s*[\w.]*"
                       r"\s*(=|<|>|IN|LIKE|\(|$)")
SQL_FORMAT = re.compile(r"%[sdlu]|\{\}")
CONSTANT = r"(?:\w+::)*k[A-Z]\w*"
# placeholders(n) is question marks and commas.
HOLES = r"(?:core::)?placeholders\([^()]*(?:\(\))?\)"
CONSTANT_AFTER = re.compile(rf"\s*(?:std::string(?:_view)?\s*[({{]\s*)?(?:{CONSTANT}\b|{HOLES}|\")")
CONSTANT_BEFORE = re.compile(
    rf"(?:\b{CONSTANT}|std::string(?:_view)?\s*[({{]\s*{CONSTANT}\s*[)}}]|{HOLES}|\"\s*[)}}]?)\s*$")
SQL_VARIABLE_GROWS = re.compile(
    r"\b\w*([sS]ql|[qQ]uery|[sS]tatement)\w*\s*(?:\+=|\.\s*append\s*\()(?P<what>[^;]*)")
# The database layer makes the many-row statement and runs the scripts; it never sees a value of ours as text.
SQL_BUILDERS = ("core/db.cpp", "core/db_*.cpp", "core/schema.cpp")


def holds(path, patterns):
    for pattern in patterns:
        if pattern == "<product>":
            matches = folder_of(path) in PRODUCT_FOLDERS
        elif pattern.startswith("<"):
            matches = f"<{kind_of(path)}>" == pattern
        else:
            matches = fnmatch.fnmatchcase(path, pattern)
        if matches:
            return True
    return False


def in_code(tree):
    for path in tree.cpp():
        for pattern, why, where, outside in CODE_WORDS:
            if holds(path, where) and not holds(path, outside):
                for line, match in tree.source(path).matches(pattern):
                    yield path, line, f"`{match[0].strip()}`: {why}"


def sql_texts(tree):
    """(path, line, SQL or other literal)"""
    for path in tree.product_cpp():
        source = tree.source(path)
        for literal in source.literals:
            yield path, source.line(literal.begin), literal.text
    for path in tree.ours():
        if path.endswith(".sql"):
            yield path, 1, tree.text(path)


def bare_sums(tree):
    for path, line, text in sql_texts(tree):
        for match in re.finditer(r"\b(SUM|AVG|TOTAL)\s*\(", text):
            if not stands_in_cast(text[:match.start()]):
                yield (path, line + text.count("\n", 0, match.start()),
                       f"bare {match[1]}(: MariaDB gives a double; CAST({match[1]}(x) AS SIGNED)")


def stands_in_cast(before):
    depth = 0
    for at in range(len(before) - 1, -1, -1):
        if before[at] == ")":
            depth += 1
        elif before[at] == "(" and depth > 0:
            depth -= 1
        elif before[at] == "(" and re.search(r"\bCAST\s*$", before[:at]):
            return True
    return False


def ledger_is_written_once(tree):
    for path, line, text in sql_texts(tree):
        for match in re.finditer(r"\b(UPDATE|DELETE\s+FROM|REPLACE\s+INTO)\s+`?ledger\w*", text):
            yield (path, line + text.count("\n", 0, match.start()),
                   f"`{match[0]}`: a ledger row is never changed; post a new one")


def built_sql(tree):
    for path in tree.product_cpp():
        if holds(path, SQL_BUILDERS):
            continue
        source = tree.source(path)
        for literal in source.literals:
            if SQL_START.search(literal.text) and is_built(source, literal):
                yield path, source.line(literal.begin), "SQL built from strings: pass values as parameters"
        for line, match in source.matches(SQL_VARIABLE_GROWS):
            what = slice(*match.span("what"))
            joined = re.search(r"\+|\.\s*append\b", source.code[what])
            if joined or not CONSTANT_AFTER.match(source.text[what]):
                yield path, line, "SQL built from strings: pass values as parameters"


def is_built(source, literal):
    """Joined with something that is neither a literal nor a constant, or a format with holes."""
    before = source.code[max(0, literal.begin - 200):literal.begin].rstrip()
    if re.search(r"(printf|format)\s*\([^()]*$", before) and SQL_FORMAT.search(literal.text):
        return True
    after = re.match(r"\s*(\+|<<)(?![+=])", source.code[literal.end:])
    if after and not CONSTANT_AFTER.match(source.text[literal.end + after.end():]):
        return True
    append = re.match(r"\s*[)}]\s*\.\s*append\s*\(|\s*[)}]\s*\+(?![+=])", source.code[literal.end:])
    if append and not CONSTANT_AFTER.match(source.text[literal.end + append.end():]):
        return True
    join = re.search(r"(?<!\+)\+\s*$", before)
    # The text in front of the literal, with literals in it, since one may stand before the sign.
    shown = source.text[max(0, literal.begin - 200):literal.begin].rstrip()[:-1]
    return bool(join) and not CONSTANT_BEFORE.search(shown)


def in_comments(tree):
    for path in tree.cpp():
        source = tree.source(path)
        for offset, comment in source.comments:
            line = source.line(offset)
            if COMMENTED_CODE.match(comment):
                yield path, line, "code in a comment: Git keeps what was"
            yield from lint_off(tree, path, line, comment)


def lint_off(tree, path, line, comment):
    off = LINT_OFF.search(comment)
    if not off or off[1] == "END":
        return
    if not off[2]:
        yield path, line, f"{off[0].split()[0]} without the name of the check"
    elif not re.match(r"\s*[:,-]+\s*\w+", off[3]) and not re.match(r"\s*//", line_before(tree, path, line)):
        yield path, line, f"{off[0].split()[0]} without a reason after it or in a comment above it"


def line_before(tree, path, line):
    return tree.text(path).split("\n")[line - 2] if line > 1 else ""


def in_any_text(tree):
    for path in tree.ours():
        text = tree.text(path)
        for match in UNFINISHED.finditer(text):
            yield path, line_at(text, match.start()), f"{match[0]}: finish it, or write it down as an issue"
        for match in PLACES.finditer(text):
            yield path, line_at(text, match.start()), f"{match[0]} is a path of one machine"


RULES = (in_code, bare_sums, ledger_is_written_once, built_sql, in_comments, in_any_text)

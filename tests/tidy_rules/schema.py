"""The schema's two dialects have the same scripts, tables and columns; money is never a fraction."""

import re

from tidy_rules.tree import line_at

DIALECTS = ("sqlite", "mysql")
NOT_COLUMNS = {"PRIMARY", "UNIQUE", "KEY", "INDEX", "CONSTRAINT", "FOREIGN", "CHECK", "FULLTEXT"}
TABLE_NAME = r"(?:IF\s+(?:NOT\s+)?EXISTS\s+)?[`\"]?(\w+)[`\"]?"


def scripts_of(tree, dialect):
    """file name: path"""
    start = f"conf/schema/{dialect}/"
    scripts = (path for path in tree.paths if path.startswith(start) and path.endswith(".sql"))
    return {path[len(start):]: path for path in scripts}


def same_scripts(tree):
    first, second = (scripts_of(tree, dialect) for dialect in DIALECTS)
    for name in sorted(first.keys() ^ second.keys()):
        path = first.get(name) or second[name]
        yield path, 1, f"{name} is missing for {DIALECTS[1] if name in first else DIALECTS[0]}"
    for scripts in (first, second):
        for expected, (name, path) in enumerate(sorted(scripts.items()), 1):
            number = re.match(r"(\d{3})_[a-z0-9_]+\.sql$", name)
            if not number:
                yield path, 1, "a script is called NNN_what_it_does.sql"
            elif int(number[1]) != expected:
                yield path, 1, f"script number {number[1]}; {expected:03} is next"


def without_comments(sql):
    blank = re.sub(r"--[^\n]*|/\*.*?\*/", lambda m: re.sub(r"[^\n]", " ", m[0]), sql, flags=re.DOTALL)
    return re.sub(r"'(?:[^']|'')*'", lambda m: "'" + re.sub(r"[^\n]", " ", m[0][1:-1]) + "'", blank)


def split_at_top(text):
    """Parts between commas outside of parentheses, each with its offset."""
    depth = begin = 0
    for at, character in enumerate(text + ","):
        depth += (character == "(") - (character == ")")
        if character == "," and depth <= 0:
            yield begin, text[begin:at]
            begin = at + 1


def body_of(sql, opening):
    depth = 0
    for at in range(opening, len(sql)):
        depth += (sql[at] == "(") - (sql[at] == ")")
        if depth == 0:
            return sql[opening + 1:at]
    return sql[opening + 1:]


def tables_of(sql):
    """table: {column: line}, of what the script makes or adds; dropped and renamed ones as `-name`."""
    sql = without_comments(sql)
    tables = {}
    for match in re.finditer(rf"\bCREATE\s+TABLE\s+{TABLE_NAME}\s*\(", sql, re.IGNORECASE):
        columns = tables.setdefault(match[1], {})
        for offset, part in split_at_top(body_of(sql, match.end() - 1)):
            words = re.match(r"\s*[`\"]?(\w+)", part)
            if words and words[1].upper() not in NOT_COLUMNS:
                columns[words[1]] = line_at(sql, match.end() + offset + words.start(1))
    for match in re.finditer(rf"\bALTER\s+TABLE\s+{TABLE_NAME}\s+([^;]*)", sql, re.IGNORECASE):
        for offset, part in split_at_top(match[2]):
            change = re.match(r"\s*(ADD|DROP)\s+(?:COLUMN\s+)?(?:IF\s+(?:NOT\s+)?EXISTS\s+)?[`\"]?(\w+)",
                              part, re.IGNORECASE)
            if change and change[2].upper() not in NOT_COLUMNS:
                sign = "-" if change[1].upper() == "DROP" else ""
                line = line_at(sql, match.start(2) + offset)
                tables.setdefault(match[1], {})[sign + change[2]] = line
    for match in re.finditer(rf"\bDROP\s+TABLE\s+{TABLE_NAME}", sql, re.IGNORECASE):
        tables.setdefault("-" + match[1], {})
    return tables


def same_tables(tree):
    first, second = (scripts_of(tree, dialect) for dialect in DIALECTS)
    for name in sorted(first.keys() & second.keys()):
        sides = [(path, tables_of(tree.text(path))) for path in (first[name], second[name])]
        for (path, tables), (other_path, other) in (sides, sides[::-1]):
            for table in tables:
                if table not in other:
                    yield path, 1, f"table {table} is not in {other_path}"
                for column, line in tables[table].items() if table in other else ():
                    if column not in other[table]:
                        yield path, line, f"column {table}.{column} is not in {other_path}"


def no_fractions(tree):
    for path in tree.paths:
        if path.startswith("conf/schema/") and path.endswith(".sql"):
            sql = without_comments(tree.text(path))
            for match in re.finditer(r"\b(REAL|FLOAT|DOUBLE|DECIMAL|NUMERIC)\b", sql, re.IGNORECASE):
                yield path, line_at(sql, match.start()), f"{match[0]} column: money is BIGINT minor units"


RULES = (same_scripts, same_tables, no_fractions)

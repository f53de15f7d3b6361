"""How large a line, a function and a file may be; what is clearer whole is named here."""

import re

LINE = 110
FUNCTION = 60
FILE = 450
HEADER = 200

CODE_ENDINGS = (".h", ".cpp", ".c", ".py", ".sh", ".cmake", ".sql", "CMakeLists.txt")
SCRIPTS = ("run", "test", ".ci/run")

# (file, function): why it stays whole.
LONG_FUNCTIONS = {}
# file: why it stays whole.
LONG_FILES = {}


def is_code(path):
    return path.endswith(CODE_ENDINGS) or path in SCRIPTS


def lines(tree):
    for path in filter(is_code, tree.ours()):
        text = tree.text(path)
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > LINE:
                yield path, number, f"{len(line)} columns; {LINE} is the limit"
            if "\t" in line:
                yield path, number, "tab character"
            if line != line.rstrip():
                yield path, number, "blanks at the line's end"
        if text and not text.endswith("\n"):
            yield path, text.count("\n") + 1, "no line end at the file's end"


def functions(tree):
    for path in tree.cpp():
        for name, first, last in tree.source(path).functions():
            length = last - first + 1
            if length > FUNCTION and (path, name) not in LONG_FUNCTIONS:
                yield path, first, f"{name} has {length} lines; {FUNCTION} is the limit"


def files(tree):
    for path in tree.cpp():
        limit = HEADER if path.endswith(".h") else FILE
        length = tree.text(path).count("\n")
        if length > limit and path not in LONG_FILES:
            yield path, length, f"{length} lines; {limit} is the limit"


def allowances(tree):
    """An exception that is not needed any more goes."""
    for path in LONG_FILES:
        if tree.paths and path not in tree.paths:
            yield "tests/tidy_rules/sizes.py", 1, f"LONG_FILES names {path}, which is gone"
    for path, name in LONG_FUNCTIONS:
        if not re.search(rf"\b{re.escape(name.split('::')[-1])}\s*\(", tree.text(path)):
            yield "tests/tidy_rules/sizes.py", 1, f"LONG_FUNCTIONS names {name} in {path}, which is gone"


RULES = (lines, functions, files, allowances)

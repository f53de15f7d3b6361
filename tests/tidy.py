#!/usr/bin/python3
"""The project's own rules, as a test: tidy.py [ROOT]. Prints file:line: message for each thing against them.

Each module of tidy_rules/ has RULES, functions from a Tree to findings; what is allowed in spite of a rule is
named there, with the reason.
"""

import pathlib
import sys

from tidy_rules import documents, schema, sizes, structure, words
from tidy_rules.tree import Tree

MODULES = (structure, words, sizes, documents, schema)


def findings(root):
    tree = Tree(pathlib.Path(root))
    found = {finding for module in MODULES for rule in module.RULES for finding in rule(tree)}
    return sorted(found)


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent
    found = findings(root)
    for path, line, message in found:
        print(f"{path}:{line}: {message}")
    print(f"tidy: {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

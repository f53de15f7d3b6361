"""Every configuration key, log event and metric is documented, and nothing else is."""

import re

from tidy_rules.tree import line_at

CONFIGURATION = "docs/configuration.md"
EVENTS = "docs/log-events.md"
METRICS = "docs/metrics.md"
DEFAULT_FILE = "conf/gardu.conf"

KEY = r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+"


def documented(tree, document):
    """name: line of its row; a row of a table starts with | `name`."""
    text = tree.text(document)
    return {match[1]: line_at(text, match.start(1))
            for match in re.finditer(r"^\|\s*`([^`\s{]+)[^`\n]*`", text, re.MULTILINE)}


def compare(tree, document, used, what):
    """`used`: name -> (path, line)"""
    rows = documented(tree, document)
    for name, (path, line) in used.items():
        if name not in rows:
            yield path, line, f"{what} {name} has no row in {document}"
    for name, line in rows.items():
        if name not in used:
            yield document, line, f"{what} {name} is not in the program"


def keys_of(tree):
    source = tree.source("core/config.cpp")
    keys = {}
    for literal in source.single_literals:
        starts_an_entry = source.code[:literal.begin].rstrip().endswith("{")
        if starts_an_entry and re.fullmatch(KEY, literal.text):
            keys.setdefault(literal.text, ("core/config.cpp", source.line(literal.begin)))
    return keys


def configuration_keys(tree):
    keys = keys_of(tree)
    yield from compare(tree, CONFIGURATION, keys, "configuration key")
    text = tree.text(DEFAULT_FILE)
    for match in re.finditer(rf"^({KEY})\s*=", text, re.MULTILINE):
        if match[1] not in keys:
            yield DEFAULT_FILE, line_at(text, match.start()), f"no configuration key {match[1]}"


def log_events(tree):
    used = {}
    for path in tree.product_cpp():
        source = tree.source(path)
        for literal in source.single_literals:
            if re.search(r"\blog(Debug|Info|Warning|Error)\s*\(\s*$", source.code[:literal.begin][-80:]):
                line = source.line(literal.begin)
                used.setdefault(literal.text, (path, line))
                if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", literal.text):
                    yield path, line, f'log event "{literal.text}" is not snake_case'
    # An event may reach the log through a variable: then it is some literal all the same.
    for path in tree.product_cpp():
        for literal in tree.source(path).single_literals:
            if literal.text in documented(tree, EVENTS):
                used.setdefault(literal.text, (path, tree.source(path).line(literal.begin)))
    yield from compare(tree, EVENTS, used, "log event")


def metric_names(tree):
    used = {}
    for path in tree.product_cpp():
        source = tree.source(path)
        for literal in source.literals:
            if re.fullmatch(r"gardu_[a-z0-9_]+", literal.text):
                used.setdefault(literal.text, (path, source.line(literal.begin)))
    yield from compare(tree, METRICS, used, "metric")


RULES = (configuration_keys, log_events, metric_names)

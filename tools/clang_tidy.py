#!/usr/bin/python3
"""clang-tidy over our files of a build tree: clang_tidy.py BUILD_TREE [--minutes N] [PATH_PART...]

All processors are used. A file that was clean before is skipped as long as its preprocessed text (comments
and all), the configuration and the tool are the same: ${XDG_CACHE_HOME:-~/.cache}/gardu-tidy holds one empty
file for each. With --minutes no further file is begun after that time, the ones that were committed last come
first, and those that were not looked at are counted: on a machine without that cache all of them take half an
hour.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "gardu-tidy"
# Warning options of g++ that clang does not know; -Werror would make each an error.
EXTRA = ["--extra-arg=-Wno-unknown-warning-option", "--quiet"]


def our_commands(tree, parts):
    """Entries of the compilation database whose file is ours, not made by the build."""
    commands = {}
    for entry in json.loads((tree / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["directory"], entry["file"]).resolve()
        if not path.is_relative_to(ROOT) or path.is_relative_to(tree):
            continue
        if path.suffix == ".c":
            continue  # the checks are about C++, and radius/wire.c is the one file that is not
        name = path.relative_to(ROOT).as_posix()
        if not parts or any(part in name for part in parts):
            commands[name] = entry
    return dict(sorted(commands.items()))


def preprocess_command(entry):
    words = shlex.split(entry["command"])
    kept = []
    skip = False
    for word in words:
        if skip or word == "-c":
            skip = False
        elif word == "-o":
            skip = True
        else:
            kept.append(word)
    if os.path.basename(kept[0]) == "ccache":
        kept = kept[1:]
    # Comments stay, since NOLINT is one; line markers go, since they hold the clone's path.
    return kept + ["-E", "-C", "-P"]


def fingerprint(name, entry, tool):
    """Nothing where the file does not preprocess: clang-tidy then says why."""
    text = subprocess.run(preprocess_command(entry), cwd=entry["directory"], capture_output=True, check=False)
    if text.returncode != 0:
        return None
    digest = hashlib.sha256()
    for part in (tool, name.encode(), text.stdout):
        digest.update(len(part).to_bytes(8, "little") + part)
    return digest.hexdigest()


def newest_first(names):
    """By the last commit that touched them; those of none, which are new, before all."""
    log = subprocess.run(["git", "log", "--format=", "--name-only"], cwd=ROOT, capture_output=True, text=True,
                         check=False)
    order = {}
    for line in log.stdout.splitlines():
        order.setdefault(line, len(order))
    return sorted(names, key=lambda name: order.get(name, -1))


def check(name, entry, tree, tool, deadline):
    """Returns (name, what clang-tidy said or nothing, seconds, "clean", "known" or "left")."""
    started = time.monotonic()
    key = fingerprint(name, entry, tool)
    if key and (CACHE / key).exists():
        (CACHE / key).touch()
        return name, "", time.monotonic() - started, "known"
    if time.monotonic() > deadline:
        return name, "", time.monotonic() - started, "left"
    run = subprocess.run(["clang-tidy", "-p", str(tree), *EXTRA, str(ROOT / name)],
                         capture_output=True, text=True, check=False)
    if run.returncode == 0 and key:
        (CACHE / key).touch()
    said = "" if run.returncode == 0 else (run.stdout + run.stderr).strip() or f"exit code {run.returncode}"
    return name, said, time.monotonic() - started, "clean"


def forget_old_entries():
    month_ago = time.time() - 30 * 24 * 3600
    for entry in CACHE.iterdir():
        if entry.stat().st_mtime < month_ago:
            entry.unlink(missing_ok=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tree", type=lambda text: pathlib.Path(text).resolve())
    parser.add_argument("--minutes", type=float, default=float("inf"))
    parser.add_argument("parts", nargs="*")
    options = parser.parse_intermixed_args()
    tree = options.tree
    deadline = time.monotonic() + 60 * options.minutes
    commands = our_commands(tree, options.parts)
    CACHE.mkdir(parents=True, exist_ok=True)
    forget_old_entries()
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout
    tool = version + (ROOT / ".clang-tidy").read_bytes() + " ".join(EXTRA).encode()
    failed = skipped = left = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(check, name, commands[name], tree, tool, deadline)
                for name in newest_first(commands)]
        for job in concurrent.futures.as_completed(jobs):
            name, said, seconds, state = job.result()
            skipped += state == "known"
            left += state == "left"
            failed += bool(said)
            if state == "clean":
                print(f"{'FAILED' if said else 'clean '} {seconds:5.1f} s  {name}", flush=True)
            if said:
                print(said, flush=True)
    print(f"clang-tidy: {len(commands)} files, {skipped} known to be clean, {failed} failed, "
          f"{left} not looked at")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

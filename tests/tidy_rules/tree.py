"""The files of the project, read once."""

import functools
import pathlib
import subprocess

from tidy_rules.cpp import Source

CPP_ENDINGS = (".h", ".cpp", ".c")
PRODUCT_FOLDERS = ("core", "billing", "radius", "routeros", "webadmin", "app")
# Not ours to judge by our rules: vendors' dictionaries and the browser's libraries, recorded packets, the
# licence.
FOREIGN = ("dictionaries/", "webadmin/ui/vendor/", "tests/vectors/", "tests/fuzz/corpus/", "LICENSE")


class Tree:
    def __init__(self, root):
        self.root = pathlib.Path(root)
        self.paths = sorted(path for path in self._list() if (self.root / path).is_file())

    def _list(self):
        """What Git tracks or would; without Git, all files."""
        listing = None
        if (self.root / ".git").exists():
            # A clone of another user counts as unsafe for Git; to list its files is not.
            listing = subprocess.run(
                ["git", "-c", "safe.directory=*",
                 "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
                cwd=self.root, capture_output=True, text=True, check=False)
        if listing is not None and listing.returncode == 0:
            return {path for path in listing.stdout.split("\0") if path}
        return {path.relative_to(self.root).as_posix() for path in self.root.rglob("*")
                if not path.relative_to(self.root).parts[0].startswith((".git", "build"))}

    @functools.lru_cache(maxsize=None)
    def text(self, path):
        """Nothing for a file that is not text, or not there."""
        file = self.root / path
        try:
            return file.read_text(encoding="utf-8") if file.is_file() else ""
        except UnicodeDecodeError:
            return ""

    @functools.lru_cache(maxsize=None)
    def source(self, path):
        return Source(self.text(path))

    def ours(self):
        return [path for path in self.paths if not path.startswith(FOREIGN)]

    def cpp(self):
        return [path for path in self.ours() if path.endswith(CPP_ENDINGS)]

    def product_cpp(self):
        return [path for path in self.cpp() if folder_of(path) in PRODUCT_FOLDERS]


def folder_of(path):
    return path.split("/")[0] if "/" in path else ""


def unit_of(path):
    """radius/wire.h -> radius/wire"""
    return path.rsplit(".", 1)[0]


def line_at(text, offset):
    return text.count("\n", 0, offset) + 1

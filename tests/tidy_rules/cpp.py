"""Just enough of C++: comments, literals and code told apart, with every character still in its place."""

import bisect
import dataclasses
import re

TOKEN = re.compile(
    r'(?P<line>//(?:[^\n\\]|\\.|\\\n)*)'
    r'|(?P<block>/\*.*?\*/)'
    r'|(?P<raw>(?:u8|[uUL])?R"(?P<mark>[^()\\\s]{0,16})\((?P<rawtext>.*?)\)(?P=mark)")'
    r'|(?P<string>"(?:[^"\\\n]|\\.|\\\n)*")'
    r"|(?P<char>(?<![0-9A-Za-z_])'(?:[^'\\\n]|\\.)+')", re.DOTALL)

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Literal:
    """A string literal, joined with those that stand right after it."""
    text: str
    begin: int  # offset of the opening quote
    end: int    # offset after the closing quote


class Source:
    def __init__(self, text):
        self.text = text
        self.comments = []  # (offset, text)
        pieces = []
        literals = []
        code = list(text)
        for match in TOKEN.finditer(text):
            if match["line"] or match["block"]:
                self.comments.append((match.start(), match[0]))
            elif match["raw"]:
                literals.append(Literal(match["rawtext"], match.start(), match.end()))
            elif match["string"]:
                literals.append(Literal(match[0][1:-1], match.start(), match.end()))
            pieces.append((match.start(), match.end()))
        for begin, end in pieces:
            for at in range(begin, end):
                if code[at] != "\n":
                    code[at] = " "
        self.code = "".join(code)  # comments and literals blanked
        self.single_literals = literals
        self.literals = self._joined(literals)
        self._newlines = [at for at, character in enumerate(text) if character == "\n"]

    def line(self, offset):
        return bisect.bisect_left(self._newlines, offset) + 1

    def _joined(self, literals):
        joined = []
        for literal in literals:
            # Only blanks, which comments have become, between the two.
            if joined and not self.code[joined[-1].end:literal.begin].strip():
                joined[-1] = Literal(joined[-1].text + literal.text, joined[-1].begin, literal.end)
            else:
                joined.append(literal)
        return joined

    def includes(self):
        """(line, name, whether in quotes)"""
        for match in INCLUDE.finditer(self.text):
            yield self.line(match.start()), match[1] or match[2], bool(match[1])

    def matches(self, pattern):
        """(line, match) of a pattern in the code proper."""
        for match in re.finditer(pattern, self.code):
            yield self.line(match.start()), match

    def functions(self):
        """(name, first line, last line) of each body at namespace or class scope, by its braces."""
        code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda m: re.sub(r"[^\n]", " ", m[0]), self.code,
                      flags=re.MULTILINE)
        stack = []  # "scope" or the function's (name, line), or "inner"
        head_begin = 0
        for match in re.finditer(r"[{};]", code):
            at = match.start()
            if match[0] == "{":
                stack.append(self._kind_of_brace(code[head_begin:at], stack, head_begin))
            elif match[0] == "}" and stack:
                ended = stack.pop()
                if isinstance(ended, tuple):
                    yield ended[0], ended[1], self.line(at)
            head_begin = at + 1

    def _kind_of_brace(self, head, stack, begin):
        if any(entry != "scope" for entry in stack):
            return "inner"
        is_type = re.search(r"\b(namespace|class|struct|union|enum|extern)\b", head)
        if is_type and not re.search(r"\)\s*(const|noexcept|override|final|->[^{]*)*\s*$", head):
            return "scope"
        name = re.search(r"(~?[\w:]+|operator[^\s(]+)\s*\(", head)
        if not name:
            return "inner"
        lead = len(head) - len(head.lstrip())
        return (name[1], self.line(begin + lead))

"""Where a value stands in a TOML file: key path → line and column. `tomllib` reads values but gives no positions.

It runs after `tomllib` accepted the text, so it walks well-formed TOML and checks nothing.
"""

import re

Path = tuple[str | int, ...]
Position = tuple[int, int]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}' r"|'''.*?'{3,5}" r'|"(?:\\.|[^"\\\n])*"' r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"[^,\]}#\n]+")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|.)", re.DOTALL)
_PLAIN = {"b": "\b", "t": "\t", "n": "\n", "f": "\f", "r": "\r", "e": "\x1b"}


def locate(text: str) -> dict[Path, Position]:
    """Line and column (from 1) of every key, table and array element of a well-formed TOML text."""
    return _Walk(text).run()


class _Walk:
    """One walk over the text, position by position."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, Position] = {}
        self.arrays: dict[Path, int] = {}
        self.table: Path = ()

    def run(self) -> dict[Path, Position]:
        self.blank()
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                self.header()
            else:
                self.pair(self.table)
            self.blank()
        return self.found

    def blank(self) -> None:
        """Pass over white space, line ends and comments."""
        match = _BLANK.match(self.text, self.at)
        assert match
        self.at = match.end()

    def here(self) -> Position:
        line = self.text.count("\n", 0, self.at) + 1
        return line, self.at - (self.text.rfind("\n", 0, self.at) + 1) + 1

    def mark(self, path: Path, position: Position) -> None:
        """A table opened twice (by a dotted key, by a header) keeps its first place."""
        self.found.setdefault(path, position)

    def header(self) -> None:
        """`[a.b]` or `[[a.b]]`."""
        position = self.here()
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        keys = self.keys()
        self.at = self.text.index("]", self.at) + (2 if many else 1)
        path = self.within((), keys[:-1], position)
        self.table = (*path, keys[-1])
        self.mark(self.table, position)
        if many:
            index = self.arrays[self.table] = self.arrays.get(self.table, -1) + 1
            self.table = (*self.table, index)
            self.mark(self.table, position)

    def within(self, path: Path, keys: list[str], position: Position) -> Path:
        """Go down by keys; in an array of tables, into its last table."""
        for key in keys:
            path = (*path, key)
            self.mark(path, position)
            if path in self.arrays:
                path = (*path, self.arrays[path])
        return path

    def keys(self) -> list[str]:
        """A dotted key."""
        names = []
        while True:
            self.blank()
            quoted = _STRING.match(self.text, self.at)
            match = quoted or _BARE.match(self.text, self.at)
            assert match
            self.at = match.end()
            names.append(_unquoted(match.group()) if quoted else match.group())
            self.blank()
            if not self.text.startswith(".", self.at):
                return names
            self.at += 1

    def pair(self, table: Path) -> None:
        """`key = value`."""
        position = self.here()
        keys = self.keys()
        self.at = self.text.index("=", self.at) + 1
        path = (*self.within(table, keys[:-1], position), keys[-1])
        self.mark(path, position)
        self.value(path)

    def value(self, path: Path) -> None:
        self.blank()
        first = self.text[self.at]
        if first == "[":
            self.array(path)
        elif first == "{":
            self.inline(path)
        else:
            match = _STRING.match(self.text, self.at) or _SCALAR.match(self.text, self.at)
            assert match
            self.at = match.end()

    def array(self, path: Path) -> None:
        self.at += 1
        index = 0
        while True:
            self.blank()
            if self.text[self.at] == "]":
                break
            if self.text[self.at] == ",":
                self.at += 1
                continue
            self.mark((*path, index), self.here())
            self.value((*path, index))
            index += 1
        self.at += 1

    def inline(self, path: Path) -> None:
        self.at += 1
        while True:
            self.blank()
            if self.text[self.at] == "}":
                break
            if self.text[self.at] == ",":
                self.at += 1
                continue
            self.pair(path)
        self.at += 1


def _unquoted(key: str) -> str:
    """The key that a quoted key means."""
    if key.startswith("'"):
        return key[1:-1]
    return _ESCAPE.sub(_escaped, key[1:-1])


def _escaped(match: re.Match[str]) -> str:
    code = match.group(1)
    if code[0] in "uU" and len(code) > 1:
        return chr(int(code[1:], 16))
    return _PLAIN.get(code, code)

"""One file of a city: its TOML values, where each stands, and what is wrong with it."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from crawler.checking.locator import Path as KeyPath
from crawler.checking.locator import Position, locate
from crawler.checking.problems import Problem
from crawler.model.text import Text


@dataclass
class Document:
    """A city file or a file it includes: its values, where each stands, and what is wrong with it."""

    path: Path
    values: dict[str, object] = field(default_factory=dict)
    positions: dict[KeyPath, Position] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path, *, located: bool = True) -> "Document":
        """The file's values; a file that cannot be read or is not TOML has none and one problem. Not `located`, it does
        not say where each stands, which is most of the time of a long one.
        """
        document = cls(path)
        try:
            text = path.read_text(encoding="utf-8-sig")
            document.values = tomllib.loads(text)
            document.positions = locate(text.replace("\r\n", "\n")) if located else {}
        except RecursionError:
            document.values = {}
            document.add(_deepest(text), Text("вложенность слишком глубока", "nested too deeply"))
        except UnicodeDecodeError as error:
            line = error.object[: error.start].count(b"\n") + 1
            document.add(line, Text("файл должен быть в UTF-8", "the file must be UTF-8"))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            document.add(0, Text(f"файл не читается: {reason}", f"the file cannot be read: {reason}"))
        except tomllib.TOMLDecodeError as error:
            line, column, reason = _syntax(error, text)
            document.add(line, Text(f"это не TOML: {reason}", f"this is not TOML: {reason}"), column)
        except ValueError as error:
            # A number of thousands of digits.
            document.add(0, Text(f"файл не читается: {error}", f"the file cannot be read: {error}"))
        return document

    def add(self, line: int, expected: Text, column: int = 0) -> None:
        """A problem of the file as a whole."""
        self.problems.append(Problem(self.path, line, "", "", expected, column=column))


def _deepest(text: str) -> int:
    """The line on which most brackets open."""
    lines = text.split("\n")
    return 1 + max(range(len(lines)), key=lambda at: lines[at].count("[") + lines[at].count("{"))


def _syntax(error: tomllib.TOMLDecodeError, text: str) -> tuple[int, int, str]:
    """Line, column and reason of a TOML syntax error: Python 3.11 has them in the message only."""
    match = re.fullmatch(r"(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error), re.DOTALL)
    if not match:
        return 0, 0, str(error)
    if match.group(2):
        return int(match.group(2)), int(match.group(3)), match.group(1)
    last = text.rstrip("\n")
    return last.count("\n") + 1, len(last) - (last.rfind("\n") + 1) + 1, match.group(1)

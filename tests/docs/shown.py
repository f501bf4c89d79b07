"""The commands that README, CONTRIBUTING and docs/ show: lines of ```sh blocks, and code that begins as one does."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.shell import ROOT

PAGES = [
    path
    for path in sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
    if path.name not in {"CHANGELOG.md", "decisions.md"}
]
"""What people read to use Otklik. The journals of changes and decisions tell what was run at the time."""
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`]+)`")
_BEGINS = re.compile(r"(\.venv/bin/)?(otklik|make|python|docker|git|sudo|systemctl|[A-Z_]+=\S+ docker)\s")
_ROW = re.compile(r"^\| (`.+?) \| ", re.MULTILINE)
RUSSIAN = {
    "ГОРОД": "CITY",
    "ИСТОЧНИК": "SOURCE",
    "ФАЙЛ": "FILE",
    "ЗАПРОС": "QUERY",
    "ТЕМА": "TOPIC",
    "ПУБЛИКАЦИЯ": "POST",
    "ДРУГАЯ": "OTHER",
    "АВТОР": "AUTHOR",
    "ПАПКА": "DIR",
    "ИМЯ": "NAME",
    "КЛЮЧ": "KEY",
    "КОД": "CODE",
    "мой-город": "my-city",
    "РОЛЬ": "ROLE",
}


@dataclass(frozen=True)
class Command:
    """As it is shown, in one line and with English placeholders, and the page that shows it."""

    page: str
    text: str


def commands() -> list[Command]:
    """All of them, each once a page."""
    found = {Command(_name(page), _tidy(text)): None for page in PAGES for text in _of(page)}
    return list(found)


def unmarked() -> list[str]:
    """Lines of blocks without a language that look like commands: nobody would run them."""
    blocks = [block for page in PAGES for language, block in _FENCE.findall(_text(page)) if not language]
    return [line for block in blocks for line in block.splitlines() if _BEGINS.match(line)]


def _of(page: Path) -> Iterator[str]:
    text = _text(page)
    for language, block in _FENCE.findall(text):
        if language == "sh":
            for line in block.replace("\\\n", " ").splitlines():
                yield from re.split(r"\s+&&\s+", re.sub(r"\s+# .*", "", line))
    text = _FENCE.sub("", text)
    yield from (span for span in _SPAN.findall(text) if _BEGINS.match(span))
    if page.name == "incidents.md":
        # Its table has the verbs without what all of them begin with.
        for row in _ROW.findall(text):
            yield from (f"otklik incidents CITY {span}" for span in _SPAN.findall(row))


def _text(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def _name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def _tidy(text: str) -> str:
    text = " ".join(text.replace("\\|", "|").split()).removeprefix(".venv/bin/")
    return re.sub(r"[А-ЯЁ]{3,}|мой-город", lambda word: RUSSIAN.get(word[0], word[0]), text)

"""What a shown command stands for: `[SOURCE…]`, `a|b`, `N…` and words in capitals, written out as they are typed."""

import re
import shlex
from collections.abc import Callable, Iterator

_CHOICE = re.compile(r"\[([^\]]*)\]")
_OPEN = re.compile(r"[A-Z]+…?|\S*…\S*")


def written_out(text: str, value: Callable[[str, str], str]) -> Iterator[list[str]]:
    """The words of every way to type it: without what is optional, then with one option after another.

    `value(placeholder, text)` gives the word for one in capitals in the way that is written out.
    """
    for way in dict.fromkeys(alternatives for optional in _options(text) for alternatives in _choices(optional)):
        yield [value(word.strip("«»"), way) if _OPEN.fullmatch(word) else word for word in shlex.split(way)]


def _options(text: str) -> Iterator[str]:
    yield _CHOICE.sub("", text)
    for choice in _CHOICE.finditer(text):
        for one in _one_of(choice[1]):
            yield _CHOICE.sub("", text[: choice.start()]) + one + _CHOICE.sub("", text[choice.end() :])


def _one_of(inside: str) -> list[str]:
    """`--to DIR|FILE` is a key with either value, `list|show N` are two commands."""
    first, *others = inside.split("|")
    key, _, _ = first.rpartition(" ")
    return [first, *(f"{key} {one}" if key.startswith("--") else one for one in others)]


def _choices(text: str) -> Iterator[str]:
    found = re.search(r"(?<!\S)[^\s\"'|]+(\|[^\s\"'|]+)+", text)
    if found is None:
        yield text
        return
    for one in found[0].split("|"):
        yield from _choices(text[: found.start()] + one + text[found.end() :])

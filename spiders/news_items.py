"""Which article an item of a feed is, and whether a page is the one that was asked for."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from spiders.canonical import canonical_url, is_front, needs_script, same_name
from spiders.feed import Entry
from spiders.news_cursor import Known

_FEWEST_WORDS = 2
_ENOUGH_WORDS = 4


@dataclass(frozen=True, slots=True)
class Item:
    """An article of a feed. `key` is its page's canonical address; without a page of its own (`url` is "") it is the
    feed's address with the item's number, and the feed's text is all there is.
    """

    key: str
    url: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class Task:
    """A page to ask for. `entry` is None on a re-visit of an article that the feed does not tell as new or changed."""

    key: str
    known: Known
    entry: Entry | None


def items_of(entries: tuple[Entry, ...], feed: str, known: Mapping[str, Known]) -> tuple[tuple[Item, ...], int]:
    """The articles of a feed, and how many items were left out because they are an earlier form of another one.

    A link that several items share, and one to the front page, is nobody's: a page that all of them lead to would make
    one article of them. An item stays what it was known as.
    """
    named: dict[tuple[str, str], Entry] = {}
    dropped = 0
    for entry in entries:
        first = named.setdefault(_name(entry), entry)
        dropped += first.digest != entry.digest
    shared = Counter(link for link, _ in named)
    return tuple(_items(named, shared, canonical_url(feed), known)), dropped


def _items(
    named: Mapping[tuple[str, str], Entry], shared: Mapping[str, int], feed: str, known: Mapping[str, Known]
) -> Iterator[Item]:
    for (link, name), entry in named.items():
        numbered = f"{feed}#{hashlib.blake2b(name.encode(), digest_size=8).hexdigest()}"
        before = known.get(link)
        is_shared = shared[link] > 1 and not (before and before.digest == entry.digest)
        if not link or is_front(link) or is_shared or numbered in known:
            yield Item(numbered, "", entry)
        else:
            yield Item(link, "" if needs_script(link) else entry.url, entry)


def _name(entry: Entry) -> tuple[str, str]:
    """What tells an item from others of its feed: its link, and its number unless that is the link once more."""
    link = canonical_url(entry.url)
    number = "" if link and canonical_url(entry.guid) == link else entry.guid
    return link, number or entry.title + entry.text


def is_same_article(task: Task, landed: str, declared: str, title: str) -> bool:
    """Whether the page that a redirect led to is the article asked for: it says so, it was read there before, it has
    the same name or the same title. Anything else is a section, a login, a bot check. Addresses are canonical.
    """
    if not landed:
        return False
    if task.key == declared or (task.known.post and task.known.post in {f"news:{landed}", f"news:{declared}"}):
        return True
    return same_name(task.key, landed) or bool(task.entry and same_title(task.entry.title, title))


def same_title(one: str, other: str) -> bool:
    """Whether two titles are of one article: the same words, or the first of them where a feed cuts titles."""
    first, second = sorted((_words(one), _words(other)), key=len)
    if len(first) < _FEWEST_WORDS:
        return False
    return first == second or (len(first) >= _ENOUGH_WORDS and second[: len(first)] == first)


def _words(title: str) -> list[str]:
    return re.findall(r"\w+", title.casefold().replace("ё", "е"))

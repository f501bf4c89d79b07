"""Places: what the text names, found by the rules of pipelines/toponyms.py; its thread tells which of several."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import sqlalchemy as sa

from crawler.model.city import Source
from crawler.model.items import Location, Place, PlacePrecision, Post
from crawler.model.stated import stated_from
from pipelines.draft import Draft
from search.state import archive
from search.state.database import Database
from search.state.said import Said, before, line_of, said, turn, undecided

Lines = dict[str, dict[str, Said]]
"""By thread and post id: what its posts name."""


class Finder(Protocol):
    """What finds places in a text."""

    def find(
        self, text: str, title: str = "", home: str | None = None, thread: Sequence[Place] = ()
    ) -> tuple[Place, ...]:
        """The places of title and text; `home` is the settlement that unnamed ones belong to, `thread` what earlier
        posts of the thread named.
        """
        ...

    def located(self, at: Location, home: str | None = None) -> Place:
        """The point that an author attached, as a place of the field "location"."""
        ...


# Ten times the longest article; each further 100,000 code points would hold up everyone for a second.
LONGEST_READ = 100_000


# Answers to answers that are placed anew at once: further than people talk, and an end where two answer each other.
_DEEPEST = 20


class Threads(Protocol):
    """What is known of threads (StoredThreads)."""

    def said(self, threads: Collection[str]) -> Lines:
        """What the posts of these threads name."""
        ...


class Places:
    """Add the places that the first LONGEST_READ code points of a post's text and title name. Without `threads` those
    of a batch are known alone.
    """

    def __init__(self, finder: Finder, threads: Threads | None = None) -> None:
        self.finder = finder
        self.threads = threads

    def process(self, batch: Sequence[Draft]) -> Sequence[Draft]:
        """Drafts with places in their readings."""
        read = [draft.with_places(_found(self.finder, draft, ())) for draft in batch]
        asking = {line_of(draft.post) for draft in read if _is_open(draft.reading.places)} - {""}
        if not asking:
            return read
        lines = self.threads.said(asking) if self.threads else {thread: {} for thread in asking}
        return in_threads(self.finder, read, lines)


def in_threads(finder: Finder, drafts: Sequence[Draft], lines: Lines) -> list[Draft]:
    """The drafts, those of these threads read in the order of the thread, each with what stands before it."""
    placed = list(drafts)
    for draft in drafts:
        _say(lines, draft)
    for at in sorted(range(len(placed)), key=lambda at: _order(placed[at].post)):
        name = line_of(placed[at].post)
        line = lines.get(name)
        if line and _is_open(placed[at].reading.places):
            thread = before(line, turn(placed[at].post, name))
            placed[at] = placed[at].with_places(_found(finder, placed[at], thread))
            _say(lines, placed[at])
    return placed


def _say(lines: Lines, draft: Draft) -> None:
    post = draft.post
    for line in (line_of(post), post.id):
        if line in lines:
            lines[line][post.id] = Said(turn(post, line), draft.reading.places)


def _order(post: Post) -> tuple[bool, datetime, str]:
    """What others hang on first: it is placed before they ask it."""
    return bool(line_of(post)), post.published_at or post.seen_at, post.id


def _is_open(places: Sequence[Place]) -> bool:
    """Whether a thread may tell which place is meant."""
    return any(place.decided or place.candidates for place in places)


class StoredThreads:
    """The threads of a city in its state. A post that comes after those that stand behind it in its thread places them
    anew, so that the order of arrival changes nothing.
    """

    def __init__(self, city: str, database: Database, finder: Finder, sources: Mapping[str, Source]) -> None:
        self.city = city
        self.database = database
        self.finder = finder
        self.sources = sources

    def said(self, threads: Collection[str]) -> Lines:
        """What their stored posts name."""
        with self.database.read() as connection:
            return said(connection, self.city, threads)

    def placed_anew(self, connection: sa.Connection, stored: Sequence[Draft]) -> list[Draft]:
        """The stored posts whose places are others now that these versions are stored, too."""
        speaking = [one.post for one in stored if one.reading.places or one.post.version > 1]
        touched = {line for post in speaking for line in (line_of(post), *_hanging(post)) if line}
        changed: dict[str, Draft] = {}
        for _ in range(_DEEPEST):
            if not touched:
                break
            anew = self._anew(connection, touched, changed)
            changed |= {draft.post.id: draft for draft in anew}
            # An answer that lies elsewhere now may tell where those that answer it do.
            touched = {id_ for draft in anew for id_ in _hanging(draft.post)}
        return list(changed.values())

    def _anew(self, connection: sa.Connection, touched: set[str], changed: Mapping[str, Draft]) -> list[Draft]:
        """The posts of these lines whose places are others now, `changed` ones not written yet among those they ask."""
        open_ = archive.load(connection, self.city, undecided(connection, self.city, touched))
        drafts = [
            changed.get(one.post.id) or Draft(self.sources[one.post.source], one.post, one.reading)
            for one in open_.values()
            if one.post.source in self.sources
        ]
        if not drafts:
            return []
        lines = said(connection, self.city, {line_of(draft.post) for draft in drafts})
        for draft in changed.values():
            _say(lines, draft)
        anew = in_threads(self.finder, drafts, lines)
        return [new for old, new in zip(drafts, anew, strict=True) if new.reading.places != old.reading.places]


def _hanging(post: Post) -> tuple[str, ...]:
    """The line that hangs on a post: those that answer it. Comments answer each other inside of their thread."""
    return () if post.thread else (post.id,)


def _found(finder: Finder, draft: Draft, thread: Sequence[Place]) -> tuple[Place, ...]:
    post, home = draft.post, draft.source.home or None
    places = marked(post, finder.find(_start(post.text), _start(post.title), home, thread))
    told = any(place.lat is not None and place.precision is not PlacePrecision.SETTLEMENT for place in places)
    return places if told or not post.location else (*places, finder.located(post.location, home))


def marked(post: Post, places: tuple[Place, ...]) -> tuple[Place, ...]:
    """The places, those of the address that an appeal states marked as such."""
    start = stated_from(post)
    if start is None:
        return places
    return tuple(
        replace(place, stated=True) if place.field == "text" and place.start >= start else place for place in places
    )


def _start(text: str) -> str:
    """The start of a text that is read, without the word that would be cut in two."""
    if len(text) <= LONGEST_READ:
        return text
    cut = text[: LONGEST_READ + 1]
    return cut[: max(cut.rfind(" "), cut.rfind("\n"))]

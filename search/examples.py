"""Examples of a saved search that people judged: «это оно» or «не оно», kept by the version that they looked at.

Of a post the last word counts, whichever version it was said of, so that a search keeps its examples over edits. A
judgement goes with its post.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from crawler.model.ports import Keys
from search import events
from search.events import Event
from search.state.chunks import chunks
from search.state.tables import examples

MOST = 2_000
"""Examples of a search that are held against a query: the latest."""
_FITS, _WRONG, _OPEN = "example_fits", "example_wrong", "example_open"


@dataclass(frozen=True, slots=True)
class Example:
    """A post of which somebody said whether the search is meant to find it, having looked at this version."""

    post: str
    fits: bool
    version: int
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """Judged examples against a query: those that it finds rightly, that it misses, and that it takes wrongly."""

    right: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()

    @property
    def found(self) -> int:
        """How many of the judged it finds."""
        return len(self.right) + len(self.wrong)

    @property
    def precision(self) -> float | None:
        """The share of the right ones among those that it finds; None where it finds none."""
        return len(self.right) / self.found if self.found else None


NOTHING = Held()


def judge(
    connection: sa.Connection, city: str, search: str, said: Example, keys: Keys, *, take_back: bool = False
) -> None:
    """Keep what somebody said of an example, or take it back: of every version, for the former word would count again.
    The journal has both.
    """
    here = sa.and_(examples.c.city == city, examples.c.search == search, examples.c.post == said.post)
    if take_back:
        connection.execute(sa.delete(examples).where(here))
    else:
        values = {"fits": said.fits, "at": said.at, "who": said.who}
        row = {"city": city, "search": search, "post": said.post, "version": said.version, **values}
        connection.execute(upsert(examples).on_conflict_do_update(set_=values), row)
    what = _OPEN if take_back else _FITS if said.fits else _WRONG
    events.write(connection, keys, city, [Event(said.at, said.who, what, None, (search, str(said.version), said.post))])


def judged(connection: sa.Connection, city: str, search: str) -> dict[str, Example]:
    """By post the latest word, the latest examples first."""
    here = sa.and_(examples.c.city == city, examples.c.search == search)
    query = sa.select(examples).where(here).order_by(examples.c.at.desc(), examples.c.version.desc(), examples.c.post)
    found: dict[str, Example] = {}
    for row in connection.execute(query):
        found.setdefault(row.post, Example(row.post, row.fits, row.version, row.who, row.at))
    return found


def hold(known: Mapping[str, Example], fits: Mapping[str, bool]) -> Held:
    """What a query does with the examples, by whether it fits each of them that is there."""
    right = [post for post, one in known.items() if one.fits and fits.get(post) is True]
    missed = [post for post, one in known.items() if one.fits and fits.get(post) is False]
    wrong = [post for post, one in known.items() if not one.fits and fits.get(post) is True]
    return Held(tuple(right), tuple(missed), tuple(wrong))


def forget(connection: sa.Connection, city: str, ids: Iterable[str]) -> None:
    """Forget what was said of posts that go."""
    for some in chunks(ids):
        connection.execute(sa.delete(examples).where(examples.c.city == city, examples.c.post.in_(some)))

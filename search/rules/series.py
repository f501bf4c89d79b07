"""A series: what is counted of one saved search, since when. Versions of a search that count the same share one."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

import sqlalchemy as sa

from crawler.model.city import City, SavedSearch
from crawler.model.rules import Rule, RuleKind
from search.state.records import unpack
from search.state.tables import searches

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when a search is counted that always was, as in looking back."""


@dataclass(frozen=True)
class Series:
    """The counts of a saved search. `since` is when they began: what was published before was not looked at."""

    search: SavedSearch
    since: datetime

    @cached_property
    def name(self) -> str:
        """What its rows are called by."""
        return name_of(self.search)

    @property
    def rule(self) -> Rule:
        """The rule of its search."""
        return self.search.rule

    @property
    def kind(self) -> RuleKind:
        """The kind of its rule."""
        return self.search.rule.kind


def name_of(search: SavedSearch) -> str:
    """The id of the search and a hash of what it counts: an edit of anything else goes on with the same counts."""
    counted = f"{search.query}\n{search.rule.kind.value}\n{search.rule.by.value}"
    digest = hashlib.blake2b(counted.encode(), digest_size=6).hexdigest()
    return f"{search.id}#{search.rule.kind.value}-{digest}"


def series_of(connection: sa.Connection, city: City, active: Sequence[SavedSearch]) -> tuple[Series, ...]:
    """The series of the active searches that have a rule."""
    counted = {search.id: search for search in active if search.rule.counts}
    if not counted:
        return ()
    table = searches.c
    here = sa.and_(table.city == city.key, table.id.in_(counted))
    query = sa.select(table.id, table.content, table.loaded_at).where(here).order_by(table.id, table.version.desc())
    since: dict[str, datetime] = {}
    ended: set[str] = set()
    for row in connection.execute(query):
        if row.id in ended:
            continue
        if name_of(unpack(SavedSearch, row.content)) == name_of(counted[row.id]):
            since[row.id] = row.loaded_at
        else:
            ended.add(row.id)
    return tuple(Series(search, since[id_]) for id_, search in sorted(counted.items()))

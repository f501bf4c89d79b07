"""A town whose searches have rules: people say things, hours pass, alarms are looked at."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, SavedSearch
from crawler.model.items import Post, Reading
from crawler.model.rules import Rule, RuleKind
from search.noticing import Noticed
from search.rules.spans import Span
from search.rules.ticking import tick
from search.state import watched
from search.state.database import Database
from search.state.tables import rule_alarms
from tests.search.town import KEYS, NOON, Town, city_with

MINUTE, HOUR, DAY, WEEK = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
FIVE_IN_TWO_HOURS = Rule(RuleKind.FREQUENCY, 5, 2 * HOUR)
SPIKE = Rule(RuleKind.SPIKE, 5, HOUR, 3.0)
FLAT = Rule(RuleKind.FLATLINE, 3, 6 * HOUR)
NOVEL = Rule(RuleKind.NEW_TERM, 3, DAY, 3.0)


def ruled(rule: Rule, query: str = "вода", **changes: Any) -> SavedSearch:
    """A search with a rule."""
    search = SavedSearch("file:ruled", "Вода везде", query, "холодная вода", rule=rule)
    return replace(search, **changes)


class RuleTown(Town):
    """A town whose public is watched for long, on a state of its own."""

    @classmethod
    def with_rule(cls, folder: Path, rule: Rule, **changes: Any) -> "RuleTown":
        """With one search of that rule."""
        town = cls.of(folder, city_with(ruled(rule, **changes)))
        town.watch("public", NOON - 90 * DAY, NOON + 90 * DAY)
        return town

    @classmethod
    def of(cls, folder: Path, city: City) -> "RuleTown":
        """With these searches; nobody has watched anything yet."""
        return cls(Database.open(folder / "state.db"), city)

    def watch(self, source: str, since: datetime, until: datetime) -> None:
        """Crawls could read a source."""
        with self.database.begin() as connection:
            watched.note(connection, self.city.key, source, since, until)

    def say(self, sayings: Iterable[tuple[Post, Reading]], at: datetime | None = None) -> Noticed:
        """Posts arrive together, at the latest of the moments at which they were seen."""
        every = list(sayings)
        return self.hear(*every, at=at or max(post.seen_at for post, _ in every))

    def tick(self, at: datetime) -> int:
        """The clock has come to a moment."""
        with self.database.begin() as connection:
            return tick(connection, self.city, KEYS, self.series, at)

    def alarms(self) -> set[tuple[str, Span]]:
        """The keys and stretches of all alarms."""
        with self.database.read() as connection:
            rows = connection.execute(sa.select(rule_alarms).where(rule_alarms.c.city == self.city.key)).all()
        return {(row.key, (row.start_at, row.end_at)) for row in rows}

    def voices(self) -> list[list[str]]:
        """The posts of the fitting reports of each incident, in the order of the incidents."""
        with self.database.read() as connection:
            rows = connection.exec_driver_sql(
                "SELECT incident, post FROM reports WHERE fits AND city = ? ORDER BY incident, published_at, post",
                (self.city.key,),
            ).all()
        found: dict[int, list[str]] = {}
        for incident, post in rows:
            found.setdefault(incident, []).append(post)
        return list(found.values())

"""Saved searches as the page lists them: by topic group, each with what it raised and how often it was right."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from crawler.console.asked import Asked
from crawler.console.lately import LatelyOf
from crawler.model.text import Text
from search import saving
from search.raised import first_opened, raised
from search.saved import ACTIVE
from search.saving import Version
from search.verdicts import verdicts

DAYS = 30
NO_TOPIC = Text("Тему читают в тексте", "Topic read from the text")
_KEEP = timedelta(seconds=30)
"""So long figures are shown again before they are counted anew: they walk over a month of incidents."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Incidents of the last days, oldest first, and the share that people confirmed; None before any was judged.
    `watched` is how many of these days there are since the first incident of the city.
    """

    days: tuple[int, ...]
    precision: float | None
    judged: int
    watched: int = 1

    @property
    def per_day(self) -> float:
        """Incidents a day of those that were watched: a young installation has raised little in thirty."""
        return sum(self.days) / self.watched


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list."""

    version: Version
    figures: Figures

    @property
    def active(self) -> bool:
        """Whether it raises incidents."""
        return self.version.state == ACTIVE


NONE = Figures((0,) * DAYS, None, 0)


_COUNTED: LatelyOf[str, dict[str, Figures]] = LatelyOf(_KEEP, _KEEP)


def figures_of(connection: sa.Connection, asked: Asked) -> dict[str, Figures]:
    """By the id of a search."""
    return _COUNTED[asked.installation].get(asked.city.key, asked.now, lambda: _counted(connection, asked))


def _counted(connection: sa.Connection, asked: Asked) -> dict[str, Figures]:
    today = asked.now.astimezone(asked.city.zone).date()
    days = [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    opened = raised(connection, asked.city, asked.now - timedelta(days=DAYS))
    judged = verdicts(connection, asked.city.key)
    first = first_opened(connection, asked.city) or today
    made = {}
    for search in opened.keys() | judged.keys():
        said = judged.get(search)
        counts = opened.get(search) or Counter()
        made[search] = Figures(
            tuple(counts.get(day, 0) for day in days),
            said.precision if said else None,
            said.confirmed + said.rejected if said else 0,
            max(1, min(DAYS, (today - first).days + 1)),
        )
    return made


def listed(connection: sa.Connection, asked: Asked, words: str) -> list[tuple[str, list[Listed]]]:
    """The saved searches by topic group, both by name; with `words` those whose name or query has them."""
    figures = figures_of(connection, asked)
    groups: dict[str, list[Listed]] = {}
    for one in saving.current(connection, asked.city):
        search = one.search
        if words and words.casefold() not in f"{search.name}\n{search.query}".casefold():
            continue
        group = asked.city.group_of(search.topic) if search.topic else str(NO_TOPIC)
        groups.setdefault(group, []).append(Listed(one, figures.get(search.id, NONE)))
    return [(group, _by_name(some)) for group, some in sorted(groups.items())]


def _by_name(some: Sequence[Listed]) -> list[Listed]:
    return sorted(some, key=lambda one: (one.version.search.name.casefold(), one.version.search.id))

"""«Источники»: what is wrong with them and what to do, then every one of them, worst first."""

from collections import Counter
from dataclasses import dataclass

from starlette.responses import Response

from crawler.alarms import Alarm, Level, alarms, sources_of, watched_sources
from crawler.console import rendering
from crawler.console.asked import Asked
from crawler.console.routing import Page
from crawler.model.city import Source
from crawler.model.role_names import SOURCE_ROLES
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from crawler.troubles import says
from search.source_figures import Figures, figures
from search.state import health
from search.state.health import SourceHealth

MOST_ALARMS = 12
"""Cards above the table; every other alarm stands in its row."""
MOST_ERRORS = 20
_RANKS = {Level.ATTENTION: 0, Level.WARNING: 1, None: 2}
_ALL = Text("Все", "All")
_LEVELS = {
    Level.ATTENTION: Text("Требуют внимания", "Need attention"),
    Level.WARNING: Text("Предупреждения", "Warnings"),
}


@dataclass(frozen=True, slots=True)
class Quota:
    """What is left of the calls of a source's token today, of `most` where the platform's bound is known, else 0."""

    method: str
    left: int
    most: int

    @property
    def used(self) -> float:
        """The part that is used, 0 to 1."""
        return max(0.0, min(1.0, 1 - self.left / self.most)) if self.most else 0.0


@dataclass(frozen=True, slots=True)
class Row:
    """A source in the table."""

    source: Source
    level: Level | None
    alarms: tuple[Alarm, ...]
    figures: Figures
    last: SourceHealth | None
    quotas: tuple[Quota, ...]

    @property
    def expected(self) -> str:
        """What the city file promises, "" for nothing: «6–14», «5+», «5+ / 7 д»."""
        promised = self.source.expectations
        if not promised.at_least and promised.at_most is None:
            return ""
        most = f"{promised.at_least}+" if promised.at_most is None else f"{promised.at_least}–{promised.at_most}"
        days = promised.per.total_seconds() / 86_400
        return most if days == 1 else f"{most} / {Text(f'{days:g} д', f'{days:g} d')}"


def _sources(asked: Asked) -> Response:
    watched = watched_sources(asked.city)
    with asked.installation.database.read() as connection:
        found = alarms(connection, asked.city, asked.now)
        last = health.latest(connection, asked.city.key)
        known = figures(connection, asked.city, [source.key for source in watched], asked.now)
    found.sort(key=lambda alarm: _RANKS[alarm.level])
    rows = sorted(
        (_row(asked, source, found, known[source.key], last.get(source.key)) for source in watched),
        key=lambda row: _RANKS[row.level],
    )
    view = asked.value("view")
    return rendering.render(
        asked,
        "sources.html",
        active="sources",
        alarms=found[:MOST_ALARMS],
        hidden_alarms=len(found) - MOST_ALARMS,
        rows=[row for row in rows if view in _views_of(row)] if view else rows,
        views=_views(rows, view),
        figures={level: len(sources_of(found, level)) for level in Level},
        number=len(rows),
        seen=sum(row.figures.seen for row in rows),
        errors=_errors(rows),
        roles=SOURCE_ROLES,
    )


def _row(asked: Asked, source: Source, found: list[Alarm], known: Figures, last: SourceHealth | None) -> Row:
    mine = tuple(alarm for alarm in found if alarm.source.key == source.key)
    token, rules = asked.city.token_of(source), PLATFORMS[source.platform].tokens
    bounds = rules.bounds(token) if token and rules else {}
    quotas = tuple(Quota(method, left, bounds.get(method, 0)) for method, left in (last.quota if last else {}).items())
    return Row(source, mine[0].level if mine else None, mine, known, last, quotas)


def _views_of(row: Row) -> set[str]:
    return {row.level.value if row.level else "", row.source.role.value} - {""}


def _views(rows: list[Row], chosen: str) -> list[dict[str, object]]:
    """The tabs: all, by alarm, by whose they are; none that is empty unless it is the chosen one."""
    counts = Counter(view for row in rows for view in _views_of(row))
    named: dict[str, Text] = {level.value: name for level, name in _LEVELS.items()}
    named |= {
        role.value: Text(*(one[:1].upper() + one[1:] for one in (name.ru, name.en)))
        for role, name in SOURCE_ROLES.items()
    }
    shown = [{"key": "", "name": _ALL, "number": len(rows)}]
    return shown + [
        {"key": key, "name": name, "number": counts[key]} for key, name in named.items() if counts[key] or key == chosen
    ]


def _errors(rows: list[Row]) -> list[tuple[str, str, int, str]]:
    """Errors of the day: the word, what it says, how often, and where; the most frequent first."""
    counts: Counter[str] = Counter()
    where: dict[str, list[str]] = {}
    for row in rows:
        counts.update(row.figures.errors)
        for word in row.figures.errors:
            where.setdefault(word, []).append(row.source.key)
    return [
        (word, str(says(word) or ""), number, ", ".join(where[word][:4]))
        for word, number in counts.most_common(MOST_ERRORS)
    ]


PAGES = (Page("GET", "/{city}/sources", _sources),)

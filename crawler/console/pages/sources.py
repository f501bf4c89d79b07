"""«Источники»: what is wrong with them and what to do, then every one of them, worst first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from starlette.responses import Response

from crawler.alarms import NOT_READ_SHORT, Alarm, Level, alarms, watched_sources
from crawler.console import rendering, times
from crawler.console.asked import Asked
from crawler.console.routing import Page
from crawler.model.city import Source
from crawler.model.role_names import SOURCE_ROLES
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from crawler.token_alarms import TokenAlarm, token_alarms
from crawler.troubles import says
from search.completeness import Cell, completeness
from search.source_figures import Figures, figures
from search.state import health
from search.state.health import SourceHealth

MOST_ALARMS = 12
"""Cards above the table; every other alarm stands in its row."""
MOST_ERRORS = 20
WIDTH = 500.0
"""Of a whole day in the chart of completeness."""
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
class Card:
    """An alarm above the table: of a source, or of a token with the sources that it concerns."""

    level: Level
    title: str
    what: str
    todo: Text


@dataclass(frozen=True, slots=True)
class Row:
    """A source in the table."""

    source: Source
    level: Level | None
    alarms: tuple[Alarm | TokenAlarm, ...]
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
        read = completeness(connection, asked.city, watched, asked.now)
    tokens = token_alarms(asked.city, last, asked.now)
    rows = sorted(
        (_row(asked, source, found, tokens, known[source.key], last.get(source.key)) for source in watched),
        key=lambda row: _RANKS[row.level],
    )
    cards = _cards(found, tokens)
    view = asked.value("view")
    return rendering.render(
        asked,
        "sources.html",
        active="sources",
        cards=cards[:MOST_ALARMS],
        hidden_alarms=len(cards) - MOST_ALARMS,
        rows=[row for row in rows if view in _views_of(row)] if view else rows,
        views=_views(rows, view),
        figures=Counter(row.level.value for row in rows if row.level),
        number=len(rows),
        seen=sum(row.figures.seen for row in rows),
        errors=_errors(rows),
        read=read,
        days=[_bar(cell, asked) for cell in read.days],
        roles=SOURCE_ROLES,
    )


def _cards(found: Sequence[Alarm], tokens: Sequence[TokenAlarm]) -> list[Card]:
    """The alarms, the worst first, tokens before sources: what a token keeps from being read is told once, with it."""
    word = str(Text("токен", "token"))
    made = [Card(one.level, f"{word} {one.token}: {one.short}", str(one.what), one.todo) for one in tokens]
    told = {source for one in tokens if one.is_refused for source in one.sources}
    for one in found:
        if one.short is not NOT_READ_SHORT or one.source.key not in told:
            part = f"{one.part}: " if one.part else ""
            made.append(Card(one.level, f"{one.source.shown}: {one.short}", f"{part}{one.what}", one.todo))
    return sorted(made, key=lambda card: _RANKS[card.level])


def _row(
    asked: Asked,
    source: Source,
    found: Sequence[Alarm],
    tokens: Sequence[TokenAlarm],
    known: Figures,
    last: SourceHealth | None,
) -> Row:
    mine: list[Alarm | TokenAlarm] = [alarm for alarm in tokens if source.key in alarm.sources]
    mine += [alarm for alarm in found if alarm.source.key == source.key]
    mine.sort(key=lambda alarm: _RANKS[alarm.level])
    token, rules = asked.city.token_of(source), PLATFORMS[source.platform].tokens
    bounds = rules.bounds(token) if token and rules else {}
    quotas = tuple(Quota(method, left, bounds.get(method, 0)) for method, left in (last.quota if last else {}).items())
    return Row(source, mine[0].level if mine else None, tuple(mine), known, last, quotas)


def _bar(cell: Cell, asked: Asked) -> dict[str, object]:
    """A day of the chart, in units of the picture."""
    share = cell.share
    width = WIDTH * (share if share is not None else 0.0)
    return {
        "name": times.short_day(datetime.combine(cell.day, time(), asked.city.zone)),
        "cell": cell,
        "share": share,
        "seen": round(width, 1),
        # What is missing is seen, however little it is beside the rest.
        "missed": 0.0 if share is None or share == 1 else round(max(WIDTH - width, 1.5), 1),
    }


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
            where.setdefault(word, []).append(row.source.shown)
    return [
        (word, str(says(word) or ""), number, ", ".join(where[word][:4]))
        for word, number in counts.most_common(MOST_ERRORS)
    ]


PAGES = (Page("GET", "/{city}/sources", _sources),)

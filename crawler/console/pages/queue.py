"""«Очередь»: what waits for a decision, most urgent first, and the pane that one is decided in."""

from collections.abc import Hashable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from starlette.responses import RedirectResponse, Response

from crawler.console import rendering
from crawler.console.asked import Asked
from crawler.console.badges import badges_of
from crawler.console.clocks import Clock, next_clock
from crawler.console.decisions import DECISIONS
from crawler.console.panes import pane_of, said_of
from crawler.console.quiet import quiet_of
from crawler.console.routing import Page
from crawler.console.shapes import Piece, pieces, snippet, spans_of
from crawler.model.text import Text
from search import queue
from search.address import fold
from search.incidents import Incident, find_number
from search.live import latest_event
from search.queue import Counts, Due, Filters, Line, View
from search.states import OPEN
from search.titles import NOWHERE, district_of, place_text

STEP, MOST = 60, 960
"""Rows of a page, and the most that «ещё» leads to."""
VIEWS = {
    View.ALL: Text("Все", "All"),
    View.NEW: Text("Новые", "New"),
    View.MINE: Text("Мои", "Mine"),
    View.WORK: Text("В работе", "In work"),
    View.ANSWERED: Text("Отвечены", "Answered"),
    View.ASIDE: Text("Отложены", "Put off"),
    View.OVER: Text("Законченные", "Over"),
}
SECTIONS = {
    Due.LATE: (Text("Просрочены", "Overdue"), "late"),
    Due.SOON: (Text("Меньше часа", "Within the hour"), "soon"),
    Due.TODAY: (Text("Сегодня", "Today"), ""),
    Due.LATER: (Text("Позже", "Later"), ""),
    Due.NEVER: (Text("Без срока", "No term"), ""),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What the template of a row is given; `key` is all that its standing parts say, the clock's apart."""

    key: Hashable
    incident: Incident
    aside: datetime | None
    who: str
    clock: Clock
    where: str
    district: str
    quote: tuple[Piece, ...]
    search: str
    platforms: tuple[tuple[str, int], ...]
    href: str
    spoken: str


def _queue(asked: Asked) -> Response:
    view = View(asked.value("view")) if asked.value("view") in set(View) else View.ALL
    filters = _filters(asked, view)
    with asked.installation.database.read() as connection:
        if (number := _number_in(filters.words)) and find_number(connection, asked.city, number):
            return RedirectResponse(f"/{asked.city.key}/incidents/{number}", 303)
        values = _values(connection, asked, view, filters)
    return rendering.render(asked, "queue.html", **values)


def _values(connection: sa.Connection, asked: Asked, view: View, filters: Filters) -> dict[str, Any]:
    """What the template of the page is given."""
    limit = asked.number("rows", STEP, MOST, STEP)
    base = _base(asked, view, filters)
    lines = queue.lines(connection, asked.city, view, filters, asked.now, limit)
    numbers = queue.in_sections(connection, asked.city, view, filters, asked.now)
    figures = queue.counts(connection, asked.city, asked.now, asked.user.name)
    total, filtered = sum(numbers.values()), any(v for name, v in asdict(filters).items() if name != "assignee")
    at = _selected(connection, asked, lines)
    return {
        "active": "queue",
        "view": view,
        "views": _views(view, figures),
        "filters": filters,
        "filtered": filtered,
        "topics": _topics(asked),
        "districts": asked.desk.finder.gazetteer.district_names,
        "elsewhere": _elsewhere(connection, asked, view, filters) if filters.words and not total else (),
        "sections_of_queue": _sections(asked, lines, base, numbers),
        "figures": figures,
        "badges": badges_of(connection, asked, figures),
        "total": total,
        "quiet": quiet_of(connection, asked) if not total and view is View.ALL and not filtered else None,
        "shown": len(lines),
        "more": f"{base}&rows={min(limit + STEP, MOST)}" if total > len(lines) and limit < MOST else "",
        "newest": queue.latest_number(connection, asked.city),
        "latest": latest_event(connection),
        "base": base,
        **_chosen(connection, asked, base, at),
    }


def _chosen(connection: sa.Connection, asked: Asked, base: str, at: int) -> dict[str, object]:
    """The incident in the pane beside the rows."""
    pane = pane_of(connection, asked, at) if at else None
    return {
        "pane": pane,
        "at": at,
        "decisions": DECISIONS,
        "back": f"{base}&at={at}" if at else base,
        "said": said_of(pane, asked.number("said", 0, 2**62, 0)) if pane else None,
    }


def _topics(asked: Asked) -> list[str]:
    """The groups to choose from. A search may leave the topic to the text: that is none."""
    groups = {asked.city.group_of(search.topic) for search in asked.desk.searching.searches}
    return sorted(groups - {""})


def _elsewhere(connection: sa.Connection, asked: Asked, view: View, filters: Filters) -> list[tuple[Text, str, int]]:
    """Where the words that a part of the queue does not have are found, with how many."""
    words = Filters(words=filters.words)
    found = (
        (one, sum(queue.in_sections(connection, asked.city, one, words, asked.now).values()))
        for one in (View.ALL, View.OVER)
        if one is not view or filters != words
    )
    return [(VIEWS[one], _base(asked, one, words), number) for one, number in found if number]


def _views(view: View, figures: Counts) -> list[tuple[View, Text, int | None]]:
    """The tabs. Nothing is put off for most of the time."""
    shown = [one for one in View if one is not View.ASIDE or view is one or figures.views[one]]
    return [(one, VIEWS[one], figures.views.get(one)) for one in shown]


def _filters(asked: Asked, view: View) -> Filters:
    topic, district, severity, words, only = (
        asked.value(name)[:200].strip() for name in ("topic", "district", "severity", "find", "only")
    )
    known = {fold(name): name for name in asked.desk.finder.gazetteer.district_names} if district else {}
    district = known.get(fold(district), district)
    return Filters(topic, district, severity, words, asked.user.name if view is View.MINE else "", only)


def _base(asked: Asked, view: View, filters: Filters) -> str:
    """The address of this part of the queue without what is selected in it."""
    given = {name: value for name, value in asdict(filters).items() if value and name != "assignee"}
    named = {"view": view.value, **given}
    if "words" in named:
        named["find"] = named.pop("words")
    return f"/{asked.city.key}/queue?{urlencode(named)}"


def _number_in(words: str) -> int:
    """The number of an incident that somebody looks for («№ 2412», «2412»), 0 for words."""
    bare = words.removeprefix("№").strip()
    return int(bare) if bare.isascii() and bare.isdigit() and len(bare) < 10 else 0


def _selected(connection: sa.Connection, asked: Asked, lines: tuple[Line, ...]) -> int:
    """The number of the incident in the pane: the one in the address, else the first."""
    asked_for = asked.number("at", 0, 2**31 - 1, 0)
    # An old link may name one that is not there any more.
    if asked_for and find_number(connection, asked.city, asked_for):
        return asked_for
    return lines[0].incident.number if lines else 0


def _sections(asked: Asked, lines: tuple[Line, ...], base: str, numbers: dict[Due, int]) -> list[dict[str, object]]:
    """The shown rows in their sections, each with how many it has in all."""
    made: list[dict[str, object]] = []
    for due in Due:
        rows = [row_of(asked, line, base) for line in lines if line.due is due]
        if rows:
            title, kind = SECTIONS[due]
            if due is Due.NEVER and not any(line.incident.state in OPEN for line in lines):
                title = VIEWS[View.OVER]
            made.append({"title": title, "kind": kind, "rows": rows, "number": numbers.get(due, len(rows))})
    return made


def row_of(asked: Asked, line: Line, base: str) -> Row:
    """The row of an incident in the part of the queue that has this address."""
    incident = line.incident
    search = min((str(reason.get("name", "")) for reason in line.voice.reasons), default="")
    clock = next_clock(incident, asked.now)
    where = place_text(incident.place, asked.city.home)
    aside = incident.snoozed_until if incident.is_aside(asked.now) else None
    quote, who, href = tuple(_quote(line)), asked.people.called(incident.assignee), f"{base}&at={incident.number}"
    # «до завтра» is said of a day.
    day = asked.now.astimezone(asked.city.zone).date() if aside else None
    return Row(
        key=rendering.Told(
            incident.id, (asked.city.key, incident, where, aside, day, who, quote, search, line.platforms, href)
        ),
        incident=incident,
        aside=aside,
        who=who,
        clock=clock,
        where=where,
        district=district_of(incident.place),
        quote=quote,
        search=search,
        platforms=line.platforms,
        href=href,
        spoken=_spoken(incident, where, clock.spoken, clock.text),
    )


def _quote(line: Line) -> list[Piece]:
    """The words that matched, of the text, else the title where a text has none."""
    spans = spans_of(line.voice.reasons, "text")
    if spans or not line.voice.title:
        return snippet(line.voice.text, spans)
    return pieces(line.voice.title, spans_of(line.voice.reasons, "title"))


def _spoken(incident: Incident, where: str, kind: str, left: str) -> str:
    place = where or str(NOWHERE)
    voices = Text("голосов", "voices")
    heard = f"{voices}: {incident.reports}"
    if incident.merged_into:
        heard = Text("голоса в № {number}", "voices in {number}").format(number=incident.merged_into)
    return f"№ {incident.number}, {place}, {incident.topic}, {kind} {left}, {heard}"


PAGES = (Page("GET", "/{city}/queue", _queue),)

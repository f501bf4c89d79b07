"""«Отчёт»: a month in figures beside the month or the year before, for the screen, for paper and as a table."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from starlette.responses import Response

from crawler.accounts.roles import Permission
from crawler.alarms import watched_sources
from crawler.console import names, rendering, times
from crawler.console.asked import Asked, Trouble
from crawler.console.lately import LatelyOf
from crawler.console.report_file import CLOSED, DECIDED, FIGURES, TYPE, report_file
from crawler.console.routing import Page
from crawler.model.text import Text
from search.report import Month, Term, month, month_span
from search.unwatched import Unwatched, unwatched

TOP, MOST_DISTRICTS, MOST_LACKS, MOST_ADDRESSES = 5, 7, 8, 8
FUNNEL = ("posts", "reports", "incidents", "confirmed", "in_work", "answered", "closed")
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
BAD_MONTH = Text("Такого месяца нет", "There is no such month")
BAD_MONTH_TEXT = Text("Месяц пишется так: 2026-10.", "A month is written so: 2026-10.")
TO_COME = Text("Этот месяц ещё не начался.", "This month has not begun yet.")


GOOD, OLD = timedelta(minutes=1), timedelta(minutes=10)
"""Figures of a minute are given; of ten they are too, and counted anew meanwhile. The page says of when they are, and
the table has the same.
"""
_NOT_OVER = Text("месяц не окончен", "the month is not over")


@dataclass(frozen=True)
class Told:
    """A month with the one that it is compared with, counted `at`."""

    at: datetime
    first: date
    other_first: date
    against: str
    now: Month
    then: Month
    lacks: tuple[Unwatched, ...]

    @property
    def name(self) -> str:
        """«Октябрь 2026»."""
        return times.month(self.first)

    @property
    def other(self) -> str:
        """The name of the other."""
        return times.month(self.other_first)


_COUNTED: LatelyOf[tuple[str, date, str], Told] = LatelyOf(GOOD, OLD)
"""The months that were counted lately, by city, month and what it is compared with."""


def _told(asked: Asked) -> Told:
    given = asked.value("month")
    today = asked.now.astimezone(asked.city.zone).date().replace(day=1)
    found = _MONTH.fullmatch(given) if given else None
    if given and not found:
        raise Trouble(400, BAD_MONTH, BAD_MONTH_TEXT)
    first = date(int(found[1]), int(found[2]), 1) if found else today
    if first > today:
        raise Trouble(404, BAD_MONTH, TO_COME)
    against = "year" if asked.value("against") == "year" else "month"
    other = first.replace(year=first.year - 1) if against == "year" else _before(first)
    key = asked.city.key, first, against
    return _COUNTED[asked.installation].get(key, asked.now, lambda: _count(asked, first, other, against))


def _count(asked: Asked, first: date, other: date, against: str) -> Told:
    span, keys = month_span(asked.city, first), [source.key for source in watched_sources(asked.city)]
    with asked.installation.database.read() as connection:
        return Told(
            asked.now,
            first,
            other,
            against,
            month(connection, asked.city, span, asked.now),
            month(connection, asked.city, month_span(asked.city, other), asked.now, brief=True),
            unwatched(connection, asked.city, keys, span, asked.now),
        )


def _before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _after(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)


def _report(asked: Asked) -> Response:
    told = _told(asked)
    today = asked.now.astimezone(asked.city.zone).date()
    return rendering.render(
        asked,
        "report.html",
        active="report",
        told=told,
        tiles=_tiles(told),
        funnel=_funnel(told),
        terms=[
            (DECIDED, told.now.decided, told.then.decided),
            (CLOSED, told.now.closed, told.then.closed),
        ],
        topics=_topics(told),
        were=dict(told.then.topics),
        heat=_heat(told.now),
        earlier=_before(told.first).strftime("%Y-%m"),
        later=_after(told.first).strftime("%Y-%m") if _after(told.first) <= today else "",
        lacks=told.lacks[:MOST_LACKS],
        addresses=told.now.addresses[:MOST_ADDRESSES],
        whole=_after(told.first) <= today,
    )


def _tiles(told: Told) -> list[tuple[str, str, str, str]]:
    """The figures on top: value, what it is, what it was, whether that is good or bad."""
    now, then = told.now, told.then
    made = [_counted(FIGURES["incidents"], now.totals.incidents, then.totals.incidents, bad=None)]
    for name, mine, its in (
        (Text("медиана решения оператора", "median operator's decision"), now.decided, then.decided),
        (Text("медиана закрытия", "median closing"), now.closed, then.closed),
    ):
        worse = mine.middle is not None and its.middle is not None and mine.middle > its.middle
        kind = "" if None in (mine.middle, its.middle) or mine.middle == its.middle else "bad" if worse else "good"
        made.append((_waited(mine), str(name), str(Text("было ", "was ")) + _waited(its), kind))
    share, was = now.decided.share, then.decided.share
    kind = "" if share is None or was is None or share == was else "good" if share > was else "bad"
    in_time = str(Text("решений в срок", "decisions in time"))
    made.append((times.percent(share), in_time, str(Text("было ", "was ")) + times.percent(was), kind))
    made.append(_counted(FIGURES["repeats"], now.totals.repeats, then.totals.repeats, bad=True))
    made.append(_counted(FIGURES["risks"], now.totals.risks, then.totals.risks, bad=None))
    return made


def _counted(name: Text, now: int, then: int, *, bad: bool | None) -> tuple[str, str, str, str]:
    kind = "" if bad is None or now == then else "bad" if (now > then) is bad else "good"
    return str(now), str(name).lower(), str(Text(f"было {then}", f"was {then}")), kind


def _waited(term: Term) -> str:
    return "–" if term.middle is None else times.span(term.middle)


def _funnel(told: Told) -> list[dict[str, object]]:
    """The way of a report. Posts and reports are so many more that they have a scale of their own each."""
    now, then = told.now.totals, told.then.totals
    most = max(now.incidents, then.incidents, 1)
    notes = {
        "reports": _per(now.reports, now.incidents),
        "confirmed": str(Text("отсеяно {n}", "turned away {n}").filled(n=now.rejected + now.not_ours)),
        "closed": str(Text("повторных {n}", "repeats {n}").filled(n=now.repeats)),
    }
    made: list[dict[str, object]] = []
    for at, key in enumerate(FUNNEL):
        mine, its, broken = getattr(now, key), getattr(then, key), at < FUNNEL.index("incidents")
        width = (400 - 60 * at if mine else 0) if broken else round(380 * mine / most, 1)
        mark = 0 if broken or not its else round(380 * its / most, 1)
        made.append(
            {
                "name": FIGURES[key],
                "n": mine,
                "was": its,
                "w": width,
                "mark": mark,
                "broken": broken,
                "note": notes.get(key, ""),
            }
        )
    return made


def _per(reports: int, incidents: int) -> str:
    if not incidents:
        return ""
    return times.decimal("{:.1f}", reports / incidents) + str(Text(" на инцидент", " an incident"))


def _topics(told: Told) -> list[tuple[str, int, int, float, float]]:
    """The first of now with what they were: name, now, then, and both as lengths."""
    then = dict(told.then.topics)
    shown = [(name, count, then.get(name, 0)) for name, count in told.now.topics[:TOP]]
    most = max([1, *(max(count, was) for _, count, was in shown)])
    return [(name, count, was, round(380 * count / most, 1), round(380 * was / most, 1)) for name, count, was in shown]


def _heat(now: Month) -> dict[str, object]:
    """Platforms by districts: the largest districts, all others as one; `part` is a count's share of the highest."""
    by_district: dict[str, int] = {}
    for (where, _), count in now.heat.items():
        by_district[where] = by_district.get(where, 0) + count
    largest = sorted(filter(None, by_district), key=lambda one: (-by_district[one], one))
    columns = largest[:MOST_DISTRICTS]
    rest = {*largest[MOST_DISTRICTS:], ""}
    platforms = sorted({platform for _, platform in now.heat})
    others = str(Text("прочие", "others"))
    cells = {platform: dict.fromkeys([*columns, others], 0) for platform in platforms}
    for (where, platform), count in now.heat.items():
        cells[platform][others if where in rest else where] += count
    most = max([1, *(count for row in cells.values() for count in row.values())])
    rows = [
        (names.platform(platform).title, [(count, round(0.06 + 0.62 * count / most, 2)) for count in row.values()])
        for platform, row in sorted(cells.items(), key=lambda one: -sum(one[1].values()))
    ]
    return {"columns": [*columns, others], "rows": rows}


def _file(asked: Asked) -> Response:
    told = _told(asked)
    over = _after(told.first) <= asked.now.astimezone(asked.city.zone).date()
    name = told.name if over else f"{told.name} ({_NOT_OVER})"
    content = report_file(asked.city, name, told.other, told.now, told.then, told.lacks)
    file = f"{asked.city.key}-{told.first:%Y-%m}.xlsx"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
    return Response(content, media_type=TYPE, headers=headers)


PAGES = (
    Page("GET", "/{city}/report", _report),
    Page("GET", "/{city}/report.xlsx", _file, Permission.EXPORT),
)

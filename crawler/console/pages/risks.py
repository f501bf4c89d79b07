"""«Риски»: alarms that say a talk grows, their curves against what is usual, who was first, what is behind them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from starlette.responses import Response

from crawler.console import names, rendering, times
from crawler.console.asked import Asked
from crawler.console.charts import Frame
from crawler.console.clocks import next_clock
from crawler.console.routing import Page
from crawler.console.shapes import Piece, snippet, spans_of
from crawler.model.role_names import SOURCE_ROLES
from crawler.model.rules import RuleKind
from crawler.model.text import Text
from search.incidents import find_number, reports_of
from search.risk_bands import Band, Usual, usual
from search.risks import HOUR, Risk, behind, count_risks, risk_of, risks
from search.states import OPEN, STATE_NAMES, State
from search.titles import place_text
from search.wanted import alarm_of

MOST = 20
"""Risks of a page."""
LONGEST_MARK = 28
MOST_MARKS = 3
MOST_SAID = 600
"""Letters of the first post, from around what matched; the incident has all of it."""
VIEWS = {"open": Text("Открытые", "Open"), "over": Text("Закрытые", "Closed")}
RULES = {
    RuleKind.ANY: Text("каждая публикация", "every post"),
    RuleKind.FREQUENCY: Text("частота: {n} за {span}", "frequency: {n} in {span}"),
    RuleKind.SPIKE: Text(
        "всплеск: в {times} раза выше обычного и не меньше {n}", "spike: {times} times the usual and at least {n}"
    ),
    RuleKind.FLATLINE: Text("тишина: ни одной за {span}", "silence: none in {span}"),
    RuleKind.NEW_TERM: Text("новое слово: {n} раз за {span}", "a new word: {n} times in {span}"),
}
TRENDS = {
    "up": (Text("растёт", "grows"), "soon", "soon"),
    "down": (Text("спадает", "falls"), "ok", "check"),
    "even": (Text("ровно", "even"), "", "eye"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened on the curve: the first post in a source."""

    x: float
    y: float
    at: str
    text: str
    anchor: str
    shift: int


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve in its frame; `label` says it in words. From value number `rest` on it is not finished yet."""

    frame: Frame
    values: tuple[int, ...]
    rest: int
    bounds: tuple[Band | None, ...]
    labels: tuple[tuple[float, str, str], ...]
    marks: tuple[Mark, ...]
    label: str


def _risks(asked: Asked) -> Response:
    view = asked.value("view") if asked.value("view") in VIEWS else "open"
    states = OPEN if view == "open" else frozenset(State) - OPEN
    at = asked.number("at", 1, 2**31 - 1, 0)
    # What people wrote since this process began is counted too.
    with asked.desk.making:
        asked.desk.renew()
    with asked.installation.database.read() as connection:
        counts = {"open": count_risks(connection, asked.city, OPEN)}
        counts["over"] = count_risks(connection, asked.city, frozenset(State) - OPEN)
        found = risks(connection, asked.city, asked.now, states, MOST)
        chosen = next((one for one in found if one.incident.number == at), None)
        if chosen is None and at and find_number(connection, asked.city, at):
            chosen = risk_of(connection, asked.city, at, asked.now)
        chosen = chosen or (found[0] if found else None)
        bands = _bands(connection, asked, [*found, *([chosen] if chosen and chosen not in found else [])])
        rows = [_row(asked, risk, bands) for risk in found]
        detail = _detail(connection, asked, chosen, bands) if chosen else None
    return rendering.render(
        asked,
        "risks.html",
        active="risks",
        view=view,
        views=[(key, name, counts[key]) for key, name in VIEWS.items()],
        rows=rows,
        hidden=counts[view] - len(found),
        detail=detail,
        at=chosen.incident.number if chosen else 0,
    )


Bands = Mapping[int, tuple[Band | None, ...]]
"""What was usual at the steps of the curves, by the id of the incident."""


def _bands(connection: sa.Connection, asked: Asked, found: Sequence[Risk]) -> Bands:
    of_search = {one.search.id: one for one in asked.desk.series}
    counted = [risk for risk in found if risk.search in of_search and risk.curve]
    curves = [
        Usual(
            of_search[risk.search],
            alarm_of(risk.incident.group_key)[1],
            [step.at for step in risk.curve],
            risk.step,
        )
        for risk in counted
    ]
    bands = usual(connection, asked.city, curves)
    return {risk.incident.id: one for risk, one in zip(counted, bands, strict=True)}


def _row(asked: Asked, risk: Risk, bands: Bands) -> dict[str, object]:
    trend, kind, icon = TRENDS[_trend(risk)]
    grown = risk.before and risk.now > risk.before
    return {
        "risk": risk,
        "incident": risk.incident,
        "curve": _curve(asked, risk, bands, Frame(0, 180, 3, 36, 0)),
        "up": _trend(risk) == "up",
        "trend": trend,
        "kind": kind,
        "icon": icon,
        "figure": times.decimal("×{:.1f}", risk.now / risk.before) if grown else str(risk.now),
        "span": _spelt(risk),
        "grown": grown,
        "platforms": Counter(_platforms(asked, risk)).most_common(4),
    }


def _platforms(asked: Asked, risk: Risk) -> list[str]:
    known = asked.desk.sources
    return [
        known[public.source].platform for public in risk.publics for _ in range(public.posts) if public.source in known
    ]


def _trend(risk: Risk) -> str:
    return "up" if risk.now > risk.before else "down" if risk.now < risk.before else "even"


def _spelt(risk: Risk) -> str:
    hours = risk.within.total_seconds() / 3600
    return str(Text(f"{hours:g} ч", f"{hours:g} h") if hours < 48 else Text(f"{hours / 24:g} д", f"{hours / 24:g} d"))


def _detail(connection: sa.Connection, asked: Asked, risk: Risk, bands: Bands) -> dict[str, object]:
    trend, kind, icon = TRENDS[_trend(risk)]
    first = reports_of(connection, asked.city, risk.incident.id, fitting=True, limit=1)
    said: tuple[Piece, ...] = ()
    if first:
        spans = spans_of(first[0].reasons, "text") if first[0].text else ()
        said = tuple(snippet(first[0].text or first[0].title, spans, MOST_SAID))
    others = behind(connection, asked.city, risk.incident.id)
    return {
        "risk": risk,
        "incident": risk.incident,
        "curve": _curve(asked, risk, bands, Frame(28, 740, 56, 190, 0)),
        "up": _trend(risk) == "up",
        "trend": trend,
        "kind": kind,
        "icon": icon,
        "state": STATE_NAMES[risk.incident.state],
        "rule": _rule(risk),
        "span": _spelt(risk),
        "first": risk.first[0] if risk.first else None,
        "said": said,
        "spread": sorted(risk.publics, key=lambda public: public.first_at),
        "roles": SOURCE_ROLES,
        "behind": [(one, place_text(one.place, asked.city.home), next_clock(one, asked.now)) for one in others],
    }


def _rule(risk: Risk) -> str:
    if risk.raised_by is None:
        return ""
    rule = risk.raised_by.rule
    return str(RULES[rule.kind].filled(n=rule.at_least, times=f"{rule.times:g}", span=_spelt(risk)))


def _curve(asked: Asked, risk: Risk, bands: Bands, frame: Frame) -> Curve:
    bounds = bands.get(risk.incident.id, (None,) * len(risk.curve))
    values = tuple(step.posts for step in risk.curve)
    most = max([1, *values, *(bound[1] for bound in bounds if bound)])
    frame = Frame(frame.left, frame.right, frame.top, frame.bottom, most)
    finished = values[:-1] if risk.unfinished and len(values) > 1 else values
    label = Text(
        "Публикаций за {step}: от {least} до {most}, сейчас {now}", "Posts by the {step}: {least} to {most}, now {now}"
    ).filled(
        step=Text("час", "hour") if risk.step == HOUR else Text("день", "day"),
        least=min(finished),
        most=max(values),
        now=values[-1],
    )
    rest = len(values) - 1 if risk.unfinished else len(values)
    return Curve(frame, values, rest, bounds, _labels(asked, risk, frame), _marks(asked, risk, frame), str(label))


def _labels(asked: Asked, risk: Risk, frame: Frame) -> tuple[tuple[float, str, str], ...]:
    """Five moments under the curve."""
    of = len(risk.curve)
    chosen = sorted({round(part * (of - 1) / 4) for part in range(5)})
    form = "%d.%m %H:%M" if risk.step == HOUR else "%d.%m"
    return tuple(
        (
            frame.x(at, of),
            risk.curve[at].at.astimezone(asked.city.zone).strftime(form),
            "start" if at == 0 else "end" if at == of - 1 else "middle",
        )
        for at in chosen
    )


def _marks(asked: Asked, risk: Risk, frame: Frame) -> tuple[Mark, ...]:
    """The first posts in the first sources that a risk reached."""
    if not risk.curve:
        return ()
    start, step = risk.curve[0].at, risk.step
    made = []
    for place, public in enumerate(sorted(risk.publics, key=lambda one: one.first_at)[:MOST_MARKS]):
        at = (public.first_at - start) / step
        x = round(frame.left + (frame.right - frame.left) * max(0.0, min(1.0, at / max(1, len(risk.curve) - 1))), 1)
        right = x < (frame.left + frame.right) / 2
        told = times.moment(public.first_at, asked.city.zone, asked.now)
        anchor, shift = ("start", 8) if right else ("end", -8)
        made.append(Mark(x, 48.0 - 18 * place, told, _short(names.source(public.source, asked.city)), anchor, shift))
    return tuple(made)


def _short(name: str) -> str:
    """A name that fits beside the line of the chart; the list below it has it whole."""
    return name if len(name) <= LONGEST_MARK else name[: LONGEST_MARK - 1].rstrip() + "…"


PAGES = (Page("GET", "/{city}/risks", _risks),)

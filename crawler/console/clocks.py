"""Clocks of an incident: how much of a term is used and what is left of it, said by colour, shape and word."""

from dataclasses import dataclass
from datetime import datetime

from crawler.console.times import SOON, span
from crawler.model.text import Text
from search.incidents import Incident
from search.states import OPEN, State

_FIRST = Text("реакция", "reaction")
_RESOLVED = Text("решение", "resolution")
_LATE = Text("просрочено:", "late:")
_LEFT = Text("осталось:", "left:")
_NONE = Text("срока нет", "no term")
_DONE = Text("закончено:", "over:")


@dataclass(frozen=True, slots=True)
class Clock:
    """`kind` is late, soon, ok, done or none; `used` the share of the term that has passed, 0 to 100."""

    kind: str
    icon: str
    text: str
    label: str
    spoken: str
    used: int


def next_clock(incident: Incident, now: datetime) -> Clock:
    """The clock of what is due next, as a row shows it."""
    return clock_of(incident.state, incident.opened_at, incident.due, now)


def clock_of(state: State, opened_at: datetime, due: datetime | None, now: datetime) -> Clock:
    """The same of what a map knows of an incident."""
    if state not in OPEN:
        return _over(state)
    return _clock(opened_at, due, now, _FIRST if state is State.NEW else _RESOLVED)


def clocks(incident: Incident, now: datetime) -> list[Clock]:
    """Every clock: the first reaction while it is awaited, and the resolution."""
    if incident.state not in OPEN:
        return [_over(incident.state)]
    made = [_clock(incident.opened_at, incident.due_resolved, now, _RESOLVED)]
    if incident.state is State.NEW:
        made.insert(0, _clock(incident.opened_at, incident.due_first, now, _FIRST))
    return made


def _clock(start: datetime, due: datetime | None, now: datetime, label: Text) -> Clock:
    if due is None:
        return Clock("none", "", "–", str(label), str(_NONE), 0)
    left = due - now
    kind = "late" if left.total_seconds() < 0 else "soon" if left < SOON else "ok"
    used = 100 if due <= start else max(0, min(100, round(100 * ((now - start) / (due - start)))))
    icon = {"late": "late", "soon": "soon", "ok": ""}[kind]
    return Clock(kind, icon, span(left), str(label), str(_LATE if kind == "late" else _LEFT), used)


def _over(state: State) -> Clock:
    icon = "check" if state is State.CLOSED else "x"
    return Clock("done" if icon == "check" else "wait", icon, "", "", str(_DONE), 100)

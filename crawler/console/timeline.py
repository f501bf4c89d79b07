"""The course of an incident: voices and events in one order of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.console.panes import Pane, Said
from crawler.model.text import Text
from search.events import OTKLIK, Event
from search.forgetting import ERASED_REPORT
from search.rules.ticking import SPOKEN
from search.states import STATE_NAMES, State

EVENTS: dict[str, Text] = {
    **{state.value: name for state, name in STATE_NAMES.items()},
    "opened": Text("открыт", "opened"),
    "registered": Text("зарегистрировано вручную", "registered by hand"),
    "report no longer fits": Text("обращение больше не подходит", "a report no longer fits"),
    "report fits again": Text("обращение снова подходит", "a report fits again"),
    "report became personal": Text("обращение стало личным", "a report became personal"),
    ERASED_REPORT: Text("обращение стёрто", "a report was erased"),
    SPOKEN: Text("тишина закончилась", "the silence is over"),
    "took in": Text("принял инцидент №", "took in incident"),
    "severity": Text("важность", "severity"),
    "route": Text("маршрут", "route"),
}
_ICONS = {"opened": "saved", "registered": "edit", "took in": "merge", "severity": "soon", "route": "arrow"}
# A report that was added stands there itself, in its own words.
_SAID_ANYWAY = frozenset({"report added"})


@dataclass(frozen=True, slots=True)
class Step:
    """One entry: a voice, or what somebody did."""

    at: datetime
    said: Said | None = None
    icon: str = ""
    who: str = ""
    what: str = ""
    reason: str = ""


def timeline_of(pane: Pane, *, oldest_first: bool) -> Sequence[Step]:
    """The steps of an incident."""
    voices = [Step(said.at, said) for said in pane.said]
    acts = [_act(event) for event in pane.shown.events if event.what not in _SAID_ANYWAY]
    return sorted([*voices, *acts], key=lambda step: step.at, reverse=not oldest_first)


def _act(event: Event) -> Step:
    what = EVENTS.get(event.what)
    subjects = " ".join(event.subjects) if event.what in {"took in", "severity", "route"} else ""
    text = f"{what or event.what} {subjects}".strip()
    icon = _ICONS.get(event.what, "x" if event.what in {State.REJECTED, State.NOT_OURS} else "arrow")
    who = str(Text("Отклик", "Otklik")) if event.who == OTKLIK else event.who
    return Step(event.at, None, icon, who, text, event.reason)

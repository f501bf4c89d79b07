"""The course of an incident: voices and events in one order of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.console.panes import Pane, Said
from search.event_names import parted, told, told_reason, told_who
from search.events import Event
from search.states import State
from search.taking_back import REPORT_TAKEN_BACK

_ICONS = {
    "opened": "saved",
    "registered": "edit",
    "took in": "merge",
    "severity": "soon",
    "route": "arrow",
    "place": "edit",
    "topic": "edit",
    REPORT_TAKEN_BACK: "undo",
}
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
    acts = [_act(event, pane) for event in pane.shown.events if event.what not in _SAID_ANYWAY]
    return sorted([*voices, *acts], key=lambda step: step.at, reverse=not oldest_first)


def _act(event: Event, pane: Pane) -> Step:
    word, _ = parted(event.what)
    icon = _ICONS.get(word, "x" if word in {State.REJECTED, State.NOT_OURS} else "arrow")
    return Step(
        event.at, None, icon, told_who(event), told(event, pane.executors), told_reason(event, pane.destinations)
    )

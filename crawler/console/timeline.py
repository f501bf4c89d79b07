"""The course of an incident: voices and events in one order of time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.console import names
from crawler.console.panes import Pane, Said
from crawler.model.text import Text
from search.acts import Kind
from search.events import OTKLIK, Event
from search.forgetting import ERASED_REPORT
from search.rules.ticking import SPOKEN
from search.states import REJECTIONS, STATE_NAMES, Rejection, State

EVENTS: dict[str, Text] = {
    **{state.value: name for state, name in STATE_NAMES.items()},
    "opened": Text("открыт", "opened"),
    "registered": Text("зарегистрировано вручную", "registered by hand"),
    "report no longer fits": Text("обращение больше не подходит", "a report no longer fits"),
    "report fits again": Text("обращение снова подходит", "a report fits again"),
    "report became personal": Text("обращение стало личным", "a report became personal"),
    ERASED_REPORT: Text("обращение стёрто", "a report was erased"),
    SPOKEN: Text("тишина закончилась", "the silence is over"),
    "took in": Text("в него вошёл инцидент №", "took in incident"),
    "severity": Text("важность", "severity"),
    "route": Text("маршрут", "route"),
    "executor": Text("исполнитель", "executor"),
    "taken": Text("взят в работу", "taken"),
    "given back": Text("возвращён в очередь", "given back"),
    "split": Text("разделён", "split"),
    "moved away": Text("голоса перенесены", "voices moved away"),
    "moved here": Text("голоса перенесены сюда", "voices moved here"),
    "note": Text("написана заметка", "a note was written"),
    "note removed": Text("заметка убрана", "a note was removed"),
    "undone": Text("отменено", "undone"),
}
_ICONS = {"opened": "saved", "registered": "edit", "took in": "merge", "severity": "soon", "route": "arrow"}
_WITH_SUBJECTS = frozenset({"took in", "severity", "route"})
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
    # «severity high», «executor Горгаз»: the value stands in the word, or among the subjects.
    word, _, value = event.what.partition(" ") if event.what not in EVENTS else (event.what, "", "")
    subjects = [value] if value else event.subjects if word in _WITH_SUBJECTS else ()
    what = EVENTS.get(word)
    named = " ".join(names.value(one) for one in subjects)
    text = f"{what or event.what} {named}".strip()
    icon = _ICONS.get(word, "x" if word in {State.REJECTED, State.NOT_OURS} else "arrow")
    who = str(Text("Отклик", "Otklik")) if event.who == OTKLIK else event.who
    return Step(event.at, None, icon, who, text, _reason(word, event.reason))


def _reason(word: str, reason: str) -> str:
    """A reason in words: what journals keep as a code is said as people call it."""
    code, mark, rest = reason.partition(":")
    if word == State.REJECTED and code in set(Rejection):
        return f"{REJECTIONS[Rejection(code)]}{mark}{rest}"
    kind, _, detail = reason.partition(" ")
    if word == "undone" and kind in set(Kind):
        return names.said(Kind(kind), detail)
    return reason

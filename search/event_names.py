"""What people call what the journal says: one table for the command line and the console."""

from crawler.model.city import Severity
from crawler.model.text import Text
from search.acts import Kind
from search.events import Event
from search.forgetting import ERASED_REPORT
from search.rules.ticking import SPOKEN
from search.states import REJECTIONS, SEVERITY_NAMES, STATE_NAMES, Rejection, State
from search.undo_texts import KINDS
from search.withdrawing import STAYS, WITHDRAWN

EVENTS: dict[str, Text] = {
    **{state.value: name for state, name in STATE_NAMES.items()},
    "opened": Text("открыт", "opened"),
    "registered": Text("зарегистрировано вручную", "registered by hand"),
    "report added": Text("добавлено обращение", "report added"),
    "report no longer fits": Text("обращение больше не подходит", "report no longer fits"),
    "report fits again": Text("обращение снова подходит", "report fits again"),
    "report became personal": Text("обращение стало личным", "report became personal"),
    ERASED_REPORT: Text("обращение стёрто", "report erased"),
    SPOKEN: Text("тишина закончилась", "the silence is over"),
    "taken": Text("взят в работу", "taken"),
    "given back": Text("возвращён в очередь", "given back"),
    "executor": Text("исполнитель", "executor"),
    "put off": Text("отложен до", "put off until"),
    "brought back": Text("возвращён из отложенных", "brought back into the queue"),
    "split": Text("разделён", "split"),
    "moved away": Text("обращения перенесены", "reports moved away"),
    "moved here": Text("обращения перенесены сюда", "reports moved here"),
    "note": Text("написана заметка", "note written"),
    "note removed": Text("заметка убрана", "note removed"),
    "undone": Text("отменено", "undone"),
    "took in": Text("принял инцидент №", "took in incident"),
    "severity": Text("важность", "severity"),
    "route": Text("маршрут", "route"),
    WITHDRAWN: Text("заявка отозвана, она ещё не уходила", "ticket taken back, it had not gone out"),
    STAYS: Text(
        "прежняя заявка остаётся, ей сообщат нового исполнителя", "the former ticket stays and is told the new executor"
    ),
}
"""By the word that the journal keeps; what people did to the state goes by the state's name."""


def told(event: Event) -> str:
    """What happened, with its value where the journal has one: «исполнитель: Горгаз»."""
    word, value = parted(event.what)
    if word not in EVENTS:
        return event.what  # of another version of Otklik
    return f"{EVENTS[word]}: {value_of(value)}" if value else str(EVENTS[word])


def parted(what: str) -> tuple[str, str]:
    """The word of an event and its value, "" for none: «severity high»."""
    if what in EVENTS:
        return what, ""
    word, _, value = what.partition(" ")
    return word, value


def told_reason(event: Event) -> str:
    """The reason in words: what the journal keeps as a code is said as people call it."""
    code, mark, words = event.reason.partition(":")
    if event.what == State.REJECTED and code in set(Rejection):
        return f"{REJECTIONS[Rejection(code)]}{mark}{words}"
    kind, _, detail = event.reason.partition(" ")
    if event.what == "undone" and kind in set(Kind):
        return told_act(Kind(kind), detail)
    return event.reason


def told_act(kind: Kind, detail: str) -> str:
    """What somebody did, in a few words: «подтверждён», «исполнитель: Горгаз»."""
    if kind is Kind.STATE and detail in set(State):
        return str(STATE_NAMES[State(detail)])
    bare = kind in {Kind.TAKE, Kind.UNDO}
    return f"{KINDS[kind]}: {value_of(detail)}" if detail and not bare else str(KINDS[kind])


def value_of(text: str) -> str:
    """A value of an event as people call it: «опасно» for danger; any other as it is."""
    return str(SEVERITY_NAMES[Severity(text)]) if text in set(Severity) else text

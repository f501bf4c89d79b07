"""What people call what the journal says: one table for the command line and the console."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from crawler.model.city import City, Severity
from crawler.model.text import Text
from search.acts import Kind
from search.correcting import PLACE_UNKNOWN
from search.events import OTKLIK, Event
from search.forgetting import ERASED_REPORT
from search.rules.ticking import SPOKEN
from search.states import REJECTIONS, SEVERITY_NAMES, STATE_NAMES, Rejection, State
from search.taking_back import BY_MISTAKE, REPORT_TAKEN_BACK
from search.undo_texts import KINDS
from search.withdrawing import STAYS, WITHDRAWN

_ALL_ERASED = Text("все обращения стёрты", "every report was erased")
_BY_MISTAKE = Text("обращение записано по ошибке", "its report was registered by mistake")
_ITSELF = Text("Отклик", "Otklik")
EVENTS: dict[str, Text] = {
    State.NEW.value: Text("возвращает в новые", "made it new again"),
    State.CONFIRMED.value: Text("подтверждает", "confirmed it"),
    State.REJECTED.value: Text("отклоняет:", "rejected it:"),
    State.NOT_OURS.value: Text("признаёт не нашим", "found it not ours"),
    State.IN_WORK.value: Text("отмечает: в работе", "noted that it is in work"),
    State.ANSWERED.value: Text("отмечает: отвечено", "noted that it is answered"),
    State.CLOSED.value: Text("закрывает", "closed it"),
    State.MERGED.value: Text("закрывает как объединённый", "closed it as merged"),
    "opened": Text("открывает инцидент", "opened it"),
    "registered": Text("регистрирует вручную", "registered it by hand"),
    REPORT_TAKEN_BACK: Text("убирает обращение: записано по ошибке", "took a report back: registered by mistake"),
    "report added": Text("добавляет обращение", "added a report"),
    "report no longer fits": Text("убирает обращение: больше не подходит", "set a report aside: it no longer fits"),
    "report fits again": Text("возвращает обращение: снова подходит", "took a report back: it fits again"),
    "report became personal": Text("отделяет обращение: оно личное", "set a report apart: it is personal"),
    ERASED_REPORT: Text("стирает обращение", "erased a report"),
    SPOKEN: Text("замечает: тишина закончилась", "noted that the silence is over"),
    "taken": Text("берёт на себя", "took it"),
    "given back": Text("отпускает, теперь никем не взят", "gave it back"),
    "executor": Text("назначает исполнителя", "set the executor"),
    "put off": Text("откладывает до", "put it off until"),
    "brought back": Text("возвращает из отложенных", "brought it back into the queue"),
    "split": Text("разделяет", "split it"),
    "moved away": Text("переносит отсюда обращения", "moved reports away"),
    "moved here": Text("переносит сюда обращения", "moved reports here"),
    "note": Text("пишет заметку", "wrote a note"),
    "note removed": Text("убирает заметку", "removed a note"),
    "undone": Text("отменяет действие", "undid an act"),
    "took in": Text("присоединяет инцидент №", "joined to it incident"),
    "severity": Text("меняет важность", "set the severity"),
    "place": Text("исправляет место", "corrected the place"),
    PLACE_UNKNOWN: Text("отмечает: место неизвестно", "noted that the place is not known"),
    "topic": Text("исправляет тему", "corrected the topic"),
    "route": Text("передаёт по маршруту", "set the route"),
    WITHDRAWN: Text("отзывает заявку, она ещё не уходила", "took the ticket back, it had not gone out"),
    STAYS: Text(
        "оставляет прежнюю заявку, ей сообщат нового исполнителя", "left the former ticket, it is told the new executor"
    ),
}
"""By the word that the journal keeps: what stands after the name of who did it. In Russian the present, which asks for
no gender.
"""
_TO = re.compile(r"^([→←]) (\d+)")


def told(event: Event, executors: Mapping[str, str] = MappingProxyType({})) -> str:
    """What was done, with its value where the journal has one: «назначает исполнителя: Горгаз». A route is called by
    its executor, where `executors` has its key.
    """
    word, value = parted(event.what)
    if word not in EVENTS:
        return event.what  # of another version of Otklik
    shown = executors.get(value, value) if word == "route" else value_of(value)
    return f"{EVENTS[word]}: {shown}" if value else str(EVENTS[word])


def told_who(event: Event) -> str:
    """Who did it: the name that they sign in with, or Otklik itself."""
    return str(_ITSELF) if event.who == OTKLIK else event.who


def executors_of(city: City) -> dict[str, str]:
    """What a route is called by: its executor."""
    return {route.key: route.executor for route in city.routes}


def parted(what: str) -> tuple[str, str]:
    """The word of an event and its value, "" for none: «severity high»."""
    if what in EVENTS:
        return what, ""
    word, _, value = what.partition(" ")
    return word, value


def told_reason(event: Event, destinations: Mapping[str, str] = MappingProxyType({})) -> str:
    """The reason in words: what the journal keeps as a code is said as people call it, a destination by its name where
    `destinations` has its key.
    """
    if event.what in (WITHDRAWN, STAYS):
        key, _, ticket = event.reason.partition(" ")
        return f"{destinations.get(key, key)} {ticket}".rstrip()
    if event.what == State.REJECTED and event.reason == "erased":
        return str(_ALL_ERASED)
    if event.what == State.REJECTED and event.reason == BY_MISTAKE:
        return str(_BY_MISTAKE)
    code, mark, words = event.reason.partition(":")
    if event.what == State.REJECTED and code in set(Rejection):
        return f"{REJECTIONS[Rejection(code)]}{mark}{words}"
    kind, _, detail = event.reason.partition(" ")
    if event.what == "undone" and kind in set(Kind):
        return f"«{told_act(Kind(kind), detail)}»"
    # Another incident by its number.
    return _TO.sub(r"\1 № \2", event.reason)


def told_act(kind: Kind, detail: str) -> str:
    """What somebody did, in a few words: «подтверждён», «исполнитель: Горгаз»."""
    if kind is Kind.STATE and detail in set(State):
        return str(STATE_NAMES[State(detail)])
    bare = kind in {Kind.TAKE, Kind.UNDO}
    return f"{KINDS[kind]}: {value_of(detail)}" if detail and not bare else str(KINDS[kind])


def value_of(text: str) -> str:
    """A value of an event as people call it: «опасно» for danger; any other as it is."""
    return str(SEVERITY_NAMES[Severity(text)]) if text in set(Severity) else text

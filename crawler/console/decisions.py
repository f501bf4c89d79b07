"""Decisions about incidents as the console offers them: each with its key, its name and what it leads to."""

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.console.asked import Asked, Trouble
from crawler.console.routing import NOT_DONE
from crawler.model.text import Text
from search.incidents import Incident
from search.states import NEXT, REJECTIONS, Rejection, State


@dataclass(frozen=True, slots=True)
class Decision:
    """A change of state: `name` is the verb on the button, `done` what is said of it afterwards."""

    key: str
    to: State
    name: Text
    done: Text
    keyboard: str = ""
    reasons: tuple[tuple[Rejection, Text], ...] = ()


REASONS = tuple(REJECTIONS.items())
"""Of a rejection, in the order of the keys 1 to 6."""

DECISIONS = (
    Decision("confirm", State.CONFIRMED, Text("Подтвердить", "Confirm"), Text("подтверждён", "confirmed"), "KeyA"),
    Decision("reject", State.REJECTED, Text("Отклонить", "Reject"), Text("отклонён", "rejected"), "KeyX", REASONS),
    Decision("not_ours", State.NOT_OURS, Text("Не наш", "Not ours"), Text("не наш", "not ours"), "KeyO"),
    Decision("in_work", State.IN_WORK, Text("В работу", "Into work"), Text("в работе", "in work"), "KeyW"),
    Decision("answered", State.ANSWERED, Text("Отвечен", "Answered"), Text("отвечен", "answered"), "KeyD"),
    Decision("close", State.CLOSED, Text("Закрыть", "Close"), Text("закрыт", "closed"), "KeyC"),
)
MOST_WORDS = 500
_UNKNOWN = Text("Такого решения нет.", "There is no such decision.")


def open_to(incident: Incident) -> Sequence[Decision]:
    """The decisions that the state of an incident leads to, the main one first."""
    return [decision for decision in DECISIONS if decision.to in NEXT[incident.state]]


def decision_of(asked: Asked) -> Decision:
    """The decision that a form names."""
    for decision in DECISIONS:
        if decision.key == asked.value("decision"):
            return decision
    raise Trouble(400, NOT_DONE, _UNKNOWN)


def reason_of(asked: Asked) -> Rejection | None:
    """The reason of a rejection that a form names, None for none of the list."""
    reason = asked.value("reason")
    return Rejection(reason) if reason in set(Rejection) else None

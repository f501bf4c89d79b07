"""What can be done to several incidents at once: what each is called, and why it is refused to one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from crawler.console.asked import Asked, Trouble
from crawler.console.decisions import decision_of, reason_of
from crawler.console.putting_off import time_of
from crawler.console.routing import NOT_DONE
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search import undoing
from search.acting import may_take, refusal_of
from search.acts import Hand, Kind
from search.putting_off import check_time, may_put_off
from search.states import Rejection, State

Refusal = Callable[[Hand, int, int | None], OtklikError | None]


@dataclass(frozen=True, slots=True)
class Bulk:
    """`act` is its name among those of one incident (crawler/console/acting.py), `kind` and `detail` are those of the
    acts that it leaves, `refusal` says why one incident would be refused it now (of an undo also which act).
    """

    act: str
    title: Text
    kind: Kind
    refusal: Refusal
    detail: str | None = None

    @property
    def undoable(self) -> bool:
        """Whether what it did can be undone as it was done."""
        return self.kind is not Kind.UNDO

    @property
    def asks(self) -> bool:
        """Whether something has to be said before it can be done to any: a reason, a time."""
        return self.detail == State.REJECTED or self.act == "put_off"


def bulk_of(asked: Asked) -> Bulk:
    """The one that a form or an address names."""
    name = asked.value("act") or "decide"
    if name == "decide":
        decision = decision_of(asked)
        return Bulk(name, decision.name, Kind.STATE, _decided(decision.to), decision.to.value)
    if name not in OTHERS:
        raise Trouble(400, NOT_DONE, _UNKNOWN)
    return OTHERS[name]


def lacks(asked: Asked, bulk: Bulk) -> OtklikError | None:
    """What has to be said before it can be done to any: the reason of a rejection, a time."""
    if bulk.detail == State.REJECTED:
        reason = reason_of(asked)
        if reason in (None, Rejection.OTHER) and not asked.value("why").strip():
            return OtklikError(_NO_WORDS if reason else _NO_REASON)
    if bulk.act == "put_off":
        try:
            check_time(time_of(asked), asked.now)
        except OtklikError as error:
            return error
    return None


def _decided(to: State) -> Refusal:
    return lambda hand, number, _: refusal_of(hand, number, to)


def _raised(check: Callable[[Hand, int], object]) -> Refusal:
    def refusal(hand: Hand, number: int, _: int | None) -> OtklikError | None:
        try:
            check(hand, number)
        except OtklikError as error:
            return error
        return None

    return refusal


def _undone(hand: Hand, number: int, act: int | None) -> OtklikError | None:
    try:
        return undoing.preview(hand, number, act).refusal
    except OtklikError as error:
        return error


OTHERS: Mapping[str, Bulk] = {
    "take": Bulk("take", Text("Взять на себя", "Take"), Kind.TAKE, _raised(may_take)),
    "put_off": Bulk("put_off", Text("Отложить", "Put off"), Kind.SNOOZE, _raised(may_put_off)),
    "join": Bulk("join", Text("Объединить", "Merge"), Kind.JOIN, lambda *_: None),
    "undo": Bulk("undo", Text("Отменить", "Undo"), Kind.UNDO, _undone),
}
_UNKNOWN = Text("Такого действия нет.", "There is no such act.")
_NO_REASON = Text("Выберите причину: она будет у всех.", "Choose a reason: it is that of all of them.")
_NO_WORDS = Text("Для «другое» нужны слова: они будут у всех.", "“Other” needs words: they are those of all of them.")

"""What `otklik incidents` does with incidents, and what it says of that: acts, their undo, notes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from crawler.checking.problems import did_you_mean
from crawler.commands.incident_shown import act_text
from crawler.commands.shell import local_time, out, plain, print_json, who
from crawler.desk import Desk
from crawler.model.city import Severity
from crawler.model.errors import OtklikError
from crawler.model.items import Place
from crawler.model.text import Text
from pipelines.typed_place import known_place
from search import acting, correcting, joining, notes, putting_off, undoing
from search.acts import Hand
from search.founding import NO_TOPIC, topics_of
from search.states import STATE_NAMES, Rejection, State
from search.titles import place_text


class Action(StrEnum):
    """What to do with the queue or with incidents."""

    LIST = "list"
    SHOW = "show"
    CONFIRM = "confirm"
    REJECT = "reject"
    NOT_OURS = "not_ours"
    IN_WORK = "in_work"
    ANSWERED = "answered"
    CLOSE = "close"
    TAKE = "take"
    GIVE_BACK = "give_back"
    EXECUTOR = "executor"
    SEVERITY = "severity"
    NOTE = "note"
    REMOVE_NOTE = "remove_note"
    PUT_OFF = "put_off"
    BRING_BACK = "bring_back"
    JOIN = "join"
    SPLIT = "split"
    MOVE = "move"
    PLACE = "place"
    TOPIC = "topic"
    UNDO = "undo"


TO = {
    Action.CONFIRM: State.CONFIRMED,
    Action.REJECT: State.REJECTED,
    Action.NOT_OURS: State.NOT_OURS,
    Action.IN_WORK: State.IN_WORK,
    Action.ANSWERED: State.ANSWERED,
    Action.CLOSE: State.CLOSED,
}
CHANGED = Text("Инцидент № {number}: {state}.", "Incident {number}: {state}.")
TAKEN = Text("Инцидент № {number} у вас.", "Incident {number} is yours.")
GIVEN_BACK = Text("Инцидент № {number} снова ничей.", "Incident {number} is nobody's again.")
ASSIGNED = Text("Инцидент № {number}: исполнитель сменён.", "Incident {number}: another executor.")
WEIGHED = Text("Инцидент № {number}: важность сменена.", "Incident {number}: another severity.")
PLACED = Text("Инцидент № {number}: место {place}.", "Incident {number}: place {place}.")
NO_PLACE = Text("неизвестно", "not known")
NAMED = Text("Инцидент № {number}: тема «{topic}».", "Incident {number}: topic “{topic}”.")
NEEDS_PLACE = Text(
    "place: какое место? --place «улица Ленина, 18», или --none, если его никто не знает",
    "place: which place? --place «улица Ленина, 18», or --none where nobody knows it",
)
NEEDS_TOPIC = Text("topic: какая тема? --topic «…»", "topic: which topic? --topic “…”")
PUT_AWAY = Text("Инцидент № {number} отложен до {until}.", "Incident {number} is put off until {until}.")
BACK = Text("Инцидент № {number} снова в очереди.", "Incident {number} is in the queue again.")
NEEDS_UNTIL = Text(
    "put_off: до каких пор? --until 3h, 2d, или 2026-11-28T09:00 по времени города",
    "put_off: until when? --until 3h, 2d, or 2026-11-28T09:00 by the time of the city",
)
NOTED = Text("Инцидент № {number}: заметка {note}.", "Incident {number}: note {note}.")
UNNOTED = Text("Инцидент № {number}: заметка убрана.", "Incident {number}: the note is removed.")
JOINED = Text("С инцидентом № {number} объединены: {others}.", "Joined with incident {number}: {others}.")
SPLIT_OFF = Text("Из № {number} выделен инцидент № {new}.", "Incident {new} was split off {number}.")
MOVED = Text("Обращения перенесены из № {number} в № {to}.", "Reports moved from {number} to {to}.")
UNDONE = Text("Отменено ({what}). {says}", "Undone ({what}). {says}")
WILL = Text("Действие {act} ({what}, {who}) можно отменить:", "Act {act} ({what}, {who}) can be undone:")
NEEDS = Text(
    "{action}: сколько номеров нужно: {count}, а дано: {given}", "{action} needs {count} numbers; given: {given}"
)
NEEDS_SEVERITY = Text("severity: какая? --severity danger, high, normal или low", "severity: which? --severity …")


_SPAN = re.compile(r"([0-9]{1,4})(m|h|d)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Given:
    """What the options of the command say."""

    why: str = ""
    reason: Rejection | None = None
    posts: tuple[str, ...] = ()
    topic: str = ""
    text: str = ""
    note: int = 0
    route: str = ""
    executor: str = ""
    severity: Severity | None = None
    act: int | None = None
    over: bool = False
    until: str = ""
    place: str = ""
    none: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """What became of the incident of that number: what was done, or why nothing was."""

    number: int
    said: Text
    done: bool = True


def act_on(desk: Desk, action: Action, numbers: Sequence[int], given: Given) -> list[Told]:
    """Do something with incidents, each transaction by itself, and tell what became of each. Of those that are joined,
    split or undone only the first is told of.
    """
    if action in _ALONE:
        count = 2 if action in (Action.JOIN, Action.MOVE) else 1
        if len(numbers) < count or (len(numbers) > count and action is not Action.JOIN):
            raise OtklikError(NEEDS.filled(action=action, count=count, given=len(numbers)))
        with desk.database.begin() as connection:
            return [Told(numbers[0], _ALONE[action](_hand(desk, connection), numbers, given))]
    where = _where(desk, given) if action is Action.PLACE else None
    said: dict[int, Text] = {}

    def one(connection: sa.Connection, number: int) -> None:
        hand = _hand(desk, connection)
        said[number] = _place(hand, number, where) if action is Action.PLACE else _on_one(hand, action, number, given)

    outcomes = acting.each(desk.database, numbers, one)
    return [
        Told(one.number, one.refused.typed, done=False) if one.refused else Told(one.number, said[one.number])
        for one in outcomes
    ]


def _hand(desk: Desk, connection: sa.Connection) -> Hand:
    return Hand(connection, desk.city, desk.keys, desk.clock.now(), who())


def _on_one(hand: Hand, action: Action, number: int, given: Given) -> Text:
    """What can be done to each of several."""
    if action in TO:
        to = TO[action]
        on = (hand.connection, hand.city, number)
        acting.change(*on, to, hand.by, given.why, at=hand.at, keys=hand.keys, rejected_for=given.reason)
        return CHANGED.filled(number=number, state=STATE_NAMES[to])
    return _EACH[action](hand, number, given)


def _take(hand: Hand, number: int, given: Given) -> Text:
    acting.take(hand, number, over=given.over)
    return TAKEN.filled(number=number)


def _give_back(hand: Hand, number: int, given: Given) -> Text:  # noqa: ARG001 - as all of the table
    acting.give_back(hand, number)
    return GIVEN_BACK.filled(number=number)


def _assign(hand: Hand, number: int, given: Given) -> Text:
    acting.assign(hand, number, route=given.route, executor=given.executor)
    return ASSIGNED.filled(number=number)


def _weigh(hand: Hand, number: int, given: Given) -> Text:
    if given.severity is None:
        raise OtklikError(NEEDS_SEVERITY)
    acting.weigh(hand, number, given.severity, given.why)
    return WEIGHED.filled(number=number)


def _where(desk: Desk, given: Given) -> Place | None:
    """The place that was typed, None where nobody knows it."""
    if bool(given.place.strip()) is given.none:
        raise OtklikError(NEEDS_PLACE)
    return None if given.none else known_place(desk.finder, desk.city.home, given.place)


def _place(hand: Hand, number: int, place: Place | None) -> Text:
    correcting.correct_place(hand, number, place)
    label = place_text(place, hand.city.home)
    return PLACED.filled(number=number, place=f"«{label}»" if label else NO_PLACE)


def _topic(hand: Hand, number: int, given: Given) -> Text:
    if not given.topic:
        raise OtklikError(NEEDS_TOPIC)
    known = sorted(topics_of(hand))
    topic = next((one for one in known if one.casefold() == given.topic.strip().casefold()), "")
    if not topic:
        raise OtklikError(NO_TOPIC.filled(topic=given.topic), did_you_mean(given.topic, known))
    correcting.correct_topic(hand, number, topic)
    return NAMED.filled(number=number, topic=topic)


def _put_off(hand: Hand, number: int, given: Given) -> Text:
    until = _until(hand, given.until)
    putting_off.put_off(hand, number, until)
    return PUT_AWAY.filled(number=number, until=local_time(until, hand.city.zone))


def _bring_back(hand: Hand, number: int, given: Given) -> Text:  # noqa: ARG001 - as all of the table
    putting_off.bring_back(hand, number)
    return BACK.filled(number=number)


_EACH: dict[Action, Callable[[Hand, int, Given], Text]] = {
    Action.TAKE: _take,
    Action.GIVE_BACK: _give_back,
    Action.EXECUTOR: _assign,
    Action.SEVERITY: _weigh,
    Action.TOPIC: _topic,
    Action.PUT_OFF: _put_off,
    Action.BRING_BACK: _bring_back,
}


def _until(hand: Hand, typed: str) -> datetime:
    """The time that somebody typed: a span from now, or a moment by the clocks of the city."""
    if span := _SPAN.fullmatch(typed.strip()):
        return hand.at + timedelta(**{_UNITS[span[2]]: int(span[1])})
    try:
        at = datetime.fromisoformat(typed.strip())
    except ValueError:
        raise OtklikError(NEEDS_UNTIL) from None
    return at if at.tzinfo else at.replace(tzinfo=hand.city.zone)


def _note(hand: Hand, numbers: Sequence[int], given: Given) -> Text:
    return NOTED.filled(number=numbers[0], note=notes.note(hand, numbers[0], given.text))


def _remove_note(hand: Hand, numbers: Sequence[int], given: Given) -> Text:
    notes.remove_note(hand, numbers[0], given.note)
    return UNNOTED.filled(number=numbers[0])


def _join(hand: Hand, numbers: Sequence[int], given: Given) -> Text:
    joining.join(hand, numbers[0], numbers[1:], given.why)
    return JOINED.filled(number=numbers[0], others=", ".join(str(number) for number in numbers[1:]))


def _split(hand: Hand, numbers: Sequence[int], given: Given) -> Text:
    new = joining.split(hand, numbers[0], given.posts, given.why, topic=given.topic)
    return SPLIT_OFF.filled(number=numbers[0], new=new)


def _move(hand: Hand, numbers: Sequence[int], given: Given) -> Text:
    joining.move(hand, numbers[0], given.posts, numbers[1], given.why)
    return MOVED.filled(number=numbers[0], to=numbers[1])


def _undo(hand: Hand, numbers: Sequence[int], given: Given) -> Text:
    told = undoing.undo(hand, numbers[0], given.act)
    return UNDONE.filled(what=act_text(told.act.kind, told.act.detail), says=" ".join(str(one) for one in told.says))


_ALONE: dict[Action, Callable[[Hand, Sequence[int], Given], Text]] = {
    Action.NOTE: _note,
    Action.REMOVE_NOTE: _remove_note,
    Action.JOIN: _join,
    Action.SPLIT: _split,
    Action.MOVE: _move,
    Action.UNDO: _undo,
}


def print_preview(desk: Desk, number: int, given: Given, *, as_json: bool) -> None:
    """What an undo will do. OtklikError when it will not."""
    with desk.database.read() as connection:
        told = undoing.preview(_hand(desk, connection), number, given.act)
    if as_json:
        refusal = str(told.refusal.typed) if told.refusal else ""
        print_json({**asdict(told.act), "says": [str(one) for one in told.says], "refusal": refusal})
        return
    if told.refusal:
        raise told.refusal
    act = told.act
    lines = [WILL.filled(act=act.id, what=act_text(act.kind, act.detail), who=act.who), *told.says]
    for line in lines:
        out.print(plain(line), markup=False, highlight=False, soft_wrap=True)

"""What a person does with one incident: change its state, take it, choose its executor, say how bad it is.

Every act is one transaction: the change, its act, its events and what follows for the tickets.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, Route, Severity
from crawler.model.errors import ByOtherError, OtklikError
from crawler.model.ports import Keys
from crawler.model.text import Text
from search.acts import Draft, Hand, Kind, row_of
from search.deadlines import choose_route
from search.state.database import Database
from search.states import NEXT, OPEN, REJECTIONS, STATE_NAMES, Decided, Rejection, State, hand_over, moved
from search.titles import district_of, place_of
from search.withdrawing import redirect

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of several incidents: `refused` says why nothing was done, None that it was."""

    number: int
    refused: OtklikError | None = None


def each(database: Database, numbers: Sequence[int], act: Callable[[sa.Connection, int], object]) -> list[Outcome]:
    """Do the same to several incidents, each in a transaction of its own: one that is refused stops no other."""
    outcomes = []
    for number in dict.fromkeys(numbers):
        try:
            with database.begin() as connection:
                act(connection, number)
        except OtklikError as error:
            outcomes.append(Outcome(number, error))
        else:
            outcomes.append(Outcome(number))
    return outcomes


def change(
    connection: sa.Connection,
    city: City,
    number: int,
    to: State,
    by: str,
    why: str = "",
    *,
    at: datetime,
    keys: Keys,
    rejected_for: Rejection | None = None,
    seen: int | None = None,
) -> None:
    """Move the incident of that number to another state.

    OtklikError when there is none, when its state does not lead there (it says what is allowed), or when a rejection
    has no reason: one of the list, or words. `why` goes into the journal: no personal data. `seen` as in `row_of`.
    """
    hand = Hand(connection, city, keys, at, by)
    row, why = row_of(hand, number, seen), why.strip()
    if (refusal := _refusal(row, to)) is not None:
        raise refusal
    draft = Draft(hand, Kind.STATE, to.value)
    draft.touch(row)
    # Whoever decides has it before them again.
    values: dict[str, Any] = {"state": to.value, "snoozed_until": None}
    if to is State.REJECTED:
        values["rejected_for"], why = _reason(number, rejected_for, why)
    route = route_of(city, row) if to is State.CONFIRMED else None
    if route:
        values |= {"route": route.key}
        if Decided.EXECUTOR not in row.by_hand:
            values |= {"executor": route.executor}
    draft.set(row.id, **values)
    moved(connection, city.key, [row.id], at)
    if route:
        # Also where the route hands over at once: it may have been written into the city file since the opening.
        hand_over(connection, city, row.id, route, at)
    draft.finish([draft.event(to.value, row.id, reason=why)])


def refusal_of(hand: Hand, number: int, to: State) -> OtklikError | None:
    """Why `change` would not lead there from the state that an incident is in; None where it would."""
    try:
        return _refusal(row_of(hand, number), to)
    except OtklikError as error:
        return error


def _refusal(row: sa.Row[Any], to: State) -> OtklikError | None:
    state = State(row.state)
    return None if to in NEXT[state] else OtklikError(_not_allowed(row.number, state, to))


def take(hand: Hand, number: int, *, over: bool = False, seen: int | None = None) -> None:
    """Let everybody see who works on an incident. OtklikError when it is over, or when somebody else has it and `over`
    does not say that it is taken from them.
    """
    row = may_take(hand, number, over=over, seen=seen)
    if row.assignee == hand.by:
        return
    draft = Draft(hand, Kind.TAKE, hand.by)
    draft.touch(row)
    draft.set(row.id, assignee=hand.by)
    draft.finish([draft.event("taken", row.id, reason=f"← {row.assignee}" if row.assignee else "")])


def may_take(hand: Hand, number: int, *, over: bool = False, seen: int | None = None) -> sa.Row[Any]:
    """The row of an incident that can be taken. OtklikError as `take` has it."""
    row = open_row(hand, number, seen)
    if row.assignee not in ("", hand.by) and not over:
        raise ByOtherError(
            Text(
                "Инцидент № {number} уже взял(а) {{who}}. Чтобы забрать его, скажите об этом прямо.",
                "Incident {number} is {{who}}'s already. To take it over, say so.",
            ).filled(number=number),
            row.assignee,
            Text("Так: --over.", "By --over."),
        )
    return row


def give_back(hand: Hand, number: int, *, seen: int | None = None) -> None:
    """Nobody works on an incident any more. OtklikError when it is not one's own."""
    row = open_row(hand, number, seen)
    if row.assignee != hand.by:
        text = _HAS if row.assignee else _HAS_NOBODY
        raise ByOtherError(text.filled(number=number), row.assignee)
    draft = Draft(hand, Kind.GIVE_BACK)
    draft.touch(row)
    draft.set(row.id, assignee="")
    draft.finish([draft.event("given back", row.id)])


def assign(hand: Hand, number: int, *, route: str = "", executor: str = "", seen: int | None = None) -> None:
    """Choose who answers: a route of the city file, or anybody by name, who has no ticket system. A worse report that
    comes later does not change it. What has not gone out to another yet is taken back. OtklikError when the city file
    has no such route.
    """
    row = open_row(hand, number, seen)
    chosen = next((one for one in hand.city.routes if one.key == route), None)
    executor = " ".join(executor.split())
    if not route and not executor:
        raise OtklikError(_NO_EXECUTOR.filled(known=", ".join(one.key for one in hand.city.routes) or "—"))
    if (route and executor) or (route and not chosen) or len(executor) > LONGEST_NAME:
        raise OtklikError(_no_such_route(hand.city, route))
    name = chosen.executor if chosen else executor
    draft = Draft(hand, Kind.EXECUTOR, name)
    draft.touch(row)
    draft.set(row.id, route=route, executor=name)
    draft.decide(row, Decided.EXECUTOR)
    moved(hand.connection, hand.city.key, [row.id], hand.at)
    draft.finish([draft.event(f"executor {name}", row.id), *redirect(draft, row, chosen)])


def weigh(hand: Hand, number: int, severity: Severity, why: str, *, seen: int | None = None) -> None:
    """Say how bad it is, and why (for the journal). Only a worse report that comes later raises it again."""
    row = open_row(hand, number, seen)
    if not why.strip():
        raise OtklikError(
            Text(
                "Инцидент № {number}: чтобы сменить важность, нужна причина.",
                "Incident {number}: another severity needs a reason.",
            ).filled(number=number),
            Text("Назовите её: --why.", "Give it by --why."),
        )
    draft = Draft(hand, Kind.SEVERITY, severity.value)
    draft.touch(row)
    draft.set(row.id, severity=severity.value)
    draft.decide(row, Decided.SEVERITY)
    moved(hand.connection, hand.city.key, [row.id], hand.at)
    draft.finish([draft.event(f"severity {severity.value}", row.id, reason=why)])


def open_row(hand: Hand, number: int, seen: int | None) -> sa.Row[Any]:
    """The row of an incident that people still work on. OtklikError for one that is over or was changed meanwhile."""
    row = row_of(hand, number, seen)
    if row.state not in OPEN:
        raise over(number, State(row.state))
    return row


def route_of(city: City, row: sa.Row[Any]) -> Route | None:
    """The route that was chosen; one chosen anew when the city file no longer has it or there was none. None where a
    person named somebody whom no route leads to.
    """
    named = next((route for route in city.routes if route.key == row.route), None)
    if named or Decided.EXECUTOR in row.by_hand:
        return named
    return choose_route(city.routes, city.groups.names(row.topic), district_of(place_of(row.place)))


def _reason(number: int, code: Rejection | None, why: str) -> tuple[str, str]:
    """The code of a rejection, and what the journal says: words of one's own are needed where no code tells."""
    code = code or Rejection.OTHER
    if code is Rejection.OTHER and not why:
        raise OtklikError(
            Text(
                "Инцидент № {number}: чтобы отклонить, нужна причина из списка, для «другое» — словами.",
                "Incident {number}: a rejection needs a reason of the list; “other” needs words.",
            ).filled(number=number),
            Text("Назовите её: --reason ({codes}) или --why.", "Give it by --reason ({codes}) or --why.").filled(
                codes=", ".join(one for one in REJECTIONS if one is not Rejection.OTHER)
            ),
        )
    return code.value, why if code is Rejection.OTHER else ": ".join(part for part in (code.value, why) if part)


def over(number: int, state: State) -> OtklikError:
    """Nobody works on it any more."""
    name = STATE_NAMES[state]
    return OtklikError(
        Text(
            f"Инцидент № {number} — «{name.ru}»: так можно только с открытыми. Вернуть его можно отменой.",
            f"Incident {number} is «{name.en}»: only open ones can be changed so. Undoing reopens it.",
        ),
        Text("Отменяет undo.", "The action is undo."),
    )


def _not_allowed(number: int, state: State, to: State) -> Text:
    now, then = STATE_NAMES[state], STATE_NAMES[to]
    allowed = [STATE_NAMES[one] for one in NEXT[state]]
    names = Text(", ".join(f"«{one.ru}»" for one in allowed), ", ".join(f"«{one.en}»" for one in allowed))
    return Text(
        f"Инцидент № {number} сейчас «{now.ru}», сделать его «{then.ru}» нельзя: "
        + (f"дальше он может стать {names.ru}." if allowed else "дальше он не меняется."),
        f"Incident {number} is «{now.en}»: it cannot become «{then.en}», "
        + (f"only {names.en}." if allowed else "nothing follows that."),
    )


_NO_EXECUTOR = Text(
    "Исполнитель не назван: выберите маршрут города ({known}) или впишите имя.",
    "No executor is named: choose a route of the city ({known}), or write a name.",
)
_HAS = Text(
    "Инцидент № {number} не у вас, его взял(а) {{who}}: вернуть его нельзя.",
    "Incident {number} is not yours but {{who}}'s: you cannot give it back.",
)
_HAS_NOBODY = Text(
    "Инцидент № {number} никем не взят: вернуть его нельзя.", "Nobody has incident {number}: you cannot give it back."
)


def _no_such_route(city: City, route: str) -> Text:
    return Text(
        "Исполнитель: нужен либо маршрут из файла города ({known}), либо имя до {most} знаков; дан маршрут «{route}».",
        "Executor: either a route of the city file ({known}) or a name of up to {most} characters; given: «{route}».",
    ).filled(known=", ".join(one.key for one in city.routes) or "—", most=LONGEST_NAME, route=route or "—")

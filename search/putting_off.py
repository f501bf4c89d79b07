"""Putting an incident off until a time: it leaves the queue, its clocks go on, and it is back at that time, or before
it where a term comes within the hour: nobody forgets what is late.
"""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.acting import open_row
from search.acts import Draft, Hand, Kind
from search.queue_terms import comes_soon, next_term
from search.states import State

LEAST, MOST = timedelta(minutes=5), timedelta(days=14)


def put_off(hand: Hand, number: int, until: datetime | None, *, seen: int | None = None) -> None:
    """Put an open incident off until a time. OtklikError when it is over, late or due within the hour, or when the time
    is not said or none between 5 minutes and 14 days from now.
    """
    row = may_put_off(hand, number, seen=seen)
    check_time(until, hand.at)
    assert until is not None
    until = until.astimezone(hand.at.tzinfo)
    told = until.astimezone(hand.city.zone).strftime("%d.%m %H:%M")
    draft = Draft(hand, Kind.SNOOZE, told)
    draft.touch(row)
    draft.set(row.id, snoozed_until=until)
    draft.finish([draft.event("put off", row.id, reason=told)])


def may_put_off(hand: Hand, number: int, *, seen: int | None = None) -> sa.Row[Any]:
    """The row of an incident that can be put off until some time. OtklikError as `put_off` has it."""
    row = open_row(hand, number, seen)
    if comes_soon(next_term(State(row.state), row.due_first, row.due_resolved), hand.at):
        raise OtklikError(TOO_LATE.filled(number=number))
    return row


def check_time(until: datetime | None, now: datetime) -> None:
    """OtklikError for a time until which nothing can be put off."""
    if until is None:
        raise OtklikError(UNSAID)
    if not LEAST <= until - now <= MOST:
        raise OtklikError(NO_TIME)


def bring_back(hand: Hand, number: int, *, seen: int | None = None) -> None:
    """Take a put off incident back into the queue now. OtklikError when it is not put off."""
    row = open_row(hand, number, seen)
    if row.snoozed_until is None or row.snoozed_until <= hand.at:
        raise OtklikError(NOT_AWAY.filled(number=number))
    draft = Draft(hand, Kind.WAKE)
    draft.touch(row)
    draft.set(row.id, snoozed_until=None)
    draft.finish([draft.event("brought back", row.id)])


UNSAID = Text(
    "Не сказано, до какого времени отложить: выберите из списка или впишите день и время.",
    "Until when is not said: choose from the list, or write a day and a time.",
)
NO_TIME = Text(
    "Отложить можно на время от 5 минут до 14 дней вперёд.", "It can be put off for between 5 minutes and 14 days."
)
TOO_LATE = Text(
    "№ {number}: срок прошёл или наступит в течение часа, отложить нельзя.",
    "{number} is late or due within the hour: it cannot be put off.",
)
NOT_AWAY = Text("Инцидент № {number} не отложен.", "Incident {number} is not put off.")

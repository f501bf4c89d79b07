"""The states of an incident and of its deliveries: which change may follow which, and what a change sets going."""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from crawler.model.city import City, Route, Severity
from crawler.model.text import Text
from search.state.tables import deliveries, incidents


class State(StrEnum):
    """Where an incident stands."""

    NEW = "new"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    NOT_OURS = "not_ours"
    IN_WORK = "in_work"
    ANSWERED = "answered"
    CLOSED = "closed"
    MERGED = "merged"


STATE_NAMES = {
    State.NEW: Text("новый", "new"),
    State.CONFIRMED: Text("подтверждён", "confirmed"),
    State.REJECTED: Text("отклонён", "rejected"),
    State.NOT_OURS: Text("не наш", "not ours"),
    State.IN_WORK: Text("в работе", "in work"),
    State.ANSWERED: Text("отвечено", "answered"),
    State.CLOSED: Text("закрыт", "closed"),
    State.MERGED: Text("объединён", "merged"),
}
"""What people call the states."""

SEVERITY_NAMES = {
    Severity.DANGER: Text("опасно", "danger"),
    Severity.HIGH: Text("высокая", "high"),
    Severity.NORMAL: Text("обычная", "normal"),
    Severity.LOW: Text("низкая", "low"),
}
"""What people call the severities."""

# A merge names the incident it goes into, so it is no plain change of state.
NEXT: dict[State, tuple[State, ...]] = {
    State.NEW: (State.CONFIRMED, State.REJECTED, State.NOT_OURS),
    State.CONFIRMED: (State.IN_WORK,),
    State.IN_WORK: (State.ANSWERED,),
    State.ANSWERED: (State.CLOSED,),
    State.REJECTED: (),
    State.NOT_OURS: (),
    State.CLOSED: (),
    State.MERGED: (),
}
OPEN = frozenset({State.NEW, State.CONFIRMED, State.IN_WORK, State.ANSWERED})


class Rejection(StrEnum):
    """Why an incident was rejected."""

    DUPLICATE = "duplicate"
    NOT_CITY = "not_city"
    OLD = "old"
    JOKE = "joke"
    NO_PLACE = "no_place"
    OTHER = "other"


REJECTIONS = {
    Rejection.DUPLICATE: Text("дубль", "a duplicate"),
    Rejection.NOT_CITY: Text("не о городе", "not about the city"),
    Rejection.OLD: Text("давнее", "old"),
    Rejection.JOKE: Text("реклама или шутка", "an advert or a joke"),
    Rejection.NO_PLACE: Text("место не понять", "no place can be told"),
    Rejection.OTHER: Text("другое", "other"),
}
"""What people call the reasons, in the order of their keys 1 to 6."""


class Decided(StrEnum):
    """What a person decided of an incident and Otklik leaves alone: who answers, how bad it is (a worse report raises
    it), which reports it has, where it is and what about.
    """

    EXECUTOR = "executor"
    SEVERITY = "severity"
    MEMBERS = "members"
    PLACE = "place"
    TOPIC = "topic"


def is_weighed(by_hand: Collection[str]) -> bool:
    """Whether people said how bad an incident is, by itself or by its topic."""
    return Decided.SEVERITY in by_hand or Decided.TOPIC in by_hand


class Sending(StrEnum):
    """Where a delivery stands. DEAD waits for a person: the ticket system refused it for good."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"


def moved(connection: sa.Connection, city: str, ids: Sequence[int], at: datetime) -> None:
    """Incidents of a city changed: their sequence rises and every destination that has one of them is told.

    Also one that was refused for good is tried again: it says something else now.
    """
    if not ids:
        return
    table = deliveries.c
    connection.execute(incidents.update().where(incidents.c.id.in_(ids)).values(sequence=incidents.c.sequence + 1))
    current = sa.select(incidents.c.sequence).where(incidents.c.id == table.incident).scalar_subquery()
    # The city leads the index; without it every delivery there ever was would be read.
    here = sa.and_(table.city == city, table.incident.in_(ids))
    # One that is being sent or waits for a second try keeps its state: what it sends next is current anyway.
    resting = table.state.in_([Sending.SENT.value, Sending.DEAD.value])
    connection.execute(
        deliveries.update()
        .where(here)
        .values(
            sequence=current,
            state=sa.case((resting, Sending.WAITING.value), else_=table.state),
            next_at=sa.case((resting, sa.literal(at, table.next_at.type)), else_=table.next_at),
            attempts=sa.case((resting, 0), else_=table.attempts),
        )
    )


def hand_over(
    connection: sa.Connection, city: City, incident: int, route: Route, at: datetime, again: int | None = None
) -> None:
    """Write the delivery of an incident to a route's destination, in the transaction of the change that causes it; one
    that was taken back has its id `again`, where no other has it now.
    """
    table = deliveries.c
    here = sa.and_(table.city == city.key, table.incident == incident, table.destination == route.destination)
    if connection.scalar(sa.select(table.id).where(here)) is not None:
        return
    sequence = connection.scalar(sa.select(incidents.c.sequence).where(incidents.c.id == incident))
    taken = connection.scalar(sa.select(table.id).where(table.id == again)) if again else None
    connection.execute(
        deliveries.insert().values(
            **({"id": again} if again and taken is None else {}),
            city=city.key,
            incident=incident,
            destination=route.destination,
            # Drawn once and committed before anything is sent: another installation never has the same.
            key=secrets.token_hex(16),
            sequence=sequence,
            sent_sequence=0,
            payload_digest="",
            external_id="",
            attempts=0,
            state=Sending.WAITING.value,
            next_at=at,
            last_error="",
            created_at=at,
        )
    )

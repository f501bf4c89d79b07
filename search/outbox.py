"""The outbox: makes the deliveries that incidents left in the state, and keeps exactly what became of each.

A delivery is claimed in a short transaction (with a lease, so that several processes may drain at once), sent outside
of any, and recorded in another. What a delivery sends is the incident's state of the moment of its claim: the latest
wins, and no later state goes out before an earlier one was acknowledged or overtaken.
"""

import logging
import random
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from crawler.model.city import City, Severity
from crawler.model.ports import Clock, Secrets
from crawler.model.text import Text
from search.sending import Claim, Result, Sender
from search.state.database import Database
from search.state.tables import deliveries, incidents
from search.state.values import keep_value, value_of
from search.states import Sending
from search.ticketing import TicketSystem, ticket_of

logger = logging.getLogger(__name__)

# Far above what a claim can take (two calls of CALL_SECONDS): nobody else takes it while it may still be on its way.
LEASE = timedelta(minutes=5)
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=1)
# So many due deliveries are ranked at one look, which holds for a second: ranking every waiting one before each call
# would cost more than the call, and a danger that comes meanwhile waits no longer than that.
_LOOK = 100
_LOOK_SECONDS = 1.0
# After so many failures in a row a destination is left alone for the rest of a drain.
_PATIENCE = 3


HELD = Text(
    "доставки задержаны: состояние восстановлено из копии ({since}). Проверьте otklik deliveries {city}, "
    "затем otklik deliveries {city} release",
    "deliveries are held: the state came from a backup ({since}). Look at otklik deliveries {city}, "
    "then otklik deliveries {city} release",
)


def held_name(city: str) -> str:
    """The name of the installation's value that holds a city's deliveries."""
    return f"held:{city}"


@dataclass(frozen=True, slots=True)
class Drained:
    """What a drain did and left: changes sent, deliveries that still wait, those refused for good, what went wrong
    (one line a destination, the last of it).
    """

    sent: int = 0
    waiting: int = 0
    dead: int = 0
    errors: tuple[str, ...] = ()


class Outbox:
    """Drains the deliveries of one city. `systems` are opened from the city file when they are not given."""

    def __init__(
        self,
        city: City,
        database: Database,
        secrets: Secrets,
        clock: Clock,
        systems: Mapping[str, TicketSystem] | None = None,
    ) -> None:
        self.city = city
        self.database = database
        self.clock = clock
        self._sender = Sender(city, secrets, systems)
        self._random = random.Random()  # noqa: S311 - jitter, not a secret
        self._ranked: list[int] = []
        self._looked = 0.0

    def drain(self, seconds: float) -> Drained:
        """Send what is due, worst first; no new call begins after so many seconds. What is not due yet waits."""
        if since := self._held():
            waiting, dead = self._left()
            held = HELD.filled(city=self.city.key, since=since[:16])
            return Drained(0, waiting, dead, (str(held),) if waiting else ())
        ends = time.monotonic() + seconds
        sent = 0
        self._ranked = []
        failures: Counter[str] = Counter()
        errors: dict[str, str] = {}
        while time.monotonic() < ends:
            claim = self._claim([name for name, count in failures.items() if count >= _PATIENCE])
            if claim is None:
                break
            result = self._sender.attempt(claim)
            self._record(claim, result)
            if result.error:
                failures[claim.destination] += 1
                errors[claim.destination] = f"{claim.destination}: {result.error}"
            else:
                failures.pop(claim.destination, None)
                sent += bool(result.acknowledged)
        waiting, dead = self._left()
        return Drained(sent, waiting, dead, tuple(errors.values()))

    def _held(self) -> str:
        """Since when nothing is sent, because the state came from a backup; "" when it may be."""
        with self.database.read() as connection:
            return value_of(connection, held_name(self.city.key)) or ""

    def release(self) -> bool:
        """Let deliveries go out again; whether they were held."""
        with self.database.begin() as connection:
            held = value_of(connection, held_name(self.city.key)) is not None
            keep_value(connection, held_name(self.city.key), None)
            return held

    def revive(self, destination: str) -> int:
        """Let the dead deliveries of a destination try again, after a person mended what was wrong; how many."""
        table = deliveries.c
        here = sa.and_(table.city == self.city.key, table.destination == destination, table.state == Sending.DEAD)
        values = {"state": Sending.WAITING.value, "attempts": 0, "next_at": self.clock.now()}
        with self.database.begin() as connection:
            return connection.execute(deliveries.update().where(here).values(**values)).rowcount

    def _claim(self, left_alone: list[str]) -> Claim | None:
        """Take the worst and longest due delivery, also one whose lease ran out because its process died."""
        while ranked := self._look(left_alone):
            with self.database.begin() as connection:
                claim = self._take(connection, ranked, left_alone)
            if claim is not None:
                return claim
            self._ranked = []  # others have taken them all meanwhile
        return None

    def _look(self, left_alone: list[str]) -> list[int]:
        """The ids of what is due, worst first, as of a moment ago. Read only: the lock is for who has something to
        take.
        """
        if not self._ranked or time.monotonic() - self._looked > _LOOK_SECONDS:
            table = deliveries.c
            rank = sa.case({severity.value: severity.rank for severity in Severity}, value=incidents.c.severity)
            due = (
                sa.select(table.id)
                .join(incidents, incidents.c.id == table.incident)
                .where(self._due(left_alone))
                .order_by(rank, table.next_at, table.id)
                .limit(_LOOK)
            )
            with self.database.read() as connection:
                self._ranked = list(connection.scalars(due))
            self._looked = time.monotonic()
        return self._ranked

    def _due(self, left_alone: list[str]) -> sa.ColumnElement[bool]:
        table = deliveries.c
        return sa.and_(
            table.city == self.city.key,
            table.state.in_([Sending.WAITING.value, Sending.SENDING.value]),
            table.next_at <= self.clock.now(),
            table.destination.not_in(left_alone),
        )

    def _take(self, connection: sa.Connection, ranked: list[int], left_alone: list[str]) -> Claim | None:
        """Claim the first of these that is still due; those before it are gone."""
        table = deliveries.c
        while ranked:
            here = sa.and_(table.id == ranked.pop(0), self._due(left_alone))
            row = connection.execute(sa.select(deliveries).where(here)).first()
            if row is None:
                continue
            ticket = ticket_of(connection, self.city, row.incident, row.destination)
            claim = Claim(
                id=row.id,
                destination=row.destination,
                key=row.key,
                external_id=row.external_id,
                sequence=ticket.sequence,
                attempts=row.attempts + 1,
                until=self.clock.now() + LEASE,
                tried=bool(row.payload_digest),
                ticket=ticket,
            )
            # The digest of what is about to be sent also remembers, through a crash, that it may have been.
            values = {
                "state": Sending.SENDING.value,
                "next_at": claim.until,
                "attempts": claim.attempts,
                "payload_digest": ticket.digest(),
            }
            connection.execute(deliveries.update().where(table.id == row.id).values(**values))
            return claim
        return None

    def _record(self, claim: Claim, result: Result) -> None:
        """Keep what became of a try, unless its lease ran out and another process has taken it over."""
        table = deliveries.c
        mine = sa.and_(
            table.id == claim.id,
            table.state == Sending.SENDING.value,
            table.attempts == claim.attempts,
            table.next_at == claim.until,
        )
        values = self._failed(claim, result) if result.error else self._succeeded(result)
        with self.database.begin() as connection:
            if connection.execute(deliveries.update().where(mine).values(**values)).rowcount != 1:
                logger.warning("delivery %s took longer than its lease; another process has it", claim.id)

    def _succeeded(self, result: Result) -> dict[str, object]:
        table = deliveries.c
        more = table.sequence > result.acknowledged
        return {
            "external_id": result.external_id,
            "sent_sequence": result.acknowledged or table.sent_sequence,
            "attempts": 0,
            "last_error": "",
            "state": sa.case((more, Sending.WAITING.value), else_=Sending.SENT.value),
            "next_at": self.clock.now(),
        }

    def _failed(self, claim: Claim, result: Result) -> dict[str, object]:
        values: dict[str, object] = {
            "state": (Sending.DEAD if result.dead else Sending.WAITING).value,
            "last_error": result.error[:300],
            "next_at": self.clock.now() + max(self._wait(claim.attempts), timedelta(seconds=result.wait)),
        }
        if result.not_sent and not claim.tried and not claim.external_id:
            values["payload_digest"] = ""
        return values

    def _wait(self, attempts: int) -> timedelta:
        """Twice as long after every try, up to an hour, with jitter so that a thousand do not come back together."""
        doubled: int = 2 ** min(attempts - 1, 10)
        return min(_FIRST_WAIT * doubled, _LONGEST_WAIT) * self._random.uniform(0.5, 1.0)

    def _left(self) -> tuple[int, int]:
        table = deliveries.c
        left = [one.value for one in Sending if one is not Sending.SENT]
        here = sa.and_(table.city == self.city.key, table.state.in_(left))
        query = sa.select(table.state, sa.func.count()).where(here).group_by(table.state)
        with self.database.read() as connection:
            counts = {state: count for state, count in connection.execute(query)}  # noqa: C416 - rows are not pairs to mypy
        return counts.get(Sending.WAITING, 0) + counts.get(Sending.SENDING, 0), counts.get(Sending.DEAD, 0)

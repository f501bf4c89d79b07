"""The tickets that received what was erased: told by an update without it, or named for a person to do it by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from crawler.model.city import City
from crawler.model.ports import Secrets
from search.forgetting import ERASED_REPORT
from search.state.database import Database
from search.state.tables import deliveries, events, incidents
from search.states import Sending
from search.ticketing import can_update


class Redaction(StrEnum):
    """What became of a ticket."""

    DONE = "redacted"
    WAITS = "waiting"
    BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Redacted:
    """A ticket that received the text, or may have: `external_id` is "" where no answer ever came."""

    number: int
    destination: str
    external_id: str
    redaction: Redaction


def redactions(database: Database, city: City, secrets: Secrets, posts: Sequence[str]) -> list[Redacted]:
    """The tickets of the incidents that lost reports of these posts. Asked of the journal, which outlives a crash."""
    wanted = set(posts)
    losses = sa.select(events.c.incident, events.c.subjects).where(
        events.c.city == city.key, events.c.what == ERASED_REPORT
    )
    sent = sa.or_(deliveries.c.external_id != "", deliveries.c.payload_digest != "")
    with database.read() as connection:
        lost = {incident for incident, subjects in connection.execute(losses) if wanted & set(subjects)}
        rows = connection.execute(
            sa.select(deliveries, incidents.c.number)
            .join(incidents, incidents.c.id == deliveries.c.incident)
            .where(deliveries.c.city == city.key, deliveries.c.incident.in_(lost), sent)
            .order_by(incidents.c.number, deliveries.c.id)
        ).all()
    found = []
    for row in rows:
        if not can_update(city, row.destination, secrets):
            redaction = Redaction.BY_HAND
        elif row.state == Sending.SENT and row.sent_sequence >= row.sequence:
            redaction = Redaction.DONE
        else:
            redaction = Redaction.WAITS
        found.append(Redacted(row.number, row.destination, row.external_id, redaction))
    return found

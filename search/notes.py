"""Notes of people on incidents, for their colleagues only: no ticket system and no publication ever gets one.

Whatever they tell of a resident goes with the resident's words: an erasure takes the notes of the incidents that lose a
report, retention those of incidents whose posts are all gone.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.acts import Draft, Hand, Kind, row_of
from search.state.chunks import chunks
from search.state.tables import incidents, notes, posts, reports
from search.states import OPEN

LONGEST = 4_000
"""The most characters of a note."""


@dataclass(frozen=True, slots=True)
class Note:
    """A note on an incident."""

    id: int
    at: datetime
    who: str
    text: str


def note(hand: Hand, number: int, text: str) -> int:
    """Write a note on an incident, whatever its state; its number. OtklikError when it is empty or too long."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise OtklikError(
            Text(
                "Заметка: от 1 до {most} знаков, сейчас {count}.",
                "A note has 1 to {most} characters, this one {count}.",
            ).filled(most=LONGEST, count=len(text))
        )
    row = row_of(hand, number)
    draft = Draft(hand, Kind.NOTE)
    draft.touch(row, aside=True)
    values = {"city": hand.city.key, "incident": row.id, "at": hand.at, "who": hand.by, "text": text}
    inserted = hand.connection.execute(notes.insert().values(**values, removed=False))
    draft.more["note"] = int((inserted.inserted_primary_key or (0,))[0])
    draft.finish([draft.event("note", row.id)])
    return int(draft.more["note"])


def remove_note(hand: Hand, number: int, note_id: int) -> None:
    """Take a note away. OtklikError when the incident has no such note."""
    row = row_of(hand, number)
    here = sa.and_(notes.c.id == note_id, notes.c.incident == row.id, ~notes.c.removed)
    if hand.connection.execute(notes.update().where(here).values(removed=True)).rowcount != 1:
        raise OtklikError(
            Text("У инцидента № {number} нет заметки {id}.", "Incident {number} has no note {id}.").filled(
                number=number, id=note_id
            )
        )
    draft = Draft(hand, Kind.REMOVE_NOTE)
    draft.touch(row, aside=True)
    draft.more["note"] = note_id
    draft.finish([draft.event("note removed", row.id)])


def notes_of(connection: sa.Connection, incident: int) -> tuple[Note, ...]:
    """The notes on an incident that stand, earliest first."""
    table = notes.c
    query = sa.select(table.id, table.at, table.who, table.text).where(table.incident == incident, ~table.removed)
    return tuple(Note(*row) for row in connection.execute(query.order_by(table.id)))


def forget_notes(connection: sa.Connection, ids: Collection[int]) -> int:
    """Remove all notes of these incidents, removed ones too; how many."""
    return sum(connection.execute(sa.delete(notes).where(notes.c.incident.in_(some))).rowcount for some in chunks(ids))


def forget_of_the_past(connection: sa.Connection, city: str, gone: Sequence[str]) -> int:
    """Remove the notes of incidents that are over and lose the last of their posts with these, before that."""
    touched: set[int] = set()
    for some in chunks(gone):
        here = sa.and_(reports.c.city == city, reports.c.post.in_(some), reports.c.incident == incidents.c.id)
        closed = incidents.c.state.not_in([state.value for state in OPEN])
        touched |= set(connection.scalars(sa.select(incidents.c.id).where(here, closed)))
    going = set(gone)
    joined = reports.join(posts, sa.and_(posts.c.city == reports.c.city, posts.c.id == reports.c.post))
    ended = []
    for incident in touched:
        left = sa.select(reports.c.post).select_from(joined).where(reports.c.incident == incident)
        if set(connection.scalars(left)) <= going:
            ended.append(incident)
    return forget_notes(connection, ended)

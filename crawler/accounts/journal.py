"""What was changed of the people who may sign in: who did it, when and to whom. Rows of the journal that belong to no
city; a subject is the name that one signs in with.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crawler.accounts.roles import ROLE_NAMES, Role
from crawler.accounts.users import User
from crawler.model.ports import Keys
from crawler.model.text import Text
from search import events
from search.events import NO_CITY, Event
from search.state.tables import events as table

ADDED, ROLE, CITIES, PASSWORD = "person added", "person's role", "person's cities", "person's password"
OPENED, CLOSED, SHOWN = "person let in", "person shut out", "person's name"
NAMES = {
    ADDED: Text("добавлен человек", "person added"),
    ROLE: Text("изменена роль", "role changed"),
    CITIES: Text("изменены города", "cities changed"),
    PASSWORD: Text("сменён пароль", "password changed"),
    OPENED: Text("вход открыт снова", "let in again"),
    CLOSED: Text("вход закрыт", "shut out"),
    SHOWN: Text("изменено имя для коллег", "name for colleagues changed"),
}
_ALL = Text("все города", "every city")


@dataclass(frozen=True, slots=True)
class Hand:
    """Whose change it is, and when."""

    by: str
    at: datetime
    keys: Keys


def write(connection: sa.Connection, hand: Hand, before: User | None, after: User, *, password: bool) -> None:
    """Keep what differs of a person, and whether their `password` was changed: who looks at a person does not see it.
    Where nothing was changed, nothing is kept.
    """
    said = [(ADDED, f"{after.role} {_reach(after)}")] if before is None else _differences(before, after)
    if before is not None and password:
        said.append((PASSWORD, ""))
    happened = [Event(hand.at, hand.by, what, None, (after.name,), detail) for what, detail in said]
    events.write(connection, hand.keys, NO_CITY, happened)


def latest(connection: sa.Connection, most: int) -> list[Event]:
    """The newest changes, latest first."""
    here = sa.and_(table.c.incident.is_(None), table.c.city == NO_CITY, table.c.what.in_(NAMES))
    rows = connection.execute(sa.select(table).where(here).order_by(table.c.id.desc()).limit(most))
    return [Event(row.at, row.who, row.what, None, tuple(row.subjects), row.reason) for row in rows]


def told(event: Event) -> str:
    """What was changed, with its values: «изменены города: все города → ozersk»."""
    # A name may have the words of a role in it.
    words = [event.reason] if event.what == SHOWN else [_word(word) for word in event.reason.split()]
    return f"{NAMES[event.what]}: {' '.join(words)}" if words else str(NAMES[event.what])


def _word(word: str) -> str:
    if word == "*":
        return str(_ALL)
    return str(ROLE_NAMES[Role(word)]) if word in set(Role) else word


def _differences(before: User, after: User) -> list[tuple[str, str]]:
    said = []
    if before.shown != after.shown:
        said.append((SHOWN, f"{before.shown} → {after.shown}"))
    if before.role is not after.role:
        said.append((ROLE, f"{before.role} → {after.role}"))
    if before.cities != after.cities:
        said.append((CITIES, f"{_reach(before)} → {_reach(after)}"))
    if before.active is not after.active:
        said.append((OPENED if after.active else CLOSED, ""))
    return said


def _reach(one: User) -> str:
    return ",".join(sorted(one.cities)) or "*"

"""Sessions and signing in. A token is random, new at every sign-in, and only its SHA-256 is stored."""

import hashlib
import math
import secrets
import threading
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from crawler.accounts import users
from crawler.accounts.roles import Role
from crawler.accounts.users import User
from crawler.model.errors import OtklikError
from crawler.model.ports import Keys
from crawler.model.text import Text
from search.state.database import Database
from search.state.failures import StateError
from search.state.tables import sessions, sign_in_failures
from search.state.tables import users as table

IDLE = timedelta(hours=12)
"""A shift: who did nothing for so long signs in again."""
LONGEST = timedelta(days=7)
PAUSE = timedelta(minutes=15)
TRIES = 5
"""Wrong passwords for one name from one address, or from a browser that it has signed in with, before a pause."""
TRIES_OF_ADDRESS = 50
"""From one address for any names: an office sits behind one."""
FREE_TRIES = 10
"""For one name from anywhere; each one more makes the next wait, twice as long every time, up to a pause."""
REMEMBERED = timedelta(days=1)
_SEEN_EVERY = timedelta(minutes=1)
_HASHING = threading.BoundedSemaphore(2)
_WITH_USER = (
    sa.select(
        *(sessions.c.made_at, sessions.c.seen_at),
        *(table.c[name] for name in ("name", "shown", "role", "cities", "active")),
        table.c.made_at.label("joined_at"),
    )
    .join_from(sessions, table, table.c.name == sessions.c.user)
    .where(sessions.c.digest == sa.bindparam("digest"))
)
"""A session and whose it is: every page asks for these two rows, and for no other of these tables."""


@dataclass(frozen=True, slots=True)
class Session:
    """One who is signed in. `csrf` stands in every form of theirs."""

    user: User
    token: str
    csrf: str


class RefusedError(OtklikError):
    """No way in: a wrong name or password, or a pause after too many of them."""


@dataclass(frozen=True, slots=True)
class Comer:
    """Who wants in: from which address and, where the person of that name has signed in with this browser before, by
    which of its marks (`devices.known`), else "".
    """

    name: str
    address: str
    device: str = ""


def sign_in(database: Database, keys: Keys, comer: Comer, password: str, at: datetime) -> Session:
    """A session with a new token. RefusedError says how many tries are left, or when to come back."""
    name, counted = comer.name, _counted(keys, comer)
    with database.begin() as connection:
        # Counted before it is looked at: a hundred tries at once are a hundred tries.
        left, until = _count(connection, counted, at)
    if until is not None:
        raise _pause(until - at)
    # Argon2 takes a tenth of a second and 64 MB: nobody waits for the lock meanwhile, and no more than two at once.
    with _HASHING, database.read() as connection:
        user = users.checked(connection, name, password)
    if user is None:
        raise _wrong(left) if left else _pause(PAUSE)
    with database.begin() as connection:
        users.rehashed(connection, user.name, password)
        _forgive(connection, counted)
        return _opened(connection, keys, user, at)


def session_of(database: Database, keys: Keys, token: str, at: datetime, *, touch: bool = True) -> Session | None:
    """The session of a token; None when there is none, it has ended or its user left. `touch` says that somebody is at
    work, which keeps it from ending.
    """
    if not token:
        return None
    digest = _digest(token)
    with database.read() as connection:
        row = connection.execute(_WITH_USER, {"digest": digest}).first()
    if row is None or not row.active or at - row.seen_at > IDLE or at - row.made_at > LONGEST:
        return None
    if touch and at - row.seen_at > _SEEN_EVERY:
        # A page is shown also while somebody else holds the lock for long.
        with suppress(StateError), database.begin() as connection:
            connection.execute(sessions.update().where(sessions.c.digest == digest).values(seen_at=at))
    user = User(row.name, row.shown, Role(row.role), frozenset(row.cities), row.active, row.joined_at)
    return Session(user, token, _csrf(keys, token))


def sign_out(database: Database, token: str) -> None:
    """End the session of a token, if there is one."""
    with database.begin() as connection:
        connection.execute(sessions.delete().where(sessions.c.digest == _digest(token)))


def _opened(connection: sa.Connection, keys: Keys, user: User, at: datetime) -> Session:
    over = sa.or_(sessions.c.seen_at < at - IDLE, sessions.c.made_at < at - LONGEST)
    connection.execute(sessions.delete().where(over))
    token = secrets.token_urlsafe(32)
    connection.execute(sessions.insert().values(digest=_digest(token), user=user.name, made_at=at, seen_at=at))
    return Session(user, token, _csrf(keys, token))


def _counted(keys: Keys, comer: Comer) -> dict[str, int]:
    """The keys that a failure is counted under, and how many each may have before a pause, 0 for one that only slows
    down. The first is of the name at the address. A browser that is known is counted by itself: whoever guesses
    elsewhere, even in the same office, keeps nobody out of it.
    """
    if comer.device:
        return {keys.pseudonym("sign-in", "device", comer.device): TRIES}
    known = comer.name.strip().lower()[:200]
    return {
        keys.pseudonym("sign-in", "both", known, comer.address): TRIES,
        keys.pseudonym("sign-in", "address", comer.address): TRIES_OF_ADDRESS,
        keys.pseudonym("sign-in", "name", known): 0,
    }


def _count(connection: sa.Connection, counted: dict[str, int], at: datetime) -> tuple[int, datetime | None]:
    """Count a try as a failure; how many are left after it, and until when none is looked at (then it counts not)."""
    table = sign_in_failures.c
    connection.execute(sign_in_failures.delete().where(table.last_at <= at - REMEMBERED))
    rows = connection.execute(sa.select(sign_in_failures).where(table.key.in_(counted))).all()
    until = max((row.last_at + _delay(row.failures, counted[row.key]) for row in rows), default=at)
    if until > at:
        return 0, until
    stored = {row.key for row in rows}
    # A pause that is over begins anew; what slows down is remembered for a day.
    known = {row.key: row.failures for row in rows if not counted[row.key] or row.last_at > at - PAUSE}
    for key in counted:
        here = sign_in_failures.update().where(table.key == key)
        values = {"failures": known.get(key, 0) + 1, "last_at": at}
        statement = here.values(values) if key in stored else sign_in_failures.insert().values(key=key, **values)
        connection.execute(statement)
    return min(most - known.get(key, 0) - 1 for key, most in counted.items() if most), None


def _delay(failures: int, most: int) -> timedelta:
    """How long after the last of so many failures the next try is not looked at."""
    if most:
        return PAUSE if failures >= most else timedelta(0)
    doubled: int = 2 ** min(max(0, failures - FREE_TRIES), 20)
    return min(PAUSE, timedelta(seconds=doubled)) if failures >= FREE_TRIES else timedelta(0)


def _forgive(connection: sa.Connection, counted: dict[str, int]) -> None:
    """A right password: the try was none, and what was wrong for this name from here is forgotten."""
    table = sign_in_failures.c
    connection.execute(sign_in_failures.delete().where(table.key == next(iter(counted))))
    rest = sign_in_failures.update().where(table.key.in_(counted))
    connection.execute(rest.values(failures=table.failures - 1))


def _wrong(left: int) -> RefusedError:
    text = Text(
        "Имя или пароль не подошли. Осталось попыток: {left}, потом пауза {pause} минут.",
        "The name or the password is wrong. Tries left: {left}, then a pause of {pause} minutes.",
    )
    return RefusedError(text.filled(left=left, pause=int(PAUSE.total_seconds() // 60)))


def _pause(left: timedelta) -> RefusedError:
    seconds = math.ceil(left.total_seconds())
    minutes = math.ceil(seconds / 60)
    span = Text(f"{seconds} с", f"{seconds} s") if seconds < 60 else Text(f"{minutes} мин", f"{minutes} min")
    text = Text(
        f"Слишком много неверных попыток. Пауза, попробуйте через {span.ru}. Там, где вы уже входили, чужие попытки "
        "не мешают.",
        f"Too many wrong tries. There is a pause: try again in {span.en}. Where you have signed in before, the tries "
        "of others do not matter.",
    )
    return RefusedError(text)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _csrf(keys: Keys, token: str) -> str:
    return keys.pseudonym("csrf", token)

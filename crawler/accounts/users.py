"""Users: added and changed by an administrator, at the command line or in the console. Passwords are kept as Argon2id
hashes (RFC 9106), never as they are.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from crawler.accounts.roles import MAY, Permission, Role
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.state.tables import sessions, users

LEAST, MOST = 10, 200
"""Characters of a password: fewer are guessed, more are only work for the server."""
_NAME = re.compile(r"(?=.*\w)[^\s\x00-\x1f\x7f<>\"'/\\]{1,80}")


@dataclass(frozen=True, slots=True)
class User:
    """One who may sign in. `cities` are the keys of those that they see, none for all."""

    name: str
    shown: str
    role: Role
    cities: frozenset[str]
    active: bool
    made_at: datetime

    def may(self, permission: Permission) -> bool:
        """Whether their role allows it."""
        return permission in MAY[self.role]

    def sees(self, city: str) -> bool:
        """Whether the city is one of theirs."""
        return not self.cities or city in self.cities


def add(
    connection: sa.Connection,
    name: str,
    secret: str,
    role: Role,
    *,
    shown: str = "",
    cities: Collection[str] = (),
    at: datetime,
) -> User:
    """A new user; `secret` is a hash of `hashed`, which is made before the transaction. OtklikError when the name is
    taken or unusable.
    """
    key = name_of(name)
    if _row(connection, key) is not None:
        raise OtklikError(
            Text("Пользователь {name} уже есть.", "There is a user {name} already.").filled(name=key),
        )
    values = {
        "name": key,
        "shown": _one_line(shown) or key,
        "role": role.value,
        "cities": sorted(cities),
        "password": secret,
        "active": True,
        "made_at": at,
    }
    connection.execute(sa.insert(users).values(values))
    return get(connection, key)


def get(connection: sa.Connection, name: str) -> User:
    """The user of that name. OtklikError when there is none."""
    found = find(connection, name)
    if found is None:
        text = Text("Пользователя {name} нет.", "There is no user {name}.")
        raise OtklikError(text.filled(name=name), Text("Кто есть: otklik user list", "Who is: otklik user list"))
    return found


def find(connection: sa.Connection, name: str) -> User | None:
    """The user of that name, None when there is none."""
    row = _row(connection, name.strip().lower())
    return _user(row) if row is not None else None


def everyone(connection: sa.Connection) -> tuple[User, ...]:
    """All users, those who left last."""
    query = sa.select(users).order_by(users.c.active.desc(), users.c.name)
    return tuple(_user(row) for row in connection.execute(query))


def shown_names(connection: sa.Connection) -> dict[str, str]:
    """What colleagues call everybody, by the names that they sign in with."""
    return {row.name: row.shown for row in connection.execute(sa.select(users.c.name, users.c.shown))}


def set_password(connection: sa.Connection, name: str, secret: str) -> None:
    """Another password, as a hash of `hashed`; every session of the user ends."""
    _update(connection, name, password=secret)


def set_role(connection: sa.Connection, name: str, role: Role) -> None:
    """Another role; every session of the user ends. OtklikError when nobody could manage people any more."""
    _keep_one(connection, replace(get(connection, name), role=role))
    _update(connection, name, role=role.value)


def set_cities(connection: sa.Connection, name: str, cities: Collection[str]) -> None:
    """The cities that the user sees from the next page on, none for all; sessions go on. OtklikError as `set_role`."""
    _keep_one(connection, replace(get(connection, name), cities=frozenset(cities)))
    key = get(connection, name).name
    connection.execute(users.update().where(users.c.name == key).values(cities=sorted(cities)))


def set_shown(connection: sa.Connection, name: str, shown: str) -> None:
    """What colleagues call the user from the next page on; sessions go on. OtklikError when nothing can be read."""
    if not (line := _one_line(shown)):
        text = Text("Имя, которое видят коллеги, пустое.", "The name that colleagues read is empty.")
        raise OtklikError(text)
    key = get(connection, name).name
    connection.execute(users.update().where(users.c.name == key).values(shown=line))


def set_active(connection: sa.Connection, name: str, *, active: bool) -> None:
    """Let a user in again, or no longer: every session ends. OtklikError as in `set_role`."""
    _keep_one(connection, replace(get(connection, name), active=active))
    _update(connection, name, active=active)


def checked(connection: sa.Connection, name: str, password: str) -> User | None:
    """The user whose password this is, None for a wrong one. As slow for a name that does not exist."""
    row = _row(connection, name.strip().lower())
    known = row.password if row is not None and row.active else _nobody()
    try:
        _hasher().verify(known, password[: MOST + 1])
    except (VerificationError, InvalidHashError):
        return None
    return _user(row) if row is not None and row.active else None


def rehashed(connection: sa.Connection, name: str, password: str) -> None:
    """Hash a right password anew where it was hashed with weaker parameters than today's."""
    row = _row(connection, name)
    if row is not None and _hasher().check_needs_rehash(row.password):
        connection.execute(users.update().where(users.c.name == name).values(password=hashed(password)))


def hashed(password: str) -> str:
    """The Argon2id hash: a tenth of a second and 64 MB, which nobody should wait for who wants to write. OtklikError
    when the password is too short or too long.
    """
    if not LEAST <= len(password) <= MOST:
        text = Text(
            "Пароль: от {least} до {most} знаков, а дано {given}.",
            "A password has {least} to {most} characters, {given} were given.",
        )
        raise OtklikError(text.filled(least=LEAST, most=MOST, given=len(password)))
    return _hasher().hash(password)


def name_of(given: str) -> str:
    """The name to sign in with, in lower case. OtklikError when it cannot be one."""
    name = given.strip().lower()
    if not _NAME.fullmatch(name):
        text = Text(
            "Имя для входа: до 80 знаков без пробелов, кавычек и косых черт, а дано {name!r}.",
            "A name to sign in with: up to 80 characters without spaces, quotes and slashes, {name!r} was given.",
        )
        raise OtklikError(text.filled(name=given[:100]))
    return name


def _one_line(shown: str) -> str:
    return " ".join(shown.split())[:80]


def _update(connection: sa.Connection, name: str, **values: object) -> None:
    key = get(connection, name).name
    connection.execute(users.update().where(users.c.name == key).values(**values))
    # Whoever sits in a session of the old password or role signs in again.
    connection.execute(sessions.delete().where(sessions.c.user == key))


def _keep_one(connection: sa.Connection, changed: User) -> None:
    """OtklikError when after this change nobody could manage people, or no longer those of all cities."""
    before = [one for one in everyone(connection) if one.active and one.role is Role.ADMINISTRATOR]
    after = [one for one in before if one.name != changed.name]
    if changed.active and changed.role is Role.ADMINISTRATOR:
        after.append(changed)
    if before and not after:
        text = Text(
            "{name} — последний администратор: сначала назначьте другого.",
            "{name} is the last administrator: appoint another first.",
        )
        raise OtklikError(text.filled(name=changed.name))
    if any(not one.cities for one in before) and all(one.cities for one in after):
        text = Text(
            "{name} — последний администратор всех городов: сначала назначьте другого.",
            "{name} is the last administrator of all cities: appoint another first.",
        )
        raise OtklikError(text.filled(name=changed.name))


def _row(connection: sa.Connection, name: str) -> sa.Row[Any] | None:
    return connection.execute(sa.select(users).where(users.c.name == name)).first()


def _user(row: sa.Row[Any]) -> User:
    return User(
        row.name,
        row.shown,
        Role(row.role),
        frozenset(row.cities),
        row.active,
        row.made_at,
    )


@cache
def _hasher() -> PasswordHasher:
    # RFC 9106, second recommended option: 64 MiB, 3 passes. One lane: a sign-in takes one core, not four.
    return PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1)


@cache
def _nobody() -> str:
    return _hasher().hash("a name that nobody has takes as long as one that somebody has")

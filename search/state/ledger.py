"""The ledger: how many calls each token made in its platform's day, and when it may make the next.

A call is one transaction that counts it and takes its turn in time before it is sent, so that several processes share
one rate, and a process that dies in between has counted one too many, never one too few.
"""

import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from crawler.model.errors import RestingError
from crawler.model.ports import SPENT, Account, Allowance, Clock, Keys, Rest, Standing, next_day
from crawler.model.text import Text
from search.state.database import Database
from search.state.tables import token_calls, token_paces, token_rests

SPREAD = 1.25
"""Turns lie so much further apart than the rate asks: calls may be up to a quarter of a turn late and never bunch."""
KEPT = timedelta(days=62)
# A turn further away than this, and than so many turns, was taken by a clock that ran ahead.
_LONGEST_TURN = 120.0
_MOST_WAITING = 32


class StateLedger:
    """The ledger of an installation, in its state. Safe to share between threads and processes."""

    def __init__(self, database: Database, keys: Keys, clock: Clock, machine: Callable[[], float] = time.time) -> None:
        self._database = database
        self._keys = keys
        self._clock = clock
        self._machine = machine

    def take(self, account: Account, method: str, allowance: Allowance) -> float:
        """As Ledger has it."""
        token, now = self._fingerprint(account), self._clock.now()
        day = now.astimezone(account.zone).date()
        with self._database.begin() as connection:
            for rest in _rests(connection, account.platform, token, now):
                if rest.method in ("", method):
                    raise _resting(account, rest)
            made = _calls(connection, account.platform, token, day).get(method, 0)
            if allowance.a_day and made >= allowance.a_day:
                raise _resting(account, Rest(method, SPENT, next_day(now, account.zone)))
            _count(connection, account.platform, token, day, method)
            return self._turn(connection, account.platform, token, SPREAD / allowance.a_second)

    def rest(self, account: Account, why: str, until: datetime, method: str = "") -> None:
        """As Ledger has it."""
        row = {"platform": account.platform, "token": self._fingerprint(account), "method": method}
        changes = {"why": why, "until": until}
        with self._database.begin() as connection:
            statement = upsert(token_rests).values(**row, **changes)
            connection.execute(statement.on_conflict_do_update(index_elements=list(row), set_=changes))

    def hold(self, account: Account, seconds: float) -> None:
        """As Ledger has it."""
        with self._database.begin() as connection:
            token = self._fingerprint(account)
            free = max(_free_at(connection, account.platform, token), self._machine() + seconds)
            _set_free_at(connection, account.platform, token, free)

    def standing(self, account: Account) -> Standing:
        """As Ledger has it."""
        token, now = self._fingerprint(account), self._clock.now()
        day = now.astimezone(account.zone).date()
        with self._database.read() as connection:
            calls = _calls(connection, account.platform, token, day)
            return Standing(calls, tuple(_rests(connection, account.platform, token, now)))

    def _fingerprint(self, account: Account) -> str:
        return self._keys.pseudonym("token", account.platform, account.token)

    def _turn(self, connection: sa.Connection, platform: str, token: str, apart: float) -> float:
        """Take the next turn; the seconds until it."""
        now = self._machine()
        free = _free_at(connection, platform, token)
        turn = free if now < free <= now + max(_LONGEST_TURN, _MOST_WAITING * apart) else now
        _set_free_at(connection, platform, token, turn + apart)
        return turn - now


def _resting(account: Account, rest: Rest) -> RestingError:
    until = rest.until.astimezone(account.zone).strftime("%d.%m %H:%M")
    zone = account.zone.key
    text = (
        Text(
            ru="{platform}: вызовы {method} на сегодня исчерпаны, следующие с {until} ({zone}).",
            en="{platform}: the calls of {method} are spent for today, the next ones from {until} ({zone}).",
        )
        if rest.why == SPENT
        else Text(
            ru="{platform}: токен отдыхает до {until} ({zone}), причина: {why}.",
            en="{platform}: the token rests until {until} ({zone}) because of: {why}.",
        )
    )
    values = {"platform": account.platform, "method": rest.method, "until": until, "zone": zone, "why": rest.why}
    return RestingError(text.filled(**values), rest.why, rest.until)


def _rests(connection: sa.Connection, platform: str, token: str, now: datetime) -> list[Rest]:
    table = token_rests
    here = sa.and_(table.c.platform == platform, table.c.token == token, table.c.until > now)
    query = sa.select(table.c.method, table.c.why, table.c.until).where(here).order_by(table.c.method)
    return [Rest(*row) for row in connection.execute(query)]


def _calls(connection: sa.Connection, platform: str, token: str, day: date) -> dict[str, int]:
    table = token_calls
    here = sa.and_(table.c.platform == platform, table.c.token == token, table.c.day == day.isoformat())
    rows = connection.execute(sa.select(table.c.method, table.c.calls).where(here))
    return {row.method: row.calls for row in rows}


def _count(connection: sa.Connection, platform: str, token: str, day: date, method: str) -> None:
    keys = {"platform": platform, "token": token, "day": day.isoformat(), "method": method}
    statement = upsert(token_calls).values(**keys, calls=1)
    more = {"calls": token_calls.c.calls + 1}
    connection.execute(statement.on_conflict_do_update(index_elements=list(keys), set_=more))
    connection.execute(sa.delete(token_calls).where(token_calls.c.day < (day - KEPT).isoformat()))


def _free_at(connection: sa.Connection, platform: str, token: str) -> float:
    table = token_paces
    query = sa.select(table.c.free_at).where(table.c.platform == platform, table.c.token == token)
    return connection.scalar(query) or 0.0


def _set_free_at(connection: sa.Connection, platform: str, token: str, at: float) -> None:
    keys = {"platform": platform, "token": token}
    statement = upsert(token_paces).values(**keys, free_at=at)
    connection.execute(statement.on_conflict_do_update(index_elements=list(keys), set_={"free_at": at}))

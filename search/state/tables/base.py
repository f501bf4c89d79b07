"""What the tables of an installation are made with. Every city's row carries `city`; a post is (city, post id).

Times are stored by `Instant` as microseconds and come back aware and in UTC. JSON columns hold the records of
crawler/model as search/state/records.py writes them.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData()


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware UTC time kept as whole microseconds since 1970: sorts and compares in every database alike."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> int | None:  # noqa: ARG002
        """Microseconds of an aware time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone: {value!r}")
        delta = value.astimezone(UTC) - _EPOCH
        return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds

    def process_result_value(self, value: int | None, dialect: Any) -> datetime | None:  # noqa: ARG002
        """The aware time of stored microseconds."""
        return None if value is None else _EPOCH + timedelta(microseconds=value)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def number() -> sa.Column[int]:
    """A primary key that the database counts up."""
    # SQLite gives a rowid only to INTEGER; PostgreSQL should have 64 bits.
    kind = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    return sa.Column("id", kind, primary_key=True, autoincrement=True)

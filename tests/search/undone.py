"""What a property test writes into a shared state is taken back: to make a state takes longer than an example."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import sqlalchemy as sa

from search.state.database import Database


class _UndoneError(Exception):
    pass


@contextmanager
def undone(database: Database) -> Iterator[sa.Connection]:
    """A transaction that is rolled back at its end."""
    with suppress(_UndoneError), database.begin() as connection:
        yield connection
        raise _UndoneError

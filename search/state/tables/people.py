"""The people who work with an installation's console, their sessions, and failed sign-ins. They are of the
installation: cities share them.
"""

import sqlalchemy as sa

from search.state.tables.base import Instant, metadata

users = sa.Table(
    "users",
    metadata,
    # What one signs in with, in lower case.
    sa.Column("name", sa.Text, primary_key=True),
    # What colleagues read.
    sa.Column("shown", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    # Keys of the cities; none for every city.
    sa.Column("cities", sa.JSON, nullable=False),
    # Argon2id with its parameters and salt.
    sa.Column("password", sa.Text, nullable=False),
    # Whoever left keeps the row: the journal names them.
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    # SHA-256 of the token: who reads this table cannot sign in with it.
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("user", sa.Text, nullable=False),
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("seen_at", Instant, nullable=False),
    sa.Index("sessions_by_user", "user"),
)

sign_in_failures = sa.Table(
    "sign_in_failures",
    metadata,
    # Whose failures are counted: a keyed hash of a name, of an address, or of both.
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
)

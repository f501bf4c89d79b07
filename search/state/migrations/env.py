"""Run by Alembic: migrates over the connection, and inside the transaction, that search/state/database.py gives."""

from alembic import context

from search.state.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()

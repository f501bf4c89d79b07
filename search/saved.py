"""Saved searches: those of the city file are loaded at start, those of people live in the state.

A changed search of the file is a new version, one that went out of the file becomes inactive. A query that cannot be
read is reported and stops nothing else.
"""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, SavedSearch
from crawler.model.errors import OtklikError, QueryError
from search.lint.required import refusals
from search.monitor import Monitor
from search.names import Names
from search.query import parse_query
from search.state.records import pack, unpack
from search.state.tables import searches
from search.tree import Query

ACTIVE = "active"
INACTIVE = "inactive"
REPLACED = "replaced"
FILE = "file:"


@dataclass(frozen=True, slots=True)
class Broken:
    """A saved search whose query cannot be taken, and why: it finds nothing until it is mended."""

    search: SavedSearch
    error: OtklikError


def load(connection: sa.Connection, city: City, at: datetime) -> tuple[SavedSearch, ...]:
    """Bring the searches of the city file into the state; every active search of the city, users' ones too, by id."""
    rows = _of_file(connection, city.key)
    for search in city.searches:
        _store(connection, city.key, search, rows.get(search.id), at)
    kept = {search.id for search in city.searches}
    for row in rows.values():
        if row.id not in kept and row.state == ACTIVE:
            _set_state(connection, city.key, row, INACTIVE)
    return active(connection, city)


def is_loaded(connection: sa.Connection, city: City) -> bool:
    """Whether the state has the searches just as the city file has them: then `load` would write nothing."""
    rows = _of_file(connection, city.key)
    loaded = {row.id: (row.digest, row.state) for row in rows.values()}
    same = all(loaded.get(search.id) == (digest_of(search), search.state) for search in city.searches)
    kept = {search.id for search in city.searches}
    return same and not [row for row in rows.values() if row.id not in kept and row.state == ACTIVE]


def active(connection: sa.Connection, city: City) -> tuple[SavedSearch, ...]:
    """Every active search that the state has of the city, by id."""
    table = searches.c
    here = sa.and_(table.city == city.key, table.state == ACTIVE)
    rows = connection.execute(sa.select(table.version, table.content).where(here).order_by(table.id))
    return tuple(unpack(SavedSearch, {**content, "version": version, "state": ACTIVE}) for version, content in rows)


def latest(connection: sa.Connection, city: City, ids: Collection[str]) -> dict[str, SavedSearch]:
    """The newest version of each of these searches, active or not, of the city file or of people."""
    table = searches.c
    here = sa.and_(table.city == city.key, table.id.in_(ids))
    newest = sa.select(table.id, sa.func.max(table.version).label("version")).where(here).group_by(table.id).subquery()
    both = sa.and_(newest.c.id == table.id, newest.c.version == table.version)
    rows = connection.execute(sa.select(searches).join(newest, both).where(table.city == city.key))
    return {row.id: unpack(SavedSearch, {**row.content, "version": row.version, "state": row.state}) for row in rows}


def register_all(monitor: Monitor, active: Sequence[SavedSearch], names: Names) -> tuple[Broken, ...]:
    """Give every search to the monitor; those whose query cannot be read come back with the error."""
    broken = []
    for search in active:
        try:
            monitor.register(search, query_of(search.query, names=names))
        except OtklikError as error:
            broken.append(Broken(search, error))
    return tuple(broken)


def query_of(
    text: str,
    *,
    sources: Collection[str] | None = None,
    platforms: Collection[str] | None = None,
    names: Names | None = None,
) -> Query:
    """The query of a saved search. QueryError where it cannot be read, or where every post would have to be asked.

    What may be named is as in `parse_query`.
    """
    query = parse_query(text, sources=sources, platforms=platforms, names=names)
    for refused in refusals(query):
        raise QueryError(refused.text, *refused.span)
    return query


def digest_of(search: SavedSearch) -> str:
    """Hash of everything a search says but its version: 32 hex digits. Equal means unchanged."""
    content = json.dumps(pack(replace(search, version=1, state=ACTIVE)), ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


def _of_file(connection: sa.Connection, city: str) -> dict[str, sa.Row[Any]]:
    """The highest version of every search that the city file has or had, by id: the others are active no more."""
    table = searches.c
    here = sa.and_(table.city == city, table.id.startswith(FILE, autoescape=True))
    columns = (table[name] for name in ("id", "version", "digest", "state"))
    return {row.id: row for row in connection.execute(sa.select(*columns).where(here).order_by(table.version))}


def _store(connection: sa.Connection, city: str, search: SavedSearch, row: sa.Row[Any] | None, at: datetime) -> None:
    digest = digest_of(search)
    if row is not None and row.state != ACTIVE and search.state == ACTIVE:
        # What it would have found meanwhile was not counted.
        _load_again(connection, city, row, at)
    if row is not None and row.digest == digest:
        if row.state != search.state:
            _set_state(connection, city, row, search.state)
        return
    if row is not None:
        _set_state(connection, city, row, REPLACED)
    connection.execute(
        searches.insert().values(
            city=city,
            id=search.id,
            version=1 if row is None else row.version + 1,
            digest=digest,
            content=pack(search),
            loaded_at=at,
            state=search.state,
        )
    )


def _set_state(connection: sa.Connection, city: str, row: sa.Row[Any], state: str) -> None:
    here = sa.and_(searches.c.city == city, searches.c.id == row.id, searches.c.version == row.version)
    connection.execute(searches.update().where(here).values(state=state))


def _load_again(connection: sa.Connection, city: str, row: sa.Row[Any], at: datetime) -> None:
    """Every version: those that count the same share one series, which begins with the earliest."""
    here = sa.and_(searches.c.city == city, searches.c.id == row.id)
    connection.execute(searches.update().where(here).values(loaded_at=at))

"""Saved searches: versions, what leaves the file, and a broken query that stops nothing."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from crawler.model.city import City, SavedSearch
from crawler.model.errors import QueryError
from search import saved
from search.monitor import LoopMonitor
from search.names import Names
from search.state.database import Database
from search.state.records import pack
from search.state.tables import searches
from tests.search.town import CITY, NOON, PITS, WATER, city_with


def load(database: Database, city: City) -> list[tuple[str, int]]:
    with database.begin() as connection:
        before = saved.is_loaded(connection, city), saved.active(connection, city)
        loaded = saved.load(connection, city, NOON)
        # What is loaded already is left alone.
        assert saved.is_loaded(connection, city)
        assert loaded == saved.active(connection, city)
        assert not before[0] or before[1] == loaded
        return [(search.id, search.version) for search in loaded]


def test_a_search_comes_back_as_the_file_has_it(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "state.db")
    with database.begin() as connection:
        active = saved.load(connection, CITY, NOON)
    assert {search.id: search for search in active} == {search.id: search for search in CITY.searches}


def test_a_changed_search_is_a_new_version_and_an_equal_one_is_not(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "state.db")
    longer = replace(WATER, window=timedelta(days=9))
    assert load(database, city_with(WATER)) == [("file:water", 1)]
    assert load(database, city_with(WATER)) == [("file:water", 1)]
    assert load(database, city_with(longer)) == [("file:water", 2)]
    assert load(database, city_with(WATER)) == [("file:water", 3)]
    with database.read() as connection:
        rows = connection.execute(sa.select(searches.c.version, searches.c.state).order_by(searches.c.version))
        assert [tuple(row) for row in rows] == [(1, "replaced"), (2, "replaced"), (3, "active")]


def test_a_removed_search_becomes_inactive_and_comes_back_as_it_was(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "state.db")
    load(database, city_with(WATER, PITS))
    assert load(database, city_with(PITS)) == [("file:pits", 1)]
    assert load(database, city_with(WATER, PITS)) == [("file:pits", 1), ("file:water", 1)]


def test_a_broken_query_of_a_user_is_told_and_stops_nothing(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "state.db")
    mine = SavedSearch("user:mine", "Мой", "(вода", "вода", owner="op")
    with database.begin() as connection:
        for users in (mine, replace(mine, id="user:all", query="-вода")):
            row = {"city": CITY.key, "id": users.id, "version": 1, "digest": "d", "loaded_at": NOON, "state": "active"}
            connection.execute(searches.insert().values(content=pack(users), **row))
        active = saved.load(connection, city_with(WATER), NOON)
    monitor = LoopMonitor(CITY.zone)
    broken = saved.register_all(monitor, active, Names())
    refused = [("user:all", QueryError), ("user:mine", QueryError)]
    assert [(one.search.id, type(one.error)) for one in broken] == refused
    assert [search.id for search in active] == ["file:water", "user:all", "user:mine"]


def test_cities_of_one_installation_keep_their_own(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "state.db")
    load(database, city_with(WATER))
    assert load(database, city_with(PITS, key="other")) == [("file:pits", 1)]
    assert load(database, city_with(WATER)) == [("file:water", 1)]

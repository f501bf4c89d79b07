"""Saved searches that people write: versions, conflicts, switching off, and who did it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from crawler.model.city import SavedSearch
from crawler.model.errors import OtklikError, QueryError
from crawler.model.rules import Rule, RuleKind
from search import saved, saving
from search.names import names_of
from search.saving import ConflictError, Version
from search.state.database import Database
from search.state.tables import events
from tests.search.town import CITY, KEYS, NOON, WATER

MINE = SavedSearch("", "Двор", "двор -дворец", "дороги")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(tmp_path / "state.db")
    with database.begin() as connection:
        saved.load(connection, CITY, NOON)
    yield database
    database.close()


def save(database: Database, search: SavedSearch, seen: int = 0, who: str = "anna") -> Version:
    with database.begin() as connection:
        return saving.save(connection, CITY, search, seen, who, at=NOON, keys=KEYS)


def active(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return {one.id: one.version for one in saved.active(connection, CITY) if saving.is_of_people(one.id)}


def stamp(database: Database) -> str:
    with database.read() as connection:
        return saving.stamp(connection, CITY)


def test_a_new_one_is_active_beside_those_of_the_file_and_survives_their_loading(database: Database) -> None:
    before = stamp(database)
    first, second = save(database, MINE), save(database, replace(MINE, name="Другой"))
    assert (first.search.id, second.search.id) == ("user:1", "user:2")
    assert active(database) == {"user:1": 1, "user:2": 1}
    assert stamp(database) != before
    with database.begin() as connection:
        assert saved.is_loaded(connection, CITY)
        saved.load(connection, CITY, NOON)
        there = {one.search.id for one in saving.current(connection, CITY)}
    assert there == {"user:1", "user:2", *(search.id for search in CITY.searches)}
    assert active(database) == {"user:1": 1, "user:2": 1}


def test_an_edit_is_a_version_and_an_equal_one_is_none(database: Database) -> None:
    mine = save(database, MINE).search
    edited = save(database, replace(mine, query="двор"), 1, "boris")
    assert (edited.search.version, edited.search.owner) == (2, "boris")
    before = stamp(database)
    assert save(database, edited.search, 2).search.version == 2
    assert stamp(database) == before
    with database.read() as connection:
        versions = saving.history(connection, CITY, "user:1")
    assert [(one.search.version, one.state, one.search.query, one.search.owner) for one in versions] == [
        (2, "active", "двор", "boris"),
        (1, "replaced", "двор -дворец", "anna"),
    ]
    assert active(database) == {"user:1": 2}


def test_of_two_editors_the_second_is_told_and_nothing_of_the_first_is_lost(database: Database) -> None:
    mine = save(database, MINE).search
    save(database, replace(mine, query="двор лужа"), 1, "boris")
    with pytest.raises(ConflictError, match=r"boris сохранил.* версию 2") as refused:
        save(database, replace(mine, query="двор яма"), 1)
    assert refused.value.latest.search.query == "двор лужа"
    assert save(database, replace(mine, query="двор яма"), 2).search.version == 3


def test_one_that_is_switched_off_finds_nothing_and_comes_back(database: Database) -> None:
    mine = save(database, MINE).search
    for on in (False, False, True):
        with database.begin() as connection:
            later = NOON + timedelta(hours=1)
            saving.switch(connection, CITY, mine.id, "anna", on=on, at=later, keys=KEYS)
        assert active(database) == ({"user:1": 1} if on else {})
        with database.read() as connection:
            assert mine.id in {one.search.id for one in saving.current(connection, CITY)}
            assert saving.history(connection, CITY, mine.id)[0].at == (later if on else NOON)


def test_those_of_the_file_are_changed_in_the_file(database: Database) -> None:
    with pytest.raises(OtklikError, match="в файле города"):
        save(database, replace(WATER, query="лёд"), 1)
    with database.begin() as connection, pytest.raises(OtklikError, match="здесь не меняют"):
        saving.switch(connection, CITY, WATER.id, "anna", on=False, at=NOON, keys=KEYS)
    with pytest.raises(OtklikError, match="user:77"):
        save(database, replace(MINE, id="user:77"), 1)


def test_the_journal_says_who(database: Database) -> None:
    mine = save(database, MINE).search
    save(database, replace(mine, query="двор"), 1, "boris")
    with database.begin() as connection:
        saving.switch(connection, CITY, mine.id, "vera", on=False, at=NOON, keys=KEYS)
        rows = connection.execute(sa.select(events.c.who, events.c.what, events.c.subjects).order_by(events.c.id))
        told = [tuple(row) for row in rows]
    assert told == [
        ("anna", "search_saved", ["user:1", "1"]),
        ("boris", "search_saved", ["user:1", "2"]),
        ("vera", "search_off", ["user:1", "2"]),
    ]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"name": " "}, "Назовите"),
        ({"name": "я" * 201}, "Назовите"),
        ({"topic": "космос"}, "Темы"),
        ({"query": "(двор"}, "скобка"),
        ({"query": "-двор"}, "исключает"),
        ({"query": "source:nobody двор"}, "нет значения"),
        ({"rule": Rule(RuleKind.SPIKE, 5, timedelta(hours=1), 3.0), "topic": ""}, "нужна тема"),
        ({"rule": Rule(RuleKind.SPIKE, 5, timedelta(hours=1), 3.0), "personal": True}, "не сочетается"),
    ],
)
def test_what_no_saved_search_may_be(change: dict[str, object], why: str) -> None:
    names = names_of(CITY)
    mine = replace(MINE, topic="вода")
    saving.check(mine, CITY, names, ["vk"])
    with pytest.raises(QueryError if "query" in change else OtklikError, match=why):
        saving.check(replace(mine, **change), CITY, names, ["vk"])  # type: ignore[arg-type]

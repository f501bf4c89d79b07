"""What is stored of posts is read back; marks, tombstones and health too."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from crawler.model.crawled import Window
from crawler.model.items import Author, AuthorRole, Counters, Post, Reading
from search.state import archive, copies, health, marks, near, sealed
from search.state.chunks import CHUNK
from search.state.database import Database
from search.state.health import LastCrawl, SourceHealth
from search.state.tables import authors, observations, payloads, post_versions, posts
from tests.recording import KEYS, LONG, SOURCE, START, post
from tests.search.plans import plans_of, queries

TOWN = "ozersk"


@dataclass(frozen=True)
class Version:
    post: Post
    reading: Reading
    copy_key: str = ""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "otklik.sqlite")
    yield opened
    opened.close()


def _store(database: Database, *versions: Version, city: str = TOWN) -> None:
    with database.begin() as connection:
        archive.store(connection, city, KEYS, versions, START)
        archive.put_current(connection, city, versions)
        archive.observe(connection, city, [one.post for one in versions])


def test_a_post_is_read_back_with_its_current_version_and_reading(database: Database) -> None:
    author = Author(AuthorRole.RESIDENT, "0f", "id77", "Мария Печкина")
    first = post("tg:1/1", version=1, digest="a", author=author, raw=b"<div>first</div>" * 50)
    second = replace(first, text="Дали воду", version=2, digest="b", seen_at=START + timedelta(hours=1), raw=b"")
    _store(database, Version(first, Reading(copy_of="tg:1/0"), "key"), Version(second, Reading(topic="water")))
    with database.read() as connection:
        stored = archive.load(connection, TOWN, ["tg:1/1", "tg:1/9"])
        assert set(stored) == {"tg:1/1"}
        one = stored["tg:1/1"]
        assert one.post == replace(second, author=Author(AuthorRole.RESIDENT, "0f"))
        assert one.reading == Reading(topic="water")
        assert (one.first_seen_at, one.copy_key, one.gone_at) == (first.seen_at, "", None)
        assert sealed.payload_of(connection, TOWN, KEYS, "tg:1/1", 1) == first.raw
        assert sealed.payload_of(connection, TOWN, KEYS, "tg:1/1", 2) == b""
        assert sealed.author_of(connection, TOWN, KEYS, "0f") == author
        assert sealed.author_of(connection, TOWN, KEYS, "ff") is None
        assert archive.load(connection, "elsewhere", ["tg:1/1"]) == {}
        assert archive.documents(connection, TOWN, ["tg:1/1"])["tg:1/1"].version == 2


def test_what_a_platform_answered_and_who_wrote_it_lie_in_no_readable_form(database: Database) -> None:
    author = Author(AuthorRole.RESIDENT, "0f", "id77", "Мария Печкина")
    _store(database, Version(post("tg:1/1", author=author, raw="Мария Печкина id77".encode()), Reading()))
    with database.read() as connection:
        rows = [
            tuple(row) for table in (payloads, authors, post_versions) for row in connection.execute(sa.select(table))
        ]
    shown = repr(rows)
    assert len(rows) == 3
    assert "id77" not in shown
    assert "Печкина" not in shown
    assert "Печкина".encode() not in b"".join(value for row in rows for value in row if isinstance(value, bytes))


def test_an_author_who_speaks_in_another_role_is_kept_anew(database: Database) -> None:
    resident = Author(AuthorRole.RESIDENT, "0f", "id77", "Мария")
    official = Author(AuthorRole.OFFICIAL, "0f", "id77", "Администрация")
    _store(database, Version(post("tg:1/1", author=resident), Reading()))
    _store(database, Version(post("tg:1/2", author=official), Reading()))
    with database.read() as connection:
        assert sealed.author_of(connection, TOWN, KEYS, "0f") == official


def test_the_latest_observation_stays_whatever_comes_after(database: Database) -> None:
    late = post("tg:1/1", seen=50, counters=Counters(views=90))
    early = post("tg:1/1", seen=10, counters=Counters(views=10))
    with database.begin() as connection:
        archive.observe(connection, TOWN, [late, early])
        archive.observe(connection, TOWN, [early])
    with database.read() as connection:
        row = connection.execute(sa.select(observations)).one()
    assert (row.at, row.views, row.present) == (late.seen_at, 90, True)


def test_all_posts_of_a_city_are_streamed_by_id(database: Database) -> None:
    made = [post(f"tg:1/{number:05}", version=1) for number in range(CHUNK + 7)]
    _store(database, *[Version(one, Reading()) for one in reversed(made)])
    _store(database, Version(post("tg:1/00001", version=1), Reading()), city="elsewhere")
    with database.read() as connection:
        assert [one.post for one in archive.stream(connection, TOWN)] == made
        assert len(archive.load(connection, TOWN, [one.id for one in made])) == len(made)


def test_the_original_is_the_earliest_by_publication_then_id(database: Database) -> None:
    for id_, minute, key in [("b", 5, "x"), ("a", 5, "x"), ("c", 9, "x"), ("d", 1, "y"), ("e", 0, "")]:
        _store(database, Version(post(id_, minute=minute), Reading(), key))
    _store(database, Version(post("earlier", minute=0), Reading(), "x"), city="elsewhere")
    with database.read() as connection:
        found = {one.post.id: one.reading.copy_of for one in archive.stream(connection, TOWN)}
    assert found == {"a": "", "b": "a", "c": "a", "d": "", "e": ""}


def test_an_original_is_found_by_a_seek_in_an_index(database: Database) -> None:
    query = sa.select(posts.c.id, copies.copy_of).where(posts.c.city == TOWN, posts.c.id == "a")
    with database.read() as connection:
        sql = str(query.compile(connection, compile_kwargs={"literal_binds": True}))
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}")]
    assert "SEARCH earlier USING COVERING INDEX posts_by_copy (city=? AND copy_key=?)" in plan
    assert [step for step in plan if "SEARCH near_copies" in step] == [
        "SEARCH near_copies USING PRIMARY KEY (city=? AND copy_key=?)"
    ]
    # Only the few texts that are near are put in order.
    assert [step for step in plan if "SCAN" in step or "TEMP B-TREE" in step] == ["USE TEMP B-TREE FOR ORDER BY"]


def test_the_groups_of_written_posts_are_watched_by_seeks(database: Database) -> None:
    _store(database, Version(post("b", minute=5), Reading(), "x"), Version(post("a", minute=7), Reading(), "x"))
    with queries() as asked, database.begin() as connection, copies.watched(connection, TOWN, ["b"], {}) as watch:
        connection.execute(sa.delete(posts).where(posts.c.id == "b"))
    assert watch.others == {"a"}
    steps = plans_of(database, asked, "earlier")
    assert set(steps) == {"SEARCH earlier USING COVERING INDEX posts_by_copy (city=? AND copy_key=?)"}


def test_texts_that_may_be_near_are_reached_by_seeks(database: Database) -> None:
    with queries() as asked, database.begin() as connection:
        near.keep(connection, TOWN, {"x": "нет воды в доме на горке", "y": "нет воды в доме на горке опять"})
    with queries() as more, database.begin() as connection:
        near.keep(connection, TOWN, {"z": "нет воды в доме на горке снова"})
        near.neighbours(connection, TOWN, ["x", "y"])
        near.forget(connection, TOWN, ["x"])
    for table in ("copy_texts", "near_copies", "posts"):
        steps = plans_of(database, [*asked, *more], table)
        assert steps
        assert [step for step in steps if step.endswith("(city=?)") or step.startswith("SCAN")] == []


def test_a_window_misses_what_it_should_have_shown(database: Database) -> None:
    for minute in range(6):
        _store(database, Version(post(f"p{minute}", minute=minute, version=1), Reading()))
    _store(database, Version(post("comment", minute=2, version=1, parent="p1", thread="p1"), Reading()))
    _store(database, Version(post("other", minute=2, version=1, source="elsewhere"), Reading()))
    window = Window(SOURCE.key, START, START + timedelta(minutes=5), frozenset({"p2"}))
    with database.begin() as connection:
        assert sorted(marks.missing(connection, TOWN, window, "telegram")) == ["p1", "p3", "p4"]
        assert marks.missing(connection, TOWN, replace(window, thread="p1"), "telegram") == ["comment"]
        assert marks.missing(connection, TOWN, replace(window, prefix="p4"), "telegram") == ["p4"]
        assert marks.missing(connection, TOWN, replace(window, prefix="p_"), "telegram") == []
        assert marks.mark_gone(connection, TOWN, ["p1", "unknown"], START + timedelta(days=1)) == 2
        assert archive.load(connection, TOWN, ["comment"])["comment"].gone_at == START + timedelta(days=1)
        assert marks.mark_gone(connection, TOWN, ["p1"], START + timedelta(days=2)) == 0
        # Seen at minute 4, said to be gone at minute 3: it came back.
        assert marks.mark_gone(connection, TOWN, ["p3"], START + timedelta(minutes=3)) == 0
        assert sorted(marks.missing(connection, TOWN, window, "telegram")) == ["p3", "p4"]
        assert archive.load(connection, TOWN, ["p1"])["p1"].gone_at == START + timedelta(days=1)
        marks.mark_present(connection, TOWN, ["p1"])
        assert archive.load(connection, TOWN, ["p1"])["p1"].gone_at is None


def test_who_is_gone_from_a_thread_is_asked_of_the_thread_alone(database: Database) -> None:
    _store(database, Version(post("p", version=1), Reading()))
    _store(database, Version(post("comment", minute=5, version=1, parent="p", thread="p"), Reading()))
    window = Window(SOURCE.key, START, START + timedelta(days=1), frozenset(), thread="p")
    with queries() as asked, database.begin() as connection:
        marks.mark_gone(
            connection, TOWN, marks.missing(connection, TOWN, window, "telegram"), START + timedelta(days=1)
        )
    plans = plans_of(database, asked, "posts")
    assert {plan.partition("(")[2] for plan in plans} == {"city=? AND thread=?)", "city=? AND id=?)"}


def test_tombstones_and_cursors(database: Database) -> None:
    with database.begin() as connection:
        marks.bury(connection, TOWN, ["a", "b", "a"], START, "by request")
        marks.bury(connection, TOWN, ["a"], START, "again")
        assert marks.buried(connection, TOWN, ["a", "c"]) == {"a"}
        assert marks.buried(connection, "elsewhere", ["a"]) == set()
        assert marks.cursor(connection, TOWN, SOURCE.key) == ""
        for cursor in ("1", "2"):
            marks.move_cursor(connection, TOWN, SOURCE.key, cursor, START)
        assert marks.cursor(connection, TOWN, SOURCE.key) == "2"


def _crawl(number: int, source: str = "wall", **outcomes: int) -> SourceHealth:
    at = START + timedelta(minutes=number)
    return SourceHealth(TOWN, source, f"crawl-{number}", at, at + timedelta(seconds=9), outcomes=outcomes, lag=1.5)


def test_health_is_read_back_and_failures_in_a_row_are_counted(database: Database) -> None:
    crawls = [_crawl(0, broken=1), _crawl(1, seen=3), _crawl(2, broken=1), _crawl(3, broken=1)]
    with database.begin() as connection:
        for one in (*crawls, _crawl(1, "news", seen=1), _crawl(1, "dead", broken=1)):
            health.write(connection, one)
        assert health.history(connection, TOWN, "wall") == crawls[::-1]
        assert health.history(connection, TOWN, "wall", limit=1) == crawls[-1:]
        assert health.last_crawls(connection, TOWN) == {
            "wall": LastCrawl(crawls[3], 2),
            "news": LastCrawl(_crawl(1, "news", seen=1), 0),
            "dead": LastCrawl(_crawl(1, "dead", broken=1), 1),
        }
        assert health.last_crawls(connection, "elsewhere") == {}
        assert health.since_success(connection, crawls[3]) == (crawls[1].finished_at, 2)
        news, dead = _crawl(1, "news", seen=1), _crawl(1, "dead", broken=1)
        assert health.since_success(connection, news) == (news.finished_at, 0)
        assert health.since_success(connection, dead) == (None, 1)


def test_of_every_source_the_last_crawls_are_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "KEPT", 3)
    with database.begin() as connection:
        health.write(connection, _crawl(0, "other"))
        for number in (4, 1, 2, 0, 3):
            health.write(connection, _crawl(number))
        assert [one.crawl for one in health.history(connection, TOWN, "wall")] == ["crawl-4", "crawl-3", "crawl-2"]
        assert len(health.history(connection, TOWN, "other")) == 1


def test_long_texts_of_posts_come_back_whole(database: Database) -> None:
    text = LONG * 5_000
    _store(database, Version(post("tg:1/1", text), Reading()))
    with database.read() as connection:
        assert archive.load(connection, TOWN, ["tg:1/1"])["tg:1/1"].post.text == text

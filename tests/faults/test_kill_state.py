"""kill -9 of a process that records, at random moments: no post lost, none twice, no cursor ahead of its posts."""

import multiprocessing
import random
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
import sqlalchemy as sa

from crawler.model.crawled import Checkpoint
from crawler.model.items import Post
from search.state import marks
from search.state.copies import copy_of
from search.state.database import Database
from search.state.tables import index_queue, observations, post_versions, posts, readings
from tests.recording import CITY, LONG, SOURCE, Desk, draft, post

_A_PAGE = 5


def _page(number: int) -> list[Post]:
    """Posts of a page, every fifth a copy of another page's; the last post of the page before comes again, edited."""
    first = number * _A_PAGE
    made = [
        post(
            f"p{at:05}", LONG if at % 5 == 0 else f"Жалоба {at}: не убран снег", minute=at, seen=100_000, raw=b"x" * 900
        )
        for at in range(first, first + _A_PAGE)
    ]
    if number:
        made.insert(0, post(f"p{first - 1:05}", "Уже убрали", minute=first - 1, seen=100_001))
    return made


def _source(cursor: str, pages: int) -> Iterator[Post | Checkpoint]:
    """What the source yields from the cursor on."""
    for number in range(int(cursor or 0), pages):
        page = _page(number)
        yield from page
        yield Checkpoint(SOURCE.key, str(number + 1), tuple(one.id for one in page))


def _record(path: Path, pages: int, seed: int, started: Connection) -> None:
    """One crawl: batches of any size, cut without regard to pages."""
    desk = Desk(Database.open(path))
    started.send("started")
    with desk.database.read() as connection:
        items = list(_source(marks.cursor(connection, CITY.key, SOURCE.key), pages))
    record = desk.record()
    chance = random.Random(seed)
    while items:
        size = chance.randint(1, 9)
        batch, items = items[:size], items[size:]
        record.commit(
            [draft(one) for one in batch if isinstance(one, Post)],
            [one for one in batch if isinstance(one, Checkpoint)],
        )
    desk.database.close()


def _crawl(path: Path, pages: int, seed: int, kill_after: float | None, *, at_once: bool = False) -> int | None:
    """Run one crawl in a process of its own and kill it so many seconds after it opened the state (or was started)."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_record, args=(path, pages, seed, theirs))
    process.start()
    theirs.close()
    if kill_after is not None:
        if not at_once:
            assert ours.recv() == "started"
        time.sleep(kill_after)
        process.kill()
    process.join()
    ours.close()
    return process.exitcode


def _check_cursor(path: Path) -> int:
    """Every post before the cursor is stored, with everything that belongs to it; how far the cursor is."""
    database = Database.open(path)
    with database.read() as connection:
        cursor = int(marks.cursor(connection, CITY.key, SOURCE.key) or 0)
        stored = set(connection.scalars(sa.select(posts.c.id)))
        versions = set(map(tuple, connection.execute(sa.select(post_versions.c.post, post_versions.c.version))))
        assert versions == set(map(tuple, connection.execute(sa.select(readings.c.post, readings.c.version))))
        assert stored == {id_ for id_, _ in versions} == set(connection.scalars(sa.select(observations.c.post)))
    database.close()
    assert {one.id for number in range(cursor) for one in _page(number)} <= stored
    return cursor


@pytest.mark.parametrize("kills", [12, pytest.param(100, marks=pytest.mark.faults)])
def test_no_post_is_lost_or_doubled_by_kills(tmp_path: Path, kills: int) -> None:
    path = tmp_path / "otklik.sqlite"
    pages = kills * 3
    chance = random.Random(kills)
    ends = []
    for kill in range(kills):
        # The first ones are killed while they make the database.
        at_once = kill < 3
        ends.append(_crawl(path, pages, kill, chance.uniform(0, 0.05 if at_once else 0.12), at_once=at_once))
        _check_cursor(path)
    assert ends.count(-9) >= kills // 3, ends
    assert _crawl(path, pages, kills, None) == 0
    assert _check_cursor(path) == pages

    edited = {f"p{number * _A_PAGE - 1:05}" for number in range(1, pages)}
    expected = {f"p{at:05}": 2 if f"p{at:05}" in edited else 1 for at in range(pages * _A_PAGE)}
    database = Database.open(path)
    with database.read() as connection:
        assert dict(map(tuple, connection.execute(sa.select(posts.c.id, posts.c.version)))) == expected
        queued = sa.select(index_queue.c.post, sa.func.count()).group_by(index_queue.c.post)
        times = dict(map(tuple, connection.execute(queued)))
        # A batch that holds both versions tells the index once.
        assert times.keys() == expected.keys()
        assert not [id_ for id_, number in times.items() if number > expected[id_]]
        assert set(connection.scalars(sa.select(copy_of))) == {"", "p00000"}
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    database.close()

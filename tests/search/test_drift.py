"""When a site's articles lose something: the pure rule, and what the state keeps of it."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given as given_by
from hypothesis import strategies as st

from crawler.model.articles import ArticleRead, Part, mark_of
from search.drift import KEPT, NEWEST, Loss, is_over, lost
from search.state import drift
from search.state.database import Database
from search.state.drift import Change

AT = datetime(2026, 5, 1, 9, tzinfo=UTC)


def read(number: int, *, body: bool = True, title: bool = True, dated: bool = True) -> ArticleRead:
    url = f"https://a.example/{number}"
    return ArticleRead(
        f"news:{url}",
        url,
        mark_of(f"text {number}" if body else ""),
        mark_of(f"title {number}" if title else ""),
        dated,
    )


def bodies(had: Sequence[bool], first: int = 0) -> list[ArticleRead]:
    return [read(first + at, body=one) for at, one in enumerate(had)]


def test_five_articles_are_enough_where_ten_before_had_it() -> None:
    assert lost(bodies([True] * 10 + [False] * 5), Part.BODY) == Loss(Part.BODY, 5, 1.0)
    assert lost(bodies([True] * 30 + [True, False, True, False, False]), Part.BODY) == Loss(Part.BODY, 4, 1.0)
    assert lost(bodies([True] * 9 + [False] * 5), Part.BODY) is None
    assert lost(bodies([True] * 10 + [False] * 5), Part.TITLE) is None


def test_what_is_on_every_page_is_no_article() -> None:
    before = bodies([True] * 12)
    imprint = [ArticleRead(f"p{at}", "", mark_of("ООО «Вестник»"), mark_of(f"t{at}"), dated=True) for at in range(5)]
    assert lost(before + imprint, Part.BODY) == Loss(Part.BODY, 5, 1.0)
    assert lost(before + imprint, Part.TITLE) is None


@pytest.mark.parametrize("often", [[False], [True, False, False], [True, False], [True, True, False]])
def test_a_site_that_often_lacks_it_has_lost_nothing_when_five_lack_it(often: list[bool]) -> None:
    assert lost(bodies([*often * 20, *[False] * 5]), Part.BODY) is None


@given_by(st.lists(st.booleans(), max_size=80))
def test_an_alarm_says_little_of_a_little_and_its_end_excludes_its_beginning(had: list[bool]) -> None:
    reads = bodies(had)
    loss = lost(reads, Part.BODY)
    if loss:
        assert sum(had[-NEWEST:]) < NEWEST * loss.usual
        assert had[-loss.back] is False
        assert not is_over(reads, Part.BODY, loss.usual)


def test_chance_alone_raises_hardly_an_alarm() -> None:
    chance = random.Random(5)
    raised = 0
    for _ in range(20):
        had = [chance.random() < 0.9 for _ in range(300)]
        raised += sum(lost(bodies(had[max(0, at - KEPT) : at]), Part.BODY) is not None for at in range(15, 300))
    assert raised / (20 * 285) < 0.001


@pytest.fixture
def state(tmp_path: Path) -> Iterator[sa.Connection]:
    database = Database.open(tmp_path / "otklik.sqlite")
    with database.begin() as connection:
        yield connection
    database.close()


def note(state: sa.Connection, reads: Sequence[ArticleRead], days: float = 0) -> list[Change]:
    return drift.note(state, "town", "vestnik", AT + timedelta(days=days), reads)


def test_an_alarm_begins_once_says_what_and_ends_by_itself(state: sa.Connection) -> None:
    assert note(state, bodies([True] * 15)) == []
    assert note(state, bodies([False] * 3, 15), 1) == []
    assert note(state, bodies([False] * 3, 18), 2) == [Change(Part.BODY, begins=True)]
    (on,) = drift.current(state, "town")
    assert (on.source, on.part, on.since, on.usual) == ("vestnik", Part.BODY, AT + timedelta(days=1), 1.0)
    assert (on.have, on.of, on.example) == (14, 20, "https://a.example/20")
    assert note(state, bodies([False] * 40, 21), 3) == []
    assert list(drift.current(state, "elsewhere")) == []
    assert note(state, bodies([True] * 4, 61), 4) == []
    assert note(state, bodies([True], 65), 5) == [Change(Part.BODY, begins=False)]
    assert list(drift.current(state, "town")) == []
    assert note(state, bodies([True] * 9, 66), 6) == []


def test_articles_that_are_read_again_are_not_counted_twice(state: sa.Connection) -> None:
    note(state, bodies([True] * 15))
    for day in range(1, 9):
        assert note(state, bodies([False], 15), day) == []
    assert note(state, bodies([True], 15), 10) == []
    assert note(state, bodies([False] * 5, 10), 11) == [Change(Part.BODY, begins=True)]
    assert note(state, bodies([True] * 5, 10), 12) == [Change(Part.BODY, begins=False)]


def test_a_site_that_is_read_again_whole_shows_it_at_once(state: sa.Connection) -> None:
    note(state, bodies([True] * KEPT))
    assert note(state, bodies([False] * KEPT), 1) == [Change(Part.BODY, begins=True)]
    assert [on.usual for on in drift.current(state, "town")] == [1.0]


def test_after_a_month_that_is_how_the_site_is(state: sa.Connection) -> None:
    note(state, bodies([True] * 15))
    note(state, bodies([False] * 6, 15), 1)
    assert note(state, bodies([False], 21), 30) == []
    assert note(state, bodies([False], 22), 31) == [Change(Part.BODY, begins=False)]
    assert note(state, bodies([False] * 30, 23), 32) == []


def test_a_site_that_wavers_raises_one_alarm(state: sa.Connection) -> None:
    chance = random.Random(1)
    note(state, bodies([True] * 40))
    changes = [change for at in range(100) for change in note(state, bodies([chance.random() < 0.3], 40 + at), at / 10)]
    assert changes == [Change(Part.BODY, begins=True)]

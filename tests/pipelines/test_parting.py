"""What people decide against what was put together holds through edits, readings and new comparisons, and is undone."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from crawler.model.errors import OtklikError
from crawler.model.items import Kind, Post
from pipelines.parting import join, part
from pipelines.telling import tell_anew
from search.state import apart, archive, copies
from search.state.apart import COPY, STORY, Decision
from search.state.database import Database
from search.state.removal import remove_posts
from search.state.tables import events
from tests.pipelines.test_stories import BRIDGE, MAYOR, news
from tests.recording import CITY, KEYS, LONG, SOURCE, START, Desk, draft, post

NEAR = LONG.replace("Второй день", "Второй ден")
Change = Callable[..., None]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = Database.open(tmp_path / "otklik.sqlite", busy_seconds=0.05)
    yield Desk(database)
    database.close()


def _commit(desk: Desk, *batch: Post) -> None:
    desk.record().commit([draft(one) for one in batch], [])


def _decide(desk: Desk, change: Change, what: str, one: str, other: str = "", why: str = "разные") -> None:
    with desk.database.begin() as connection:
        change(connection, CITY.key, KEYS, desk.told, Decision(what, one, other, START, "nina", why))


def _said(desk: Desk, what: str) -> dict[str, str]:
    """The originals of copies or the stories of posts, as the state has them."""
    with desk.database.read() as connection:
        stored = list(archive.stream(connection, CITY.key))
    found = {one.post.id: getattr(one.reading, "copy_of" if what == COPY else "story") for one in stored}
    return {id_: value for id_, value in found.items() if value}


def test_a_post_that_is_no_copy_stays_none_and_its_copies_have_another_original(desk: Desk) -> None:
    _commit(desk, post("a"), post("b", NEAR, minute=1), post("c", minute=2))
    assert _said(desk, COPY) == {"b": "a", "c": "a"}
    _decide(desk, part, COPY, "a")
    assert _said(desk, COPY) == {"c": "b"}
    told = {one.id: "copy" in one.traits for one in desk.told.indexed}
    assert told == {"a": False, "b": False, "c": True}
    _commit(desk, post("a", LONG + "!!", seen=50), post("d", minute=3))
    copies.compare(desk.database, CITY.key)
    assert _said(desk, COPY) == {"c": "b", "d": "b"}
    _decide(desk, join, COPY, "a")
    assert _said(desk, COPY) == {"b": "a", "c": "a", "d": "a"}


def test_two_that_are_not_one_story_stay_two_and_others_follow_whom_they_are_most_like(desk: Desk) -> None:
    _commit(desk, *[news(f"n{number}", text, hour=number) for number, text in enumerate(BRIDGE)])
    _decide(desk, part, STORY, "n1", "n0")
    parted = _said(desk, STORY)
    assert parted.get("n1") != "n0"
    assert parted["n2"] in {"n0", "n1"}
    assert {one.id: one.story for one in desk.told.indexed} == {"n0": "", "n1": "", "n2": "", **parted}
    tell_anew(desk.database, CITY.key, {SOURCE.key: SOURCE})
    assert _said(desk, STORY) == parted
    _commit(desk, replace(news("n1", BRIDGE[1] + " Пешеходов пропустят.", hour=1), seen_at=START.replace(day=9)))
    assert _said(desk, STORY).get("n1") != "n0"
    _decide(desk, join, STORY, "n0", "n1")
    assert _said(desk, STORY) == {"n0": "n0", "n1": "n0", "n2": "n0"}


def test_of_posts_kept_apart_the_earlier_one_stays_whatever_came_first(desk: Desk) -> None:
    _commit(desk, news("b", BRIDGE[1], hour=2), news("c", BRIDGE[2], hour=3))
    _decide(desk, part, STORY, "b", "c")
    assert _said(desk, STORY) == {}
    _commit(desk, news("a", BRIDGE[0], hour=1))
    assert _said(desk, STORY) == {"a": "a", "b": "a"}


def test_a_decision_is_in_the_journal_and_in_the_list_with_who_when_and_why(desk: Desk) -> None:
    _commit(desk, news("a", BRIDGE[0]), news("b", BRIDGE[1], hour=1))
    _decide(desk, part, STORY, "b", "a", "другой мост")
    _decide(desk, part, STORY, "b", "a", "ещё раз")
    with desk.database.read() as connection:
        assert apart.listed(connection, CITY.key) == [Decision(STORY, "b", "a", START, "nina", "другой мост")]
        said = connection.execute(sa.select(events.c.what, events.c.subjects, events.c.reason)).all()
    assert [tuple(row) for row in said] == [("apart: story", ["b", "a"], "другой мост")]


@pytest.mark.parametrize(
    ("what", "one", "other", "why", "change", "told"),
    [
        (STORY, "a", "none", "разные", part, "none"),
        (STORY, "a", "a", "разные", part, "two different|две разные"),
        (COPY, "a", "", " ", part, "--why"),
        (COPY, "a", "", "", join, "no such decision|решения нет"),
    ],
)
def test_what_cannot_be_decided_is_refused_and_changes_nothing(
    desk: Desk, what: str, one: str, other: str, why: str, change: Change, told: str
) -> None:
    _commit(desk, news("a", MAYOR[0]))
    with pytest.raises(OtklikError, match=f"(?i){told}"):
        _decide(desk, change, what, one, other, why)
    with desk.database.read() as connection:
        assert apart.listed(connection, CITY.key) == []


def test_a_decision_goes_with_its_post(desk: Desk) -> None:
    _commit(desk, news("a", BRIDGE[0]), news("b", BRIDGE[1], hour=1), post("c", kind=Kind.POST))
    _decide(desk, part, STORY, "b", "a")
    _decide(desk, part, COPY, "c")
    with desk.database.begin() as connection:
        remove_posts(connection, CITY.key, ["a", "c"], desk.told)
        assert apart.listed(connection, CITY.key) == []

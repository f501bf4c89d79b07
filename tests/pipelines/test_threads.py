"""Places by the thread: in whatever order and batches its posts come, each is placed by what stands before it."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model.items import Place, Post
from pipelines.places import Places, StoredThreads
from pipelines.record import Record
from search.state import archive
from search.state.database import Database
from search.state.said import MOST
from tests.pipelines.test_resolution import town
from tests.recording import CITY, KEYS, SOURCE, StillClock, Told, draft, post

FINDER = town([(0, {5}), (1, {5}), (2, {7})])
THREAD = [
    post("root", "Весь Озёрный район без воды", minute=0),
    post("a", "на Садовой тоже", minute=1, thread="root", parent="root"),
    post("b", "а у нас, Заводской район, ул. Садовая, 5, есть", minute=2, thread="root", parent="root"),
    post("c", "Садовая 5, подтверждаю", minute=3, thread="root", parent="a"),
    post("d", "Садовая 7, и у нас", minute=4, thread="root", parent="root"),
    post("other", "на Садовой темно", minute=2),
]


def recorded(batches: Sequence[Sequence[Post]], told: Told | None = None) -> dict[str, tuple[Place, ...]]:
    """The places of what is stored after these batches, each from a pass of its own."""
    told = told or Told()
    with TemporaryDirectory() as folder:
        database = Database.open(Path(folder) / "otklik.sqlite")
        for batch in batches:
            threads = StoredThreads(CITY.key, database, FINDER, {SOURCE.key: SOURCE})
            record = Record(CITY, database, KEYS, StillClock(), told, told, threads)
            record.commit(Places(FINDER, threads).process([draft(one) for one in batch]), [])
        with database.read() as connection:
            stored = {one.post.id: one.reading.places for one in archive.stream(connection, CITY.key)}
        database.close()
    return stored


def _streets(places: tuple[Place, ...]) -> list[tuple[str, str]]:
    return [(place.district, place.decided) for place in places if place.street_key]


def test_a_comment_is_placed_by_the_post_and_the_comments_before_it() -> None:
    found = {id_: _streets(places) for id_, places in recorded([THREAD]).items()}
    assert found["a"] == [("Озёрный", "thread")]
    assert found["b"] == [("Заводской", "district")]
    assert found["d"] == [("", "")]  # two of the name are spoken of by then
    assert found["other"] == [("", "")]


@settings(deadline=None, max_examples=25)
@given(order=st.permutations(THREAD), cuts=st.sets(st.integers(1, len(THREAD) - 1)))
def test_the_order_in_which_a_thread_comes_changes_nothing(order: list[Post], cuts: set[int]) -> None:
    ends = [0, *sorted(cuts), len(order)]
    assert recorded([order[start:end] for start, end in pairwise(ends)]) == recorded([THREAD])


def test_a_comment_that_a_late_post_places_is_indexed_again_where_it_lies_now() -> None:
    told = Told()
    recorded([[THREAD[1]], [THREAD[0]]], told)
    before, after = [one.places[0] for one in told.noticed if one.id == "a"]
    assert (bool(before.candidates), before.lat) == (True, None)
    assert (after.candidates, after.district) == ((), "Озёрный")


def test_an_edit_of_the_post_takes_back_what_it_told() -> None:
    edited = post("root", "Где-то нет воды", minute=0, seen=30)
    places = recorded([THREAD[:2], [edited]])
    assert places["a"][0].candidates


# As in a channel: no thread, each names the message that it answers.
REPLIES = [
    post("m1", "Озёрный район без воды", minute=0),
    post("m2", "на Садовой тоже", minute=1, reply_to="m1"),
    post("m3", "и дальше по Садовой, дом 5", minute=2, reply_to="m2"),
    post("m4", "Заводской район: отключили свет", minute=3),
    post("m5", "на Садовой, 5 света нет", minute=4, reply_to="m4"),
    post("m6", "Садовая 5, подтверждаю", minute=5, reply_to="https://example.org/elsewhere/7"),
]


def test_a_reply_outside_of_a_thread_is_placed_by_what_it_answers() -> None:
    found = {id_: _streets(places) for id_, places in recorded([REPLIES]).items()}
    assert (found["m2"], found["m3"]) == ([("Озёрный", "thread")], [("Озёрный", "thread")])
    assert (found["m5"], found["m6"]) == ([("Заводской", "thread")], [("", "")])


@settings(deadline=None, max_examples=25)
@given(order=st.permutations(REPLIES), cuts=st.sets(st.integers(1, len(REPLIES) - 1)))
def test_the_order_in_which_replies_come_changes_nothing(order: list[Post], cuts: set[int]) -> None:
    ends = [0, *sorted(cuts), len(order)]
    assert recorded([order[start:end] for start, end in pairwise(ends)]) == recorded([REPLIES])


def test_of_a_very_long_thread_the_first_post_and_the_latest_are_asked() -> None:
    crowd = [post(f"c{n}", "на Садовой темно", minute=n, thread="root", parent="root") for n in range(1, MOST + 50)]
    last = post("last", "Садовая, и у нас", minute=MOST + 60, thread="root", parent="root")
    found = recorded([[THREAD[0]], crowd, [last]])
    assert _streets(found["last"]) == [("Озёрный", "thread")]
    assert {tuple(_streets(found[one.id])) for one in crowd} == {(("Озёрный", "thread"),)}

"""The commit story: what a batch brings, in whatever order it comes, and what is left when something fails."""

import itertools
import logging
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model.crawled import Checkpoint, Gone, Skipped, Window
from crawler.model.items import Author, Counters, Media, Post, TimePrecision
from pipelines.draft import Draft, Outcome
from pipelines.record import Record
from search.images import rows as image_rows
from search.likeness import folded, nearness
from search.state import archive, marks, sealed
from search.state.archive import Stored
from search.state.database import Database
from search.state.failures import StateError
from search.state.removal import remove_posts
from search.state.tables import (
    copy_texts,
    images,
    index_queue,
    near_copies,
    observations,
    post_versions,
    posts,
    readings,
)
from tests.recording import CITY, KEYS, LONG, SOURCE, START, Desk, StillClock, Told, count, draft, post
from tests.search.plans import plans_of, queries


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = Database.open(tmp_path / "otklik.sqlite", busy_seconds=0.05)
    yield Desk(database)
    database.close()


def _commit(record: Record, *batch: Post) -> list[str]:
    return [str(one.outcome) for one in record.commit([draft(one) for one in batch], [])]


def _all(desk: Desk) -> dict[str, Stored]:
    with desk.database.read() as connection:
        return {one.post.id: one for one in archive.stream(connection, CITY.key)}


def _copies(desk: Desk) -> dict[str, str]:
    return {id_: one.reading.copy_of for id_, one in _all(desk).items()}


def _cursor(desk: Desk) -> str:
    with desk.database.read() as connection:
        return marks.cursor(connection, CITY.key, SOURCE.key)


def test_a_text_that_goes_back_to_what_it_was_is_a_third_version(desk: Desk) -> None:
    record = desk.record()
    outcomes = [_commit(record, post("p", text, seen=seen)) for seen, text in enumerate(["A", "A", "B", "A"])]
    assert outcomes == [["new"], ["unchanged"], ["changed"], ["changed"]]
    one = _all(desk)["p"]
    assert (one.post.text, one.post.version, one.first_seen_at) == ("A", 3, START)
    assert [document.version for document in desk.told.noticed] == [1, 2, 3]
    assert count(desk.database, index_queue) == 3


def test_edits_of_a_post_in_one_batch_are_versions_in_order(desk: Desk) -> None:
    batch = [post("p", text, seen=seen) for seen, text in enumerate(["A", "A", "B", "A"])]
    assert _commit(desk.record(), *batch) == ["new", "unchanged", "changed", "changed"]
    one = _all(desk)["p"]
    assert (one.post.text, one.post.version, one.first_seen_at) == ("A", 3, START)
    # The index holds one version; the saved searches are asked about each.
    assert [document.version for document in desk.told.indexed] == [3]
    assert [document.version for document in desk.told.noticed] == [1, 2, 3]


def test_a_batch_is_stored_by_seeks(desk: Desk) -> None:
    record = desk.record()
    batch = [post(f"p{number}", LONG, seen=number, thread="p0") for number in range(3)]
    _commit(record, *batch)
    with queries() as asked:
        _commit(record, *batch, post("p1", "A", seen=5), post("p4", LONG, seen=6))
    for table in ("posts", "readings", "tombstones", "copy_texts"):
        steps = plans_of(desk.database, asked, table)
        assert steps
        assert [step for step in steps if step.endswith("(city=?)") or step.startswith("SCAN")] == []


def test_an_unchanged_post_writes_only_what_was_observed(desk: Desk) -> None:
    record = desk.record()
    _commit(record, post("p", counters=Counters(views=5), raw=b"{}"))
    desk.told.noticed.clear()
    assert _commit(record, post("p", seen=60, counters=Counters(views=70), raw=b"{...}")) == ["unchanged"]
    assert [count(desk.database, table) for table in (post_versions, readings, observations, index_queue)] == [1] * 4
    assert desk.told.noticed == []
    with desk.database.read() as connection:
        assert connection.scalar(sa.select(observations.c.views)) == 70
        assert sealed.payload_of(connection, CITY.key, KEYS, "p", 1) == b"{}"


def test_an_image_that_is_not_fetched_yet_gets_the_address_that_a_later_sight_of_its_post_has(desk: Desk) -> None:
    def shown(sign: str, seen: int) -> Post:
        return post("p", seen=seen, media=(Media("photo", f"https://cdn.example.org/1.jpg?{sign}", key="1"),))

    record = desk.record()
    _commit(record, shown("first", 1))
    with desk.database.begin() as connection:
        image_rows.want(connection, CITY.key, [("p", 1)], CITY.images, START)
    assert _commit(record, shown("second", 60)) == ["unchanged"]
    # What was fetched earlier and handed over later says nothing of now.
    assert _commit(record, shown("stale", 30)) == ["unchanged"]
    with desk.database.read() as connection:
        assert connection.scalars(sa.select(images.c.url)).all() == ["https://cdn.example.org/1.jpg?second"]


def test_what_a_newer_reader_read_is_indexed_and_matched_again(desk: Desk) -> None:
    record = desk.record()
    _commit(record, post("a"), post("b", minute=5))
    again = draft(post("b", minute=5, seen=60))
    again = replace(
        again, reading=replace(again.reading, topic="water", reader_version=again.reading.reader_version + 1)
    )
    for expected in (["a", "b", "b"], ["a", "b", "b"]):
        assert [one.outcome for one in record.commit([again], [])] == [Outcome.UNCHANGED]
        assert [document.id for document in desk.told.noticed] == expected
    one = _all(desk)["b"]
    assert (one.reading.topic, one.reading.copy_of, one.post.version) == ("water", "a", 1)
    # An older reader, of a process that was not restarted yet, does not take it back.
    _commit(record, post("b", minute=5, seen=70))
    assert _all(desk)["b"].reading.topic == "water"


def test_an_erased_post_does_not_come_back(desk: Desk) -> None:
    with desk.database.begin() as connection:
        marks.bury(connection, CITY.key, ["p"], START, "by request")
    finished = desk.record().commit([draft(post("p")), draft(post("q"))], [Checkpoint(SOURCE.key, "1", ("p", "q"))])
    assert [(one.outcome, one.reason) for one in finished] == [(Outcome.REJECTED, "erased"), (Outcome.NEW, "")]
    assert set(_all(desk)) == {"q"}
    assert _cursor(desk) == "1"


def test_what_was_rejected_before_passes_through_and_counts_as_decided(desk: Desk) -> None:
    finished = desk.record().commit([draft(post("p")).rejected("empty")], [Checkpoint(SOURCE.key, "1", ("p",))])
    assert [(one.outcome, one.reason) for one in finished] == [(Outcome.REJECTED, "empty")]
    assert _all(desk) == {}
    assert _cursor(desk) == "1"


def test_an_edit_of_a_post_without_a_date_keeps_its_first_arrival(desk: Desk) -> None:
    record = desk.record()
    for seen, text in [(3, "A"), (90, "B")]:
        made = post("p", text, seen=seen, precision=TimePrecision.NONE)
        _commit(record, replace(made, published_at=made.seen_at))
    assert _all(desk)["p"].post.published_at == START + timedelta(minutes=3)


def test_a_late_original_makes_a_copy_of_what_stood_for_it(desk: Desk) -> None:
    record = desk.record()
    _commit(record, post("later", minute=30))
    _commit(record, post("copy", minute=40))
    assert _copies(desk) == {"later": "", "copy": "later"}
    desk.told.indexed.clear()
    desk.told.noticed.clear()
    finished = record.commit([draft(post("first", minute=10))], [])
    assert finished[0].outcome is Outcome.NEW
    assert _copies(desk) == {"first": "", "later": "first", "copy": "first"}
    # What stood for the original is a copy from now on, the other copies are what they were.
    told = [("first", False), ("later", True)]
    assert [(document.id, "copy" in document.traits) for document in desk.told.indexed] == told
    assert [(document.id, "copy" in document.traits) for document in desk.told.noticed] == told


def test_an_original_that_is_edited_leaves_its_copies_to_the_next(desk: Desk) -> None:
    record = desk.record()
    _commit(record, *[post(id_, minute=minute) for minute, id_ in enumerate(["a", "b", "c"])])
    desk.told.indexed.clear()
    _commit(
        record, post("a", "Спасибо, горячая вода в нашем доме наконец-то появилась, слесарь приходил утром", seen=90)
    )
    assert _copies(desk) == {"a": "", "b": "", "c": "b"}
    assert [(document.id, "copy" in document.traits) for document in desk.told.indexed] == [("a", False), ("b", False)]


def test_a_copy_is_one_in_the_index_from_the_start(desk: Desk) -> None:
    _commit(desk.record(), *[post(id_, minute=minute) for minute, id_ in enumerate(["a", "b"])], post("c", "Нет воды"))
    assert [(one.id, "copy" in one.traits) for one in desk.told.indexed] == [("a", False), ("b", True), ("c", False)]


def test_short_texts_are_never_copies(desk: Desk) -> None:
    _commit(desk.record(), post("a", "Нет воды!"), post("b", "Нет воды!"))
    assert _copies(desk) == {"a": "", "b": ""}


def test_posts_gone_from_their_platform_are_marked_and_come_back(desk: Desk) -> None:
    record = desk.record()
    ids = [f"p{number}" for number in range(5)]
    _commit(record, *[post(id_, f"Текст {id_}", minute=minute) for minute, id_ in enumerate(ids)])
    window = Window(SOURCE.key, START, START + timedelta(minutes=4), frozenset({"p2"}))
    record.commit([], [window, Gone(SOURCE.key, "p0", START + timedelta(hours=2)), Skipped(SOURCE.key, "s", "service")])
    record.commit([], [window])
    assert record.gone == 3
    assert {id_ for id_, one in _all(desk).items() if one.gone_at} == {"p0", "p1", "p3"}
    assert len(_all(desk)) == 5
    desk.clock.at += timedelta(days=1)
    assert _commit(record, post("p1", "Текст p1", minute=1, seen=9_000)) == ["unchanged"]
    assert _commit(record, post("p3", "Другой текст", minute=3, seen=9_000)) == ["changed"]
    assert {id_ for id_, one in _all(desk).items() if one.gone_at} == {"p0"}
    with desk.database.read() as connection:
        absent = sa.select(observations.c.post).where(sa.not_(observations.c.present))
        assert list(connection.scalars(absent)) == ["p0"]


def _marked(desk: Desk) -> tuple[set[str], set[str]]:
    """What is gone by the posts' rows, and by the observations."""
    with desk.database.read() as connection:
        absent = sa.select(observations.c.post).where(sa.not_(observations.c.present))
        return {id_ for id_, one in _all(desk).items() if one.gone_at}, set(connection.scalars(absent))


def test_what_was_fetched_earlier_never_takes_back_a_newer_text(desk: Desk) -> None:
    record = desk.record()
    _commit(record, post("p", "Воды нет", seen=60))
    (late,) = record.commit([draft(post("p", "Вода есть", seen=10))], [])
    assert (late.outcome, late.reason) == (Outcome.UNCHANGED, "stale")
    assert _all(desk)["p"].post.text == "Воды нет"
    # The same in one batch, and by the last time that the post was seen, not that of its version.
    batch = [post("q", "Б", seen=30), post("q", "Б", seen=50), post("q", "А", seen=40), post("q", "В", seen=50)]
    finished = desk.record().commit([draft(one) for one in batch], [])
    assert [(str(one.outcome), one.reason) for one in finished] == [
        ("new", ""),
        ("unchanged", ""),
        ("unchanged", "stale"),
        ("changed", ""),
    ]
    assert _all(desk)["q"].post.text == "В"
    assert [document.version for document in desk.told.noticed] == [1, 1, 2]


def test_only_a_later_sighting_brings_back_a_post_that_is_gone(desk: Desk) -> None:
    record = desk.record()
    _commit(record, post("p", seen=1))
    record.commit([], [Gone(SOURCE.key, "p", START + timedelta(minutes=60))])
    again = draft(post("p", seen=30))
    again = replace(
        again, reading=replace(again.reading, topic="water", reader_version=again.reading.reader_version + 1)
    )
    assert [one.outcome for one in record.commit([again], [])] == [Outcome.UNCHANGED]
    assert _all(desk)["p"].reading.topic == "water"
    assert _marked(desk) == ({"p"}, {"p"})
    _commit(record, post("p", seen=70))
    assert _marked(desk) == (set(), set())
    record.commit([], [Gone(SOURCE.key, "p", START + timedelta(minutes=90))])
    assert _marked(desk) == ({"p"}, {"p"})
    assert record.gone == 2


def test_a_window_says_nothing_of_posts_that_were_seen_after_it(desk: Desk) -> None:
    record = desk.record()
    _commit(record, post("p", minute=5, seen=50), post("q", "Другая", minute=6, seen=8))
    seen_at = START + timedelta(minutes=20)
    record.commit([], [Window(SOURCE.key, START, START + timedelta(minutes=15), frozenset(), seen_at=seen_at)])
    assert _marked(desk) == ({"q"}, {"q"})
    assert _all(desk)["q"].gone_at == seen_at


def test_a_window_speaks_only_of_posts_of_its_platform(desk: Desk) -> None:
    given_post = replace(post("given:wall/17", "Дано", minute=5), platform="telegram")
    other = replace(post("vk:-1_5", "Другое", minute=6), platform="given")
    _commit(desk.record(), given_post, other, post("tg:-1/5", "Своё", minute=7))
    desk.record().commit([], [Window(SOURCE.key, START, START + timedelta(minutes=15), frozenset())])
    assert _marked(desk) == ({"tg:-1/5"}, {"tg:-1/5"})


@pytest.mark.parametrize("order", list(itertools.permutations(["crawled", "given", "ingested"])))
def test_a_post_stays_with_the_source_that_it_was_crawled_from(desk: Desk, order: tuple[str, ...]) -> None:
    versions = {
        "crawled": post("tg:-1/5", "Нет воды"),
        "given": post("tg:-1/5", "Нет воды!", platform="given"),
        "ingested": post("tg:-1/5", "Воды нет", source="ingest", platform="given"),
    }
    for seen, kind in enumerate(order):
        _commit(desk.record(), replace(versions[kind], seen_at=START + timedelta(minutes=seen)))
    one = _all(desk)["tg:-1/5"]
    assert (one.post.source, one.post.platform, one.post.text) == ("wall", "telegram", versions[order[-1]].text)
    with desk.database.read() as connection:
        assert connection.execute(sa.select(posts.c.source, posts.c.platform)).one() == ("wall", "telegram")


def test_a_cursor_waits_for_all_its_posts_and_for_the_cursor_before_it(desk: Desk) -> None:
    record = desk.record()
    first, second = Checkpoint(SOURCE.key, "1", ("a", "b")), Checkpoint(SOURCE.key, "2", ("c",))
    other = Checkpoint("news", "9")
    record.commit([draft(post("a", "A"))], [first])
    record.commit([draft(post("c", "C"))], [second, other])
    assert _cursor(desk) == ""
    with desk.database.read() as connection:
        assert marks.cursor(connection, CITY.key, "news") == "9"
    record.commit([draft(post("b", "B"))], [])
    assert _cursor(desk) == "2"


def test_one_post_that_cannot_be_stored_is_rejected_and_logged_without_its_text(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.told.poison = "ядовитый"
    good, odd, bad = post("good", "Нет света"), post("odd", "Пробка \ud800 Ленина"), post("bad", "Ядовитый пар")
    batch = [good, odd, bad, post("good", "Дали свет", seen=50)]
    with caplog.at_level(logging.ERROR):
        finished = desk.record().commit(
            [draft(one) if one is not odd else Draft(SOURCE, odd, copy_key="") for one in batch],
            [Checkpoint(SOURCE.key, "1", ("good", "odd", "bad"))],
        )
    assert [(str(one.outcome), one.reason) for one in finished] == [
        ("new", ""),
        ("rejected", "error"),
        ("rejected", "error"),
        ("changed", ""),
    ]
    assert {id_: one.post.version for id_, one in _all(desk).items()} == {"good": 2}
    assert count(desk.database, index_queue) == 2
    assert _cursor(desk) == "1"
    assert len([one for one in caplog.records if one.exc_info]) == 2
    assert "Пробка" not in caplog.text
    assert "пар" not in caplog.text


def test_a_database_that_fails_keeps_nothing_and_the_batch_may_come_again(desk: Desk) -> None:
    record = desk.record()
    items = [Checkpoint(SOURCE.key, "1", ("p",))]
    holder = sqlite3.connect(desk.database.where, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StateError):
        record.commit([draft(post("p"))], items)
    holder.execute("ROLLBACK")
    holder.close()
    assert _all(desk) == {}
    assert [one.outcome for one in record.commit([draft(post("p"))], items)] == [Outcome.NEW]
    assert _cursor(desk) == "1"


def test_a_disk_that_is_full_keeps_nothing_of_the_batch(desk: Desk) -> None:
    record = desk.record()
    _commit(record, post("before", "Было"))
    with desk.database.begin() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    batch = [post(f"p{number}", "Длинно " * 2_000) for number in range(50)]
    with pytest.raises(StateError, match=str(desk.database.where)):
        record.commit([draft(one) for one in batch], [Checkpoint(SOURCE.key, "1")])
    assert set(_all(desk)) == {"before"}
    assert _cursor(desk) == ""


def test_an_empty_batch_costs_nothing(desk: Desk) -> None:
    holder = sqlite3.connect(desk.database.where, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    assert desk.record().commit([], []) == []
    holder.close()


def test_authors_are_known_by_key(desk: Desk) -> None:
    author = Author(key="0f", platform_id="id77", name="Мария Печкина")
    _commit(desk.record(), post("p", author=author))
    assert _all(desk)["p"].post.author == Author(key="0f")
    with desk.database.read() as connection:
        assert connection.scalar(sa.select(posts.c.author)) == "0f"


# Cut at its start, cut at its end: each is near the whole, and not near the other.
_TEXTS = st.sampled_from(
    [
        LONG,
        LONG.upper() + "!",
        LONG.replace("горячей", "горячйе").replace("трубку", "трупку"),
        LONG + " Ответьте же нам, когда её дадут",
        LONG.replace("Второй день", "Жители жалуются, что второй день") + ", дозвониться нельзя",
        LONG.replace("12", "14"),
        "Нет воды",
        "Дали воду",
    ]
)
_HISTORIES = st.dictionaries(
    st.sampled_from(["a", "b", "c", "d"]),
    st.tuples(st.integers(0, 3), st.lists(_TEXTS, min_size=1, max_size=4)),
    min_size=1,
)


@st.composite
def _arrivals(draw: st.DrawFn) -> tuple[list[list[Post]], list[list[Post]]]:
    """The same versions of posts twice: in two orders that keep each post's versions in theirs, cut into batches."""
    histories = draw(_HISTORIES)
    orders = []
    for _ in range(2):
        turns = draw(st.permutations([id_ for id_, (_, texts) in histories.items() for _ in texts]))
        come: Counter[str] = Counter()
        order: list[Post] = []
        for id_ in turns:
            minute, texts = histories[id_]
            order.append(post(id_, texts[come[id_]], minute=minute, seen=100 + come[id_]))
            come[id_] += 1
        cuts = sorted(draw(st.lists(st.integers(0, len(order)), max_size=3)))
        orders.append([order[first:last] for first, last in zip([0, *cuts], [*cuts, len(order)], strict=True)])
    return orders[0], orders[1]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = Database.open(tmp_path_factory.mktemp("shared") / "otklik.sqlite")
    yield database
    database.close()


_TOWNS = itertools.count()


def _run(
    database: Database, batches: Sequence[Sequence[Post]]
) -> tuple[dict[str, Stored], Counter[str], dict[str, tuple[int, bool]]]:
    """What is stored, the outcomes, and what the index was told last of each post: its version, and whether it is a
    copy. In a town of its own.
    """
    town = f"town-{next(_TOWNS)}"
    told = Told()
    record = Record(replace(CITY, key=town), database, KEYS, StillClock(), told, told)
    outcomes = Counter(outcome for batch in batches for outcome in _commit(record, *batch))
    with database.read() as connection:
        stored = {one.post.id: one for one in archive.stream(connection, town)}
    assert {one.id: one.traits for one in told.indexed} == {one.id: one.traits for one in told.noticed}
    return stored, outcomes, {one.id: (one.version, "copy" in one.traits) for one in told.indexed}


@settings(max_examples=60, deadline=None)
@given(arrivals=_arrivals())
def test_arrival_order_changes_nothing(shared: Database, arrivals: tuple[list[list[Post]], list[list[Post]]]) -> None:
    first, second = _run(shared, arrivals[0]), _run(shared, arrivals[1])
    assert first == second
    stored, outcomes, indexed = first
    assert indexed == {id_: (one.post.version, bool(one.reading.copy_of)) for id_, one in stored.items()}
    assert outcomes.total() == sum(map(len, arrivals[0]))
    assert {id_: one.reading.copy_of for id_, one in stored.items()} == _originals(stored)


def _originals(stored: dict[str, Stored]) -> dict[str, str]:
    """Whose copy each post is, by comparing every two of them."""
    found = {}
    for id_, one in stored.items():
        text = folded(one.post.title, one.post.text)
        like = [
            (other.post.published_at, other_id)
            for other_id, other in stored.items()
            if other_id == id_
            or (one.copy_key and other.copy_key and nearness(text, folded(other.post.title, other.post.text)))
        ]
        original = min(like)[1]
        found[id_] = "" if original == id_ else original
    return found


@settings(max_examples=40, deadline=None)
@given(arrivals=_arrivals(), gone=st.sets(st.sampled_from(["a", "b", "c", "d"])))
def test_what_is_removed_leaves_copies_to_those_that_stay_and_nothing_of_its_text(
    shared: Database, arrivals: tuple[list[list[Post]], list[list[Post]]], gone: set[str]
) -> None:
    town = f"town-{next(_TOWNS)}"
    told = Told()
    record = Record(replace(CITY, key=town), shared, KEYS, StillClock(), told, told)
    for batch in arrivals[0]:
        _commit(record, *batch)
    with shared.begin() as connection:
        remove_posts(connection, town, gone, told)
    with shared.read() as connection:
        stored = {one.post.id: one for one in archive.stream(connection, town)}
        kept = set(connection.scalars(sa.select(copy_texts.c.copy_key).where(copy_texts.c.city == town)))
        near = connection.execute(sa.select(near_copies).where(near_copies.c.city == town)).all()
    assert {id_: one.reading.copy_of for id_, one in stored.items()} == _originals(stored)
    indexed = {one.id: "copy" in one.traits for one in told.indexed}
    assert {id_: indexed[id_] for id_ in stored} == {id_: bool(one.reading.copy_of) for id_, one in stored.items()}
    assert kept == {one.copy_key for one in stored.values()} - {""}
    assert {key for row in near for key in (row.copy_key, row.near_key)} <= kept


def test_near_copies_are_known_after_a_restart_and_after_a_batch_that_failed(desk: Desk, tmp_path: Path) -> None:
    other = "Во дворе дома 7 по улице Новой третий месяц не горит ни один фонарь, дети возвращаются в темноте"
    desk.told.poison = "фонарь"
    _commit(desk.record(), post("a"))
    _commit(desk.record(), post("b", other, minute=1), post("c", LONG + " Помогите", minute=2))
    assert _copies(desk) == {"a": "", "c": "a"}
    desk.told.poison = ""
    _commit(desk.record(), post("b", other, minute=1))
    again = Database.open(tmp_path / "otklik.sqlite")
    fresh = Desk(again)
    _commit(
        fresh.record(), post("d", other.replace("Новой", "Нвой"), minute=3), post("e", "Внимание! " + LONG, minute=4)
    )
    assert _copies(fresh) == {"a": "", "b": "", "c": "a", "d": "b", "e": "a"}
    again.close()

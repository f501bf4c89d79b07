"""Stories as they are recorded: by what there is, whatever order it came in, through edits, erasures and restarts."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model.city import SourceRole
from crawler.model.items import Author, AuthorRole, Kind, Post, digest_of
from pipelines.draft import Draft
from pipelines.telling import tell_anew, telling_of
from search.state import archive
from search.state.database import Database
from search.state.removal import remove_posts
from search.state.stories import APART
from search.state.story_settling import LONGEST
from search.state.tables import story_links, story_members, story_texts
from search.stories import ALIKE, STRONG, likeness
from search.story_list import beside, in_order, members
from tests.recording import CITY, SOURCE, START, Desk, count, draft, post
from tests.search.plans import queries

BRIDGE = (
    (
        "Мост через реку Тихую закроют с 14 сентября до 20 ноября: «Озёрдорстрой» заменит швы и перила, автобусы № 3 "
        "и № 8 пустят в объезд по Заречному шоссе, сообщили в мэрии."
    ),
    (
        "С 14 сентября «Озёрдорстрой» начинает ремонт моста через Тихую. До 20 ноября автобусы 3 и 8 пойдут в объезд "
        "по Заречному шоссе, подрядчик обещает заменить перила и швы."
    ),
    (
        "Объезд по Заречному шоссе для автобусов 3 и 8: мост через Тихую закрыт до 20 ноября. С 14 сентября швы и "
        "перила меняет «Озёрдорстрой»."
    ),
)
MAYOR = (
    (
        "Мэр Тихоозёрска Павел Крутов заявил на сессии гордумы, что уходит в отставку. Обязанности главы города "
        "исполнит его первый заместитель Ирина Логвинова."
    ),
    (
        "Депутаты гордумы приняли отставку мэра Павла Крутова. До выборов Тихоозёрском будет руководить Ирина "
        "Логвинова, первый заместитель главы города."
    ),
)
CHESS = "Тринадцатилетняя Алина Руденко победила на первенстве по шахматам в Сочи и поедет с тренером Дымовым в Европу."
TEXTS = (*BRIDGE, *MAYOR, CHESS, "Нет воды")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    database = Database.open(tmp_path / "otklik.sqlite", busy_seconds=0.05)
    yield Desk(database)
    database.close()


def news(id_: str, text: str, *, hour: int = 0, seen: int | None = None) -> Post:
    return post(id_, text, minute=60 * hour, seen=seen, kind=Kind.ARTICLE)


def _commit(desk: Desk, *batch: Post) -> None:
    desk.record().commit([draft(one) for one in batch], [])


def _stories(desk: Desk) -> dict[str, str]:
    with desk.database.read() as connection:
        stored = list(archive.stream(connection, CITY.key))
    return {one.post.id: one.reading.story for one in stored if one.reading.story}


def _told(desk: Desk) -> dict[str, str]:
    """What the index was told last of each post."""
    return {one.id: one.story for one in desk.told.indexed if one.story}


def test_news_of_one_event_are_a_story_and_other_news_are_not(desk: Desk) -> None:
    _commit(desk, *[news(f"n{number}", text, hour=number) for number, text in enumerate(TEXTS)])
    assert _stories(desk) == {"n0": "n0", "n1": "n0", "n2": "n0", "n3": "n3", "n4": "n3"}
    assert _told(desk) == _stories(desk)


def test_a_restart_forgets_nothing(desk: Desk, tmp_path: Path) -> None:
    _commit(desk, news("a", BRIDGE[0]))
    desk.database.close()
    again = Desk(Database.open(tmp_path / "otklik.sqlite"))
    _commit(again, news("b", BRIDGE[1], hour=5))
    assert _stories(again) == {"a": "a", "b": "a"}
    assert _told(again) == {"a": "a", "b": "a"}
    assert [one.id for one in again.told.noticed] == ["b"]
    again.database.close()


def test_another_process_that_wrote_meanwhile_is_heard(desk: Desk, tmp_path: Path) -> None:
    _commit(desk, news("a", BRIDGE[0]))
    other = Desk(Database.open(tmp_path / "otklik.sqlite"))
    _commit(other, news("b", MAYOR[0], hour=1))
    _commit(desk, news("c", MAYOR[1], hour=2))
    _commit(other, news("d", BRIDGE[1], hour=3))
    assert _stories(desk) == {"a": "a", "d": "a", "b": "b", "c": "b"}
    other.database.close()


def test_what_residents_write_joins_a_story_only_beside_news(desk: Desk) -> None:
    _commit(desk, post("r1", BRIDGE[0]), post("r2", BRIDGE[1], minute=10))
    assert _stories(desk) == {}
    _commit(desk, news("n", BRIDGE[2], hour=1))
    assert _stories(desk) == {"n": "n", "r1": "n", "r2": "n"}
    _commit(desk, news("m", BRIDGE[1], hour=2))
    assert _stories(desk) == {"n": "n", "m": "n", "r1": "n", "r2": "n"}


def test_the_wall_of_an_authority_is_news_and_comments_below_it_are_not() -> None:
    wall = replace(SOURCE, role=SourceRole.OFFICIAL)
    assert telling_of(Draft(wall, post("a", BRIDGE[0]))).news
    assert not telling_of(Draft(wall, post("a", BRIDGE[0], kind=Kind.COMMENT))).news
    assert telling_of(Draft(SOURCE, post("a", BRIDGE[0], author=Author(AuthorRole.MEDIA)))).news
    assert not telling_of(Draft(SOURCE, post("a", BRIDGE[0]))).news


def test_a_story_has_an_end(desk: Desk) -> None:
    days = [2 * day for day in range(8)]
    _commit(desk, *[news(f"n{day:02}", BRIDGE[0], hour=24 * day) for day in days])
    last = LONGEST.days
    assert _stories(desk) == {f"n{day:02}": "n00" if day <= last else f"n{last + 2:02}" for day in days}


def test_an_edit_to_other_words_leaves_and_ends_the_story(desk: Desk) -> None:
    _commit(desk, news("a", BRIDGE[0]), news("b", BRIDGE[1], hour=1))
    _commit(desk, news("b", CHESS, hour=1, seen=70))
    assert _stories(desk) == {}
    assert [(one.id, one.story) for one in desk.told.indexed[-2:]] == [("b", ""), ("a", "")]
    _commit(desk, news("b", "Нет воды", hour=1, seen=80))
    assert count(desk.database, story_texts) == 1


def test_a_story_goes_on_without_the_post_that_began_it(desk: Desk) -> None:
    _commit(desk, *[news(f"n{number}", text, hour=number) for number, text in enumerate(BRIDGE)])
    with desk.database.begin() as connection:
        remove_posts(connection, CITY.key, ["n0"], desk.told)
    assert _stories(desk) == {"n1": "n1", "n2": "n1"}
    assert [(one.id, one.story) for one in desk.told.indexed[-2:]] == [("n1", "n1"), ("n2", "n1")]
    with desk.database.begin() as connection:
        remove_posts(connection, CITY.key, ["n1", "n2"], desk.told)
    assert [count(desk.database, table) for table in (story_texts, story_links, story_members)] == [0, 0, 0]


def test_a_batch_that_is_taken_back_leaves_no_trace(desk: Desk) -> None:
    desk.told.poison = "крутов"
    _commit(desk, news("a", MAYOR[0]), news("b", BRIDGE[0]))
    desk.told.poison = ""
    _commit(desk, news("c", BRIDGE[1], hour=1), news("d", MAYOR[1], hour=1))
    assert _stories(desk) == {"b": "b", "c": "b"}


def test_stored_posts_are_compared_anew(desk: Desk) -> None:
    _commit(desk, *[news(f"n{number}", text, hour=number) for number, text in enumerate(TEXTS)])
    before = _stories(desk)
    with desk.database.begin() as connection:
        for table in (story_texts, story_links, story_members):
            connection.execute(sa.delete(table))
    assert _stories(desk) == {}
    tell_anew(desk.database, CITY.key, {SOURCE.key: SOURCE})
    assert _stories(desk) == before
    tell_anew(desk.database, CITY.key, {SOURCE.key: SOURCE})
    assert _stories(desk) == before


POSTS = st.tuples(
    st.sampled_from("abcdefgh"), st.sampled_from(TEXTS), st.sampled_from((0, 1, 20, 71, 73, 150, 300)), st.booleans()
)


@given(st.lists(st.one_of(POSTS, st.sampled_from("abcdefgh")), min_size=1, max_size=14))
@settings(max_examples=60, deadline=None)
def test_stories_follow_from_the_posts_that_there_are(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, int, bool] | str]
) -> None:
    desk = Desk(Database.open(tmp_path_factory.mktemp("story") / "otklik.sqlite"))
    there: dict[str, Post] = {}
    for step, change in enumerate(steps):
        if isinstance(change, str):
            there.pop(change, None)
            with desk.database.begin() as connection:
                remove_posts(connection, CITY.key, [change], desk.told)
            continue
        id_, text, hour, is_news = change
        made = news(id_, text, hour=hour) if is_news else post(id_, text, minute=60 * hour)
        made = replace(made, seen_at=START + timedelta(days=20, minutes=step))
        _commit(desk, made)
        # Of the same words at another time or in another kind nothing is stored: it is no new version.
        if id_ not in there or digest_of(made) != digest_of(there[id_]):
            there[id_] = made
    expected = _by_definition(list(there.values()))
    assert _stories(desk) == expected
    latest = {one.id: one.story for one in desk.told.indexed}
    assert {id_: story for id_, story in latest.items() if story and id_ in there} == expected
    desk.database.close()


def _by_definition(those: list[Post]) -> dict[str, str]:
    """News follow earlier news, residents any news, each what it is most like; news that follow none begin a story."""
    places: dict[str, tuple[str, datetime]] = {}
    order = sorted(those, key=lambda one: (one.kind is not Kind.ARTICLE, one.published_at or one.seen_at, one.id))
    for at, one in enumerate(order):
        mine = one.published_at or one.seen_at
        near = []
        for other in order[:at]:
            then = other.published_at or other.seen_at
            score = _score(one.text, other.text)
            enough = ALIKE if one.kind is Kind.ARTICLE else STRONG
            if other.kind is Kind.ARTICLE and abs(mine - then) <= APART and score >= enough:
                near.append((-score, then, other.id))
        for _, _, id_ in sorted(near):
            story, since = places[id_]
            if mine - since <= LONGEST:
                places[one.id] = (story, since)
                break
        else:
            places[one.id] = (one.id, mine)
    begun = {story for id_, (story, _) in places.items() if id_ != story}
    return {id_: story for id_, (story, _) in places.items() if story in begun}


def _score(one: str, other: str) -> float:
    profiles = [telling_of(draft(post("x", text))).profile for text in (one, other)]
    first, second = profiles
    return likeness(first, second) if first and second else 0.0


def test_many_orders_of_arrival_give_the_same_stories(tmp_path: Path) -> None:
    made = [news(f"n{number}", text, hour=7 * number) for number, text in enumerate(TEXTS[:5])]
    found = []
    for number, order in enumerate(itertools.permutations(made)):
        if number % 10 == 0:
            desk = Desk(Database.open(tmp_path / f"{number}.sqlite"))
            for one in order:
                _commit(desk, one)
            found.append(_stories(desk))
            desk.database.close()
    assert all(one == found[0] for one in found)
    assert len(found[0]) == 5


def test_of_a_story_only_the_posts_that_are_shown_are_loaded(desk: Desk) -> None:
    ids = [f"n{number:02}" for number in range(30)]
    _commit(desk, *[news(id_, BRIDGE[number % 3], hour=number) for number, id_ in enumerate(ids)])
    with queries() as asked, desk.database.read() as connection:
        assert in_order(connection, CITY.key, "n03") == ids
        assert beside(connection, CITY.key, {"n03"}) == [id_ for id_ in reversed(ids) if id_ != "n03"]
    assert not [statement for statement, _ in asked if "post_versions" in statement]
    with queries() as asked, desk.database.read() as connection:
        (one,) = members(connection, CITY.key, "n03", {"n07", "other"})
        every = members(connection, CITY.key, "n03")
    assert (one.post.id, one.follows in ids, bool(one.words)) == ("n07", True, True)
    assert [member.post.id for member in every] == ids
    assert one in every
    loaded = next(parameters for statement, parameters in asked if "post_versions" in statement)
    assert {"n07", one.follows} == {value for value in loaded if value in ids}

"""What erasure and retention leave of what people did with incidents: no note, no ticket that nobody tells."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from search.acting import take
from search.acts import Hand, forget_acts
from search.forgetting import ERASED_REPORT, forget_reports
from search.joining import join, move, split
from search.notes import forget_of_the_past, note
from search.state.tables import act_incidents, acts, notes, posts
from search.states import State
from search.undoing import undo
from tests.search.test_joining import do, members, state, water
from tests.search.town import KEYS, NOON, Town

DAY = timedelta(days=1)


@pytest.fixture
def town(tmp_path: Path) -> Town:
    """Water at two houses, two voices each."""
    town = Town.open(tmp_path)
    town.hear(water("tg:1/1", 5), water("tg:1/2", 5), water("tg:2/1", 7), water("tg:2/2", 7))
    return town


def erase(town: Town, post: str) -> None:
    with town.database.begin() as connection:
        forget_reports(connection, town.city, KEYS, [post], NOON, "admin")


def noted(town: Town) -> list[str]:
    with town.database.read() as connection:
        return list(connection.scalars(sa.select(notes.c.text).order_by(notes.c.id)))


def erased_from(town: Town) -> list[int]:
    return [
        one.number
        for one in town.queue(*State)
        if any(event.what == ERASED_REPORT for event in town.show(one.number).events)
    ]


def test_an_erasure_takes_the_notes_of_every_incident_that_the_report_stood_in(town: Town) -> None:
    for number in (1, 2):
        do(town, note, number, f"записка {number}")
    town.hear(water("tg:3/1", 9))
    do(town, note, 3, "чужая")
    do(town, move, 1, ["tg:1/1"], 2)
    do(town, split, 2, ["tg:1/1"])
    do(town, undo, 2)
    do(town, undo, 2)
    assert members(town, 1) == ["tg:1/1", "tg:1/2"]
    erase(town, "tg:1/1")
    assert noted(town) == ["чужая"]
    # The tickets of each may have what it said: each is told, and listed for whoever has to do it by hand.
    assert erased_from(town) == [1, 2, 4]


def test_a_join_still_holds_while_others_speak_of_the_same_place(town: Town) -> None:
    do(town, join, 1, [2])
    erase(town, "tg:2/1")
    town.hear(water("tg:2/3", 7))
    assert "tg:2/3" in members(town, 1)
    for post in ("tg:2/2", "tg:2/3"):
        erase(town, post)
    with town.database.read() as connection:
        told = str(connection.execute(sa.text("SELECT title, place, group_key FROM incidents WHERE number = 2")).all())
    assert "erased" in told
    assert "садовая" not in told.lower()


def test_what_was_erased_does_not_come_back_by_an_undo(town: Town) -> None:
    do(town, join, 1, [2])
    erase(town, "tg:2/1")
    told = do(town, undo, 1)
    assert "Стёртых с тех пор обращений не вернуть: 1." in [str(one) for one in told.says]
    assert (members(town, 1), members(town, 2)) == (["tg:1/1", "tg:1/2"], ["tg:2/2"])


def test_notes_go_with_the_last_post_of_a_closed_incident(town: Town) -> None:
    do(town, note, 1, "первая")
    do(town, note, 2, "вторая")
    for to in (State.CONFIRMED, State.IN_WORK, State.ANSWERED, State.CLOSED):
        state(town, to, 1)

    def expire(*ids: str) -> None:
        with town.database.begin() as connection:
            forget_of_the_past(connection, town.city.key, ids)
            connection.execute(sa.delete(posts).where(posts.c.id.in_(ids)))

    expire("tg:1/1", "tg:2/1", "tg:2/2")
    assert noted(town) == ["первая", "вторая"]
    expire("tg:1/2")
    assert noted(town) == ["вторая"]


def test_acts_go_with_the_journal_once_all_their_incidents_are_over(town: Town) -> None:
    do(town, join, 1, [2])
    do(town, take, 1)
    state(town, State.REJECTED, 1, why="шутка")

    def left(before: Any) -> tuple[int, int]:
        with town.database.begin() as connection:
            forget_acts(connection, town.city.key, before)
            counts = [sa.select(sa.func.count()).select_from(table) for table in (acts, act_incidents)]
            return tuple(connection.scalar(count) or 0 for count in counts)  # type: ignore[return-value]

    assert left(NOON) == (3, 4)
    do(town, undo, 1)
    assert left(NOON + DAY) == (4, 5)
    state(town, State.REJECTED, 1, why="шутка")
    assert left(NOON + DAY) == (0, 0)


def test_acts_keep_no_words_and_no_places(town: Town) -> None:
    do(town, join, 1, [2])
    do(town, split, 1, ["tg:1/1"], "почему")
    with town.database.read() as connection:
        hand = Hand(connection, town.city, KEYS, NOON, "anna")
        kept = str(hand.connection.execute(sa.select(acts)).all())
    assert "нет воды" not in kept
    assert "адовая" not in kept

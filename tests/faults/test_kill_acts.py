"""kill -9 while people work on incidents: an act is there with all that belongs to it, or not at all."""

import multiprocessing
import random
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
import sqlalchemy as sa

from crawler.model.city import Severity
from crawler.model.errors import OtklikError
from search.acting import take, weigh
from search.acts import Hand
from search.joining import join, move, split
from search.state.database import Database
from search.state.tables import act_incidents, acts, events, incidents
from search.states import State
from search.undoing import undo
from tests.search.test_acts_in_any_order import CITY_OF_TWO, assert_whole
from tests.search.town import KEYS, NOON, Town, house, said


def _work(path: Path, seed: int, started: Connection) -> None:
    """Act on and on, until somebody stops it."""
    town = Town(Database.open(path), CITY_OF_TWO)
    started.send("started")
    chance = random.Random(seed)
    while True:
        open_ones = [incident.number for incident in town.queue()]
        one, other = chance.choice(open_ones), chance.choice(open_ones)
        post = chance.choice(town.show(one).reports).post
        do, *given = chance.choice(
            (
                (join, one, [other]),
                (split, one, [post]),
                (move, one, [post], other),
                (undo, one),
                (take, one),
                (weigh, one, chance.choice(list(Severity)), "так"),
            )
        )
        try:
            with town.database.begin() as connection:
                do(Hand(connection, town.city, KEYS, NOON, "anna"), *given)
        except OtklikError:
            continue


@pytest.mark.parametrize("seed", range(4))
def test_an_act_that_was_cut_off_is_whole_or_never_was(tmp_path: Path, seed: int) -> None:
    town = Town.open(tmp_path, CITY_OF_TWO)
    town.hear(*(said(f"tg:1/{number}", "нет воды", house("Садовая", number % 6)) for number in range(18)))
    forks = multiprocessing.get_context("forkserver")
    chance = random.Random(seed)
    for _ in range(3):
        here, there = forks.Pipe()
        process = forks.Process(target=_work, args=(tmp_path / "state.db", chance.randrange(10**6), there))
        process.start()
        assert here.recv() == "started"
        before = _count(town)
        while _count(town) < before + 3:
            time.sleep(0.01)
        time.sleep(chance.random() / 20)
        process.kill()
        process.join()
        assert_whole(town)
        _assert_told(town)
    assert len(town.reports()) == 18


def _count(town: Town) -> int:
    with town.database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(acts)) or 0


def _assert_told(town: Town) -> None:
    """Every act has its incidents and is in the journal, and every incident knows its latest."""
    with town.database.read() as connection:
        latest = dict(
            connection.execute(
                sa.select(incidents.c.number, sa.func.max(act_incidents.c.act))
                .join(act_incidents, act_incidents.c.incident == incidents.c.id)
                .group_by(incidents.c.id)
            ).all()
        )
        told = connection.scalar(sa.select(sa.func.count(sa.distinct(events.c.id))).where(events.c.who == "anna"))
    assert {one.number: one.last_act for one in town.queue(*State) if one.last_act} == latest
    assert (told or 0) >= _count(town)

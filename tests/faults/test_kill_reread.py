"""kill -9 in the middle of `otklik reread`, again and again, then to the end: as if nobody had killed anything."""

import time
from pathlib import Path

import pytest

from tests.commands.test_reread import RUBRIC
from tests.faults.wholeness import found, is_whole, stored
from tests.shell import Otklik, posts

KILLS = [2, pytest.param(25, marks=pytest.mark.faults)]
A_KILL = 600
"""Posts for each kill: several batches."""
ROUTE = """
[[destination]]
key = "hole"
system = "blackhole"

[[route]]
key = "all"
executor = "Дежурная служба"
destination = "hole"
deliver = "at once"
"""
# What a post says by itself and what others say of it, but for the time at which it was read.
READINGS = "SELECT post, version, content FROM readings ORDER BY post, version"
DONE = "SELECT count(*) FROM readings WHERE content LIKE '%Медведи в городе%'"
DECIDED = (
    "SELECT id, number, state, title, topic, place FROM incidents ORDER BY id",
    "SELECT key, incident, post, fits FROM reports ORDER BY key",
    "SELECT post, search FROM matches ORDER BY post, search",
    "SELECT incident, key, sequence, state FROM deliveries ORDER BY id",
    "SELECT id, version, copy_key FROM posts ORDER BY id",
)


def _texts(count: int) -> list[str]:
    """A bear in each, complaints with places among them, and the same words twice: copies and places are read too."""
    places = ("у школы", "на улице Мира, 7", "возле дома Ленина, 5", "за рекой")
    return [
        f"Медведь номер {number // 2} {places[number % 4]}" + (", и нет воды" if number % 5 == 0 else "")
        for number in range(count)
    ]


def _with_bears(city: Path) -> None:
    (city.parent / "bears.toml").write_text(RUBRIC, encoding="utf-8")
    city.write_text(city.read_text(encoding="utf-8") + '\n[rubric]\nfiles = ["bears.toml"]\n', encoding="utf-8")


def _killed(otklik: Otklik, city: Path) -> None:
    """Start it and kill it once it has kept something more, unless it ends before."""
    before = otklik.number(DONE)
    run = otklik.start("reread", city)
    while run.process.is_alive() and otklik.number(DONE) == before:
        time.sleep(0.002)
    run.kill()
    run.end()


@pytest.mark.parametrize("kills", KILLS)
def test_a_killed_reading_loses_and_doubles_nothing_and_ends_when_it_is_run_again(otklik: Otklik, kills: int) -> None:
    total = A_KILL * kills
    (otklik.folder / "other").mkdir()
    other = Otklik(otklik.folder / "other", {"XDG_CONFIG_HOME": otklik.environment["XDG_CONFIG_HOME"]})
    installations = [(one, one.city(routes=ROUTE)) for one in (otklik, other)]
    lines = posts(*_texts(total), published_at="2026-03-01T12:00:00+03:00")
    for one, city in installations:
        assert one("ingest", city, input=lines).code == 0
        _with_bears(city)
    decided = [otklik.rows(query) for query in DECIDED]
    city = installations[0][1]
    steps = []
    for _ in range(kills):
        _killed(otklik, city)
        is_whole(otklik)
        steps.append(otklik.number(DONE))
        # What was committed is found by it, and nothing else is.
        hits = otklik("search", city, 'topic:"Медведи в городе"', "--limit", total + 1, "--json").lines
        assert len({hit["id"] for hit in hits}) == len(hits) == steps[-1]
    assert steps == sorted(steps)
    assert 0 < steps[0] < total
    last = otklik("reread", city, "--json")
    assert (last.code, last.err) == (0, "")
    assert last.lines == [{"changed": total - steps[-1], "same": steps[-1], "left": 0, "failed": 0}]
    assert other("reread", installations[1][1], "--json").lines[0]["changed"] == total
    assert otklik.rows(READINGS) == other.rows(READINGS)
    assert [otklik.rows(query) for query in DECIDED] == decided
    assert found(otklik, city) == stored(otklik)
    assert otklik("reread", city, "--json").lines == [{"changed": 0, "same": total, "left": 0, "failed": 0}]

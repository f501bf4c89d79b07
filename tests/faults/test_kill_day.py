"""kill -9 of each process in turn while a city's day goes on: nothing lost, nothing twice."""

import zipfile

import pytest

from tests.faults.killed_day import KINDS, KilledDay, killed_day
from tests.faults.wholeness import delivered_once, found, is_whole, stored
from tests.shell import Otklik
from tests.whole.city_day import Size

SMALL = Size(walls=2, channels=2, sites=1, tables=1, posts=50, comments=120)
DAYS = [
    pytest.param(SMALL, 1, 1, id="small"),
    pytest.param(Size(), 4, 3, id="whole", marks=pytest.mark.faults),
]


@pytest.mark.parametrize(("size", "times", "beside"), DAYS)
def test_a_day_of_kills(otklik: Otklik, size: Size, times: int, beside: int) -> None:
    with killed_day(otklik, times, size, beside) as day:
        kinds = [*KINDS] * times
        day.chance.shuffle(kinds)
        day.live(kinds)
        assert sum(day.killed.values()) >= len(kinds) // 3
        until_all_is_done(day)
        nothing_is_lost(day)
        nothing_is_there_twice(day)
        nothing_is_left_behind(day)


def until_all_is_done(day: KilledDay) -> None:
    """The last passes, which nobody kills, until one brings nothing new."""
    ingested = day.start("ingest").end()
    assert ingested.code == 0, ingested.err
    while any(line["outcomes"].get("new") for line in day.pass_over().lines if "source" in line):
        pass
    day.seen.update(day.servers.day.visible(day.now))


def nothing_is_lost(day: KilledDay) -> None:
    """All that a pass could see is in the state and in the index, and so is all that was given."""
    published = {day.servers.id_of(made) for made in day.servers.day.everything}
    given = {f"given:desk/{number}" for number in range(len(day.given))}
    there = set(stored(day.otklik))
    assert {day.servers.id_of(made) for made in day.seen} | given <= there
    assert there <= published | given
    assert found(day.otklik, day.city) == sorted(there)
    last = "SELECT max(id) FROM source_health GROUP BY source"
    assert day.otklik.rows(f"SELECT DISTINCT errors FROM source_health WHERE id IN ({last})") == [("{}",)]


def nothing_is_there_twice(day: KilledDay) -> None:
    """A post that was never edited has one version, a group one incident, an incident one ticket."""
    is_whole(day.otklik)
    # A repost shows its original, which may be edited or go.
    changing = [(made, made.copy_of or made) for made in day.servers.day.everything]
    edited = {day.servers.id_of(made) for made, of in changing if made.edited_at or of.edited_at or of.gone_at}
    again = {id_ for (id_,) in day.otklik.rows("SELECT id FROM posts WHERE version > 1")}
    assert again <= edited
    assert day.otklik.number("SELECT count(*) - count(DISTINCT group_key) FROM incidents") == 0
    delivered_once(day.otklik, day.desk)
    assert day.desk.calls.keys() <= {"created", "repeated", "updated", "overtaken"}
    vk = day.servers.vk
    counted = dict(day.otklik.rows("SELECT method, sum(calls) FROM token_calls GROUP BY method"))
    assert {method: calls for method, calls in vk.calls.items() if calls > counted.get(method, 0)} == {}
    assert vk.exceeded == 0


def nothing_is_left_behind(day: KilledDay) -> None:
    """No lease, no file without its row, no row without its file, no half of a backup."""
    states = dict(day.otklik.rows("SELECT state, count(*) FROM images GROUP BY state"))
    assert set(states) == {"kept"}
    files = {path.name for path in (day.otklik.home / "media").rglob("*") if path.is_file() and path.name[0] != "."}
    assert files == {digest for (digest,) in day.otklik.rows("SELECT digest FROM images")}
    last = day.start("backup").end()
    assert last.code == 0, last.err
    assert not list(day.copies.glob(".otklik-backup-*/"))
    for path in day.copies.glob("*.zip"):
        with zipfile.ZipFile(path) as bundle:
            assert bundle.testzip() is None
    assert day.otklik.number("PRAGMA integrity_check") == "ok"
    # The walls are asked far more often than a city would.
    assert {told["where"] for told in day.otklik("doctor", day.city, "--json").lines} <= {"vk"}

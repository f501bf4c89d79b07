"""kill -9 while an upgrade sketches all texts anew (migration 0018): in parts, gone on with, nobody waits for it."""

import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from tests.faults.wholeness import found, stored
from tests.shell import Otklik, posts

KILLS = [2, pytest.param(20, marks=pytest.mark.faults)]
# Several parts (search/state/bands.py) for each kill.
A_KILL = 5_000
WORDS = [f"{first}{second}рокот" for first in "бвгджзклмн" for second in "аеиоу"]
WHOLE = "SELECT count(*) FROM copy_texts WHERE length(bands) > 0"
NEAR = "SELECT copy_key, near_key, score FROM near_copies ORDER BY 1, 2"


def _texts(count: int) -> list[str]:
    """Texts that no two words make near."""
    chance = random.Random(count)
    return [f"Номер {at}: нет воды, {' '.join(chance.choices(WORDS, k=14))}" for at in range(count)]


def _killed(otklik: Otklik, city: Path, line: str) -> None:
    """Start a pass that has something new, decide something meanwhile, and kill it once more was sketched anew."""
    with closing(sqlite3.connect(otklik.home / "otklik.sqlite")) as state:
        before = state.execute(WHOLE).fetchone()
        run = otklik.start("ingest", city, input=line)
        while run.process.is_alive() and state.execute(WHOLE).fetchone() == before:
            time.sleep(0.002)
        run.kill()
    assert run.end().code == -9


@pytest.mark.parametrize("kills", KILLS)
def test_a_killed_upgrade_goes_on_where_it_was(otklik: Otklik, kills: int) -> None:
    total = A_KILL * kills
    city = otklik.city()
    texts = _texts(total)
    assert otklik("ingest", city, input=posts(*texts, published_at="2026-03-01T12:00:00+03:00")).code == 0
    near = otklik.rows(NEAR)
    # As the migration leaves them.
    otklik.change("UPDATE copy_texts SET bands = x''")
    otklik.change("DELETE FROM copy_indexes")
    copy = posts(f"{texts[5]} опять", first=total + 1, published_at="2026-03-02T12:00:00+03:00")
    whole = [0]
    for _ in range(kills):
        _killed(otklik, city, copy)
        whole.append(otklik.number(WHOLE))
        assert otklik.number("SELECT count(*) FROM posts") == total
    assert whole == sorted(set(whole))
    assert whole[-1] < total
    assert otklik.number("PRAGMA integrity_check") == "ok"

    running = otklik.start("ingest", city, "--json", input=copy)
    assert otklik("incidents", city, "take", 1).code == 0
    last = running.end()
    assert (last.code, last.lines[0]["outcomes"]) == (0, {"new": 1}), last.err
    assert otklik.number(WHOLE) == total + 1
    assert [hit["id"] for hit in otklik("search", city, "is:copy", "--json").lines] == [f"given:ingest/{total + 1}"]
    # What was near is near still, and only the new pair is new: each of the two to itself and to the other.
    assert len(set(otklik.rows(NEAR)) - set(near)) == 4
    assert set(near) <= set(otklik.rows(NEAR))
    assert found(otklik, city) == stored(otklik)

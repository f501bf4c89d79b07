"""kill -9, a full disk and busy writers under backup, restore, erase, retention: whole or begun again, never half."""

import json
import random
import resource
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from search.state import snapshot
from tests.grepping import found_in
from tests.shell import SEARCHES, Otklik, posts

SECRET = "Квазидворняжка Шмумбриковна жалуется: запах газа на Ленина, {house}"
WORDS = "Квазидворняжка Шмумбриковна"
TALK = [f"Двор номер {number}: не убран снег, ждём уборки у подъезда {number % 7}" for number in range(300)]
KILLS = pytest.mark.parametrize("kills", [3, pytest.param(25, marks=pytest.mark.faults)])


def secrets(count: int, days: int = 0) -> str:
    """Posts of one author, with house numbers of their own, so many days old."""
    at = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    return "".join(
        json.dumps(
            {"id": f"s{number}", "text": SECRET.format(house=number + 1), "author": "Иннокентий", "published_at": at},
            ensure_ascii=False,
        )
        + "\n"
        for number in range(count)
    )


def killed(otklik: Otklik, chance: random.Random, longest: float, *arguments: object) -> None:
    """Start a verb and kill it at a moment within so many seconds, as far as it has not ended."""
    running = otklik.start(*arguments)
    time.sleep(chance.uniform(0, longest))
    running.kill()
    running.end()


def timed(otklik: Otklik, *arguments: object) -> float:
    started = time.monotonic()
    assert otklik(*arguments).code in {0, 1}
    return time.monotonic() - started


@KILLS
def test_a_killed_erasure_is_gone_on_with(otklik: Otklik, kills: int) -> None:
    chance = random.Random(kills)
    city = otklik.city()
    otklik("ingest", city, input=posts(*TALK, first=1000))
    longest = timed(otklik, "doctor", city) * 2
    for number in range(kills):
        # Under a name of its own every time: erased authors are refused.
        lines = secrets(30).replace('"s', f'"k{number}-').replace("Иннокентий", f"Иннокентий {number}")
        assert otklik("ingest", city, "--json", input=lines).lines[0]["outcomes"] == {"new": 30}
        author = f"given:Иннокентий {number}"
        killed(otklik, chance, longest, "erase", city, author, "--yes")
        cut_off = otklik.number("SELECT count(*) FROM installation WHERE name LIKE 'erasing:%'")
        said = "did not end" in otklik("doctor", city).out
        assert said == bool(cut_off)
        end = otklik("erase", city, author, "--yes", "--json")
        assert end.code == 0, end.err
        assert found_in(otklik.home, WORDS) == []
        assert otklik.number("SELECT count(*) FROM posts") == len(TALK)
        assert otklik.number("SELECT count(*) FROM installation WHERE name LIKE 'erasing:%'") == 0
        assert otklik("ingest", city, "--json", input=lines).lines[0]["outcomes"] == {"rejected": 30}
    assert otklik.number("PRAGMA integrity_check") == "ok"
    assert len((otklik.home / "erased.jsonl").read_text().splitlines()) == kills * 31


@KILLS
def test_a_killed_backup_leaves_nothing_that_looks_like_one(otklik: Otklik, kills: int) -> None:
    chance = random.Random(kills)
    folder = otklik.folder / "copies"
    otklik("ingest", otklik.city(), input=posts(*TALK))
    longest = timed(otklik, "backup", "--to", folder)
    for _ in range(kills):
        killed(otklik, chance, longest, "backup", "--to", folder)
        for path in folder.glob("*.zip"):
            with zipfile.ZipFile(path) as bundle:
                assert bundle.testzip() is None
        time.sleep(1)  # the names of backups are seconds
    last = otklik("backup", "--to", folder, "--json")
    assert last.code == 0, last.err
    assert not list(folder.glob(".otklik-backup-*"))
    assert otklik.number("SELECT count(*) FROM posts") == len(TALK)


@KILLS
def test_a_killed_restore_touches_nothing(otklik: Otklik, kills: int) -> None:
    chance = random.Random(kills)
    city = otklik.city()
    otklik("ingest", city, input=posts(*TALK))
    path = Path(otklik("backup", "--to", otklik.folder / "copies", "--json").lines[0]["path"])
    longest = timed(otklik, "restore", path, "--data", otklik.folder / "first")
    new = otklik.folder / "new"
    for _ in range(kills):
        killed(otklik, chance, longest, "restore", path, "--data", new)
        if new.exists():
            assert snapshot.examine(new / "otklik.sqlite").counts["posts"] == len(TALK)
            new.rename(otklik.folder / f"whole-{time.monotonic_ns()}")
    assert otklik("restore", path, "--data", new).code == 0
    assert not list(otklik.folder.glob(".new.restoring-*"))
    assert snapshot.examine(new / "otklik.sqlite").counts["posts"] == len(TALK)


@KILLS
def test_killed_retention_is_gone_on_with(otklik: Otklik, kills: int) -> None:
    chance = random.Random(kills)
    otklik("ingest", otklik.city(), input=secrets(60 * kills, days=50).replace("запах газа", "гуляла") + posts(*TALK))
    city = otklik.city(searches=SEARCHES + '\n[[retention]]\nkeep = "30d"\n')
    longest = timed(otklik, "retention", city, "--dry-run") * 1.5
    for _ in range(kills):
        killed(otklik, chance, longest, "retention", city)
        assert otklik.number("SELECT count(DISTINCT post) FROM post_versions") == otklik.number(
            "SELECT count(*) FROM posts"
        )
    assert otklik("retention", city).code == 0
    assert otklik.number("SELECT count(*) FROM posts") == len(TALK)
    assert otklik.number("SELECT count(*) FROM authors") == 0
    assert otklik.number("PRAGMA integrity_check") == "ok"


def test_a_full_disk_under_a_backup(otklik: Otklik) -> None:
    city = otklik.city()
    folder = otklik.folder / "copies"
    otklik("ingest", city, input=posts(*TALK))
    whole = otklik("backup", "--to", folder, "--json").lines[0]
    for limit in (whole["size"] // 2, 200_000):
        run = otklik("backup", "--to", folder, limits={resource.RLIMIT_FSIZE: limit})
        assert run.code == 1
        assert "Traceback" not in run.err
        assert "disk is probably full" in run.err or "could not be written" in run.err
        assert [str(path) for path in folder.glob("*.zip")] == [whole["path"]]
        assert not list(folder.glob(".otklik-backup-*/"))
    assert otklik("doctor", city).code == 0


def test_a_backup_while_writers_are_at_work(otklik: Otklik) -> None:
    city = otklik.city()
    lines = [posts(*TALK[at : at + 100], first=1000 + at) for at in range(0, 300, 100)]
    otklik("ingest", city, input=lines[0])
    running = [otklik.start("ingest", city, "--json", input=more) for more in lines]
    taken = [otklik("backup", "--to", otklik.folder / f"{number}.zip", "--json") for number in range(3)]
    ended = [one.end() for one in running]
    assert [run.code for run in (*taken, *ended)] == [0] * 6
    for number, run in enumerate(taken):
        new = otklik.folder / f"new-{number}"
        assert otklik("restore", otklik.folder / f"{number}.zip", "--data", new).code == 0
        counts = snapshot.examine(new / "otklik.sqlite").counts
        assert counts["posts"] == counts["post_versions"] == counts["readings"] == counts["observations"]
        assert counts["posts"] == run.lines[0]["counts"]["posts"] >= 100
    assert otklik.number("SELECT count(*) FROM posts") == len(TALK)

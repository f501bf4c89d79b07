"""kill -9 of `otklik ingest` and `otklik crawl` at random moments, then to the end: nothing lost, nothing twice."""

import json
import random
import time
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path

import pytest

from demo.servers.webhook import TicketServer
from demo.town import Town
from tests.faults.wholeness import delivered_once, found, is_whole, leases_run_out, stored
from tests.shell import SEARCHES, Otklik, source, webhook

KILLS = [4, pytest.param(50, marks=pytest.mark.faults)]
SECRET = "desk-secret"
RULES = """
[[search]]
key = "gas-everywhere"
name = "Газом пахнет у многих"
topic = "Запах газа"
query = '"запах газ"~2'
rule = "frequency"
at_least = 6
within = "2h"

[[search]]
key = "water-in-one-house"
name = "В одном доме весь день нет воды"
topic = "Нет воды"
query = '"(нет|отключить) вода"~3'
rule = "frequency"
at_least = 3
within = "1d"
by = "place"
"""


def _sentences(count: int, chance: random.Random) -> list[str]:
    """Complaints and other talk, some of them at the same places, some of them copies."""
    streets = ["Ленина", "Мира", "Садовой", "Озёрной"]
    made = []
    for number in range(count):
        where = f"на улице {chance.choice(streets)}, дом {chance.randint(1, 12)}"
        what = chance.choice(["нет воды", "запах газа", "яма на дороге", "спасибо дворнику", "праздник"])
        made.append(f"Сообщение {number}: {where} {what}" if number % 9 else f"Второй день {what} {where}, отзовитесь!")
    return made


@pytest.mark.parametrize("kills", KILLS)
def test_ingest(otklik: Otklik, kills: int) -> None:
    chance = random.Random(kills)
    total = 80 * kills
    lines = [
        json.dumps({"id": number, "text": text, "published_at": f"2026-03-01T{number % 24:02}:00:00"})
        for number, text in enumerate(_sentences(total, chance))
    ]
    with TicketServer(SECRET) as desk:
        otklik.environment["OTKLIK_TEST_DESK"] = SECRET
        city = otklik.city(searches=SEARCHES + RULES, routes=webhook(desk.url))
        ends = []
        for kill in range(kills):
            # More and more lines, so that late kills do not meet old news alone.
            part = lines[: (kill + 1) * 80]
            ends.append(_kill(otklik, chance.uniform(0, 0.6), "ingest", city, input_="\n".join(part)))
            is_whole(otklik)
        assert -9 in ends
        leases_run_out(otklik)
        last = otklik("ingest", city, "--json", input="\n".join(lines))
        assert (last.code, last.err, last.lines[0]["to_deliver"]) == (0, "", 0)
        assert otklik("ingest", city, "--json", input="\n".join(lines)).lines[0]["outcomes"] == {"unchanged": total}
        delivered_once(otklik, desk)
    is_whole(otklik)
    assert otklik.rows("SELECT max(version), count(*) FROM posts") == [(1, total)]
    _as_in_one_go(otklik, city, lines)
    assert found(otklik, city) == sorted(f"given:ingest/{number}" for number in range(total))
    assert len({search for (search,) in otklik.rows("SELECT search FROM rule_alarms")}) == 2


def _kill(otklik: Otklik, seconds: float, *arguments: object, input_: str = "") -> int:
    """Start a verb and kill it so many seconds after it began to write. Its exit code."""
    before = _written(otklik)
    run = otklik.start(*arguments, input=input_)
    while run.process.is_alive() and _written(otklik) == before:
        time.sleep(0.005)
    time.sleep(seconds)
    run.kill()
    return run.end().code


# By group, the earliest post in it.
_ORIGINALS = """
SELECT copy_key, (SELECT id FROM posts one WHERE one.copy_key = posts.copy_key ORDER BY published_at, id LIMIT 1)
FROM posts GROUP BY copy_key"""


def _written(otklik: Otklik) -> list[int]:
    """When the state was written last."""
    return [path.stat().st_mtime_ns for path in sorted(otklik.home.glob("otklik.sqlite*"))]


def _groups(otklik: Otklik) -> set[frozenset[str]]:
    """Which reports make an incident together. Numbers differ: batches were cut elsewhere."""
    groups: defaultdict[int, set[str]] = defaultdict(set)
    for incident, key in otklik.rows("SELECT incident, key FROM reports"):
        groups[incident].add(key)
    return {frozenset(keys) for keys in groups.values()}


def _as_in_one_go(otklik: Otklik, city: Path, lines: list[str]) -> None:
    """The kills changed nothing of what was raised."""
    (otklik.folder / "untouched").mkdir()
    other = Otklik(otklik.folder / "untouched", {"OTKLIK_TEST_DESK": SECRET})
    assert other("ingest", city, "--drain", 0, input="\n".join(lines)).code == 0
    assert _groups(otklik) == _groups(other)
    for query in (
        "SELECT topic, count(*) FROM incidents GROUP BY topic ORDER BY topic",
        "SELECT post, search, place_key FROM matches ORDER BY 1, 2, 3",
        _ORIGINALS,
        "SELECT series, key, post, at FROM rule_hits ORDER BY 1, 2, 3",
        "SELECT series, key, start_at, end_at FROM rule_alarms ORDER BY 1, 2, 3",
    ):
        assert otklik.rows(query) == other.rows(query), query


@pytest.mark.parametrize("kills", [3, pytest.param(50, marks=pytest.mark.faults)])
def test_crawl(otklik: Otklik, kills: int) -> None:
    chance = random.Random(kills)
    with Town(datetime.now(UTC)) as town, TicketServer(SECRET) as desk:
        otklik.environment["OTKLIK_TEST_DESK"] = SECRET
        live = source("live", "telegram", town.telegram.address(town.channel.name))
        vesti = source("vesti", "news", town.news.feed_url)
        city = otklik.city(sources=live + vesti, routes=webhook(desk.url))
        ends = []
        for _ in range(kills):
            ends.append(_kill(otklik, chance.uniform(0, 4), "crawl", city))
            is_whole(otklik)
        assert -9 in ends
        leases_run_out(otklik)
        last = otklik("crawl", city, "--json")
        assert (last.code, [line["broken"] for line in last.lines if "source" in line]) == (0, ["", ""]), last.err
        delivered_once(otklik, desk)
        cursors = otklik.rows("SELECT source, cursor FROM checkpoints ORDER BY source")
        again = otklik("crawl", city, "--json")
        assert all(
            set(line["outcomes"]) <= {"seen", "unchanged", "skipped"} for line in again.lines if "source" in line
        ), again.out
        is_whole(otklik)
        other = Otklik(_folder(otklik, "untouched"), {"OTKLIK_TEST_DESK": SECRET})
        assert other("crawl", city, "--drain", 0).code == 0
    for query in (
        "SELECT id, version, digest FROM posts ORDER BY id",
        "SELECT key FROM reports ORDER BY key",
        _ORIGINALS,
    ):
        assert otklik.rows(query) == other.rows(query), query
    assert [key for key, _ in cursors] == ["live", "vesti"]
    assert found(otklik, city) == stored(otklik)


def _folder(otklik: Otklik, name: str) -> Path:
    (otklik.folder / name).mkdir()
    return otklik.folder / name

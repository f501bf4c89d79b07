"""The index, the ticket system or the disk fails under `otklik`, and comes back."""

import resource

import pytest

from demo.servers.webhook import TicketServer
from tests.servers.gate import gate_to
from tests.shell import Otklik, posts, webhook

TEXTS = [f"Запах газа на улице Ленина, {house}" for house in range(1, 31)]


@pytest.mark.elasticsearch
def test_a_dead_elasticsearch_delays_search_and_nothing_else(
    otklik: Otklik, elasticsearch_url: str, indexed_city: str
) -> None:
    with gate_to(elasticsearch_url) as gate:
        city = otklik.city(indexed_city, engine=f"elasticsearch:{gate.url}")
        first = otklik("ingest", city, "--json", input=posts(*TEXTS[:10]))
        assert (first.code, first.lines[0]["to_index"]) == (0, 0)
        gate.shut()
        during = otklik("ingest", city, "--drain", 8, "--json", input=posts(*TEXTS))
        assert during.code == 0
        assert during.lines[0]["outcomes"] == {"unchanged": 10, "new": 20}
        assert (during.lines[0]["to_index"], during.lines[0]["to_deliver"]) == (20, 0)
        assert len(otklik("incidents", city, "--json").lines) == 30
        asked = otklik("search", city, "газ")
        assert asked.code == 1
        assert "Traceback" not in asked.err
        assert "Not yet indexed: 20." in asked.err
        found = {line["where"] for line in otklik("doctor", city, "--json").lines}
        assert found == {f"elasticsearch:{gate.url}"}

        gate.open = True
        waiting = otklik("search", city, "газ", "--limit", 100)
        assert waiting.out.splitlines()[-1] == "10 found, 10 shown."
        assert waiting.err == "Not yet indexed: 20.\n"
        # Any next pass feeds what waits.
        assert otklik("ingest", city, "--json").lines[0]["to_index"] == 0
        after = otklik("search", city, "газ", "--limit", 100, "--json")
        assert (after.code, after.err) == (0, "")
        assert sorted(hit["id"] for hit in after.lines) == sorted(f"given:ingest/{number}" for number in range(1, 31))
        assert otklik("reindex", city, "--json").lines == [{"indexed": 30}]
        assert len(otklik("search", city, "газ", "--limit", 100, "--json").lines) == 30
        assert otklik("doctor", city).code == 0


def test_a_dead_receiver_gets_everything_once_when_it_is_back(otklik: Otklik) -> None:
    otklik.environment["OTKLIK_TEST_DESK"] = "s"
    with TicketServer("s") as desk:
        city = otklik.city(routes=webhook(desk.url))
        # Every failure there is, one after another: before and after the ticket was made.
        desk.failures += ["500", "500 after", "drop", "drop after"] * 2
        first = otklik("ingest", city, "--drain", 2, input=posts(*TEXTS[:12]))
        assert first.code == 0
        assert "to deliver" in first.err
        assert otklik("doctor", city).code == 1
        for _ in range(20):
            otklik.change("UPDATE deliveries SET next_at = 0 WHERE state != 'sent'")
            if otklik("ingest", city, "--json").lines[0]["to_deliver"] == 0:
                break
        assert {key: one.made for key, one in desk.tickets.items()} == {
            key: 1 for (key,) in otklik.rows("SELECT key FROM deliveries")
        }
        assert len(desk.tickets) == 12
    assert otklik("doctor", city).code == 0


def test_without_a_secret_incidents_are_raised_and_their_deliveries_wait(otklik: Otklik) -> None:
    with TicketServer("s") as desk:
        city = otklik.city(routes=webhook(desk.url))
        run = otklik("ingest", city, "--drain", 1, "--json", input=posts(*TEXTS[:3]))
        assert (run.code, run.lines[0]["to_deliver"]) == (0, 3)
        assert len(otklik("incidents", city, "--json").lines) == 3
        otklik.environment["OTKLIK_TEST_DESK"] = "s"
        otklik.change("UPDATE deliveries SET next_at = 0")
        assert otklik("ingest", city, "--json").lines[0]["to_deliver"] == 0
        assert len(desk.tickets) == 3


@pytest.mark.parametrize("lines", [400])
def test_a_full_disk(otklik: Otklik, lines: int) -> None:
    """Files may grow to so many bytes and no further, as on a full disk."""
    city = otklik.city()
    given = posts(*(f"Запах газа на улице Ленина, {number % 90 + 1}: {number}" for number in range(lines)))
    assert otklik("ingest", city, input=given.splitlines()[0]).code == 0
    largest = max(path.stat().st_size for path in otklik.home.iterdir())
    full = otklik("ingest", city, input=given, limits={resource.RLIMIT_FSIZE: largest + 300_000})
    assert full.code == 1, full
    assert "Traceback" not in full.err
    assert "otklik.sqlite: could not be written, the disk is probably full" in full.err
    stored = otklik.number("SELECT count(*) FROM posts")
    assert stored < lines
    assert otklik.number("SELECT count(*) FROM post_versions") == stored
    assert otklik.number("SELECT count(*) FROM readings") == stored
    assert otklik.number("PRAGMA integrity_check") == "ok"
    again = otklik("ingest", city, "--json", input=given)
    assert again.code == 0
    assert again.lines[0]["outcomes"] == {"new": lines - stored, "unchanged": stored}
    assert otklik.number("SELECT count(*) - count(DISTINCT key) FROM reports") == 0
    found = otklik("search", city, "", "--limit", lines + 1, "--json").lines
    assert len({hit["id"] for hit in found}) == lines

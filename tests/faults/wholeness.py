"""What holds of a state after every kill, and what time would do to the leases of the dead."""

from collections import Counter

from demo.servers.webhook import TicketServer
from tests.shell import Otklik

_WHOLE = {
    "versions of posts": "SELECT count(*) FROM posts p WHERE version != "
    "(SELECT count(*) FROM post_versions v WHERE v.post = p.id)",
    "readings of versions": "SELECT (SELECT count(*) FROM post_versions) != (SELECT count(*) FROM readings)",
    "reports twice": "SELECT count(*) - count(DISTINCT key) FROM reports",
    "reports without an incident": "SELECT count(*) FROM reports WHERE incident NOT IN (SELECT id FROM incidents)",
    "incidents without a report": "SELECT count(*) FROM incidents WHERE id NOT IN (SELECT incident FROM reports)",
    "incidents without a delivery": "SELECT count(*) FROM incidents WHERE id NOT IN (SELECT incident FROM deliveries)",
    "deliveries twice": "SELECT count(*) - count(DISTINCT incident) FROM deliveries",
}


def is_whole(otklik: Otklik) -> None:
    """What holds after every kill, once there is a state."""
    if _has_tables(otklik):
        assert {name: otklik.number(query) for name, query in _WHOLE.items()} == dict.fromkeys(_WHOLE, 0)


def leases_run_out(otklik: Otklik) -> None:
    """The minutes pass after which what a killed process had in hand is taken by the next, and hosts have rested."""
    if _has_tables(otklik):
        otklik.change("UPDATE deliveries SET next_at = 0 WHERE state = 'sending'")
        otklik.change("UPDATE images SET next_at = 0 WHERE state IN ('waiting', 'fetching')")


def delivered_once(otklik: Otklik, desk: TicketServer) -> None:
    """Every delivery has one ticket, and the desk has no other."""
    keys = [key for (key,) in otklik.rows("SELECT key FROM deliveries")]
    assert Counter(keys) == Counter({key: one.made for key, one in desk.tickets.items()})
    assert otklik.rows("SELECT DISTINCT state FROM deliveries") == [("sent",)]


def found(otklik: Otklik, city: object) -> list[str]:
    """The ids of all that the index holds."""
    total = otklik.number("SELECT count(*) FROM posts")
    return sorted(hit["id"] for hit in otklik("search", city, "", "--limit", total + 1, "--json").lines)


def stored(otklik: Otklik) -> list[str]:
    """The ids of all that the state holds."""
    return sorted(id_ for (id_,) in otklik.rows("SELECT id FROM posts"))


def _has_tables(otklik: Otklik) -> bool:
    return (otklik.home / "otklik.sqlite").exists() and bool(
        otklik.rows("SELECT 1 FROM sqlite_master WHERE name = 'deliveries'")
    )

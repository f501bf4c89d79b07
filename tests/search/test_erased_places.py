"""Where people said that an incident is goes out of acts and journal with the last report of it that is erased."""

from pathlib import Path

import sqlalchemy as sa

from search.correcting import correct_place
from search.event_names import told, told_act, told_reason
from search.events import Event, digest_of
from search.forgetting import forget_reports
from search.state.tables import acts, events, incidents
from search.undoing import preview, undo
from tests.search.test_correcting import RIGHT, wet
from tests.search.test_joining import do
from tests.search.town import CITY, HOUR, KEYS, NOON, Town, house

TABLES = (acts, events, incidents)


def erase(town: Town, post: str) -> str:
    """Erase a post; all that the state then says of acts, journal and incidents."""
    with town.database.begin() as connection:
        forget_reports(connection, town.city, KEYS, [post], NOON, "admin")
        return " ".join(str(connection.execute(sa.select(table)).all()).lower() for table in TABLES)


def test_with_the_last_report_the_corrected_place_goes_from_acts_and_journal(tmp_path: Path) -> None:
    town = Town.open(tmp_path)
    town.hear(wet("tg:1/1"), wet("tg:1/2", at=NOON + HOUR))
    do(town, correct_place, 1, RIGHT)
    do(town, undo, 1)
    do(town, correct_place, 1, house("Садовая", 7))
    do(town, correct_place, 1, RIGHT)
    kept = erase(town, "tg:1/1")
    assert "лесная, 18" in kept
    assert "садовая, 7" in kept
    gone = erase(town, "tg:1/2")
    assert "лесная" not in gone
    assert "садовая" not in gone
    shown = town.show(1)
    said = [f"{told(one)} {told_reason(one)}" for one in shown.events]
    assert sum("исправляет место" in one for one in said) == 3
    assert [told_act(one.kind, one.detail) for one in shown.acts if one.kind == "place"] == ["место: —"] * 3
    assert do(town, preview, 1).refusal is not None


def test_the_digests_of_the_journal_are_true_after_it(tmp_path: Path) -> None:
    town = Town.open(tmp_path)
    town.hear(wet("tg:1/1"))
    do(town, correct_place, 1, RIGHT)
    erase(town, "tg:1/1")
    with town.database.read() as connection:
        rows = connection.execute(sa.select(events)).all()
    for row in rows:
        event = Event(row.at, row.who, row.what, row.incident, tuple(row.subjects), row.reason)
        assert row.digest == digest_of(KEYS, CITY.key, event)
    assert "place" in {row.what for row in rows}

"""What the console reads of thousands of incidents lies in indexes: rows of incidents and reports are left alone."""

from pathlib import Path

from search import queue
from search.incidents import list_incidents, show
from search.pins import Wanted, count_pins
from search.queue import Filters, View
from search.report import month, month_span
from search.zones import zones
from tests.search.plans import plans_of, queries
from tests.search.town import CITY, NOON, Town, house, said


def test_the_queue_is_sorted_and_counted_in_an_index(tmp_path: Path) -> None:
    town = Town.open(tmp_path)
    with queries() as asked, town.database.read() as connection:
        queue.lines(connection, CITY, View.ALL, Filters(), NOON, 60)
        queue.counts(connection, CITY, NOON, "anna")
    steps = plans_of(town.database, asked, "incidents")
    assert "SEARCH incidents USING COVERING INDEX incidents_of_queue (city=? AND state=?)" in steps
    # What is put off is few, and an index of its own has it.
    aside = "SEARCH incidents USING INDEX incidents_aside (city=?)"
    assert {step for step in steps if "(city=?" in step} == {steps[0], aside}


def test_the_words_of_a_row_are_a_seek_and_not_all_reports(tmp_path: Path) -> None:
    town = Town.open(tmp_path)
    town.hear(said("a", "нет вода", house("Мира", 3)))
    with queries() as asked, town.database.read() as connection:
        queue.lines(connection, CITY, View.ALL, Filters(), NOON, 60)
    steps = plans_of(town.database, asked, "reports")
    assert [step for step in steps if step.startswith("SCAN")] == []
    assert any("COVERING INDEX reports_of_incident (incident=? AND fits=?)" in step for step in steps)


def test_risks_are_found_by_an_index_of_their_own(tmp_path: Path) -> None:
    town = Town.open(tmp_path)
    with queries() as asked, town.database.read() as connection:
        list_incidents(connection, CITY, risk=True)
    steps = plans_of(town.database, asked, "incidents")
    assert "SEARCH incidents USING INDEX incidents_at_risk (city=? AND state=?)" in steps


def test_what_may_be_the_same_is_sought_by_topic(tmp_path: Path) -> None:
    town = Town.open(tmp_path)
    town.hear(said("a", "нет вода", house("Мира", 3)))
    with queries() as asked, town.database.read() as connection:
        show(connection, CITY, 1)
    told = [statement for statement in asked if "group_key >= ?" in statement[0]]
    steps = plans_of(town.database, told, "incidents")
    assert "SEARCH incidents USING INTEGER PRIMARY KEY (rowid=?)" in steps


def test_a_month_is_counted_in_indexes(tmp_path: Path) -> None:
    town = Town.open(tmp_path)
    town.hear(said("a", "нет вода", house("Мира", 3)))
    with queries() as asked, town.database.read() as connection:
        month(connection, CITY, month_span(CITY, NOON.date()), NOON)
    steps = plans_of(town.database, asked, "")
    bounds = "(incident>? AND incident<?)"
    assert f"SEARCH events USING COVERING INDEX events_of_decisions {bounds}" in steps
    assert f"SEARCH reports USING COVERING INDEX reports_of_incident {bounds}" in steps
    # Posts are counted, and none is looked for to know the platform of a report.
    of_posts = [step for step in steps if "posts" in step]
    assert of_posts == [
        "SEARCH posts USING COVERING INDEX posts_by_time (city=? AND published_at>? AND published_at<?)"
    ]


def test_the_map_asks_where_one_can_go_by_an_index(tmp_path: Path) -> None:
    town = Town.open(tmp_path)
    with queries() as asked, town.database.read() as connection:
        zones(connection, CITY, NOON)
        count_pins(connection, CITY, Wanted())
    steps = plans_of(town.database, asked, "incidents")
    assert "SEARCH incidents USING INDEX incidents_exact (city=? AND state=? AND opened_at>?)" in steps
    assert "SEARCH incidents USING INDEX incidents_exact (city=? AND state=?)" in steps

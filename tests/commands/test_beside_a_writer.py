import sqlite3

from tests.shell import Otklik, posts


def test_verbs_that_only_read_wait_for_no_writer(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=posts("Запах газа на улице Ленина, 5")).code == 0
    writer = sqlite3.connect(otklik.home / "otklik.sqlite", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    try:
        (found,) = otklik("search", city, "газ", "--json").lines
        (listed,) = otklik("incidents", city, "list", "--json").lines
        (shown,) = otklik("incidents", city, "show", listed["number"], "--json").lines
        explained = otklik("explain", city, found["id"])
        doctor = otklik("doctor", city)
    finally:
        writer.close()
    assert [report["post"] for report in shown["reports"]] == [found["id"]]
    assert (explained.code, explained.err) == (0, "")
    assert doctor.code in {0, 1}
    assert "busy" not in doctor.out + doctor.err

"""The undo of a report by hand: what was registered by mistake is taken back, said before, and told to the ticket."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.servers.webhook import TicketServer
from tests.commands.test_register import CALL, incidents, register, voices
from tests.shell import Otklik, posts, webhook

GAS = ("--topic", "Запах газа", "--text", "Запах газа в подъезде", "--place", "ул. Лесная, 5")


@pytest.fixture
def desk(otklik: Otklik) -> Iterator[TicketServer]:
    """The ticket system that everything goes to at once."""
    with TicketServer("s") as server:
        otklik.environment["OTKLIK_TEST_DESK"] = "s"
        yield server


def one(otklik: Otklik, city: Path, number: int = 1) -> dict[str, Any]:
    shown: dict[str, Any] = otklik("incidents", city, "show", number, "--json").lines[0]
    return shown


def test_what_only_a_mistake_made_is_closed_and_its_number_stays(otklik: Otklik) -> None:
    city = otklik.city()
    done = register(otklik, city, *CALL)
    assert (done["incident"], done["opened"]) == (1, True)
    said = otklik("incidents", city, "undo", 1, "--dry-run").out
    assert "registered by hand" in said
    assert "1 rests on this report alone: it will be rejected, its number stays in the history." in said
    assert one(otklik, city)["incident"]["state"] == "new"
    assert otklik("incidents", city, "undo", 1).out.startswith("Undone (registered by hand).")
    shown = one(otklik, city)
    assert (shown["incident"]["state"], shown["incident"]["fitting"]) == ("rejected", 0)
    told = otklik("incidents", city, "show", 1).out
    assert "took a report back: registered by mistake" in told
    assert "rejected it: its report was registered by mistake" in told
    otklik.environment["OTKLIK_LOCALE"] = "ru"
    assert "отклоняет: обращение записано по ошибке" in otklik("incidents", city, "show", 1).out
    assert otklik("incidents", city).out.startswith("Открытых инцидентов нет")
    assert "отменять нечего" in otklik("incidents", city, "undo", 1).err


def test_it_does_not_come_back_by_itself_and_can_be_registered_again(otklik: Otklik) -> None:
    city = otklik.city()
    register(otklik, city, *GAS)
    assert otklik("incidents", city, "undo", 1).code == 0
    for command in ("reread", "reindex"):
        assert otklik(command, city).code == 0
    assert [state for (state,) in otklik.rows("SELECT state FROM incidents")] == ["rejected"]
    again = register(otklik, city, *GAS)
    assert (again["incident"], again["opened"], again["before"]) == (2, True, False)
    assert one(otklik, city, 2)["incident"]["state"] == "new"
    assert otklik("incidents", city, "undo", 2).code == 0
    assert one(otklik, city, 2)["incident"]["state"] == "rejected"


def test_the_ticket_hears_of_it(otklik: Otklik, desk: TicketServer) -> None:
    city = otklik.city(routes=webhook(desk.url))
    register(otklik, city, *GAS)
    (ticket,) = desk.tickets.values()
    assert ticket.ticket["state"] == "new"
    assert f"ticket {ticket.id} stays and is told" in otklik("incidents", city, "undo", 1, "--dry-run").out
    assert otklik("incidents", city, "undo", 1).code == 0
    (ticket,) = desk.tickets.values()
    assert (ticket.ticket["state"], ticket.ticket["reports"], ticket.ticket["quotes"]) == ("rejected", 0, [])


def test_what_has_not_gone_out_is_dropped(otklik: Otklik, desk: TicketServer) -> None:
    city = otklik.city(routes=webhook(desk.url))
    desk.failures += ["drop"] * 3
    register(otklik, city, *GAS)
    otklik.change("UPDATE deliveries SET payload_digest = '', external_id = ''")
    assert "not sent yet, and will not be" in otklik("incidents", city, "undo", 1, "--dry-run").out
    assert otklik("incidents", city, "undo", 1).code == 0
    assert otklik.rows("SELECT * FROM deliveries") == []


def test_others_keep_the_incident_and_it_is_named_after_them(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=posts("Яма на дороге, Лесная улица, 5")).code == 0
    done = register(otklik, city, *CALL, "--severity", "danger")
    assert (done["incident"], one(otklik, city)["incident"]["severity"]) == (1, "danger")
    said = otklik("incidents", city, "undo", 1, "--dry-run").out
    assert "The registered report is taken out of 1, reports that stay: 1." in said
    assert otklik("incidents", city, "undo", 1).code == 0
    shown = one(otklik, city)["incident"]
    assert (shown["state"], shown["severity"], shown["fitting"]) == ("new", "normal", 1)
    assert shown["title"] == "Ямы — улица Лесная, 5"


def test_of_a_link_only_the_registration_is_taken_away_where_a_search_finds_it(otklik: Otklik) -> None:
    city = otklik.city()
    line = posts("Яма на дороге, Лесная улица, 5", id="vk:-1_2", platform="vk").replace('"id": 1, ', "")
    assert otklik("ingest", city, input=line).code == 0
    register(otklik, city, "--topic", "Ямы", "--link", "https://vk.com/wall-1_2", "--severity", "danger")
    assert "In 1 the post stays: a search finds it." in otklik("incidents", city, "undo", 1, "--dry-run").out
    assert otklik("incidents", city, "undo", 1).code == 0
    shown = one(otklik, city)
    assert (shown["incident"]["state"], shown["incident"]["severity"]) == ("new", "normal")
    assert [reason["search"] for reason in shown["reports"][0]["reasons"]] == ["file:holes"]


def test_what_rests_on_it_is_undone_first(otklik: Otklik) -> None:
    city = otklik.city()
    register(otklik, city, *CALL)
    act = one(otklik, city)["acts"][-1]["id"]
    assert otklik("incidents", city, "note", 1, "--text", "звонила").code == 0
    assert otklik("incidents", city, "take", 1).code == 0
    assert otklik("incidents", city, "confirm", 1).code == 0
    refused = otklik("incidents", city, "undo", 1, "--act", act)
    assert (refused.code, "the later act 4 (state" in refused.err) == (1, True)
    assert otklik("incidents", city, "undo", 1, "--act", 4).code == 0
    assert otklik("incidents", city, "undo", 1, "--act", act).code == 0
    assert one(otklik, city)["incident"]["state"] == "rejected"


def test_what_was_joined_since_is_taken_back_where_it_went(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=posts("Яма на дороге, Мира, 7")).code == 0
    register(otklik, city, *CALL)
    act = one(otklik, city, 2)["acts"][-1]["id"]
    assert otklik("incidents", city, "join", 1, 2).code == 0
    refused = otklik("incidents", city, "undo", 2, "--act", act)
    assert (refused.code, "(join" in refused.err) == (1, True)
    assert otklik("incidents", city, "undo", 1).code == 0
    assert otklik("incidents", city, "undo", 2, "--act", act).code == 0
    assert [(row[0], row[2]) for row in voices(otklik)] == [(1, 1), (2, 0)]
    assert len(incidents(otklik)) == 2


def test_what_was_erased_meanwhile_is_not_there_to_be_taken_back(otklik: Otklik) -> None:
    city = otklik.city()
    done = register(otklik, city, *CALL)
    act = one(otklik, city)["acts"][-1]["id"]
    assert otklik("erase", city, done["post"], "--yes", "--why", "просьба").code == 0
    refused = otklik("incidents", city, "undo", 1, "--act", act)
    assert (refused.code, "the report was erased" in refused.err) == (1, True)

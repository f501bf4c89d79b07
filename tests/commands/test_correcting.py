"""`otklik incidents CITY place|topic`: what Otklik understood wrongly is put right, and the ticket hears of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.servers.webhook import TicketServer
from tests.shell import Otklik, posts, webhook

SECRET = "not a real secret"
HOUSES = "\n".join(
    f'"улица Ленина, дом {house}",46.{950 + house},142.73,{"Север" if house < 50 else "Юг"}' for house in (18, 20, 81)
)


@pytest.fixture
def desk(otklik: Otklik) -> Iterator[TicketServer]:
    """The ticket system that everything goes to."""
    with TicketServer(SECRET) as server:
        otklik.environment["OTKLIK_TEST_DESK"] = SECRET
        yield server


@pytest.fixture
def city(otklik: Otklik, desk: TicketServer) -> Path:
    """Water at a house that the resident misspelt, two voices; the city knows three houses of the street."""
    (otklik.folder / "houses.csv").write_text(f"address,lat,lon,district\n{HOUSES}\n", encoding="utf-8")
    made = otklik.city(sources='[gazetteer]\naddresses = "houses.csv"\n', routes=webhook(desk.url))
    lines = posts("Нет воды на улице Ленина, дом 81", "Ленина, 81: нет воды второй день")
    assert otklik("ingest", made, input=lines).code == 0
    return made


def ticket(desk: TicketServer) -> tuple[object, ...]:
    """What the ticket system knows."""
    (one,) = desk.tickets.values()
    return tuple(one.ticket[name] for name in ("title", "place", "district", "lat", "topic", "severity"))


def test_place_and_topic_are_put_right_everywhere_and_the_ticket_hears_of_it(
    otklik: Otklik, city: Path, desk: TicketServer
) -> None:
    otklik.environment["OTKLIK_LOCALE"] = "ru"
    assert len(desk.tickets) == 1
    assert ticket(desk)[:3] == ("Нет воды — улица Ленина, 81", "улица Ленина, 81", "Юг")
    done = otklik("incidents", city, "place", 1, "--place", "ул. Ленина, д. 18")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("Инцидент № 1: место «улица Ленина, 18».\n")
    assert ticket(desk) == ("Нет воды — улица Ленина, 18", "улица Ленина, 18", "Север", 46.968, "Нет воды", "high")
    assert otklik("incidents", city, "topic", 1, "--topic", "запах газа").out.startswith(
        "Инцидент № 1: тема «Запах газа».\n"
    )
    assert ticket(desk)[-2:] == ("Запах газа", "danger")
    shown = otklik("incidents", city, "show", 1)
    for words in (
        "Запах газа — улица Ленина, 18",
        "Место исправлено, Отклик понял так: улица Ленина, 81",
        "Тема исправлена, Отклик понял так: Нет воды",
        "исправляет место: улица Ленина, 18",
        "исправляет тему: Запах газа",
        "действие 1: место улица Ленина, 18",
    ):
        assert words in shown.out
    otklik.environment["OTKLIK_LOCALE"] = "en"
    assert "corrected the place: улица Ленина, 18" in otklik("incidents", city, "show", 1).out
    # How many were put right can be counted.
    (one,) = otklik("incidents", city, "--json").lines
    assert (one["by_hand"], one["understood"]["topic"]) == (["place", "topic"], "Нет воды")
    assert (one["place"]["houses"], one["understood"]["place"]["houses"]) == (["18"], ["81"])
    preview = otklik("incidents", city, "undo", 1, "--dry-run")
    assert "1: topic «Нет воды» again." in preview.out
    for _ in range(2):
        assert otklik("incidents", city, "undo", 1).code == 0
    assert ticket(desk) == ("Нет воды — улица Ленина, 81", "улица Ленина, 81", "Юг", 46.1031, "Нет воды", "high")
    (one,) = otklik("incidents", city, "--json").lines
    assert (one["by_hand"], one["understood"]) == ([], None)


def test_what_a_person_said_stands_after_the_city_is_read_again(otklik: Otklik, city: Path) -> None:
    assert otklik("incidents", city, "place", 1, "--place", "Ленина 18").code == 0
    assert otklik("incidents", city, "topic", 1, "--topic", "Ямы").code == 0
    for command in ("reread", "reindex"):
        assert otklik(command, city).code == 0
    (one,) = otklik("incidents", city, "--json").lines
    assert (one["title"], one["reports"], one["fitting"]) == ("Ямы — улица Ленина, 18", 2, 2)
    assert otklik("ingest", city, input=posts("Яма на дороге, Ленина, 18", first=9)).code == 0
    (one,) = otklik("incidents", city, "--json").lines
    assert one["reports"] == 3


def test_a_place_that_nobody_knows(otklik: Otklik, city: Path) -> None:
    assert otklik("incidents", city, "place", 1, "--none").out.startswith("Incident 1: place not known.\n")
    assert "noted that the place is not known" in otklik("incidents", city, "show", 1).out
    (one,) = otklik("incidents", city, "--json").lines
    assert (one["place"], one["title"]) == (None, "Нет воды — место не названо")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("place", 1), "which place?"),
        (("place", 1, "--place", "Ленина 18", "--none"), "which place?"),
        (("place", 1, "--place", "улица Ленина, 19"), "no such house: “улица Ленина, 19”"),
        (("place", 1, "--place", "улица Ленина, 19"), "«улица Ленина, 18», «улица Ленина, 20»"),
        (("place", 1, "--place", "Ленена"), "no such place: “Ленена”. There is: «улица Ленина»"),
        (("place", 1, "--place", "Ленина 81"), "is at “улица Ленина, 81” already"),
        (("topic", 1), "which topic?"),
        (("topic", 1, "--topic", "Запах хаза"), "Запах газа"),
        (("topic", 1, "--topic", "Нет воды"), "already"),
        (("place", 7, "--none"), "no incident 7"),
    ],
)
def test_what_cannot_be_put_right_says_why(otklik: Otklik, city: Path, words: tuple[object, ...], said: str) -> None:
    told = otklik("incidents", city, *words)
    assert (told.code, told.out) == (1, "")
    assert said in told.err
    assert "Traceback" not in told.err

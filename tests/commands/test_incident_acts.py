"""`otklik incidents CITY take|executor|severity|note|join|split|move|undo`, and several incidents at once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.shell import Otklik, posts


@pytest.fixture
def city(otklik: Otklik) -> Path:
    """Holes at three houses: two voices, one, one."""
    made = otklik.city()
    lines = posts(*(f"Яма на дороге у Мира, {house}" for house in (1, 1, 3, 5)))
    assert otklik("ingest", made, input=lines).code == 0
    return made


def test_work_on_one_incident_is_told_and_shown(otklik: Otklik, city: Path) -> None:
    otklik.environment["OTKLIK_LOCALE"] = "ru"
    assert otklik("incidents", city, "take", 1).out == "Инцидент № 1 у вас.\n"
    assert otklik("incidents", city, "executor", 1, "--name", "Дорожники").out.startswith("Инцидент № 1: исполнитель")
    assert otklik("incidents", city, "severity", 1, "--severity", "danger", "--why", "у школы").code == 0
    assert otklik("incidents", city, "note", 1, "--text", "Звонил в школу").out == "Инцидент № 1: заметка 1.\n"
    shown = otklik("incidents", city, "show", 1).out
    for words in (
        "опасно",
        "Исполнитель: Дорожники",
        "В работе у: ",
        "Звонил в школу",
        "действие 2: исполнитель Дорож",
    ):
        assert words in shown
    (told,) = otklik("incidents", city, "show", 1, "--json").lines
    assert [act["kind"] for act in told["acts"]] == ["take", "executor", "severity", "note"]
    assert otklik("incidents", city, "give_back", 1).code == 0
    assert otklik("incidents", city, "remove_note", 1, "--note", 1).code == 0
    (told,) = otklik("incidents", city, "show", 1, "--json").lines
    assert (told["incident"]["assignee"], told["notes"]) == ("", [])


def test_joins_splits_and_moves_are_done_and_undone_and_say_so_before(otklik: Otklik, city: Path) -> None:
    assert otklik("incidents", city, "join", 1, 2, 3).out == "Joined with incident 1: 2, 3.\n"
    (one,) = otklik("incidents", city, "--json").lines
    assert one["reports"] == 4
    assert "Joined with 1" in otklik("incidents", city, "show", 2).out
    assert "a person decided so" in otklik("explain", city, "given:ingest/3").out
    post = otklik("incidents", city, "show", 1, "--json").lines[0]["reports"][-1]["post"]
    assert otklik("incidents", city, "split", 1, "--post", post).out == "Incident 4 was split off 1.\n"
    assert otklik("incidents", city, "move", 1, 4, "--post", "given:ingest/1").code == 0
    said = otklik("incidents", city, "undo", 1, "--dry-run").out
    assert "Act 3 (moved reports 1 → 4" in said
    assert "Reports that go from 4 to 1: 1." in said
    (told,) = otklik("incidents", city, "undo", 1, "--dry-run", "--json").lines
    assert (told["id"], told["kind"], told["refusal"]) == (3, "move", "")
    before = otklik("incidents", city, "--json").lines
    refused = otklik("incidents", city, "undo", 1, "--act", 2)
    assert (refused.code, "--act 3" in refused.err) == (1, True)
    assert otklik("incidents", city, "--json").lines == before
    for _ in range(3):
        assert otklik("incidents", city, "undo", 1).out.startswith("Undone (")
    assert sorted((one["number"], one["reports"]) for one in otklik("incidents", city, "--json").lines) == [
        (1, 2),
        (2, 1),
        (3, 1),
    ]
    over = otklik("incidents", city, "undo", 1)
    assert (over.code, "nothing to undo" in over.err) == (1, True)


def test_several_at_once_are_each_told_of(otklik: Otklik, city: Path) -> None:
    assert otklik("incidents", city, "confirm", 2).code == 0
    done = otklik("incidents", city, "reject", 1, 2, 9, 3, "--reason", "joke")
    assert done.code == 1
    assert done.out == "Incident 1: rejected.\nIncident 3: rejected.\n"
    assert len(done.err.splitlines()) == 2
    assert "is «confirmed»" in done.err
    assert "no incident 9" in done.err
    shown = otklik("incidents", city, "show", 3)
    assert "rejected it: an advert or a joke" in shown.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("join", 1), "needs 2 numbers"),
        (("move", 1, "--post", "x"), "needs 2 numbers"),
        (("undo", 1, 2), "needs 1 numbers"),
        (("severity", 1), "which?"),
        (("executor", 1), "gas, rest"),
        (("note", 1), "1 to 4000"),
        (("split", 1), "No voice is marked"),
        (("split", 1, "--post", "x"), "no reports: x. show lists"),
        (("join", 1, 2, "--dry-run"), "undo only"),
        (("undo", 1), "nothing to undo"),
        (("give_back", 1), "Nobody has incident 1"),
    ],
)
def test_what_cannot_be_done_says_why(otklik: Otklik, city: Path, words: tuple[object, ...], said: str) -> None:
    told = otklik("incidents", city, *words)
    assert (told.code, told.out) == (1, "")
    assert said in told.err
    assert "Traceback" not in told.err


def test_an_incident_is_put_off_and_brought_back(otklik: Otklik, city: Path) -> None:
    assert "until when?" in otklik("incidents", city, "put_off", 1).err
    assert "until when?" in otklik("incidents", city, "put_off", 1, "--until", "завтра").err
    assert "between 5 minutes and 14 days" in otklik("incidents", city, "put_off", 1, "--until", "15d").err
    run = otklik("incidents", city, "put_off", 1, "--until", "2h")
    assert (run.code, "is put off until" in run.out) == (0, True)
    shown = otklik("incidents", city, "show", 1, "--json").lines[0]
    assert shown["incident"]["snoozed_until"]
    assert "in the queue again" in otklik("incidents", city, "bring_back", 1).out
    assert "is not put off" in otklik("incidents", city, "bring_back", 1).err
    local = (datetime.now(UTC) + timedelta(days=1)).astimezone(ZoneInfo("Europe/Moscow")).strftime("%Y-%m-%dT%H:%M")
    assert f"{local[8:10]}.{local[5:7]} {local[11:]}" in otklik("incidents", city, "put_off", 1, "--until", local).out
    assert "brought back" not in otklik("incidents", city, "undo", 1).err
    assert otklik("incidents", city, "show", 1, "--json").lines[0]["incident"]["snoozed_until"] is None

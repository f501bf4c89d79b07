import json

import pytest

from tests.shell import Otklik


@pytest.fixture
def stocked(otklik: Otklik) -> Otklik:
    """Two days and an empty one between: five posts of water, one of a pit."""
    city = otklik.city()
    posts = [
        ("Нет воды в доме 1", "2026-03-01T10:00:00"),
        ("Нет воды в доме 2", "2026-03-01T23:30:00"),
        ("Вода, вода, опять нет воды", "2026-03-01T11:00:00"),
        ("Нет воды на улице Мира", "2026-03-03T00:30:00"),
        ("Нет воды на Мира, 7", "2026-03-03T01:00:00"),
        ("Яма на дороге", "2026-03-03T01:00:00"),
    ]
    lines = [json.dumps({"id": n, "text": text, "published_at": at}) for n, (text, at) in enumerate(posts)]
    assert otklik("ingest", city, input="\n".join(lines)).code == 0
    return otklik


def test_how_many(stocked: Otklik) -> None:
    city = stocked.folder / "ozersk.toml"
    assert stocked("count", city, "вода").out == "Found: 5.\n"
    assert stocked("count", city).out == "Found: 6.\n"
    assert stocked("--locale", "ru", "count", city, "самолёт").out == "Найдено: 0.\n"
    assert stocked("count", city, "вода", "--since", "2026-03-02", "--json").lines == [{"count": 2}]


def test_by_what_and_when_for_people(stocked: Otklik) -> None:
    city = stocked.folder / "ozersk.toml"
    run = stocked("--locale", "ru", "count", city, "вода", "--by", "source, platform,topic", "--per", "day")
    assert (run.code, run.err) == (0, "")
    lines = [line.split() for line in run.out.splitlines()]
    assert ["ingest", "5", "100%"] in lines
    assert ["Переданные", "сообщения", "5", "100%"] in lines
    assert ["01.03.2026", "3", "█" * 40] in lines
    assert ["02.03.2026", "0"] in lines
    assert ["03.03.2026", "2", "█" * 27] in lines


def test_by_what_and_when_for_machines(stocked: Otklik) -> None:
    city = stocked.folder / "ozersk.toml"
    run = stocked("count", city, "вода", "--by", "source,source,act", "--per", "day", "--json")
    assert (run.code, run.err) == (0, "")
    assert [line for line in run.lines if line.get("by") != "act"] == [
        {"count": 5},
        {"by": "source", "value": "ingest", "count": 5},
        {"per": "day", "start": "2026-03-01T00:00:00+03:00", "count": 3},
        {"per": "day", "start": "2026-03-02T00:00:00+03:00", "count": 0},
        {"per": "day", "start": "2026-03-03T00:00:00+03:00", "count": 2},
    ]


def test_by_kind_and_by_who_writes(stocked: Otklik) -> None:
    city = stocked.folder / "ozersk.toml"
    run = stocked("count", city, "вода", "--by", "kind,role")
    lines = [line.split() for line in run.out.splitlines()]
    assert ["appeal", "5", "100%"] in lines
    assert ["unknown", "5", "100%"] in lines
    told = stocked("count", city, "вода", "--by", "kind", "--json").lines
    assert told == [{"count": 5}, {"by": "kind", "value": "appeal", "count": 5}]


def test_districts_by_name_and_more_values_than_are_shown(otklik: Otklik) -> None:
    city = otklik.city()
    texts = [
        "Нет воды в Центральном районе",
        "Нет света в Центральном районе",
        "Яма в Приморском районе",
        "Хорошего дня",
    ]
    lines = [json.dumps({"id": n, "text": text}) for n, text in enumerate([*texts, "Хорошего дня"])]
    assert otklik("ingest", city, input="\n".join(lines)).code == 0
    run = otklik("count", city, "--by", "district", "--json")
    assert [(line["value"], line["count"]) for line in run.lines[1:]] == [("Центральный", 2), ("Приморский", 1)]
    shown = otklik("count", city, "--by", "district,topic", "--top", 1).out
    assert "Центральный" in shown
    assert "Приморский" not in shown
    assert "The first 1 are shown, more: --top." in shown
    assert "None of the posts has it." in otklik("count", city, "день", "--by", "topic").out


def test_what_cannot_be_counted_is_told(stocked: Otklik) -> None:
    city = stocked.folder / "ozersk.toml"
    run = stocked("count", city, "вода", "--by", "source,colour")
    assert run.code == 1
    assert "colour" in run.err
    assert "district" in run.err
    assert stocked("count", city, "вода", "--per", "decade").code == 2
    run = stocked("count", city, "(вода")
    assert run.code == 1
    assert "^" in run.err


def test_the_most_relevant_first(stocked: Otklik) -> None:
    city = stocked.folder / "ozersk.toml"

    def first(*arguments: object) -> str:
        return str(stocked("search", city, "вода", "--json", *arguments).lines[0]["id"])

    assert first() == "given:ingest/4"
    assert first("--order", "relevance") == "given:ingest/2"

import json

from tests.shell import Otklik, posts


def test_new_then_unchanged_then_changed(otklik: Otklik) -> None:
    city = otklik.city()
    file = otklik.folder / "lines.jsonl"
    file.write_text(posts("Нет воды на Ленина, 5", "Спасибо за праздник"), encoding="utf-8")
    first = otklik("ingest", city, file, "--json")
    assert (first.code, first.err) == (0, "")
    left = {"to_index": 0, "to_deliver": 0, "to_fetch": 0, "dead": 0}
    assert first.lines == [{"lines": 2, "bad": 0, "outcomes": {"new": 2}, "reasons": {}, **left}]
    assert otklik("ingest", city, file, "--json").lines[0]["outcomes"] == {"unchanged": 2}
    edited = otklik("ingest", city, "-", "--json", input=posts("Воду дали"))
    assert edited.lines[0]["outcomes"] == {"changed": 1}
    assert otklik.rows("SELECT id, version FROM posts ORDER BY id") == [("given:ingest/1", 2), ("given:ingest/2", 1)]
    assert otklik.rows("SELECT post, fits FROM reports") == [("given:ingest/1", 0)]


def test_bad_lines_are_named_and_the_good_ones_stored(otklik: Otklik) -> None:
    lines = [
        '{"id": 1, "text": "Нет воды"}',
        "нет",
        "",
        '{"id": true, "text": "а"}',
        '{"id": 2}',
        '{"id": 3, "text": "б", "published_at": "вчера"}',
        '{"id": 4, "text": "в", "colour": "red"}',
        '{"id": "5", "text": "г", "source": "wall"}',
        '{"id": "A 6", "text": "Яма на дороге"}',
    ]
    run = otklik("ingest", otklik.city(), input="\n".join(lines))
    assert run.code == 1
    named = [line.partition(": ")[0] for line in run.err.splitlines()]
    assert named == [
        "line 2",
        "line 4, id",
        "line 5, text",
        "line 6, published_at",
        "line 7, colour",
        "line 8, source",
    ]
    assert "bad lines" in run.out
    assert otklik.rows("SELECT id FROM posts ORDER BY id") == [("given:ingest/1",), ("given:ingest/A%206",)]


def test_of_many_bad_lines_the_first_are_shown_and_all_counted(otklik: Otklik) -> None:
    run = otklik("ingest", otklik.city(), "--json", input="{}\n" * 150)
    assert len(run.err.splitlines()) == 101
    assert run.err.splitlines()[-1] == "… and 50 more bad lines"
    assert (run.code, run.lines[0]["bad"]) == (1, 150)


def test_a_post_that_cannot_be_stored_is_counted_with_its_reason(otklik: Otklik) -> None:
    run = otklik("ingest", otklik.city(), "--json", input=posts("", "Нет воды"))
    assert run.code == 1
    assert run.lines[0]["outcomes"] == {"rejected": 1, "new": 1}
    assert sum(run.lines[0]["reasons"].values()) == 1


def test_a_missing_file_is_said_without_a_trace(otklik: Otklik) -> None:
    run = otklik("ingest", otklik.city(), otklik.folder / "none.jsonl")
    assert (run.code, run.out) == (1, "")
    assert run.err.strip().endswith("none.jsonl: cannot be read: No such file or directory")


def test_the_same_id_as_number_and_as_string_is_one_post(otklik: Otklik) -> None:
    lines = json.dumps({"id": 7, "text": "Нет воды"}) + "\n" + json.dumps({"id": "7", "text": "Нет воды"})
    run = otklik("ingest", otklik.city(), "--json", input=lines)
    assert run.lines[0]["outcomes"] == {"new": 1, "unchanged": 1}


def test_two_cities_of_an_installation_do_not_see_each_other(otklik: Otklik) -> None:
    here, there = otklik.city("here"), otklik.city("there")
    assert otklik("ingest", here, input=posts("Нет воды на Ленина, 5")).code == 0
    assert otklik("ingest", there, input=posts("Запах газа на Мира, 2", "Яма на дороге")).code == 0
    found = {city: [hit["text"] for hit in otklik("search", city, "", "--json").lines] for city in (here, there)}
    assert found[here] == ["Нет воды на Ленина, 5"]
    assert sorted(found[there]) == ["Запах газа на Мира, 2", "Яма на дороге"]
    assert otklik("explain", here, "given:ingest/2").code == 1
    listed = {city: otklik("incidents", city, "--json").lines for city in (here, there)}
    assert [one["number"] for one in listed[here]] == [1]
    assert sorted(one["number"] for one in listed[there]) == [1, 2]
    assert otklik("incidents", here, "confirm", "2", "--why", "x").code == 1

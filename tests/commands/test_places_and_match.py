import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.shell import ROOT, SEARCHES, Otklik, posts

TEXTS = [
    "Яма у дома 12 на улице Садовой",
    "🚧🚧 Прорвало трубу:\r\n\r\nул.\u00a0Мира,\u00a0д.\u00a07 корп.\u00a02",
    "ничего",
    "На пересечении улиц Мира и Садовой не работает светофор 👩‍👩‍👧",
    "\ufeffПроспект\tЛенина,5. e\u0301 Ленина, 7\r",
    "",
]


def test_places_keep_order_ids_and_offsets(otklik: Otklik) -> None:
    ids = [1, "1", "b", 10**30, "é 🚧", -4]
    lines = [{"id": given, "text": text, "more": [1]} for given, text in zip(ids, TEXTS, strict=True)]
    run = otklik("places", input="\n".join(json.dumps(line) for line in lines))
    assert (run.code, run.err) == (0, "")
    assert [line["id"] for line in run.lines] == ids
    for answer, text in zip(run.lines, TEXTS, strict=True):
        for place in answer["places"]:
            assert text[place["start"] : place["end"]] == place["quote"] != ""
    found = [[(place["kind"], place["name"], place["houses"]) for place in line["places"]] for line in run.lines]
    assert found[0] == [("house", "Садовая", ["12"])]
    assert found[1] == [("house", "Мира", ["7к2"])]
    assert found[2] == found[5] == []
    assert ("intersection", ["Мира", "Садовая"], []) in found[3]
    assert not otklik.home.exists()


def test_places_with_a_city_have_coordinates(otklik: Otklik) -> None:
    run = otklik("places", "--city", "tikhoozersk", input=posts("Яма на Ленина, 5"))
    ((place,),) = (line["places"] for line in run.lines)
    assert (place["lat"], place["lon"], place["precision"]) == (61.058212, 35.292701, "house")


def test_places_of_bad_lines_are_named_and_the_rest_goes_on(otklik: Otklik) -> None:
    run = otklik("places", input='{"id":1,"text":"Мира 5"}\n[]\n{"id":2}\n{"id":3,"text":"Мира 7"}')
    assert run.code == 1
    assert [line["id"] for line in run.lines] == [1, 3]
    assert [line.partition(":")[0] for line in run.err.splitlines()] == ["line 2", "line 3, text"]


def test_match_tells_what_fits_where_and_why_and_writes_nothing(otklik: Otklik) -> None:
    city = otklik.city()
    files = set(otklik.folder.iterdir())
    run = otklik("match", city, input=posts("Нет воды на улице Мира, 7", "Запах газа", "Привет", ""))
    assert run.code == 0, run.err
    assert [line["id"] for line in run.lines] == [1, 2, 3, 4]
    water, gas, nothing, empty = run.lines
    (one,) = water["matches"]
    assert one["search"] == "file:water"
    # The query names no place, so none is part of the reason.
    assert one["places"] == []
    assert one["why"]
    assert [one["search"] for one in gas["matches"]] == ["file:gas"]
    assert nothing["matches"] == empty["matches"] == []
    assert "rejected" in empty
    assert not otklik.home.exists()
    made = {path.name for path in set(otklik.folder.iterdir()) - files}
    assert made <= {"0.in", "0.out", "0.err", "config"}


def test_match_of_a_search_by_topic_is_the_same_with_and_without_an_installation(otklik: Otklik) -> None:
    by_topic = """
[[search]]
key = "asphalt"
name = "Асфальт"
topic = "Ямы"
query = 'topic:"Ямы и разбитый асфальт"'
"""
    city = otklik.city(searches=SEARCHES + by_topic)
    lines = posts("На Ленина, 5 яма на дороге, разбитый асфальт", "Отдам котят")
    first = otklik("match", city, input=lines)
    assert (first.code, otklik.home.exists()) == (0, False), first.err
    assert [[one["search"] for one in line["matches"]] for line in first.lines] == [["file:asphalt", "file:holes"], []]
    assert otklik("ingest", city, input=lines).code == 0
    kept = {path.name: path.read_bytes() for path in otklik.home.glob("rubric-*.json")}
    assert kept
    assert otklik("match", city, input=lines).lines == first.lines
    assert {path.name: path.read_bytes() for path in otklik.home.glob("rubric-*.json")} == kept


def test_match_finds_what_ingest_raises(otklik: Otklik) -> None:
    city = otklik.city()
    lines = posts("Нет воды на Мира, 7", "Отключили воду", "Пахнет газом", "Яма на дороге", "газ", "вода")
    matched = otklik("match", city, input=lines).lines
    otklik("ingest", city, input=lines)
    stored = otklik.rows("SELECT post, search FROM matches ORDER BY post, search")
    assert stored == [(f"given:ingest/{line['id']}", one["search"]) for line in matched for one in line["matches"]]
    assert len(stored) >= 3


def test_match_in_batches_keeps_order_around_bad_lines(otklik: Otklik) -> None:
    lines = [line if number % 7 else "{" for number, line in enumerate(posts(*["Нет воды"] * 450).splitlines())]
    run = otklik("match", otklik.city(), input="\n".join(lines))
    assert run.code == 1
    assert [line["id"] for line in run.lines] == [number + 1 for number in range(450) if number % 7]


@pytest.mark.parametrize("lines", [5_000, pytest.param(200_000, marks=pytest.mark.faults)])
def test_places_need_no_more_memory_for_more_lines(otklik: Otklik, lines: int) -> None:
    """The peak over many lines is that over few, but for what caches hold; a line is 20 kB."""
    few, many = (_peak(otklik.folder, count) for count in (100, lines))
    assert many < few + 48 * 1024


def _peak(folder: Path, lines: int) -> int:
    """Kilobytes that a process over so many lines held at most."""
    program = (
        "import resource, sys; from crawler.commands.app import run\n"
        "try: run()\n"
        "finally: sys.stderr.write(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))"
    )
    environment = os.environ | {"OTKLIK_HOME": str(folder / "data"), "XDG_CONFIG_HOME": str(folder / "config")}
    command = [sys.executable, "-c", program, "places"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as child:
        assert child.stdin
        assert child.stdout
        assert child.stderr
        text = "Яма у дома {} на улице Садовой"

        def write() -> None:
            assert child.stdin
            for number in range(lines):
                child.stdin.write(
                    json.dumps({"id": number, "text": text.format(number), "more": "x" * 20_000}).encode() + b"\n"
                )
            child.stdin.close()

        writer = threading.Thread(target=write)
        writer.start()
        answered = sum(1 for _ in child.stdout)
        writer.join()
        assert answered == lines
        return int(child.stderr.read())

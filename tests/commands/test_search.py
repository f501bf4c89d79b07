import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shell import Otklik, posts

MANY = 450


@pytest.fixture
def stocked(otklik: Otklik) -> Otklik:
    """An archive of MANY posts an hour apart from 1 March 2026, 00:00 in the city's zone, and three odd ones."""
    city = otklik.city()
    hours = (f"2026-03-{1 + hour // 24:02}T{hour % 24:02}:00:00" for hour in range(MANY))
    lines = "".join(
        json.dumps({"id": number, "text": f"Нет воды в доме {number}", "published_at": at}, ensure_ascii=False) + "\n"
        for number, at in enumerate(hours)
    )
    old = {"published_at": "2026-01-01T12:00:00"}
    assert otklik("ingest", city, input=lines + posts("Яма на дороге", "Пахнет газом", first=1000, **old)).code == 0
    return otklik


def test_the_archive(stocked: Otklik) -> None:
    city = stocked.folder / "ozersk.toml"

    def found(*arguments: object) -> list[str]:
        run = stocked("search", city, *arguments, "--json")
        assert (run.code, run.err) == (0, "")
        return [line["id"].partition("/")[2] for line in run.lines]

    # Newest first, over more than two pages of the engine, every post once.
    assert found("вода", "--limit", 1000) == [str(number) for number in reversed(range(MANY))]
    assert found("вода", "--limit", 201) == [str(number) for number in range(MANY - 1, MANY - 202, -1)]
    assert len(found("воды")) == 20
    assert found("ямами OR газ") == ["1000", "1001"]
    assert found("", "--until", "2026-02-01") == ["1000", "1001"]
    # A day is a day of the city; both ends count.
    assert found("вода", "--since", "2026-03-02", "--until", "2026-03-02", "--limit", 50) == [
        str(number) for number in range(47, 23, -1)
    ]
    # The limits bind the whole query and not its last alternative.
    assert found("яма OR вода", "--since", "2026-03-19T00:00:00") == [str(number) for number in range(449, 431, -1)]
    assert found("самолёт") == []
    # A query as deep as may be stays so within limits, and a time may have a blank.
    deep = "(" * 16 + "яма OR вода" + ")" * 16
    assert found(deep, "--since", "19.03.2026 16:30", "--until", "19.03.2026 17:00") == ["449"]


def test_what_people_see(stocked: Otklik) -> None:
    city = stocked.folder / "ozersk.toml"
    run = stocked("search", city, "вода", "--limit", 3)
    assert run.code == 0
    assert run.out.splitlines()[-1] == f"{MANY} found, 3 shown."
    assert "19.03.2026 17:00  ingest  given:ingest/449" in run.out
    nothing = stocked("search", city, "самолёт")
    assert (nothing.code, nothing.out, nothing.err) == (0, "0 found, 0 shown.\n", "")
    apart = stocked("search", city, "вода, газ", "--since", "2026-03-01")
    assert apart.out == "0 found, 0 shown.\n"
    assert apart.err == f"No post has all of it. Each by itself: вода — {MANY}, газ — 1, since:2026-03-01 — {MANY}.\n"
    for verb in (["count", city, "вода яма"], ["export", city, "вода яма", stocked.folder / "none.csv"]):
        assert f"Each by itself: вода — {MANY}, яма — 1." in stocked(*verb).err
    russian = stocked("--locale", "ru", "search", city, "самолёт")
    assert russian.out == "Найдено 0, показано 0.\n"


def test_whoever_has_read_enough_ends_it_well(stocked: Otklik) -> None:
    program = Path(sys.executable).with_name("otklik")
    query = f"{program} --data {stocked.home} search {stocked.folder / 'ozersk.toml'} вода --limit"
    for asked in (f"{query} 400", f"{query} 400 --json", f"{query} 1 --json"):
        line = f"set -o pipefail; {asked} | head -c 1"
        run = subprocess.run(
            ["bash", "-c", line], env=os.environ | stocked.environment, capture_output=True, check=False
        )
        assert (run.returncode, len(run.stdout), run.stderr) == (0, 1, b"")


def test_one_line_for_machines(otklik: Otklik) -> None:
    city = otklik.city()
    line = {"id": "a", "text": "Яма на улице Мира, 7", "published_at": "2026-03-02T10:00:00", "url": "https://e.org/1"}
    otklik("ingest", city, input=json.dumps(line))
    (hit,) = otklik("search", city, "яма", "--json").lines
    (place,) = hit.pop("places")
    assert (place["quote"], place["name"], place["houses"]) == ("улице Мира, 7", "Мира", ["7"])
    assert hit == {
        "id": "given:ingest/a",
        "source": "ingest",
        "platform": "given",
        "kind": "appeal",
        "author": "",
        "role": "unknown",
        "url": "https://e.org/1",
        "published_at": "2026-03-02T07:00:00+00:00",
        "precision": "second",
        "title": "",
        "text": "Яма на улице Мира, 7",
        "topic": "Ямы и разбитый асфальт",
        "act": "complaint",
        "language": "",
        "copy_of": "",
        "story": "",
    }


def test_what_a_post_does_is_found_counted_and_explained(otklik: Otklik) -> None:
    city = otklik.city()
    texts = ["Второй день нет воды", "Спасибо, воду дали", "Когда будет вода?", "Продам бак для воды, 900 р", "Вода 🙂"]
    lines = [{"id": number, "text": text, "kind": "comment"} for number, text in enumerate(texts)]
    otklik("ingest", city, input="\n".join(json.dumps(line) for line in lines))
    acts = {line["text"]: line["act"] for line in otklik("search", city, "вода", "--json").lines}
    assert [acts[text] for text in texts] == ["complaint", "thanks", "question", "advert", "talk"]
    wanted = otklik("search", city, "вода act:complaint", "--json").lines
    assert [line["text"] for line in wanted] == texts[:1]
    assert otklik("count", city, "вода -act:advert -act:thanks", "--json").lines == [{"count": 3}]
    counted = otklik("count", city, "вода", "--by", "act", "--json").lines[1:]
    assert {line["value"]: line["count"] for line in counted} == dict.fromkeys(acts.values(), 1)
    assert otklik("lint", city, "вода act:thanks", "--json").lines[0]["remarks"] == []
    (remark,) = otklik("lint", city, "вода act:proposal", "--json").lines[0]["remarks"]
    assert remark["code"] == "never-occurs"
    explained = otklik("explain", city, "given:ingest/0", "--json").lines[0]
    assert (explained["act"], explained["act_rule"]) == ("complaint", "complaint")
    assert {"cue": "none-left", "words": "нет воды"} in explained["act_why"]
    shown = otklik("--locale", "ru", "explain", city, "given:ingest/0").out
    assert "Вид высказывания: жалоба, правило complaint" in shown
    assert "«нет воды» ← none-left" in shown


def test_what_stands_beside_the_words(otklik: Otklik) -> None:
    city = otklik.city()
    said = "Второй день нет воды на улице Мира, 7, в управляющей компании никто не берёт трубку, помогите"
    first = {"id": "a", "text": said, "author": "Тютелькин", "published_at": "2026-03-02T10:00:00"}
    second = {"id": "b", "text": f"{said}!", "author": "Другая", "media": ["https://e.org/1.jpg"]}
    third = {"id": "c", "text": "Спасибо, см. https://e.org", "author": "Тютелькин"}
    otklik("ingest", city, input="\n".join(json.dumps(one, ensure_ascii=False) for one in (first, second, third)))

    def found(query: str) -> set[str]:
        run = otklik("search", city, query, "--json")
        assert (run.code, run.err) == (0, "")
        return {line["id"].partition("/")[2] for line in run.lines}

    authors = {line["id"]: line["author"] for line in otklik("search", city, "", "--json").lines}
    assert found(f"author:{authors['given:ingest/a']}") == {"a", "c"}
    assert found("is:copy") == found("has:photo") == {"b"}
    assert found("has:link -is:copy") == {"c"}
    assert found("place:Мира author:unknown") == {"a", "b"}
    assert found("seen:-1h until:2026-03-02") == {"a"}
    assert found("place:Мира -topic:дороги -act:thanks -lang:ru") == {"a", "b"}
    run = otklik("count", city, "topic:дороги OR act:proposal OR lang:ru OR place:Тверь OR place:Мира")
    assert run.out == "Found: 2.\n"
    for clause in ("topic:Дороги", "act:proposal", "lang:ru", "place:Тверь"):
        assert f"no post of the archive has {clause}" in run.err
    assert len(run.err.splitlines()) == 4
    for query, told in (
        ("topic:Дорога", "Perhaps: topic:Дороги"),
        ("вода has:foto", "Perhaps: вода has:photo"),
        ("in:Центр", "in: the city has no polygon"),
    ):
        run = otklik("search", city, query)
        assert run.code == 1
        assert told in run.err


@pytest.mark.parametrize(
    ("query", "from_", "to"), [('вода AND (газ OR "яма', 17, 21), ("вода colour:red", 5, 15), ("NOT", 0, 3)]
)
def test_a_wrong_query_is_shown_with_its_place(otklik: Otklik, query: str, from_: int, to: int) -> None:
    run = otklik("search", otklik.city(), query)
    assert (run.code, run.out) == (1, "")
    shown, marks, *told = run.err.splitlines()
    assert shown == query
    assert (marks.index("^"), len(marks)) == (from_, to)
    assert told
    assert not otklik.home.exists()


def test_a_likely_correction_is_offered_whole(otklik: Otklik) -> None:
    run = otklik("search", otklik.city(), "вода since:вчера")
    assert "Perhaps: вода since:-1d" in run.err.splitlines()


def test_a_platform_that_there_is_not(otklik: Otklik) -> None:
    run = otklik("count", otklik.city(), "яма platform:ВКонтакте")
    assert (run.code, run.out) == (1, "")
    assert "Perhaps: яма platform:vk" in run.err.splitlines()


def test_a_wrong_day_is_said(otklik: Otklik) -> None:
    run = otklik("search", otklik.city(), "вода", "--since", "вчера")
    assert run.code == 1
    assert "Traceback" not in run.err
    assert "вчера" in run.err

"""Whatever comes in, nothing crashes: it is counted, and the rest goes on."""

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.shell import Otklik

TIKHOOZERSK = Path(__file__).parents[2] / "cities" / "tikhoozersk.toml"
GOOD = '{"id": "good", "text": "Нет воды на улице Мира, 7"}'.encode()
DEEP = b'{"id": 1, "text": "a", "author": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def _line(**values: object) -> bytes:
    return json.dumps(values).encode()


# Lines that are no posts.
BAD = {
    "a line of 20 MB": b'{"id": 1, "text": "' + b"x" * 20_000_000 + b'"}',
    "deep nesting": DEEP,
    "another charset": '{"id": 1, "text": "Нет воды"}'.encode("cp1251"),
    "UTF-16": '{"id": 1, "text": "Нет воды"}'.encode("utf-16"),
    "cut in a character": '{"id": 1, "text": "Нет воды"}'.encode()[:-4],
    "no JSON": b"<html>",
    "another kind of JSON": b'[{"id": 1, "text": "a"}]',
    "a number for a text": _line(id=1, text=5),
    "NUL": b"\x00",
    "a huge number": b'{"id": ' + b"9" * 5000 + b', "text": "a"}',
    "not a number": b'{"id": NaN, "text": "a"}',
}
# Odd, but posts.
ODD = {
    "half a pair in the text": _line(id="1", text="Нет \ud83d воды"),
    "half a pair in the id": _line(id="\ud83d", text="Нет воды"),
    "NUL inside": _line(id="a\x00b", text="Нет\x00 воды"),
    "a word of a megabyte": _line(id="1", text="ы" * 1_000_000),
    "a megabyte of digits": _line(id="1", text="Мира " + "7" * 1_000_000),
    "nothing but streets": _line(id="1", text="улица " * 15_000),
    "a megabyte of signs": _line(id="1", text="«" * 500_000),
    "combining marks": _line(id="1", text="е" + "\u0301" * 50_000),
    "the same key twice": b'{"id": "1", "id": "2", "text": "a"}',
    "a long id": _line(id="x" * 100_000, text="Нет воды"),
    "an id with a line break": _line(id="a\nb\r\u2028c", text="Нет воды"),
}


@pytest.mark.parametrize("verb", ["ingest", "match", "places"])
def test_wrong_lines_are_counted_and_the_rest_goes_on(otklik: Otklik, verb: str) -> None:
    city = [] if verb == "places" else [otklik.city()]
    run = otklik(verb, *city, "-", input=b"\n".join([*BAD.values(), GOOD]))
    assert run.code == 1
    assert "Traceback" not in run.err
    assert [line.partition(":")[0].partition(",")[0] for line in run.err.splitlines()] == [
        f"line {number}" for number in range(1, len(BAD) + 1)
    ]
    if verb == "ingest":
        assert otklik.rows("SELECT id FROM posts") == [("given:ingest/good",)]
    else:
        assert [line["id"] for line in run.lines] == ["good"]


@pytest.mark.parametrize("verb", ["ingest", "match", "places"])
def test_odd_lines_are_answered_and_the_rest_goes_on(otklik: Otklik, verb: str) -> None:
    city = [] if verb == "places" else [otklik.city()]
    run = otklik(verb, *city, "-", *(["--json"] if verb == "ingest" else []), input=b"\n".join([*ODD.values(), GOOD]))
    assert "Traceback" not in run.err
    if verb == "ingest":
        answer = run.lines[0]
        assert (answer["lines"], answer["bad"]) == (len(ODD) + 1, 0)
        assert sum(answer["outcomes"].values()) == len(ODD) + 1
        assert answer["reasons"].get("error", 0) == 0
        assert ("given:ingest/good",) in otklik.rows("SELECT id FROM posts")
        found = otklik("search", city[0], "", "--limit", 100, "--json")
        assert (found.code, len(found.lines)) == (0, otklik.number("SELECT count(*) FROM posts"))
    else:
        assert run.code == 0
        assert [line["id"] for line in run.lines] == [
            *(json.loads(line)["id"] for line in ODD.values()),
            "good",
        ]


def _noise(chance: random.Random) -> bytes:
    return chance.randbytes(chance.randint(0, 2000))


def _damaged(chance: random.Random) -> bytes:
    """Good lines with bytes changed, cut out and doubled."""
    text = bytearray(GOOD + b"\n" + _line(id=2, text="Яма на дороге", media=["a"], published_at="2026-03-01"))
    for _ in range(chance.randint(1, 8)):
        at = chance.randrange(len(text))
        cut = slice(at, at + chance.randint(0, 3))
        text[cut] = chance.choice([b"", bytes([chance.randrange(256)]), bytes(text[cut]) * 3])
    return bytes(text)


@pytest.mark.parametrize("make", [_noise, _damaged])
@pytest.mark.parametrize("times", [150, pytest.param(20_000, marks=pytest.mark.faults)])
def test_random_bytes(otklik: Otklik, make: Callable[[random.Random], bytes], times: int) -> None:
    chance = random.Random(times)
    city = otklik.city()
    noise = b"\n".join(make(chance) for _ in range(times)) + b"\n" + GOOD + b"\n"
    for verb in (["ingest", city], ["match", city], ["places"]):
        run = otklik(*verb, input=noise)
        assert "Traceback" not in run.err
        assert run.code == 1
        if verb != ["ingest", city]:
            assert run.lines[-1]["id"] == "good"
    assert otklik.rows("SELECT 1 FROM posts WHERE id = 'given:ingest/good'")


@pytest.mark.parametrize("times", [12, pytest.param(400, marks=pytest.mark.faults)])
def test_a_broken_city_file_is_explained(otklik: Otklik, times: int) -> None:
    whole = TIKHOOZERSK.read_bytes().replace(b'"tikhoozersk-', f'"{TIKHOOZERSK.parent}/tikhoozersk-'.encode())
    chance = random.Random(times)
    path = otklik.folder / "broken.toml"
    codes = []
    for _ in range(times):
        start, end = sorted(chance.randrange(len(whole)) for _ in range(2))
        path.write_bytes(chance.choice([whole[:start], whole[start:], whole[:start] + whole[end:], whole[start:end]]))
        run = otklik("check", path)
        codes.append(run.code)
        assert "Traceback" not in run.err + run.out
        assert run.out if run.code == 0 else str(path) in run.err
    assert set(codes) <= {0, 1}
    assert codes.count(1) > times // 2

"""The starter searches find what residents write and leave alone what only sounds like it."""

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawler.checking import check_city
from crawler.environment import CHECKOUT
from crawler.model.city import Severity
from crawler.model.items import Kind, Post, Reading
from search.document import Document, document_of
from search.query import parse_query
from search.reference import Compiled, Context, compile_query

NOW = datetime(2027, 1, 15, 12, tzinfo=UTC)
CONTEXT = Context(NOW, ZoneInfo("Asia/Sakhalin"))
STARTER = tomllib.loads((CHECKOUT / "cities" / "starter.toml").read_text(encoding="utf-8"))
EXAMPLES = tomllib.loads((Path(__file__).parent / "starter_examples.toml").read_text(encoding="utf-8"))
KEYS = [search["key"] for search in STARTER["search"]]


@pytest.fixture(scope="module")
def searches() -> dict[str, Compiled]:
    return {search["key"]: compile_query(parse_query(search["query"])) for search in STARTER["search"]}


def document(text: str) -> Document:
    return document_of(
        Post(id="given:test/1", source="test", platform="given", kind=Kind.APPEAL, text=text, seen_at=NOW), Reading()
    )


def test_every_search_has_its_examples() -> None:
    assert sorted(EXAMPLES) == sorted(KEYS)
    assert len(KEYS) >= 20
    for key, texts in EXAMPLES.items():
        assert len(set(texts["positive"])) >= 5, key
        assert len(set(texts["negative"])) >= 3, key


@pytest.mark.parametrize("key", KEYS)
def test_examples(searches: dict[str, Compiled], key: str) -> None:
    search, texts = searches[key], EXAMPLES[key]
    missed = [text for text in texts["positive"] if not search.match(document(text), CONTEXT)]
    false = [text for text in texts["negative"] if search.match(document(text), CONTEXT)]
    assert (missed, false) == ([], [])


@pytest.mark.parametrize(
    "text",
    [
        "С днём города! Концерт начнётся в восемь, вход свободный.",
        "Спасибо всем, кто помог донести сумки, мир не без добрых людей.",
        "Продам коляску в хорошем состоянии, недорого.",
        "Наши хоккеисты выиграли со счётом три — два.",
        "Кто знает, до скольки сегодня работает почта?",
        "Завтра облачно, ветер слабый, днём около пяти градусов.",
        "Библиотека приглашает на встречу с писателем.",
    ],
)
def test_ordinary_talk_raises_nothing(searches: dict[str, Compiled], text: str) -> None:
    assert [key for key, search in searches.items() if search.match(document(text), CONTEXT)] == []


def test_the_shipped_cities_are_without_errors_and_warnings() -> None:
    for path in (CHECKOUT / "cities").glob("*.toml"):
        if path.stem not in {"starter", "rubric"}:
            assert [str(problem) for problem in check_city(path).problems] == [], path


def test_danger_is_marked_and_personal_matters_are_never_grouped() -> None:
    severity = {search["key"]: search.get("severity") for search in STARTER["search"]}
    assert {key for key, value in severity.items() if value == Severity.DANGER} == {
        "gas-smell",
        "bare-wires",
        "open-manhole",
    }
    personal = {search["key"] for search in STARTER["search"] if search.get("personal")}
    assert {"doctors", "benefits"} <= personal
    assert not personal & {search["key"] for search in STARTER["search"] if search.get("area_wide")}


@pytest.mark.real
def test_terse_appeals_of_residents_are_found(searches: dict[str, Compiled], real_data: Path) -> None:
    """Floors well under what was measured: they catch a query that stopped finding, and fit no quirk of the set."""
    import gzip
    import json

    expected = {"snow-ice": ("снег", 0.6), "lifts": ("Неисправный лифт", 0.6), "sewage": ("Засор канализации", 0.5)}
    expected |= {"open-manhole": ("Открыт колодец", 0.6), "street-lights": ("Неисправно освещение, опора", 0.45)}
    found: dict[str, list[bool]] = {key: [] for key in expected}
    with gzip.open(real_data / "appeals_spb" / "appeals.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            appeal = json.loads(line)
            for key, (reason, _) in expected.items():
                if reason in (appeal["reason"] or "") and appeal["messages"] and len(found[key]) < 150:
                    read = document(appeal["messages"][0]["text"])
                    found[key].append(searches[key].match(read, CONTEXT) is not None)
    shares = {key: sum(hits) / len(hits) for key, hits in found.items()}
    assert {key: share for key, share in shares.items() if share < expected[key][1]} == {}

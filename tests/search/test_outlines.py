"""What is kept of saved searches changes nothing but the time: with it and without, a start matches as the oracle."""

import logging
import os
import stat
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.model.city import SavedSearch
from search.indexed_monitor import IndexedMonitor
from search.monitor import Found, LoopMonitor
from search.names import Names
from search.outlines import register_kept
from search.query import show
from search.saved import register_all
from tests.search.engines.worlds import CONTEXT, corpus, queries
from tests.search.town import PITS, WATER

POSTS = corpus(seed=20260304, size=30)
BROKEN = SavedSearch("user:broken", "", "(вода", "вода")


def started(
    searches: Sequence[SavedSearch], file: Path, names: Names = CONTEXT.names
) -> tuple[IndexedMonitor, list[str]]:
    """The monitor of a start, and the searches that it could not read."""
    monitor = IndexedMonitor(CONTEXT.zone, names, first_look=20)
    return monitor, [one.search.id for one in register_kept(monitor, searches, names, file)]


def said(monitor: IndexedMonitor | LoopMonitor) -> Sequence[Sequence[Found]]:
    return monitor.match_many(POSTS, CONTEXT.now)


def meant(searches: Sequence[SavedSearch]) -> tuple[Sequence[Sequence[Found]], list[str]]:
    """What the oracle says, and the searches that it could not read."""
    oracle = LoopMonitor(CONTEXT.zone, CONTEXT.names)
    broken = [one.search.id for one in register_all(oracle, searches, CONTEXT.names)]
    return said(oracle), broken


@given(st.lists(queries.map(show), min_size=1, max_size=12, unique=True))
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
def test_every_start_matches_as_the_oracle_does(texts: list[str]) -> None:
    searches = [SavedSearch(f"user:{number:03}", "", text, "дороги") for number, text in enumerate(texts)]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "kept.json"
        for some in (searches[1:], searches, searches, searches[:-1]):
            monitor, broken = started(some, file)
            assert (said(monitor), broken) == meant(some)


def test_a_broken_search_is_told_at_every_start_and_stops_nothing(tmp_path: Path) -> None:
    for _ in range(2):
        monitor, broken = started([BROKEN, PITS, WATER], tmp_path / "kept.json")
        assert broken == ["user:broken"]
        assert (said(monitor), broken) == meant([BROKEN, PITS, WATER])


@pytest.mark.parametrize("spoil", [(0, -2, b""), (0, 0, b""), (0, None, b"\xff"), (40, None, b"")])
def test_a_file_that_is_not_whole_is_made_again(tmp_path: Path, spoil: tuple[int, int | None, bytes]) -> None:
    start, end, before = spoil
    file = tmp_path / "kept.json"
    started([PITS, WATER], file)
    whole = file.read_bytes()
    file.write_bytes(before + whole[start:end])
    assert said(started([PITS, WATER], file)[0]) == meant([PITS, WATER])[0]
    assert file.read_bytes() == whole


def test_what_other_code_or_another_dictionary_made_is_not_believed(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    started([PITS, WATER], file)
    made_by, _, content = file.read_bytes().partition(b"\n")
    file.write_bytes(b"0" * 32 + made_by[32:] + b"\n" + content)
    started([PITS, WATER], file)
    assert file.read_bytes() == made_by + b"\n" + content


def test_a_topic_that_the_city_has_no_more_is_told_although_the_query_is_kept(tmp_path: Path) -> None:
    topical = SavedSearch("user:topical", "", "topic:Вода", "вода")
    file = tmp_path / "kept.json"
    assert started([topical, WATER], file)[1] == []
    assert started([topical, WATER], file, Names({"Дороги": ()}))[1] == ["user:topical"]
    assert started([topical, WATER], file)[1] == []


def test_the_file_knows_the_searches_of_the_last_start_alone(tmp_path: Path) -> None:
    file = tmp_path / "kept.json"
    started([PITS, WATER, BROKEN], file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "вода" in file.read_text()
    started([PITS], file)
    assert "вода" not in file.read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["kept.json"]


def test_what_a_killed_start_left_half_written_is_swept(tmp_path: Path) -> None:
    file, old, young = tmp_path / "kept.json", tmp_path / "kept.json.0ld", tmp_path / "kept.json.y0ung"
    for half in (old, young):
        half.write_text("half")
    os.utime(old, (0, 0))
    started([PITS], file)
    assert {path.name for path in tmp_path.iterdir()} == {"kept.json", young.name}


def test_a_file_that_cannot_be_written_is_told_and_costs_time_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        monitor, _ = started([WATER], tmp_path / "no such folder" / "kept.json")
    assert "cannot be written" in caplog.text
    assert said(monitor) == meant([WATER])[0]

"""Which texts may be near a new one: from memory and files alike, after restarts, and whatever was taken back."""

import random
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa

from search.sketches import BANDS, are_far, sketches
from search.state import band_files
from search.state.bands import MOST, BandIndex
from search.state.database import Database
from search.state.tables import copy_indexes, copy_texts

TOWN = "town"
LATEST = 40
_WORDS = [f"{first}{second}рокот" for first in "бвгджзклмн" for second in "аеиоу"]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database.open(tmp_path / "otklik.sqlite")
    yield opened
    opened.close()


def _texts(count: int, seed: int = 0) -> dict[str, str]:
    """Texts by key, every third one that goes on where an earlier one ends."""
    chance = random.Random(seed)
    made: list[str] = []
    for number in range(count):
        words = made[chance.randrange(number)] if number % 3 == 2 else " ".join(chance.choices(_WORDS, k=12))
        made.append(f"{words} и {seed} {number}")
    return {f"{seed}-{number}": text for number, text in enumerate(made)}


def _nobody(_connection: sa.Connection, _city: str, _keys: Collection[str]) -> Mapping[str, str]:
    return {}


def _write(connection: sa.Connection, texts: Mapping[str, str], city: str = TOWN) -> None:
    rows = zip(texts, sketches(list(texts.values())), strict=True)
    connection.execute(
        sa.insert(copy_texts), [{"city": city, "copy_key": key, "bands": row.tobytes()} for key, row in rows]
    )


def _grow(database: Database, index: BandIndex, texts: Mapping[str, str], at_once: int = 7) -> None:
    items = list(texts.items())
    for start in range(0, len(items), at_once):
        with database.begin() as connection:
            index.catch_up(connection, _nobody)
            _write(connection, dict(items[start : start + at_once]))


class _TakenBackError(Exception):
    pass


def _lose(database: Database, index: BandIndex, texts: Mapping[str, str]) -> None:
    """A transaction that reads what it wrote itself, more than memory is to hold, and is taken back."""
    with database.begin() as connection:
        _write(connection, texts)
        index.catch_up(connection, _nobody)
        raise _TakenBackError


def _found(database: Database, index: BandIndex, asked: Mapping[str, str]) -> list[set[str]]:
    """Of each text the keys of the kept ones that it may be near."""
    with database.begin() as connection:
        index.catch_up(connection, _nobody)
        keys = dict(connection.execute(sa.select(copy_texts.c.id, copy_texts.c.copy_key)).all())
    like = index.like(sketches(list(asked.values())))
    return [{keys[number] for number in numbers if number in keys} for numbers in like]


def _expected(kept: Mapping[str, str], asked: Mapping[str, str]) -> list[set[str]]:
    """Every text compared with every other."""
    keys, known = list(kept), sketches(list(kept.values()))
    found = []
    for row in sketches(list(asked.values())):
        alike = (known[:, :BANDS] == row[:BANDS]).any(axis=1)
        far = are_far(known[:, BANDS:], row[None, BANDS:].repeat(len(known), axis=0))
        found.append({keys[at] for at in (alike & ~far).nonzero()[0]})
    return found


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("copies-*.bands"))


@pytest.mark.parametrize("latest", [10_000, LATEST, 7])
def test_texts_are_found_in_memory_and_in_files(database: Database, tmp_path: Path, latest: int) -> None:
    index = BandIndex(tmp_path, TOWN, latest)
    kept = _texts(150)
    _grow(database, index, kept)
    _grow(database, BandIndex(tmp_path, "elsewhere"), {})
    asked = {f"+{key}": f"{text} опять" for key, text in list(kept.items())[::4]}
    assert _found(database, index, asked) == _expected(kept, asked)
    assert bool(_files(tmp_path)) == (latest < len(kept))
    # Another process begins with the file and what the state has after it.
    assert _found(database, BandIndex(tmp_path, TOWN, latest), asked) == _expected(kept, asked)


def test_texts_of_one_batch_are_found_by_one_another(tmp_path: Path) -> None:
    index = BandIndex(tmp_path, TOWN)
    asked = {"a": " ".join(_WORDS[:12]), "b": " ".join(_WORDS[20:32]), "c": " ".join(_WORDS[:13])}
    assert index.like(sketches(list(asked.values()))) == [[3], [], [1]]


def test_a_batch_that_is_taken_back_is_forgotten_in_file_and_memory(database: Database, tmp_path: Path) -> None:
    index = BandIndex(tmp_path, TOWN, LATEST)
    kept, lost, later = _texts(30, 1), _texts(30, 2), _texts(9, 3)
    _grow(database, index, kept)
    with pytest.raises(_TakenBackError):
        _lose(database, index, lost)
    assert _files(tmp_path)
    # The numbers of what was lost are those of other texts now.
    _grow(database, index, later)
    asked = {f"+{key}": f"{text} опять" for key, text in {**kept, **lost, **later}.items()}
    assert _found(database, index, asked) == _expected({**kept, **later}, asked)


def test_one_process_reads_on_what_another_wrote_and_put_away(database: Database, tmp_path: Path) -> None:
    one, other = BandIndex(tmp_path, TOWN, LATEST), BandIndex(tmp_path, TOWN, LATEST)
    kept: dict[str, str] = {}
    for seed in range(8):
        more = _texts(12, seed)
        _grow(database, (one, other)[seed % 2], more)
        kept |= more
        asked = {f"+{key}": f"{text} опять" for key, text in more.items()}
        for index in (one, other):
            assert _found(database, index, asked) == _expected(kept, asked)
    assert len(_files(tmp_path)) <= 2


def test_a_file_that_is_gone_or_not_whole_is_made_again(database: Database, tmp_path: Path) -> None:
    kept = _texts(90)
    index = BandIndex(tmp_path, TOWN, LATEST)
    _grow(database, index, kept)
    asked = {f"+{key}": f"{text} опять" for key, text in kept.items()}
    for left in (0, -9):
        for path in _files(tmp_path):
            path.write_bytes(path.read_bytes()[:left])
        assert _found(database, BandIndex(tmp_path, TOWN, LATEST), asked) == _expected(kept, asked)
        assert _files(tmp_path)
    database.scrub()
    assert not _files(tmp_path)
    assert _found(database, index, asked) == _expected(kept, asked)


def test_sketches_of_an_earlier_make_are_made_anew(database: Database, tmp_path: Path) -> None:
    kept = _texts(60)
    _grow(database, BandIndex(tmp_path, TOWN, 1000), kept)
    with database.begin() as connection:
        connection.execute(sa.update(copy_texts).values(bands=b""))

    def texts(_connection: sa.Connection, _city: str, keys: Collection[str]) -> Mapping[str, str]:
        return {key: kept[key] for key in keys if key != "0-7"}

    with database.begin() as connection:
        BandIndex(tmp_path, TOWN, LATEST).catch_up(connection, texts)
    asked = {f"+{key}": f"{text} опять" for key, text in kept.items()}
    del kept["0-7"]
    assert _found(database, BandIndex(tmp_path, TOWN, LATEST), asked) == _expected(kept, asked)


def test_an_upgrade_goes_on_where_it_was_killed(database: Database, tmp_path: Path) -> None:
    kept = _texts(60)
    _grow(database, BandIndex(tmp_path, TOWN, 1000), kept)
    with database.begin() as connection:
        connection.execute(sa.update(copy_texts).values(bands=b""))
    asked_for: list[str] = []

    def texts(_connection: sa.Connection, _city: str, keys: Collection[str]) -> Mapping[str, str]:
        asked_for.extend(keys)
        return {key: kept[key] for key in keys}

    parts = 0
    # Each part in a transaction of its own, by a process of its own that is killed after two.
    done = False
    while not done:
        index = BandIndex(tmp_path, TOWN, LATEST, at_once=7)
        for _ in range(2):
            with database.begin() as connection:
                done = index.advance(connection, texts)
            parts += 1
    assert parts > 8
    assert sorted(asked_for) == sorted(kept)
    assert not index.is_far_behind
    asked = {f"+{key}": f"{text} опять" for key, text in kept.items()}
    assert _found(database, index, asked) == _expected(kept, asked)
    database.scrub()
    assert index.is_far_behind


def test_a_text_that_was_copied_a_thousand_times_is_found_still(tmp_path: Path) -> None:
    text = " ".join(_WORDS[:14])
    index = BandIndex(tmp_path, TOWN)
    index.add(range(1, 1001), sketches([f"{text} {word}" for word in _WORDS * 20]))
    (found,) = index.like(sketches([f"{text} подробности позже"]))
    assert len(found) == MOST


def test_files_of_a_city_are_not_those_of_one_whose_key_begins_alike(tmp_path: Path) -> None:
    for city in ("town", "town-new"):
        band_files.path_of(tmp_path, city, "a1").touch()
    band_files.remove(tmp_path, "town")
    assert [path.name for path in _files(tmp_path)] == ["copies-town-new-a1.bands"]
    band_files.remove(tmp_path)
    assert not _files(tmp_path)


def test_the_state_says_which_file_holds(database: Database, tmp_path: Path) -> None:
    _grow(database, BandIndex(tmp_path, TOWN, 7), _texts(30))
    with database.read() as connection:
        (row,) = connection.execute(sa.select(copy_indexes)).all()
    assert row.city == TOWN
    path = band_files.path_of(tmp_path, TOWN, row.name)
    assert path.stat().st_mode & 0o777 == 0o600
    opened = band_files.BandFile.open(path)
    assert opened
    assert len(opened) == opened.last == 28

"""A backup is whole and holds no key; a restored copy is the same, delivers nothing twice and keeps erasures."""

import hashlib
import json
import os
import sqlite3
import stat
import zipfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from demo.servers.webhook import TicketServer
from search.state import snapshot
from search.state.database import newest
from tests.crawling import Page, pages
from tests.grepping import found_in
from tests.pictures import picture
from tests.shell import Otklik, Run, posts, source, webhook

TEXTS = [f"Запах газа на улице Ленина, {house}" for house in range(1, 9)]
SECRET = "Квазидворняжка Шмумбриковна сообщает: запах газа на Мира, 7"
WORDS = "Квазидворняжка Шмумбриковна"


@pytest.fixture
def folder(otklik: Otklik) -> Path:
    """Where backups go."""
    return otklik.folder / "backups"


def backed_up(otklik: Otklik, to: Path, *more: object) -> Path:
    run = otklik("backup", "--to", to, "--json", *more)
    assert run.code == 0, run.err
    return Path(run.lines[0]["path"])


def restored(otklik: Otklik, path: Path, *more: object) -> Otklik:
    """The installation that a backup makes in a new folder, with the keys of the old one."""
    new = otklik.folder / "new"
    run = otklik("restore", path, "--data", new, *more)
    assert run.code == 0, run.err
    return Elsewhere(otklik.folder, {**otklik.environment, "OTKLIK_HOME": str(new)}, _numbers=otklik._numbers)


class Elsewhere(Otklik):
    """An installation whose state lies where its environment says."""

    @property
    def home(self) -> Path:
        return Path(self.environment["OTKLIK_HOME"])


def test_the_whole_of_it_comes_back(otklik: Otklik, folder: Path) -> None:
    city = otklik.city()
    otklik("ingest", city, input=posts(*TEXTS, author="Кто-то"))
    path = backed_up(otklik, folder)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in folder.iterdir() if one.suffix == ".zip"] == [path.name]
    keys = (otklik.folder / "config" / "otklik" / "keys.toml").read_text().split('"')[1::2]
    with zipfile.ZipFile(path) as bundle:
        assert {"otklik.sqlite", "manifest.json"} == set(bundle.namelist())
        assert not any(key.encode() in bundle.read(name) for key in keys for name in bundle.namelist())

    new = restored(otklik, path)
    assert stat.S_IMODE(new.home.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in new.home.iterdir()} == {0o600}
    for table in ("posts", "post_versions", "payloads", "reports", "incidents", "authors", "deliveries"):
        assert new.number(f"SELECT count(*) FROM {table}") == otklik.number(f"SELECT count(*) FROM {table}"), table
    assert len(new("search", city, "газ", "--json").lines) == len(TEXTS)
    assert new("ingest", city, "--json", input=posts(*TEXTS)).lines[0]["outcomes"] == {"unchanged": len(TEXTS)}


def test_a_restored_copy_delivers_nothing_until_it_is_released(otklik: Otklik, folder: Path) -> None:
    otklik.environment["OTKLIK_TEST_DESK"] = "s"
    with TicketServer("s") as desk:
        city = otklik.city(routes=webhook(desk.url))
        otklik("ingest", city, input=posts(*TEXTS[:3]))
        desk.failures += ["500"] * 3
        otklik("ingest", city, "--drain", 1, input=posts(*TEXTS[3:6], first=10))
        assert len(desk.tickets) == 3
        path = backed_up(otklik, folder)
        desk.failures.clear()
        calls = desk.calls.total()
        new = restored(otklik, path)
        run = new("ingest", city, "--json", input=posts(*TEXTS[6:], first=20))
        assert run.lines[0]["to_deliver"] == 5
        new("deliveries", city, "retry")
        assert desk.calls.total() == calls
        held = {line["where"]: line for line in new("doctor", city, "--json").lines}
        assert "held" in held["ozersk"]["what"]
        assert new("deliveries", city, "release", "--json").code == 0
        new.change("UPDATE deliveries SET next_at = 0 WHERE state != 'sent'")
        new("ingest", city)
        assert [one.made for one in desk.tickets.values()] == [1] * 8


def test_what_was_erased_after_the_backup_stays_erased(otklik: Otklik, folder: Path) -> None:
    city = otklik.city()
    secret = json.dumps({"id": "secret", "text": SECRET, "author": "Иннокентий"}, ensure_ascii=False)
    otklik("ingest", city, input=posts(*TEXTS) + secret)
    older = backed_up(otklik, folder)
    (told,) = otklik("erase", city, "given:Иннокентий", "--yes", "--json").lines
    assert told["backups"] == [str(older)]
    new = restored(otklik, older)
    assert found_in(new.home, WORDS) == []
    assert new.number("SELECT count(*) FROM posts") == len(TEXTS)
    assert new("ingest", city, "--json", input=secret).lines[0]["outcomes"] == {"rejected": 1}

    newer = otklik.folder / "elsewhere" / "newer.zip"
    backed_up(otklik, newer)
    with zipfile.ZipFile(newer) as bundle:
        bundle.extractall(otklik.folder / "unpacked")
    assert found_in(otklik.folder / "unpacked", WORDS) == []
    assert found_in(newer.parent, WORDS) == []


def test_photos_come_back_but_those_of_what_was_erased(otklik: Otklik, folder: Path) -> None:
    with pages({"/1.jpg": Page(picture()), "/2.jpg": Page(picture(colour="blue"))}) as site:
        city = otklik.city(sources=source("desk", "given", "desk", allow_private=f'["{site.url[7:]}"]'))
        for number in (1, 2):
            lines = posts(TEXTS[0], source="desk", media=[f"{site.url}/{number}.jpg"], first=number)
            assert otklik("ingest", city, input=lines).code == 0
    older = backed_up(otklik, folder)
    assert len(kept_photos(otklik)) == 2
    assert otklik("erase", city, "given:desk/1", "--yes").code == 0
    (left,) = kept_photos(otklik)
    with zipfile.ZipFile(backed_up(otklik, otklik.folder / "newer.zip")) as bundle:
        assert [name for name in bundle.namelist() if name.startswith("media/")] == [left]
    new = restored(otklik, older)
    assert kept_photos(new) == [left]
    assert new.rows("SELECT post, state FROM images") == [("given:desk/2", "kept")]


def kept_photos(otklik: Otklik) -> list[str]:
    found = [path for path in (otklik.home / "media").rglob("*") if path.is_file()]
    return [path.relative_to(otklik.home).as_posix() for path in found]


def test_an_index_of_an_older_form_brings_back_nothing_that_was_erased(otklik: Otklik, folder: Path) -> None:
    city = otklik.city()
    secret = json.dumps({"id": "secret", "text": SECRET}, ensure_ascii=False)
    otklik("ingest", city, input=posts(*TEXTS) + secret)
    otklik.change("UPDATE embedded_indexes SET digest = 'older'")
    older = backed_up(otklik, folder)
    otklik("reindex", city)
    assert otklik("erase", city, "given:ingest/secret", "--yes").code == 0
    new = restored(otklik, older)
    assert found_in(new.home, WORDS) == []
    assert len(new("search", city, "газ", "--json").lines) == len(TEXTS)


def test_what_cannot_be_read_beside_a_backup_is_said_or_passed_over(otklik: Otklik, folder: Path) -> None:
    otklik("ingest", otklik.city(), input=posts(*TEXTS[:2]))
    (folder / "other.zip").mkdir(parents=True)
    path = backed_up(otklik, folder, "--keep", 1)
    new = otklik.folder / "new"
    none = otklik("restore", path, "--data", new, "--erased", folder / "none.jsonl")
    assert (none.code, "the file of erasures cannot be read" in none.err) == (1, True)
    assert "Traceback" not in none.err
    assert not new.exists()
    assert otklik("restore", folder, "--data", new).code == 0


def test_two_backups_of_one_second_lie_side_by_side(otklik: Otklik, folder: Path) -> None:
    otklik("ingest", otklik.city(), input=posts(*TEXTS[:2]))
    paths = [backed_up(otklik, folder) for _ in range(4)]
    assert sorted(folder.glob("*.zip")) == sorted(paths)
    assert len(set(paths)) == 4


def test_old_ones_are_rotated_and_nothing_is_overwritten(otklik: Otklik, folder: Path) -> None:
    otklik("ingest", otklik.city(), input=posts(*TEXTS))
    named = backed_up(otklik, folder / "mine.zip")
    again = otklik("backup", "--to", named)
    assert (again.code, "overwrites nothing" in again.err) == (1, True)
    paths = []
    for number in range(4):
        path = backed_up(otklik, folder, "--keep", 2)
        # As if a day lay between them.
        paths.append(path.rename(path.with_name(f"otklik-2026010{number}-000000.zip")))
    left = sorted(one.name for one in folder.glob("*.zip"))
    assert named.name in left
    assert len(left) == 3
    inside = otklik("backup", "--to", otklik.home / "copies")
    assert (inside.code, "lies inside the installation" in inside.err) == (1, True)


def test_a_folder_in_use_is_not_touched(otklik: Otklik, folder: Path) -> None:
    city = otklik.city()
    otklik("ingest", city, input=posts(*TEXTS[:2]))
    path = backed_up(otklik, folder)
    otklik("ingest", city, input=posts(*TEXTS[2:], first=10))
    refused = otklik("restore", path)
    assert (refused.code, "is not empty" in refused.err) == (1, True)
    assert otklik.number("SELECT count(*) FROM posts") == len(TEXTS)
    run = otklik("restore", folder, "--replace", "--json")
    assert run.code == 0, run.err
    assert otklik.number("SELECT count(*) FROM posts") == 2
    assert (Path(run.lines[0]["former"]) / "otklik.sqlite").is_file()


def test_other_keys_are_refused(otklik: Otklik, folder: Path) -> None:
    otklik("ingest", otklik.city(), input=posts(*TEXTS[:2]))
    path = backed_up(otklik, folder)
    otklik.environment["XDG_CONFIG_HOME"] = str(otklik.folder / "other")
    none = otklik("restore", path, "--data", otklik.folder / "new")
    assert (none.code, "There are no keys here" in none.err) == (1, True)
    otklik("--data", otklik.folder / "third", "ingest", otklik.city(), input=posts("Яма"))
    other = otklik("restore", path, "--data", otklik.folder / "new")
    assert (other.code, "another installation" in other.err) == (1, True)
    assert not (otklik.folder / "new").exists()


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 100)


def _flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def _foreign(path: Path) -> None:
    path.unlink()
    with zipfile.ZipFile(path, "w") as bundle:
        bundle.writestr("otklik.sqlite", b"SQLite format 3\0")


def _no_zip(path: Path) -> None:
    path.write_bytes(b"GIF89a" * 1000)


def _repacked(path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with zipfile.ZipFile(path) as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
    change(files)
    path.unlink()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, content in files.items():
            bundle.writestr(name, content)


def _path_tricks(name: str) -> Callable[[Path], None]:
    def tricked(path: Path) -> None:
        def change(files: dict[str, bytes]) -> None:
            manifest = json.loads(files["manifest.json"])
            manifest["files"][name] = [4, "88d4266fd4e6338d13b845fcf289579d209c897823b9217da3e161936f031589"]
            files["manifest.json"] = json.dumps(manifest).encode()
            files[name] = b"abcd"

        _repacked(path, change)

    return tricked


def _bomb(path: Path) -> None:
    _repacked(path, lambda files: files.update({"otklik.sqlite": files["otklik.sqlite"] + b"\0" * 50_000_000}))


def _nested(path: Path) -> None:
    _repacked(path, lambda files: files.update({"manifest.json": b"[" * 200_000}))


def _not_numbers(path: Path) -> None:
    def change(files: dict[str, bytes]) -> None:
        files["manifest.json"] = files["manifest.json"].replace(b'"erasures": 0', b'"erasures": "many"')

    _repacked(path, change)


TRICKS = [
    "../evil",
    "/tmp/evil",
    "media/../../evil",
    "media\\..\\evil",
    "otklik.sqlite-wal",
    "keys.toml",
    "media/x/",
    ".",
]
DAMAGES = {
    "cut": _cut,
    "flipped": _flip,
    "foreign": _foreign,
    "no zip": _no_zip,
    "bomb": _bomb,
    "nested": _nested,
    "words for numbers": _not_numbers,
    **{f"name {name!r}": _path_tricks(name) for name in TRICKS},
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Otklik, bytes]:
    """An installation and a backup of it."""
    otklik = Otklik(tmp_path_factory.mktemp("sound"))
    otklik("ingest", otklik.city(), input=posts(*TEXTS))
    return otklik, backed_up(otklik, otklik.folder / "backups").read_bytes()


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_no_whole_backup_is_refused(sound: tuple[Otklik, bytes], tmp_path: Path, damage: str) -> None:
    otklik, content = sound
    path = tmp_path / "copy.zip"
    path.write_bytes(content)
    DAMAGES[damage](path)
    run: Run = otklik("restore", path, "--data", tmp_path / "new" / "home")
    assert run.code == 1, run.out
    assert "no whole backup of Otklik" in run.err
    assert "Traceback" not in run.err
    assert {one.name for one in tmp_path.rglob("*")} <= {"copy.zip", "new", ".home.restore.lock"}
    assert not list(tmp_path.rglob("evil*"))


def _with_state(path: Path, statements: str) -> None:
    """The same backup with another state in it, its digest and size told truly."""

    def change(files: dict[str, bytes]) -> None:
        state = path.with_suffix(".sqlite")
        state.write_bytes(files["otklik.sqlite"])
        with closing(sqlite3.connect(state)) as raw:
            raw.executescript(statements)
        files["otklik.sqlite"] = state.read_bytes()
        state.unlink()
        manifest = json.loads(files["manifest.json"])
        told = [len(files["otklik.sqlite"]), hashlib.sha256(files["otklik.sqlite"]).hexdigest()]
        manifest["files"]["otklik.sqlite"] = told
        files["manifest.json"] = json.dumps(manifest).encode()

    _repacked(path, change)


STATES = {
    "PRAGMA journal_mode=DELETE; UPDATE alembic_version SET version_num = '9999'": "a newer Otklik made this backup",
    "PRAGMA journal_mode=DELETE; CREATE VIEW v AS SELECT 1": "no state of Otklik",
    "PRAGMA journal_mode=DELETE; DELETE FROM posts": "no whole backup of Otklik",
    "PRAGMA journal_mode=DELETE; DROP TABLE alembic_version": "no state of Otklik",
}


@pytest.mark.parametrize("statements", STATES)
def test_a_changed_state_is_refused(sound: tuple[Otklik, bytes], tmp_path: Path, statements: str) -> None:
    otklik, content = sound
    path = tmp_path / "copy.zip"
    path.write_bytes(content)
    _with_state(path, statements)
    run = otklik("restore", path, "--data", tmp_path / "new")
    assert run.code == 1, run.out
    assert STATES[statements] in run.err
    assert "Traceback" not in run.err
    assert not (tmp_path / "new").exists()


LATER = (
    "copy_indexes",
    "copy_texts",
    "near_copies",
    "erased_authors",
    "rule_hits",
    "rule_slots",
    "rule_terms",
    "rule_alarms",
    "source_watch",
    "source_days",
    "acts",
    "act_incidents",
    "notes",
    "users",
    "sessions",
    "sign_in_failures",
    "story_texts",
    "story_links",
    "story_members",
    "article_reads",
    "article_drifts",
    "apart",
    "examples",
)
"""The tables that came after migration 0005."""
LATER_COLUMNS = {
    "posts": ("answers",),
    "incidents": ("assignee", "by_hand", "rejected_for", "last_act", "snoozed_until", "understood"),
    "reports": ("due_resolved", "placed", "platform"),
}


def test_an_older_backup_is_migrated(sound: tuple[Otklik, bytes], tmp_path: Path) -> None:
    otklik, content = sound
    path = tmp_path / "copy.zip"
    path.write_bytes(content)
    indexes = ["posts_by_author", "posts_by_thread", "posts_by_answers", "incidents_of_queue", "incidents_by_topic"]
    indexes += ["incidents_aside", "incidents_at_risk", "reports_of_incident", "reports_of_post"]
    indexes += ["events_of_decisions", "posts_by_time", "incidents_exact"]
    older = "UPDATE alembic_version SET version_num = '0005'"
    gone = [*(f"DROP INDEX {name}" for name in indexes), *(f"DROP TABLE {table}" for table in LATER)]
    gone += [f"ALTER TABLE {table} DROP COLUMN {name}" for table, names in LATER_COLUMNS.items() for name in names]
    _with_state(path, "; ".join(["PRAGMA journal_mode=DELETE", *gone, older]))
    _repacked(path, lambda files: files.update({"manifest.json": _without(files["manifest.json"], LATER)}))
    run = otklik("restore", path, "--data", tmp_path / "new")
    assert run.code == 0, run.err
    contents = snapshot.examine(tmp_path / "new" / "otklik.sqlite")
    assert (contents.migration, contents.counts["posts"]) == (newest(), len(TEXTS))
    platforms = (
        "SELECT count(*) FROM reports JOIN posts ON posts.id = reports.post WHERE reports.platform = posts.platform"
    )
    with closing(sqlite3.connect(tmp_path / "new" / "otklik.sqlite")) as raw:
        assert raw.execute(platforms).fetchone()[0] == contents.counts["reports"] > 0


def _without(manifest: bytes, tables: Sequence[str]) -> bytes:
    values = json.loads(manifest)
    for table in tables:
        del values["counts"][table]
    return json.dumps(values).encode()

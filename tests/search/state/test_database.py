"""One file, several processes and threads, and every way in which the file can be wrong."""

import multiprocessing
import os
import resource
import sqlite3
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from crawler.model.errors import OtklikError
from search import index_queue
from search.state import database as module
from search.state.database import Database, check_keys, newest
from search.state.failures import StateError
from search.state.tables import installation, metadata

ROOT = Path(module.__file__).parent.parent.parent


def test_migrations_give_exactly_the_tables(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "deep" / "otklik.sqlite")
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert set(sa.inspect(connection).get_table_names()) == {*metadata.tables, "alembic_version"}
    database.close()


def test_migrations_are_one_line_and_their_files_are_named_by_number() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(module.__file__).parent / "migrations"))
    script = ScriptDirectory.from_config(config)
    assert script.get_heads() == [newest()]
    for revision in script.walk_revisions():
        assert Path(revision.path).name.startswith(f"{revision.revision}_")


def test_an_opened_file_is_private_and_survives_a_power_cut(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'otklik.sqlite'}")
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    assert stat.S_IMODE((tmp_path / "otklik.sqlite").stat().st_mode) == 0o600
    database.close()


def _open_and_write(path: Path, name: str, barrier: "threading.Barrier") -> None:
    barrier.wait()
    database = Database.open(path)
    for number in range(20):
        with database.begin() as connection:
            connection.execute(sa.insert(installation).values(name=f"{name}-{number}", value=""))
    database.close()


def test_processes_that_open_an_empty_file_at_once_migrate_it_once_and_share_it(tmp_path: Path) -> None:
    path = tmp_path / "otklik.sqlite"
    spawn = multiprocessing.get_context("spawn")
    barrier = spawn.Barrier(3)
    workers = [spawn.Process(target=_open_and_write, args=(path, f"p{number}", barrier)) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    database = Database.open(path)
    with database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(installation)) == 60
    database.close()


def test_threads_share_one_database(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "otklik.sqlite")
    raised: list[BaseException] = []

    def work(name: int) -> None:
        try:
            for number in range(25):
                with database.begin() as connection:
                    seen = connection.scalar(sa.select(sa.func.count()).select_from(installation))
                    connection.execute(sa.insert(installation).values(name=f"{name}-{number}", value=str(seen)))
        except BaseException as error:  # noqa: BLE001 - it is shown by the assertion
            raised.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert raised == []
    with database.read() as connection:
        # Each writer saw what all before it had written: they went one at a time.
        assert sorted(map(int, connection.scalars(sa.select(installation.c.value)))) == list(range(150))
    database.close()


def test_a_reader_sees_one_moment_and_a_failed_writer_leaves_nothing(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "otklik.sqlite")
    count = sa.select(sa.func.count()).select_from(installation)
    with database.read() as reader:
        assert reader.scalar(count) == 0
        with database.begin() as writer:
            writer.execute(sa.insert(installation).values(name="a", value=""))
        assert reader.scalar(count) == 0
    with pytest.raises(ZeroDivisionError), database.begin() as writer:
        _write_and_fail(writer)
    with database.read() as reader:
        assert reader.scalar(count) == 1
    database.close()


def _write_and_fail(connection: sa.Connection) -> None:
    connection.execute(sa.insert(installation).values(name="b", value=""))
    raise ZeroDivisionError


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "otklik.sqlite"
    database = Database.open(path)
    with database.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()
    with pytest.raises(StateError, match=r"otklik\.sqlite.*9999"):
        Database.open(path)


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "notes.sqlite"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE notes (text)")
    other.close()
    with pytest.raises(StateError, match=r"notes\.sqlite"):
        Database.open(path)
    other = sqlite3.connect(path)
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("notes",)]
    other.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Уважаемая редакция! " * 200, encoding="utf-8")
    with pytest.raises(StateError, match=r"letter\.txt"):
        Database.open(path)


@pytest.mark.parametrize("url", ["postgresql://user:password@host/otklik", "sqlite://"])
def test_what_is_not_a_file_is_refused_without_showing_a_password(url: str) -> None:
    with pytest.raises(OtklikError) as caught:
        Database.open(url)
    assert "password" not in str(caught.value)


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    with pytest.raises(StateError, match="var"):
        Database.open(tmp_path / "var" / "otklik.sqlite")


_AS_NOBODY = """
import os, sys
sys.path.insert(0, sys.argv[1])
from search.state.database import Database
from search.state.failures import StateError
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    database = Database.open(sys.argv[2])
    with database.begin() as connection:
        connection.exec_driver_sql("DELETE FROM installation")
except StateError as error:
    print(error.text.en)
"""


@pytest.mark.parametrize(("folder", "file"), [(0o555, None), (0o555, 0o444), (0o755, 0o000)])
def test_no_permission_says_which_file(tmp_path: Path, folder: int, file: int | None) -> None:
    home = tmp_path / "var"
    home.mkdir()
    path = home / "otklik.sqlite"
    if file is not None:
        Database.open(path).close()
        path.chmod(file)
    home.chmod(folder)
    # Root may do everything: the child becomes nobody, who must reach the folder.
    for parent in [tmp_path, *tmp_path.parents]:
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)
    done = subprocess.run(
        [sys.executable, "-c", _AS_NOBODY, str(ROOT), str(path)], capture_output=True, text=True, check=False
    )
    home.chmod(0o755)
    assert str(path) in done.stdout, done.stderr
    assert "--data" in done.stdout


def _fill(connection: sa.Connection) -> None:
    connection.execute(sa.insert(installation).values(name="lost", value=""))
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    connection.execute(sa.insert(installation).values(name="big", value="x" * 1_000_000))


def test_a_full_disk_is_said_and_the_database_stays_whole(tmp_path: Path) -> None:
    path = tmp_path / "otklik.sqlite"
    database = Database.open(path)
    with pytest.raises(StateError, match=r"otklik\.sqlite"), database.begin() as connection:
        _fill(connection)
    database.close()
    again = Database.open(path)
    with again.begin() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(installation)) == 0
        connection.execute(sa.insert(installation).values(name="big", value="x" * 1_000_000))
    again.close()


_SMALL_FILES = """
import resource, sys
sys.path.insert(0, sys.argv[1])
from search.state.database import Database
from search.state.failures import StateError
database = Database.open(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))
try:
    with database.begin() as connection:
        for number in range(4000):
            connection.exec_driver_sql(f"INSERT INTO installation VALUES ('{number}', '{'x' * 1000}')")
except StateError as error:
    print(error.text.en)
"""


def test_a_file_that_the_system_lets_grow_no_further_is_said(tmp_path: Path) -> None:
    path = tmp_path / "otklik.sqlite"
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    done = subprocess.run(
        [sys.executable, "-c", _SMALL_FILES, str(ROOT), str(path)], capture_output=True, text=True, check=False
    )
    assert str(path) in done.stdout, done.stderr
    database = Database.open(path)
    with database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(installation)) == 0
    database.close()


def test_a_database_that_another_process_keeps_busy_is_said(tmp_path: Path) -> None:
    path = tmp_path / "otklik.sqlite"
    database = Database.open(path, busy_seconds=0.05)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StateError, match=r"otklik\.sqlite"), database.begin():
        pass
    holder.execute("ROLLBACK")
    holder.close()
    with database.begin() as connection:
        connection.execute(sa.insert(installation).values(name="a", value=""))
    database.close()


def test_the_wrong_value_is_not_called_a_failure_of_the_database_and_is_not_shown(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "otklik.sqlite")
    with pytest.raises(sa.exc.IntegrityError) as caught, database.begin() as connection:
        connection.execute(sa.insert(installation), [{"name": "a", "value": "секрет"}] * 2)
    assert "секрет" not in str(caught.value)
    database.close()


def test_other_keys_are_refused(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "otklik.sqlite")
    for _ in range(2):
        check_keys(database, "0123456789abcdef")
    with pytest.raises(StateError, match=r"0123456789abcdef.*fedcba"):
        check_keys(database, "fedcba9876543210")
    database.close()


def test_a_state_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "otklik.sqlite"
    config = Config()
    config.set_main_option("script_location", str(Path(module.__file__).parent / "migrations"))
    with sa.create_engine(f"sqlite:///{path}").begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(
            "INSERT INTO readings (city, post, version, at, content, copy_of) VALUES ('ozersk', 'a', 1, 0, '{}', '')"
        )
        for action in ("put", "refused too long", "refused longer"):
            connection.exec_driver_sql(
                f"INSERT INTO index_queue (city, post, action) VALUES ('ozersk', 'a', '{action}')"
            )
    database = Database.open(path)
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert connection.exec_driver_sql("SELECT post FROM readings").scalar() == "a"
        assert index_queue.refused(connection, "ozersk") == [("a", "too long")]
        assert index_queue.waiting(connection, "ozersk") == 1
    database.close()

"""Files that appear in a folder: each is read once, a changed one again, none is touched."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from crawler.model.city import Source, SourceRole, TableForm
from crawler.model.items import AuthorRole, Kind
from spiders.intake import IntakeSpider
from tests.crawling import Crawled, run_spider
from tests.readers import kill_reader, next_reader_killed, readers_of

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
FORM = TableForm({"id": ("№",), "text": ("Текст",), "published_at": ("Дата",), "author": ("Кто",)})


def intake(folder: Path, **more: object) -> Source:
    source = Source("pos", "intake", str(folder), ZoneInfo("Asia/Sakhalin"), SourceRole.INTAKE, table=FORM)
    return replace(source, **more)  # type: ignore[arg-type]


def put(path: Path, *rows: str, old: float = 60) -> Path:
    """A file that has rested for so many seconds."""
    path.write_text("№;Текст;Дата;Кто\n" + "".join(f"{row}\n" for row in rows), encoding="utf-8")
    at = path.stat().st_mtime - old
    os.utime(path, (at, at))
    return path


def crawl(source: Source, cursor: str = "") -> Crawled[IntakeSpider]:
    return run_spider(IntakeSpider, source, cursor, at=NOW)


def test_a_file_is_read_once_and_again_when_it_changes(tmp_path: Path) -> None:
    path = put(tmp_path / "a.csv", "1;Яма;24.11.2026;И. Иванов", "2;Снег;;")
    first = crawl(intake(tmp_path))
    assert [(post.id, post.text, post.kind) for post in first.posts] == [
        ("given:pos/1", "Яма", Kind.APPEAL),
        ("given:pos/2", "Снег", Kind.APPEAL),
    ]
    assert first.posts[0].author
    assert first.posts[0].author.role is AuthorRole.RESIDENT
    assert (first.spider.errors, first.spider.broken, first.spider.published) == ({}, "", 2)
    again = crawl(intake(tmp_path), first.cursor)
    assert (again.posts, again.cursor) == ([], first.cursor)
    os.utime(path, (1, 1))
    assert crawl(intake(tmp_path), first.cursor).posts == []
    put(path, "1;Яма засыпана;24.11.2026;", old=30)
    assert [post.text for post in crawl(intake(tmp_path), first.cursor).posts] == ["Яма засыпана"]
    assert path.read_text(encoding="utf-8").startswith("№")


def test_another_mapping_reads_all_files_again(tmp_path: Path) -> None:
    put(tmp_path / "a.csv", "1;Яма;24.11.2026;")
    first = crawl(intake(tmp_path))
    other = TableForm({**FORM.columns, "title": ("Кто",)})
    assert len(crawl(intake(tmp_path, table=other), first.cursor).posts) == 1


def test_what_is_wrong_is_told_with_its_row_and_the_rest_goes_in(tmp_path: Path) -> None:
    put(tmp_path / "a.csv", "1;Яма;24.11.2026;", "2;;;", "3;Снег;31.11.2026;", f"{'9' * 300};Лёд;;")
    got = crawl(intake(tmp_path))
    assert [post.id for post in got.posts] == ["given:pos/1", "given:pos/3"]
    assert got.spider.errors == {"bad row": 2, "bad value": 1}
    assert got.spider.gaps == 2
    known = json.loads(got.cursor)["files"]["a.csv"]
    assert (known["lost"], known["flawed"], known["done"]) == (2, 1, True)
    assert [(one["row"], one["column"]) for one in known["wrong"]] == [(3, "Текст"), (4, "Дата"), (5, "№")]
    # The cursor is no place for what a resident wrote.
    assert "31.11" not in got.cursor


def test_a_file_that_cannot_be_read_is_told_once_and_tried_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_text("Номер;Содержание\n1;Яма\n", encoding="utf-8")
    put(tmp_path / "a.csv", "1;Яма;;")
    first = crawl(intake(tmp_path))
    assert len(first.posts) == 1
    assert (first.spider.errors, first.spider.broken) == ({"file: columns": 1}, "")
    assert "«№»" in json.loads(first.cursor)["files"]["b.csv"]["failed"][0]
    second = crawl(intake(tmp_path), first.cursor)
    assert second.spider.errors == {}
    assert json.loads(second.cursor)["files"]["b.csv"]["failed"][0]
    put(path, "7;Снег;;")
    third = crawl(intake(tmp_path), second.cursor)
    assert [post.id for post in third.posts] == ["given:pos/7"]
    assert json.loads(third.cursor)["files"]["b.csv"]["failed"] == ["", ""]


def test_without_a_number_a_row_is_known_by_what_it_says(tmp_path: Path) -> None:
    form = TableForm({"text": ("Текст",), "published_at": ("Дата",), "author": ("Кто",)})
    put(tmp_path / "a.csv", "1;Яма;24.11.2026;Иванов", "2;Яма;24.11.2026;Петров", "3;Яма;23.11.2026;")
    put(tmp_path / "b.csv", "9;  Яма;24.11.2026;Сидоров")
    ids = [post.id for post in crawl(intake(tmp_path, table=form)).posts]
    assert len(ids) == 4
    assert len(set(ids)) == 2
    assert ids == [post.id for post in crawl(intake(tmp_path, table=form)).posts]


def test_only_regular_files_that_the_pattern_names(tmp_path: Path) -> None:
    put(tmp_path / "a.csv", "1;Яма;;")
    put(tmp_path / "b.txt", "2;Снег;;")
    put(tmp_path / "~$a.csv", "3;Лёд;;")
    put(tmp_path / ".c.csv", "4;Лёд;;")
    put(tmp_path / "d.csv.part", "5;Лёд;;")
    (tmp_path / "link.csv").symlink_to(tmp_path / "b.txt")
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "archive.csv").mkdir()
    put(tmp_path / "archive.csv" / "old.csv", "6;Лёд;;")
    got = crawl(intake(tmp_path / "*.csv"))
    assert [post.id for post in got.posts] == ["given:pos/1"]
    assert got.spider.errors == {"not a file": 2}
    assert [post.id for post in crawl(intake(tmp_path / "b.txt")).posts] == ["given:pos/2"]


def test_a_folder_that_is_away_is_a_source_that_was_not_read(tmp_path: Path) -> None:
    put(tmp_path / "a.csv", "1;Яма;;")
    first = crawl(intake(tmp_path))
    gone = crawl(intake(tmp_path / "gone"), first.cursor)
    assert (gone.spider.broken, gone.cursor) == ("no folder", "")
    (tmp_path / "empty").mkdir()
    assert crawl(intake(tmp_path / "empty")).spider.broken == ""


def test_a_broken_cursor_reads_all_again(tmp_path: Path) -> None:
    put(tmp_path / "a.csv", "1;Яма;;")
    for cursor in ("нет", "[]", '{"form": 1}', '{"form": "", "files": {"a.csv": {}}}'):
        got = crawl(intake(tmp_path), cursor)
        assert len(got.posts) == 1


def test_a_file_that_grows_while_it_is_read_is_not_taken_for_good(tmp_path: Path) -> None:
    """Its time changes during the crawl: the next one reads it again, from its beginning."""
    path = put(tmp_path / "a.csv", *(f"{number};Яма {number};;" for number in range(1_200)))

    class Growing(IntakeSpider):
        def _make(self, *arguments: object) -> object:  # type: ignore[override]
            if self.published == 700:
                with path.open("a", encoding="utf-8") as file:
                    file.write("x1;Снег;;\n")
            return super()._make(*arguments)  # type: ignore[arg-type]

    first = run_spider(Growing, intake(tmp_path), at=NOW)
    assert first.spider.errors == {"being written": 1}
    second = crawl(intake(tmp_path), first.cursor)
    assert len(second.posts) == 1_201


def test_a_crawl_that_was_cut_off_goes_on_where_it_was(tmp_path: Path) -> None:
    put(tmp_path / "a.csv", *(f"{number};Яма {number};;" for number in range(1_200)))
    whole = crawl(intake(tmp_path))
    checkpoints = [json.loads(item.cursor) for item in whole.items if hasattr(item, "cursor")]
    assert [one["files"]["a.csv"]["at"] for one in checkpoints] == [501, 1_001, 1_201, 1_201]
    rest = crawl(intake(tmp_path), json.dumps(checkpoints[0]))
    assert len(rest.posts) == 700
    assert json.loads(rest.cursor) == json.loads(whole.cursor)


def test_a_killed_reader_says_nothing_of_the_file(tmp_path: Path) -> None:
    put(tmp_path / "a.csv", "1;Яма;24.11.2026;", "2;Снег;;")
    with next_reader_killed():
        first = crawl(intake(tmp_path))
    assert (first.posts, first.spider.errors) == ([], {"file: interrupted": 1})
    second = crawl(intake(tmp_path), first.cursor)
    assert ([post.text for post in second.posts], second.spider.errors) == (["Яма", "Снег"], {})
    assert '"failed": ["", ""]' in second.cursor
    assert crawl(intake(tmp_path), second.cursor).posts == []


def test_a_reader_that_was_killed_between_two_chunks_costs_no_row(tmp_path: Path) -> None:
    put(tmp_path / "a.csv", *(f"{number};Яма {number};;" for number in range(1_200)))

    class Killing(IntakeSpider):
        def _make(self, *arguments: object) -> object:  # type: ignore[override]
            if self.published == 700:
                assert [kill_reader(reader) for reader in readers_of(os.getpid())]
            return super()._make(*arguments)  # type: ignore[arg-type]

    first = run_spider(Killing, intake(tmp_path), at=NOW)
    assert (len(first.posts), first.spider.errors) == (1_000, {"file: interrupted": 1})
    second = crawl(intake(tmp_path), first.cursor)
    assert [post.id for post in second.posts] == [f"given:pos/{number}" for number in range(1_000, 1_200)]

import dataclasses
import io
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crawler import given as given_lines
from crawler.given import BadLine, Line, given_post, post_id, read_lines
from crawler.model.city import Source
from crawler.model.items import Kind, Post, TimePrecision
from crawler.model.text import set_locale
from pipelines.normalize import normalized

NOW = datetime(2026, 5, 1, 10, tzinfo=UTC)
SOURCES: Mapping[str, Source] = {"ingest": Source("ingest", "given", "", ZoneInfo("Asia/Sakhalin"))}


def read(*lines: str | bytes) -> list[Post | BadLine]:
    raw = b"\n".join(line.encode() if isinstance(line, str) else line for line in lines)
    return [
        line if isinstance(line, BadLine) else given_post(line, SOURCES, NOW) for line in read_lines(io.BytesIO(raw))
    ]


def test_the_least_that_a_line_needs() -> None:
    (post,) = read('{"id": 7, "text": "Нет воды"}')
    assert isinstance(post, Post)
    assert (post.id, post.source, post.kind, post.published_at) == ("given:ingest/7", "ingest", Kind.APPEAL, None)


def test_everything_that_a_line_may_hold() -> None:
    values = {
        "id": "a 1",
        "text": "Не горят фонари",
        "title": "Свет",
        "url": "https://example.org/1",
        "author": "Жительница",
        "published_at": "2026-04-30T12:00:00",
        "kind": "message",
        "platform": "hotline",
        "parent": "given:ingest/7",
        "media": ["https://example.org/1.jpg", {"kind": "video", "url": "https://example.org/2.mp4"}],
    }
    (post,) = read(json.dumps(values))
    assert isinstance(post, Post)
    assert post.id == "given:ingest/a%201"
    assert post.published_at == datetime(2026, 4, 30, 1, 0, tzinfo=UTC)
    assert post.precision is TimePrecision.SECOND
    assert [media.kind for media in post.media] == ["photo", "video"]
    assert post.author is not None
    assert "Жительница" not in repr(post)


def test_a_parent_is_named_as_its_post_is_and_a_day_is_a_day() -> None:
    first, answer = read(
        '{"id": 1, "text": "x"}', '{"id": 2, "text": "y", "parent": "1", "published_at": "2026-04-30"}'
    )
    assert isinstance(first, Post)
    assert isinstance(answer, Post)
    assert answer.parent == answer.thread == first.id
    assert answer.precision is TimePrecision.DAY


def test_a_day_in_any_form_of_iso_8601_is_a_day() -> None:
    for printed in ("20260430", "2026-W18-4"):
        (post,) = read(json.dumps({"id": 1, "text": "x", "published_at": printed}))
        assert isinstance(post, Post)
        assert post.published_at == datetime(2026, 4, 29, 13, 0, tzinfo=UTC)
        assert post.precision is TimePrecision.DAY


def test_half_a_character_in_any_value_costs_the_post_nothing() -> None:
    values = dict.fromkeys(("id", "text", "title", "url", "author", "platform", "parent"), "б�")
    media = ["https://e.org/\udfff", {"kind": "photo\ud800", "url": "https://e.org/\udfff"}]
    (post,) = read(json.dumps({**values, "media": media}))
    assert isinstance(post, Post)
    post = normalized(post)
    assert post.parent == post.id
    assert post.author is not None
    assert post.author.name == "б\ufffd"
    json.dumps(dataclasses.asdict(replace(post, raw=b"")), ensure_ascii=False, default=str).encode()
    (bad,) = read('{"id": 1, "text": "x", "\\ud800": 1}')
    assert isinstance(bad, BadLine)
    str(bad).encode()


@example(["a b", "a%20b"])
@example(["\ud800", "\ud801"])
@given(
    st.lists(
        st.text(alphabet=st.sampled_from("a %2\n\u00a0\ufffd\ud800\ud801/5C0")), min_size=2, max_size=2, unique=True
    )
)
def test_different_ids_stay_different(ids: list[str]) -> None:
    first, second = (post_id(id_, "ingest") for id_ in ids)
    assert first != second
    assert first.isprintable()


def test_an_id_of_the_state_names_the_post_again() -> None:
    assert post_id("a b", "ingest") == "given:ingest/a%20b"
    assert post_id("a%20b", "ingest") == "given:ingest/a%2520b"
    assert post_id("given:ingest/a%20b", "wall") == "given:ingest/a%20b"
    assert post_id("news:https://e.org/a%20b", "ingest") == "news:https://e.org/a%20b"


@pytest.mark.parametrize("own", ["vk:-12345_678", "vk:-12345_678#9", "tg:-1001591537674/45", "news:https://e.org/a"])
def test_an_id_of_a_platform_stays(own: str) -> None:
    assert post_id(own, "ingest") == own


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("не JSON", ""),
        ("[1]", ""),
        ('{"id": 1', ""),
        (b'{"id": 1, "text": "\xcf\xf0\xe8"}', ""),
        ('{"text": "без номера"}', "id"),
        ('{"id": true, "text": "x"}', "id"),
        ('{"id": 1}', "text"),
        ('{"id": 1, "text": null}', "text"),
        ('{"id": 1, "text": "x", "txet": "y"}', "txet"),
        ('{"id": 1, "text": "x", "source": "nowhere"}', "source"),
        ('{"id": 1, "text": "x", "kind": "song"}', "kind"),
        ('{"id": 1, "text": "x", "published_at": "вчера"}', "published_at"),
        ('{"id": 1, "text": "x", "published_at": "0001-01-01T00:00:00"}', "published_at"),
        ('{"id": 1, "text": "x", "media": "photo.jpg"}', "media"),
        ("[" * 100_000, ""),
        ('{"id": ' + "9" * 5000 + ', "text": "x"}', ""),
    ],
)
def test_a_wrong_line_is_named_and_the_next_one_is_read(line: str | bytes, key: str) -> None:
    good, bad, after = read('{"id": 1, "text": "до"}', line, '{"id": 2, "text": "после"}')
    assert isinstance(good, Post)
    assert isinstance(after, Post)
    assert isinstance(bad, BadLine)
    assert (bad.line, bad.key) == (2, key)
    set_locale("en")
    try:
        assert str(bad).startswith("line 2")
    finally:
        set_locale("ru")


def test_a_line_without_end_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given_lines, "LONGEST_LINE", 1000)
    good, bad, after = read('{"id": 1, "text": "до"}', b'{"id": "' + b"x" * 5000, '{"id": 2, "text": "после"}')
    assert isinstance(good, Post)
    assert isinstance(bad, BadLine)
    assert isinstance(after, Post)
    assert after.id == "given:ingest/2"


@given(st.binary(max_size=200))
def test_any_bytes_are_lines_or_bad_lines(raw: bytes) -> None:
    for line in read_lines(io.BytesIO(raw)):
        assert isinstance(line, Line | BadLine)

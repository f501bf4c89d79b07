"""Records go into JSON and come back exactly."""

import dataclasses
import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.model.city import SavedSearch, Severity
from crawler.model.items import Author, AuthorRole, Counters, Forward, House, Kind, Place, PlaceKind, Post, Reading
from search.state.records import pack, pack_post, pack_reading, unpack

_MOMENTS = st.datetimes(min_value=datetime(1971, 1, 1), timezones=st.sampled_from([UTC, timezone(timedelta(hours=11))]))
st.register_type_strategy(datetime, _MOMENTS)
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))


def _through_json(record: object) -> dict[str, object]:
    content: dict[str, object] = json.loads(json.dumps(pack(record), allow_nan=False))
    return content


@given(st.from_type(Reading))
def test_a_reading_comes_back(reading: Reading) -> None:
    assert unpack(Reading, _through_json(reading)) == reading


@given(st.from_type(Place))
def test_a_place_comes_back(place: Place) -> None:
    assert unpack(Place, _through_json(place)) == place


@given(st.from_type(SavedSearch))
def test_a_saved_search_comes_back(search: SavedSearch) -> None:
    assert unpack(SavedSearch, _through_json(search)) == search


@given(st.from_type(Post))
def test_a_post_comes_back_but_for_its_payload(post: Post) -> None:
    assert unpack(Post, _through_json(post)) == dataclasses.replace(post, raw=b"")


@given(st.from_type(Post))
def test_a_kept_post_lacks_only_what_has_rows_of_its_own(post: Post) -> None:
    author = post.author and dataclasses.replace(post.author, platform_id="", name="")
    forward = post.forwarded_from and dataclasses.replace(post.forwarded_from, author="")
    if forward and not forward.post:
        forward = dataclasses.replace(forward, source="")
    without = dataclasses.replace(post, author=author, forwarded_from=forward, raw=b"", counters=Counters())
    assert unpack(Post, json.loads(json.dumps(pack_post(post)))) == without


@given(st.from_type(Reading))
def test_a_kept_reading_lacks_only_what_has_a_column(reading: Reading) -> None:
    assert unpack(Reading, json.loads(json.dumps(pack_reading(reading)))) == dataclasses.replace(
        reading, copy_of="", story=""
    )


def test_no_personal_data_in_what_is_kept() -> None:
    post = Post(
        id="tg:1/2",
        source="wall",
        platform="telegram",
        kind=Kind.COMMENT,
        text="Нет света",
        seen_at=datetime(2026, 3, 2, tzinfo=UTC),
        author=Author(AuthorRole.RESIDENT, "0f", "id77", "Мария Печкина"),
        forwarded_from=Forward("Соседи", "tg:3/4", "Пётр Гвоздев"),
        raw="Мария Печкина id77".encode(),
    )
    content = json.dumps(pack_post(post), ensure_ascii=False)
    assert not [secret for secret in ("id77", "Печкина", "Гвоздев") if secret in content]
    assert "Соседи" in content
    # Without a post it may be a person who was forwarded from.
    post = dataclasses.replace(post, forwarded_from=Forward("Анна Смирнова", key="0e"))
    assert pack_post(post)["forwarded_from"] == {"source": "", "key": "0e"}


def test_what_is_stored_may_be_older_or_newer_than_the_record() -> None:
    house = {"number": 7, "suffix": "к2", "floors": 5}
    assert unpack(House, house) == House(7, "к2")
    assert pack(House(7)) == {"number": 7}


def test_enums_and_durations_are_plain_values() -> None:
    search = SavedSearch("file:water", "Вода", "вода", "water", Severity.DANGER, window=timedelta(hours=1))
    assert pack(search) | {} == {
        "id": "file:water",
        "name": "Вода",
        "query": "вода",
        "topic": "water",
        "severity": "danger",
        "window": 3_600_000_000,
    }
    assert pack(Place(PlaceKind.STREET, ("Садовая",), 0, 7, "Садовая"))["kind"] == "street"


def test_a_type_without_a_form_is_refused() -> None:
    @dataclasses.dataclass
    class Odd:
        parts: set[int]

    with pytest.raises(TypeError, match="records"):
        pack(Odd({1}))

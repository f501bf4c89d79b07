"""The cursor of a channel against plain sets of numbers."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.telegram_cursor import Cursor

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
stretches = st.tuples(st.integers(1, 60), st.integers(1, 60)).map(lambda pair: (min(pair), max(pair)))


@given(st.lists(stretches, max_size=12), st.integers(1, 60))
def test_what_was_covered_is_exactly_what_is_not_unread(covered: list[tuple[int, int]], floor: int) -> None:
    cursor = Cursor(since=SINCE)
    read: set[int] = set()
    for low, high in covered:
        stretch = set(range(low, high + 1))
        assert cursor.unread_in(low, high) == len(stretch - read)
        cursor = cursor.covered(low, high)
        read |= stretch
    newest = max(read, default=0)
    assert cursor.newest == newest
    unread = set(range(1, newest + 1)) - read
    assert {number for low, high in cursor.gaps for number in range(low, high + 1)} == unread
    assert cursor.unread == len(unread)
    assert all(cursor.is_unread(number) == (number not in read) for number in range(1, 70))
    assert [high for _, high in cursor.gaps] == sorted((high for _, high in cursor.gaps), reverse=True)
    assert Cursor.parse(str(cursor)) == cursor
    assert cursor.finished_below(floor).unread == len({number for number in unread if number >= floor})


@pytest.mark.parametrize("text", ["[]", "{}", "nonsense", '{"channel": 1, "newest": 2, "since": "", "gaps": []}', "7"])
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Cursor.parse(text)

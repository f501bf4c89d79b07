import threading
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from crawler.console.lately import Lately, LatelyOf

NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def made() -> Lately[str, int]:
    return Lately(MINUTE, 10 * MINUTE, most=2)


def test_a_value_is_given_while_it_is_good_counted_aside_then_and_counted_first_when_it_is_old() -> None:
    lately, numbers = made(), count()

    def ask(at: timedelta) -> int:
        given = lately.get("a", NOW + at, lambda: next(numbers))
        lately.settle()
        return given

    assert [ask(timedelta(0)), ask(MINUTE)] == [0, 0]
    # Old by a minute and more: as it is, and the next who asks gets what was counted meanwhile.
    assert [ask(2 * MINUTE), ask(2 * MINUTE), ask(3 * MINUTE)] == [0, 1, 1]
    assert [ask(14 * MINUTE), ask(14 * MINUTE)] == [2, 2]
    # A clock that was put back.
    assert ask(timedelta(0)) == 3


def test_one_counts_however_many_ask() -> None:
    lately, go = made(), threading.Event()
    asked: list[int] = []

    def slow() -> int:
        asked.append(1)
        go.wait()
        return 2

    assert lately.get("a", NOW, lambda: 1) == 1
    assert [lately.get("a", NOW + 2 * MINUTE, slow) for _ in range(5)] == [1] * 5
    go.set()
    lately.settle()
    assert (lately.get("a", NOW + 2 * MINUTE, slow), asked) == (2, [1])


def test_what_cannot_be_counted_aside_is_in_the_log_and_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    lately = made()

    def broken() -> int:
        raise OSError("no disk")

    assert lately.get("a", NOW, lambda: 1) == 1
    assert lately.get("a", NOW + 2 * MINUTE, broken) == 1
    lately.settle()
    assert "a could not be counted anew" in caplog.text
    assert lately.get("a", NOW + 2 * MINUTE, lambda: 3) == 1
    lately.settle()
    assert lately.get("a", NOW + 2 * MINUTE, broken) == 3
    with pytest.raises(OSError, match="no disk"):
        lately.get("a", NOW + 60 * MINUTE, broken)


def test_the_latest_keys_are_kept() -> None:
    lately = made()
    for key in ("a", "b", "c", "a"):
        lately.get(key, NOW, lambda: 1)
    assert lately.get("c", NOW, lambda: 2) == 1
    assert lately.get("b", NOW, lambda: 2) == 2


def test_what_is_counted_for_one_is_not_given_to_another() -> None:
    class Owner:
        pass

    one, other = Owner(), Owner()
    kept: LatelyOf[str, int] = LatelyOf(MINUTE, MINUTE)
    assert [kept[owner].get("a", NOW, lambda: 1) for owner in (one, one)] == [1, 1]
    assert kept[other].get("a", NOW, lambda: 2) == 2
    assert kept[one].get("a", NOW, lambda: 3) == 1

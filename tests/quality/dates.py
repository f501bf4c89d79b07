"""Russian dates with their answers: those of the past, as lists of news and publics print them."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

_OF_DUCKLING = re.compile(r"\(datetime \(([\d, .]+)\) (\w+)\)")
_OF_DATEPARSER = re.compile(r"datetime\(([\d, ]+)\)")
_SLACK = {"Day": timedelta(days=1), "Hour": timedelta(hours=1)}
_LONG = ("Week", "Month", "Quarter", "Year")
_DAYS = {"years": 365.25, "months": 30.44, "weeks": 7, "days": 1}


@dataclass(frozen=True, slots=True)
class Case:
    """A text read at `clock` (in its zone) and the time it tells; `slack` is how far another time may lie from it."""

    text: str
    clock: datetime
    expected: datetime
    slack: timedelta

    def is_right(self, at: datetime | None) -> bool:
        """Whether a time is the one that is told, to the day where no more is told."""
        if at is None:
            return False
        local = at.astimezone(self.clock.tzinfo)
        if self.slack < timedelta(days=1):
            return abs(local - self.expected) <= self.slack
        return abs((local.date() - self.expected.date()).days) <= self.slack.days - 1


def cases(folder: Path) -> list[Case]:
    """Every case of the two corpora that tells a time which is over at its clock."""
    found = [*_of_duckling(folder / "dates" / "duckling"), *_of_dateparser(folder / "dates" / "dateparser")]
    return [case for case in found if case.expected <= case.clock]


def right(every: list[Case], read: Callable[[Case], datetime | None]) -> list[Case]:
    """The cases that are read as they should."""
    return [case for case in every if case.is_right(read(case))]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def _of_duckling(folder: Path) -> Iterator[Case]:
    clock = datetime(2013, 2, 12, 4, 30, tzinfo=ZoneInfo("Etc/GMT+2"))
    for row in _rows(folder / "time_ru.jsonl"):
        told = _OF_DUCKLING.fullmatch(row["expected"])
        if told and told[2] not in _LONG:
            expected = _moment(told[1], clock)
            if expected:
                yield Case(row["text"], clock, expected, _SLACK.get(told[2], timedelta(minutes=1)))


def _of_dateparser(folder: Path) -> Iterator[Case]:
    clock = datetime(2012, 11, 13, 10, 15, tzinfo=UTC)
    later = datetime(2023, 6, 1, 10, 15, tzinfo=UTC)
    for row in _rows(folder / "ru_cases.jsonl"):
        text, *told = row["args"]
        if row["test"] == "test_dates_parsing":
            numbers = _OF_DATEPARSER.fullmatch(told[0])
            assert numbers
            expected = _moment(numbers[1], clock)
            assert expected
            # Some of the years that are written were yet to come at the clock of that test.
            now = clock if expected <= clock else later
            whole = expected.time() == datetime.min.time()
            yield Case(text, now, expected, timedelta(days=1) if whole else timedelta(minutes=1))
        elif "ago" in row["kwargs"]:
            yield from _ago(text, clock, row["kwargs"]["ago"])


def _ago(text: str, clock: datetime, ago: dict[str, int]) -> Iterator[Case]:
    if ago.get("years", 0) > 100:
        return
    exact = {name: count for name, count in ago.items() if name in ("hours", "minutes")}
    days = sum(count * _DAYS[name] for name, count in ago.items() if name in _DAYS)
    # Years and months are of several lengths.
    slack = 3 if {"years", "months"} & ago.keys() else 1
    expected = clock - timedelta(days=round(days)) - timedelta(**exact)
    yield Case(text, clock, expected, timedelta(days=slack) if days or not exact else timedelta(minutes=1))


def _moment(numbers: str, clock: datetime) -> datetime | None:
    try:
        return datetime(*[int(float(part)) for part in numbers.split(",")], tzinfo=clock.tzinfo)  # type: ignore[misc,arg-type]
    except ValueError:
        return None

"""What a rule costs a matched post, when few and when many of them lie in one window; and how often chance alone makes
a spike.

usage: python -m benchmarks.rules
"""

import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from crawler.model.city import City, SavedSearch, Source
from crawler.model.items import Kind, Post, Reading
from crawler.model.keys import InstallationKeys
from crawler.model.rules import Rule, RuleKind
from search.document import document_of
from search.indexed_monitor import IndexedMonitor
from search.names import names_of
from search.noticing import Noticing
from search.query import parse_query
from search.rules.hearing import Hearing
from search.rules.series import LONG_AGO, Series
from search.rules.slots import Counts, slot_of
from search.rules.usual import Measure, is_spike
from search.rules.watch import EVER, Watch
from search.state import archive
from search.state.archive import Stored
from search.state.database import Database

ZONE = ZoneInfo("Europe/Moscow")
START = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
KEYS = InstallationKeys(b"h" * 32, b"e" * 32)
WATCH = Watch({"public": [(START - 90 * DAY, EVER)]})
RULES = {
    "any": Rule(),
    "frequency": Rule(RuleKind.FREQUENCY, 5, HOUR),
    "spike": Rule(RuleKind.SPIKE, 5, HOUR, 3.0),
    "flatline": Rule(RuleKind.FLATLINE, 5, 6 * HOUR),
    "new_term": Rule(RuleKind.NEW_TERM, 5, DAY, 3.0),
}
WORDS = [f"слово{letter}{other}" for letter in "абвгдежзиклмн" for other in "опрстуфхцчшщ"]


def main() -> None:
    print(f"{'CPU µs a matched post':28}{'1,000 in an hour':>20}{'10,000 in an hour':>20}")
    for name, rule in RULES.items():
        few, many = (_cost(rule, count) for count in (1_000, 10_000))
        print(f"{name:28}{few:20.0f}{many:20.0f}")
    print(f"\n{'posts a day':28}{'false spikes a month':>20}{'of bursts':>20}")
    for a_day in (12, 48, 240):
        plain, clumped = (_false_spikes(a_day, clump) for clump in (1, 3))
        print(f"{a_day:<28}{plain:20.2f}{clumped:20.2f}")


def _cost(rule: Rule, count: int) -> float:
    """Posts of one hour in batches of 100, after a background of four weeks."""
    search = SavedSearch("file:measured", "Measured", "вода", "вода", rule=rule)
    city = City("measured", "M", ZONE, "M", "", Path(), sources=(Source("public", "telegram", "@public", ZONE),))
    monitor = IndexedMonitor(ZONE, names_of(city))
    monitor.register(search, parse_query(search.query))
    series = [Series(search, LONG_AGO)] if rule.counts else []
    with tempfile.TemporaryDirectory() as folder:
        database = Database.open(Path(folder) / "state.db")
        noticing = Noticing(city, monitor, KEYS, None, Hearing(city, monitor, series, WATCH))
        _notice(database, noticing, city, [START + number * HOUR / 2 for number in range(28 * 48)])
        hour = START + 30 * DAY
        spent = _notice(database, noticing, city, [hour + HOUR / count * number for number in range(count)])
        database.close()
    return 1e6 * spent / count


def _notice(database: Database, noticing: Noticing, city: City, moments: list[datetime]) -> float:
    chance = random.Random(1)
    spent = 0.0
    for first in range(0, len(moments), 100):
        batch = [_said(at, chance) for at in moments[first : first + 100]]
        stored = [Stored(post, Reading(), "", post.seen_at, None) for post in batch]
        documents = [document_of(one.post, one.reading) for one in stored]
        with database.begin() as connection:
            archive.put_current(connection, city.key, stored)
            archive.store(connection, city.key, KEYS, stored, batch[-1].seen_at)
            before = time.process_time()
            noticing.notice(connection, documents, batch[-1].seen_at)
            spent += time.process_time() - before
    return spent


def _said(at: datetime, chance: random.Random) -> Post:
    text = " ".join(["нет воды", *chance.sample(WORDS, 20)])
    return Post(f"tg:{at.timestamp()}", "public", "telegram", Kind.POST, text, at, published_at=at, version=1)


class _Simulated(Counts):
    """Counts of invented posts."""

    def __init__(self, moments: list[datetime]) -> None:
        self.made(("public", slot_of(at), 1, 1) for at in sorted(moments))


def _false_spikes(a_day: int, clump: int) -> float:
    """Alarms a month of posts that come by chance in the rhythm of a day, so many at a time."""
    chance = random.Random(a_day)
    measure = Measure(RULES["spike"], WATCH, ZONE, LONG_AGO)
    moments = [at for at in _rhythm(chance, a_day / clump, 200) for _ in range(clump)]
    counts = _Simulated(moments)
    ends = sorted({slot_of(at) + 1 for at in moments if at > START + 35 * DAY})
    alarms, last = 0, 0
    for end in ends:
        if is_spike(measure, counts, end):
            alarms += end - last > measure.width
            last = end
    return alarms / (200 - 35) * 30


def _rhythm(chance: random.Random, a_day: float, days: int) -> Iterator[datetime]:
    """Moments by a Poisson process: by night a sixth of what comes by day."""
    at = START
    while at < START + days * DAY:
        at += DAY / a_day / 1.4 * chance.expovariate(1)
        if chance.random() < (1.0 if 8 <= at.astimezone(ZONE).hour < 23 else 1 / 6):
            yield at


if __name__ == "__main__":
    main()

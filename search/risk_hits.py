"""When the posts that rules count were said: many stretches of many series by one statement."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from search.mapping import micros
from search.state.tables import rule_hits

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From a moment to before another, of what a series counts under a key."""

    series: str
    key: str
    start: datetime
    end: datetime


def hits_of(connection: sa.Connection, city: str, asked: Sequence[Stretch]) -> list[list[datetime]]:
    """The times of what was said in each stretch, in order."""
    found: list[list[datetime]] = [[] for _ in asked]
    if not asked:
        return found
    given = json.dumps([[one.series, one.key, micros(one.start), micros(one.end)] for one in asked], ensure_ascii=False)
    each = sa.func.json_each(given).table_valued("key", "value").alias("asked")
    series, key, start, end = (sa.func.json_extract(each.c.value, f"$[{at}]") for at in range(4))
    # As it is kept: a time of its own for each of thousands of rows would cost more than reading them.
    at = sa.type_coerce(rule_hits.c.at, sa.Integer)
    mine = (rule_hits.c.city == city, rule_hits.c.series == series, rule_hits.c.key == key, at >= start, at < end)
    query = sa.select(sa.cast(each.c.key, sa.Integer), at).select_from(each).join(rule_hits, sa.and_(*mine))
    for place, moment in connection.execute(query):
        found[place].append(_EPOCH + timedelta(microseconds=moment))
    return [sorted(some) for some in found]

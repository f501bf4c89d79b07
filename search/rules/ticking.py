"""The clock's tick: silence has no arrival that could raise an alarm, so that full hours are looked at as they pass,
and again when sources that are read seldom have been read after them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from crawler.model.city import City
from crawler.model.ports import Keys
from crawler.model.rules import RuleKind
from search import events
from search.arrivals import Arrival
from search.document import Document
from search.events import Event
from search.grouping import Grouping
from search.monitor import Found
from search.reference import EVERYTHING, Context
from search.rules.alarms import Alarm, alarms_in, settle
from search.rules.bench import Bench
from search.rules.judging import silence
from search.rules.series import Series
from search.rules.slots import DAY, HOUR, SLOT, WEEKS, begin_of, hour_of, slot_of, slots_in
from search.rules.spans import INSTANT
from search.rules.usual import Measure
from search.rules.watch import Watch, crawled_sources, patience_of
from search.state.tables import events as journal
from search.state.tables import incidents, rule_slots, rule_terms
from search.state.values import keep_value, value_of
from search.wanted import Wanted, alarm_key

_FARTHEST = 7 * DAY
_TOLD_FOR = timedelta(days=2)
"""Where nobody was there for longer, the end of a silence is no news to the journal."""
SPOKEN = "silence over"
_KEPT = timedelta(weeks=2 * WEEKS)


def ticked(connection: sa.Connection, city: str) -> int:
    """The slot up to which silence was looked at."""
    return int(value_of(connection, _name(city)) or 0)


def _name(city: str) -> str:
    return f"rules:{city}"


def is_due(connection: sa.Connection, city: City, series: Sequence[Series], at: datetime) -> bool:
    """Whether a full hour has passed that was not looked at. Reads only."""
    before = ticked(connection, city.key)
    return bool(series) and not before - HOUR <= hour_of(at) <= before


def tick(
    connection: sa.Connection,
    city: City,
    keys: Keys,
    series: Sequence[Series],
    at: datetime,
    watch: Watch | None = None,
) -> int:
    """Look at the full hours since the last tick; how many incidents that opened. What is too old to be counted any
    more goes once a day.
    """
    before, now = ticked(connection, city.key), hour_of(at)
    if now <= before:
        if now < before - HOUR:
            # The clock was wrong once, by days or years: hours that it comes to again are not passed over.
            keep_value(connection, _name(city.key), str(now))
        return 0
    keep_value(connection, _name(city.key), str(now))
    # Not after a leap: a clock that is wrong by years would take all that is usual.
    if before // DAY != now // DAY and now - before <= _FARTHEST:
        _prune(connection, city.key, begin_of(now) - _KEPT)
    flat = [one for one in series if one.kind is RuleKind.FLATLINE]
    if not flat:
        return 0
    watch = watch or Watch.of(connection, city)
    grouping, lag = Grouping(connection, city, keys, at), _lag(city)
    over: list[Event] = []
    for one in flat:
        bench = Bench(connection, city.key, one, Measure(one.rule, watch, city.zone, one.since), now)
        judged = silence(bench, "", [(max(before - lag, now - _FARTHEST) + 1, now + 1)])
        settle(connection, city.key, one, "", judged, at)
        last = begin_of(now)
        silent = alarms_in(connection, city.key, one.name, [(last - lag * SLOT - INSTANT, last)])
        grouping.raise_silent([_arrival(city, one, alarm) for alarm in silent])
        known = last - lag * SLOT
        ended = alarms_in(connection, city.key, one.name, [(known - _TOLD_FOR, known)])
        for alarm in ended:
            if alarm.end_at < known:
                over += _end(connection, city, one, alarm, at)
    grouping.flush()
    events.write(connection, keys, city.key, over)
    return grouping.opened


def _end(connection: sa.Connection, city: City, series: Series, alarm: Alarm, at: datetime) -> list[Event]:
    """What the journal of a silence's incident says once when somebody has spoken: whether that settles it is for
    people to say.
    """
    table = incidents.c
    mine = (table.city == city.key, table.group_key == _arrival(city, series, alarm).group_key)
    during = table.last_report_at.between(alarm.start_at, alarm.end_at)
    incident = connection.scalar(sa.select(table.id).where(*mine, during).order_by(table.id.desc()).limit(1))
    if incident is None:
        return []
    told = sa.select(journal.c.id).where(journal.c.incident == incident, journal.c.what == SPOKEN).limit(1)
    return [] if connection.scalar(told) else [Event(at, events.OTKLIK, SPOKEN, incident)]


def _lag(city: City) -> int:
    """So many slots later every source has been read that still counts as watched."""
    crawled = crawled_sources(city)
    patience = [slots_in(patience_of(source)) for source in city.sources if source.key in crawled]
    return min(max(patience, default=0), _FARTHEST)


def look_back(
    connection: sa.Connection, city: City, series: Series, watch: Watch, since: datetime, until: datetime
) -> None:
    """Find the silences of a time that is over, as ticks would have found them. They open no incident."""
    if series.kind is not RuleKind.FLATLINE:
        return
    last = hour_of(until)
    bench = Bench(connection, city.key, series, Measure(series.rule, watch, city.zone, series.since), last)
    settle(connection, city.key, series, "", silence(bench, "", [(hour_of(since), last + 1)]), until)


def _arrival(city: City, series: Series, alarm: Alarm) -> Arrival:
    """What an alarm of silence says: nobody's words."""
    end = alarm.end_at - INSTANT
    nothing = Document("", 0, "", "", "", end, end, "", (), ())
    found = Found(series.search, EVERYTHING, nothing, Context(end, city.zone))
    group = city.group_of(series.search.topic)
    wanted = Wanted(group, alarm_key(series.search.id, alarm.key), None, [found], alarm.span)
    return Arrival("", wanted, "", 0, "", "", ("", "", ""), end)


def _prune(connection: sa.Connection, city: str, before: datetime) -> None:
    """Counts of before any week that is looked at."""
    old = sa.and_(rule_slots.c.city == city, rule_slots.c.slot < slot_of(before))
    connection.execute(sa.delete(rule_slots).where(old))
    connection.execute(sa.delete(rule_terms).where(rule_terms.c.city == city, rule_terms.c.at < before))

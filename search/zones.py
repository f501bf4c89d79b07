"""Zones of the map: where an accident shows in several incidents, where something came back, how far a risk spreads.

They follow from the open incidents each time that they are asked for; nothing is stored of them.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa

from crawler.model.city import City
from search.arrivals import PERSONAL, is_personal, is_unsure
from search.geo import Point
from search.hulls import Shape, around, together
from search.pins import EXACT, exact_point, kept_place
from search.state.bulk import kept_rows
from search.state.tables import incidents, readings, reports
from search.state.tables.work import IS_EXACT
from search.states import OPEN, State
from search.titles import place_of, place_text

ACCIDENT_METRES, ACCIDENT_HOURS, ACCIDENT_LEAST = 300.0, 6.0, 3
"""An accident: so many incidents of a topic group, each so near another in place and time."""
RECENT = timedelta(days=7)
MOST = 12
"""Zones of a kind: those with the most incidents."""
_EDGE, _RISK_METRES = 90.0, 800.0
_HOUR = timedelta(hours=1) / timedelta(microseconds=1)
_MOST_POSTS = 300


class _Spot(NamedTuple):
    """An incident that may be one of an accident: where, and the hours since 1970 at which it was opened."""

    number: int
    point: Point
    hour: float


class Kind(StrEnum):
    """Why a part of the city is marked."""

    ACCIDENT = "accident"
    REPEAT = "repeat"
    RISK = "risk"


@dataclass(frozen=True, slots=True)
class Zone:
    """A marked part of the city. It is named by one of its incidents: the first of an accident, the latest that came
    back, the risk. `title` is the topic group, the place or the risk's title; `numbers` are its incidents.
    """

    kind: Kind
    number: int
    title: str
    numbers: tuple[int, ...]
    shapes: tuple[Shape, ...]

    @property
    def key(self) -> str:
        """What addresses call it by."""
        return f"{self.kind}-{self.number}"


def zones(connection: sa.Connection, city: City, now: datetime) -> tuple[Zone, ...]:
    """The zones of now: risks, then accidents, then repeats, each with the most incidents first."""
    found = (_risks(connection, city), _accidents(connection, city, now), _repeats(connection, city))
    return tuple(
        one for some in found for one in sorted(some, key=lambda zone: (-len(zone.numbers), zone.number))[:MOST]
    )


def _accidents(connection: sa.Connection, city: City, now: datetime) -> list[Zone]:
    table = incidents.c
    here = (table.city == city.key, table.state.in_(sorted(OPEN)), table.opened_at >= now - RECENT, ~table.risk)
    query = sa.select(table.number, table.topic, table.group_key, table.opened_at, kept_place())
    by_group: defaultdict[str, list[_Spot]] = defaultdict(list)
    # Sorted here: an order by number leads SQLite to read every incident that the city ever had.
    rows = kept_rows(connection, query.where(*here, table.topic != "", sa.text(IS_EXACT)))
    for number, topic, group_key, at, kept in sorted(rows, key=itemgetter(0)):
        point = exact_point(kept)
        # What nobody can tell yet has nothing in common with what lies beside it.
        if point and not is_personal(group_key) and not is_unsure(group_key):
            by_group[city.group_of(topic)].append(_Spot(number, point, at / _HOUR))
    found: list[tuple[str, list[_Spot]]] = []
    for group, spots in by_group.items():
        points, hours = [spot.point for spot in spots], [spot.hour for spot in spots]
        groups = together(points, ACCIDENT_METRES, hours, ACCIDENT_HOURS)
        found += [(group, [spots[at] for at in some]) for some in groups if len(some) >= ACCIDENT_LEAST]
    found.sort(key=lambda one: (-len(one[1]), one[1][0].number))
    return [
        Zone(
            Kind.ACCIDENT,
            spots[0].number,
            group,
            tuple(spot.number for spot in spots),
            (around((spot.point for spot in spots), _EDGE),),
        )
        for group, spots in found[:MOST]
    ]


def _repeats(connection: sa.Connection, city: City) -> list[Zone]:
    """Open incidents that repeat a closed one, each with all that it repeats."""
    table = incidents.c
    again = (table.city == city.key, table.state.in_(sorted(OPEN)), table.repeat_of.is_not(None), _public())
    first = sa.select(table.id.label("open"), table.id.label("one"), table.repeat_of.label("earlier")).where(*again)
    chain = first.cte("chain", recursive=True)
    earlier = sa.select(chain.c.open, table.id, table.repeat_of).join(incidents, table.id == chain.c.earlier)
    chain = chain.union(earlier)
    member = incidents.alias("member")
    query = (
        sa.select(table.number, table.place, member.c.number.label("member"), kept_place().label("kept"))
        .join(chain, chain.c.open == table.id)
        .join(member, member.c.id == chain.c.one)
        .order_by(table.number, member.c.number)
    )
    numbers: defaultdict[int, list[int]] = defaultdict(list)
    rows: dict[int, Any] = {}
    for row in connection.execute(query):
        numbers[row.number].append(row.member)
        rows[row.number] = row
    return [
        Zone(
            Kind.REPEAT,
            number,
            place_text(place_of(row.place), city.home),
            tuple(numbers[number]),
            (around([point], _EDGE),),
        )
        for number, row in rows.items()
        if (point := exact_point(row.kept))
    ]


def _risks(connection: sa.Connection, city: City) -> list[Zone]:
    """Open risks whose posts name exact places: the risk, and the other incidents that its posts are reports of."""
    table = incidents.c
    here = (table.city == city.key, table.state.in_(sorted(OPEN)), table.risk)
    made = []
    for row in connection.execute(sa.select(table.id, table.number, table.title).where(*here)).all():
        numbers, points = _behind(connection, city, row.id)
        points += _named(connection, city, row.id)
        if points:
            made.append(Zone(Kind.RISK, row.number, row.title, (row.number, *numbers), _spread(points)))
    return made


def _spread(points: Iterable[Point]) -> tuple[Shape, ...]:
    """An area for each part of the city. A risk has thousands of points: those of a block count as one."""
    blocks: defaultdict[tuple[float, float], list[Point]] = defaultdict(list)
    for point in points:
        blocks[round(point[0], 3), round(point[1], 3)].append(point)
    of = list(blocks.values())
    groups = together([some[0] for some in of], _RISK_METRES)
    return tuple(around((point for at in group for point in of[at]), _EDGE) for group in groups)


def _behind(connection: sa.Connection, city: City, risk: int) -> tuple[list[int], list[Point]]:
    """The other incidents of a risk's posts, and where those are that have an exact place."""
    mine = reports.alias("mine")
    shared = (
        sa.select(reports.c.incident)
        .join(mine, sa.and_(mine.c.city == reports.c.city, mine.c.post == reports.c.post))
        .where(mine.c.city == city.key, mine.c.incident == risk, mine.c.fits, reports.c.incident != risk)
    )
    table = incidents.c
    here = (table.id.in_(shared), table.state != State.MERGED.value, _public())
    rows = connection.execute(sa.select(table.number, kept_place()).where(*here).order_by(table.number)).all()
    return [number for number, _ in rows], [point for _, kept in rows if (point := exact_point(kept))]


def _named(connection: sa.Connection, city: City, risk: int) -> list[Point]:
    """The exact places that the latest posts of a risk name."""
    table = reports.c
    latest = (
        sa.select(table.city, table.post, table.version)
        .where(table.city == city.key, table.incident == risk, table.fits)
        .order_by(table.published_at.desc())
        .limit(_MOST_POSTS)
        .subquery()
    )
    same = (readings.c[name] == latest.c[name] for name in ("city", "post", "version"))
    rows = connection.scalars(sa.select(readings.c.content["places"]).join(latest, sa.and_(*same)))
    return list(dict.fromkeys(point for places in rows for point in _points(places or ())))


def _points(places: Iterable[dict[str, Any]]) -> Iterable[Point]:
    for place in places:
        if place.get("precision") in EXACT and place.get("lat") is not None and place.get("lon") is not None:
            yield place["lat"], place["lon"]


def _public() -> sa.ColumnElement[bool]:
    """A personal matter is no mark on the map of a city."""
    return ~incidents.c.group_key.startswith(PERSONAL, autoescape=True)

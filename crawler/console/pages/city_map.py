"""«Карта»: incidents on the city's own map, with the same list beside it."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from starlette.responses import Response

from crawler.console import rendering
from crawler.console.asked import Asked, Trouble
from crawler.console.clocks import Clock, clock_of
from crawler.console.map_zones import chosen_of, named, opened_in, zones_of
from crawler.console.routing import Page
from crawler.console.shapes import shown
from crawler.console.time_strip import named_stretch, read_stretch, strip_of, written
from crawler.installation import Installation
from crawler.model.city import Severity
from crawler.model.text import Text
from search.pins import Pin, Wanted, count_pins, opened, pins
from search.states import OPEN, State
from search.titles import title_said
from search.town_map import houses_of, town_map
from search.zones import Zone

MOST, LISTED = 2_000, 200
"""Pins of a map, the most urgent ones, and rows of the list beside it."""
STATES = {
    "open": (Text("открытые", "open"), OPEN),
    "new": (Text("новые", "new"), frozenset({State.NEW})),
    "work": (Text("в работе", "in work"), frozenset({State.CONFIRMED, State.IN_WORK})),
    "answered": (Text("отвечены", "answered"), frozenset({State.ANSWERED})),
    "aside": (Text("отложенные", "put off"), OPEN),
    "over": (Text("законченные", "over"), frozenset(State) - OPEN - {State.MERGED}),
}
_ALL = frozenset(State) - {State.MERGED}
SINCE = {
    "": (Text("за всё время", "ever"), None),
    "1": (Text("за сутки", "in 24 hours"), timedelta(days=1)),
    "7": (Text("за 7 дней", "in 7 days"), timedelta(days=7)),
    "30": (Text("за 30 дней", "in 30 days"), timedelta(days=30)),
}
BAD_BOX = Text("Нет такого места", "There is no such place")
BAD_BOX_TEXT = Text(
    "Ожидаются юг, запад, север и восток в градусах.", "South, west, north and east in degrees are expected."
)
_drawn: WeakKeyDictionary[Installation, dict[str, tuple[bytes, str]]] = WeakKeyDictionary()
"""The map of each city with its digest: the gazetteer of an open installation does not change."""


def _chosen(asked: Asked) -> dict[str, str]:
    """The filters of the address, those that are known."""
    state, since, severity = asked.value("state"), asked.value("since"), asked.value("severity")
    zone = asked.city.zone
    first, last = read_stretch(asked.value("from"), asked.value("to"), zone)
    return {
        "state": state if state in STATES else "open",
        "since": since if since in SINCE else "",
        "severity": severity if severity in set(Severity) else "",
        "topic": asked.value("topic")[:200].strip(),
        "from": written(first, zone),
        "to": written(last, zone),
        "zone": asked.value("zone")[:40],
    }


def _spanned(asked: Asked, chosen: dict[str, str], zone: Zone | None) -> Wanted:
    """What is wanted of the whole strip of time. A zone has incidents that are over too."""
    span = SINCE[chosen["since"]][1]
    since = asked.now - span if span else None
    # As in the queue: what is put off is away from the open ones.
    aside = None if chosen["state"] == "over" else chosen["state"] == "aside"
    wanted = Wanted(STATES[chosen["state"]][1], chosen["severity"], chosen["topic"], since, aside, asked.now)
    return replace(wanted, states=_ALL, aside=None, numbers=zone.numbers) if zone else wanted


def _wanted(asked: Asked, chosen: dict[str, str], zone: Zone | None) -> Wanted:
    """The same in the stretch that is chosen of it."""
    whole = _spanned(asked, chosen, zone)
    first, last = read_stretch(chosen["from"], chosen["to"], asked.city.zone)
    return replace(whole, since=first or whole.since, until=last)


def _given(chosen: dict[str, str]) -> dict[str, str]:
    """What stands in the address."""
    return {name: value for name, value in chosen.items() if value and (name, value) != ("state", "open")}


def _strip(
    asked: Asked, chosen: dict[str, str], since: datetime | None, counts: Sequence[tuple[datetime, int]]
) -> dict[str, Any]:
    """The strip of time with the addresses that it leads to."""
    zone, stretch = asked.city.zone, read_stretch(chosen["from"], chosen["to"], asked.city.zone)
    base = urlencode(_given(chosen | {"from": "", "to": ""}))
    strip = strip_of(counts, since, asked.now, zone, stretch)
    return {
        "strip": strip,
        "stretch": named_stretch(stretch, zone),
        "whole": f"?{base}",
        "links": [f"?{base}&{urlencode({'from': bar.start, 'to': bar.end})}".replace("?&", "?") for bar in strip.bars],
    }


def _map(asked: Asked) -> Response:
    chosen, marked = _chosen(asked), zones_of(asked)
    with asked.installation.database.read() as connection:
        zone = chosen_of(marked, chosen["zone"])
        whole, wanted = _spanned(asked, chosen, zone), _wanted(asked, chosen, zone)
        total, placed = count_pins(connection, asked.city, wanted)
        found = pins(connection, asked.city, wanted, LISTED)
        counts = opened(connection, asked.city, whole)
        then = _zones_then(asked, connection, chosen, marked)
    given = _given(chosen)
    return rendering.render(
        asked,
        "map.html",
        active="map",
        chosen=chosen,
        filtered=bool(given),
        states=STATES,
        since=SINCE,
        topics=sorted({asked.city.group_of(search.topic) for search in asked.desk.searching.searches} - {""}),
        rows=[(pin, _clock(pin, asked)) for pin in found],
        total=total,
        placed=placed,
        most=MOST,
        pins_at=f"/{asked.city.key}/map/pins.json?{urlencode(given)}",
        tiles=_tiles(asked),
        archive=asked.options.archive,
        blank=not any(asked.desk.finder.gazetteer.counts.values()),
        zones=[(named(one), one.key, one is zone) for one in marked if one.key in then or one is zone],
        zone=named(zone) if zone else "",
        without_zone="?" + urlencode(_given(chosen | {"zone": ""})),
        **_strip(asked, chosen, whole.since, counts),
    )


def _zones_then(
    asked: Asked, connection: sa.Connection, chosen: dict[str, str], marked: Sequence[Zone]
) -> dict[str, list[datetime]]:
    return opened_in(connection, asked.city.key, marked, read_stretch(chosen["from"], chosen["to"], asked.city.zone))


def _tiles(asked: Asked) -> str:
    """The address of tiles with {z}, {x} and {y}, "" for none."""
    archive = asked.options.archive
    return f"/{asked.city.key}/map/tiles/{{z}}/{{x}}/{{y}}?v={archive.tag}" if archive else asked.options.tiles


def _clock(pin: Pin, asked: Asked) -> Clock:
    return clock_of(pin.state, pin.opened_at, pin.due, asked.now)


def _pins(asked: Asked) -> Response:
    """The pins with an exact place, each [number, lat, lon, clock, what is left, title, severity, opened at]; times are
    as addresses have them. And the zones of the stretch that is shown, each [key, words, shapes, whether it is chosen,
    when its incidents were opened].
    """
    chosen, marked = _chosen(asked), zones_of(asked)
    with asked.installation.database.read() as connection:
        zone = chosen_of(marked, chosen["zone"])
        found = pins(connection, asked.city, _wanted(asked, chosen, zone), MOST)
        then = _zones_then(asked, connection, chosen, marked)
    told = []
    for pin in found:
        if pin.point:
            clock = _clock(pin, asked)
            left, at = f"{clock.spoken} {clock.text}", written(pin.opened_at, asked.city.zone)
            told.append([pin.number, *pin.point, clock.kind, left, shown(title_said(pin.title)), pin.severity, at])
    drawn = [
        [one.key, named(one), one.shapes, one is zone, [written(at, asked.city.zone) for at in then.get(one.key, [])]]
        for one in marked
        if one.key in then or one is zone
    ]
    content = json.dumps({"pins": told, "zones": drawn}, ensure_ascii=False, separators=(",", ":"))
    return Response(content, media_type="application/json")


def _base(asked: Asked) -> Response:
    """The streets and districts, asked for again only when they change."""
    known = _drawn.setdefault(asked.installation, {})
    if asked.city.key not in known:
        content = town_map(asked.desk.finder.gazetteer)
        known[asked.city.key] = content, f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    content, tag = known[asked.city.key]
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if asked.request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/geo+json", headers=headers)


def _houses(asked: Asked) -> Response:
    """The houses of a part of the map: box=south,west,north,east."""
    try:
        south, west, north, east = map(float, asked.value("box").split(","))
        inside = -90 <= south <= north <= 90 and -180 <= west <= east <= 180
    except ValueError:
        inside = False
    if not inside:
        raise Trouble(400, BAD_BOX, BAD_BOX_TEXT)
    content = houses_of(asked.desk.finder.gazetteer, (south, west, north, east))
    return Response(content, media_type="application/geo+json")


PAGES = (
    Page("GET", "/{city}/map", _map),
    Page("GET", "/{city}/map/pins.json", _pins),
    Page("GET", "/{city}/map/base.json", _base),
    Page("GET", "/{city}/map/houses.json", _houses),
)

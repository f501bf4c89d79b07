"""Reads an extract of OpenStreetMap (.osm.pbf) for a gazetteer: settlements, districts, streets, houses, landmarks."""

import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.address import parse_houses
from search.gazetteer_records import DEGREE, id_of
from search.gazetteer_staged import Area, Spot, Staged
from search.gazetteer_streets import Dot
from search.gazetteer_tags import FILTER, is_street, landmark_of, municipality_of, names_of, part_of
from search.gazetteer_towns import KINDS, Town
from search.street_key import split_street, street_key

_ORIGINS = {"n": "node", "w": "way", "r": "relation"}


def read_map(path: Path, staged: Staged, progress: Callable[[int], None] = lambda _: None) -> str:
    """Take what an extract has; its date, "" where it does not say. `progress` hears how many objects were looked at.
    OtklikError where it cannot be read. Where the nodes lie is kept on disk, 16 bytes each.
    """
    import osmium

    reader = _Reader(staged)
    with tempfile.TemporaryDirectory() as folder:
        try:
            source = osmium.FileProcessor(str(path))
            made = str(source.header.get("osmosis_replication_timestamp", ""))
            areas = osmium.filter.KeyFilter("place", "boundary", "landuse", "amenity", "leisure", "addr:housenumber")
            source = source.with_locations(f"sparse_file_array,{folder}/nodes").with_areas(areas)
            source = source.with_filter(osmium.filter.EmptyTagFilter()).with_filter(osmium.filter.KeyFilter(*FILTER))
            for number, one in enumerate(source, 1):
                reader.take(one)
                if number % 10_000 == 0:
                    progress(number)
        except RuntimeError as error:  # all that osmium raises for a file
            why = Text(f"карта {path} не читается: {error}", f"the map {path} cannot be read: {error}")
            raise OtklikError(why) from error
    return made[:10]


class _Reader:
    def __init__(self, staged: Staged) -> None:
        import osmium

        self.staged = staged
        self._wkb = osmium.geom.WKBFactory()

    def take(self, one: Any) -> None:
        """An object of the map: a node, a way, or an area made of ways."""
        tags = dict(one.tags)
        if one.is_node():
            self._node(one, tags)
        elif one.is_way():
            self._way(one, tags)
        elif one.is_area():
            self._area(one, tags)

    def _node(self, node: Any, tags: dict[str, str]) -> None:
        spot = Spot(node.lat, node.lon, id_of("node", node.id))
        if tags.get("place") == "square":
            self._street(tags, [_dot(node.lat, node.lon)], spot)
            return
        name = next(iter(names_of(tags)), "")
        if name and tags.get("place") in KINDS:
            self.staged.towns.append(Town(name, tags["place"], node.lat, node.lon, spot.id))
        part = part_of(tags)
        if part:
            self.staged.areas.append(Area(name, part[0], part[1], spot.id, None, (node.lat, node.lon)))
        self._object(tags, spot)

    def _way(self, way: Any, tags: dict[str, str]) -> None:
        dots = [_dot(node.lat, node.lon) for node in way.nodes if node.location.valid()]
        if not dots:
            return
        # The last node of a closed way is its first.
        ring = dots[:-1] if len(dots) > 1 and dots[0] == dots[-1] else dots
        lat, lon = (sum(dot[at] for dot in ring) / len(ring) / DEGREE for at in (0, 1))
        spot = Spot(lat, lon, id_of("way", way.id))
        if is_street(tags):
            self._street(tags, dots, spot)
        elif tags.get("place") == "square":
            self._street(tags, [_dot(lat, lon)], spot)
        else:
            self._object(tags, spot)

    def _area(self, area: Any, tags: dict[str, str]) -> None:
        """Areas of a single way are drawn here and their objects taken as ways."""
        from shapely import from_wkb

        name = next(iter(names_of(tags)), "")
        part, municipality = part_of(tags), municipality_of(tags)
        is_town = bool(name) and tags.get("place") in KINDS
        if area.from_way() and not (part or municipality or is_town):
            return
        shape = from_wkb(self._wkb.create_multipolygon(area))
        middle = shape.representative_point()
        origin = "way" if area.from_way() else "relation"
        spot = Spot(middle.y, middle.x, id_of(origin, area.orig_id()))
        if is_town:
            self.staged.towns.append(Town(name, tags["place"], spot.lat, spot.lon, spot.id, shape))
        elif part:
            self.staged.areas.append(Area(name, part[0], part[1], spot.id, shape))
        if municipality:
            self.staged.borders.append((municipality, shape))
        if not area.from_way():
            self._object(tags, spot)

    def _street(self, tags: dict[str, str], dots: list[Dot], spot: Spot) -> None:
        first, *others = names_of(tags)
        kind, name = split_street(first)
        if tags.get("place") == "square" and not kind:
            kind = "площадь"
        also = sorted({key for other in others if (key := street_key(*reversed(split_street(other))))})
        self.staged.line(name, kind, also, dots, spot)

    def _object(self, tags: dict[str, str], spot: Spot) -> None:
        """The house and the landmark that an object is, one, both or neither."""
        spot = spot._replace(town=tags.get("addr:city", "").strip())
        for house in _houses(tags):
            kind, name = split_street(tags["addr:street"])
            self.staged.house(name, kind, house, spot)
        landmark = landmark_of(tags)
        if landmark:
            self.staged.landmark(*landmark, spot)


def _houses(tags: dict[str, str]) -> Iterator[Any]:
    if tags.get("addr:street") and tags.get("addr:housenumber"):
        # One building «7-9» is asked for by 7.
        yield from parse_houses(re.sub(r"(?<=\d)\s?[-–]\s?\d+", "", tags["addr:housenumber"]))


def _dot(lat: float, lon: float) -> Dot:
    return round(lat * DEGREE), round(lon * DEGREE)

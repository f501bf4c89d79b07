"""Places that the gazetteer lacks, and parts of one at(…) that do not go together there."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import combinations
from typing import Any

from crawler.model.text import Text
from search.analysis import name_key
from search.gazetteer import Gazetteer, Street
from search.geo import box, within
from search.lint.remark import Around, Remark, leaves, lexemes_of, warning
from search.place_names import asked_name
from search.query_hints import valued
from search.query_lexer import Lexeme, Sort
from search.street_key import spelt_key
from search.tree import At, Query, Span

_SHOWN = 3
_ALIKE = 0.6
_NEARLY = 0.8
_AROUND = 0.5
"""Degrees about the gazetteer's houses that are still the city's surroundings."""


def of_places(query: Query, around: Around) -> Iterator[Remark]:
    """What the gazetteer says of every at(); nothing where it is empty."""
    places = [leaf for leaf in leaves(query.root) if isinstance(leaf, At)]
    if not places or around.gazetteer is None:
        return
    fields = [one for one in lexemes_of(query) if one.sort is Sort.FIELD]
    for at in places:
        own = {one.name: one for one in fields if at.span[0] <= one.start and one.end <= at.span[1]}
        yield from _Place(at, own, around.gazetteer, around).remarks()


@dataclass(frozen=True)
class _Place:
    at: At
    fields: dict[str, Lexeme]
    gazetteer: Gazetteer
    around: Around

    def span(self, name: str) -> Span:
        """Where the field stands."""
        one = self.fields.get(name)
        return (one.start, one.end) if one else self.at.span

    def remarks(self) -> Iterator[Remark]:
        """Names first; parts are only held against each other where the names are known."""
        unknown = [*self._street(), *self._name("district"), *self._name("settlement"), *self._any_name()]
        yield from unknown
        yield from self._far_away()
        yield from self._apart_on_the_map()
        streets = self.gazetteer.everywhere(self.at.street) if self.at.street and not unknown else ()
        if streets:
            yield from self._together(streets)

    def _street(self) -> Iterator[Remark]:
        key = self.at.street
        if not key or not self.gazetteer.every_street or self.gazetteer.everywhere(key):
            return
        by_name = {street.key.partition("/")[0]: _named(street) for street in self.gazetteer.every_street}
        near = [_named(street) for street in self.gazetteer.longer(key)]
        near += [by_name[one] for one in get_close_matches(key.partition("/")[0], by_name, _SHOWN, _ALIKE)]
        yield self._unknown("street", spelt_key(key), near)

    def _name(self, field: str) -> Iterator[Remark]:
        value = getattr(self.at, field)
        known = self.gazetteer.district_names if field == "district" else self.gazetteer.settlement_names
        by_key = {name_key(name): name for name in known}
        if not value or not by_key or name_key(value) in by_key:
            return
        alias = next((name for nick, name in self.around.aliases.items() if name_key(nick) == name_key(value)), "")
        near = [by_key[one] for one in get_close_matches(name_key(value), by_key, _SHOWN, _ALIKE)]
        # A gazetteer of the city alone says nothing of other towns.
        if field == "district" or near or len(known) > 1:
            yield self._unknown(field, value, [alias, *near] if alias else near)

    def _any_name(self) -> Iterator[Remark]:
        """`place:` may be a landmark, which few gazetteers have: only what is nearly a name that there is."""
        if not self.at.place:
            return
        key = asked_name(self.at.place)
        known = {asked_name(name): name for name in (*map(_named, self.gazetteer.every_street), *self._names())}
        bare = {name_key(street.name) for street in self.gazetteer.every_street}
        if not key or key in known or key in bare:
            return
        near = [known[one] for one in get_close_matches(key, known, _SHOWN, _NEARLY)]
        if near:
            yield self._unknown("place", self.at.place, near)

    def _names(self) -> tuple[str, ...]:
        return (*self.gazetteer.district_names, *self.gazetteer.settlement_names)

    def _far_away(self) -> Iterator[Remark]:
        """A circle far from everything that the gazetteer has: most likely longitude was written before latitude."""
        near, points = self.at.near, self.gazetteer.corners
        if near is None or points is None or _is_among(near[:2], points):
            return
        lat, lon, far = near
        if _is_among((lon, lat), points):
            there = f"near:{lon},{lat},{far:g}m"
            said = Text("near: ждёт широту, потом долготу", "near: takes latitude, then longitude")
            yield warning("far-away", self.span("near"), said, there)
        else:
            said = Text("near: далеко от всего, что есть в справочнике", "near: far from all that the gazetteer has")
            yield warning("far-away", self.span("near"), said)

    def _unknown(self, field: str, value: str, near: Sequence[str]) -> Remark:
        near = list(dict.fromkeys(near))[:_SHOWN]
        there = ", ".join(f"«{name}»" for name in near)
        ru, en = (f"; есть {there}", f"; there is {there}") if near else ("", "")
        said = Text(f"в справочнике нет {field}: {value}{ru}", f"the gazetteer has no {field}: {value}{en}")
        return warning("unknown-place", self.span(field), said, valued(field, near[0]) if near else "")

    def _together(self, streets: Sequence[Street]) -> Iterator[Remark]:
        """Whether some house of these streets can be all that is asked for."""
        at, name = self.at, _named(streets[0])
        if at.settlement:
            inside = [one for one in streets if name_key(one.settlement) == name_key(at.settlement)]
            if not inside:
                there = _listed(one.settlement for one in streets)
                yield self._apart("settlement", name, at.settlement, there)
                return
            streets = inside
        asked = at.house
        if asked and not any(asked.first <= house.number <= asked.last for one in streets for house, _ in one.houses):
            numbers = [house.number for one in streets for house, _ in one.houses]
            shown = f"{asked.first}" if asked.first == asked.last else f"{asked.first}-{asked.last}"
            yield self._apart("house", name, shown, f"{min(numbers)}–{max(numbers)}")
        points = [point for one in streets for _, point in one.houses]
        districts = {name_key(point.district): point.district for point in points if point.district}
        if at.district and districts and name_key(at.district) not in districts:
            yield self._apart("district", name, at.district, _listed(districts.values()))
        if at.near and not any(within((point.lat, point.lon), at.near) for point in points):
            said = Text(f"«{name}»: в этом круге нет её домов", f"«{name}» has no house in that circle")
            yield warning("place-apart", self.span("near"), said)
        area = self.around.context.names.area(at.polygon) if at.polygon else None
        if area and not any(area.holds((point.lat, point.lon)) for point in points):
            said = Text(f"«{name}»: в «{area.name}» нет её домов", f"«{name}» has no house in «{area.name}»")
            yield warning("place-apart", self.span("in"), said)

    def _apart_on_the_map(self) -> Iterator[Remark]:
        """A circle, a polygon and the polygon of a district that do not meet."""
        at, shapes = self.at, dict[str, Any]()
        if not (at.near or at.polygon):
            return
        from shapely import box as rectangle

        if at.near:
            south, north, west, east = box(at.near)
            shapes["near"] = rectangle(west, south, east, north)
        for field, name in (("in", at.polygon), ("district", at.district)):
            area = self.around.context.names.area(name) if name else None
            if area:
                shapes[field] = area.shape
        for one, other in combinations(shapes, 2):
            if not shapes[one].intersects(shapes[other]):
                said = Text(f"{one}: и {other}: нигде не пересекаются", f"{one}: and {other}: meet nowhere")
                yield warning("place-apart", self.span(other), said)

    def _apart(self, field: str, street: str, value: str, there: str) -> Remark:
        said = Text(
            f"«{street}»: в справочнике нет {field}: {value}; есть {there}",
            f"«{street}»: the gazetteer has no {field}: {value}; it has {there}",
        )
        return warning("place-apart", self.span(field), said)


def _named(street: Street) -> str:
    return f"{street.type} {street.name}".strip()


def _is_among(point: tuple[float, float], corners: tuple[float, float, float, float]) -> bool:
    south, north, west, east = corners
    return south - _AROUND <= point[0] <= north + _AROUND and west - _AROUND <= point[1] <= east + _AROUND


def _listed(names: Iterable[str]) -> str:
    found = sorted(set(names))
    return ", ".join(found[:_SHOWN]) + ("…" if len(found) > _SHOWN else "")

"""What a gazetteer knows of the places of a post: districts, settlements, points; streets and landmarks by meant.py."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from crawler.model.items import Location, Place, PlaceKind, PlacePrecision
from pipelines.meant import AddressMention, LandmarkMention, spot_of
from search.address import fold
from search.gazetteer import Gazetteer

_NEAR = 200
"""Characters between an address and the district that is named beside it."""
_ATTACHED = 0.6
"""How sure the point is that an author attached: it may be where they stood, not what they speak of."""


class Resolver:
    """Looks mentions up in a gazetteer. `official` maps a folded colloquial name of a district to its official one."""

    def __init__(self, gazetteer: Gazetteer, official: Mapping[str, str]) -> None:
        self.gazetteer = gazetteer
        self.official = official

    def resolved(self, places: Sequence[Place], home: str, thread: Sequence[Place] = ()) -> list[Place]:
        """The places of one post with what the gazetteer knows of them. `thread` are those of the posts that it
        answers and of earlier ones beside it. A place without a settlement of its own gets `home`.
        """
        districts = [one for one in places if one.kind is PlaceKind.DISTRICT]
        found = []
        for place in places:
            if place.kind is PlaceKind.DISTRICT:
                one = self._district(place)
            elif place.kind is PlaceKind.SETTLEMENT:
                one = self._settlement(place, home)
            elif place.kind is PlaceKind.LANDMARK:
                one = LandmarkMention(self.gazetteer, place, home, self._beside(place, districts), thread).resolved()
            else:
                one = AddressMention(self.gazetteer, place, home, self._beside(place, districts), thread).resolved()
            found.append(one if one.settlement else replace(one, settlement=home))
        return found

    def located(self, at: Location, home: str) -> Place:
        """The point that an author attached: in its district, and in `home` unless the map ends before it."""
        corners = self.gazetteer.corners
        south, north, west, east = corners or (at.lat, at.lat, at.lon, at.lon)
        inside = south <= at.lat <= north and west <= at.lon <= east
        return Place(
            kind=PlaceKind.LANDMARK,
            name=(),
            start=0,
            end=0,
            quote="",
            field="location",
            type="геометка",
            settlement=home if inside else "",
            district=self.gazetteer.district_at(at.lat, at.lon),
            lat=at.lat,
            lon=at.lon,
            precision=PlacePrecision.LANDMARK,
            confidence=_ATTACHED,
            rule="geotag",
        )

    def _settlement(self, place: Place, home: str) -> Place:
        """A settlement where its name stands on the map; not home, whose centre would say nothing."""
        known = self.gazetteer.settlement(place.name[0]) if fold(place.name[0]) != fold(home) else None
        return replace(place, **spot_of(known.point)) if known and known.point else place

    def _official(self, district: Place) -> str:
        return self.official.get(fold(district.name[0]), district.name[0])

    def _beside(self, place: Place, districts: Sequence[Place]) -> str:
        """The district named nearest to an address in its field, before it rather than after; else that of a title."""
        gaps = [
            (place.start - one.end if one.start < place.start else one.start - place.end, one.start > place.start, one)
            for one in districts
            if one.field == place.field
        ]
        near = min((gap for gap in gaps if gap[0] <= _NEAR), key=lambda gap: gap[:2], default=None)
        titled = [one for one in districts if one.field == "title" != place.field]
        named = near[2] if near else titled[0] if len(titled) == 1 else None
        return self._official(named) if named else ""

    def _district(self, place: Place) -> Place:
        official = self._official(place)
        known = self.gazetteer.district(official)
        if known is None or known.point is None:
            return replace(place, district=official)
        return replace(place, district=official, **spot_of(known.point))

"""The names of streets, settlements and other places that a query line offers: the gazetteer's and the archive's."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

from crawler.console.lately import LatelyOf
from crawler.desk import Desk
from crawler.model.items import Place, PlaceKind
from search.address import fold
from search.engine import EngineDownError, EngineError
from search.state import archive
from search.tree import Field, Query

NAMED_PLACES = ("street", "settlement", "place")
"""The fields that take a name of a place."""
NEWEST = 1_000
"""Posts of the archive whose places are looked through: what people speak of now."""
_KEEP = timedelta(minutes=10)
"""So long the names are offered before they are read anew."""
_FIELDS = {
    PlaceKind.HOUSE: "street",
    PlaceKind.STREET: "street",
    PlaceKind.SETTLEMENT: "settlement",
    PlaceKind.LANDMARK: "place",
}


@dataclass(frozen=True, slots=True)
class Called:
    """A name as a query has it, how posts of late have it, and what tells it from others."""

    name: str
    posts: int
    said: str = ""

    @property
    def folded(self) -> str:
        """What is compared with what was typed."""
        return fold(self.name)


_READ: LatelyOf[str, Mapping[str, tuple[Called, ...]]] = LatelyOf(_KEEP, _KEEP)


def places_of(desk: Desk) -> Mapping[str, tuple[Called, ...]]:
    """By field (street, settlement, place) the names, what posts speak of most first."""
    return _READ[desk.database].get(desk.city.key, desk.clock.now(), lambda: _read(desk))


def _read(desk: Desk) -> dict[str, tuple[Called, ...]]:
    known = dict.fromkeys(_of_gazetteer(desk))
    said = Counter(_of_archive(desk))
    found: dict[str, tuple[Called, ...]] = {}
    every = [*((*key, "") for key in said), *known]
    for field in NAMED_PLACES:
        names = {name: more for one, name, more in every if one == field}
        made = [Called(name, said[field, name], more) for name, more in names.items() if name]
        found[field] = tuple(sorted(made, key=lambda one: (-one.posts, one.folded)))
    return found


def _of_gazetteer(desk: Desk) -> Iterator[tuple[str, str, str]]:
    gazetteer, home = desk.finder.gazetteer, fold(desk.city.home)
    for street in gazetteer.every_street:
        elsewhere = street.settlement if fold(street.settlement) != home else ""
        yield "street", f"{street.type} {street.name}".strip(), elsewhere
    for name in gazetteer.settlement_names:
        yield "settlement", name, ""
    for landmark in gazetteer.every_landmark:
        is_said = fold(landmark.name).startswith(fold(landmark.kind))
        yield "place", landmark.name if is_said else f"{landmark.kind} {landmark.name}".strip(), ""


def _of_archive(desk: Desk) -> Iterator[tuple[str, str]]:
    """(field, name) of each place of the newest posts; none while the index does not answer."""
    try:
        page = desk.engine.find(Query("", Field("has", "place", (0, 0))), desk.context(), limit=NEWEST)
    except (EngineDownError, EngineError):
        return
    with desk.database.read() as connection:
        stored = archive.load(connection, desk.city.key, [hit.post for hit in page.hits])
    for one in stored.values():
        yield from dict.fromkeys(_named(one.reading.places))


def _named(places: Iterable[Place]) -> Iterator[tuple[str, str]]:
    for place in places:
        field = _FIELDS.get(place.kind)
        if field:
            name = " ".join(place.name)
            yield field, name if field == "settlement" else f"{place.type} {name}".strip()

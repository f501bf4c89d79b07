"""The names of a place as keys: of the district and settlement it lies in, and its own."""

from functools import lru_cache

from crawler.model.items import Place, PlaceKind
from search.analysis import name_key
from search.street_key import split_street


def place_names(place: Place, kind: PlaceKind) -> frozenset[str]:
    """The keys under which a place lies in a district or a settlement: the one it is in, and itself if it is one."""
    within = place.district if kind is PlaceKind.DISTRICT else place.settlement
    own = place.name if place.kind is kind else ()
    return frozenset(key for key in map(name_key, (within, *own)) if key)


def own_names(place: Place) -> frozenset[str]:
    """The keys of what a place is called: each of its names with its type and without; a landmark also as the text has
    it («ТЦ Европа» beside «торговый центр Европа»).
    """
    return _own_names(place.name, place.type, place.quote if place.kind is PlaceKind.LANDMARK else "")


@lru_cache(1 << 14)
def _own_names(names: tuple[str, ...], kind: str, quote: str) -> frozenset[str]:
    arranged = [_arranged(name) for name in names]
    called = [*arranged, *(f"{kind} {name}" for name in arranged if kind), _arranged(quote)]
    return frozenset(key for key in map(name_key, called) if key)


def asked_name(text: str) -> str:
    """The key of a name as a query has it: «ул. Ленина», «Ленина ул.» and «улица Ленина» are one."""
    return name_key(_arranged(text))


def _arranged(name: str) -> str:
    kind, rest = split_street(name)
    return f"{kind} {rest}" if kind else name

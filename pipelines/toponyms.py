"""Places in a text: found by ordered rules (toponym_rules.py), looked up by resolution.py, given with offsets."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace

from crawler.model.items import Location, Place, PlaceKind
from pipelines.resolution import Resolver
from pipelines.toponym_rules import find_mentions
from pipelines.toponym_text import Mention, Vocabulary
from search.address import fold
from search.gazetteer import Gazetteer
from search.morphology import forms
from search.street_key import street_key

_NEAR = 120  # characters between a settlement and the address it governs


class PlaceFinder:
    """Finds places. `district_aliases` maps a colloquial name of a district to its official one."""

    def __init__(
        self, gazetteer: Gazetteer, home_settlement: str, district_aliases: Mapping[str, str] | None = None
    ) -> None:
        self.gazetteer = gazetteer
        self.home = home_settlement
        districts = {_lemma(name): name for name in gazetteer.district_names if _can_stand_alone(name)}
        districts |= {_lemma(alias): alias for alias in district_aliases or {}}
        self._resolver = Resolver(gazetteer, {fold(alias): name for alias, name in (district_aliases or {}).items()})
        homes = {fold(home_settlement): home_settlement} if home_settlement else {}
        towns = frozenset(map(fold, gazetteer.settlement_names)) | homes.keys()
        self._vocabulary = Vocabulary(
            homes, towns, districts, lambda low: gazetteer.knows_street(street_key(low)), gazetteer.knows_landmark
        )

    def find(
        self, text: str, title: str = "", home: str | None = None, thread: Sequence[Place] = ()
    ) -> tuple[Place, ...]:
        """The places of the title, then of the text. Offsets count code points of the field that `Place.field` names.
        A place without a settlement of its own gets `home` (the finder's when None). `thread` are the places of the
        posts that this one answers and of earlier ones beside it: they tell which of several places is meant.
        """
        at_home = self.home if home is None else home
        vocabulary = self._vocabulary
        if fold(at_home) not in vocabulary.homes and at_home:
            vocabulary = replace(vocabulary, homes={**vocabulary.homes, fold(at_home): at_home})
        places: list[Place] = []
        for field, content in (("title", title), ("text", text)):
            if content:
                mentions = find_mentions(content, vocabulary)
                settlements = [one for one in mentions if one.kind is PlaceKind.SETTLEMENT]
                places += [self._place(one, settlements, content, field) for one in mentions]
        return tuple(self._resolver.resolved(places, at_home, thread))

    def located(self, at: Location, home: str | None = None) -> Place:
        """The point that an author attached, as a place of the field "location"."""
        return self._resolver.located(at, self.home if home is None else home)

    def _place(self, mention: Mention, settlements: list[Mention], content: str, field: str) -> Place:
        keys = [street_key(name, kind) for name, kind in zip(mention.names, mention.types, strict=False)]
        addressed = mention.kind in (PlaceKind.STREET, PlaceKind.HOUSE, PlaceKind.INTERSECTION)
        return Place(
            kind=mention.kind,
            name=mention.names,
            start=mention.start,
            end=mention.end,
            quote=content[mention.start : mention.end],
            field=field,
            type=mention.types[0],
            houses=mention.houses,
            settlement=mention.names[0] if mention.kind is PlaceKind.SETTLEMENT else _governing(mention, settlements),
            street_key="|".join(keys) if addressed else "",
            confidence=mention.confidence,
            rule=mention.rule,
        )


def _governing(mention: Mention, settlements: list[Mention]) -> str:
    """The settlement of an address: the one named last before it, near enough; "" for none."""
    for town in reversed(settlements[: bisect_left(settlements, mention.start, key=lambda one: one.start)]):
        return town.names[0] if mention.start - town.end <= _NEAR else ""
    return ""


def _lemma(name: str) -> str:
    """The key under which the words of a text find a district's name."""
    low = fold(name)
    return forms(low)[0].lemma.replace("ё", "е") if " " not in low else low


def _can_stand_alone(name: str) -> bool:
    """Whether a district's name says by itself that it is one: «Луговое», but not «Центральный», a common adjective."""
    return " " not in name and forms(name)[0].pos not in ("ADJF", "") and len(name) > 3

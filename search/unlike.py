"""How incidents that somebody wants to join differ: other topics, far apart, other parts of the city."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City
from crawler.model.errors import OtklikError
from crawler.model.items import Place
from crawler.model.text import Text
from search.acts import Hand, row_of
from search.address import fold
from search.arrivals import is_unsure
from search.geo import metres
from search.pins import EXACT
from search.street_key import street_fits
from search.suggestions import suggest
from search.titles import district_of, place_of, place_text

FAR = 500
"""Metres between two exact places from which on they are asked about: more than a yard or a block."""


@dataclass(frozen=True, slots=True)
class Difference:
    """In what an incident differs from the one that it would go into."""

    number: int
    title: str
    says: tuple[Text, ...]


class UnlikeError(OtklikError):
    """Incidents differ so much that whoever joins them has to say that they mean it."""

    def __init__(self, into: int, differences: Sequence[Difference]) -> None:
        super().__init__(_UNLIKE.filled(number=into))
        self.differences = tuple(differences)


def differences(hand: Hand, into: int, others: Sequence[int]) -> tuple[Difference, ...]:
    """Those of the others that differ from the one they would go into. Copies of one text do not, wherever they are
    placed, nor what stands at the very place. OtklikError for an incident that is not there.
    """
    row = row_of(hand, into)
    alike = {one.number: one.why for one in suggest(hand.connection, hand.city, row)}
    found = []
    for number in dict.fromkeys(others):
        other, why = row_of(hand, number), alike.get(number, "")
        says = () if why else _topics(hand.city, row, other)
        says += () if why in ("copy", "place") else _places(hand, row, other)
        if says and number != into:
            found.append(Difference(number, other.title, says))
    return tuple(found)


def _topics(city: City, row: sa.Row[Any], other: sa.Row[Any]) -> tuple[Text, ...]:
    known = row.topic and other.topic and not is_unsure(row.group_key) and not is_unsure(other.group_key)
    if not known or city.group_of(row.topic) == city.group_of(other.topic):
        return ()
    return (_TOPIC.filled(mine=other.topic, its=row.topic, into=row.number),)


def _places(hand: Hand, row: sa.Row[Any], other: sa.Row[Any]) -> tuple[Text, ...]:
    its, mine = place_of(row.place), place_of(other.place)
    if its is None or mine is None:
        return ()
    told = {"mine": place_text(mine, hand.city.home), "its": place_text(its, hand.city.home), "into": row.number}
    far = _distance(mine, its)
    if far is not None:
        return (_FAR.filled(**told, far=_far(far)),) if far > FAR else ()
    if _one_street(mine, its):
        return ()
    parts = district_of(mine), district_of(its)
    if all(parts) and fold(parts[0]) != fold(parts[1]):
        return (_DISTRICT.filled(**told | {"mine": parts[0], "its": parts[1]}),)
    return (_STREET.filled(**told),) if mine.street_key and its.street_key else ()


def _distance(one: Place, other: Place) -> float | None:
    """Metres between two places where somebody can go, None where one of them is none."""
    points = [(place.lat, place.lon) for place in (one, other) if place.precision in EXACT]
    known = [(lat, lon) for lat, lon in points if lat is not None and lon is not None]
    return metres(*known) if len(known) == 2 else None


def _one_street(one: Place, other: Place) -> bool:
    return any(street_fits(key, other.street_key) for key in one.street_key.split("|") if key)


def _far(distance: float) -> Text:
    kilometres = f"{distance / 1_000:.1f}"
    if distance < 1_000:
        return Text(f"{distance:.0f} м", f"{distance:.0f} m")
    return Text(f"{kilometres.replace('.', ',')} км", f"{kilometres} km")


_UNLIKE = Text(
    "Похоже, это разные беды. Если всё-таки одна, подтвердите: они войдут в № {number}.",
    "These look like different troubles. If they are one all the same, confirm it: they go into {number}.",
)
_TOPIC = Text("тема «{mine}», а у № {into} «{its}»", "its topic is “{mine}”, that of {into} is “{its}”")
_FAR = Text("до № {into} {far}: {mine} и {its}", "{far} from {into}: {mine} and {its}")
_DISTRICT = Text("район {mine}, а у № {into} {its}", "its district is {mine}, that of {into} is {its}")
_STREET = Text("место {mine}, а у № {into} {its}", "its place is {mine}, that of {into} is {its}")

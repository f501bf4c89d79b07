"""What people call an incident: its topic and its place."""

from dataclasses import asdict
from typing import Any

from crawler.model.items import Place, PlaceKind
from search.address import fold

_NOWHERE = "место не названо"


def title_of(topic: str, place: Place | None, home: str = "") -> str:
    """«Вода — улица Ленина, 5»: the topic, then the place, with its settlement where that is not `home`."""
    return f"{topic[:1].upper()}{topic[1:]} — {place_text(place, home) or _NOWHERE}"


def place_text(place: Place | None, home: str = "") -> str:
    """A place in one line, "" for none."""
    if place is None:
        return ""
    if place.kind is PlaceKind.INTERSECTION:
        text = " / ".join(place.name)
    else:
        text = " ".join(part for part in (place.type, *place.name) if part)
    houses = [str(house) for house in place.houses]
    elsewhere = place.kind is not PlaceKind.SETTLEMENT and fold(place.settlement) not in ("", fold(home))
    return ", ".join([*([place.settlement] if elsewhere else []), text, *houses])


def place_content(place: Place | None, home: str = "") -> dict[str, Any] | None:
    """What the state keeps of an incident's place: the record and, as `text`, its one line for people.

    The quote stays with the post: a resident's words are kept in one place only.
    """
    if place is None:
        return None
    content = {key: value for key, value in asdict(place).items() if key not in ("start", "end", "quote", "field")}
    return content | {"houses": [str(house) for house in place.houses], "text": place_text(place, home)}

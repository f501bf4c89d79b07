"""What people call an incident: its topic and its place."""

from dataclasses import replace
from functools import lru_cache
from typing import Any

import orjson

from crawler.model.items import Place, PlaceKind
from crawler.model.text import Text
from search.address import fold
from search.state.records import pack, unpack

NOWHERE = Text("место не названо", "no place named")
_NOWHERE = NOWHERE.ru
"""As titles are kept: in the language of the city."""
_MOST_PLACES = 1 << 14


def title_of(topic: str, place: Place | None, home: str = "") -> str:
    """«Вода — улица Ленина, 5»: the topic, then the place, with its settlement where that is not `home`."""
    return f"{topic[:1].upper()}{topic[1:]} — {place_text(place, home) or _NOWHERE}"


def title_said(title: str) -> str:
    """A title in the reader's language, as far as its words are ours."""
    ours = f" — {_NOWHERE}"
    return f"{title.removesuffix(ours)} — {NOWHERE}" if title.endswith(ours) else title


def called_by(title: str, place: Place | None, home: str = "") -> str:
    """What a title of that place says before it."""
    return title.removesuffix(f" — {place_text(place, home) or _NOWHERE}")


def place_text(place: Place | None, home: str = "") -> str:
    """A place in one line, "" for none."""
    if place is None:
        return ""
    if place.kind is PlaceKind.INTERSECTION:
        text = " / ".join(place.name)
    elif place.kind is PlaceKind.DISTRICT and not place.type:
        text = place.district or " ".join(place.name)  # «за речкой» is what people call Заречье
    else:
        text = " ".join(part for part in (place.type, *place.name) if part)
    houses = [str(house) for house in place.houses]
    if place.namesake and place.district:
        text += f" ({place.district})"
    elsewhere = place.kind is not PlaceKind.SETTLEMENT and fold(place.settlement) not in ("", fold(home))
    return ", ".join([*([place.settlement] if elsewhere else []), text, *houses])


def place_content(place: Place | None) -> dict[str, Any] | None:
    """What the state keeps of an incident's place: the record without its quote, since a resident's words have one
    home, the post.
    """
    return None if place is None else pack(replace(place, start=0, end=0, quote=""))


def place_of(content: dict[str, Any] | None) -> Place | None:
    """The place that was kept."""
    return None if content is None else unpack(Place, content)


@lru_cache(_MOST_PLACES)
def kept_place(text: str | None) -> Place | None:
    """The same of its JSON as the state keeps it: the places of a queue are asked for again and again."""
    return place_of(orjson.loads(text) if text else None)


def district_of(place: Place | None) -> str:
    """The district that a place lies in or is, "" where it is not known."""
    if place is None:
        return ""
    # What people call a district («за речкой») is none of its own.
    return place.district or (" ".join(place.name) if place.kind is PlaceKind.DISTRICT else "")

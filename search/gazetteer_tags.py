"""What the tags of OpenStreetMap say an object is, in the words of a gazetteer.

The tags: wiki.openstreetmap.org/wiki/Map_features.
"""

import re
from collections.abc import Mapping

from search.gazetteer_landmarks import told_kind

Tags = Mapping[str, str]

FILTER = ("name", "name:ru", "addr:housenumber", "bridge:name")
"""An object without any of these keys has nothing for a gazetteer."""
_STREETS = re.compile(
    r"(?:motorway|trunk|primary|secondary|tertiary)(?:_link)?|unclassified|residential|living_street|service|pedestrian"
    r"|road|track"
)
# Key → value → kind of landmark; "" stands for every other value.
_LANDMARKS: dict[str, dict[str, str]] = {
    "amenity": {
        "school": "школа",
        "kindergarten": "детский сад",
        "hospital": "больница",
        "clinic": "поликлиника",
        "doctors": "поликлиника",
        "library": "библиотека",
        "marketplace": "рынок",
        "bus_station": "автовокзал",
        "place_of_worship": "церковь",
        "college": "колледж",
        "cinema": "кинотеатр",
        "arts_centre": "дом культуры",
        "community_centre": "дом культуры",
        "theatre": "театр",
    },
    "highway": {"bus_stop": "остановка"},
    "railway": {"tram_stop": "остановка", "station": "вокзал", "halt": "остановка"},
    "public_transport": {"platform": "остановка", "stop_position": "остановка", "station": "вокзал"},
    "leisure": {"park": "парк", "garden": "сквер", "stadium": "стадион"},
    "landuse": {"cemetery": "кладбище", "reservoir": "пруд"},
    "man_made": {"bridge": "мост", "works": "завод"},
    "power": {"plant": "электростанция"},
    "shop": {"mall": "торговый центр", "department_store": "торговый центр"},
    "natural": {"water": "озеро"},
    "tourism": {"museum": "музей", "zoo": "зоопарк"},
}
_PARTS = {
    "suburb": "микрорайон",
    "quarter": "микрорайон",
    "neighbourhood": "микрорайон",
    "borough": "район",
    "allotments": "садовое товарищество",
}
_BRIDGE = re.compile(r"\b(?:мост|путепровод|виадук)\b", re.IGNORECASE)
_MUNICIPALITY = re.compile(
    r"^(?:городской округ|муниципальный округ|городское поселение)\b\s*(?:город\b|г\.)?|^город\b", re.IGNORECASE
)
_OTHER_NAMES = ("alt_name", "old_name", "short_name", "loc_name", "official_name", "name")
DRAWN, DISTRICT, OKRUG, PART, WIDE = range(5)
"""Ranks of areas: drawn by an administrator, районы of a city, округа, parts of it, whole municipalities."""


def names_of(tags: Tags) -> list[str]:
    """The names of an object, its Russian one first; "a;b" are two."""
    found = [tags.get("name:ru", ""), tags.get("name", ""), *(tags.get(key, "") for key in _OTHER_NAMES)]
    return list(dict.fromkeys(name.strip() for said in found for name in said.split(";") if name.strip()))


def is_street(tags: Tags) -> bool:
    """Whether a way is a street with a name; a bridge is a landmark."""
    named = names_of(tags) if _STREETS.fullmatch(tags.get("highway", "")) else []
    return bool(named) and not _BRIDGE.search(named[0])


def landmark_of(tags: Tags) -> tuple[str, list[str]] | None:
    """The kind of a landmark and its names; a number that stands apart from the name joins it."""
    names = names_of(tags)
    bridge = tags.get("bridge:name", "").strip()
    if bridge or (names and _STREETS.fullmatch(tags.get("highway", "")) and _BRIDGE.search(names[0])):
        return "мост", [bridge or names[0]]
    kind = next((values[tags[key]] for key, values in _LANDMARKS.items() if tags.get(key) in values), "")
    if not kind or not names:
        return None
    if kind == "озеро":
        kind = "пруд" if tags.get("water") in ("pond", "reservoir") else "озеро"
    number = tags.get("ref", "").strip()
    if number.isdigit() and not any(re.search(r"\d", name) for name in names):
        names.append(f"{names[0]} № {number}")
    return told_kind(kind, names[0]), names


def part_of(tags: Tags) -> tuple[str, int] | None:
    """The kind and rank of a part of a city, None for what is none."""
    name = next(iter(names_of(tags)), "")
    if not name:
        return None
    if tags.get("place") in _PARTS:
        return _PARTS[tags["place"]], PART
    if tags.get("landuse") == "residential":
        return ("жилой комплекс" if re.match(r"(?:ЖК|жилой комплекс)\b", name, re.IGNORECASE) else "микрорайон"), PART
    return _administrative(name, tags.get("admin_level", "")) if tags.get("boundary") == "administrative" else None


def _administrative(name: str, level: str) -> tuple[str, int] | None:
    if level not in ("5", "6", "7", "8", "9", "10"):
        return None
    if level == "6":
        return "муниципалитет", WIDE
    if re.search(r"\bрайон\b", name, re.IGNORECASE):
        return "район", DISTRICT
    return ("округ", OKRUG) if re.search(r"\bокруг\b", name, re.IGNORECASE) else None


def municipality_of(tags: Tags) -> str:
    """The name of the city that a municipality is called after: «Пермь» of «городской округ Пермь»; "" for none."""
    if tags.get("boundary") != "administrative" or tags.get("admin_level", "") not in ("4", "5", "6", "7", "8"):
        return ""
    return _MUNICIPALITY.sub("", next(iter(names_of(tags)), "")).strip(' «»"')

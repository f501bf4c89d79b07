"""What people call the destinations of tickets, which have a key and no name."""

from crawler.model.city import City
from crawler.model.text import Text

SYSTEMS = {
    "blackhole": Text("учёт без отправки", "kept, not sent"),
    "webhook": Text("система исполнителя", "the executor's system"),
}
KEPT_ONLY = frozenset({"blackhole"})
"""Those that hand tickets to nobody."""


def is_kept_only(city: City, key: str) -> bool:
    """Whether tickets for a destination are recorded and go nowhere: nobody could ask for one by its number."""
    return any(one.key == key and one.system in KEPT_ONLY for one in city.destinations)


def destination(city: City, key: str) -> Text:
    """Where tickets go: by what the system is, with its key where the city has several alike."""
    known = {one.key: one.system for one in city.destinations}
    if key not in known or known[key] not in SYSTEMS:
        return Text(key, key)
    alike = list(known.values()).count(known[key]) > 1
    named = SYSTEMS[known[key]]
    return Text(f"{named.ru} ({key})", f"{named.en} ({key})") if alike else named

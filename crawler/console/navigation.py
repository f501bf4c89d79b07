"""The sections of the console, as the bar and the tabs of a phone show them."""

from dataclasses import dataclass

from crawler.accounts.roles import Permission
from crawler.console.asked import Asked
from crawler.model.city import City
from crawler.model.text import Text


@dataclass(frozen=True, slots=True)
class Section:
    """One entry: its address after the city, icon and name; `tabbed` puts it among the few of a phone."""

    key: str
    icon: str
    name: Text
    may: Permission = Permission.READ
    tabbed: bool = True


SECTIONS = (
    Section("queue", "queue", Text("Очередь", "Queue")),
    Section("risks", "risk", Text("Риски", "Risks")),
    Section("map", "map", Text("Карта", "Map")),
    Section("search", "search", Text("Поиск", "Search")),
    Section("saved", "saved", Text("Запросы", "Saved searches"), tabbed=False),
    Section("sources", "feed", Text("Источники", "Sources")),
    Section("report", "report", Text("Отчёт", "Report"), tabbed=False),
    Section("story", "link", Text("Сюжеты", "Stories"), tabbed=False),
)
"""In the order of the keys G 1, G 2, …"""


def sections(asked: Asked) -> list[Section]:
    """Those that whoever asks may open; none where there is no city to lead to."""
    if home_of(asked) is None:
        return []
    return [section for section in SECTIONS if asked.may(section.may)]


def home_of(asked: Asked) -> City | None:
    """The city whose sections a page leads to: its own, the one that its reader came from, or the first."""
    if asked.desk_or_none is not None:
        return asked.desk_or_none.city
    if asked.session is None:
        return None
    came_from = asked.value("from")
    return next((city for city in asked.cities if city.key == came_from), next(iter(asked.cities), None))

"""The sections of the console, as the bar and the tabs of a phone show them."""

from dataclasses import dataclass

from crawler.accounts.roles import Permission
from crawler.console.asked import Asked
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
    Section("saved", "saved", Text("Запросы", "Saved searches")),
    Section("sources", "feed", Text("Источники", "Sources")),
    Section("report", "report", Text("Отчёт", "Report"), tabbed=False),
)
"""In the order of the keys G 1, G 2, …"""


def sections(asked: Asked) -> list[Section]:
    """Those that whoever asks may open; none outside a city."""
    if asked.desk_or_none is None:
        return []
    return [section for section in SECTIONS if asked.may(section.may)]

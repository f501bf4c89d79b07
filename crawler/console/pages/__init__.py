"""Every page of the console. A page or an action stands here, with who may, or it is not there."""

from crawler.console.pages import (
    bulk,
    city_map,
    incident,
    live,
    map_tiles,
    people,
    queue,
    register,
    report,
    risks,
    saved,
    search,
    sign_in,
    sources,
    story,
)
from crawler.console.routing import Page

PAGES: tuple[Page, ...] = (
    *sign_in.PAGES,
    *people.PAGES,
    *queue.PAGES,
    *live.PAGES,
    *bulk.PAGES,
    *register.PAGES,
    *incident.PAGES,
    *city_map.PAGES,
    *map_tiles.PAGES,
    *report.PAGES,
    *risks.PAGES,
    *saved.PAGES,
    *search.PAGES,
    *sources.PAGES,
    *story.PAGES,
)
"""In the order in which addresses are tried."""

"""What the doctor says of a city's gazetteer."""

from collections.abc import Iterator
from datetime import date

from crawler.commands.finding import Finding
from crawler.desk import Desk
from crawler.installation import Installation
from crawler.model.text import Text
from search.gazetteer import Gazetteer

_OLD = 400
"""Days after which a map lacks streets that people live in."""
_HOLDS = Text(
    "Газеттир: улиц {streets}, домов {houses}, районов {districts}, ориентиров {landmarks}.",
    "Gazetteer: {streets} streets, {houses} houses, {districts} districts, {landmarks} landmarks.",
)


def holds(known: Gazetteer) -> Text | None:
    """What the gazetteer of a city has, None where there is none."""
    return _HOLDS.filled(**known.counts) if any(known.counts.values()) else None


def old_map(installation: Installation, desk: Desk) -> Iterator[Finding]:  # noqa: ARG001
    """Maps that the gazetteer was built from and that are older than a year."""
    for source in desk.finder.gazetteer.head.get("sources", []):
        if source["date"] and (desk.clock.now().date() - date.fromisoformat(source["date"])).days > _OLD:
            what = Text("карта города от {date}", "the map of the city is of {date}").filled(date=source["date"])
            todo = Text(
                "скачайте свежую выгрузку и соберите газеттир заново: otklik gazetteer build",
                "get a newer extract and build the gazetteer again: otklik gazetteer build",
            )
            yield Finding(source["file"], what, todo)

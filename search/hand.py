"""Reports that a person registers, from a call or a link: they open or join an incident as every report does, also
where no saved search fits. In the reasons of a report a person's word stands as a search of its own, `hand`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, SavedSearch, Severity
from crawler.model.items import Place
from search.document import Document
from search.monitor import Found
from search.reference import EVERYTHING, Context
from search.titles import place_of
from search.wanted import HAND, Wanted, place_alone, place_key_of, report_key

NAME = "Зарегистрировано вручную"
_WINDOW = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a person says of a post: its topic, how bad it is, and where (None: the post's own place). `by` is who,
    `call` says that the post is their word alone: without them it would not be.
    """

    topic: str
    by: str
    severity: Severity = Severity.NORMAL
    place: Place | None = None
    call: bool = False


def severity_of(city: City, topic: str) -> Severity:
    """How bad a topic is by the city's searches: the worst of the topic's own, else of its group's, else normal."""
    of_group = [one for one in city.searches if one.topic and city.group_of(one.topic) == city.group_of(topic)]
    said = [one.severity for one in of_group if one.topic == topic] or [one.severity for one in of_group]
    return min(said, key=lambda one: one.rank, default=Severity.NORMAL)


def wanted_by(city: City, document: Document, spoken: Spoken, home: str) -> Wanted:
    """The report that a person asks for."""
    if spoken.place is None:
        key, place = place_alone(document.places, home)
    else:
        key, place = place_key_of(spoken.place, home), spoken.place
    return _wanted(city, document, key, place, spoken)


def registered(city: City, document: Document, known: Iterable[Sequence[sa.Row[Any]]]) -> list[Wanted]:
    """What people asked for of a post before: its known reports (their turns) that a person registered."""
    found = []
    for turns in known:
        row = turns[-1]
        reason = next((reason for reason in row.reasons if reason["search"] == HAND), None)
        if reason is not None:
            spoken = Spoken(reason["topic"], "", Severity(reason["severity"]))
            found.append(_wanted(city, document, row.place_key, place_of(reason["place"]), spoken))
    return found


def is_by_hand(row: sa.Row[Any]) -> bool:
    """Whether a person registered the report of a row."""
    return any(reason["search"] == HAND for reason in row.reasons)


def _wanted(city: City, document: Document, place_key: str, place: Place | None, spoken: Spoken) -> Wanted:
    """By the grouping rules that the searches of the topic group have."""
    group = city.group_of(spoken.topic)
    own = city.searches_of(group)
    search = SavedSearch(
        id=HAND,
        name=NAME,
        query="",
        topic=spoken.topic,
        severity=spoken.severity,
        # The group's own window holds; where it has no search, the usual one.
        window=timedelta(0) if own else _WINDOW,
        area_wide=any(one.area_wide for one in own),
        personal=any(one.personal for one in own if one.topic == spoken.topic),
    )
    # An empty query fits whatever it is asked of, and says no reason.
    found = Found(search, EVERYTHING, document, Context(document.seen_at, city.zone))
    return Wanted(group, place_key, place, [found])


def fold_in(
    now: dict[tuple[str, str], Wanted], said: Wanted, post: str, known: Mapping[str, Sequence[sa.Row[Any]]]
) -> None:
    """Put what a person said among the reports that searches want of a post. Searches of the same topic group speak in
    that one report, and make no second one of it; one that a search made earlier, of another place, stays.
    """
    key = (said.group, said.place_key)
    for other in [one for one in now if one[0] == said.group]:
        elsewhere = other != key and bool(other[1]) and report_key(post, now[other]) in known
        if not elsewhere:
            mine = {one.search.id for one in said.found}
            said.found += [one for one in now.pop(other).found if one.search.id not in mine]
    now[key] = said

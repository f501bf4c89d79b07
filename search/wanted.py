"""Which reports a post makes: from the searches that fit it to (topic group, place) with their reasons. Pure."""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from typing import Any

from crawler.model.city import City, SavedSearch, Severity
from crawler.model.items import Place, PlaceKind
from search.address import fold, place_keys
from search.document import Document
from search.monitor import Found
from search.reference import Match
from search.street_key import street_fits
from search.subjects import Subject
from search.titles import place_content

_FINENESS = {PlaceKind.SETTLEMENT: 0, PlaceKind.DISTRICT: 1, PlaceKind.STREET: 2}
_ALARM = "rule:"
HAND = "hand"
"""The id of a person's word among the searches that are the reasons of a report (search/hand.py)."""
TAKEN_BACK = "taken back"
"""The state of a report that a person registered and took back, and the id of their word in it since."""
# One encoder for all: json.dumps makes one a call.
in_json = json.JSONEncoder(ensure_ascii=False).encode
"""The JSON of the keys that reports and incidents have."""
_EXACT = frozenset({PlaceKind.HOUSE, PlaceKind.INTERSECTION, PlaceKind.LANDMARK})


@dataclass(slots=True)
class Wanted:
    """A report that a post makes: one topic group ("": not known), one place, every search that says so (worst first).
    `told` is the topic that its text was read as where no search says one. A report of an alarm has the stretch of the
    alarm, and the rule's key in the place of the place's.
    """

    group: str
    place_key: str
    place: Place | None
    found: list[Found] = field(default_factory=list)
    alarm: tuple[datetime, datetime] | None = None
    told: str = ""

    @property
    def first(self) -> SavedSearch:
        """The search that the report is named after: the worst, then by id."""
        if len(self.found) == 1:  # as most are, and it is asked for at every turn
            return self.found[0].search
        return min((one.search for one in self.found), key=_rank)

    @property
    def topic(self) -> str:
        """What the worst search that names a topic says, else what the text was read as, "" for none."""
        named = [one.search for one in self.found if one.search.topic]
        return min(named, key=_rank).topic if named else self.told

    @property
    def severity(self) -> Severity:
        """The worst of its searches."""
        return self.first.severity

    @property
    def window(self) -> timedelta:
        """The longest of its searches; of an alarm not shorter than the rule's own."""
        return max(max(one.search.window, one.search.rule.within) for one in self.found)

    @property
    def personal(self) -> bool:
        """Whether any of its searches is about personal matters."""
        return any(one.search.personal for one in self.found)

    @property
    def chains(self) -> bool:
        """Whether reports of different people are put together as long as they lie within its window of each other."""
        return self.alarm is not None or self.groups_by_place

    @property
    def groups_by_place(self) -> bool:
        """Whether topic and place are known well enough to put reports of different people together: one place of
        several that it may be is not, and no topic is none.
        """
        area_wide = any(one.search.area_wide for one in self.found)
        return not self.personal and is_one_trouble(self.group, self.place_key, self.place, area_wide)

    def reasons(self) -> list[dict[str, Any]]:
        """What the state keeps: the searches with their versions, severities and spans, and what the text was read as
        where none names a topic.
        """
        ordered = sorted(self.found, key=lambda one: _rank(one.search))
        told = {"told": self.told} if self.told else {}
        return [reason_of(one) | (self._said(one.search) if one.search.id == HAND else told) for one in ordered]

    def _said(self, search: SavedSearch) -> dict[str, Any]:
        """What a person said: it stands nowhere else."""
        return {"topic": search.topic, "place": place_content(self.place)}


def is_one_trouble(group: str, place_key: str, place: Place | None, area_wide: bool) -> bool:
    """Whether reports of different people on this topic group and place are one trouble; on a street where it is
    `area_wide`.
    """
    if not group or place is None or not place_key or place.candidates:
        return False
    return place.kind in _EXACT or (place.kind is PlaceKind.STREET and area_wide)


def _rank(search: SavedSearch) -> tuple[int, bool, str]:
    # What searches found stays named first when a person registers the same, unless that person says it is worse.
    return search.severity.rank, search.id == HAND, search.id


def reason_of(found: Found) -> dict[str, Any]:
    """Why a search fits, as the state keeps it."""
    search = found.search
    return {
        "search": search.id,
        "version": search.version,
        "name": search.name,
        "severity": search.severity.value,
        "why": why_of(found.match),
    }


def why_of(match: Match) -> list[dict[str, Any]]:
    """The clauses that fit and where, as the state keeps them."""
    return [
        {"clause": list(reason.clause), "field": reason.field, "start": reason.start, "end": reason.end}
        for reason in match.why
    ]


def wanted(
    city: City, document: Document, found: Sequence[Found], home: str, subject: Subject, said: Collection[str] = ()
) -> dict[tuple[str, str], Wanted]:
    """The reports of a document by (topic group, place key).

    A search that names no topic speaks in the topic groups of those that do and in those that people `said`; where
    there are none, the group is that of the post's `subject`. A bound place gives a report of its own. What binds none
    speaks in the bound reports of its group; without any the place is the address that an appeal states, else the
    post's only one, else none.
    """
    named = list(dict.fromkeys([*(city.group_of(one.search.topic) for one in found if one.search.topic), *said]))
    told = "" if named else subject.topic
    reports: dict[tuple[str, str], Wanted] = {}
    unbound: list[tuple[str, Found]] = []
    for one in found:
        groups = [city.group_of(one.search.topic)] if one.search.topic else named or [subject.group]
        bound = _keyed(finest([document.places[index] for index in one.match.places]), home)
        for group, (key, place) in product(groups, bound.items()):
            reports.setdefault((group, key), Wanted(group, key, place, told=told)).found.append(one)
        if not bound:
            unbound += [(group, one) for group in groups]
    in_group = {group: [report for report in reports.values() if report.group == group] for group, _ in unbound}
    for group, one in unbound:
        if in_group[group]:
            for report in in_group[group]:
                report.found.append(one)
        else:
            key, alone = place_alone(document.places, home)
            reports.setdefault((group, key), Wanted(group, key, alone, told=told)).found.append(one)
    return reports


def alarm_key(search: str, key: str) -> str:
    """What stands in the place of a place's key in the reports of alarms."""
    return f"{_ALARM}{search}:{key}"


def alarm_of(group_key: str) -> tuple[str, str]:
    """The search and the key of the alarm whose incidents have that group key; ("", "") for any other."""
    kind, *parts = json.loads(group_key)
    if kind != "rule":
        return "", ""
    _, origin, name, key = parts[0].split(":", 3)
    return f"{origin}:{name}", key


def is_of_alarm(place_key: str) -> bool:
    """Whether a report with that place key is one of an alarm."""
    return place_key.startswith(_ALARM)


def report_key(post: str, report: Wanted, turn: int = 1) -> str:
    """What makes a report one and the same: post, topic group and place; the turn where the post speaks up again
    after its report was closed, or apart from where it was.
    """
    parts: list[str | int] = [post, report.group, report.place_key]
    return in_json(parts if turn == 1 else [*parts, turn])


def finest(places: Sequence[Place]) -> list[Place]:
    """The places without those that only say where a finer one lies: «в Луговом, на Садовой 5» is Садовая, 5."""
    return [place for place in places if not any(_lies_in(other, place) for other in places)]


def place_alone(places: Sequence[Place], home: str) -> tuple[str, Place | None]:
    """The place of a post with its key: what an appeal states, else the only one; ("", None) where nothing tells."""
    places = finest([place for place in places if place.stated] or places)
    keyed = _keyed(places, home)
    if len(keyed) == 1:
        return next(iter(keyed.items()))
    alone = places[0] if not keyed and len({(place.kind, place.name) for place in places}) == 1 else None
    return "", alone


def place_key_of(place: Place, home: str) -> str:
    """The key that reports on a place share, "" where it has none."""
    return next(iter(_keyed([place], home)), "")


def _keyed(places: Iterable[Place], home: str) -> dict[str, Place]:
    return {key: place for place in reversed(list(places)) for key in place_keys(place, home)}


def _lies_in(finer: Place, coarse: Place) -> bool:
    if _FINENESS.get(finer.kind, 3) <= _FINENESS.get(coarse.kind, 3):
        return False
    name = fold(" ".join(coarse.name))
    if coarse.kind is PlaceKind.SETTLEMENT:
        return fold(finer.settlement) in ("", name)
    if coarse.kind is PlaceKind.DISTRICT:
        return fold(finer.district) in ("", name)
    return bool(finer.street_key) and street_fits(coarse.street_key, finer.street_key)

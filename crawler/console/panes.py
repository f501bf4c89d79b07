"""What is shown of one incident: in the pane beside the queue and on its own page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from crawler.console import names
from crawler.console.asked import Asked, People
from crawler.console.city_names import destination
from crawler.console.clocks import Clock, clocks
from crawler.console.decisions import Decision, open_to
from crawler.console.putting_off import choices
from crawler.console.shapes import Piece, pieces, spans_of
from crawler.model.city import City, Severity
from crawler.model.text import Text
from search.acts import Kind
from search.arrivals import is_of_rule, is_personal
from search.corrected import corrections
from search.event_names import executors_of
from search.incidents import Incident, Shown, show
from search.live import latest_event
from search.pins import EXACT
from search.states import OPEN, Sending
from search.titles import district_of, place_text
from search.voices import Voice, voices_of
from search.wanted import HAND, TAKEN_BACK

IN_PANE = 12
"""Voices in the pane; the incident's own page has all."""


@dataclass(frozen=True, slots=True)
class Said:
    """A voice with its text in pieces; `searches` are the names of those that it matched."""

    voice: Voice
    title: tuple[Piece, ...]
    text: tuple[Piece, ...]
    searches: tuple[str, ...]
    at: datetime


class Handing(StrEnum):
    """What a confirmation does with the executor of an incident: their ticket is made by it, was made before, or there
    is none to make.
    """

    NOW = "now"
    DONE = "done"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Pane:
    """What a pane's template is given; `people` tells what colleagues are called, `latest` is the latest event that it
    knows of: what is above happened since.
    """

    shown: Shown
    clocks: tuple[Clock, ...]
    where: str
    district: str
    said: tuple[Said, ...]
    decisions: tuple[Decision, ...]
    searches: tuple[tuple[str, str], ...]
    people: People
    latest: int
    now: datetime
    executors: Mapping[str, str]
    destinations: Mapping[str, str]
    """What the routes and the destinations of the journal are called by."""
    handing: Handing
    choices: Mapping[str, Text]
    """The usual times until which it can be put off."""
    home: str

    @property
    def incident(self) -> Incident:
        """The incident."""
        return self.shown.incident

    @property
    def danger(self) -> bool:
        """Whether people may be hurt."""
        return self.incident.severity is Severity.DANGER

    @property
    def is_open(self) -> bool:
        """Whether people still work on it."""
        return self.incident.state in OPEN

    @property
    def is_aside(self) -> bool:
        """Whether it was put off until a time that is to come, and nothing is due within the hour."""
        return self.incident.is_aside(self.now)

    @property
    def can_be_put_off(self) -> bool:
        """Whether it is open and nothing is due within the hour."""
        return self.incident.can_be_put_off(self.now)

    @property
    def is_placeless(self) -> bool:
        """Whether no exact place is known of it: its residents can be asked for one."""
        place = self.incident.place
        return place is None or place.precision not in EXACT

    @property
    def can_be_corrected(self) -> bool:
        """Whether its place and topic may be put right: those of an alarm are its rule's."""
        return self.is_open and not is_of_rule(self.incident.group_key)

    @property
    def corrections(self) -> list[Text]:
        """What Otklik had understood, where people put it right."""
        return corrections(self.incident, self.home)

    @property
    def first_at(self) -> datetime | None:
        """When the first of the voices that are shown was published, None where there are none."""
        return min((said.at for said in self.said), default=None)

    @property
    def stands_alone(self) -> bool:
        """Whether its voices go nowhere and no others come to it: a personal matter, or the alarm of a rule."""
        return is_personal(self.incident.group_key) or is_of_rule(self.incident.group_key)

    @property
    def main(self) -> Decision | None:
        """The decision that is usual now: the first that needs no reason."""
        return next((one for one in self.decisions if not one.reasons), None)

    @property
    def others(self) -> list[Decision]:
        """The other decisions."""
        return [one for one in self.decisions if one is not self.main]

    @property
    def can_undo(self) -> bool:
        """Whether anything was done that is not undone."""
        return any(not act.undone and act.kind is not Kind.UNDO for act in self.shown.acts)

    def person(self, name: str) -> str:
        """What colleagues call somebody."""
        return self.people.called(name)


def pane_of(connection: sa.Connection, asked: Asked, number: int, limit: int | None = IN_PANE) -> Pane:
    """What is shown of the incident of a number. OtklikError when there is none."""
    shown = show(connection, asked.city, number)
    incident = shown.incident
    said = tuple(_said(voice) for voice in voices_of(connection, asked.city, shown.reports[:limit], shown.images))
    where, district = place_text(incident.place, asked.city.home), district_of(incident.place)
    searches = {reason["search"]: str(reason["name"]) for report in shown.reports for reason in report.reasons}
    return Pane(
        shown,
        tuple(clocks(incident, asked.now)),
        where,
        "" if district == where else district,
        said,
        tuple(open_to(incident)),
        tuple(sorted(searches.items(), key=lambda one: (one[0] in (HAND, TAKEN_BACK), one[1]))),
        asked.people,
        latest_event(connection),
        asked.now,
        executors_of(asked.city),
        {one.key: str(destination(asked.city, one.key)) for one in asked.city.destinations},
        _handing(asked.city, shown),
        choices(incident.due, asked.now, asked.city.zone),
        asked.city.home,
    )


def said_of(pane: Pane, act: int) -> tuple[int, str] | None:
    """What is said after an act, with its number where it can be undone (else 0); None for none of this incident."""
    for one in pane.shown.acts:
        if one.id == act:
            undoable = not one.undone and one.kind is not Kind.UNDO
            return (one.id if undoable else 0), f"№ {pane.incident.number}: {names.act(one)}"
    return None


def _handing(city: City, shown: Shown) -> Handing:
    route = next((one for one in city.routes if one.key == shown.incident.route), None)
    if route is None:
        return Handing.NEVER
    there = {one.destination for one in shown.deliveries if one.state != Sending.DEAD}
    return Handing.DONE if route.destination in there else Handing.NOW


def _said(voice: Voice) -> Said:
    report = voice.report
    return Said(
        voice,
        tuple(pieces(report.title, spans_of(report.reasons, "title"))),
        tuple(pieces(report.text, spans_of(report.reasons, "text"))),
        tuple(dict.fromkeys(str(reason["name"]) for reason in sorted(report.reasons, key=_in_order))),
        report.published_at,
    )


def _in_order(reason: Mapping[str, Any]) -> tuple[bool, str]:
    """By name, a person's word last: what the searches said was said before it."""
    return reason["search"] in (HAND, TAKEN_BACK), str(reason["name"])

"""What is shown of one incident: in the pane beside the queue and on its own page."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from crawler.console.asked import Asked
from crawler.console.clocks import Clock, clocks
from crawler.console.decisions import Decision, open_to
from crawler.console.shapes import Piece, pieces, spans_of
from crawler.model.city import Severity
from search.executors import Likely
from search.incidents import Delivery, Incident, Shown, show
from search.titles import district_of, place_text
from search.voices import Voice, voices_of

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


@dataclass(frozen=True, slots=True)
class Pane:
    """What a pane's template is given."""

    shown: Shown
    clocks: tuple[Clock, ...]
    where: str
    district: str
    said: tuple[Said, ...]
    decisions: tuple[Decision, ...]
    searches: tuple[tuple[str, str], ...]

    @property
    def incident(self) -> Incident:
        """The incident."""
        return self.shown.incident

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """How far ticket systems know of it."""
        return self.shown.deliveries

    @property
    def likely(self) -> Likely | None:
        """Who may answer for it where it has no executor."""
        return self.shown.likely

    @property
    def danger(self) -> bool:
        """Whether people may be hurt."""
        return self.incident.severity is Severity.DANGER


def pane_of(connection: sa.Connection, asked: Asked, number: int, limit: int | None = IN_PANE) -> Pane:
    """What is shown of the incident of a number. OtklikError when there is none."""
    shown = show(connection, asked.city, number)
    incident = shown.incident
    said = tuple(_said(voice) for voice in voices_of(connection, asked.city, incident.id, limit))
    searches = {reason["search"]: str(reason["name"]) for report in shown.reports for reason in report.reasons}
    return Pane(
        shown,
        tuple(clocks(incident, asked.now)),
        place_text(incident.place, asked.city.home),
        district_of(incident.place),
        said,
        tuple(open_to(incident)),
        tuple(sorted(searches.items(), key=lambda one: one[1])),
    )


def _said(voice: Voice) -> Said:
    report = voice.report
    return Said(
        voice,
        tuple(pieces(report.title, spans_of(report.reasons, "title"))),
        tuple(pieces(report.text, spans_of(report.reasons, "text"))),
        tuple(sorted({str(reason["name"]) for reason in report.reasons})),
        report.published_at,
    )

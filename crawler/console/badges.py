"""The numbers beside the sections: what is open, what is late, which risks are new, which sources need people."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from crawler.console.asked import Asked
from crawler.console.attention import in_need
from crawler.console.plurals import plural
from crawler.model.text import Text
from search import queue
from search.queue import Counts, View
from search.risks import count_risks
from search.states import State

OPEN = Text("открыто", "open")
LATE = Text("просрочено", "overdue")


@dataclass(frozen=True, slots=True)
class Badge:
    """A number and what it counts; `kind` is the class of its colour, "" for none."""

    number: int
    meaning: Text
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Badges:
    """By section: those of the bar, and those of the few sections of a phone, where only what is late is told."""

    bar: Mapping[str, Badge]
    phone: Mapping[str, Badge]


def badges_of(connection: sa.Connection, asked: Asked, figures: Counts | None = None) -> Badges:
    """The badges of the city in the address; `figures` where they are known already."""
    known = figures or queue.counts(connection, asked.city, asked.now, asked.user.name)
    risks, sources = count_risks(connection, asked.city, {State.NEW}), in_need(asked.installation, asked.desk)
    new = Badge(risks, Text(plural(risks, "новый", "новых", "новых"), "new"), "cnt-soon")
    asks = "needs attention" if sources == 1 else "need attention"
    asking = Text(plural(sources, "требует внимания", "требуют внимания", "требуют внимания"), asks)
    need = Badge(sources, asking, "cnt-late")
    both = {"risks": new, "sources": need}
    return Badges(
        {"queue": Badge(known.views[View.ALL], OPEN), **both}, {"queue": Badge(known.late, LATE, "cnt-late"), **both}
    )

"""What erasing posts means to reports, incidents and tickets: no word, place or reason of an erased post stays in them.

A report goes with its post. An incident is then named and placed by the worst of the reports it has left; one without
any keeps its topic, number and state, and loses its place; while it was new it is rejected, for nobody speaks in it,
and no ticket is made of it any more.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, Severity
from crawler.model.items import Place, Reading
from crawler.model.ports import Keys
from search import events
from search.acts import forget_places, passed_through
from search.address import place_keys
from search.arrivals import is_by_place, is_of_rule, place_parts, split_key
from search.corrected import said_of
from search.events import Event
from search.notes import forget_notes
from search.state import records
from search.state.chunks import chunks
from search.state.tables import deliveries, incidents, readings, reports
from search.states import State, moved
from search.titles import place_content, place_of, title_of

ERASED_REPORT = "report erased"
"""What the journal says of an incident that lost a report: by it its tickets are found again after a crash."""


def forget_reports(
    connection: sa.Connection, city: City, keys: Keys, ids: Sequence[str], at: datetime, who: str
) -> int:
    """Take the reports of these posts out of their incidents and tell the tickets; how many reports went.

    Before the posts' readings are removed. Every incident, each that went into it and each that the reports stood in
    before gets an event with the posts and loses its notes: who knows whom they speak of.
    """
    gone = 0
    for some in chunks(ids):
        mine = sa.and_(reports.c.city == city.key, reports.c.post.in_(some))
        touched: dict[int, set[str]] = {}
        going = connection.execute(sa.select(reports.c.id, reports.c.incident, reports.c.post).where(mine)).all()
        for row in going:
            touched.setdefault(row.incident, set()).add(row.post)
        # Also the tickets of where a person moved them away from received what they said.
        for incident, subjects in passed_through(connection, {row.id: row.post for row in going}, touched).items():
            touched.setdefault(incident, set()).update(subjects)
        for incident, subjects in list(touched.items()):
            for other in _went_into(connection, incident):
                touched.setdefault(other, set()).update(subjects)
        forget_notes(connection, touched)
        gone += connection.execute(sa.delete(reports).where(mine)).rowcount
        happened = []
        for incident, subjects in touched.items():
            happened.append(Event(at, who, ERASED_REPORT, incident, tuple(sorted(subjects))))
            happened += _name_anew(connection, city, keys, incident, at)
        moved(connection, city.key, sorted(touched), at)
        events.write(connection, keys, city.key, happened)
    return gone


def _went_into(connection: sa.Connection, incident: int) -> set[int]:
    """The incidents that were merged into one, and into those: their tickets received what their reports said."""
    found: set[int] = set()
    level = {incident}
    while level:
        query = sa.select(incidents.c.id).where(incidents.c.merged_into.in_(level))
        level = set(connection.scalars(query)) - found
        found |= level
    return found


def _name_anew(connection: sa.Connection, city: City, keys: Keys, incident: int, at: datetime) -> list[Event]:
    row = connection.execute(sa.select(incidents).where(incidents.c.id == incident)).one()
    left = connection.execute(sa.select(reports).where(reports.c.incident == incident)).all()
    values: dict[str, Any] = {}
    # An alarm is named after its search, and all its reports are of one place.
    if not left or not is_of_rule(row.group_key):
        place = place_of_reports(connection, city, left)
        values = {"place": place_content(place), "title": title_of(named_by(row, left), place, city.home)}
        if row.understood:
            values = _as_said(city, row, left, values)
    happened = []
    if not left:
        forget_places(connection, incident)
        events.forget_places(connection, keys, city.key, incident)
    if not left and not _is_spoken_of(connection, row):
        # Also the place stands in it; nothing joins an incident that nobody speaks in.
        values["group_key"] = f'["erased", "{incident}"]'
        never_sent = sa.and_(deliveries.c.external_id == "", deliveries.c.payload_digest == "")
        connection.execute(sa.delete(deliveries).where(deliveries.c.incident == incident, never_sent))
        if row.state == State.NEW:
            values["state"] = State.REJECTED.value
            happened.append(Event(at, events.OTKLIK, State.REJECTED.value, incident, (), "erased"))
    if values:
        connection.execute(incidents.update().where(incidents.c.id == incident).values(**values))
    return happened


def _as_said(city: City, row: sa.Row[Any], left: Sequence[sa.Row[Any]], read: dict[str, Any]) -> dict[str, Any]:
    """What people said of place and topic, while anybody else speaks in it; what Otklik had understood is that of the
    reports that are left.
    """
    said = said_of(row.by_hand, row.topic, row.place)
    if not left or said is None:
        return read | {"understood": None}
    key = row.understood["group_key"]
    if is_by_place(key) and place_parts(key) not in {(one.topic_group, one.place_key) for one in left}:
        key = split_key(row.number)
    topic = row.understood["topic"] if said.of_topic else row.topic
    face = read | {"topic": topic, "title": title_of(topic or named_by(row, left), place_of(read["place"]), city.home)}
    named = said.named(face, city.home)
    return {"place": named["place"], "title": named["title"], "understood": face | {"group_key": key}}


def named_by(row: sa.Row[Any], left: Sequence[sa.Row[Any]]) -> str:
    """What an incident of these reports is called beside its place: its topic, else the search that raised it."""
    named = left[0].reasons[0]["name"] if left else row.title.partition(" — ")[0]
    return str(row.topic or named)


def _is_spoken_of(connection: sa.Connection, row: sa.Row[Any]) -> bool:
    """Whether others still speak of the place that the group key of a joined incident names: it leads them to where it
    went.
    """
    group, place = place_parts(row.group_key)
    into = row.merged_into
    while following := connection.scalar(sa.select(incidents.c.merged_into).where(incidents.c.id == into)):
        into = following
    here = sa.and_(reports.c.incident == into, reports.c.topic_group == group, reports.c.place_key == place)
    return bool(place) and connection.scalar(sa.select(reports.c.id).where(here).limit(1)) is not None


def place_of_reports(connection: sa.Connection, city: City, left: Sequence[sa.Row[Any]]) -> Place | None:
    """The place of the worst of these reports, the earliest of equals; those that fit go first."""
    ranked = sorted(left, key=lambda row: (not row.fits, _rank(row.reasons), row.published_at, row.key))
    for row in ranked:
        here = sa.and_(readings.c.city == city.key, readings.c.post == row.post, readings.c.version == row.version)
        content = connection.scalar(sa.select(readings.c.content).where(here))
        places = records.unpack(Reading, content).places if content else ()
        # Without the settlement, which is that of the source where the text names none.
        _, _, wanted = row.place_key.partition(":")
        for place in places:
            if wanted and any(key.partition(":")[2] == wanted for key in place_keys(place, "")):
                return place
    return None


def _rank(reasons: Sequence[dict[str, Any]]) -> int:
    return min((Severity(reason["severity"]).rank for reason in reasons), default=len(Severity))


def clear_reasons(connection: sa.Connection, city: str, ids: Sequence[str]) -> None:
    """For posts that retention removes: a closed incident keeps its reports and their clocks, and no span of a text."""
    for some in chunks(ids):
        mine = sa.and_(reports.c.city == city, reports.c.post.in_(some))
        for number, reasons in connection.execute(sa.select(reports.c.id, reports.c.reasons).where(mine)).all():
            bare = [reason | {"why": []} for reason in reasons]
            row = sa.update(reports).where(reports.c.id == number)
            connection.execute(row.values(reasons=bare, answer=""))

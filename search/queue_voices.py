"""What the rows of a queue say of their incidents: the first words, and from which platforms the reports are."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from search.state.tables import incidents, post_versions, reports


@dataclass(frozen=True, slots=True)
class Voice:
    """The words that a row shows: those of the earliest report that still fits."""

    title: str
    text: str
    reasons: tuple[dict[str, Any], ...]


SILENT = Voice("", "", ())
"""Of an incident that has no report."""


def first_voices(connection: sa.Connection, ids: Sequence[int]) -> dict[int, Voice]:
    """The first words of these incidents, by id."""
    found = {}
    for row in connection.execute(_VOICES, {"ids": list(ids)}).all():
        said = row.content or {}
        found[row.incident] = Voice(said.get("title", ""), said.get("text", ""), tuple(row.reasons))
    return found


def platforms_of(connection: sa.Connection, ids: Sequence[int]) -> dict[int, tuple[tuple[str, int], ...]]:
    """How many reports of these incidents each platform has, the most first, by id."""
    found: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    for incident, platform, reported in connection.execute(_PLATFORMS, {"ids": list(ids)}).all():
        found[incident].append((platform, reported))
    return {incident: tuple(some) for incident, some in found.items()}


def _first_report() -> sa.ColumnElement[int]:
    """The id of the report that speaks for an incident: a seek in an index, however many it has."""

    def first(fits: bool) -> sa.ScalarSelect[int]:
        one = reports.alias()
        mine = sa.select(one.c.id).where(one.c.incident == incidents.c.id, one.c.fits.is_(fits))
        return mine.order_by(one.c.published_at, one.c.post).limit(1).correlate(incidents).scalar_subquery()

    return sa.func.coalesce(first(True), first(False))


def _first_voices() -> sa.Select[Any]:
    table, content = reports.c, post_versions.c
    here = sa.and_(content.city == table.city, content.post == table.post, content.version == table.version)
    firsts = sa.select(_first_report()).where(incidents.c.id.in_(_IDS))
    return (
        sa.select(table.incident, table.reasons, content.content)
        .join(post_versions, here, isouter=True)
        .where(table.id.in_(firsts))
    )


def _by_platform() -> sa.Select[Any]:
    number = sa.func.count()
    return (
        sa.select(reports.c.incident, reports.c.platform, number)
        .where(reports.c.incident.in_(_IDS), reports.c.platform != "")
        .group_by(reports.c.incident, reports.c.platform)
        .order_by(reports.c.incident, number.desc(), reports.c.platform)
    )


_IDS: sa.BindParameter[int] = sa.bindparam("ids", expanding=True)
_VOICES, _PLATFORMS = _first_voices(), _by_platform()

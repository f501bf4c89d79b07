"""How changes get into the tables of an embedded index: many posts a statement, in the order of their numbers."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from search.document import Document
from search.engine import Entry
from search.engines.plan import SECOND
from search.engines.points import number_of, row_of
from search.engines.stream import Stored, lines, pack, unpack
from search.engines.tables import Index, author_number, bits
from search.mapping import districts, micros, spots


class Row(NamedTuple):
    """A post in the index: the number of its document and what forgetting it needs."""

    document: int
    seq: int
    arrived: int
    stream: Stored


def known_posts(connection: sa.Connection, index: Index, posts: Sequence[str]) -> dict[str, Row]:
    """What the index knows of posts; the stream of one that was taken out is empty."""
    found: dict[str, Row] = {}
    for start in range(0, len(posts), 500):
        some = tuple(posts[start : start + 500])
        marks = ", ".join("?" * len(some))
        for post, *row in connection.exec_driver_sql(
            f"SELECT post, document, seq, arrived, stream FROM {index.prefix}_posts "  # noqa: S608
            f"JOIN {index.prefix}_streams USING (document) WHERE post IN ({marks}) "
            f"UNION ALL SELECT post, 0, seq, 0, x'' FROM {index.prefix}_gone WHERE post IN ({marks})",
            some + some,
        ):
            found[post] = Row(*row)
    return found


def apply(connection: sa.Connection, index: Index, batch: Sequence[Entry]) -> None:
    """Put and take out posts. An entry whose seq is not above the one known of its post changes nothing."""
    latest: dict[str, Entry] = {}
    for entry in batch:
        if entry.post not in latest or entry.seq >= latest[entry.post].seq:
            latest[entry.post] = entry
    known = known_posts(connection, index, list(latest))
    entries = [entry for entry in latest.values() if entry.post not in known or entry.seq > known[entry.post].seq]
    there = {entry.post: known[entry.post] for entry in entries if entry.post in known and known[entry.post].stream}
    forget(connection, index, list(there.values()))
    _many(
        connection,
        f"DELETE FROM {index.prefix}_gone WHERE post = ?",  # noqa: S608
        [(entry.post,) for entry in entries if entry.post in known],
    )
    leave_seq(connection, index, [(entry.post, entry.seq) for entry in entries if entry.document is None])
    put = [entry for entry in entries if entry.document is not None]
    clock = connection.exec_driver_sql(f"UPDATE {index.prefix}_clock SET batch = batch + 1 RETURNING batch")  # noqa: S608
    arrived = dict.fromkeys((entry.post for entry in put), int(clock.scalar_one()))
    _insert(connection, index, put, arrived | {post: row.arrived for post, row in there.items()})


def _many(connection: sa.Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        connection.exec_driver_sql(statement, list(rows))


def forget(connection: sa.Connection, index: Index, rows: Sequence[Row]) -> None:
    """Take posts out, and the points where no place is left."""
    # In the order of the numbers: FTS5 writes a segment whenever they go back.
    rows = sorted(rows)
    _many(
        connection,
        f"INSERT INTO {index.prefix}_words ({index.prefix}_words, rowid, lemma, surface) VALUES ('delete', ?, ?, ?)",  # noqa: S608
        [(row.document, *unpack(row.stream)) for row in rows],
    )
    points = _points_of(connection, index, rows)
    for table in ("places", "districts", "happens", "valued", "streams", "posts"):
        _many(
            connection,
            f"DELETE FROM {index.prefix}_{table} WHERE document = ?",  # noqa: S608
            [(row.document,) for row in rows],
        )
    _many(
        connection,
        f"DELETE FROM {index.prefix}_points WHERE point = ? "  # noqa: S608
        f"AND NOT EXISTS (SELECT 1 FROM {index.prefix}_places WHERE point = ?)",
        [(point, point) for point in points],
    )


def _points_of(connection: sa.Connection, index: Index, rows: Sequence[Row]) -> list[int]:
    if not rows:
        return []
    found = connection.exec_driver_sql(
        f"SELECT DISTINCT point FROM {index.prefix}_places "  # noqa: S608
        "WHERE point IS NOT NULL AND document IN (SELECT value FROM json_each(?))",
        (json.dumps([row.document for row in rows]),),
    )
    return list(found.scalars())


def leave_seq(connection: sa.Connection, index: Index, rows: Sequence[tuple[str, int]]) -> None:
    """Remember the seq of posts that were taken out."""
    _many(connection, f"INSERT INTO {index.prefix}_gone (post, seq) VALUES (?, ?)", rows)  # noqa: S608


def _numbered(connection: sa.Connection, index: Index, entries: Sequence[Entry]) -> list[tuple[int, int, Document]]:
    """(number, seq, document) in the order of the new numbers."""
    by_second: defaultdict[int, list[tuple[int, Document]]] = defaultdict(list)
    for entry in entries:
        if entry.document is not None:
            by_second[micros(entry.document.published_at) // 1_000_000].append((entry.seq, entry.document))
    taken = connection.exec_driver_sql(
        f"SELECT s.value, (SELECT max(document) FROM {index.prefix}_posts "  # noqa: S608
        f"WHERE document BETWEEN s.value * {SECOND} AND s.value * {SECOND} + {SECOND - 1}) FROM json_each(?) s",
        (json.dumps(sorted(by_second)),),
    )
    return [
        (number, seq, document)
        for second, highest in taken
        for number, (seq, document) in enumerate(by_second[second], second * SECOND if highest is None else highest + 1)
    ]


def _post_row(number: int, seq: int, arrived: int, it: Document) -> tuple[object, ...]:
    return (
        number,
        it.id,
        it.version,
        seq,
        arrived,
        it.source,
        it.platform,
        it.kind,
        it.author,
        it.role.value,
        it.topic,
        it.act,
        it.language,
        bits("has", it.has),
        bits("traits", it.traits),
        it.story,
        micros(it.published_at),
        micros(it.seen_at),
    )


def _insert(connection: sa.Connection, index: Index, entries: Sequence[Entry], arrived: Mapping[str, int]) -> None:
    numbered = _numbered(connection, index, entries)
    both = {number: lines(document) for number, _, document in numbered}
    _many(
        connection,
        f"INSERT INTO {index.prefix}_posts (document, post, version, seq, arrived, source, platform, kind, author, "  # noqa: S608
        f"role, topic, act, language, has, traits, story, published, seen) VALUES ({', '.join('?' * 18)})",
        [_post_row(number, seq, arrived[it.id], it) for number, seq, it in numbered],
    )
    _many(
        connection,
        f"INSERT INTO {index.prefix}_streams (document, stream) VALUES (?, ?)",  # noqa: S608
        [(number, pack(both[number])) for number, _, _ in numbered],
    )
    _many(
        connection,
        f"INSERT INTO {index.prefix}_words (rowid, lemma, surface) VALUES (?, ?, ?)",  # noqa: S608
        [(number, *both[number]) for number, _, _ in numbered],
    )
    _insert_values(connection, index, numbered)
    _many(
        connection,
        f"INSERT OR IGNORE INTO {index.prefix}_happens (last, first, document) VALUES (?, ?, ?)",  # noqa: S608
        [(micros(last), micros(first), number) for number, _, it in numbered for first, last in it.happens],
    )
    _insert_places(connection, index, numbered)


def _insert_values(connection: sa.Connection, index: Index, numbered: Sequence[tuple[int, int, Document]]) -> None:
    values = {number: (it.source, it.platform, it.topic, it.act, it.kind, it.role.value) for number, _, it in numbered}
    _many(
        connection,
        f"INSERT OR IGNORE INTO {index.prefix}_values (source, platform, topic, act, kind, role) "  # noqa: S608
        "VALUES (?, ?, ?, ?, ?, ?)",
        list(dict.fromkeys(values.values())),
    )
    _many(
        connection,
        f"INSERT INTO {index.prefix}_valued (document, value, author) SELECT ?, number, ? FROM {index.prefix}_values "  # noqa: S608
        "WHERE source = ? AND platform = ? AND topic = ? AND act = ? AND kind = ? AND role = ?",
        [(number, author_number(it.author), *values[number]) for number, _, it in numbered],
    )


def _insert_places(connection: sa.Connection, index: Index, numbered: Sequence[tuple[int, int, Document]]) -> None:
    _many(
        connection,
        f"INSERT INTO {index.prefix}_districts (document, name) VALUES (?, ?)",  # noqa: S608
        [(number, name) for number, _, document in numbered if document.places for name in districts(document)],
    )
    placed = [(number, spot) for number, _, document in numbered if document.places for spot in spots(document)]
    points = {spot.point: number_of(spot.point) for _, spot in placed if spot.point is not None}
    _many(
        connection,
        f"INSERT OR IGNORE INTO {index.prefix}_points VALUES (?, ?, ?, ?, ?)",  # noqa: S608
        [row_of(point) for point in points],
    )
    _many(
        connection,
        f"INSERT INTO {index.prefix}_places "  # noqa: S608
        "(document, street, district, settlement, name, further_name, first, last, suffix, ranged, parity, point) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                number,
                *row,
                spot.first,
                spot.last,
                spot.suffix,
                spot.ranged,
                spot.parity,
                points.get(spot.point) if spot.point else None,
            )
            for number, spot in placed
            for row in spot.rows()
        ],
    )

"""Near texts: found when a text is first kept, forgotten when the last post that has it goes.

`near_copies` says which texts are near which, both ways, each text near itself too where it has a neighbour. It depends
on the texts that there are, not on the order in which they came.
"""

import json
import time
from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa

from search.likeness import folded, nearness
from search.sketches import sketches
from search.state.bands import MOST, index_of, known_index
from search.state.bulk import Rows
from search.state.chunks import chunks
from search.state.database import Database
from search.state.tables import copy_texts, near_copies, post_versions, posts

_TEXTS = Rows(sa.insert(copy_texts))
_NEAR = Rows(sa.insert(near_copies).prefix_with("OR IGNORE", dialect="sqlite"))

# A text is compared no more after so many that are not near: those of one form are many.
IN_VAIN = 8
# Seconds between two parts of a long preparation.
_A_GAP = 0.05
# One parameter, however many values: lists would be compiled anew for every count.
_ASKED = sa.func.json_each(sa.bindparam("asked", type_=sa.Text)).table_valued("value")
_CITY = sa.bindparam("city", type_=sa.Text)
_NEIGHBOURS = sa.select(near_copies.c.copy_key, near_copies.c.near_key).join_from(
    _ASKED, near_copies, sa.and_(near_copies.c.city == _CITY, near_copies.c.copy_key == _ASKED.c.value)
)
_KNOWN = sa.select(copy_texts.c.copy_key).join_from(
    _ASKED, copy_texts, sa.and_(copy_texts.c.city == _CITY, copy_texts.c.copy_key == _ASKED.c.value)
)
_KEYS = sa.select(copy_texts.c.id, copy_texts.c.copy_key).join_from(
    _ASKED, copy_texts, copy_texts.c.id == _ASKED.c.value
)


def _texts_of_keys() -> sa.Select[str, str, str]:
    of_key = posts.alias("of_key")
    same = sa.and_(of_key.c.city == _CITY, of_key.c.copy_key == _ASKED.c.value)
    one = sa.select(of_key.c.id).where(same).limit(1).correlate(_ASKED).scalar_subquery()
    version = sa.and_(
        post_versions.c.city == posts.c.city,
        post_versions.c.post == posts.c.id,
        post_versions.c.version == posts.c.version,
    )
    title, text = (sa.func.coalesce(post_versions.c.content[name].as_string(), "") for name in ("title", "text"))
    query = sa.select(_ASKED.c.value, title, text)
    return query.join_from(_ASKED, posts, sa.and_(posts.c.city == _CITY, posts.c.id == one)).join(
        post_versions, version
    )


_TEXTS_OF_KEYS = _texts_of_keys()
Neighbours = dict[str, set[str]]


def neighbours(connection: sa.Connection, city: str, keys: Collection[str]) -> Neighbours:
    """The texts near each of these; those with none are left out."""
    found: Neighbours = {}
    for key, other in connection.execute(_NEIGHBOURS, _given(keys, city)):
        found.setdefault(key, set()).add(other)
    return found


def with_near(connection: sa.Connection, city: str, keys: Collection[str]) -> set[str]:
    """These texts and those near them."""
    return set(keys).union(*neighbours(connection, city, keys).values())


def compare(connection: sa.Connection, city: str, keys: Collection[str]) -> None:
    """Compare these texts with all others anew."""
    forget(connection, city, keys)
    keep(connection, city, _texts(connection, city, keys))


def scores(connection: sa.Connection, city: str, key: str) -> dict[str, float]:
    """The texts near this one, with the Jaccard of their shingles."""
    here = sa.and_(near_copies.c.city == city, near_copies.c.copy_key == key)
    rows = connection.execute(sa.select(near_copies.c.near_key, near_copies.c.score).where(here))
    return {row.near_key: row.score for row in rows}


def prepare(database: Database, city: str) -> None:
    """Read what is kept of all texts, a short transaction for each part, before the first comparison in this process:
    after an upgrade each is sketched anew, which takes a minute a million. Killed, it goes on where it was.
    """
    index = known_index(database.writers, city)
    while index.is_far_behind:
        with database.begin() as connection:
            done = index.advance(connection, _texts)
        if not done:
            # Who waits to write tries ten times a second.
            time.sleep(_A_GAP)


def keep(connection: sa.Connection, city: str, texts: Mapping[str, str]) -> set[str]:
    """Keep the sketches of these folded texts, by copy key, and what they are near to; which were not known before."""
    known = set(connection.scalars(_KNOWN, _given(texts, city)))
    fresh = {key: text for key, text in texts.items() if key not in known}
    if not fresh:
        return set()
    sketched = sketches(list(fresh.values()))
    index = index_of(connection, city, _texts)
    like = index.like(sketched)
    keys = dict(enumerate(fresh, index.last + 1))
    others = {number for numbers in like for number in numbers} - keys.keys()
    keys |= connection.execute(_KEYS, _given(others)).all() if others else []
    _TEXTS.insert(connection, [(city, key, row.tobytes()) for key, row in zip(fresh, sketched, strict=True)])
    asked = {
        key: [keys[number] for number in numbers if number in keys] for key, numbers in zip(fresh, like, strict=True)
    }
    _write(connection, city, _scored(connection, city, texts, asked))
    return set(fresh)


def _scored(
    connection: sa.Connection, city: str, texts: Mapping[str, str], asked: Mapping[str, Sequence[str]]
) -> list[tuple[str, str, float]]:
    """What is near these texts, of those that each may be near, the likeliest first."""
    scores: dict[tuple[str, str], float] = {}
    missed = dict.fromkeys(asked, 0)
    for start in range(0, MOST, IN_VAIN):
        some = {key: asked[key][start : start + IN_VAIN] for key, misses in missed.items() if misses < IN_VAIN}
        others = {other for keys in some.values() for other in keys} - texts.keys()
        if not any(some.values()):
            break
        known = {**_texts(connection, city, others), **texts}
        for key, keys in some.items():
            for other in keys:
                pair = min(key, other), max(key, other)
                if pair not in scores:
                    one, two = (known.get(name, "") for name in pair)
                    scores[pair] = nearness(one, two) if one and two else 0.0
                missed[key] += not scores[pair]
    return [(one, other, score) for (one, other), score in scores.items() if score]


def _write(connection: sa.Connection, city: str, pairs: Collection[tuple[str, str, float]]) -> None:
    rows = {(city, one, other, score) for one, other, score in pairs}
    rows |= {(city, other, one, score) for _, one, other, score in rows}
    _NEAR.insert(connection, sorted({*rows, *((city, one, one, 1.0) for _, one, _, _ in rows)}))


def _texts(connection: sa.Connection, city: str, keys: Collection[str]) -> dict[str, str]:
    """The folded texts of these copy keys, each from one post that has it."""
    if not keys:
        return {}
    rows = connection.execute(_TEXTS_OF_KEYS, _given(keys, city))
    return {key: folded(title, text) for key, title, text in rows}


def _given(values: Iterable[str] | Iterable[int], city: str = "") -> dict[str, str]:
    return {"asked": json.dumps(list(values)), "city": city}


def forget(connection: sa.Connection, city: str, keys: Iterable[str]) -> None:
    """Forget texts that no post has any more."""
    for some in chunks(keys):
        for table, column in ((copy_texts, "copy_key"), (near_copies, "copy_key"), (near_copies, "near_key")):
            connection.execute(sa.delete(table).where(table.c.city == city, table.c[column].in_(some)))

"""Near texts: found when a text is first kept, forgotten when the last post that has it goes.

`near_copies` says which texts are near which, both ways, each text near itself too where it has a neighbour. It depends
on the texts that there are, not on the order in which they came.
"""

import json
from collections.abc import Collection, Iterable, Mapping

import sqlalchemy as sa

from search.likeness import Bands, folded, nearness, sketches
from search.state.bands import BandIndex, entries, index_of
from search.state.bulk import Rows
from search.state.chunks import chunks
from search.state.tables import copy_texts, near_copies, post_versions, posts

_TEXTS = Rows(sa.insert(copy_texts))
_NEAR = Rows(sa.insert(near_copies).prefix_with("OR IGNORE", dialect="sqlite"))

Neighbours = dict[str, set[str]]


def neighbours(connection: sa.Connection, city: str, keys: Collection[str]) -> Neighbours:
    """The texts near each of these; those with none are left out."""
    found: Neighbours = {}
    for some in chunks(keys):
        here = sa.and_(near_copies.c.city == city, near_copies.c.copy_key.in_(some))
        for key, other in connection.execute(sa.select(near_copies.c.copy_key, near_copies.c.near_key).where(here)):
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


def keep(connection: sa.Connection, city: str, texts: Mapping[str, str]) -> set[str]:
    """Keep the bands of these folded texts, by copy key, and what they are near to; which were not known before."""
    known: set[str] = set()
    for some in chunks(texts):
        here = sa.and_(copy_texts.c.city == city, copy_texts.c.copy_key.in_(some))
        known.update(connection.scalars(sa.select(copy_texts.c.copy_key).where(here)))
    fresh = {key: text for key, text in texts.items() if key not in known}
    if not fresh:
        return set()
    bands = sketches(list(fresh.values()))
    pairs = _pairs(connection, city, texts, fresh, bands)
    _TEXTS.insert(connection, [(city, key, row.tobytes()) for key, row in zip(fresh, bands, strict=True)])
    rows = {(city, one, other, score) for one, other, score in pairs}
    rows |= {(city, other, one, score) for _, one, other, score in rows}
    _NEAR.insert(connection, sorted({*rows, *((city, one, one, 1.0) for _, one, _, _ in rows)}))
    return set(fresh)


def _pairs(
    connection: sa.Connection, city: str, texts: Mapping[str, str], fresh: Mapping[str, str], bands: Bands
) -> list[tuple[str, str, float]]:
    """What is near the fresh texts, among those that are kept and among themselves."""
    kept = index_of(connection, city).like(bands)
    keys = _keys(connection, {number for numbers in kept for number in numbers})
    texts = {**_texts(connection, city, set(keys.values()) - texts.keys()), **texts}
    beside = BandIndex()
    beside.add(entries(bands, list(range(len(fresh)))))
    names = list(fresh)
    pairs = []
    for place, (key, others, new) in enumerate(zip(names, kept, beside.like(bands), strict=True)):
        near = [keys[number] for number in others if number in keys] + [
            names[number] for number in new if number < place
        ]
        scored = ((other, nearness(fresh[key], texts[other])) for other in near if other in texts)
        pairs += [(key, other, score) for other, score in scored if score]
    return pairs


def _keys(connection: sa.Connection, numbers: Iterable[int]) -> dict[int, str]:
    found = {}
    for some in chunks(numbers):
        rows = connection.execute(sa.select(copy_texts.c.id, copy_texts.c.copy_key).where(copy_texts.c.id.in_(some)))
        found.update({row.id: row.copy_key for row in rows})
    return found


def _texts(connection: sa.Connection, city: str, keys: Collection[str]) -> dict[str, str]:
    """The folded texts of these copy keys, each from one post that has it."""
    version = sa.and_(
        post_versions.c.city == posts.c.city,
        post_versions.c.post == posts.c.id,
        post_versions.c.version == posts.c.version,
    )
    title, text = (sa.func.coalesce(post_versions.c.content[name].as_string(), "") for name in ("title", "text"))
    query = sa.select(posts.c.copy_key, title, text).join_from(posts, post_versions, version)
    found = {}
    for some in chunks(_one_of_each(connection, city, keys)):
        for key, its_title, its_text in connection.execute(query.where(posts.c.city == city, posts.c.id.in_(some))):
            found[key] = folded(its_title, its_text)
    return found


def _one_of_each(connection: sa.Connection, city: str, keys: Collection[str]) -> list[str]:
    """A post of each of these texts."""
    asked = sa.func.json_each(json.dumps(sorted(keys))).table_valued("value")
    here = sa.and_(posts.c.city == city, posts.c.copy_key == asked.c.value)
    one = sa.select(posts.c.id).where(here).limit(1).correlate(asked).scalar_subquery()
    return [post for post in connection.scalars(sa.select(one).select_from(asked)) if post]


def forget(connection: sa.Connection, city: str, keys: Iterable[str]) -> None:
    """Forget texts that no post has any more."""
    for some in chunks(keys):
        for table, column in ((copy_texts, "copy_key"), (near_copies, "copy_key"), (near_copies, "near_key")):
            connection.execute(sa.delete(table).where(table.c.city == city, table.c[column].in_(some)))

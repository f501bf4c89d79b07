"""What is stored only sealed: the payloads of post versions, and who the authors are."""

import json
import zlib
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from crawler.model.items import Author, AuthorRole, Post
from crawler.model.ports import Keys
from search.state.chunks import chunks
from search.state.tables import authors, payloads

# A payload is compressed once and read almost never: level 1 costs a third of the default's time.
_ZLIB_LEVEL = 1


def store_payloads(connection: sa.Connection, city: str, keys: Keys, versions: Sequence[Post]) -> None:
    """Keep what the platform answered for these new post versions."""
    rows = [
        {
            "city": city,
            "post": post.id,
            "version": post.version,
            "sealed": keys.seal(zlib.compress(post.raw, _ZLIB_LEVEL)),
        }
        for post in versions
        if post.raw
    ]
    if rows:
        connection.execute(sa.insert(payloads), rows)


def store_authors(connection: sa.Connection, city: str, keys: Keys, seen: Sequence[Post]) -> None:
    """Keep who is not known yet, or speaks in another role than before. The rest is not sealed again."""
    came = {
        post.author.key: (post.platform, post.author)
        for post in seen
        if post.author and post.author.key and (post.author.platform_id or post.author.name)
    }
    known: dict[str, str] = {}
    for some in chunks(came):
        here = sa.and_(authors.c.city == city, authors.c.key.in_(some))
        known.update(
            (key, role) for key, role in connection.execute(sa.select(authors.c.key, authors.c.role).where(here))
        )
    rows = [
        {
            "city": city,
            "key": key,
            "platform": platform,
            "role": author.role.value,
            "sealed": keys.seal(json.dumps([author.platform_id, author.name]).encode()),
        }
        for key, (platform, author) in came.items()
        if known.get(key) != author.role.value
    ]
    if rows:
        statement = upsert(authors)
        changes = {name: statement.excluded[name] for name in ("platform", "role", "sealed")}
        connection.execute(statement.on_conflict_do_update(index_elements=["city", "key"], set_=changes), rows)


def author_of(connection: sa.Connection, city: str, keys: Keys, key: str) -> Author | None:
    """The author behind a key with the platform's own id and name, None when there is none (any more)."""
    here = sa.and_(authors.c.city == city, authors.c.key == key)
    row = connection.execute(sa.select(authors).where(here)).one_or_none()
    if row is None:
        return None
    platform_id, name = json.loads(keys.unseal(row.sealed))
    return Author(AuthorRole(row.role), key, platform_id, name)


def payload_of(connection: sa.Connection, city: str, keys: Keys, post: str, version: int) -> bytes:
    """What the platform answered for a post version; empty when nothing was kept or it was erased."""
    here = sa.and_(payloads.c.city == city, payloads.c.post == post, payloads.c.version == version)
    sealed = connection.scalar(sa.select(payloads.c.sealed).where(here))
    return zlib.decompress(keys.unseal(sealed)) if sealed else b""

"""What is stored only sealed: the payloads of post versions, and who the authors are."""

import json
import zlib
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from crawler.model.items import Author, AuthorRole, Post
from crawler.model.ports import Keys
from search.state.bulk import Rows, upserting
from search.state.chunks import chunks
from search.state.tables import authors, payloads

_PAYLOADS = Rows(sa.insert(payloads))
_AUTHORS = upserting(upsert(authors), "city", "key")
# Clearing zlib's usual window costs more than compressing one post; the small one packs that as well.
_SMALL = 16_384


def store_payloads(connection: sa.Connection, city: str, keys: Keys, versions: Sequence[Post]) -> None:
    """Keep what the platform answered for these new post versions."""
    _PAYLOADS.insert(
        connection,
        [(city, post.id, post.version, keys.seal(_compressed(post.raw))) for post in versions if post.raw],
    )


def _compressed(raw: bytes) -> bytes:
    if len(raw) > _SMALL:
        return zlib.compress(raw)
    packer = zlib.compressobj(wbits=12, memLevel=5)
    return packer.compress(raw) + packer.flush()


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
        (city, key, platform, author.role, keys.seal(json.dumps([author.platform_id, author.name]).encode()))
        for key, (platform, author) in came.items()
        if known.get(key) != author.role
    ]
    _AUTHORS.insert(connection, rows)


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

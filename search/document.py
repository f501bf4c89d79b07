"""What the reference matcher and every engine read: a post version with its reading, its tokens analysed once."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from crawler.model.items import AuthorRole, Place, Post, Reading
from search.analysis import Token, analyze
from search.happening import Stretch, stretches

HAS = ("photo", "video", "audio", "file", "link", "poll", "place", "location")
"""What a post can have: `place` is one that its text names, `location` the point that its author attached."""
TRAITS = ("copy", "reply", "repost")
"""What a post can be: `copy` of an earlier one, `reply` to another one, `repost` of another one."""
_MEDIA = {
    "photo": "photo",
    "video": "video",
    "round_video": "video",
    "audio": "audio",
    "voice": "audio",
    "document": "file",
}


@dataclass(frozen=True)
class Document:
    """A post version as it can be found. `published_at` is the arrival where the publication is not known; `author` is
    the pseudonym, `role` unknown also where nobody is named; `has` are some of HAS, `traits` some of
    TRAITS; `story` is the id of the first post of its story, "" for none; `happens` is when what it tells of happens.
    """

    id: str
    version: int
    source: str
    platform: str
    kind: str
    published_at: datetime
    seen_at: datetime
    author: str
    places: tuple[Place, ...]
    tokens: tuple[Token, ...]
    role: AuthorRole = AuthorRole.UNKNOWN
    topic: str = ""
    act: str = ""
    language: str = ""
    has: frozenset[str] = frozenset()
    traits: frozenset[str] = frozenset()
    story: str = ""
    happens: tuple[Stretch, ...] = ()

    @property
    def official(self) -> bool:
        """Whether an authority wrote it."""
        return self.role is AuthorRole.OFFICIAL

    @cached_property
    def lemmas(self) -> dict[str, list[Token]]:
        """Tokens by lemma key, in the order of the stream."""
        return _by_key(self.tokens, 1)

    @cached_property
    def surfaces(self) -> dict[str, list[Token]]:
        """Tokens by surface key, in the order of the stream."""
        return _by_key(self.tokens, 0)

    @cached_property
    def lemma_set(self) -> frozenset[str]:
        """The lemma keys alone, to compare with a set quickly."""
        # By index here and below: these three are a good part of what matching costs.
        return frozenset([token[1] for token in self.tokens])

    @cached_property
    def surface_set(self) -> frozenset[str]:
        """The surface keys alone."""
        return frozenset([token[0] for token in self.tokens])

    @cached_property
    def positions(self) -> dict[str, list[int]]:
        """Where in the stream each lemma key stands, without hyphenated wholes, which no phrase takes."""
        found: dict[str, list[int]] = {}
        for surface, lemma, _, _, position, _, _ in self.tokens:
            if "-" in surface:
                continue
            if lemma in found:
                found[lemma].append(position)
            else:
                found[lemma] = [position]
        return found

    @cached_property
    def _ordered_surfaces(self) -> list[str]:
        return sorted(self.surface_set)

    def surfaces_from(self, prefix: str) -> list[str]:
        """The surface keys that start with `prefix`."""
        ordered = self._ordered_surfaces
        first = last = bisect_left(ordered, prefix)
        while last < len(ordered) and ordered[last].startswith(prefix):
            last += 1
        return ordered[first:last]


def _by_key(tokens: Sequence[Token], key: Literal[0, 1]) -> dict[str, list[Token]]:
    found: dict[str, list[Token]] = {}
    for token in tokens:
        found.setdefault(token[key], []).append(token)
    return found


def document_of(post: Post, reading: Reading, tokens: tuple[Token, ...] | None = None) -> Document:
    """The document of a post version and the reading it has; `tokens` where they are known already."""
    return Document(
        id=post.id,
        version=post.version,
        source=post.source,
        platform=post.platform,
        kind=post.kind.value,
        published_at=post.published_at or post.seen_at,
        seen_at=post.seen_at,
        author=post.author.key if post.author else "",
        places=reading.places,
        tokens=analyze(post.title, post.text) if tokens is None else tokens,
        role=post.author.role if post.author else AuthorRole.UNKNOWN,
        topic=reading.topic,
        act=reading.act,
        language=reading.language,
        has=frozenset(_has(post, reading)),
        traits=frozenset(_traits(post, reading)),
        story=reading.story,
        happens=tuple(stretches(post, reading)),
    )


def _has(post: Post, reading: Reading) -> Iterator[str]:
    for media in post.media:
        if media.kind in _MEDIA:
            yield _MEDIA[media.kind]
    # Not every source tells the links of a text apart.
    if post.links or "://" in post.text:
        yield "link"
    if post.poll:
        yield "poll"
    if any(place.field != "location" for place in reading.places):
        yield "place"
    if post.location:
        yield "location"


def _traits(post: Post, reading: Reading) -> Iterator[str]:
    if reading.copy_of:
        yield "copy"
    if post.reply_to:
        yield "reply"
    if post.forwarded_from:
        yield "repost"

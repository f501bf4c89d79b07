"""What the reference matcher and every engine read: a post version with its reading, its tokens analysed once."""

from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from crawler.model.items import AuthorRole, Place, Post, Reading
from search.analysis import Token, analyze


@dataclass(frozen=True)
class Document:
    """A post version as it can be found. `published_at` is the arrival where the publication is not known; `official`
    says that an authority wrote it.
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
    official: bool = False
    topic: str = ""
    act: str = ""

    @cached_property
    def lemmas(self) -> dict[str, tuple[Token, ...]]:
        """Tokens by lemma key, in the order of the stream."""
        return _by_key([(token.lemma, token) for token in self.tokens])

    @cached_property
    def surfaces(self) -> dict[str, tuple[Token, ...]]:
        """Tokens by surface key, in the order of the stream."""
        return _by_key([(token.surface, token) for token in self.tokens])

    @cached_property
    def lemma_set(self) -> frozenset[str]:
        """The lemma keys alone, to compare with a set quickly."""
        return frozenset([token.lemma for token in self.tokens])

    @cached_property
    def surface_set(self) -> frozenset[str]:
        """The surface keys alone."""
        return frozenset([token.surface for token in self.tokens])

    @cached_property
    def positions(self) -> dict[str, list[int]]:
        """Where in the stream each lemma key stands, without hyphenated wholes, which no phrase takes."""
        found: dict[str, list[int]] = {}
        for token in self.tokens:
            if "-" not in token.surface:
                found.setdefault(token.lemma, []).append(token.position)
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


def _by_key(pairs: list[tuple[str, Token]]) -> dict[str, tuple[Token, ...]]:
    found: defaultdict[str, list[Token]] = defaultdict(list)
    for key, token in pairs:
        found[key].append(token)
    return {key: tuple(tokens) for key, tokens in found.items()}


def document_of(post: Post, reading: Reading) -> Document:
    """The document of a post version and the reading it has."""
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
        tokens=analyze(post.title, post.text),
        official=post.author is not None and post.author.role is AuthorRole.OFFICIAL,
        topic=reading.topic,
        act=reading.act,
    )

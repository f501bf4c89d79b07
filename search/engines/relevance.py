"""Pages of the embedded engine by relevance: the newest of what is found are ranked, the older follow by time.

A token carries the weights of the first page, the last batch of changes that it knew and where the ranked end, so that
posts which arrive meanwhile change nothing. A post that is edited meanwhile stands where its new words put it.
"""

import sqlite3
from heapq import nsmallest
from typing import NamedTuple

from search.engine import Order, Page
from search.engines.newest import Row, Rows
from search.engines.plan import Plan
from search.engines.scoring import Scale, Scorer, Weights
from search.engines.token import Place, pack, place_in, refused, unpack
from search.tree import Query

RANKED = 5_000
"""How many of the newest posts found are ranked."""

_NUMBERS = range(1 << 62)
_WEIGHTS = range(1 << 40)


class _Frozen(NamedTuple):
    """What all pages share: the last batch of changes that the first one knew, its weights, and the oldest post that is
    ranked where older ones follow.
    """

    batch: int
    weights: Weights
    edge: Place | None


class _Last(NamedTuple):
    """The last hit of a page: its score with a minus, None where it was not ranked; where it is among the newest."""

    score: int | None
    place: Place

    def before(self, score: int, row: Row) -> bool:
        """Whether a ranked post comes behind it."""
        return (score, row.older, row.post) > (self.score, -self.place.published, self.place.post)


class Relevance:
    """What a query finds in one index, by relevance."""

    def __init__(self, raw: sqlite3.Connection, planned: Plan, prefix: str, query: Query) -> None:
        self._raw = raw
        self._planned = planned
        self._prefix = prefix
        self._scorer = Scorer(query)

    def page(self, after: str, limit: int) -> Page:
        """The page from the token `after` on."""
        frozen, last = self._read(after) if after else (self._begin(), None)
        found: list[tuple[int | None, Row]] = []
        if self._scorer.words and (last is None or last.score is not None):
            frozen, ranked = self._ranked(frozen, first=last is None)
            found = nsmallest(limit + 1, [one for one in ranked if last is None or last.before(*one)])
            last = _Last(None, frozen.edge) if frozen.edge else None
        if len(found) <= limit and (last or not self._scorer.words):
            older = self._rows(frozen, streams=False).first(limit + 1 - len(found), last.place if last else None)
            found += [(None, row) for row in older]
        more = self._write(frozen, *found[limit - 1]) if len(found) > limit else ""
        return Page(tuple(row.hit for _, row in found[:limit]), more)

    def _begin(self) -> _Frozen:
        clock = self._raw.execute(f"SELECT batch FROM {self._prefix}_clock")  # noqa: S608 - names of ours
        return _Frozen(int(clock.fetchone()[0]), Weights((), 0), None)

    def _ranked(self, frozen: _Frozen, *, first: bool) -> tuple[_Frozen, list[tuple[int, Row]]]:
        """What is ranked, each with its score and a minus. The first page fixes the weights and how far it goes."""
        rows = self._rows(frozen, streams=True)
        some = rows.first(RANKED + 1) if first else rows.down_to(frozen.edge)
        seen = [self._scorer.look(row.stream) for row in (some[:RANKED] if first else some)]
        if first:
            edge = some[RANKED - 1].place if len(some) > RANKED else None
            frozen = frozen._replace(weights=self._scorer.weights(seen), edge=edge)
        scale = Scale(frozen.weights)
        return frozen, [(-scale.score(one), row) for one, row in zip(seen, some, strict=False)]

    def _rows(self, frozen: _Frozen, *, streams: bool) -> Rows:
        return Rows(self._raw, self._planned, self._prefix, batch=frozen.batch, streams=streams)

    def _write(self, frozen: _Frozen, score: int | None, row: Row) -> str:
        batch, weights, edge = frozen
        return pack(Order.RELEVANCE, [self._prefix, batch, *weights, edge, score, row.place])

    def _read(self, token: str) -> tuple[_Frozen, _Last]:
        """A token of this very index and as many words; OtklikError for any other."""
        match unpack(token, Order.RELEVANCE):
            case [self._prefix, int(batch), list(words), int(length), edge, number, last] if (
                batch in _NUMBERS
                and length in _WEIGHTS
                and len(words) == self._scorer.words
                and all(isinstance(word, int) and word in _WEIGHTS for word in words)
                and isinstance(number, int | None)
            ):
                place = place_in(last)
                if place and (edge is None or place_in(edge)):
                    return _Frozen(batch, Weights(tuple(words), length), place_in(edge)), _Last(number, place)
        raise refused(token)

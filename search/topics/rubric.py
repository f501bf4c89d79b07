"""Topics by a rubric: what its queries and hints say of the words of a post, where a city has taught no model.

Every topic has a weight of evidence: its queries that fit, each the more the more it asks for, later ones less, and its
hints. Weights become shares as in logistic regression, beside that of no topic at all; a share is the confidence.
Where two topics of one group hold each other the balance, the group is told.
"""

import math
import threading
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from crawler.model.city import SavedSearch
from crawler.model.errors import OtklikError
from crawler.model.rubric import RubricTopic
from crawler.model.text import Text
from search.analysis import Token, analyze, query_lemmas
from search.document import Document
from search.indexed_monitor import IndexedMonitor
from search.names import NO_NAMES
from search.outlines import register_kept
from search.saved import Broken
from search.topics.features import MOST_WORDS
from search.topics.model import Guess

_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_A_CLAUSE = 0.5
"""What a query that asks for one thing more weighs more than one that asks for one thing."""
_MOST_CLAUSES = 4
_AGAIN = 0.4
"""What a further query of the same topic counts, of what the one before it did."""
_A_HINT, _MOST_HINTS = 0.4, 3
_SHARPNESS = 1.8
_NOTHING = 0.6
"""The weight of no topic at all."""
_SURE = 0.5
"""What is told as a topic is right more often than not."""


class RubricModel:
    """Guesses topics by a rubric, for several threads too."""

    def __init__(self, topics: Sequence[RubricTopic], kept: Path | None = None) -> None:
        """`kept` is a file that keeps what the queries require from one start to the next (search/outlines.py).
        OtklikError for a query that cannot be read.
        """
        self.topics = tuple(topics)
        self._lock = threading.Lock()
        self._monitor = IndexedMonitor(ZoneInfo("UTC"), NO_NAMES)
        searches = [
            SavedSearch(f"{number}:{line}", topic.name, query, topic.name)
            for number, topic in enumerate(topics)
            for line, query in enumerate(topic.queries)
        ]
        for broken in register_kept(self._monitor, searches, NO_NAMES, kept):
            raise _unreadable(broken)
        self._queries = {one.id: (int(one.id.partition(":")[0]), self._weight(one.id)) for one in searches}
        self._hints = _hints_of(topics)

    def _weight(self, search_id: str) -> float:
        return 1 + _A_CLAUSE * (min(max(self._monitor.breadth(search_id), 2), _MOST_CLAUSES) - 1)

    def guess(self, tokens: Sequence[Token]) -> Guess:
        """The topic of a text by its tokens, its group where the topic cannot be told; "" of nothing known."""
        shares = self.shares(tokens)
        if not shares:
            return Guess("", 0.0, sure=False)
        best = max(shares, key=shares.__getitem__)
        if shares[best] >= _SURE:
            return Guess(self.topics[best].name, shares[best], sure=True)
        groups: defaultdict[str, float] = defaultdict(float)
        for number, share in shares.items():
            groups[self.topics[number].group] += share
        group = max(groups, key=groups.__getitem__)
        if groups[group] >= _SURE:
            return Guess(group, groups[group], sure=True)
        return Guess(self.topics[best].name, shares[best], sure=False)

    def why(self, tokens: Sequence[Token], topic: str) -> list[str]:
        """The words that told a topic, or its group, in the order of the text; none where it is not in the rubric."""
        asked = {number for number, one in enumerate(self.topics) if topic in (one.name, one.group)}
        document = _document(tokens)
        with self._lock:
            found = self._monitor.match(document, _EPOCH)
        spans = {
            (reason.field != "title", reason.start, reason.end)
            for one in found
            if self._queries[one.search.id][0] in asked
            for reason in one.match.why
        }
        hints = {lemma for lemma, numbers in self._hints.items() if not asked.isdisjoint(numbers)}
        words = [
            token.surface
            for token in document.tokens
            if token.lemma in hints or (token.field != "title", token.start, token.end) in spans
        ]
        return list(dict.fromkeys(words))

    def shares(self, tokens: Sequence[Token]) -> dict[int, float]:
        """How likely each topic is of which anything speaks, by its number."""
        # In the order of the rubric: which of equals is the best is the same in every process.
        weights = sorted(self.weights(tokens).items())
        powers = {number: math.exp(_SHARPNESS * weight) for number, weight in weights}
        whole = sum(powers.values()) + math.exp(_SHARPNESS * _NOTHING)
        return {number: power / whole for number, power in powers.items()}

    def weights(self, tokens: Sequence[Token]) -> Mapping[int, float]:
        """The weight of each topic of which anything speaks, by its number."""
        document = _document(tokens)
        with self._lock:
            found = self._monitor.match(document, _EPOCH)
        told: defaultdict[int, list[float]] = defaultdict(list)
        for one in found:
            number, weight = self._queries[one.search.id]
            told[number].append(weight)
        weights: defaultdict[int, float] = defaultdict(float)
        for number, each in told.items():
            each.sort(reverse=True)
            weights[number] = sum(weight * _AGAIN**turn for turn, weight in enumerate(each))
        hinted: defaultdict[int, int] = defaultdict(int)
        for lemma in self._hints.keys() & document.lemma_set:
            for number in self._hints[lemma]:
                hinted[number] += 1
        for number, count in hinted.items():
            weights[number] += _A_HINT * min(count, _MOST_HINTS)
        return weights


@lru_cache(4)
def rubric_model(topics: tuple[RubricTopic, ...], kept: Path | None = None) -> RubricModel:
    """The model of a rubric, made once a process: reading its queries takes a second where nothing was kept."""
    return RubricModel(topics, kept)


def told_wrong(model: RubricModel) -> Iterator[tuple[RubricTopic, str, str]]:
    """The examples of a rubric that are told as a topic of another group, or not at all ("")."""
    groups = {name: topic.group for topic in model.topics for name in (topic.name, topic.group)}
    for topic in model.topics:
        for example in topic.examples:
            guess = model.guess(analyze("", example))
            if not guess.sure or groups[guess.topic] != topic.group:
                yield topic, example, guess.topic if guess.sure else ""


def _unreadable(broken: Broken) -> OtklikError:
    where = Text(f"рубрика, тема «{broken.search.name}»", f"rubric, topic «{broken.search.name}»")
    said = broken.error.text
    return OtklikError(
        Text(f"{where.ru}, «{broken.search.query}»: {said.ru}", f"{where.en}, «{broken.search.query}»: {said.en}")
    )


def _document(tokens: Sequence[Token]) -> Document:
    return Document("", 1, "", "", "", _EPOCH, _EPOCH, "", (), tuple(tokens[:MOST_WORDS]))


def _hints_of(topics: Sequence[RubricTopic]) -> dict[str, tuple[int, ...]]:
    """The topics that each lemma speaks for."""
    found: defaultdict[str, dict[int, None]] = defaultdict(dict)
    for number, topic in enumerate(topics):
        for word in topic.hints:
            for lemma in query_lemmas(word):
                found[lemma][number] = None
    return {lemma: tuple(numbers) for lemma, numbers in found.items()}

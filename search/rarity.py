"""How rare a feature is: guessed at first, learnt from the documents that pass."""

from collections import Counter
from collections.abc import Iterable, Sequence

from search.document import Document
from search.features import Clause

# When so many have passed, every sixteenth document says enough.
_COUNTED_ALL = 4000
_SAMPLE = 16
_MOST_FEATURES = 1 << 18
"""Of so many features the rarer half is forgotten: new words never end, and rare ones are guessed to be rare."""
_GUESSED = 200
"""So many documents weighs what is assumed of a feature before any was seen."""
_GUESSED_PROPERTIES = {"author": 0.001, "topic": 0.05}
_GUESSED_PLACES = {"s": 0.002, "d": 0.1, "t": 0.5, "n": 0.002, "i": 0.1}


class Rarity:
    """Counts features of documents. `passed` is how many documents there were."""

    def __init__(self) -> None:
        self.passed = 0
        self._counts: Counter[str] = Counter()
        self._counted = 0

    def sample(self, documents: Sequence[Document]) -> Sequence[Document]:
        """Let documents pass; those of them that are to be counted."""
        step = 1 if self.passed < _COUNTED_ALL else _SAMPLE
        start = -self.passed % step
        self.passed += len(documents)
        return documents[start::step]

    def count(self, features: Iterable[str]) -> None:
        """Count a document with these features."""
        self._counts.update(features)
        self._counted += 1
        if len(self._counts) > _MOST_FEATURES:
            self._counts = Counter(dict(self._counts.most_common(_MOST_FEATURES // 2)))

    def share(self, clause: Clause) -> float:
        """What share of the documents has a feature of the clause, at most and about."""
        counts = self._counts
        return sum([counts[feature] + _GUESSED * _guess(feature) for feature in clause]) / (self._counted + _GUESSED)


def _guess(feature: str) -> float:
    """What share of documents has a feature, before any was seen."""
    if not feature:
        return 1.0
    if feature[0] == "@":
        return _GUESSED_PLACES.get(feature[1:2], 0.5)
    if feature[-1] == "*":
        return 0.02
    return _GUESSED_PROPERTIES.get(feature.partition(":")[0], 0.5) if ":" in feature else 0.01

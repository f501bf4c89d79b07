"""Which of the exact forms and prefixes that saved searches ask for a word of a text has."""

STEM = 3
"""The shortest prefix that a query may ask for."""
_MOST_FORMS = 1 << 16


class Forms(dict[str, tuple[str, ...]]):
    """The exact forms and the prefixes that a surface key is asked for by, worked out once for each key."""

    def __init__(self) -> None:
        super().__init__()
        self._exact: set[str] = set()
        # The first three letters of a prefix → the lengths of the prefixes that begin so.
        self._stems: dict[str, frozenset[int]] = {}

    def want(self, feature: str) -> None:
        """One more exact form or prefix."""
        self.clear()
        if feature.startswith("="):
            self._exact.add(feature[1:])
        else:
            lengths = self._stems.get(feature[:STEM], frozenset())
            self._stems[feature[:STEM]] = lengths | {len(feature) - 1}

    def __missing__(self, surface: str) -> tuple[str, ...]:
        if len(self) >= _MOST_FORMS:
            self.clear()
        lengths = self._stems.get(surface[:STEM], ())
        exact = (f"={surface}",) if surface in self._exact else ()
        found = (*exact, *(f"{surface[:length]}*" for length in lengths if len(surface) >= length))
        self[surface] = found
        return found

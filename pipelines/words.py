"""Words: the tokens of title and text, made once for every step that asks about words and for the index."""

from collections.abc import Sequence
from dataclasses import replace

from pipelines.draft import Draft


class Words:
    """Cut title and text, which are in the stored form by now, into tokens."""

    def process(self, batch: Sequence[Draft]) -> Sequence[Draft]:
        """Drafts with their tokens."""
        return [replace(draft, tokens=draft.words()) for draft in batch]

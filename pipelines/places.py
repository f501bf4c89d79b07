"""Places: what the text names, found by the rules of pipelines/toponyms.py."""

from collections.abc import Sequence
from typing import Protocol

from crawler.model.items import Place
from pipelines.draft import Draft


class Finder(Protocol):
    """What finds places in a text."""

    def find(self, text: str, title: str = "", home: str | None = None) -> tuple[Place, ...]:
        """The places of title and text; `home` is the settlement that unnamed ones belong to."""
        ...


class Places:
    """Add the places that the post names."""

    def __init__(self, finder: Finder) -> None:
        self.finder = finder

    def process(self, batch: Sequence[Draft]) -> Sequence[Draft]:
        """Drafts with places in their readings."""
        return [
            draft.with_places(self.finder.find(draft.post.text, draft.post.title, draft.source.home or None))
            for draft in batch
        ]

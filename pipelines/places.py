"""Places: what the text names, found by the rules of pipelines/toponyms.py."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from crawler.model.items import Place, Post
from crawler.model.stated import stated_from
from pipelines.draft import Draft


class Finder(Protocol):
    """What finds places in a text."""

    def find(self, text: str, title: str = "", home: str | None = None) -> tuple[Place, ...]:
        """The places of title and text; `home` is the settlement that unnamed ones belong to."""
        ...


# Ten times the longest article; each further 100,000 code points would hold up everyone for a second.
LONGEST_READ = 100_000


class Places:
    """Add the places that the first LONGEST_READ code points of a post's text and title name."""

    def __init__(self, finder: Finder) -> None:
        self.finder = finder

    def process(self, batch: Sequence[Draft]) -> Sequence[Draft]:
        """Drafts with places in their readings."""
        return [
            draft.with_places(
                marked(
                    draft.post,
                    self.finder.find(_start(draft.post.text), _start(draft.post.title), draft.source.home or None),
                )
            )
            for draft in batch
        ]


def marked(post: Post, places: tuple[Place, ...]) -> tuple[Place, ...]:
    """The places, those of the address that an appeal states marked as such."""
    start = stated_from(post)
    if start is None:
        return places
    return tuple(
        replace(place, stated=True) if place.field == "text" and place.start >= start else place for place in places
    )


def _start(text: str) -> str:
    """The start of a text that is read, without the word that would be cut in two."""
    if len(text) <= LONGEST_READ:
        return text
    cut = text[: LONGEST_READ + 1]
    return cut[: max(cut.rfind(" "), cut.rfind("\n"))]

"""Topics: what a post is about, as the city's own model says it, or the rubric."""

from collections.abc import Sequence

from pipelines.draft import Draft
from search.topics.model import Teller


class Topics:
    """Give every post the topic that its city's model or rubric is sure enough of, with the probability that it is
    right.
    """

    def __init__(self, model: Teller | None) -> None:
        """Without either posts have no topic of their own: that of a saved search stands in an incident."""
        self.model = model

    def process(self, batch: Sequence[Draft]) -> Sequence[Draft]:
        """Drafts with topics in their readings."""
        model = self.model
        return batch if model is None else [_told(draft, model) for draft in batch]


def _told(draft: Draft, model: Teller) -> Draft:
    guess = model.guess(draft.words())
    return draft.with_topic(guess.topic, round(guess.confidence, 3)) if guess.sure else draft

"""Authors: a pseudonym in place of whoever wrote it."""

from collections.abc import Sequence
from dataclasses import replace

from crawler.model.ports import Keys
from pipelines.draft import Draft


class Authors:
    """Give every author the keyed hash by which the state, the index and people know them."""

    def __init__(self, keys: Keys) -> None:
        self.keys = keys

    def process(self, batch: Sequence[Draft]) -> Sequence[Draft]:
        """Drafts whose authors have a key."""
        return [self._named(draft) for draft in batch]

    def _named(self, draft: Draft) -> Draft:
        author = draft.post.author
        if author is None or not (author.platform_id or author.name):
            return draft
        key = self.keys.pseudonym("author", draft.post.platform, author.platform_id or author.name)
        return draft.with_post(replace(draft.post, author=replace(author, key=key)))

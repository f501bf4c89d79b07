"""Authors: a pseudonym in place of whoever wrote it, and of the person from whom it was forwarded."""

from collections.abc import Sequence
from dataclasses import replace

from crawler.model.items import Post
from crawler.model.ports import Keys
from pipelines.draft import Draft


class Authors:
    """Give every author the keyed hash by which the state, the index and people of one city know them."""

    def __init__(self, city: str, keys: Keys) -> None:
        self.city = city
        self.keys = keys

    def process(self, batch: Sequence[Draft]) -> Sequence[Draft]:
        """Drafts whose authors have a key."""
        return [self._named(draft) for draft in batch]

    def _named(self, draft: Draft) -> Draft:
        post = draft.post
        author, forward = post.author, post.forwarded_from
        if author and (author.platform_id or author.name):
            post = replace(post, author=replace(author, key=self._key(post, author.platform_id or author.name)))
        if forward and forward.source and not forward.post:
            post = replace(post, forwarded_from=replace(forward, source="", key=self._key(post, forward.source)))
        return draft if post is draft.post else draft.with_post(post)

    def _key(self, post: Post, who: str) -> str:
        return self.keys.pseudonym("author", self.city, post.platform, who)

"""Authors: a pseudonym in place of whoever wrote it, and of the person from whom it was forwarded."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from crawler.model.items import AuthorRole, Post
from crawler.model.ports import Keys
from pipelines.draft import Draft


class Authors:
    """Give every author the keyed hash by which the state, the index and people of one city know them.

    An authority is one wherever it writes: `official` has the platforms' ids of the city's.
    """

    def __init__(self, city: str, keys: Keys, official: Collection[str] = ()) -> None:
        self.city = city
        self.keys = keys
        self.official = official

    def process(self, batch: Sequence[Draft]) -> Sequence[Draft]:
        """Drafts whose authors have a key."""
        return [self._named(draft) for draft in batch]

    def _named(self, draft: Draft) -> Draft:
        post = draft.post
        author, forward = post.author, post.forwarded_from
        if author and (author.platform_id or author.name):
            role = AuthorRole.OFFICIAL if author.platform_id in self.official else author.role
            key = self._key(post, author.platform_id or author.name)
            post = replace(post, author=replace(author, key=key, role=role))
        if forward and forward.source and not forward.post:
            post = replace(post, forwarded_from=replace(forward, source="", key=self._key(post, forward.source)))
        return draft if post is draft.post else draft.with_post(post)

    def _key(self, post: Post, who: str) -> str:
        return self.keys.pseudonym("author", self.city, post.platform, who)

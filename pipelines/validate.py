"""Validate: a post that cannot be kept is rejected with one word that says why."""

from collections.abc import Sequence

from pipelines.draft import Draft

# What people write fits in a hundredth of this; a page that claims more is broken or hostile.
LONGEST_TEXT = 1_000_000
LONGEST_ID = 1_000


class Validate:
    """Reject posts without an id, without anything to read, or beyond every measure."""

    def process(self, batch: Sequence[Draft]) -> Sequence[Draft]:
        """Drafts with a reason where something is wrong."""
        return [draft.rejected(reason) if (reason := what_is_wrong(draft)) else draft for draft in batch]


def what_is_wrong(draft: Draft) -> str:
    """One word, or "" for a post that can be kept."""
    post = draft.post
    if not post.id or len(post.id) > LONGEST_ID or any(char.isspace() or not char.isprintable() for char in post.id):
        return "bad_id"
    if not (post.text.strip() or post.title.strip() or post.media or post.poll or post.location):
        return "empty"
    if len(post.text) + len(post.title) > LONGEST_TEXT:
        return "too_long"
    if post.seen_at.tzinfo is None or (post.published_at is not None and post.published_at.tzinfo is None):
        return "time_without_zone"
    return ""

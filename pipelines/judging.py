"""What comes of a draft, told by what is stored of its post: new, changed, unchanged or erased."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crawler.model.items import Post, TimePrecision, digest_of
from pipelines.draft import Draft, Outcome
from search.state.archive import Current, published


@dataclass(frozen=True, slots=True)
class Judged:
    """A draft with its outcome. `reread` says that an unchanged post was read by a newer reader than before."""

    draft: Draft
    reread: bool = False

    @property
    def versioned(self) -> bool:
        """Whether it makes a version."""
        return self.draft.outcome in {Outcome.NEW, Outcome.CHANGED}

    @property
    def stored(self) -> bool:
        """Whether the state has the post, by this or an earlier batch."""
        return self.versioned or self.draft.outcome is Outcome.UNCHANGED


def judge(drafts: Sequence[Draft], stored: Mapping[str, Current], erased: Collection[str]) -> list[Judged]:
    """The drafts in order, each with its outcome, version and digest: a post that comes twice is judged by what the
    first of them made of it.
    """
    known = dict(stored)
    judged = []
    for draft in drafts:
        if draft.outcome is not None:
            judged.append(Judged(draft))
        elif draft.post.id in erased:
            judged.append(Judged(draft.rejected("erased")))
        else:
            one = _judge(draft, known.get(draft.post.id))
            known[draft.post.id] = _current(one.draft)
            judged.append(one)
    return judged


def _judge(draft: Draft, known: Current | None) -> Judged:
    digest = draft.post.digest or digest_of(draft.post)
    if known is None:
        return Judged(_made(draft, replace(draft.post, digest=digest, version=1), Outcome.NEW))
    post = replace(draft.post, digest=digest, published_at=_published(draft.post, known))
    if digest != known.digest:
        return Judged(_made(draft, replace(post, version=known.version + 1), Outcome.CHANGED))
    reread = draft.reading.reader_version > known.reader_version
    return Judged(_made(draft, replace(post, version=known.version), Outcome.UNCHANGED), reread)


def _made(draft: Draft, post: Post, outcome: Outcome) -> Draft:
    return Draft(draft.source, post, draft.reading, outcome, draft.reason, draft.copy_key)


def _published(post: Post, known: Current) -> datetime | None:
    # Where the arrival stands in for the publication, it is the first arrival, not that of the edit.
    return known.published_at if post.precision is TimePrecision.NONE else post.published_at


def _current(draft: Draft) -> Current:
    post = draft.post
    return Current(post.version, post.digest, draft.copy_key, published(post), None, draft.reading.reader_version)

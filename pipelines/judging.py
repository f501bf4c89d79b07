"""What comes of a draft, told by what is stored of its post: new, changed, unchanged or erased."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crawler.model.items import Post, TimePrecision, digest_of
from pipelines.draft import Draft, Outcome
from search.state.archive import Current, published

# The reason of an unchanged post whose draft was read from the platform before what is stored.
STALE = "stale"


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


def judge(
    drafts: Sequence[Draft], stored: Mapping[str, Current], erased: Collection[str], platforms: Mapping[str, str]
) -> list[Judged]:
    """The drafts in order, each with its outcome, version and digest: a post that comes twice is judged by what the
    first of them made of it. `platforms` has those of the city's sources by key: a post stays with the source that it
    was crawled from, whoever gives it again.
    """
    known = dict(stored)
    judged = []
    for draft in drafts:
        if draft.outcome is not None:
            judged.append(Judged(draft))
        elif draft.post.id in erased:
            judged.append(Judged(draft.rejected("erased")))
        else:
            before = known.get(draft.post.id)
            one = _judge(draft, before, platforms)
            known[draft.post.id] = _current(one.draft, before)
            judged.append(one)
    return judged


def _judge(draft: Draft, known: Current | None, platforms: Mapping[str, str]) -> Judged:
    digest = draft.post.digest or digest_of(draft.post)
    if known is None:
        post = draft.post
        if (post.digest, post.version) != (digest, 1):
            post = replace(post, digest=digest, version=1)
        return Judged(_made(draft, post, Outcome.NEW))
    source, platform = draft.post.source, draft.post.platform
    if platforms.get(known.source) == known.platform:
        source, platform = known.source, known.platform
    # Fetched earlier and handed over later: what was read after it stays.
    stale = digest != known.digest and draft.post.seen_at < known.seen_at
    changed = digest != known.digest and not stale
    post = replace(
        draft.post,
        source=source,
        platform=platform,
        digest=digest if changed else known.digest,
        version=known.version + changed,
        published_at=_published(draft.post, known),
    )
    if changed:
        return Judged(_made(draft, post, Outcome.CHANGED))
    if stale:
        return Judged(replace(_made(draft, post, Outcome.UNCHANGED), reason=STALE))
    return Judged(_made(draft, post, Outcome.UNCHANGED), draft.reading.reader_version > known.reader_version)


def _made(draft: Draft, post: Post, outcome: Outcome) -> Draft:
    return replace(draft, post=post, outcome=outcome)


def _published(post: Post, known: Current) -> datetime | None:
    # Where the arrival stands in for the publication, it is the first arrival, not that of the edit.
    return known.published_at if post.precision is TimePrecision.NONE else post.published_at


def _current(draft: Draft, before: Current | None) -> Current:
    post = draft.post
    seen_at, reader_version = post.seen_at, draft.reading.reader_version
    if before is not None:
        seen_at = max(seen_at, before.seen_at)
        if draft.outcome is Outcome.UNCHANGED:
            reader_version = max(reader_version, before.reader_version)
    return Current(
        post.version, post.digest, post.source, post.platform, published(post), seen_at, None, reader_version
    )

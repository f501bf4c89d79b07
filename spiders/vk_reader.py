"""What the readers of VK's JSON share: whose wall it is, the names in an answer, what could not be read."""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crawler.model.items import Author, AuthorRole, Media, Poll
from spiders.vk_media import attached
from spiders.vk_text import readable
from spiders.vk_values import number_of, objects, text_of

logger = logging.getLogger(__name__)


class UnreadableError(Exception):
    """A post or comment without a number or a time."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a person reads in a post or comment."""

    text: str
    links: tuple[str, ...]
    media: tuple[Media, ...]
    poll: Poll | None

    def __bool__(self) -> bool:
        """Whether there is anything to read."""
        return bool(self.text or self.media or self.poll)


@dataclass
class Reader:
    """What the posts of a wall share. `role` is that of its own voice; `unknown` counts fields and types of attachment
    that this reader does not know, `ignored` attachments that it leaves out on purpose, `unreadable` posts and comments
    by reason. `names` and `screen_names` are by the number of a person or, negative, of a community.
    """

    source: str
    owner: int
    role: AuthorRole
    seen_at: datetime
    names: dict[int, str] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)
    screen_names: dict[int, str] = field(default_factory=dict)

    def know(self, answer: Mapping[str, Any]) -> None:
        """Take the names of `profiles` and `groups` of an answer."""
        people = [(number_of(one), one) for one in objects(answer.get("profiles"))]
        groups = [(-number_of(one), one) for one in objects(answer.get("groups"))]
        for number, one in people:
            self.names[number] = f"{one.get('first_name', '')} {one.get('last_name', '')}".strip()
        for number, one in groups:
            self.names[number] = str(one.get("name", ""))
        for number, one in (*people, *groups):
            self.screen_names[number] = str(one.get("screen_name") or "")

    def id_of(self, number: int) -> str:
        """The id of a post of this wall."""
        return f"vk:{self.owner}_{number}"

    def author(self, who: int, *, own: bool = False) -> Author:
        """A person, a community, or, with `own`, the voice of the wall itself."""
        role = self.role if own else AuthorRole.RESIDENT if who > 0 else AuthorRole.UNKNOWN
        return Author(role, platform_id=f"vk:{who}", name=self.names.get(who, ""))

    def content(self, *items: Mapping[str, Any]) -> Content:
        """What a person reads in an item and in those that it repeats; what is not known of them is counted."""
        texts: list[str] = []
        links: list[str] = []
        media: list[Media] = []
        poll: Poll | None = None
        for one in items:
            text, in_text = readable(text_of(one))
            found = attached(one.get("attachments"))
            self.unknown.update({f"attachment {kind}": count for kind, count in found.unknown.items()})
            self.ignored.update(found.ignored)
            texts.append(text)
            links += [*in_text, *found.links]
            media += found.media
            poll = poll or found.poll
        links = list(dict.fromkeys(links))
        shown = "\n\n".join(text for text in texts if text.strip())
        # A bare link is all that there is to read.
        return Content(shown if shown or media or poll else "\n".join(links), tuple(links), tuple(media), poll)

    def count_unreadable(self, error: Exception, what: str) -> None:
        """One odd post must not cost the page: it is counted, and what is ours to mend has its trace in the log."""
        if not isinstance(error, UnreadableError):
            logger.error("%s cannot be read", what, exc_info=error)
        self.unreadable[str(error) if isinstance(error, UnreadableError) else "bug"] += 1

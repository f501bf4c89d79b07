"""What the readers of VK's JSON share: whose wall it is, the names in an answer, and values that may be anything."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crawler.model.items import Author, AuthorRole
from spiders.vk_media import Attached, attached


class UnreadableError(Exception):
    """A post or comment without a number or a time."""


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

    def attached(self, item: Mapping[str, Any]) -> Attached:
        """The attachments, what is not known of them counted."""
        found = attached(item.get("attachments"))
        self.unknown.update({f"attachment {kind}": count for kind, count in found.unknown.items()})
        self.ignored.update(found.ignored)
        return found


def number_of(item: Mapping[str, Any]) -> int:
    """The number of a post or comment, 0 where it has none."""
    return whole(item.get("id"))


def moment_of(item: Mapping[str, Any]) -> datetime | None:
    """When a post or comment was published, None where that cannot be read."""
    return moment(item.get("date"))


def objects(value: Any) -> Iterable[dict[str, Any]]:
    """The objects of an array, whatever else is in it."""
    return (one for one in value if isinstance(one, dict)) if isinstance(value, list) else ()


def text_of(item: Mapping[str, Any]) -> str:
    """The text with VK's marks, "" where there is none."""
    text = item.get("text")
    return text if isinstance(text, str) else ""


def whole(value: Any) -> int:
    """A whole number of 64 bits, 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63 else 0


def moment(value: Any) -> datetime | None:
    """Seconds since 1970 as a time, None for anything else."""
    seconds = whole(value)
    # The year 9999: beyond it nothing can be written down.
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 253_402_300_800 else None


def count_of(item: Mapping[str, Any], name: str) -> int | None:
    """The `count` of a part such as `likes`, None where it is not told."""
    inner = item.get(name)
    count = inner.get("count") if isinstance(inner, dict) else None
    return whole(count) if isinstance(count, int) else None


def raw_of(item: Mapping[str, Any], without: str) -> bytes:
    """What the platform answered for it alone: without the part that belongs to others."""
    return json.dumps({name: value for name, value in item.items() if name != without}, ensure_ascii=False).encode(
        "utf-8", "replace"
    )


def placeholder(item: Mapping[str, Any]) -> bool:
    """Whether it is for paying subscribers alone and only a sign of it is shown."""
    donut = item.get("donut")
    return isinstance(donut, dict) and bool(donut.get("placeholder"))

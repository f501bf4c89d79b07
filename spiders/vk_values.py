"""Values of VK's JSON, which may be anything: each is read as what it should be, or as nothing."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any


def number_of(item: Mapping[str, Any]) -> int:
    """The number of a post or comment, 0 where it has none."""
    return whole(item.get("id"))


def moment_of(item: Mapping[str, Any]) -> datetime | None:
    """When a post or comment was published, None where that cannot be read."""
    return moment(item.get("date"))


def values_of(value: Any) -> list[Any]:
    """The values of an array."""
    return value if isinstance(value, list) else []


def objects(value: Any) -> Iterable[dict[str, Any]]:
    """The objects of an array, whatever else is in it."""
    return (one for one in values_of(value) if isinstance(one, dict))


def text_of(item: Mapping[str, Any], name: str = "text") -> str:
    """A text, "" where there is none."""
    text = item.get(name)
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
    return isinstance(donut, dict) and donut.get("placeholder") is not None

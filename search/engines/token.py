"""The token of the next page: where the last hit stands in the order, so that posts arriving meanwhile move nothing."""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import NamedTuple

from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.engine import Order

# Years 1 to 9999 and a little more, in microseconds: what no token of ours goes beyond, and no number of SQLite's.
_TIMES = range(-(10**17), 3 * 10**17)


class Place(NamedTuple):
    """A hit's place in the order: its publication in microseconds and its post."""

    published: int
    post: str


def write(place: Place, order: Order) -> str:
    """The token of the page after this hit."""
    return pack(order, place)


def read(token: str, order: Order) -> Place | None:
    """Where a page starts; None for the first one. Raises OtklikError for what is no token of this order."""
    if not token:
        return None
    place = place_in(unpack(token, order))
    if place is None:
        raise refused(token)
    return place


def pack(order: Order, values: Sequence[object]) -> str:
    """A token of values that JSON knows."""
    text = json.dumps([order.value, *values], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def unpack(token: str, order: Order) -> list[object]:
    """The values of a token; what they are is not checked. Raises OtklikError for what is no token of this order."""
    try:
        kind, *values = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, TypeError, RecursionError, binascii.Error):
        raise refused(token) from None
    if kind != order.value:
        raise refused(token)
    return list(values)


def place_in(value: object) -> Place | None:
    """A value of a token as a place; None where it is none."""
    match value:
        # Half of a surrogate pair is text to JSON, and to no database.
        case [int(published), str(post)] if published in _TIMES and post == post.encode(errors="ignore").decode():
            return Place(published, post)
        case _:
            return None


def refused(token: str) -> OtklikError:
    """The error of what is no token, or one of an index that is gone."""
    return OtklikError(
        Text(
            ru=f"Это не метка страницы: {token[:60]!r}. Начните поиск с первой страницы.",
            en=f"Not the token of a page: {token[:60]!r}. Start the search from the first page.",
        )
    )

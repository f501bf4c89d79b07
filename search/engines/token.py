"""The token of the next page: where the last hit stands in the order, so that posts arriving meanwhile move nothing."""

import base64
import binascii
import json
from typing import NamedTuple

from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.engine import Order


class Place(NamedTuple):
    """A hit's place in the order: its publication in microseconds and its post."""

    published: int
    post: str


def write(place: Place, order: Order) -> str:
    """The token of the page after this hit."""
    return base64.urlsafe_b64encode(json.dumps([order.value, *place], ensure_ascii=False).encode()).decode().rstrip("=")


def read(token: str, order: Order) -> Place | None:
    """Where a page starts; None for the first one. Raises OtklikError for what is no token of this order."""
    if not token:
        return None
    try:
        kind, published, post = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (ValueError, TypeError, binascii.Error):
        kind, published, post = "", None, None
    if kind != order.value or not isinstance(published, int) or not isinstance(post, str):
        raise OtklikError(
            Text(
                ru=f"Это не метка страницы: {token[:60]!r}. Начните поиск с первой страницы.",
                en=f"Not the token of a page: {token[:60]!r}. Start the search from the first page.",
            )
        )
    return Place(published, post)

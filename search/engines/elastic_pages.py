"""Pages of one look through Elasticsearch: a point in time is opened for the second and closed with the last.

The first page of the newest, which is all that most look at, needs none: what it costs is every month's index asked
once more. Relevance has it from the start, since what words weigh changes with the posts.

The token carries it, so that any process goes on. Where it is gone (kept for KEPT after each page, closed as one too
many, lost with its node, of a generation that was replaced) the next page opens another and goes on behind the same
place in the order: nothing is shown twice or left out but posts whose publication was changed meanwhile.
"""

import base64
import binascii
import zlib
from collections import OrderedDict
from math import isfinite
from threading import Lock
from typing import Any

import elasticsearch as es

from search.engine import Order
from search.engines.elastic_server import Server
from search.engines.token import pack, place_in, refused, unpack

KEPT = "2m"
MOST_OPEN = 32
"""Points in time that one engine holds open: a further one closes the oldest."""
_SORTS = {
    Order.NEWEST: [{"published": "desc"}, {"post": "asc"}],
    Order.RELEVANCE: [{"_score": "desc"}, {"published": "desc"}, {"post": "asc"}],
}
_MOST_BYTES = 1 << 20

Hit = dict[str, Any]


class _ForeignError(Exception):
    """The point in time is of another city: only a forged token names it."""


class Pages:
    """Asks for pages, and knows which points in time this engine has open."""

    def __init__(self, server: Server) -> None:
        self._client = server.client
        self._alias = server.alias
        self._open: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    def page(self, query: dict[str, Any], after: str, size: int, order: Order) -> tuple[list[Hit], str]:
        """The hits of the page behind the token `after`, and the next token. OtklikError for what is no token."""
        start, view = _read(after, order)
        if view:
            try:
                return self._page(query, start, view, size, order)
            except (_ForeignError, es.NotFoundError, es.BadRequestError):
                pass
            except es.ApiError as error:
                # Such as 503: the node that had it is gone, and others have what it had.
                if error.status_code < 500:
                    raise
            self._forget(view)
        view = "" if start is None and order is Order.NEWEST else self._opened()
        return self._page(query, start, view, size, order)

    def close(self) -> None:
        """Close what is open; who has a token goes on all the same."""
        for view in self._surplus(0):
            self._close(view)

    def _page(
        self, query: dict[str, Any], start: list[Any] | None, view: str, size: int, order: Order
    ) -> tuple[list[Hit], str]:
        answer = self._client.search(
            index=None if view else self._alias,
            pit={"id": view, "keep_alive": KEPT} if view else None,
            query=query,
            sort=_SORTS[order],
            search_after=start,
            # As if all months were one index: else a word would weigh by what is rare in its month.
            search_type="dfs_query_then_fetch" if order is Order.RELEVANCE else None,
            size=size + 1,
            source=False,
            docvalue_fields=[{"field": "post"}, {"field": "version"}],
            track_total_hits=False,
            allow_partial_search_results=False,
        )
        self._forget(view)
        view = answer.get("pit_id", "")
        hits = answer["hits"]["hits"]
        if any(not hit["_index"].startswith(f"{self._alias}.") for hit in hits):
            raise _ForeignError
        if len(hits) <= size:
            if view:
                self._close(view)
            return hits, ""
        if view:
            self._keep(view)
        # The server adds a value of its own to those of the first page.
        last = hits[size - 1]["sort"][: len(_SORTS[order])]
        return hits[:size], pack(order, [last, _packed(view) if view else ""])

    def _opened(self) -> str:
        view = str(self._client.open_point_in_time(index=self._alias, keep_alive=KEPT)["id"])
        self._keep(view)
        return view

    def _keep(self, view: str) -> None:
        with self._lock:
            self._open[view] = None
        for oldest in self._surplus(MOST_OPEN):
            self._close(oldest)

    def _forget(self, view: str) -> None:
        with self._lock:
            self._open.pop(view, None)

    def _surplus(self, most: int) -> list[str]:
        """Those that are too many, the oldest, no longer known."""
        with self._lock:
            return [self._open.popitem(last=False)[0] for _ in range(len(self._open) - most)]

    def _close(self, view: str) -> None:
        try:
            self._client.close_point_in_time(id=view)
        except (es.ApiError, es.TransportError):
            # It closes by itself soon: no reason to withhold a page that was found.
            return


def _packed(view: str) -> str:
    """The server's own name of a point in time, short: it says much the same of every shard."""
    return base64.urlsafe_b64encode(zlib.compress(base64.urlsafe_b64decode(view), 9)).decode()


def _unpacked(packed: str) -> str:
    """The same again. ValueError for what was not packed here."""
    opened = zlib.decompressobj()
    try:
        raw = opened.decompress(base64.urlsafe_b64decode(packed), _MOST_BYTES)
    except (binascii.Error, zlib.error) as error:
        raise ValueError(packed) from error
    if opened.unconsumed_tail:
        raise ValueError(packed)
    return base64.urlsafe_b64encode(raw).decode()


def _read(token: str, order: Order) -> tuple[list[Any] | None, str]:
    """What a token says the last hit was sorted by, and its point in time. OtklikError for what is no such token."""
    if not token:
        return None, ""
    match unpack(token, order):
        case [[*scores, published, post], str(packed)] if (
            len(scores) == (order is Order.RELEVANCE)
            and all(isinstance(score, float) and isfinite(score) for score in scores)
            and place_in([published, post])
        ):
            try:
                return [*scores, published, post], _unpacked(packed) if packed else ""
            except ValueError:
                pass
    raise refused(token)

"""Changes on their way to Elasticsearch: bulk requests of bounded size, and what became of each post in them."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

import elasticsearch as es

from search.engines.elastic_server import ABSENT, said

MOST_BYTES = 8 * 1024 * 1024
"""Of one request, but for a single document that is larger; one request is under way at a time."""
_TOO_LARGE = 413
_MALFORMED = 400
_BLOCKED = "cluster_block_exception"
# So long the server waits for a shard that has no node, then says so; the client's own patience must not end first.
_SHARD_SECONDS = 10


class Change(NamedTuple):
    """A change of a post in one index, as the lines that ask for it."""

    post: str
    lines: bytes


class Outcome(NamedTuple):
    """What became of changes: `absent` are posts whose index is not there (any more)."""

    refused: dict[str, str]
    again: frozenset[str]
    absent: frozenset[str]


_NOTHING = Outcome({}, frozenset(), frozenset())


def put(index: str, id_: str, post: str, seq: int, source: dict[str, Any]) -> Change:
    """Put a document, unless the index has this change or a later one."""
    return Change(post, _line({"index": _head(index, id_, seq)}) + _line(source))


def delete(index: str, id_: str, post: str, seq: int) -> Change:
    """Take a document out, and remember its seq against older changes that come late."""
    return Change(post, _line({"delete": _head(index, id_, seq)}))


def send(client: es.Elasticsearch, changes: Sequence[Change]) -> Outcome:
    """Send changes in order. A request that is too large or malformed is halved until one document alone is refused."""
    found = _NOTHING
    for some in _packed(changes):
        found = _both(found, _send(client, some))
    return found


def _send(client: es.Elasticsearch, changes: Sequence[Change]) -> Outcome:
    try:
        answer = client.bulk(
            # Lines are sent as they are, which the client's types do not say.
            operations=cast(list[Mapping[str, Any]], [change.lines for change in changes]),
            require_alias=True,
            timeout=f"{_SHARD_SECONDS}s",
        )
    except es.ApiError as error:
        if error.status_code not in (_TOO_LARGE, _MALFORMED):
            raise
        if len(changes) == 1:
            return Outcome({changes[0].post: said(error)}, frozenset(), frozenset())
        half = len(changes) // 2
        return _both(_send(client, changes[:half]), _send(client, changes[half:]))
    return _outcome(changes, answer["items"])


def _outcome(changes: Sequence[Change], items: Iterable[dict[str, Any]]) -> Outcome:
    refused: dict[str, str] = {}
    again: set[str] = set()
    absent: set[str] = set()
    for change, item in zip(changes, items, strict=True):
        result = next(iter(item.values()))
        error = result.get("error")
        # 409: the index has this change or a later one already.
        if not error or result["status"] == 409:
            continue
        if error["type"] == ABSENT:
            absent.add(change.post)
        elif result["status"] == 429 or result["status"] >= 500 or error["type"] == _BLOCKED:
            again.add(change.post)
        else:
            refused[change.post] = f"{error['type']}: {error.get('reason', '')}"[:500]
    return Outcome(refused, frozenset(again), frozenset(absent))


def _packed(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """The changes in order, in pieces of at most MOST_BYTES."""
    some: list[Change] = []
    size = 0
    for change in changes:
        if some and size + len(change.lines) > MOST_BYTES:
            yield some
            some, size = [], 0
        some.append(change)
        size += len(change.lines)
    if some:
        yield some


def _both(one: Outcome, other: Outcome) -> Outcome:
    return Outcome(one.refused | other.refused, one.again | other.again, one.absent | other.absent)


def _head(index: str, id_: str, seq: int) -> dict[str, Any]:
    return {"_index": index, "_id": id_, "version": seq, "version_type": "external"}


def _line(content: dict[str, Any]) -> bytes:
    # Half of a surrogate pair is escaped: as bytes it would spoil the whole request.
    try:
        return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    except UnicodeEncodeError:
        return json.dumps(content, separators=(",", ":")).encode() + b"\n"


def forget(client: es.Elasticsearch, indexes: Sequence[str], ids: Sequence[str]) -> bool:
    """Take documents out of these indexes, whatever their version; False when the server was too busy for some."""
    wanted = [{"_index": index, "_id": id_, "_source": False} for id_ in ids for index in indexes]
    for start in range(0, len(wanted), _MOST_LOOKED_UP):
        known = client.mget(docs=wanted[start : start + _MOST_LOOKED_UP])["docs"]
        # With the version they have, so that the next change still counts as later.
        kept = ("_index", "_id")
        operations = [
            {"delete": {name: one[name] for name in kept} | {"version": one["_version"], **_SAME_OR_LATER}}
            for one in known
            if one.get("found")
        ]
        answer = client.bulk(operations=operations) if operations else {"errors": False}
        if answer["errors"]:
            return False
    return True


_MOST_LOOKED_UP = 1_000
_SAME_OR_LATER = {"version_type": "external_gte"}

"""Taking deleted documents off the disk of an Elasticsearch: its segments and its log of operations."""

import time
from collections.abc import Sequence
from typing import Any

import elasticsearch as es

from crawler.model.text import Text
from search.engine import EngineError

_PAUSE = 1.0
# A copy of a shard says twice a minute from where on it needs old operations; deleted documents stay as long.
_SECONDS = 120.0
# Usually a segment is left alone until a tenth of it is deleted.
_SETTING = "index.merge.policy.expunge_deletes_allowed"


def purge(client: es.Elasticsearch, indexes: Sequence[str], seconds: float = _SECONDS) -> bool:
    """Merge away what these indexes hold of deleted documents and drop the log that has them; False when some is left
    after so long, or when a search that is still open keeps files of before.
    """
    names = list(indexes)
    until = time.monotonic() + seconds
    client.indices.put_settings(index=names, settings={_SETTING: 0})
    try:
        # Merging before nobody needs the deleted documents would write large segments anew for nothing.
        needed = _highest(client, names)
        while _is_needed(client, names, needed) and time.monotonic() < until:
            time.sleep(_PAUSE)
        client.indices.flush(index=names, force=True, wait_if_ongoing=True)
        client.indices.forcemerge(index=names, only_expunge_deletes=True)
        # Files of merged segments go at the next commit, once no search reads them.
        client.indices.refresh(index=names)
        client.indices.flush(index=names, force=True, wait_if_ongoing=True)
        return _left(client, names) == 0 and not _read_on(client, names)
    finally:
        client.indices.put_settings(index=names, settings={_SETTING: None})


def left_behind(city: str) -> EngineError:
    """The error of a second index that hears of no removal."""
    return EngineError(
        Text(
            "У города {city} есть второй индекс: перестройка идёт или была прервана, и убранное в нём остаётся. "
            "Дождитесь её конца или начните заново: otklik reindex {city}",
            "{city} has a second index: a rebuild is under way or was cut off, and what is removed stays in it. Wait "
            "for its end, or begin it anew: otklik reindex {city}",
        ).filled(city=city)
    )


def _copies(client: es.Elasticsearch, names: list[str]) -> dict[tuple[str, str, str], dict[str, Any]]:
    """What every copy of every shard says of itself, by index, shard and node."""
    answer = client.indices.stats(index=names, level="shards")
    return {
        (index, number, copy["routing"]["node"]): copy
        for index, stats in answer["indices"].items()
        for number, copies in stats["shards"].items()
        for copy in copies
    }


def _highest(client: es.Elasticsearch, names: list[str]) -> dict[tuple[str, str, str], int]:
    """The number of the last operation of each copy."""
    return {where: copy["seq_no"]["max_seq_no"] for where, copy in _copies(client, names).items()}


def _is_needed(client: es.Elasticsearch, names: list[str], upto: dict[tuple[str, str, str], int]) -> bool:
    """Whether any copy still keeps operations up to these for another that may fall behind."""
    return any(
        lease["retaining_seq_no"] <= upto.get(where, -1)
        for where, copy in _copies(client, names).items()
        for lease in copy["retention_leases"]["leases"]
    )


def _read_on(client: es.Elasticsearch, names: list[str]) -> bool:
    """Whether a point in time is open on any copy: it keeps the files that it reads."""
    return any(copy["search"]["open_contexts"] for copy in _copies(client, names).values())


def _left(client: es.Elasticsearch, names: list[str]) -> int:
    """How many deleted documents the segments hold, on every copy."""
    answer = client.indices.segments(index=names)
    shards = [copy for index in answer["indices"].values() for copies in index["shards"].values() for copy in copies]
    return sum(segment["deleted_docs"] for copy in shards for segment in copy["segments"].values())

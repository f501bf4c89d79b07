"""Taking deleted documents off the disk of an Elasticsearch: its segments and its log of operations."""

import time
from collections.abc import Sequence

import elasticsearch as es

_PAUSE = 1.0
# A copy of a shard renews twice a minute from where on it needs old operations; deleted documents stay as long.
_SECONDS = 120.0
# Usually a segment is left alone until a tenth of it is deleted.
_SETTINGS = {"index.merge.policy.expunge_deletes_allowed": 0}


def purge(client: es.Elasticsearch, indexes: Sequence[str], seconds: float = _SECONDS) -> bool:
    """Merge away what these indexes hold of deleted documents and drop the log that has them; False when some is left
    after so long.
    """
    client.indices.put_settings(index=list(indexes), settings=_SETTINGS)
    try:
        until = time.monotonic() + seconds
        while True:
            client.indices.flush(index=list(indexes), force=True, wait_if_ongoing=True)
            client.indices.forcemerge(index=list(indexes), only_expunge_deletes=True)
            # Files of merged segments go at the next commit, once no search reads them.
            client.indices.refresh(index=list(indexes))
            client.indices.flush(index=list(indexes), force=True, wait_if_ongoing=True)
            if _left(client, indexes) == 0:
                return True
            if time.monotonic() > until:
                return False
            time.sleep(_PAUSE)
    finally:
        client.indices.put_settings(index=list(indexes), settings=dict.fromkeys(_SETTINGS))


def _left(client: es.Elasticsearch, indexes: Sequence[str]) -> int:
    """How many deleted documents the segments hold, on every copy."""
    answer = client.indices.segments(index=list(indexes))
    shards = [copy for index in answer["indices"].values() for copies in index["shards"].values() for copy in copies]
    return sum(segment["deleted_docs"] for copy in shards for segment in copy["segments"].values())

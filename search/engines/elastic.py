"""The Elasticsearch engine: an index of a city behind the alias `otklik-CITY`, versioned by the state's seq."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import elasticsearch as es

from crawler.model.ports import Secrets
from crawler.model.text import Text
from search.engine import (
    Box,
    Bucket,
    Cluster,
    EngineDownError,
    EngineError,
    Entry,
    Facet,
    Fed,
    Hit,
    Moment,
    Order,
    Page,
    Step,
    stale,
)
from search.engines.elastic_index import DIGEST, MAPPINGS, SETTINGS, id_of, source_of
from search.engines.elastic_purge import left_behind, purge
from search.engines.elastic_query import translate
from search.engines.elastic_url import connect
from search.engines.token import Place, read, write
from search.reference import Context
from search.tree import Query

_MOST_HITS = 5_000
_TOO_LARGE = 413
_BLOCKED = "cluster_block_exception"
_ABSENT = "index_not_found_exception"


class Elastic:
    """What finds posts of one city in an Elasticsearch. Opening it asks nothing of the server, which may be dead."""

    def __init__(self, url: str, city: str, secrets: Secrets) -> None:
        self.city = city
        self.alias = f"otklik-{city}"
        self._client, self._where = connect(url, secrets)
        self._checked = False
        self._building = ""

    def put(self, batch: Sequence[Entry]) -> None:
        """Apply changes. EngineError names the posts that the server refuses."""
        latest: dict[str, Entry] = {}
        for entry in batch:
            if entry.post not in latest or entry.seq >= latest[entry.post].seq:
                latest[entry.post] = entry
        fed = self.feed(list(latest.values()))
        if fed.again:
            raise self._down(f"{len(fed.again)} × 429/5xx")
        if fed.refused:
            post, reason = next(iter(fed.refused.items()))
            raise EngineError(
                Text(
                    ru=f"Elasticsearch отверг публикаций: {len(fed.refused)}, первая {post}: {reason}",
                    en=f"Elasticsearch refused posts: {len(fed.refused)}, the first {post}: {reason}",
                )
            )

    def feed(self, batch: Sequence[Entry]) -> Fed:
        """Apply changes, at most one a post, and tell what became of them."""
        self._check()
        return self._send(self.alias, batch)

    def feed_rebuild(self, batch: Sequence[Entry]) -> Fed:
        """Put posts into the index that is being built."""
        return self._send(self._building, batch)

    def _send(self, index: str, batch: Sequence[Entry]) -> Fed:
        if not batch:
            return Fed()
        with self._reached():
            try:
                answer = self._client.bulk(index=index, operations=list(_operations(batch)))
            except es.ApiError as error:
                if error.status_code != _TOO_LARGE:
                    raise
                if len(batch) == 1:
                    return Fed(refused={batch[0].post: _said(error)})
                half = len(batch) // 2
                return _both(self._send(index, batch[:half]), self._send(index, batch[half:]))
        return self._outcome(batch, answer["items"])

    def _outcome(self, batch: Sequence[Entry], items: Iterable[dict[str, Any]]) -> Fed:
        refused: dict[str, str] = {}
        again: set[str] = set()
        for entry, item in zip(batch, items, strict=True):
            result = next(iter(item.values()))
            error = result.get("error")
            # 409: the index has this change or a later one already.
            if not error or result["status"] == 409:
                continue
            if error["type"] == _ABSENT:
                raise stale(self.city)
            if result["status"] == 429 or result["status"] >= 500 or error["type"] == _BLOCKED:
                again.add(entry.post)
            else:
                refused[entry.post] = f"{error['type']}: {error.get('reason', '')}"[:500]
        return Fed(refused, frozenset(again))

    def delete(self, posts: Sequence[str]) -> None:
        """Take posts out, whatever their seq."""
        self._check()
        with self._reached():
            for start in range(0, len(posts), 500):
                ids = [id_of(post) for post in posts[start : start + 500]]
                known = self._client.mget(index=self.alias, ids=ids, source=False)["docs"]
                # With the version they have, so that the next change still counts as later.
                operations = [
                    {"delete": {"_id": one["_id"], "version": one["_version"], "version_type": "external_gte"}}
                    for one in known
                    if one.get("found")
                ]
                if operations:
                    self._client.bulk(index=self.alias, operations=operations)

    def find(
        self, query: Query, context: Context, *, after: str = "", limit: int = 50, order: Order = Order.NEWEST
    ) -> Page:
        """A page of what `query` finds, from the token `after` on; at most 5,000 hits, however many are asked for."""
        if order is Order.RELEVANCE:
            raise _not_yet()
        start = read(after, order)
        asked = translate(query, context)
        size = min(limit, _MOST_HITS)
        self._check()
        with self._reached():
            answer = self._client.search(
                index=self.alias,
                query=asked,
                sort=[{"published": "desc"}, {"post": "asc"}],
                search_after=[start.published, start.post] if start else None,
                size=size + 1,
                source=False,
                docvalue_fields=[{"field": "version"}],
                track_total_hits=False,
                allow_partial_search_results=False,
            )
        found = answer["hits"]["hits"]
        hits = tuple(Hit(one["sort"][1], int(one["fields"]["version"][0])) for one in found[:size])
        more = write(Place(*found[size - 1]["sort"]), order) if len(found) > size else ""
        return Page(hits, more)

    def count(self, query: Query, context: Context) -> int:
        """How many posts `query` finds."""
        asked = translate(query, context)
        self._check()
        with self._reached():
            answer = self._client.count(index=self.alias, query=asked)
            if answer["_shards"]["failed"]:
                raise self._down(str(answer["_shards"]))
        return int(answer["count"])

    def facets(
        self,
        query: Query,  # noqa: ARG002
        context: Context,  # noqa: ARG002
        fields: Sequence[Facet],  # noqa: ARG002
        limit: int = 50,  # noqa: ARG002
    ) -> dict[Facet, tuple[Bucket, ...]]:
        """Not yet."""
        raise _not_yet()

    def histogram(self, query: Query, context: Context, step: Step) -> tuple[Moment, ...]:  # noqa: ARG002
        """Not yet."""
        raise _not_yet()

    def clusters(self, query: Query, context: Context, box: Box, zoom: int) -> tuple[Cluster, ...]:  # noqa: ARG002
        """Not yet."""
        raise _not_yet()

    def refresh(self) -> None:
        """Make everything that was put findable."""
        self._check()
        with self._reached():
            self._client.indices.refresh(index=self.alias)

    def purge(self) -> bool:
        """Merge away what every index of this city holds of deleted posts, and drop the log that has them.

        EngineError where a rebuild left an index behind that hears of no removal.
        """
        with self._reached():
            indexes = self._indexes()
            if set(indexes) - self._answering().keys():
                raise left_behind(self.city)
            return not indexes or purge(self._client, indexes)

    def clear(self) -> None:
        """Empty the index of this city, for a rebuild."""
        self.remove()
        self._check()

    def remove(self) -> None:
        """Take every index of this city off the server."""
        with self._reached():
            self._remove(self._indexes())
        self._checked = False

    def close(self) -> None:
        """Let go of connections."""
        self._client.close()

    def begin_rebuild(self) -> None:
        """Make an empty index beside the one that answers; one left over from a rebuild that was cut off goes."""
        with self._reached():
            present = self._indexes()
            answering = self._answering()
            self._remove([index for index in present if index not in answering])
            self._building = self._name(max(map(self._number, [*present, self._name(0)])) + 1)
            self._client.indices.create(index=self._building, settings=SETTINGS, mappings=MAPPINGS)

    def finish_rebuild(self) -> None:
        """Let the new index answer in place of the old one, which goes, in one step."""
        with self._reached():
            self._client.indices.refresh(index=self._building)
            actions: list[dict[str, Any]] = [{"remove_index": {"index": index}} for index in self._answering()]
            actions.append({"add": {"index": self._building, "alias": self.alias, "is_write_index": True}})
            self._client.indices.update_aliases(actions=actions)
        self._building = ""

    def _check(self) -> None:
        """See that the alias leads to an index of this form; make the first one."""
        if self._checked:
            return
        with self._reached():
            answering = self._answering()
            if not answering and not self._indexes():
                self._create_first()
                answering = self._answering()
            if len(answering) != 1 or answering[next(iter(answering))] != DIGEST:
                raise stale(self.city)
        self._checked = True

    def _create_first(self) -> None:
        try:
            self._client.indices.create(
                index=self._name(1),
                settings=SETTINGS,
                mappings=MAPPINGS,
                aliases={self.alias: {"is_write_index": True}},
            )
        except es.BadRequestError as error:
            # Another process was first.
            if error.error != "resource_already_exists_exception":
                raise

    def _answering(self) -> dict[str, str]:
        """The index behind the alias and its digest."""
        if not self._client.indices.exists_alias(name=self.alias):
            return {}
        found = self._client.indices.get_mapping(index=self.alias)
        return {name: one["mappings"].get("_meta", {}).get("otklik", "") for name, one in found.items()}

    def _indexes(self) -> list[str]:
        """Every index of this city, whether it answers or not."""
        found = self._client.indices.get(index=f"{self.alias}.*", expand_wildcards="all", features="aliases")
        return [name for name in found if re.fullmatch(rf"{re.escape(self.alias)}\.\d+", name)]

    def _remove(self, indexes: Sequence[str]) -> None:
        if indexes:
            self._client.indices.delete(index=",".join(indexes))

    def _name(self, number: int) -> str:
        return f"{self.alias}.{number}"

    def _number(self, index: str) -> int:
        return int(index.rpartition(".")[2])

    def _down(self, detail: str) -> EngineDownError:
        return EngineDownError(
            Text(
                ru=f"Elasticsearch ({self._where}) не отвечает: {detail}. Публикации ждут в очереди и будут "
                "проиндексированы, когда он ответит; проверьте адрес, доступ и журнал сервера",
                en=f"Elasticsearch ({self._where}) does not answer: {detail}. Posts wait in the queue and are indexed "
                "once it does; check the address, the credentials and the server's log",
            )
        )

    def _refused(self, detail: str) -> EngineDownError:
        # As when it is down: nothing is lost, and once the rights are there the queue goes on by itself.
        return EngineDownError(
            Text(
                ru=f"Elasticsearch ({self._where}) не пускает: {detail}. Публикации ждут в очереди; проверьте user, "
                f"password_env или api_key_env и права manage, read, write на {self.alias} и {self.alias}.*",
                en=f"Elasticsearch ({self._where}) does not let us in: {detail}. Posts wait in the queue; check user, "
                f"password_env or api_key_env, and the rights manage, read, write on {self.alias} and {self.alias}.*",
            )
        )

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Say in words of ours what the client raises."""
        try:
            yield
        except es.NotFoundError as error:
            self._checked = False
            if error.error == _ABSENT:
                raise stale(self.city) from error
            raise self._down(_said(error)) from error
        except es.BadRequestError as error:
            raise EngineError(
                Text(
                    ru=f"Elasticsearch ({self._where}) не принимает запрос: {_said(error)}",
                    en=f"Elasticsearch ({self._where}) does not take the request: {_said(error)}",
                )
            ) from error
        except (es.AuthenticationException, es.AuthorizationException) as error:
            raise self._refused(_said(error)) from error
        except (es.ApiError, es.TransportError) as error:
            raise self._down(_said(error)) from error


def _not_yet() -> EngineError:
    return EngineError(
        Text(
            ru="С Elasticsearch это пока не работает: подсчёты по полям и времени, карта, порядок по смыслу",
            en="Elasticsearch cannot do this yet: counts by field and time, the map, the order of relevance",
        )
    )


def _operations(batch: Iterable[Entry]) -> Iterator[dict[str, Any]]:
    for entry in batch:
        head = {"_id": id_of(entry.post), "version": entry.seq, "version_type": "external"}
        if entry.document is None:
            yield {"delete": head}
        else:
            yield {"index": head}
            yield source_of(entry.document)


def _both(one: Fed, other: Fed) -> Fed:
    return Fed({**one.refused, **other.refused}, one.again | other.again)


def _said(error: es.ApiError | es.TransportError) -> str:
    if isinstance(error, es.ApiError):
        causes = error.body.get("error", {}) if isinstance(error.body, dict) else {}
        roots = causes.get("root_cause", []) if isinstance(causes, dict) else []
        reasons = [str(cause.get("reason", "")) for cause in islice(roots, 2)]
        return f"{error.status_code} {error.error} {' '.join(reasons)}".strip()[:500]
    # The client's own words are just «TLS error»: the cause stands behind it.
    causes = [str(cause) for cause in error.errors] or [str(error.message)]
    return f"{type(error).__name__}: {'; '.join(causes)}"[:500]

"""The Elasticsearch engine: monthly indexes of a city behind the alias `otklik-CITY`, versioned by the state's seq."""

from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from datetime import UTC
from typing import Any, TypeVar

import elasticsearch as es

from crawler.model.errors import OtklikError
from crawler.model.ports import Secrets
from crawler.model.text import Text
from search.engine import (
    REBUILD,
    Box,
    Bucket,
    Cluster,
    EngineError,
    Entry,
    Facet,
    Fed,
    Hit,
    Moment,
    Order,
    Page,
    Step,
    Tally,
    stale,
)
from search.engines import elastic_bulk as bulk
from search.engines.elastic_counting import Counting
from search.engines.elastic_index import FORMS, fields_of, id_of, source_of
from search.engines.elastic_layout import Generation, Layout
from search.engines.elastic_pages import Pages
from search.engines.elastic_purge import left_behind, purge
from search.engines.elastic_query import ranked, translate
from search.engines.elastic_server import Server
from search.reference import Context
from search.tree import Query

_MOST_HITS = 5_000
_ABSENT = 404
_FAILED = 500
_ALWAYS = frozenset({"post", "version", "published"})

Answer = TypeVar("Answer")


class Elastic:
    """What finds posts of one city in an Elasticsearch. Opening it asks nothing of the server, which may be dead."""

    def __init__(self, url: str, city: str, secrets: Secrets) -> None:
        self.city = city
        self._server = Server(url, city, secrets)
        self._client = self._server.client
        self._layout = Layout(self._server)
        self._pages = Pages(self._server)
        self._counting = Counting(self._client, self._server.alias)
        self.alias = self._server.alias
        self._known: Generation | None = None
        self._writing: Generation | None = None
        self._building = 0
        self._built: set[str] = set()

    def put(self, batch: Sequence[Entry]) -> None:
        """Apply changes. EngineError names the posts that the server refuses."""
        refused: dict[str, str] = {}
        left = list(batch)
        # Again once the months of new posts have an index, and again after another process replaced all of them.
        for _ in range(3):
            fed = self.feed(left)
            refused |= fed.refused
            left = [entry for entry in left if entry.post in fed.again]
        if left:
            raise self._server.down(f"{len(left)} × 429/5xx")
        if refused:
            post, reason = next(iter(refused.items()))
            raise EngineError(
                Text(
                    "Elasticsearch отверг публикаций: {count}, первая {post}: {reason}",
                    "Elasticsearch refused posts: {count}, the first {post}: {reason}",
                ).filled(count=len(refused), post=post, reason=reason)
            )

    def feed(self, batch: Sequence[Entry]) -> Fed:
        """Apply changes and tell what became of them.

        Posts of a month that had no index come back to be sent again: whoever feeds reads them anew, so that no
        removal that found no index to be noted in is undone by what was read before it.
        """
        with self._reached():
            generation = self._to_write()
            new = {_month(entry) for entry in batch if entry.document} - generation.months
            for month in sorted(new):
                self._layout.open_month(generation.number, month)
            ready = [entry for entry in batch if not entry.document or _month(entry) not in new]
            fed = bulk.send(self._client, self._changes(generation.number, generation.current, ready))
        if new or fed.absent:
            self._known = self._writing = None
        again = {entry.post for entry in batch if entry.document and _month(entry) in new}
        return Fed(fed.refused, fed.again | fed.absent | again)

    def feed_rebuild(self, batch: Sequence[Entry]) -> Fed:
        """Put posts into the generation that is being built."""
        with self._reached():
            for month in sorted({_month(entry) for entry in batch if entry.document} - self._built):
                self._layout.make_month(self._building, month)
                self._built.add(month)
            fed = bulk.send(self._client, self._changes(self._building, FORMS.keys(), batch))
        if fed.absent:
            raise stale(self.city)
        return Fed(fed.refused, fed.again)

    def _changes(self, number: int, fields: AbstractSet[str], batch: Sequence[Entry]) -> list[bulk.Change]:
        """What is sent for these entries. A deletion goes to every month: the state may not know any more which."""
        months = self._layout.months(number) if any(not entry.document for entry in batch) else []
        changes: list[bulk.Change] = []
        for entry in batch:
            id_ = id_of(entry.post)
            if entry.document:
                index = self._layout.written(number, _month(entry))
                source = {name: value for name, value in source_of(entry.document).items() if name in fields}
                changes.append(bulk.put(index, id_, entry.post, entry.seq, source))
            else:
                written = [self._layout.written(number, month) for month in months]
                changes += [bulk.delete(index, id_, entry.post, entry.seq) for index in written]
        return changes

    def delete(self, posts: Sequence[str]) -> None:
        """Take posts out, whatever their seq."""
        with self._reached():
            number = self._to_write().number
            indexes = [self._layout.index(number, month) for month in self._layout.months(number)]
            if not bulk.forget(self._client, indexes, [id_of(post) for post in posts]):
                raise self._server.down("429/5xx")

    def find(
        self, query: Query, context: Context, *, after: str = "", limit: int = 50, order: Order = Order.NEWEST
    ) -> Page:
        """A page of what `query` finds, from the token `after` on; at most 5,000 hits, however many are asked for."""
        asked = self._asked(query, context)
        if order is Order.RELEVANCE:
            asked = ranked(asked, query)
        found, more = self._answer(lambda: self._pages.page(asked, after, min(limit, _MOST_HITS), order))
        hits = [(one["fields"]["post"][0], int(one["fields"]["version"][0])) for one in found]
        return Page(tuple(Hit(post, version) for post, version in hits), more)

    def count(self, query: Query, context: Context) -> int:
        """How many posts `query` finds."""
        asked = self._asked(query, context)
        return self._answer(lambda: self._counting.count(asked))

    def facets(
        self, query: Query, context: Context, fields: Sequence[Facet], limit: int = 50
    ) -> dict[Facet, tuple[Bucket, ...]]:
        """How many found posts have each value of these fields. EngineError where there are too many values."""
        asked = self._asked(query, context, {field.value for field in fields})
        return self._answer(lambda: self._counting.facets(asked, fields, limit))

    def authors(self, query: Query, context: Context) -> Tally:
        """How many different pseudonyms wrote what `query` finds."""
        asked = self._asked(query, context, {"author"})
        return self._answer(lambda: self._counting.authors(asked))

    def histogram(self, query: Query, context: Context, step: Step) -> tuple[Moment, ...]:
        """How many found posts were published in each part of the calendar."""
        asked = self._asked(query, context)
        return self._answer(lambda: self._counting.histogram(asked, step, context.zone))

    def clusters(self, query: Query, context: Context, box: Box, zoom: int) -> tuple[Cluster, ...]:
        """Found posts with a place in the box, by tile of the web map."""
        asked = self._asked(query, context, {"places"})
        return self._answer(lambda: self._counting.clusters(asked, box, zoom))

    def refresh(self) -> None:
        """Make everything that was put findable."""
        with self._reached():
            self._to_read(_ALWAYS)
            self._client.indices.refresh(index=self.alias)

    def lacking(self) -> tuple[str, ...]:
        """The fields that this version keeps and the generation that answers does not."""
        with self._reached():
            return tuple(sorted(FORMS.keys() - self._to_read(_ALWAYS).current))

    def purge(self) -> bool:
        """Merge away what every index of this city holds of deleted posts, and drop the log that has them.

        EngineError where a rebuild left indexes behind that hear of no removal.
        """
        with self._reached():
            self._pages.close()
            if not self._layout.indexes():
                return True
            answering = self._layout.answering().number
            self._layout.drop_former(answering)
            indexes = self._layout.indexes()
            if any(self._layout.parts(name)[0] != answering for name in indexes):
                raise left_behind(self.city)
            return purge(self._client, indexes)

    def clear(self) -> None:
        """Empty the index of this city, for a rebuild."""
        self.remove()
        self.refresh()

    def remove(self) -> None:
        """Take every index of this city off the server."""
        with self._reached():
            self._layout.remove()
        self._known = self._writing = None

    def close(self) -> None:
        """Let go of connections, and of the points in time of pages that nobody asked for."""
        self._pages.close()
        self._client.close()

    def begin_rebuild(self) -> None:
        """Make an empty generation beside the one that answers; one left over from a rebuild that was cut off goes."""
        with self._reached():
            self._building = self._layout.begin()
        self._built = set()

    def finish_rebuild(self) -> None:
        """Let the new generation answer in place of the old one, which goes, in one step."""
        with self._reached():
            self._layout.finish(self._building)
        self._building = 0
        self._known = self._writing = None

    def _asked(self, query: Query, context: Context, counted: AbstractSet[str] = frozenset()) -> dict[str, Any]:
        """The query for the server, if what answers has the fields that it needs and those that are counted."""
        asked = translate(query, context)
        with self._reached():
            self._to_read(_ALWAYS | fields_of(asked) | counted)
        return asked

    def _answer(self, ask: Callable[[], Answer]) -> Answer:
        """What is asked of the alias; asked again where it was moved, or a node went, while it was answered."""
        with self._reached():
            try:
                return ask()
            except es.ApiError as error:
                if error.status_code != _ABSENT and error.status_code < _FAILED:
                    raise
            return ask()

    def _to_read(self, needed: AbstractSet[str]) -> Generation:
        """The generation that answers; EngineError where it lacks a field that is needed, or has it in another form."""
        if self._known is None or not needed <= self._known.current:
            # Asked again before it is refused: another process may have rebuilt it.
            self._known = self._layout.answering()
        missing = needed - self._known.current
        if missing & _ALWAYS:
            raise stale(self.city)
        if missing:
            raise EngineError(
                Text(
                    "Индекс города {city} сделала другая версия Otklik, в нём нет того, что нужно этому запросу "
                    "({fields}); на остальные он отвечает. Его надо перестроить.",
                    "The index of {city} was made by another version of Otklik and lacks what this query needs "
                    "({fields}); others it answers. It has to be rebuilt.",
                ).filled(city=self.city, fields=", ".join(sorted(missing))),
                REBUILD.filled(city=self.city),
            )
        return self._known

    def _to_write(self) -> Generation:
        """The same for writing: what it has and this version does not make is noted as not kept up from now on."""
        if self._writing is None:
            generation = self._to_read(_ALWAYS)
            if generation.current != generation.fields.keys():
                self._layout.keep_up(generation)
            self._writing = generation
        return self._writing

    @contextmanager
    def _reached(self) -> Iterator[None]:
        """Errors in words of ours; after one, what is known of the indexes is asked again."""
        try:
            with self._server.reached():
                yield
        except OtklikError:
            self._known = self._writing = None
            raise


def _month(entry: Entry) -> str:
    """The month that a post belongs to for good, UTC."""
    assert entry.document is not None
    return (entry.first_seen or entry.document.seen_at).astimezone(UTC).isoformat()[:7]

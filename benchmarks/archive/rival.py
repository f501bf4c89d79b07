"""tantivy, fed with the same keys: its index beside the engines', asked the same in its own words."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import tantivy

from search.document import Document
from search.engine import Box
from search.engines.stream import lines
from search.mapping import districts, micros, plain_phrases, word_keys
from search.tiles import tile_of
from search.tree import And, Node, Phrase, Prefix, Query, Word

ZOOM = 14
FACETS = ("source", "platform", "topic", "act", "district")
_DAY = timedelta(days=1) // timedelta(microseconds=1)


class Tantivy:
    """An index of one thread and one segment, as SQLite's is."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        builder = tantivy.SchemaBuilder()
        builder.add_text_field("post", stored=True, tokenizer_name="raw", index_option="basic")
        for name in ("lemma", "surface"):
            builder.add_text_field(name, tokenizer_name="whitespace")
        for name in (*FACETS, "tile"):
            builder.add_text_field(name, tokenizer_name="raw", index_option="basic", fast=True)
        builder.add_integer_field("published", indexed=True, fast=True)
        for name in ("lat", "lon"):
            builder.add_float_field(name, indexed=True, fast=True)
        self._schema = builder.build()
        self._index = tantivy.Index(self._schema, str(folder))
        self._writer = self._index.writer(num_threads=1)
        self._searcher: Any = None

    def put(self, documents: Sequence[Document]) -> None:
        """Commit a batch, as the engines do."""
        for document in documents:
            lemmas, surfaces = lines(document)
            points = {
                (place.lat, place.lon) for place in document.places if place.lat is not None and place.lon is not None
            }
            values: dict[str, Any] = {
                "post": document.id,
                "lemma": lemmas,
                "surface": surfaces,
                "source": document.source,
                "platform": document.platform,
                "topic": document.topic,
                "act": document.act,
                "district": list(districts(document)),
                "published": micros(document.published_at),
                "lat": [lat for lat, _ in points],
                "lon": [lon for _, lon in points],
                "tile": ["{}/{}".format(*tile_of((lat, lon), ZOOM)) for lat, lon in points],
            }
            self._writer.add_document(tantivy.Document.from_dict(values, self._schema))
        self._writer.commit()

    def ready(self) -> None:
        """Wait for its merges."""
        self._writer.wait_merging_threads()
        self._index.reload()
        self._searcher = self._index.searcher()

    def find(self, query: Query, limit: int = 50, skip: int = 0) -> list[str]:
        """The newest."""
        hits = self._searcher.search(
            self._asked(query), limit, count=False, order_by_field="published", offset=skip
        ).hits
        return [self._searcher.doc(address)["post"][0] for _, address in hits]

    def relevant(self, query: Query, limit: int = 50) -> list[str]:
        """The best by BM25."""
        hits = self._searcher.search(self._asked(query), limit, count=False).hits
        return [self._searcher.doc(address)["post"][0] for _, address in hits]

    def count(self, query: Query) -> int:
        """How many."""
        return int(self._searcher.search(self._asked(query), 1, count=True).count)

    def facets(self, query: Query) -> dict[str, dict[str, int]]:
        """Counts by value of every field."""
        asked = {name: {"terms": {"field": name, "size": 1_000}} for name in FACETS}
        found = self._searcher.aggregate(self._asked(query), asked)
        return {name: {one["key"]: int(one["doc_count"]) for one in found[name]["buckets"]} for name in FACETS}

    def days(self, query: Query) -> list[int]:
        """Counts by day of UTC."""
        asked = {"days": {"histogram": {"field": "published", "interval": _DAY}}}
        found = self._searcher.aggregate(self._asked(query), asked)
        return [int(one["doc_count"]) for one in found["days"]["buckets"]]

    def tiles(self, query: Query, box: Box) -> dict[str, int]:
        """Counts by tile of the posts in a box, without the middle of their points."""
        sides = (("lat", box.south, box.north), ("lon", box.west, box.east))
        within = [
            tantivy.Query.range_query(self._schema, name, tantivy.FieldType.Float, low, high)
            for name, low, high in sides
        ]
        asked = _every([self._asked(query), *within])
        found = self._searcher.aggregate(asked, {"tiles": {"terms": {"field": "tile", "size": 10_000}}})
        return {one["key"]: int(one["doc_count"]) for one in found["tiles"]["buckets"]}

    def _asked(self, query: Query) -> Any:
        return self._node(query.root) if query.root else tantivy.Query.all_query()

    def _node(self, node: Node) -> Any:
        match node:
            case Word():
                field, keys = word_keys(node)
                return _any([tantivy.Query.term_query(self._schema, field, key) for key in keys])
            case Prefix(text):
                return tantivy.Query.regex_query(self._schema, "surface", f"{text}.*")
            case Phrase():
                plain = plain_phrases(node, 64)
                assert plain
                return _any([tantivy.Query.phrase_query(self._schema, plain[0], list(keys)) for keys in plain[1]])
            case And(parts):
                return _every([self._node(part) for part in parts])
            case _:
                raise TypeError(f"nothing asks for this: {node}")


def _any(queries: list[Any]) -> Any:
    return (
        queries[0]
        if len(queries) == 1
        else tantivy.Query.boolean_query([(tantivy.Occur.Should, one) for one in queries])
    )


def _every(queries: list[Any]) -> Any:
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, one) for one in queries])

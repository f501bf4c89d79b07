"""The index of a city in Elasticsearch: its settings and fields, and a document as it is sent."""

import hashlib
from typing import Any

from search.analysis import GAP
from search.document import Document
from search.engines.elastic_query import BORDER
from search.mapping import districts, micros, spots, words
from search.tiles import MOST_ZOOM, number_of, tile_of

_LONGEST_ID = 512
_KEYWORD = {"type": "keyword"}


def _text(**more: Any) -> dict[str, Any]:
    return {"type": "text", "analyzer": "whitespace", "position_increment_gap": GAP, "norms": False, **more}


SETTINGS: dict[str, Any] = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    # How long a deletion is remembered against an older change that comes late.
    "gc_deletes": "1d",
}
FIELDS: dict[str, Any] = {
    "post": _KEYWORD,
    "version": {"type": "integer"},
    "source": _KEYWORD,
    "platform": _KEYWORD,
    "kind": _KEYWORD,
    "author": _KEYWORD,
    "role": _KEYWORD,
    "topic": _KEYWORD,
    "act": _KEYWORD,
    "language": _KEYWORD,
    "story": _KEYWORD,
    "has": _KEYWORD,
    "traits": _KEYWORD,
    # As people write them, for counts; what a place is asked by is in `places`.
    "district": _KEYWORD,
    # Microseconds, for exact periods and order; the two dates are for people in Kibana.
    "published": {"type": "long"},
    "seen": {"type": "long"},
    "published_at": {"type": "date"},
    "seen_at": {"type": "date"},
    "happens": {"type": "long_range"},
    "lemma": _text(),
    # Without its own field for prefixes, one with too many words behind it is refused inside a phrase.
    "surface": _text(index_prefixes={"min_chars": 3, "max_chars": 10}),
    "whole_lemma": _KEYWORD,
    "whole_surface": _KEYWORD,
    "places": {
        "type": "nested",
        "properties": {
            "streets": _KEYWORD,
            "districts": _KEYWORD,
            "settlements": _KEYWORD,
            "names": _KEYWORD,
            "first": {"type": "integer"},
            "last": {"type": "integer"},
            "suffix": _KEYWORD,
            "ranged": {"type": "boolean"},
            "parity": {"type": "byte"},
            "point": {"type": "geo_point"},
            # Exact, in millionths of a degree: a geo_point is rounded down. The tile is that of the finest zoom.
            "lat": {"type": "integer"},
            "lon": {"type": "integer"},
            "tile": {"type": "long"},
        },
    },
    # For people in Kibana, outside the promise of one meaning.
    "body": {"type": "text"},
}
MADE: dict[str, int] = {"district": 2}
"""What to raise when the same post gives another value of a field than before; 1 where nothing stands."""


def _form(name: str) -> str:
    return hashlib.blake2b(repr((GAP, MADE.get(name, 1), FIELDS[name])).encode(), digest_size=8).hexdigest()


FORMS = {name: _form(name) for name in FIELDS}
"""Of each field its form: definition and making. An index of which a field has another form cannot be asked by it."""
MAPPINGS: dict[str, Any] = {
    "dynamic": "strict",
    "_meta": {"otklik": FORMS},
    "_source": {"excludes": ["lemma", "surface", "whole_lemma", "whole_surface"]},
    "properties": FIELDS,
}


def fields_of(asked: Any) -> set[str]:
    """The fields that a query of ours names, at any depth."""
    if isinstance(asked, list | tuple):
        return set().union(*map(fields_of, asked))
    if not isinstance(asked, dict):
        return set()
    named = {*asked, *(asked[key] for key in ("field", "path", "use_field") if isinstance(asked.get(key), str))}
    tops = {name.partition(".")[0] for name in named}
    return (tops & FIELDS.keys()).union(*map(fields_of, asked.values()))


def id_of(post: str) -> str:
    """The document's id: the post's own, or its hash where Elasticsearch takes no id so long."""
    if len(post.encode()) <= _LONGEST_ID:
        return post
    return "long:" + hashlib.blake2b(post.encode(), digest_size=32).hexdigest()


def source_of(document: Document) -> dict[str, Any]:
    """The document as it is sent. Empty lists are left out."""
    stream = words(document)
    fields: dict[str, Any] = {
        "lemma": [" ".join([*lemmas, BORDER]) for lemmas in stream.lemmas],
        "surface": [" ".join([*surfaces, BORDER]) for surfaces in stream.surfaces],
        "whole_lemma": [lemma for lemma, _ in stream.wholes],
        "whole_surface": [surface for _, surface in stream.wholes],
        "body": [" ".join(surfaces) for surfaces in stream.surfaces],
        "places": _places(document),
        "author": document.author,
        "topic": document.topic,
        "act": document.act,
        "language": document.language,
        "story": document.story,
        "has": sorted(document.has),
        "traits": sorted(document.traits),
        "district": districts(document),
        "happens": [{"gte": micros(first), "lte": micros(last)} for first, last in document.happens],
    }
    return {
        "post": document.id,
        "version": document.version,
        "source": document.source,
        "platform": document.platform,
        "kind": document.kind,
        "role": document.role.value,
        "published": micros(document.published_at),
        "seen": micros(document.seen_at),
        "published_at": document.published_at.isoformat(),
        "seen_at": document.seen_at.isoformat(),
        **{name: value for name, value in fields.items() if value},
    }


def _places(document: Document) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for spot in spots(document):
        place: dict[str, Any] = {
            "streets": spot.streets,
            "districts": spot.districts,
            "settlements": spot.settlements,
            "names": spot.names,
        }
        if spot.last:
            place |= {"first": spot.first, "last": spot.last, "suffix": spot.suffix, "ranged": spot.ranged}
        if spot.parity is not None:
            place["parity"] = spot.parity
        if spot.point is not None:
            lat, lon = spot.point
            place |= {"point": {"lat": lat, "lon": lon}, "lat": round(lat * 1e6), "lon": round(lon * 1e6)}
            place["tile"] = number_of(tile_of(spot.point, MOST_ZOOM))
        found.append(place)
    return found

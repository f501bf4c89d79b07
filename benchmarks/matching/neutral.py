"""Queries and posts in a form that other matchers can be fed with: plain JSON, the words expanded by our analysis.

What a rival cannot express is made simpler for it: a place is a set of terms, hyphenated wholes are left out (no query
of the benchmark asks for one), so that all matchers have the same pairs to find.
"""

from typing import Any

from crawler.model.items import House, PlaceKind
from search.analysis import Token, name_key, query_lemmas
from search.document import Document
from search.names import Names
from search.place_names import place_names
from search.street_key import asked_terms, street_terms
from search.tree import And, At, Node, Not, Or, Phrase, Prefix, Word

Json = dict[str, Any]


def query_json(node: Node, names: Names) -> Json:  # noqa: PLR0911 - one line for each kind of node
    """The tree of a query of the benchmark, its polygons as GeoJSON."""
    match node:
        case Word(text, _, exact):
            assert not exact
            return {"any_of": ["lemma", sorted(query_lemmas(text))]}
        case Prefix(text):
            return {"prefix": text}
        case Phrase(slots, _, distance, ordered):
            words = [[key for word in slot for key in query_lemmas(word.text)] for slot in slots]
            return {"near": {"slots": words, "distance": distance, "ordered": ordered}}
        case And(parts):
            return {"all": [query_json(part, names) for part in parts]}
        case Or(parts):
            return {"any": [query_json(part, names) for part in parts]}
        case Not(part):
            return {"not": query_json(part, names)}
        case At():
            return _place_json(node, names)
        case _:
            raise ValueError(f"not in the benchmark: {node}")


def _place_json(at: At, names: Names) -> Json:
    area = names.area(at.polygon) if at.polygon else None
    if area:
        return {"polygon": area.geojson}
    if at.near:
        return {"distance": list(at.near)}
    if at.district:
        return {"any_of": ["district", [name_key(at.district)]]}
    terms = asked_terms(at.street)
    if at.house:
        return {"any_of": ["house", [f"{term}#{at.house.first}" for term in terms]]}
    return {"any_of": ["street", list(terms)]}


def post_json(post: Document) -> Json:
    """The tokens of a post by sentence, and the terms of its places."""
    tokens = [token for token in post.tokens if not token.whole]
    streets = [(place, street_terms(place.street_key)) for place in post.places]
    return {
        "lemma": _sentences(tokens, "lemma"),
        "surface": _sentences(tokens, "surface"),
        "street": sorted({term for _, terms in streets for term in terms}),
        "house": sorted(
            {f"{term}#{n}" for place, terms in streets for term in terms for house in place.houses for n in _all(house)}
        ),
        "district": sorted({name for place in post.places for name in place_names(place, PlaceKind.DISTRICT)}),
        "points": [[place.lat, place.lon] for place in post.places if place.lat is not None],
    }


def _sentences(tokens: list[Token], key: str) -> list[str]:
    found: dict[tuple[str, int], list[str]] = {}
    for token in tokens:
        found.setdefault((token.field, token.sentence), []).append(getattr(token, key))
    return [" ".join(words) for words in found.values()]


def _all(house: House) -> list[int]:
    numbers = range(house.number, (house.end or house.number) + 1)
    parity = {"odd": 1, "even": 0}.get(house.parity)
    return [number for number in numbers if parity is None or number % 2 == parity]

"""A query as Elasticsearch asks it: bool, terms, prefix, range, nested and intervals of the core server, all exact.

Hyphenated wholes lie in fields of their own (`whole_…`), outside the stream that intervals read. Each sentence ends
with `|`, which no interval of a same-sentence phrase may contain.
"""

from collections.abc import Sequence
from itertools import pairwise, permutations
from typing import Any

from crawler.model.text import Text
from search.engine import EngineError
from search.engines.scoring import MOST_WORDS, words_of
from search.engines.simpler import depth, simpler
from search.mapping import LEMMA, SURFACE, asked, is_key, micros, period_field, word_keys
from search.periods import resolve
from search.properties import property_of, values_of
from search.reference import Context
from search.tree import And, At, Field, Houses, Node, Not, Or, Period, Phrase, Prefix, Query, Word

BORDER = "|"
MOST_OVERLAPPING = 6
"""Words of a phrase in any order that one word of a post could stand for: asked in each of their 720 orders."""

_NOTHING: dict[str, Any] = {"match_none": {}}
Rule = dict[str, Any]
Slot = tuple[Word | Prefix, ...]


def translate(query: Query, context: Context) -> dict[str, Any]:
    """The whole query, without scores. EngineError for a clause that the core server cannot answer exactly."""
    if query.root is None:
        return {"match_all": {}}
    return {"bool": {"filter": [_clause(simpler(query.root), context)]}}


def ranked(asked: dict[str, Any], query: Query) -> dict[str, Any]:
    """The same query with scores: BM25 of each word, and more for two neighbours of the query in one sentence."""
    words = {repr(rules): word for word in words_of(query.root) if (rules := _slot((word,)))} if query.root else {}
    counted = list(words.values())[:MOST_WORDS]
    if not counted:
        return asked
    plain = [word for word in counted if isinstance(word, Word)]
    scores = [_worth(word) for word in counted]
    scores += [_intervals(_in_one_sentence(one, other), boost=2.0) for one, other in pairwise(plain)]
    return {"bool": {"filter": [asked], "should": scores}}


def _worth(word: Word | Prefix) -> dict[str, Any]:
    if isinstance(word, Prefix):
        return {"constant_score": {"filter": _prefix(word)}}
    field, keys = word_keys(word)
    # The best of its keys: what one word may mean is not several words.
    return {"dis_max": {"queries": [{"term": {name: key}} for key in keys for name in (field, f"whole_{field}")]}}


def _in_one_sentence(one: Word, other: Word) -> Rule:
    rules = [_slot((word,)) for word in (one, other)]
    return _all_of([_any_of(some) for some in rules], Phrase(((one,), (other,)), (0, 0), sentence=True), ordered=False)


def _clause(node: Node, context: Context) -> dict[str, Any]:  # noqa: PLR0911 - one line for each kind of node
    match node:
        case Word():
            field, keys = word_keys(node)
            return _any([{"terms": {field: keys}}, {"terms": {f"whole_{field}": keys}}])
        case Prefix():
            return _prefix(node)
        case Phrase():
            return _phrase(node)
        case Field():
            return {"terms": {property_of(node): sorted(values_of(node, context.names))}}
        case Period():
            return _period(node, context)
        case At():
            return _at(node, context)
        case And(parts):
            return _all(parts, context)
        case Or(parts):
            return _any([_clause(part, context) for part in parts])
        case Not():
            return _all((node,), context)


def _prefix(prefix: Prefix) -> dict[str, Any]:
    if not is_key(prefix.text):
        return _NOTHING
    return _any([{"prefix": {field: {"value": prefix.text}}} for field in (SURFACE, f"whole_{SURFACE}")])


def _period(period: Period, context: Context) -> dict[str, Any]:
    first, last = resolve(period, context.now, context.zone)
    # Of stretches Elasticsearch asks whether they meet what is asked for.
    bounds = {"gte": first, "lte": last}
    return {"range": {period_field(period): {sign: micros(at) for sign, at in bounds.items() if at is not None}}}


def _all(parts: Sequence[Node], context: Context) -> dict[str, Any]:
    # The server nests thirty levels. A bool takes one OR beside its AND, and everything under NOT.
    either = max((part for part in parts if isinstance(part, Or)), key=depth, default=Or(()))
    excluded = [part.part for part in parts if isinstance(part, Not)]
    unwanted = [inner for part in excluded for inner in (part.parts if isinstance(part, Or) else (part,))]
    asked = {
        "filter": [_clause(part, context) for part in parts if not isinstance(part, Not) and part is not either],
        "must_not": [_clause(part, context) for part in unwanted],
        "should": [_clause(part, context) for part in either.parts],
    }
    return {"bool": {**asked, "minimum_should_match": 1} if either.parts else asked}


def _any(clauses: Sequence[dict[str, Any]]) -> dict[str, Any]:
    if not clauses:
        return _NOTHING
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": list(clauses), "minimum_should_match": 1}}


def _at(node: At, context: Context) -> dict[str, Any]:
    wanted = asked(node, context.names)
    if wanted.nowhere:
        return _NOTHING
    filters: list[dict[str, Any]] = []
    if wanted.streets:
        filters.append({"terms": {"places.streets": wanted.streets}})
    for field, key in (("districts", wanted.district), ("settlements", wanted.settlement), ("names", wanted.place)):
        if key:
            filters.append({"term": {f"places.{field}": {"value": key}}})
    if wanted.house:
        filters.extend(_house(wanted.house))
    if wanted.near:
        lat, lon, far = wanted.near
        filters.append({"geo_distance": {"distance": f"{far}m", "places.point": {"lat": lat, "lon": lon}}})
    if wanted.area:
        shape = {"shape": wanted.area.geojson, "relation": "intersects"}
        filters.append({"geo_shape": {"places.point": shape}})
    return {"nested": {"path": "places", "query": {"bool": {"filter": filters}} if filters else {"match_all": {}}}}


def _house(house: Houses) -> list[dict[str, Any]]:
    # A stretch of odd or even houses that meets what is asked in one number only needs that number's parity.
    by_edge: list[dict[str, Any]] = [
        {"bool": {"filter": [{"term": {f"places.{end}": edge}}, {"term": {"places.parity": 1 - edge % 2}}]}}
        for end, edge in (("last", house.first), ("first", house.last))
    ]
    if house.first == house.last:
        by_edge = [{"term": {"places.parity": 1 - house.first % 2}}]
    filters: list[dict[str, Any]] = [
        {"range": {"places.first": {"lte": house.last}}},
        {"range": {"places.last": {"gte": house.first}}},
        {"bool": {"must_not": by_edge}},
    ]
    if house.suffix is not None:
        filters.append(_any([{"term": {"places.ranged": True}}, {"term": {"places.suffix": house.suffix}}]))
    return filters


def _phrase(phrase: Phrase) -> dict[str, Any]:
    rules = [_slot(slot) for slot in phrase.slots]
    if not all(rules):
        return _NOTHING
    if len(rules) == 1:
        return _intervals(_any_of(rules[0]))
    ordered = phrase.ordered and not phrase.sentence
    together = [_any_of(rule) for rule in rules]
    if ordered or _apart(phrase.slots):
        return _intervals(_all_of(together, phrase, ordered=ordered))
    # Intervals in any order may take one word of a post for two of the phrase; in a given order they never do.
    if len(rules) > MOST_OVERLAPPING:
        raise EngineError(
            Text(
                ru=f"Elasticsearch не ответит точно на фразу в любом порядке, если в ней больше {MOST_OVERLAPPING} "
                "слов и одно слово публикации может подойти к двум из них: укажите порядок (~>) или уберите повторы",
                en=f"Elasticsearch has no exact answer to a phrase in any order of more than {MOST_OVERLAPPING} words "
                "when one word of a post may fit two of them: ask for an order (~>), or leave out what repeats",
            )
        )
    orders = {repr(order): list(order) for order in permutations(together)}
    return _intervals(_any_of([_all_of(order, phrase, ordered=True) for order in orders.values()]))


def _intervals(rule: Rule, boost: float = 1.0) -> dict[str, Any]:
    return {"intervals": {LEMMA: rule | {"boost": boost}}}


def _slot(slot: Slot) -> list[Rule]:
    rules: list[Rule] = []
    for word in slot:
        if isinstance(word, Prefix):
            if is_key(word.text):
                rules.append({"prefix": {"prefix": word.text, "analyzer": "whitespace", "use_field": SURFACE}})
        else:
            field, keys = word_keys(word)
            rules.extend(_match(field, key) for key in keys)
    return rules


def _match(field: str, key: str) -> Rule:
    return {"match": {"query": key, "analyzer": "whitespace", "use_field": field}}


def _any_of(rules: list[Rule]) -> Rule:
    return rules[0] if len(rules) == 1 else {"any_of": {"intervals": rules}}


def _all_of(rules: list[Rule], phrase: Phrase, *, ordered: bool) -> Rule:
    rule: Rule = {"intervals": rules, "ordered": ordered}
    if phrase.sentence:
        rule["filter"] = {"not_containing": _match(LEMMA, BORDER)}
    else:
        rule["max_gaps"] = phrase.distance
    return {"all_of": rule}


def _apart(slots: Sequence[Slot]) -> bool:
    """Whether no word of a post can fit two slots: all of them lemmas, or all exact forms, without a common key."""
    seen: set[str] = set()
    fields: set[str] = set()
    for slot in slots:
        keys: set[str] = set()
        for word in slot:
            if isinstance(word, Prefix):
                return False
            field, some = word_keys(word)
            fields.add(field)
            keys.update(some)
        if len(fields) > 1 or keys & seen:
            return False
        seen |= keys
    return True

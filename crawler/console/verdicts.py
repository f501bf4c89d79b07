"""Which posts a query fits, kept as long as neither a post nor what was read in it changes: the page of a saved search
asks at every look and every press, and 500 documents take up to a second to load and to analyse.
"""

from collections import OrderedDict
from collections.abc import Collection
from dataclasses import replace
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from crawler.console.asked import Asked
from crawler.installation import Installation
from search.reference import compile_query
from search.state import archive
from search.state.archive import Stamp
from search.tree import Query

MOST = 32
"""Queries of which the answers are kept: those that were asked last."""
_Known = OrderedDict[tuple[str, str], dict[str, tuple[Stamp, bool]]]
_known: WeakKeyDictionary[Installation, _Known] = WeakKeyDictionary()


def fitting(
    connection: sa.Connection, asked: Asked, queries: Collection[tuple[str, Query]], ids: Collection[str]
) -> dict[str, dict[str, bool]]:
    """By the text of each query, whether it fits these posts, those of them that are there. What counts back from the
    clock counts from each post's arrival, as it does when posts come in.
    """
    kept = _known.setdefault(asked.installation, OrderedDict())
    stamps = archive.stamps(connection, asked.city.key, ids)
    context = asked.desk.context()
    before = {text: kept.get((asked.city.key, text), {}) for text, _ in queries}
    changed = {
        id_ for id_, stamp in stamps.items() for known in before.values() if id_ not in known or known[id_][0] != stamp
    }
    documents = archive.documents(connection, asked.city.key, sorted(changed))
    found = {}
    for text, query in queries:
        fits = compile_query(query).fits
        anew = {id_: (stamps[id_], fits(one, replace(context, now=one.seen_at))) for id_, one in documents.items()}
        every = before[text] | anew
        answers = {id_: every[id_] for id_ in stamps if id_ in every}
        # Put whole: another thread that reads meanwhile has the former answers.
        kept[asked.city.key, text] = answers
        kept.move_to_end((asked.city.key, text))
        found[text] = {id_: answer for id_, (_, answer) in answers.items()}
    while len(kept) > MOST:
        kept.popitem(last=False)
    return found

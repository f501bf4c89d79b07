"""Examples of a saved search that people judged, as its page shows them: how right its version is by them, and what a
draft would make of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crawler.console.archive import Line, lines_of
from crawler.console.asked import Asked, Trouble
from crawler.console.routing import NOWHERE
from crawler.console.verdicts import fitting
from crawler.model.city import SavedSearch
from crawler.model.errors import QueryError
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from search import examples
from search.examples import NOTHING, Example, Held
from search.query import parse_query
from search.saving import Version
from search.state import archive
from search.tree import Query

SHOWN = 20
"""Judged examples of which a draft makes something else, as many as are shown."""
_NO_POST = Text("Такой публикации в архиве уже нет.", "The archive has no such post any more.")


@dataclass(frozen=True, slots=True)
class Judged:
    """`known` are the judgements by post, `now` is what the latest version does with them, `draft` what the draft does.
    `missed` and `wrong` are lines of what the draft misses and takes wrongly.
    """

    known: Mapping[str, Example] = field(default_factory=dict)
    now: Held = NOTHING
    draft: Held = NOTHING
    missed: Sequence[Line] = ()
    wrong: Sequence[Line] = ()

    def said(self, post: str) -> str:
        """«yes», «no», "" where nobody judged it."""
        one = self.known.get(post)
        return "" if one is None else "yes" if one.fits else "no"


def judged_of(asked: Asked, latest: Version | None, draft: SavedSearch) -> Judged:
    """The examples of a search held against its latest version and a draft; of a query that cannot be read nothing."""
    if latest is None:
        return Judged()
    with asked.installation.database.read() as connection:
        known = examples.judged(connection, asked.city.key, latest.search.id)
        if not known:
            return Judged()
        known = dict(list(known.items())[: examples.MOST])
        texts = (latest.search.query, draft.query)
        queries = {text: query for text in texts if (query := _query(asked, text)) is not None}
        fits = fitting(connection, asked, queries.items(), known)
    now, held = (examples.hold(known, fits[text]) if text in fits else NOTHING for text in texts)
    changed = queries.get(draft.query) if draft.query != latest.search.query else None
    if changed is None:
        return Judged(known, now, held)
    lines = [lines_of(asked, changed, some[:SHOWN]) for some in (held.missed, held.wrong)]
    return Judged(known, now, held, *lines)


def judge(asked: Asked, latest: Version) -> str:
    """Keep what the form says of an example, or take it back. The post."""
    said, _, post = asked.value("judge").partition(" ")
    version = asked.number("seen", 1, latest.search.version, latest.search.version)
    database = asked.installation.database
    with database.begin() as connection:
        if said not in {"yes", "no", "open"} or not archive.load(connection, asked.city.key, [post]):
            raise Trouble(404, NOWHERE, _NO_POST)
        example = Example(post, said == "yes", version, asked.user.name, asked.now)
        search, keys = latest.search.id, asked.installation.keys
        examples.judge(connection, asked.city.key, search, example, keys, take_back=said == "open")
    return post


def _query(asked: Asked, text: str) -> Query | None:
    try:
        return parse_query(text, platforms=PLATFORMS, names=asked.desk.names)
    except QueryError:
        return None

"""What is asked of the archive: each question in an engine's words and in the rival's."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from benchmarks.archive.posts import Archive
from benchmarks.archive.rival import ZOOM, Tantivy
from search.engine import Engine, Facet, Order, Page, Step
from search.query import parse_query
from search.reference import Context
from search.tree import Query

DEEP = 2_000
"""How many posts lie before a deep page."""


@dataclass(frozen=True, slots=True)
class Question:
    """`ask` and `rival` answer in the same form, to be compared; `behind` is how many posts lie before the page."""

    what: str
    query: Query
    ask: Callable[[Engine, Query, str], object]
    rival: Callable[[Tantivy, Query], object]
    behind: int = 0
    same: bool = True


class Asker:
    """Asks questions about an archive."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.context = Context(archive.last, ZoneInfo("UTC"))

    def questions(self, number: int) -> Iterator[Question]:
        """So many of each kind."""
        for _ in range(number):
            one, other = self.archive.words()
            both = parse_query(f"{one} {other}")
            yield Question("two words, newest 50", both, self._find, Tantivy.find)
            phrase = parse_query('"{} {}"'.format(*self.archive.neighbours()))
            yield Question("phrase, newest 50", phrase, self._find, Tantivy.find)
            yield Question("prefix, newest 50", parse_query(f"{other[:4]}*"), self._find, Tantivy.find)
            yield Question("two words, 50 by relevance", both, self._relevant, Tantivy.relevant, same=False)
            yield Question("two words, count", both, self._count, Tantivy.count)
            yield Question("two words, all facets", both, self._facets, Tantivy.facets)
            yield Question("two words, histogram by day", both, self._days, Tantivy.days)
            yield from self._of_many()

    def _of_many(self) -> Iterator[Question]:
        """Questions about a frequent word."""
        word = parse_query(self.archive.common())
        box = self.archive.box()
        yield Question(
            f"one of 200 words, page behind {DEEP}",
            word,
            self._find,
            lambda rival, query: rival.find(query, skip=DEEP),
            behind=DEEP,
        )
        yield Question("one of 200 words, all facets", word, self._facets, Tantivy.facets)
        yield Question("one of 200 words, histogram", word, self._days, Tantivy.days)
        yield Question(
            "one of 200 words, box of a map",
            word,
            lambda engine, query, _: {
                f"{one.x}/{one.y}": one.count for one in engine.clusters(query, self.context, box, ZOOM)
            },
            lambda rival, query: rival.tiles(query, box),
            # tantivy does not round coordinates to a millionth of a degree.
            same=False,
        )

    def behind(self, engine: Engine, question: Question) -> str:
        """The token of the page behind so many posts; "" where there are fewer."""
        return engine.find(question.query, self.context, limit=question.behind).next if question.behind else ""

    def _find(self, engine: Engine, query: Query, after: str) -> object:
        return _posts(engine.find(query, self.context, after=after))

    def _relevant(self, engine: Engine, query: Query, after: str) -> object:
        return _posts(engine.find(query, self.context, after=after, order=Order.RELEVANCE))

    def _count(self, engine: Engine, query: Query, _: str) -> object:
        return engine.count(query, self.context)

    def _facets(self, engine: Engine, query: Query, _: str) -> object:
        found = engine.facets(query, self.context, list(Facet), 1_000)
        return {field.value: {one.value: one.count for one in buckets} for field, buckets in found.items()}

    def _days(self, engine: Engine, query: Query, _: str) -> object:
        return [moment.count for moment in engine.histogram(query, self.context, Step.DAY)]


def _posts(page: Page) -> list[str]:
    return [hit.post for hit in page.hits]

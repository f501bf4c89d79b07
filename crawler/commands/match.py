"""`otklik match CITY [FILE|-]`: which saved searches fit given posts, and why; writes nothing."""

from collections.abc import Sequence
from pathlib import Path

import typer

from crawler.checking import load_city
from crawler.commands.places import place_json
from crawler.commands.shell import CityArgument, FileArgument, Settings, err, input_of, plain, print_json
from crawler.desk import finder_of, rubric_file, sources_of, topic_model_of
from crawler.environment import load_keys
from crawler.given import BadLine, Line, given_post, read_lines
from crawler.model.city import City, SavedSearch
from crawler.model.items import Post
from crawler.model.ports import SystemClock
from pipelines.draft import Draft
from pipelines.way import read, steps
from search.document import document_of
from search.indexed_monitor import IndexedMonitor
from search.monitor import Found
from search.names import names_of
from search.saved import ACTIVE, register_all
from search.topics.model import Teller
from search.wanted import why_of

BATCH = 200
_TOPIC = "topic:"
"""In every query that asks for a topic, and in few others."""


def match(city: CityArgument, file: FileArgument = "-") -> None:
    """Print which searches fit each line; nothing is written."""
    with input_of(file) as stream:
        matching = Matching(load_city(city))
        bad = 0
        batch: list[tuple[Line, Post]] = []
        for line in read_lines(stream):
            post = line if isinstance(line, BadLine) else given_post(line, matching.sources, matching.clock.now())
            if isinstance(post, BadLine):
                bad += 1
                err.print(plain(post), style="red", highlight=False, markup=False, soft_wrap=True)
            elif isinstance(line, Line):
                batch.append((line, post))
            if len(batch) == BATCH:
                matching.answer(batch)
                batch = []
        matching.answer(batch)
    if bad:
        raise typer.Exit(1)


class Matching:
    """The steps and the saved searches of a city file, without its state: nothing is read there and nothing written."""

    def __init__(self, city: City) -> None:
        self.clock = SystemClock()
        self.sources = sources_of(city)
        home = Settings.environment.home(Settings.data)
        active = [search for search in city.searches if search.state == ACTIVE]
        self.steps = steps(
            city.key, load_keys(Settings.environment, home), finder_of(city), topics=_topics(city, active, home)
        )
        names = names_of(city)
        self.monitor = IndexedMonitor(city.zone, names)
        register_all(self.monitor, active, names)

    def answer(self, batch: Sequence[tuple[Line, Post]]) -> None:
        """One line for each post, in order."""
        drafts = read([post for _, post in batch], self.sources, self.steps)
        for (line, _), draft in zip(batch, drafts, strict=True):
            document = document_of(draft.post, draft.reading, draft.tokens)
            found = [] if draft.outcome else self.monitor.match(document, self.clock.now())
            answer: dict[str, object] = {"id": line.id, "matches": [_as_json(draft, one) for one in found]}
            print_json(answer | ({"rejected": draft.reason} if draft.outcome else {}))


def _topics(city: City, active: Sequence[SavedSearch], home: Path) -> Teller | None:
    """What tells topics, where a search asks for one: reading a rubric takes a second unless an installation kept what
    its queries require. Where there is no installation none is begun.
    """
    if not any(_TOPIC in search.query for search in active):
        return None
    return topic_model_of(city, rubric_file(home, city.key) if home.is_dir() else None)


def _as_json(draft: Draft, found: Found) -> dict[str, object]:
    places = [draft.reading.places[index] for index in found.match.places]
    return {
        "search": found.search.id,
        "places": [place_json(place) for place in places],
        "why": why_of(found.match),
    }

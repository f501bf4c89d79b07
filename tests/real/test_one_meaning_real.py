"""One meaning over real appeals: a thousand queries as a city would write them, of the words and places in them."""

import gzip
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from benchmarks.matching.searches import Writer
from crawler.model.items import Kind, Post, Reading
from pipelines.toponyms import PlaceFinder
from search.areas import Areas, read_areas
from search.document import Document, document_of
from search.engine import Engine, Entry
from search.gazetteer import load_gazetteer
from search.names import Names
from search.query import parse_query
from search.reference import Context
from search.state.database import Database
from tests.search.engines.saying import both, differing, everyone

pytestmark = [pytest.mark.real, pytest.mark.elasticsearch]

POSTS = 2_000
QUERIES = 1_000
HOME = "Санкт-Петербург"
NOW = datetime(2021, 6, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def appeals(real_data: Path) -> list[Document]:
    """Appeals spread over the file, with the places that they name."""
    folder = real_data / "appeals_spb"
    finder = PlaceFinder(load_gazetteer(folder / "buildings.csv", folder / "municipalities.geojson", HOME), HOME, {})
    with gzip.open(folder / "appeals.jsonl.gz", "rt", encoding="utf-8") as lines:
        values = [json.loads(line) for line in islice(lines, 0, None, 8)]
    return [_document(one, finder) for one in Random(20260309).sample(values, POSTS)]


def _document(appeal: dict[str, object], finder: PlaceFinder) -> Document:
    messages = appeal["messages"]
    assert isinstance(messages, list)
    text, at = messages[0]["text"], datetime.fromisoformat(messages[0]["dt"])
    published = at if at.tzinfo else at.replace(tzinfo=ZoneInfo("Europe/Moscow"))
    post = Post(f"given:ingest/{appeal['id']}", "ingest", "given", Kind.APPEAL, text, NOW, version=1)
    return document_of(replace(post, published_at=published), Reading(places=tuple(finder.find(text))))


@pytest.fixture(scope="module")
def areas(real_data: Path) -> Areas:
    """Its municipalities as named polygons."""
    return Areas(lambda: read_areas({}, real_data / "appeals_spb" / "municipalities.geojson"))


@pytest.fixture
def engines(appeals: list[Document], tmp_path: Path, elasticsearch_url: str) -> Iterator[dict[str, Engine]]:
    database = Database.open(tmp_path / "state.sqlite")
    with both(
        database, elasticsearch_url, [Entry(number, post.id, post) for number, post in enumerate(appeals, 1)]
    ) as made:
        yield made
    database.close()


def test_everyone_says_the_same_of_real_appeals(
    appeals: list[Document], areas: Areas, engines: dict[str, Engine]
) -> None:
    writer = Writer(appeals, areas, seed=1)
    asked = [parse_query(writer.query()) for _ in range(QUERIES)]
    said = everyone(asked, appeals, engines, Context(NOW, ZoneInfo("Europe/Moscow"), Names(areas=areas)))
    assert differing(said, asked) == {}
    # They speak of something: most queries find the appeal that they were made of, many find others.
    assert len({number for number, _ in said["reference"]}) > QUERIES / 2
    assert len(said["reference"]) > 2 * QUERIES

"""What is erased is not in the files of a real Elasticsearch either, and waits while it does not answer."""

import json
import urllib.request
from pathlib import Path

import pytest

from crawler.model.items import Kind, Post, Reading
from search.document import document_of
from search.engine import Entry, open_engine
from search.engines.elastic import Elastic
from search.state.database import Database
from tests.grepping import found_in
from tests.search.engines.conftest import NoSecrets
from tests.search.engines.worlds import START
from tests.servers.gate import gate_to
from tests.shell import Otklik, posts

SECRET = "Квазидворняжка Шмумбриковна жалуется: запах газа на Ленина, 5, звоните Тютелькину"
WORDS = "Квазидворняжка Шмумбриковна Тютелькину"
TALK = [f"Двор номер {number}: не убран снег, ждём уборки у подъезда {number % 7}" for number in range(300)]


def data_of(url: str) -> Path:
    """Where the server keeps its files."""
    with urllib.request.urlopen(f"{url}/_nodes?filter_path=nodes.*.settings.path.data") as answer:
        (node,) = json.load(answer)["nodes"].values()
    return Path(node["settings"]["path"]["data"])


@pytest.mark.elasticsearch
def test_no_byte_is_left_in_a_real_elasticsearch(otklik: Otklik, elasticsearch_url: str, indexed_city: str) -> None:
    data = data_of(elasticsearch_url)
    with gate_to(elasticsearch_url) as gate:
        city = otklik.city(indexed_city, engine=f"elasticsearch:{gate.url}")
        secret = json.dumps({"id": "secret", "text": SECRET, "author": "Иннокентий"}, ensure_ascii=False) + "\n"
        assert otklik("ingest", city, input=posts(*TALK) + secret).code == 0
        assert [hit["id"] for hit in otklik("search", city, "квазидворняжка", "--json").lines] == [
            "given:ingest/secret"
        ]
        assert found_in(data, WORDS)

        gate.open = False
        away = otklik("erase", city, "given:ingest/secret", "--yes", "--drain", 1, "--json")
        assert away.code == 1
        assert (away.lines[0]["index_clean"], away.lines[0]["files_clean"]) == (False, True)
        assert found_in(otklik.home, WORDS) == []
        assert "did not end" in otklik("doctor", city).out
        gate.open = True
        _leave_half_an_index(otklik, elasticsearch_url, indexed_city)
        half = otklik("erase", city, "given:ingest/secret", "--yes", "--json")
        assert (half.code, half.lines[0]["index_clean"]) == (1, False)
        assert f"otklik reindex {indexed_city}" in " ".join(half.lines[0]["errors"])
        assert found_in(data, WORDS)
        assert otklik("reindex", city).code == 0
        run = otklik("erase", city, "given:ingest/secret", "--yes", "--json")
        assert run.code == 0, run.err
        assert run.lines[0]["index_clean"]
        assert otklik("search", city, "квазидворняжка", "--json").lines == []
        assert found_in(data, WORDS) == []
        assert otklik("doctor", city).code == 0
        assert otklik("ingest", city, "--json", input=secret).lines[0]["outcomes"] == {"rejected": 1}
        assert otklik("reindex", city, "--json").lines == [{"indexed": len(TALK)}]


def _leave_half_an_index(otklik: Otklik, url: str, indexed_city: str) -> None:
    """What a rebuild leaves that had read the post before it was erased and was killed."""
    database = Database.open(otklik.home / "otklik.sqlite")
    engine = open_engine(f"elasticsearch:{url}", indexed_city, database, NoSecrets())
    assert isinstance(engine, Elastic)
    said = Post("given:ingest/secret", "ingest", "given", Kind.APPEAL, SECRET, seen_at=START, published_at=START)
    engine.begin_rebuild()
    engine.feed_rebuild([Entry(1, said.id, document_of(said, Reading()))])
    engine.close()
    database.close()

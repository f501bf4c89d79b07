"""What another version made answers what it can until a rebuild and loses nothing; rebuilds at once end well."""

import hashlib
import json
import re
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread

import elasticsearch
import pytest

from crawler.model.items import EventPrecision, EventTime, House, Kind, Place, PlaceKind, Post, Reading
from search.document import document_of
from search.engine import EngineDownError, EngineError, Entry, Facet, Remote, open_engine
from search.engines.elastic import Elastic
from search.engines.elastic_index import FIELDS, FORMS, MADE, MAPPINGS, SETTINGS, source_of
from search.feeder import Feeder
from search.query import parse_query
from search.state.database import Database
from tests.search.engines.conftest import NoSecrets
from tests.search.engines.refusing import refuses
from tests.search.engines.test_engine import EVERYTHING, WATER, found, post
from tests.search.engines.test_feeder import Town, open_like
from tests.search.engines.test_months import client, held, town
from tests.search.engines.worlds import CONTEXT

__all__ = ["client", "town"]
Client = elasticsearch.Elasticsearch
TOPIC = parse_query("topic:дороги")
PLACE = parse_query("at(near:46.95,142.73,500m)")


def older(client: Client, city: str, without: Collection[str] = (), otherwise: Collection[str] = ()) -> None:
    """A generation as a version made it that did not know some fields, and made others otherwise."""
    fields = {name: field for name, field in FIELDS.items() if name not in without}
    forms = {name: "0" if name in otherwise else FORMS[name] for name in fields}
    mappings = MAPPINGS | {"_meta": {"otklik": forms}, "properties": fields}
    client.indices.create(
        index=f"otklik-{city}.1", settings=SETTINGS, mappings=mappings, aliases={f"otklik-{city}": {}}
    )


def forms(client: Client, index: str) -> dict[str, str]:
    return dict(client.indices.get_mapping(index=index)[index]["mappings"]["_meta"]["otklik"])


@pytest.mark.elasticsearch
def test_an_older_generation_answers_what_it_can_while_it_is_fed_and_replaced(town: Town, client: Client) -> None:
    older(client, town.key, without=["topic"], otherwise=["places"])
    town.record(*(replace(post(number, hours=number), topic="дороги") for number in range(450)))
    assert town.feeder.drain(30).error == ""
    assert isinstance(town.engine, Remote)
    assert town.engine.lacking() == ("places", "topic")

    def meanwhile(done: int) -> None:
        town.record(post(900 + done), post(1, version=2, hours=1))
        town.erase("p0002")
        town.feeder.drain(30)
        assert found(town.engine) == town.state()
        assert town.engine.count(WATER, CONTEXT) == len(town.state())
        for query in (TOPIC, PLACE):
            with refuses(f"(topic|places).*otklik reindex {town.key}"):
                town.engine.find(query, CONTEXT)
        with pytest.raises(EngineError, match="topic"):
            town.engine.facets(EVERYTHING, CONTEXT, [Facet.TOPIC])
        assert town.engine.facets(EVERYTHING, CONTEXT, [Facet.SOURCE])

    meanwhile(0)
    town.feeder.reindex(meanwhile)
    town.feeder.drain(30)
    assert found(town.engine) == town.state()
    assert town.engine.lacking() == ()
    # 450 with the topic, of which one was edited and lost it and one went.
    assert town.engine.count(TOPIC, CONTEXT) == 448
    assert town.engine.count(PLACE, CONTEXT) == 0
    assert town.queued() == 0


@pytest.mark.elasticsearch
def test_what_a_version_does_not_write_is_not_kept_up_from_then_on(town: Town, client: Client) -> None:
    older(client, town.key, otherwise=["places"])
    base = f"otklik-{town.key}.1"
    client.indices.put_mapping(index=base, meta={"otklik": forms(client, base) | {"mood": "1"}})
    assert town.engine.count(WATER, CONTEXT) == 0
    # Asking changes nothing: the version that made it goes on.
    assert forms(client, base).keys() == {*FORMS, "mood"}
    town.record(post(1))
    town.feeder.drain(30)
    assert forms(client, base) == {name: form for name, form in FORMS.items() if name != "places"}
    assert found(town.engine) == town.state()


@pytest.mark.elasticsearch
def test_a_generation_without_what_everything_needs_is_refused_and_nothing_is_lost(town: Town, client: Client) -> None:
    older(client, town.key, otherwise=["published"])
    town.record(post(1))
    drained = town.feeder.drain(5)
    assert f"otklik reindex {town.key}" in drained.error
    assert drained.waiting == 1
    with refuses("reindex"):
        town.engine.find(WATER, CONTEXT)
    assert town.feeder.reindex() == 1
    assert found(town.engine) == town.state()


@pytest.mark.elasticsearch
def test_rebuilds_at_once_end_one_by_one_and_search_never_stops(town: Town, client: Client) -> None:
    town.record(*(post(number, hours=number % 9) for number in range(300)))
    town.feeder.drain(30)
    town.engine.refresh()
    expected, over = town.state(), Event()
    wrong: list[object] = []

    def ask() -> None:
        engine = open_like(town)
        while not over.is_set():
            hits = [(hit.post, hit.version) for hit in engine.find(EVERYTHING, CONTEXT, limit=500).hits]
            if hits != expected:
                wrong.append(hits)
        engine.close()

    def rebuild() -> None:
        engine = open_like(town)
        try:
            Feeder(town.key, town.database, engine, town.load).reindex()
        except EngineError as error:
            assert "otklik reindex" in str(error.typed)  # noqa: PT017 - one of several ends well
        finally:
            engine.close()

    asking = Thread(target=ask)
    asking.start()
    rebuilds = [Thread(target=rebuild) for _ in range(3)]
    for thread in rebuilds:
        thread.start()
    for thread in rebuilds:
        thread.join()
    over.set()
    asking.join()
    assert wrong == []
    assert town.feeder.reindex() == 300
    assert found(town.engine) == expected
    assert len({index.split(".")[0] for index, _ in held(client, town.key)}) == 1
    assert {name.split(".")[1] for name in client.indices.get(index=f"otklik-{town.key}.*")} == {
        str(town.engine._layout.answering().number)  # type: ignore[attr-defined]
    }


@pytest.mark.elasticsearch
def test_a_rebuild_whose_generation_another_one_took_away_ends_and_the_former_goes_on_answering(town: Town) -> None:
    town.record(post(1))
    town.feeder.drain(30)
    slower, later = open_like(town), open_like(town)
    slower.begin_rebuild()
    # As after the last renewal of the mark: nothing but the server stands between the two any more.
    later.begin_rebuild()
    with refuses(f"otklik reindex {town.key}"):
        slower.finish_rebuild()
    assert found(town.engine) == town.state()
    later.close()
    slower.close()


@pytest.mark.elasticsearch
def test_more_indexes_than_the_line_of_a_request_can_name_are_rebuilt_and_removed(
    elasticsearch_url: str, state: Database, city: str
) -> None:
    """Elasticsearch refuses a line of more than 4 KB: with names so long, fifty months."""
    key = f"{city}{'a' * (90 - len(city))}"
    engine = open_engine(f"elasticsearch:{elasticsearch_url}", key, state, NoSecrets())
    assert isinstance(engine, Elastic)
    months = [post(number, hours=24 * 31 * number) for number in range(54)]
    engine.begin_rebuild()
    engine.feed_rebuild([Entry(number, one.id, one) for number, one in enumerate(months, 1)])
    engine.finish_rebuild()
    assert engine.count(EVERYTHING, CONTEXT) == len(months)
    engine.remove()
    with elasticsearch.Elasticsearch(elasticsearch_url) as client:
        assert not client.indices.get(index=f"otklik-{key}*", expand_wildcards="all")
    engine.close()


@pytest.mark.elasticsearch
def test_a_server_that_takes_no_changes_is_told_of_with_what_to_look_at(town: Town, client: Client) -> None:
    town.record(post(1))
    town.feeder.drain(30)
    client.indices.put_settings(index=f"otklik-{town.key}.*", settings={"index.blocks.write": True})
    town.record(post(1, version=2))
    drained = town.feeder.drain(0)
    assert (drained.waiting, drained.refused) == (1, 0)
    assert "журнал" in drained.error
    with pytest.raises(EngineDownError):
        town.engine.delete(["p0001"])
    client.indices.put_settings(index=f"otklik-{town.key}.*", settings={"index.blocks.write": None})
    assert town.feeder.drain(30).error == ""
    assert found(town.engine) == town.state()


@pytest.mark.elasticsearch
def test_what_a_person_put_behind_the_alias_outlives_a_rebuild(town: Town, client: Client) -> None:
    town.record(post(1))
    town.feeder.drain(30)
    theirs = f"theirs-{town.key}"
    client.indices.create(index=theirs, mappings=MAPPINGS, aliases={f"otklik-{town.key}": {}})
    try:
        town.feeder.reindex()
        assert found(town.engine) == town.state()
        assert client.indices.exists(index=theirs)
        assert theirs not in client.indices.get_alias(name=f"otklik-{town.key}")
    finally:
        client.indices.delete(index=theirs)


HOUSE = Place(
    PlaceKind.HOUSE,
    ("Ленина",),
    0,
    1,
    "",
    houses=(House(10, "а"), House(11, "", 21, "odd")),
    district="Центральный район",
    settlement="Луговое",
    street_key="ленина/улица",
    lat=46.9500004,
    lon=142.7299996,
)
AT = datetime(2026, 3, 1, 12, 30, 15, 250_001, UTC)
SAMPLES = [
    document_of(
        Post(
            "vk:-1_2",
            "one",
            "vk",
            Kind.COMMENT,
            "В бизнес-центре на Ленина, 29/2 нет воды. Ёлку из сёл привезли, wi-fi 5G!",
            title="Авария на водопроводе",
            seen_at=AT,
            published_at=AT,
            version=3,
        ),
        Reading(
            places=(HOUSE,),
            topic="вода",
            act="complaint",
            language="ru",
            story="vk:-1_1",
            event_times=(EventTime(0, 1, "?", AT, None, EventPrecision.MINUTE, "Asia/Sakhalin"),),
        ),
    )
]
VALUES = {
    "post": ("4a349694", 1),
    "version": ("d5f3f4e0", 1),
    "source": ("1a069a04", 1),
    "platform": ("a0a56bf8", 1),
    "kind": ("48a12e5f", 1),
    "author": ("7e77a0f1", 1),
    "role": ("e55e8bec", 1),
    "topic": ("484927ce", 1),
    "act": ("9dd296a4", 1),
    "language": ("3debcee8", 1),
    "story": ("69ad92ac", 1),
    "has": ("49e24c79", 1),
    "traits": ("7e77a0f1", 1),
    "district": ("2b94b650", 2),
    "happens": ("79e06386", 1),
    "published": ("94f7ff91", 1),
    "seen": ("94f7ff91", 1),
    "published_at": ("58e2c4e6", 1),
    "seen_at": ("58e2c4e6", 1),
    "lemma": ("61da1c4e", 1),
    "surface": ("178e446a", 1),
    "whole_lemma": ("406301f9", 1),
    "whole_surface": ("ce80d829", 1),
    "places": ("f6a74d23", 1),
    "body": ("bc29bec3", 1),
}
"""Of each field a digest of what SAMPLES come to, and how its making is numbered in MADE."""


def test_a_field_that_comes_out_otherwise_has_another_form() -> None:
    found = {name: _digest([source_of(sample).get(name) for sample in SAMPLES]) for name in FIELDS}
    assert {name: (found[name], MADE.get(name, 1)) for name in FIELDS} == VALUES, (
        "the same post gives other values of a field: raise MADE in elastic_index.py, then put these here"
    )


def test_every_field_is_described_for_people_in_kibana() -> None:
    page = (Path(__file__).parents[3] / "docs" / "engines.md").read_text()
    described = set(re.findall(r"`([a-z_.]+)`", page.partition("### In Kibana")[2].partition("\n## ")[0]))
    assert {*FIELDS, *(f"places.{name}" for name in FIELDS["places"]["properties"])} <= described


def _digest(values: object) -> str:
    text = json.dumps(values, ensure_ascii=False, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()

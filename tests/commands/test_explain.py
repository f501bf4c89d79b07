"""`otklik explain` of a post whose place, time and topic had to be told: each line says by what."""

import json

from tests.search.map_of_town import drawn
from tests.shell import ROUTES, Otklik, posts


def test_each_reading_says_by_what_it_was_told(otklik: Otklik) -> None:
    built = otklik.folder / "town.gazetteer"
    assert otklik("gazetteer", "build", drawn().write(otklik.folder / "town.osm.pbf"), "--out", built).code == 0
    city = otklik.city(sources=f'[gazetteer]\nbuilt = "{built.name}"\n')
    city.write_text(city.read_text(encoding="utf-8").replace('"Озёрск"', '"Речной"'), encoding="utf-8")
    said = {
        "open": "Нет воды на Садовой, 5",
        "told": "Заводской район: на Садовой, 5 нет воды с 9:00 до 18:00 27 ноября",
        "dark": "Не горят фонари у школы 12, темно",
    }
    at = "2026-11-20T10:00:00+03:00"
    lines = [{"id": key, "text": text, "published_at": at} for key, text in said.items()]
    given = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    assert otklik("ingest", city, input=given).code == 0

    shown = {key: otklik("explain", city, f"given:ingest/{key}").out for key in said}
    assert shown["open"].count("may be: ") == 2
    assert "told from its namesakes" not in shown["open"]
    assert "told from its namesakes by the district beside it" in shown["told"]
    assert "district Заводской район; point 50.0" in shown["told"]
    assert "When, by the text:" in shown["told"]
    assert "«с 9:00 до 18:00 27 ноября» → " in shown["told"]
    assert "(to the minute)" in shown["told"]
    assert "When, by the text: none" in shown["open"]
    assert "Topic: Фонари не горят, confidence " in shown["dark"]
    assert "«горят»" in shown["dark"]

    (told,) = otklik("explain", city, "given:ingest/told", "--json").lines
    street = next(place for place in told["places"] if place["kind"] == "house")
    assert (street["decided"], street["candidates"]) == ("district", [])
    assert [(one["begins"], one["ends"]) for one in told["event_times"]] == [
        ("2026-11-27T09:00:00+03:00", "2026-11-27T18:00:00+03:00")
    ]


def test_an_incident_without_an_executor_names_the_likely_one(otklik: Otklik) -> None:
    texts = [f"Нет воды на улице Мира, {house}" for house in (1, 11, 21, 31)]
    assert otklik("ingest", otklik.city(), input=posts(*texts[:3])).code == 0
    without = otklik.city(routes=ROUTES.partition("[[route]]")[0])
    assert otklik("ingest", without, input=posts(texts[3], first=4)).code == 0
    out = otklik("incidents", without, "show", 4).out
    assert "Дежурная служба" in out
    assert "100%" in out

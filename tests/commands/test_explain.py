"""`otklik explain` of a post whose place, time and topic had to be told: each line says by what."""

import json
from datetime import UTC, datetime
from email.utils import format_datetime

from tests.crawling import Pages, pages
from tests.search.map_of_town import drawn
from tests.shell import ROUTES, Otklik, posts, source


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


def test_an_authoritys_voice_that_fits_says_why_it_raised_nothing(otklik: Otklik) -> None:
    text = "Запах газа на улице Ленина, 5: аварийная служба на месте, просим не зажигать огня и проветрить подъезд."
    page = f"<html><body><article><h1>Запах газа</h1><p>{text}</p></article></body></html>"
    item = "<item><title>Запах газа</title><link>{url}</link><pubDate>{at}</pubDate></item>"
    answers: Pages = {"/1": page}
    with pages(answers) as site:
        told = item.format(url=f"{site.url}/1", at=format_datetime(datetime.now(UTC)))
        answers["/feed"] = f'<?xml version="1.0"?><rss version="2.0"><channel>{told}</channel></rss>'
        city = otklik.city(sources=source("adm", "news", f"{site.url}/feed", role='"official"'))
        assert otklik("crawl", city).code == 0
    assert otklik("ingest", city, input=posts(text)).code == 0
    (crawled,) = {one["id"] for one in otklik("search", city, "газ", "--json").lines} - {"given:ingest/1"}
    said = {post: otklik("explain", city, post).out for post in (crawled, "given:ingest/1")}
    assert "Matches: none" not in said[crawled]
    assert "Reports and incidents: none" in said[crawled]
    assert "an authority's voice" in said[crawled]
    assert "an authority's voice" not in said["given:ingest/1"]

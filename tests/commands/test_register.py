"""A report by hand, as an operator registers it: a call, a pasted link, twice the same."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.servers.telegram import Channel, ChannelPost, TelegramServer
from tests.shell import Otklik, posts, source

CALL = ("--topic", "Ямы", "--by", "Оператор", "--text", "Провал у подъезда", "--place", "ул. Лесная, 5")


def register(otklik: Otklik, city: Path, *arguments: object) -> Any:
    run = otklik("register", city, *arguments, "--json")
    assert (run.code, run.err) == (0, "")
    return run.lines[0]


def incidents(otklik: Otklik) -> list[tuple[Any, ...]]:
    return otklik.rows("SELECT number, title, severity, executor, due_first IS NOT NULL FROM incidents ORDER BY number")


def voices(otklik: Otklik) -> list[tuple[Any, ...]]:
    return otklik.rows("SELECT incident, post, fits FROM reports ORDER BY id")


def test_a_call_opens_an_incident_although_no_search_fits(otklik: Otklik) -> None:
    city = otklik.city()
    done = register(otklik, city, *CALL, "--author", "+7 914 123-45-67", "--severity", "high")
    assert (done["incident"], done["opened"], done["before"], done["placed"]) == (1, True, False, True)
    assert incidents(otklik) == [(1, "Ямы — улица Лесная, 5", "high", "Дежурная служба", 1)]
    assert ("Оператор", "registered") in otklik.rows("SELECT who, what FROM events")
    body = b"".join(path.read_bytes() for path in otklik.home.iterdir() if path.is_file())
    assert b"9141234567" not in body
    assert b"123-45-67" not in body
    shown = otklik("incidents", city, "show", 1)
    assert "Провал у подъезда" in shown.out


def test_the_same_call_makes_no_second_report_and_another_joins(otklik: Otklik) -> None:
    city = otklik.city()
    first = register(otklik, city, *CALL)
    again = register(otklik, city, *CALL)
    assert (again["incident"], again["post"], again["before"]) == (1, first["post"], True)
    other = register(otklik, city, *CALL, "--author", "Пётр")
    assert (other["incident"], other["opened"], other["before"]) == (1, False, False)
    keyed = [register(otklik, city, "--topic", "Ямы", "--text", text, "--key", "7") for text in ("Яма", "Ямища")]
    assert [one["before"] for one in keyed] == [False, True]
    assert len(voices(otklik)) == 3
    assert otklik("register", city, *CALL).out.startswith("This is registered already: incident 1")


def test_a_call_joins_what_searches_raised_at_the_same_place(otklik: Otklik) -> None:
    city = otklik.city()
    otklik("ingest", city, input=posts("Яма на дороге, Лесная улица, 5"))
    assert register(otklik, city, *CALL)["incident"] == 1
    assert len(incidents(otklik)) == 1
    assert register(otklik, city, *CALL[:-1], "ул. Мира, 7")["opened"] is True


def test_searches_that_fit_too_make_no_second_report_of_it(otklik: Otklik) -> None:
    city = otklik.city()
    text = "Яма на дороге на Мира, 7, и такая же на Садовой, 1"
    register(otklik, city, "--topic", "Ямы", "--text", text, "--place", "ул. Лесная, 5")
    (report,) = otklik.rows("SELECT reasons FROM reports")
    assert [reason["search"] for reason in json.loads(report[0])] == ["file:holes", "hand"]
    assert incidents(otklik) == [(1, "Ямы — улица Лесная, 5", "normal", "Дежурная служба", 1)]
    # An unplaced report that a search had made is the same one too.
    otklik(
        "ingest",
        city,
        input=posts("Ямы на дороге", url="https://vk.com/wall-1_2", first=1).replace('"id": 1', '"id": "vk:-1_2"'),
    )
    register(otklik, city, "--topic", "Ямы", "--link", "vk.com/wall-1_2", "--place", "ул. Новая, 3")
    assert [row[2] for row in voices(otklik)] == [1, 0, 1]


@pytest.mark.parametrize(
    "link",
    [
        "https://vk.com/wall-12_345",
        "m.vk.com/wall-12_345",
        "https://vk.com/club12?w=wall-12_345%2Fall",
        "https://vk.ru/wall-12_345?utm_source=x",
    ],
)
def test_a_link_to_what_is_archived_makes_the_report_from_it(otklik: Otklik, link: str) -> None:
    city = otklik.city()
    otklik("ingest", city, input='{"id": "vk:-12_345", "platform": "vk", "text": "Провал на ул. Лесной, 5"}\n')
    done = register(otklik, city, "--topic", "Дороги", "--link", link)
    assert (done["post"], done["incident"]) == ("vk:-12_345", 1)
    assert incidents(otklik)[0][1] == "Дороги — улица Лесная, 5"
    assert register(otklik, city, "--topic", "Дороги", "--link", link)["before"] is True


@pytest.mark.parametrize(
    ("link", "id_"),
    [
        ("https://vk.com/wall-12_345?reply=67", "vk:-12_345#67"),
        ("https://vk.com/wall-12_345?reply=67&thread=60", "vk:-12_345#67"),
        ("https://t.me/c/1591537674/123", "tg:-1001591537674/123"),
        ("http://www.news.example/a/1/?utm_source=vk#top", "news:https://news.example/a/1"),
    ],
)
def test_what_is_not_stored_yet_gets_the_platforms_own_id(otklik: Otklik, link: str, id_: str) -> None:
    city = otklik.city()
    assert register(otklik, city, "--topic", "Ямы", "--link", link, "--text", "Провал")["post"] == id_
    line = json.dumps({"id": id_, "platform": id_.partition(":")[0], "text": "Настоящие слова"}, ensure_ascii=False)
    assert otklik("ingest", city, "--json", input=line).lines[0]["outcomes"] == {"changed": 1}
    assert voices(otklik) == [(1, id_, 1)]


def test_an_archived_article_is_known_in_any_spelling(otklik: Otklik) -> None:
    city = otklik.city()
    line = {
        "id": "news:https://news.example/other",
        "platform": "news",
        "text": "Яма",
        "url": "https://news.example/a/1/",
    }
    otklik("ingest", city, input=json.dumps(line))
    done = register(otklik, city, "--topic", "Ямы", "--link", "http://www.news.example/a/1?utm_source=vk")
    assert done["post"] == "news:https://news.example/other"


def test_photos_of_what_is_registered_are_wanted_although_no_search_fits(otklik: Otklik) -> None:
    city = otklik.city()
    line = {"id": "vk:-12_345", "platform": "vk", "text": "Посмотрите", "media": ["http://dead.invalid/1.jpg"]}
    otklik("ingest", city, input=json.dumps(line))
    assert otklik.rows("SELECT count(*) FROM images") == [(0,)]
    register(otklik, city, "--topic", "Ямы", "--link", "vk.com/wall-12_345")
    assert otklik.rows("SELECT post, state FROM images") == [("vk:-12_345", "waiting")]


def test_a_comment_in_a_channel_is_not_the_message_above_it(otklik: Otklik) -> None:
    city = otklik.city()
    line = {
        "id": "tg:-1001500000001/45",
        "platform": "telegram",
        "text": "Спасибо",
        "url": "https://t.me/talk_ozersk/45",
    }
    otklik("ingest", city, input=json.dumps(line))
    link = ("--topic", "Ямы", "--link", "https://t.me/talk_ozersk/45?comment=9")
    assert "--text" in otklik("register", city, *link).err
    assert register(otklik, city, *link, "--text", "Провал на ул. Лесной, 5")["post"].startswith("given:")


def test_a_message_of_a_channel_is_fetched_by_its_spider(otklik: Otklik) -> None:
    at = datetime.now(UTC) - timedelta(hours=2)
    channel = Channel("talk_ozersk", "Озёрск", 1500000001, [ChannelPost(45, "Провал на Лесной, 5", at)])
    with TelegramServer([channel]) as server:
        city = otklik.city(sources=source("talk", "telegram", server.address("talk_ozersk")))
        done = register(otklik, city, "--topic", "Ямы", "--link", "t.me/Talk_Ozersk/45?single")
        assert done["post"] == "tg:-1001500000001/45"
        lost = otklik("register", city, "--topic", "Ямы", "--link", "https://t.me/talk_ozersk/77")
        assert (lost.code, "--text" in lost.err) == (1, True)
        told = register(otklik, city, "--topic", "Ямы", "--link", "https://t.me/s/talk_ozersk/46", "--text", "Яма")
        assert told["post"] == "tg:-1001500000001/46"
        channel.add(ChannelPost(46, "Провал на Лесной, 5, растёт", at))
        otklik("crawl", city)
    assert otklik.rows("SELECT id, version FROM posts ORDER BY id") == [
        ("tg:-1001500000001/45", 1),
        ("tg:-1001500000001/46", 2),
    ]
    assert [row[2] for row in voices(otklik)] == [1, 1]


def test_a_link_registered_after_its_incident_was_closed_opens_a_repeat(otklik: Otklik) -> None:
    city = otklik.city()
    otklik("ingest", city, input='{"id": "vk:-1_2", "platform": "vk", "text": "Яма на дороге, Лесная улица, 5"}\n')
    for step in ("confirm", "in_work", "answered", "close"):
        assert otklik("incidents", city, step, 1).code == 0
    done = register(otklik, city, "--topic", "Ямы", "--link", "https://vk.com/wall-1_2")
    assert (done["incident"], done["opened"]) == (2, True)
    assert otklik.number("SELECT repeat_of FROM incidents WHERE number = 2") == 1


def test_a_danger_is_handed_over_at_once(otklik: Otklik) -> None:
    city = otklik.city()
    register(
        otklik,
        city,
        "--topic",
        "Запах газа",
        "--text",
        "Пахнет в подъезде",
        "--place",
        "Лесная, 5",
        "--severity",
        "danger",
    )
    assert otklik.rows("SELECT state FROM deliveries") == [("sent",)]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--topic", "Ямы"], "What is to be registered"),
        (["--topic", "Яма", "--text", "Провал"], "Ямы"),
        (["--topic", "Ямы", "--link", "https://vk.com/club1"], "Cannot read the link"),
        (["--topic", "Ямы", "--link", "javascript:alert(1)", "--text", "x"], "Cannot read the link"),
        (["--topic", "Ямы", "--link", "https://vk.com/wall-1_2"], "--text"),
        (["--topic", "Ямы", "--text", "x", "--at", "вчера"], "Not a time"),
        (["--topic", "Ямы", "--text", "x", "--source", "wall"], "no source wall"),
    ],
)
def test_what_cannot_be_registered_says_what_to_do(otklik: Otklik, arguments: list[str], said: str) -> None:
    run = otklik("register", otklik.city(), *arguments)
    assert (run.code, said in run.err) == (1, True), run.err
    assert incidents(otklik) == []


def test_an_address_that_is_none_is_told(otklik: Otklik) -> None:
    run = otklik("register", otklik.city(), "--topic", "Ямы", "--text", "Провал", "--place", "там где всегда")
    assert (run.code, "was not understood" in run.err) == (0, True)
    assert "там где всегда" in otklik("incidents", otklik.folder / "ozersk.toml", "show", 1).out

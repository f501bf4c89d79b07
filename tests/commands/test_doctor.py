import json
import shlex
import sqlite3
from datetime import UTC, datetime, timedelta

from demo.servers.news import NewsArticle, NewsServer
from search.rebuild_mark import LEASE
from tests.shell import Otklik, posts, source, webhook


def test_all_is_well(otklik: Otklik) -> None:
    city = otklik.city()
    run = otklik("doctor", city)
    assert (run.code, run.out, run.err) == (0, "All is well.\n", "")
    assert (otklik("doctor", city, "--json").out, otklik("doctor", city, "--json").code) == ("", 0)
    assert otklik("--locale", "ru", "doctor", city).out == "Всё в порядке.\n"


def test_everything_that_is_wrong_is_found(otklik: Otklik) -> None:
    now = datetime.now(UTC)
    otklik.environment["OTKLIK_CONTACT"] = "https://example.org/otklik"
    article = NewsArticle("one", "Праздник", "Прошёл праздник", now)
    with NewsServer("Вести", [article]) as news, NewsServer("Слухи", [article]) as other:
        silent = source("silent", "news", news.feed_url, expectations='{ at_least = 2, per = "1d" }')
        chatty = source("chatty", "news", other.feed_url, expectations='{ at_least = 0, at_most = 0, per = "1d" }')
        failing = source("failing", "news", f"{news.url}/nowhere")
        never = source("never", "telegram", "@nobody_asks_this")
        unreachable = webhook("http://127.0.0.1:9/tickets")
        city = otklik.city(sources=silent + chatty + failing + never, routes=unreachable)
        assert otklik("crawl", city, "silent", "chatty").code == 0
        for _ in range(3):
            assert otklik("crawl", city, "failing").code == 1
    otklik("ingest", city, "--drain", 1, input=posts("Запах газа на Ленина, 5"))
    findings = {line["where"]: line for line in otklik("doctor", city, "--json").lines}
    assert findings.keys() == {"silent", "chatty", "failing", "never", "desk"}
    assert findings["silent"]["what"].startswith("silent: 1 posts instead of 2")
    assert "at most 0 expected" in findings["chatty"]["what"]
    assert findings["failing"]["what"].startswith("not read, 3 times running: http 404")
    assert findings["never"]["what"] == "never crawled yet"
    assert findings["never"]["todo"].endswith(f": otklik crawl {city} never")
    assert "OTKLIK_TEST_DESK" in findings["desk"]["what"]
    shown = otklik("doctor", city)
    assert shown.code == 1
    assert shown.out.count("✗") >= 5


def test_what_it_tells_to_type_works_as_it_stands(otklik: Otklik) -> None:
    article = NewsArticle("one", "Праздник", "Прошёл праздник", datetime.now(UTC))
    with NewsServer("Вести", [article]) as news:
        city = otklik.city(sources=source("never", "news", news.feed_url)).rename(otklik.folder / "наш город.toml")
        otklik.environment["OTKLIK_CONTACT"] = "https://example.org/otklik"
        told = otklik("--data", otklik.home, "doctor", city, "--json").lines[0]["todo"].partition(": ")[2]
        name, *words = shlex.split(told)
        assert name == "otklik"
        assert otklik(*words, "--json").code == 0
        assert otklik("doctor", city).code == 0


def test_the_demo_is_not_blamed_for_its_secrets(otklik: Otklik) -> None:
    city = otklik.city(routes=webhook("http://127.0.0.1:9/tickets"))
    assert [one["where"] for one in otklik("doctor", city, "--json").lines] == ["desk"]
    otklik.change("INSERT INTO installation (name, value) VALUES ('demo', 'ozersk')")
    run = otklik("doctor", city)
    assert (run.code, "This is the demo" in run.out) == (0, True)


def test_an_index_of_another_form_is_said_by_whoever_meets_it(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=posts("Нет воды")).code == 0
    with sqlite3.connect(otklik.folder / "data" / "otklik.sqlite") as raw:
        raw.execute("UPDATE embedded_indexes SET digest = 'of another version'")
    raw.close()
    stored = otklik("ingest", city, input=posts("Нет воды", "Нет света"))
    assert (stored.code, f"otklik reindex {city}" in " ".join(stored.err.split())) == (0, True)
    found = otklik("doctor", city, "--json").lines
    assert [line["where"] for line in found] == ["embedded:"]
    assert found[0]["todo"].startswith(f"otklik reindex {city}")
    assert otklik("reindex", city, "--json").lines == [{"indexed": 2}]
    assert (otklik("doctor", city).code, otklik("search", city, "свет", "--json").code) == (0, 0)


def test_a_rebuild_that_was_killed_is_told_until_it_is_begun_anew(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=posts("Нет воды")).code == 0
    began = (datetime.now(UTC) - LEASE - timedelta(seconds=1)).isoformat()
    with sqlite3.connect(otklik.folder / "data" / "otklik.sqlite") as raw:
        mark = json.dumps({"owner": "killed", "seq": 1, "at": began})
        raw.execute("INSERT INTO installation (name, value) VALUES ('reindex:ozersk', ?)", (mark,))
    raw.close()
    found = otklik("doctor", city, "--json").lines
    assert [line["todo"] for line in found] == [f"begin it anew: otklik reindex {city}"]
    assert otklik("reindex", city, "--json").lines == [{"indexed": 1}]
    assert otklik("doctor", city).code == 0


def test_an_index_that_lacks_posts_is_told_until_it_is_rebuilt(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=posts("Нет воды", "Нет света")).code == 0
    # As of a city that has come to this engine from another one.
    otklik.change("UPDATE embedded_indexes SET city = 'nowhere'")
    assert otklik("search", city, "свет", "--json").lines == []
    (found,) = otklik("doctor", city, "--json").lines
    assert found["what"] == "0 posts are indexed, 2 are kept"
    assert found["todo"].startswith(f"otklik reindex {city}")
    assert otklik("reindex", city).code == otklik("doctor", city).code == 0

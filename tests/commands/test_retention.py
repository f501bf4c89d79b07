"""What the city file keeps no longer goes, deeply; what an open incident needs stays; nothing comes back."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.checking import check_city, load_city
from crawler.environment import Environment
from crawler.installation import Installation
from demo.servers.webhook import TicketServer
from tests.grepping import found_in
from tests.shell import SEARCHES, Otklik, webhook

NOW = datetime.now(UTC)
SECRET = "desk-secret"
OLD = "Квазидворняжка Шмумбриковна плюхалась кверху лапками и радовалась"
RULES = """
[[retention]]
keep = "100d"
raw = "10d"

[[retention]]
kind = "comment"
keep = "30d"

[[retention]]
kind = "event"
keep = "200d"
"""


def given(id_: str, text: str, days: int, **more: object) -> str:
    at = (NOW - timedelta(days=days)).isoformat()
    return json.dumps({"id": id_, "text": text, "published_at": at, **more}, ensure_ascii=False) + "\n"


LINES = (
    given("old", OLD, 120, author="Иннокентий")
    + given("said", OLD + "!", 40, kind="comment", author="Иннокентий")
    + given("leak", "Запах газа на Ленина, 5", 130, author="Другая")
    + given("fresh", "Сегодня убрали снег у дома", 1)
    + given("middle", "Вчера не горел фонарь у школы", 50)
)


def kept(otklik: Otklik) -> set[str]:
    return {id_.removeprefix("given:ingest/") for (id_,) in otklik.rows("SELECT id FROM posts")}


def city_with(otklik: Otklik, rules: str) -> Path:
    return otklik.city(searches=SEARCHES + rules)


def test_what_is_past_its_time_goes_and_does_not_come_back(otklik: Otklik) -> None:
    assert otklik("ingest", city_with(otklik, ""), input=LINES).code == 0
    city = city_with(otklik, RULES)
    (dry,) = otklik("retention", city, "--dry-run", "--json").lines
    assert (dry["removed"], dry["counts"]) == (False, {"posts": 2, "payloads": 4, "events": 0})
    findings = {line["where"]: line["what"] for line in otklik("doctor", city, "--json").lines}
    assert "2 posts" in findings["ozersk"]
    assert kept(otklik) == {"old", "said", "leak", "fresh", "middle"}

    run = otklik("retention", city, "--json")
    assert run.code == 0, run.err
    (told,) = run.lines
    assert (told["counts"]["posts"], told["counts"]["authors"]) == (2, 1)
    assert kept(otklik) == {"leak", "fresh", "middle"}
    assert [post for (post,) in otklik.rows("SELECT post FROM payloads")] == ["given:ingest/fresh"]
    assert found_in(otklik.home, OLD) == []
    assert otklik.number("SELECT count(*) FROM tombstones") == 0
    assert otklik("doctor", city).code == 0
    again = otklik("ingest", city, "--json", input=LINES).lines[0]
    assert again["reasons"] == {"past retention": 2}
    assert kept(otklik) == {"leak", "fresh", "middle"}

    assert otklik("incidents", city, "reject", 1, "--why", "учение").code == 0
    assert otklik("retention", city).code == 0
    assert kept(otklik) == {"fresh", "middle"}
    (reasons,) = otklik.rows("SELECT reasons FROM reports")
    assert json.loads(reasons[0])[0]["why"] == []
    (incident,) = otklik("incidents", city, "--all", "--json").lines
    assert (incident["reports"], incident["title"]) == (1, "Запах газа — Ленина, 5")
    assert otklik("incidents", city, "show", 1).code == 0


def test_what_was_a_copy_of_what_goes_is_none_any_more(otklik: Otklik) -> None:
    city = city_with(otklik, "")
    otklik("ingest", city, input="".join(given(f"{days}", OLD + " и " + OLD, days) for days in (120, 2, 1)))
    assert [line["id"] for line in otklik("search", city, "is:copy", "--json").lines] == [
        "given:ingest/1",
        "given:ingest/2",
    ]
    assert otklik("retention", city_with(otklik, RULES), "--json").code == 0
    assert [line["id"] for line in otklik("search", city, "is:copy", "--json").lines] == ["given:ingest/1"]
    assert [line["id"] for line in otklik("search", city, "NOT is:copy", "--json").lines] == ["given:ingest/2"]


def test_a_crawl_and_a_post_without_a_time(otklik: Otklik) -> None:
    otklik("ingest", city_with(otklik, ""), input=json.dumps({"id": "timeless", "text": OLD}))
    city = city_with(otklik, RULES)
    otklik.change("UPDATE posts SET published_at = 0")
    assert otklik("crawl", city).code == 0
    assert kept(otklik) == set()
    assert otklik.number("SELECT count(*) FROM tombstones") == 1
    again = otklik("ingest", city, "--json", input=json.dumps({"id": "timeless", "text": OLD}))
    assert again.lines[0]["outcomes"] == {"rejected": 1}


def test_an_index_that_cannot_be_purged_holds_no_delivery_up(otklik: Otklik) -> None:
    otklik.environment["OTKLIK_TEST_DESK"] = SECRET
    with TicketServer(SECRET) as desk:
        city = otklik.city(searches=SEARCHES + RULES, routes=webhook(desk.url))
        assert otklik("ingest", city, "--drain", 0, input=given("leak", "Запах газа на Ленина, 5", 1)).code == 0
        otklik.change("UPDATE embedded_indexes SET digest = 'of another version'")
        due = (NOW - timedelta(days=3)).isoformat()
        otklik.change(f"INSERT INTO installation (name, value) VALUES ('purge:ozersk', '{due}')")
        otklik.environment["OTKLIK_LOG_LEVEL"] = "WARNING"
        run = otklik("crawl", city)
    assert (run.code, len(desk.tickets)) == (0, 1)
    assert "the index still holds what was removed" in run.err
    assert "Traceback" not in run.err
    assert "the index still holds what was removed" in otklik("doctor", city).out
    assert otklik("reindex", city).code == otklik("retention", city).code == 0


def test_without_rules_all_is_kept(otklik: Otklik) -> None:
    city = city_with(otklik, "")
    otklik("ingest", city, input=given("old", OLD, 3_000))
    assert otklik("retention", city).out == "The city file has no [[retention]]: all is kept.\n"
    assert kept(otklik) == {"old"}


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("", "needs keep"),
        ('kind = "post"', "needs keep"),
        ('keep = "10d"\nraw = "20d"', "no longer than the posts"),
        ('keep = "1h"', "from 1d to"),
        ('kind = "event"\nkeep = "10d"\nplatform = "news"', "means nothing for the journal"),
        ('keep = "10d"\nrole = "mayor"', "allowed"),
        ('keep = "10d"\nfor = "ever"', "no such key"),
        ('keep = "10d"\n[[retention]]\nkeep = "20d"', "leave one"),
    ],
)
def test_what_the_check_says(otklik: Otklik, rule: str, said: str) -> None:
    run = otklik("check", city_with(otklik, f"\n[[retention]]\n{rule}\n"))
    assert run.code == 1
    assert said in run.out + run.err


def test_the_check_warns_of_what_would_be_fetched_for_nothing(otklik: Otklik) -> None:
    source = '\n[[source]]\nkey = "news"\nplatform = "news"\naddress = "https://example.org/feed"\nbackfill = "90d"\n'
    checked = check_city(otklik.city(searches=SEARCHES + '\n[[retention]]\nkeep = "30d"\n', sources=source))
    assert checked.city is not None
    assert [problem.key for problem in checked.problems if problem.key.endswith("backfill")] == [
        "source[news].backfill"
    ]


def test_what_one_city_raises_keeps_no_other_from_its_retention(otklik: Otklik) -> None:
    cities = [otklik.city("alpha"), otklik.city("beta", searches=SEARCHES + RULES)]
    for city in cities:
        # Not past their time yet, so that they are let in.
        assert otklik("ingest", city, input=given("old", OLD, 90)).code == 0
    long_ago = (NOW - timedelta(days=120)).timestamp() * 1_000_000
    otklik.change(f"UPDATE posts SET published_at = {int(long_ago)} WHERE city = 'beta'")
    # When the first one is to be purged, nobody can read.
    otklik.change("INSERT INTO installation (name, value) VALUES ('purge:alpha', 'soon')")
    loaded = [load_city(str(city)) for city in cities]
    opened = Installation.open(Environment(otklik.environment), None, loaded)
    with opened as installation, pytest.raises(ValueError, match="soon"):
        installation.expire(5)
    assert otklik.rows("SELECT city FROM posts") == [("alpha",)]


JOURNAL = '\n[[retention]]\nkind = "event"\nkeep = "{days}d"\n'


def people_told(otklik: Otklik) -> list[str]:
    return [subjects for (subjects,) in otklik.rows("SELECT subjects FROM events WHERE city = '' ORDER BY id")]


def told_since(otklik: Otklik, days: int) -> None:
    """Spans of the journal are told for so many days."""
    at = int((NOW - timedelta(days=days)).timestamp())
    otklik.change("DELETE FROM installation WHERE name = 'journal spans told since'")
    otklik.change(f"INSERT INTO installation (name, value) VALUES ('journal spans told since', '{at}')")


@pytest.fixture
def staffed(otklik: Otklik) -> Otklik:
    """People whose rows are 500, 300 and 0 days old."""
    for name, days in (("anna", 500), ("boris", 300), ("vera", 0)):
        assert otklik("user", "add", name, "--role", "administrator", input="long enough 1\n").code == 0
        at = int((NOW - timedelta(days=days)).timestamp() * 1_000_000)
        otklik.change(f"UPDATE events SET at = {at} WHERE subjects = '[\"{name}\"]'")
    return otklik


def test_the_journal_of_people_is_kept_as_long_as_the_longest_of_a_city(staffed: Otklik) -> None:
    short = staffed.city("alpha", searches=SEARCHES + JOURNAL.format(days=100))
    long = staffed.city("beta", searches=SEARCHES + JOURNAL.format(days=400))
    none = staffed.city("gamma")
    told_since(staffed, 30)
    loaded = [load_city(str(city)) for city in (short, long, none)]
    with Installation.open(Environment(staffed.environment), None, loaded) as installation:
        assert installation.expire(5) == 1
    assert people_told(staffed) == ['["boris"]', '["vera"]']
    # A process of the other city alone knows of it.
    assert staffed("retention", short).code == 0
    assert people_told(staffed) == ['["boris"]', '["vera"]']
    staffed.city("beta")
    assert staffed("retention", long).code == 0
    (dry,) = staffed("retention", short, "--dry-run", "--json").lines
    assert dry["counts"]["events"] == 1
    assert "1 entries of the journal" in staffed("doctor", short).out
    assert staffed("retention", short).code == 0
    assert people_told(staffed) == ['["vera"]']


def test_right_after_an_upgrade_the_journal_of_people_waits_for_the_spans_of_other_processes(staffed: Otklik) -> None:
    short = staffed.city("alpha", searches=SEARCHES + JOURNAL.format(days=100))
    long = staffed.city("beta", searches=SEARCHES + JOURNAL.format(days=400))
    assert staffed("retention", short).code == 0
    assert len(people_told(staffed)) == 3
    assert staffed("retention", long).code == 0
    told_since(staffed, 30)
    assert staffed("retention", short).code == 0
    assert people_told(staffed) == ['["boris"]', '["vera"]']


def test_the_journal_of_people_stays_where_no_city_has_a_rule_of_the_journal(staffed: Otklik) -> None:
    city = city_with(staffed, '\n[[retention]]\nkeep = "10d"\n')
    assert staffed("retention", city).code == 0
    assert len(people_told(staffed)) == 3

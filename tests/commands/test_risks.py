import json
from datetime import UTC, datetime, timedelta

import pytest

from crawler.commands.risks import sparkline
from search.risks import Step
from tests.shell import SEARCHES, Otklik

RISK = """
[[search]]
key = "rumour"
name = "О воде пишут всё больше"
query = "вода"
topic = "Нет воды"
rule = "frequency"
at_least = 4
within = "3h"
risk = true
"""
COPIED = "В воде нашли мазут, пить её нельзя, перешлите всем соседям и родным"


@pytest.fixture
def risky(otklik: Otklik) -> Otklik:
    """A rumour that began three hours ago and is repeated, after a quiet day."""
    city = otklik.city(searches=SEARCHES + RISK)
    now = datetime.now(UTC)
    said = [("вода была", 20 * 60, "quiet"), ("в воде мазут?", 170, "anna"), (COPIED, 100, "boris")]
    said += [(COPIED, 30, "vera"), ("воду пить нельзя", 10, "anna")]
    lines = [
        {
            "id": f"{number}",
            "text": text,
            "author": author,
            "published_at": (now - timedelta(minutes=back)).isoformat(),
        }
        for number, (text, back, author) in enumerate(said)
    ]
    given = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    assert otklik("ingest", city, input=given).code == 0
    return otklik


def test_a_risk_is_shown_with_its_curve_first_posts_and_publics(risky: Otklik) -> None:
    city = risky.folder / "ozersk.toml"
    (told,) = risky("risks", city, "--json").lines
    assert (told["incident"]["title"], told["incident"]["risk"]) == ("О воде пишут всё больше", True)
    assert (told["posts"], told["copies"], told["authors"], told["words"]) == (4, 1, 3, [])
    assert [one["post"] for one in told["first"]] == [f"given:ingest/{number}" for number in (1, 2, 3, 4)]
    assert [bool(one["copy_of"]) for one in told["first"]] == [False, False, True, False]
    assert "anna" not in json.dumps(told)
    assert [(one["source"], one["posts"], one["views"]) for one in told["publics"]] == [("ingest", 4, None)]
    assert (told["step"], sum(step["posts"] for step in told["curve"])) == (3600, 5)
    assert (told["within"], told["now"], told["before"]) == (3 * 3600, 4, 0)
    shown = risky("risks", city).out
    assert shown.startswith("№ 1  О воде пишут всё больше (new)")
    assert "4 posts, 1 of them copies; 3 authors, 1 sources" in shown
    assert "Last 3 h: 4, as long before: 0" in shown


def test_a_risk_that_people_are_done_with_is_shown_when_asked_for(risky: Otklik) -> None:
    city = risky.folder / "ozersk.toml"
    (incident,) = risky("incidents", city, "--json").lines
    assert "Information risk" in risky("incidents", city, "show", incident["number"]).out
    assert risky("incidents", city, "reject", incident["number"], "--why", "слух").code == 0
    assert risky("risks", city).out.strip() == "No information risks."
    assert len(risky("risks", city, "--all", "--json").lines) == 1


def test_what_is_erased_is_in_no_risk(risky: Otklik) -> None:
    city = risky.folder / "ozersk.toml"
    gone = [f"given:ingest/{number}" for number in (1, 2)]
    assert risky("erase", city, *gone, "--why", "по просьбе", "--yes").code == 0
    (told,) = risky("risks", city, "--json").lines
    assert (told["posts"], told["copies"], sum(step["posts"] for step in told["curve"])) == (2, 0, 3)


def test_bars_are_as_high_as_what_they_show() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    assert sparkline([Step(at, posts) for posts in (0, 1, 4, 8, 16)]) == "·▁▂▄█"
    assert sparkline([Step(at, 0)] * 3) == "···"


def test_a_pass_looks_at_the_hours_that_have_passed(risky: Otklik) -> None:
    ((ticked,),) = risky.rows("SELECT value FROM installation WHERE name = 'rules:ozersk'")
    assert int(ticked) * 300 <= datetime.now(UTC).timestamp() < int(ticked) * 300 + 7200

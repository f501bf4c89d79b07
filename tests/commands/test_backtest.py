import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.shell import SEARCHES, Otklik, posts

WATER = ("Нет воды на улице Ленина, 5", "Третий день нет воды, Ленина 5", "нет воды на ул. Мира, 8")


@pytest.fixture
def stocked(otklik: Otklik) -> Otklik:
    """Three posts about water of three days in a row, and a quiet one."""
    city = otklik.city()
    now = datetime.now(UTC)
    for back, text in enumerate(WATER):
        at = (now - timedelta(days=back, minutes=5)).isoformat()
        assert otklik("ingest", city, input=posts(text, first=back, published_at=at)).code == 0
    at = (now - timedelta(days=1)).isoformat()
    assert otklik("ingest", city, input=posts("Погода хорошая", first=50, published_at=at)).code == 0
    return otklik


def test_it_raises_what_was_raised_live(stocked: Otklik) -> None:
    city = stocked.folder / "ozersk.toml"
    live = stocked("incidents", city, "list", "--json").lines
    (told,) = stocked("backtest", city, "water", "--json").lines
    assert (told["archive"], told["posts"], told["reports"]) == (4, 3, 3)
    assert told["incidents"] == len(live) == 2
    assert sum(day["incidents"] for day in told["days"]) == 2
    assert [day["posts"] for day in told["days"][-3:]] == [1, 1, 1]
    assert len(told["days"]) == 31
    assert [one["text"] for one in told["examples"]] == list(reversed(WATER))
    # Nothing was written.
    assert stocked("incidents", city, "list", "--json").lines == live


def test_a_query_that_is_not_saved_yet(stocked: Otklik) -> None:
    city = stocked.folder / "ozersk.toml"
    (told,) = stocked("backtest", city, "вода street:Ленина", "--topic", "Нет воды", "--json").lines
    assert (told["posts"], told["incidents"]) == (2, 1)
    assert told["overlap"] == {"file:water": 2}
    (quiet,) = stocked("backtest", city, "самолёт", "--json").lines
    assert (quiet["posts"], quiet["incidents"], quiet["examples"]) == (0, 0, [])
    (recent,) = stocked("backtest", city, "вода", "--days", 1, "--json").lines
    assert recent["posts"] == 1
    # Back from the clock is back from each post's arrival: those of yesterday came late.
    (fresh,) = stocked("backtest", city, "вода since:-2h", "--json").lines
    assert fresh["posts"] == 1


def test_verdicts_of_operators_give_a_precision(stocked: Otklik) -> None:
    city = stocked.folder / "ozersk.toml"
    first, second = (line["number"] for line in stocked("incidents", city, "list", "--json").lines)
    assert stocked("incidents", city, "confirm", first).code == 0
    assert stocked("incidents", city, "reject", second, "--why", "не жалоба").code == 0
    (told,) = stocked("backtest", city, "file:water", "--json").lines
    assert (told["confirmed"], told["rejected"]) == (1, 1)
    shown = stocked("backtest", city, "water")
    assert "Operators confirmed 1 of 2 of its incidents (50%)." in shown.out
    assert shown.out.startswith("4 published in 30 days: 3 would match, 3 reports, 2 incidents.")


def test_what_cannot_be_read_is_told(stocked: Otklik) -> None:
    city = stocked.folder / "ozersk.toml"
    wrong = stocked("backtest", city, "(вода")
    assert wrong.code == 1
    assert "^" in wrong.err
    topic = stocked("backtest", city, "вода", "--topic", "Погода")
    assert (topic.code, "Нет воды" in topic.err) == (1, True)


RULES = """
[[search]]
key = "{key}"
name = "Вода"
query = "вода"
topic = "Нет воды"
rule = "{rule}"
{keys}
"""


@pytest.mark.parametrize(
    ("rule", "keys", "alarms", "reports"),
    [
        ("frequency", 'at_least = 6\nwithin = "2h"', 1, 9),
        ("spike", "at_least = 6", 1, 8),
        ("new_term", "at_least = 4", 1, 6),
        ("flatline", 'at_least = 5\nwithin = "1d"', 1, 0),
    ],
)
def test_a_rule_shows_its_alarms(otklik: Otklik, rule: str, keys: str, alarms: int, reports: int) -> None:
    city = with_history(otklik, rule, keys)
    (told,) = otklik("backtest", city, "ruled", "--json").lines
    assert (len(told["alarms"]), told["reports"]) == (alarms, reports), told["alarms"]
    assert sum(day["alarms"] for day in told["days"]) == alarms
    assert told["incidents"] == min(1, reports)
    assert told["nearest"] is None
    if rule == "new_term":
        assert told["alarms"][0]["key"] == "авария"
    assert "Alarms of the rule" in otklik("backtest", city, "ruled").out


def with_history(otklik: Otklik, rule: str, keys: str, crowd: int = 8) -> str:
    """A city with the rule, and so many posts of an accident among what is usual."""
    city = otklik.city(searches=SEARCHES + RULES.format(key="ruled", rule=rule, keys=keys))
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    # Six a day for seven weeks, nothing for the last day and a half; an accident six days ago.
    moments = [now - timedelta(hours=4 * number) for number in range(9, 300)]
    said = [("нет воды", at) for at in moments]
    accident = now - timedelta(days=6, hours=1)
    said += [
        ("нет воды, авария" if number < 6 else "нет воды", accident + timedelta(minutes=number))
        for number in range(crowd)
    ]
    lines = [
        {"id": f"{number}", "text": text, "published_at": at.isoformat()} for number, (text, at) in enumerate(said)
    ]
    given = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    assert otklik("ingest", city, input=given).code == 0
    return str(city)


@pytest.mark.parametrize(
    ("keys", "crowd", "lack", "said"),
    [
        ("at_least = 50", 8, "posts", "8 posts, at least 50 are needed"),
        ("times = 100", 8, "factor", "8 posts where 0.2 are usual: 32.0 times as many, 100.0 are needed"),
        ("at_least = 4", 4, "chance", "deviations of 3.5"),
    ],
)
def test_a_rule_of_spikes_says_why_it_raised_nothing(
    otklik: Otklik, keys: str, crowd: int, lack: str, said: str
) -> None:
    city = with_history(otklik, "spike", keys, crowd)
    (told,) = otklik("backtest", city, "ruled", "--json").lines
    assert (told["alarms"], told["nearest"]["lack"], told["nearest"]["posts"]) == ([], lack, crowd)
    shown = " ".join(otklik("backtest", city, "ruled").out.split())
    assert "No alarms. Nearest" in shown
    assert said in shown


def test_a_rule_of_spikes_says_that_no_post_could_raise_it(otklik: Otklik) -> None:
    city = otklik.city(searches=SEARCHES + RULES.format(key="ruled", rule="spike", keys="at_least = 2"))
    assert otklik("ingest", city, input=posts("нет воды на улице Мира, 7", "нет воды, Мира, 7")).code == 0
    (told,) = otklik("backtest", city, "ruled", "--json").lines
    assert (told["posts"], told["alarms"], told["nearest"]) == (2, [], None)
    assert "not counted are the first day of a source" in " ".join(otklik("backtest", city, "ruled").out.split())

"""Rules of saved searches in a city file: what may be said, what is left out, and the examples of docs/rules.md."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.checking import Problem, check_city
from crawler.checking.searches import RULES
from crawler.environment import CHECKOUT
from crawler.model.city import City
from crawler.model.rules import By, Rule, RuleKind
from search.state.records import pack, unpack

PAGE = (CHECKOUT / "docs" / "rules.md").read_text(encoding="utf-8")
CITY = """\
[city]
key = "town"
name = "Городок"
zone = "Asia/Sakhalin"
home = "Городок"

[topics]
"Вода" = ["Нет холодной воды", "Качество воды"]
"Отопление" = []
"Работа источников" = []

[[source]]
key = "podslushano"
platform = "telegram"
address = "@podslushano"

[[destination]]
key = "hole"
system = "blackhole"

[[policy]]
key = "usual"
first_reaction = "4h"
resolution = "3d"

[[route]]
key = "rest"
executor = "Центр"
destination = "hole"

"""
SEARCH = """[[search]]
key = "ruled"
name = "Вода"
query = "вода"
topic = "Вода"
"""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def checked(tmp_path: Path) -> Callable[[str], tuple[City | None, tuple[Problem, ...]]]:
    def check(keys: str) -> tuple[City | None, tuple[Problem, ...]]:
        path = tmp_path / "town.toml"
        path.write_text(CITY + SEARCH + keys + "\n", encoding="utf-8")
        one = check_city(path, warnings=False)
        return one.city, one.problems

    return check


Check = Callable[[str], tuple[City | None, tuple[Problem, ...]]]


@pytest.mark.parametrize(
    ("keys", "rule"),
    [
        ("", Rule()),
        ('rule = "any"', Rule()),
        ('rule = "frequency"\nat_least = 5\nwithin = "2h"', Rule(RuleKind.FREQUENCY, 5, 2 * HOUR)),
        (
            'rule = "frequency"\nat_least = 2\nwithin = "1d"\nby = "place"',
            Rule(RuleKind.FREQUENCY, 2, DAY, by=By.PLACE),
        ),
        ('rule = "spike"', Rule(RuleKind.SPIKE, 5, HOUR, 3.0)),
        ('rule = "spike"\nat_least = 20\nwithin = "1d"\ntimes = 1.5', Rule(RuleKind.SPIKE, 20, DAY, 1.5)),
        ('rule = "flatline"\nwithin = "6h"', Rule(RuleKind.FLATLINE, 5, 6 * HOUR)),
        ('rule = "new_term"\ntimes = 4', Rule(RuleKind.NEW_TERM, 5, DAY, 4.0)),
    ],
)
def test_what_a_rule_is_told(checked: Check, keys: str, rule: Rule) -> None:
    city, problems = checked(keys)
    assert problems == ()
    assert city
    assert city.searches[0].rule == rule
    packed = pack(city.searches[0])
    assert unpack(type(city.searches[0]), packed) == city.searches[0]
    # A search without a rule is kept as it was before there were rules.
    assert ("rule" in packed) is rule.counts


@pytest.mark.parametrize(
    ("keys", "key", "said"),
    [
        ('rule = "frequenzy"\nat_least = 5\nwithin = "2h"', "rule", "Did you mean «frequency»?"),
        ('rule = "frequency"\nwithin = "2h"', "at_least", "at_least = 5"),
        ('rule = "frequency"\nat_least = 5', "within", "from 1m to 30d is expected"),
        ('rule = "frequency"\nat_least = 1\nwithin = "2h"', "at_least", "a whole number from 2 to 1000"),
        ('rule = "frequency"\nat_least = 5\nwithin = "60d"', "within", "from 1m to 30d"),
        ('rule = "frequency"\nat_least = 5\nwithin = "2h"\ntimes = 3', "times", "has no such key"),
        ('rule = "frequency"\nat_least = 5\nwithin = "2h"\nby = "house"', "by", "allowed: author, place, thread"),
        ('rule = "spike"\ntimes = 1', "times", "a number from 1.1 to 1000"),
        ('rule = "spike"\ntimes = "three"', "times", "a number from 1.1 to 1000"),
        ('rule = "flatline"', "within", "from 1h to 7d"),
        ('rule = "new_term"\nby = "place"', "by", "its keys: at_least, within, times, risk"),
        ("at_least = 5", "at_least", "Set rule to one of frequency, spike"),
        ("risk = true", "risk", "Set rule to one of frequency, spike"),
        ('rule = "spike"\npersonal = true', "personal", "personal matters are never put together"),
        ('rule = "spike"\narea_wide = true', "area_wide", "an alarm is one incident"),
    ],
)
def test_what_a_rule_may_not_say(checked: Check, keys: str, key: str, said: str) -> None:
    _, (problem,) = checked(keys)
    assert problem.key == f"search[ruled].{key}"
    assert problem.line == (CITY + SEARCH).count("\n") + 1 + _line_in(keys, key)
    assert said in f"{problem.expected.en} {problem.hint.en}"


def _line_in(keys: str, key: str) -> int:
    """The line of a key; a missing one is told where the search begins."""
    lines = [line.partition(" ")[0] for line in keys.split("\n")]
    return lines.index(key) if key in lines else -(SEARCH.count("\n"))


def test_the_examples_of_the_page_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "town.toml"
    path.write_text(CITY + re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0], encoding="utf-8")
    one = check_city(path)
    assert [problem for problem in one.problems if problem.is_error] == []
    assert one.city
    assert {search.rule.kind for search in one.city.searches} == {*RuleKind} - {RuleKind.ANY}


def test_the_page_has_the_defaults_of_every_rule() -> None:
    for kind, form in RULES.items():
        if form is None:
            continue
        (row,) = re.findall(rf"^\| `{kind.value}` \|(.+)$", PAGE, re.MULTILINE)
        _, least, within, times, by, _ = row.split("|")
        assert least.strip(" `") == (str(form.at_least) if form.at_least else "required")
        assert ("required" in within) is (form.within is None)
        assert times.strip(" `") == (f"{form.times:g}" if form.times else "–")
        assert (by.strip() == "yes") is form.by

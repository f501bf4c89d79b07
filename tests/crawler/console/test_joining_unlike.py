"""Joining asks where troubles are unlike, and only there."""

import re

import pytest

from tests.consoles import Visitor, served
from tests.crawler.console.conftest import opened
from tests.crawler.console.test_acts import PAGE, act, shown
from tests.crawler.console.test_refusals import field, reason
from tests.shell import Otklik, posts

TABLE = """address,lat,lon,district
"ул. Ленина, 5",56.1,60.1,Центральный
"ул. Ленина, 7",56.1004,60.1004,Центральный
"ул. Ленина, 205",56.12,60.12,Заречье
"ул. Мира, 9",56.1003,60.1003,Центральный
"""


@pytest.fixture
def mapped(town: Otklik) -> Otklik:
    """A town whose houses have points."""
    city = town.folder / "ozersk.toml"
    (town.folder / "addresses.csv").write_text(TABLE, encoding="utf-8")
    city.write_text(city.read_text("utf-8") + '\n[gazetteer]\naddresses = "addresses.csv"\n', encoding="utf-8")
    said = [
        "Запах газа на улице Ленина, 7",
        "Запах газа на улице Ленина, 205",
        "Нет воды на улице Мира, 9",
        "Запах газа на улице Мира, 9",
        "Запах газа",
    ]
    assert town("ingest", city, input=posts(*said, first=20)).code == 0
    return town


def test_unlike_troubles_are_joined_only_when_one_says_that_they_are_meant(mapped: Otklik) -> None:
    with opened(mapped) as installation, served(installation) as port:
        operator = Visitor(port)
        operator.sign_in("operator")
        numbers = {
            one["incident"]["title"]: one["incident"]["number"]
            for number in range(3, 8)
            for one in [shown(mapped, number)]
        }
        far, water = numbers["Запах газа — улица Ленина, 205"], numbers["Нет воды — улица Мира, 9"]
        sent = {"numbers": f"{far} {water}", "why": "one pipe"}
        asked = act(operator, "join", numbers["Запах газа — улица Ленина, 7"], **sent)
        said = reason(asked)
        assert asked.status == 200
        assert re.search(rf"№ {far} .* 2\.5 km from \d: улица Ленина, 205 and улица Ленина, 7", said)
        assert re.search(rf"№ {water} .* its topic is “Нет воды”, that of \d is “Запах газа”", said)
        assert (field(asked, "numbers"), field(asked, "why")) == ([sent["numbers"]], ["one pipe"])
        assert shown(mapped, far)["incident"]["state"] == shown(mapped, water)["incident"]["state"] == "new"
        # What was confirmed holds for these, and for no other.
        (sure,) = field(asked, "sure")
        other = act(operator, "join", numbers["Запах газа — улица Ленина, 7"], numbers=f"{far} 2", sure=sure)
        assert re.findall(r"№ (\d+)", reason(other)) == ["2"]
        assert shown(mapped, far)["incident"]["state"] == "new"
        done = act(operator, "join", numbers["Запах газа — улица Ленина, 7"], **sent, sure=sure)
        assert done.status == 303
        assert shown(mapped, far)["incident"]["state"] == shown(mapped, water)["incident"]["state"] == "merged"


def test_like_troubles_are_joined_at_once(mapped: Otklik) -> None:
    with opened(mapped) as installation, served(installation) as port:
        operator = Visitor(port)
        operator.sign_in("operator")
        for number in range(3, 8):
            title = shown(mapped, number)["incident"]["title"]
            near = title in ("Запах газа — улица Мира, 9", "Запах газа — место не названо")
            if near:
                assert act(operator, "join", 3, other=number).status == 303, title
                assert shown(mapped, number)["incident"]["merged_into"] == 3


def test_without_points_another_street_or_topic_is_asked_about(operator: Visitor, town: Otklik) -> None:
    asked = act(operator, "join", numbers="2")
    assert "its topic is “Нет воды”, that of 1 is “Запах газа”" in reason(asked)
    assert "its place is улица Мира, 7, that of 1 is улица Ленина, 5" in reason(asked)
    assert shown(town, 2)["incident"]["state"] == "new"
    assert f'action="{PAGE}/join"' in asked.text
    assert "Merge all the same" in asked.text


def test_what_cannot_be_joined_is_refused_and_not_asked_about(operator: Visitor) -> None:
    act(operator, "decide", 2, decision="not_ours")
    refused = act(operator, "join", numbers="2")
    assert (refused.status, "only open ones" in reason(refused)) == (409, True)
    assert "Merge all the same" not in refused.text


def test_a_move_of_every_voice_is_a_join_and_asks_too(operator: Visitor, town: Otklik) -> None:
    voices = [one["post"] for one in shown(town, 1)["reports"]]
    asked = act(operator, "split", post=voices, to="2", why="one pipe")
    assert (asked.status, "its topic is “Запах газа”, that of 2 is “Нет воды”" in reason(asked)) == (200, True)
    assert (field(asked, "to"), field(asked, "why"), field(asked, "sure")) == (["2"], ["one pipe"], ["1"])
    assert len(re.findall(r'name="post"[^>]* checked', asked.text)) == len(voices) == 2
    assert shown(town, 1)["incident"]["state"] == "new"
    # Some of them are another matter: that is what moving is for.
    assert act(operator, "split", post=voices[:1], to="2").status == 303
    assert "Move all the same" in act(operator, "split", post=voices[1:], to="2").text
    assert act(operator, "split", post=voices[1:], to="2", sure="1").location.startswith("/ozersk/incidents/2")
    assert shown(town, 1)["incident"]["merged_into"] == 2


def test_a_hostile_confirmation_confirms_nothing(operator: Visitor, town: Otklik) -> None:
    assert act(operator, "join", numbers="2", sure="9" * 5_000).status == 200
    assert shown(town, 2)["incident"]["state"] == "new"

"""Place and topic of an incident put right in the console: by a form, with places offered, told and undone."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from crawler.installation import Installation
from tests.browsers import chromium
from tests.consoles import PASSWORD, Visitor, served
from tests.crawler.console.conftest import opened
from tests.shell import Otklik

PAGE = "/ozersk/incidents/1"
TABLE = "\n".join(
    f'"улица {street}, дом {house}",56.1{house},60.1,{district}'
    for street, district in (("Ленина", "Центральный"), ("Лесная", "Заречный"))
    for house in (5, 18, 19)
)


@pytest.fixture
def installation(town: Otklik) -> Iterator[Installation]:
    """The town with a plan of two streets."""
    city: Path = town.folder / "ozersk.toml"
    (town.folder / "addresses.csv").write_text(f"address,lat,lon,district\n{TABLE}\n", encoding="utf-8")
    city.write_text(city.read_text("utf-8") + '\n[gazetteer]\naddresses = "addresses.csv"\n', encoding="utf-8")
    with opened(town) as installation:
        yield installation


@pytest.fixture
def port(installation: Installation) -> Iterator[int]:
    with served(installation) as port:
        yield port


def correct(visitor: Visitor, name: str, **form: object) -> Any:
    page = visitor.get(f"{PAGE}/correct")
    sent = {"csrf": page.hidden("csrf"), "seen": page.hidden("seen"), "back": "/ozersk/queue?at=1", **form}
    return visitor.post(f"{PAGE}/{name}", sent)


def shown(town: Otklik) -> dict[str, Any]:
    one: dict[str, Any] = town("incidents", town.folder / "ozersk.toml", "show", 1, "--json").lines[0]["incident"]
    return one


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(text)).split())


def test_a_place_is_put_right_told_and_undone(operator: Visitor, town: Otklik) -> None:
    assert 'href="/ozersk/incidents/1/correct"' in operator.get("/ozersk/queue?at=1").text
    answer = correct(operator, "place", place="ул. Лесная, 18")
    assert (answer.status, answer.location.startswith("/ozersk/queue?at=1&said=")) == (303, True)
    queue = words(operator.get(answer.location).text)
    assert "улица Лесная, 18" in queue
    assert "The place was corrected, Otklik understood: улица Ленина, 5" in queue
    page = operator.get(PAGE).text
    assert "corrected the place: улица Лесная, 18" in words(page)
    assert "place: улица Лесная, 18" in words(page)
    assert "Заречный" in page
    asked = words(operator.get(f"{PAGE}/undo").text)
    assert "1: place «улица Ленина, 5» again." in asked
    undone = operator.post(f"{PAGE}/undo", {"csrf": operator.get(PAGE).hidden("csrf"), "back": PAGE})
    assert undone.status == 303
    assert (shown(town)["understood"], shown(town)["place"]["houses"]) == (None, ["5"])


def test_a_topic_is_put_right_and_its_severity_stands_in_the_list(operator: Visitor, town: Otklik) -> None:
    form = operator.get(f"{PAGE}/correct").text
    assert 'value="Запах газа" selected' in form
    assert "Ямы · normal" in words(form)
    assert correct(operator, "topic", topic="Ямы").status == 303
    assert (shown(town)["topic"], shown(town)["severity"]) == ("Ямы", "normal")
    assert "The topic was corrected, Otklik understood: Запах газа" in words(operator.get(f"{PAGE}/correct").text)


def test_a_place_that_nobody_knows_is_said_by_a_button(operator: Visitor, town: Otklik) -> None:
    assert correct(operator, "place", place="улица Ленина, 5", none="yes").status == 303
    assert shown(town)["place"] is None
    assert "The place is not known" not in operator.get(f"{PAGE}/correct").text


def test_what_is_refused_comes_back_in_the_form_with_what_is_near(operator: Visitor, town: Otklik) -> None:
    refused = correct(operator, "place", place="Лесная, 17")
    assert refused.status == 409
    assert "no such house: “Лесная, 17”" in words(refused.text)
    assert "«улица Лесная, 18»" in words(refused.text)
    assert 'value="Лесная, 17"' in refused.text
    assert correct(operator, "place", place=" ").status == 409
    assert correct(operator, "topic", topic="вздор").status == 409
    assert shown(town)["understood"] is None
    old = operator.get(f"{PAGE}/correct")
    assert correct(operator, "topic", topic="Ямы").status == 303
    late = {"csrf": old.hidden("csrf"), "seen": old.hidden("seen"), "place": "Лесная, 18"}
    answer = operator.post(f"{PAGE}/place", late)
    assert (answer.status, 'value="Лесная, 18"' in answer.text) == (409, True)


def test_places_are_offered_while_one_types(operator: Visitor) -> None:
    def offers(typed: str) -> list[str]:
        text = operator.get(f"/ozersk/places?{urlencode({'place': typed})}").text
        return re.findall(r'<option value="([^"]+)">', unescape(text))

    assert offers("лес") == ["улица Лесная"]
    assert offers("Лесная 1") == ["улица Лесная, 18", "улица Лесная, 19"]
    assert offers("<script>") == []
    for page in (f"{PAGE}/correct", "/ozersk/register"):
        assert 'list="places"' in operator.get(page).text


def test_who_only_looks_is_offered_nothing(port: int) -> None:
    analyst = Visitor(port)
    analyst.sign_in("analyst")
    assert "/correct" not in analyst.get(PAGE).text
    assert analyst.get(f"{PAGE}/correct").status == 403
    assert analyst.get("/ozersk/places?place=x").status == 403


def test_what_is_over_is_not_put_right(operator: Visitor) -> None:
    page = operator.get(PAGE)
    operator.post(f"{PAGE}/decide", {"csrf": page.hidden("csrf"), "decision": "not_ours"})
    assert "/correct" not in operator.get(PAGE).text
    assert operator.get(f"{PAGE}/correct").status == 409


@pytest.mark.chromium
@pytest.mark.xdist_group("chromium")
@pytest.mark.parametrize("script", [True, False])
def test_by_keyboard_with_and_without_scripts(port: int, town: Otklik, *, script: bool) -> None:
    with chromium() as browser:
        page = browser.new_context(locale="ru-RU", java_script_enabled=script).new_page()
        page.goto(f"http://127.0.0.1:{port}")
        page.fill("#u", "operator")
        page.fill("#p", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector(".row")
        page.goto(f"http://127.0.0.1:{port}/ozersk/queue?at=1")
        if script:
            page.keyboard.press("KeyP")
        else:
            page.locator("#pane a[href$='/correct']").press("Enter")
        page.wait_for_url("**/correct")
        field = page.locator("#pl")
        assert field.evaluate("field => field === document.activeElement")
        field.fill("")
        page.keyboard.type("Лесная 1")
        if script:
            page.locator("#places option[value='улица Лесная, 18']").wait_for(state="attached")
        page.keyboard.type("8")
        page.keyboard.press("Enter")
        page.wait_for_url("**/incidents/1?said=*")
        assert page.locator("h1").inner_text().startswith("улица Лесная, 18")
    assert shown(town)["understood"]["place"]["houses"] == ["5"]

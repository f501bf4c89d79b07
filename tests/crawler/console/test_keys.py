"""Keys and drafts of the console in a real Chromium: what is typed decides nothing that was not meant."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page

from tests.browsers import chromium
from tests.consoles import PASSWORD, Visitor
from tests.shell import Otklik

pytestmark = [pytest.mark.chromium, pytest.mark.xdist_group("chromium")]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def at_work(browser: Browser, port: int, name: str = "operator", width: int = 1366) -> Page:
    """Somebody at the queue."""
    page = browser.new_context(locale="ru-RU", viewport={"width": width, "height": 768}).new_page()
    page.set_default_timeout(30_000)
    page.goto(f"http://127.0.0.1:{port}/ozersk/queue")
    page.locator("#u").fill(name)
    page.locator("input[type=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".row")
    return page


def shown(town: Otklik, number: int) -> dict[str, Any]:
    one: dict[str, Any] = town("incidents", town.folder / "ozersk.toml", "show", number, "--json").lines[0]
    return one


def states(town: Otklik) -> list[str]:
    return [shown(town, number)["incident"]["state"] for number in (1, 2)]


def test_a_note_is_written_in_the_pane(browser: Browser, port: int, town: Otklik) -> None:
    page = at_work(browser, port)
    page.keyboard.press("KeyI")
    page.keyboard.type("ok, звонил")
    assert page.evaluate("document.activeElement.value") == "ok, звонил"
    page.keyboard.press("Control+Enter")
    page.locator("#toast .toast", has_text="№ 1: заметка записана").wait_for()
    assert [one["text"] for one in shown(town, 1)["notes"]] == ["ok, звонил"]
    assert states(town) == ["new", "new"]


def test_what_is_typed_before_the_pane_is_there_decides_nothing(browser: Browser, port: int, town: Otklik) -> None:
    page = at_work(browser, port)
    for key in ("KeyJ", "KeyI", "KeyO", "KeyX"):
        page.keyboard.press(key)
    page.wait_for_function("() => document.activeElement.id === 'note-2'")
    assert states(town) == ["new", "new"]


def test_on_a_narrow_screen_a_note_leads_to_its_incident(browser: Browser, port: int, town: Otklik) -> None:
    page = at_work(browser, port, width=700)
    page.keyboard.press("KeyI")
    page.keyboard.press("KeyO")
    page.wait_for_url("**/incidents/1#note")
    page.wait_for_function("() => document.activeElement.id === 'note'")
    assert states(town) == ["new", "new"]


def test_a_key_without_use_says_so(browser: Browser, port: int) -> None:
    page = at_work(browser, port)
    page.keyboard.press("KeyC")
    page.locator("#toast .toast", has_text="Клавиша C здесь ничего не делает").wait_for()
    page.keyboard.press("Shift+Slash")
    assert page.locator("#keys [data-asks=KeyC]", has_text="не здесь").is_visible()
    assert not page.locator("#keys [data-asks=KeyI] [data-off]").is_visible()


def test_with_several_picked_keys_are_for_them_all(browser: Browser, port: int, town: Otklik) -> None:
    page = at_work(browser, port)
    page.keyboard.press("KeyV")
    page.keyboard.press("KeyJ")
    page.keyboard.press("KeyV")
    page.keyboard.press("KeyS")
    page.locator("#toast .toast", has_text="Для выделенных клавиша S не действует").wait_for()
    page.keyboard.press("KeyX")
    page.locator("h1", has_text="Отклонить: 2").wait_for()
    page.keyboard.press("Digit4")
    page.locator("h1", has_text="2 из 2").wait_for()
    assert states(town) == ["rejected", "rejected"]


def test_escape_in_a_draft_leaves_the_field_only(browser: Browser, port: int) -> None:
    page = at_work(browser, port)
    page.goto(f"http://127.0.0.1:{port}/ozersk/incidents/1")
    page.locator("#note").fill("половина мысли")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement === document.body")
    assert page.locator("#note").input_value() == "половина мысли"
    assert page.url.endswith("/incidents/1")


@pytest.mark.parametrize(("path", "field"), [("incidents/1", "#note"), ("register", "#tx")])
def test_words_that_were_not_sent_are_not_left_without_a_word(
    browser: Browser, port: int, path: str, field: str
) -> None:
    page = at_work(browser, port)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.goto(f"http://127.0.0.1:{port}/ozersk/{path}")
    page.locator(field).fill("половина мысли")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.wait_for_function("() => true")
    assert asked == ["beforeunload"]
    assert page.locator(field).input_value() == "половина мысли"


def test_a_changed_search_is_not_left_without_a_word(browser: Browser, port: int) -> None:
    page = at_work(browser, port, "administrator")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.goto(f"http://127.0.0.1:{port}/ozersk/saved/new")
    page.locator("#nm").click()
    page.locator(".brand").click()
    page.wait_for_url("**/queue")
    assert asked == []
    page.goto(f"http://127.0.0.1:{port}/ozersk/saved/new")
    page.locator("#nm").fill("Вода")
    page.locator(".brand").click()
    page.wait_for_function("() => true")
    assert asked == ["beforeunload"]
    assert page.locator("#nm").input_value() == "Вода"


def test_who_may_not_decide_has_nothing_to_tick(port: int) -> None:
    analyst, operator = Visitor(port), Visitor(port)
    analyst.sign_in("analyst")
    operator.sign_in("operator")
    assert 'type="checkbox" name="number"' in operator.get("/ozersk/queue").text
    assert 'type="checkbox" name="number"' not in analyst.get("/ozersk/queue").text


def test_what_is_offered_does_not_come_back_when_the_field_was_left(browser: Browser, port: int) -> None:
    page = at_work(browser, port)
    page.goto(f"http://127.0.0.1:{port}/ozersk/search")
    page.locator("#q").focus()
    with page.expect_response("**/search/typing?*"):
        page.keyboard.type("газ pla")
        page.locator(".brand").focus()
    page.locator("#qsaid", has_text="Понято так").wait_for()
    assert page.locator("#offers").count() == 0


def test_a_split_opens_at_its_head_and_comes_back_with_its_error(browser: Browser, port: int) -> None:
    page = at_work(browser, port)
    page.keyboard.press("KeyS")
    page.wait_for_url("**/split")
    assert page.evaluate("document.activeElement.name") == "post"
    page.locator("button", has_text="Выделить отмеченные").click()
    page.locator(".refused").wait_for()
    page.wait_for_function("() => document.activeElement.name === 'post'")
    assert page.evaluate("document.querySelector('.refused').getBoundingClientRect().top >= 0")


def test_a_refused_rule_is_told_beside_its_field(browser: Browser, port: int) -> None:
    page = at_work(browser, port, "administrator")
    page.goto(f"http://127.0.0.1:{port}/ozersk/saved/new")
    page.locator("#q").fill("вода")
    page.locator("#nm").fill("Вода")
    page.locator("#rule").select_option("frequency")
    page.locator("#rl").fill("0")
    page.locator("button[value=check]").click()
    page.wait_for_function("() => document.activeElement.id === 'rl'")
    assert page.locator("#rl + .wrongly", has_text="Сколько публикаций").is_visible()
    assert page.locator("#rl").get_attribute("aria-invalid") == "true"
    page.locator("#rl").fill("4")
    assert page.locator("#rl").get_attribute("aria-invalid") is None
    assert page.locator(".wrongly").count() == 0
    page.locator("#rl").fill("0")
    page.locator("button[value=save]").click()
    page.wait_for_url("**/saved/new")
    page.wait_for_function("() => document.activeElement.id === 'rl'")
    assert page.locator("#rl + .wrongly").is_visible()

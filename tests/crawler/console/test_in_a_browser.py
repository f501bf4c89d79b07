"""The console in a real Chromium: a morning by keyboard alone, live parts, and what axe-core finds."""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from crawler.accounts.roles import Role
from crawler.checking import load_city
from crawler.environment import Environment
from crawler.installation import Installation
from demo.servers.webhook import TicketServer
from tests.browsers import chromium
from tests.conftest import ROOT
from tests.consoles import PASSWORD, employ, served
from tests.crawler.console.conftest import HOSTILE
from tests.shell import Otklik, posts, webhook

pytestmark = [pytest.mark.chromium, pytest.mark.xdist_group("chromium")]

AXE = ROOT / "tests" / "assets" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SECRET = "a secret of the desk"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@dataclass
class Desk:
    """A console in a city with a ticket system."""

    url: str
    otklik: Otklik
    city: Path
    desk: TicketServer


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with TicketServer(SECRET) as tickets:
        otklik = Otklik(tmp_path, {"OTKLIK_TEST_DESK": SECRET})
        city = otklik.city(routes=webhook(tickets.url).replace("at once", "confirmed"))
        texts = [*(f"Нет воды на улице Мира, {house}" for house in (1, 3, 5)), "Запах газа на улице Ленина, 5", HOSTILE]
        assert otklik("ingest", city, input=posts(*texts)).code == 0
        environment = Environment({**otklik.environment, "PATH": os.environ.get("PATH", "")})
        with Installation.open(environment, None, [load_city(str(city))]) as installation:
            employ(installation, anna=Role.OPERATOR, boss=Role.ADMINISTRATOR)
            with served(installation) as port:
                yield Desk(f"http://127.0.0.1:{port}", otklik, city, tickets)


def opened(browser: Browser, **options: Any) -> Page:
    page = browser.new_context(locale="ru-RU", viewport={"width": 1366, "height": 768}, **options).new_page()
    page.set_default_timeout(30_000)
    return page


def sign_in(page: Page, url: str, name: str = "anna") -> None:
    """By keyboard."""
    page.goto(url)
    page.keyboard.press("Tab")
    page.locator("#u").focus()
    page.keyboard.type(name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".row")


def shown(desk: Desk, number: int) -> dict[str, Any]:
    one: dict[str, Any] = desk.otklik("incidents", desk.city, "show", number, "--json").lines[0]
    return one


def current(page: Page) -> int:
    return int(page.locator('.row[aria-current="true"]').get_attribute("data-number") or 0)


def test_a_morning_by_keyboard_alone(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda told: problems.append(told.text) if "Content Security Policy" in told.text else None)
    sign_in(page, desk.url)
    danger = current(page)
    assert shown(desk, danger)["incident"]["severity"] == "danger"

    page.keyboard.press("KeyT")
    page.locator("#pane", has_text="anna").wait_for()
    page.keyboard.press("KeyA")
    page.locator("#toast .toast", has_text="подтверждён").wait_for()
    page.locator("#pane .st", has_text="подтверждён").wait_for()
    assert current(page) == danger

    page.keyboard.press("KeyJ")
    page.wait_for_function("number => document.querySelector('#pane').dataset.number !== String(number)", arg=danger)
    second = current(page)
    assert second != danger
    page.keyboard.press("KeyX")
    page.keyboard.press("Digit3")
    page.locator("#toast .toast", has_text="отклонён").wait_for()
    assert shown(desk, second)["incident"]["rejected_for"] == "old"
    page.keyboard.press("KeyU")
    page.wait_for_url(f"**/incidents/{second}/undo?**")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/queue?*at={second}*")
    assert current(page) == second
    assert shown(desk, second)["incident"]["state"] == "new"

    page.keyboard.press("Enter")
    page.wait_for_url(f"**/incidents/{second}")
    page.keyboard.press("KeyI")
    page.keyboard.type("Позвонить")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.locator(".voice-t", has_text="Позвонить").wait_for()
    page.keyboard.press("Escape")
    page.wait_for_url("**/queue?*")

    for _ in range(200):
        if desk.desk.tickets:
            break
        page.wait_for_timeout(50)
    assert len(desk.desk.tickets) == 1
    assert problems == []


@pytest.mark.parametrize("script", [True, False])
def test_enter_in_the_words_of_a_rejection_chooses_no_reason_of_the_list(
    browser: Browser, desk: Desk, *, script: bool
) -> None:
    page = opened(browser, java_script_enabled=script)
    sign_in(page, desk.url)
    for where in ("/ozersk/queue?at=1", "/ozersk/incidents/2"):
        number = int(where[-1])
        page.goto(desk.url + where)
        page.locator(".pane-a summary.btn-x").click()
        words = page.locator(f"#why-{number}")
        words.focus()
        page.keyboard.press("Enter")
        # Without words there is nothing to write: the browser says so, and the field waits.
        assert words.evaluate("field => field === document.activeElement && !field.validity.valid")
        page.keyboard.type("учения МЧС")
        page.keyboard.press("Enter")
        page.locator(".st", has_text="отклонён").wait_for()
        told = shown(desk, number)
        assert (told["incident"]["state"], told["incident"]["rejected_for"]) == ("rejected", "other")
        assert told["events"][-1]["reason"] == "учения МЧС"


def test_a_key_chooses_a_reason_and_the_sixth_asks_for_words(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    sign_in(page, desk.url)
    number = current(page)
    page.keyboard.press("KeyX")
    page.keyboard.press("Digit6")
    page.keyboard.type("учения МЧС")
    assert page.locator(f"#why-{number}").input_value() == "учения МЧС"
    assert shown(desk, number)["incident"]["state"] == "new"
    page.keyboard.press("Enter")
    page.locator("#toast .toast", has_text="отклонён").wait_for()
    assert shown(desk, number)["incident"]["rejected_for"] == "other"


def test_enter_in_the_time_of_putting_off_chooses_none_of_the_list(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    sign_in(page, desk.url)
    page.goto(f"{desk.url}/ozersk/incidents/1")
    page.keyboard.press("KeyZ")
    page.locator("#at-1").fill("2100-01-01T00:00")
    page.locator("#at-1").press("Enter")
    page.locator("[role=alert]", has_text="от 5 минут до 14 дней").wait_for()
    assert shown(desk, 1)["incident"]["snoozed_until"] is None


def test_a_key_never_decides_about_the_incident_that_one_has_left(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    sign_in(page, desk.url)
    left = current(page)
    page.keyboard.press("KeyJ")
    page.keyboard.press("KeyA")
    page.wait_for_function("number => document.querySelector('#pane').dataset.number !== String(number)", arg=left)
    assert shown(desk, left)["incident"]["state"] == "new"


def test_on_its_own_page_an_incident_shows_what_was_decided(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    sign_in(page, desk.url)
    page.keyboard.press("Enter")
    page.wait_for_url("**/incidents/*")
    page.keyboard.press("KeyA")
    page.locator(".inc-h .st", has_text="подтверждён").wait_for()
    page.locator("#toast .toast", has_text="подтверждён").wait_for()
    page.keyboard.press("KeyT")
    page.locator(".inc-h", has_text="anna").wait_for()


def test_keys_are_physical_and_can_be_switched_off(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    sign_in(page, desk.url)
    first = current(page)
    # As a Russian layout sends it: the key of J says «о».
    press = "code => document.body.dispatchEvent(new KeyboardEvent('keydown', {code, key: 'о', bubbles: true}))"
    page.evaluate(press, "KeyJ")
    assert current(page) != first
    page.keyboard.press("Shift+Slash")
    dialog = page.locator("#keys")
    assert dialog.is_visible()
    dialog.locator("[data-do=keys]").uncheck()
    page.keyboard.press("Escape")
    assert not dialog.is_visible()
    now = current(page)
    page.keyboard.press("KeyJ")
    assert current(page) == now


def test_new_ones_wait_behind_a_line_and_nothing_moves(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    sign_in(page, desk.url)
    before = page.locator(".row").count()
    assert desk.otklik("ingest", desk.city, input=posts("Запах газа на улице Мира, 77", first=50)).code == 0
    page.locator(".qnew").wait_for()
    assert page.locator(".row").count() == before
    page.keyboard.press("KeyN")
    page.wait_for_function("count => document.querySelectorAll('.row').length === count", arg=before + 1)


def test_what_a_colleague_does_is_put_in_where_one_stands(browser: Browser, desk: Desk) -> None:
    page, other = opened(browser), opened(browser)
    sign_in(page, desk.url)
    page.keyboard.press("KeyJ")
    page.keyboard.press("KeyV")
    page.wait_for_function(
        "() => document.querySelector('#pane').dataset.number === document.activeElement.closest('.row').dataset.number"
    )
    here = current(page)
    before = page.locator(".row").evaluate_all("rows => rows.map(row => row.dataset.number)")
    sign_in(other, desk.url, "boss")
    other.goto(f"{desk.url}/ozersk/incidents/{here}")
    other.keyboard.press("KeyT")
    other.locator(".inc-h", has_text="boss").wait_for()

    page.locator(f"#rw-{here}", has_text="boss").wait_for()
    page.locator("#outdated", has_text="изменился").wait_for()
    page.locator("#watching", has_text="смотрит boss").wait_for()
    other.locator("#watching", has_text="смотрит anna").wait_for()
    # Focus, selection, order and the open pane are where they were.
    assert page.evaluate("document.activeElement.closest('.row').dataset.number") == str(here)
    assert page.locator(".row .ck:checked").evaluate_all("boxes => boxes.map(box => box.value)") == [str(here)]
    assert page.locator(".row").evaluate_all("rows => rows.map(row => row.dataset.number)") == before
    assert page.locator("#pane").get_attribute("data-number") == str(here)
    assert current(page) == here


def test_a_draft_outlives_what_is_refreshed_and_the_session(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    sign_in(page, desk.url)
    page.goto(f"{desk.url}/ozersk/incidents/1")
    page.locator("#note").fill("Позвонить в")
    with page.expect_response("**/ozersk/live?*") as told:
        page.locator("#note").focus()
    assert told.value.status == 200
    page.context.clear_cookies()
    with page.expect_response("**/ozersk/live?*") as refused:
        page.locator("#note").focus()
    assert refused.value.status == 401
    page.wait_for_function("() => document.documentElement.classList.contains('offline')")
    assert page.locator("#note").input_value() == "Позвонить в"
    assert page.url.endswith("/incidents/1")


def test_several_are_picked_and_confirmed(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    sign_in(page, desk.url)
    page.keyboard.press("KeyV")
    page.keyboard.press("KeyJ")
    page.keyboard.press("KeyV")
    assert page.locator("#bulk").is_visible()
    assert "2" in page.locator("#bulk b").inner_text()
    page.locator("#bulk button[value=confirm]").click()
    page.locator("h1", has_text="2").wait_for()
    states = [one["state"] for one in desk.otklik("incidents", desk.city, "--json").lines]
    assert states.count("confirmed") == 2


def test_several_are_picked_and_confirmed_without_scripts(browser: Browser, desk: Desk) -> None:
    page = opened(browser, java_script_enabled=False)
    sign_in(page, desk.url)
    assert not page.locator("#bulk").is_visible()
    boxes = page.locator(".row .ck")
    # The keyboard reaches every row: nothing walks the list without scripts.
    for at in (0, 2):
        boxes.nth(at).focus()
        page.keyboard.press("Space")
    assert page.locator("#bulk").is_visible()
    page.locator("#bulk button[type=reset]").click()
    assert not page.locator("#bulk").is_visible()
    for at in (0, 2):
        boxes.nth(at).check()
    page.locator("#bulk button[value=confirm]").click()
    page.locator("h1", has_text="2").wait_for()
    states = [one["state"] for one in desk.otklik("incidents", desk.city, "--json").lines]
    assert states.count("confirmed") == 2


def test_several_are_rejected_in_words_of_one_s_own(browser: Browser, desk: Desk) -> None:
    page = opened(browser, bypass_csp=True)
    sign_in(page, desk.url)
    for at in (0, 2):
        page.locator(".row .ck").nth(at).check()
    assert violations(page) == []
    page.locator("#bulk button[value=reject]").click()
    page.wait_for_selector(".dlg-page")
    assert violations(page) == []
    page.keyboard.press("Digit6")
    page.keyboard.type("учения МЧС")
    page.keyboard.press("Enter")
    page.locator("h1", has_text="2").wait_for()
    assert violations(page) == []
    page.locator("button", has_text="Отменить у всех").click()
    page.locator("h1", has_text="Отменить: 2").wait_for()
    states = [one["state"] for one in desk.otklik("incidents", desk.city, "--json").lines]
    assert states.count("new") == 5


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_forms_that_come_back(browser: Browser, desk: Desk, theme: str) -> None:
    page = opened(browser, color_scheme=theme, bypass_csp=True)
    sign_in(page, desk.url)
    page.goto(f"{desk.url}/ozersk/incidents/1/join")
    page.fill("#ot", "4")
    page.locator(".dlg-f .btn-p").click()
    page.locator(".note-soon", has_text="разные беды").wait_for()
    assert violations(page) == []
    page.goto(f"{desk.url}/ozersk/queue?at=1")
    page.locator(".pane-a summary.btn-x").click()
    page.fill("#why-1", " ")
    page.keyboard.press("Enter")
    # What was refused is in the pane, and the field waits.
    page.locator("#pane .refused", has_text="нужна причина").wait_for()
    assert page.locator("#why-1").evaluate("field => field === document.activeElement")
    assert violations(page) == []


def test_hostile_words_run_nothing(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    alarms: list[str] = []
    page.on("dialog", lambda dialog: alarms.append(dialog.message))
    sign_in(page, desk.url)
    for number in range(1, 6):
        page.goto(f"{desk.url}/ozersk/incidents/{number}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert alarms == []


PAGES = {
    "anna": [
        "/ozersk/queue",
        "/ozersk/incidents/1",
        "/ozersk/incidents/1/join",
        "/ozersk/incidents/1/executor",
        "/ozersk/incidents/1/ask",
    ],
    "boss": [
        *("/people", "/nowhere", "/ozersk/register", "/ozersk/incidents/1/correct", "/ozersk/search?q=вода"),
        *(f"/ozersk/{one}" for one in ("sources", "risks", "map", "report", "story", "saved/new")),
    ],
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1366, 390, 320])
def test_axe_finds_nothing(browser: Browser, desk: Desk, theme: str, width: int) -> None:
    for name, paths in PAGES.items():
        page = opened(browser, color_scheme=theme, bypass_csp=True)
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(f"{desk.url}/sign-in")
        found = {"/sign-in": violations(page)}
        page.fill("#u", name)
        page.fill("#p", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector(".bar")
        for path in paths:
            page.goto(desk.url + path)
            found[path] = violations(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert found == {path: [] for path in found}


def violations(page: Page) -> list[str]:
    page.add_script_tag(path=AXE)
    told: dict[str, Any] = page.evaluate("tags => axe.run(document, {runOnly: tags})", TAGS)
    return [f"{one['id']}: {json.dumps([node['html'][:160] for node in one['nodes']])}" for one in told["violations"]]


def test_what_is_offered_is_chosen_by_keyboard_and_told_to_screen_readers(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    sign_in(page, desk.url)
    page.goto(f"{desk.url}/ozersk/search")
    field = page.locator("#q")
    field.focus()
    # "pla" with the keyboard in the Russian layout.
    page.keyboard.type("газ здф")
    page.locator("#offers").wait_for()
    assert field.get_attribute("aria-activedescendant") == "offer-1"
    assert "2. platform:" in page.locator("#qcount").inner_text()
    page.keyboard.press("ArrowDown")
    assert field.get_attribute("aria-activedescendant") == "offer-2"
    page.keyboard.press("Enter")
    assert field.input_value() == "газ place:"
    page.locator("#offers").wait_for()
    page.keyboard.press("Escape")
    page.locator("#offers").wait_for(state="detached")
    assert field.get_attribute("aria-activedescendant") is None
    assert field.input_value() == "газ place:"
    # Nothing was moved to: Enter asks what was written.
    field.fill("газ")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?*q=*")


def test_without_scripts_the_query_is_a_plain_field(browser: Browser, desk: Desk) -> None:
    page = opened(browser, java_script_enabled=False)
    sign_in(page, desk.url)
    page.goto(f"{desk.url}/ozersk/search")
    page.locator("#q").fill("газ")
    page.locator("main button", has_text="Найти").click()
    page.wait_for_url("**/search?*q=*")
    assert page.locator(".hits").count() == 1
    assert page.locator("#offers").count() == 0


def test_what_was_typed_comes_back_after_signing_in_again(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    sign_in(page, desk.url)
    page.keyboard.press("KeyX")
    page.locator(".reasons[open] input[name=why]").fill("говорили о другом доме")
    page.context.clear_cookies(name="otklik")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-lost]")
    assert "говорили" not in page.url
    page.locator("#u").fill("anna")
    page.locator("#p").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".row")
    field = page.locator(".reasons[open] input[name=why]")
    assert field.input_value() == "говорили о другом доме"
    assert "Ничего не записано" in page.locator(".reasons[open]").inner_text()
    assert page.evaluate("sessionStorage.getItem('otklik-draft')") is None


def test_ticks_come_back_after_signing_in_again(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    sign_in(page, desk.url)
    page.locator(".row .ck").first.check()
    number = page.locator(".row .ck:checked").get_attribute("value")
    page.context.clear_cookies(name="otklik")
    page.locator("#bulk button[value=confirm]").click()
    page.wait_for_selector("[data-lost]")
    page.locator("#u").fill("anna")
    page.locator("#p").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".row")
    assert page.locator(".row .ck:checked").get_attribute("value") == number
    assert page.locator("[data-picked]").inner_text() == "1"
    assert "Ничего не записано" in page.locator("#bulk").inner_text()


def test_on_a_phone_several_are_ticked_and_decided_wherever_the_list_stands(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, desk.url)
    assert page.locator("#bulk").is_hidden()
    label = page.locator(".row .ckl").last
    box = label.bounding_box()
    assert box
    assert box["width"] >= 44
    assert box["height"] >= 44
    label.click()
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    bar = page.locator("#bulk").bounding_box()
    assert bar
    assert 844 - 56 - 200 < bar["y"] < bar["y"] + bar["height"] <= 844 - 55
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#bulk button[value=confirm]").click()
    page.wait_for_selector("h1:has-text('Подтвер')")


def test_the_page_that_asks_for_an_address_begins_at_the_words_to_copy(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    sign_in(page, desk.url)
    page.goto(f"{desk.url}/ozersk/incidents/1/ask")
    assert page.evaluate("document.activeElement.id") == "tx"


def test_on_a_phone_decisions_are_at_hand_and_the_other_sections_behind_one_tab(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    page.set_viewport_size({"width": 390, "height": 844})
    sign_in(page, desk.url)
    page.locator(".more-tab summary").click()
    for name in ("Обращение вручную", "Отчёт", "English"):
        assert page.locator(".more-tab").get_by_text(name, exact=True).is_visible()
    page.locator("#find-m").fill("Ленина")
    page.locator(".find-m button").click()
    page.wait_for_url("**/queue?find=*")
    page.goto(f"{desk.url}/ozersk/incidents/1")
    box = page.locator(".acts-bar #do-confirm").bounding_box()
    assert box is not None
    assert 600 < box["y"] < 844 - 56


def test_a_note_that_is_not_sent_waits_at_its_incident(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    sign_in(page, desk.url)
    page.goto(f"{desk.url}/ozersk/queue")
    first = page.locator("#pane").get_attribute("data-number")
    page.keyboard.press("KeyI")
    page.keyboard.type("звонили из подъезда")
    for key in ("Escape", "KeyJ"):
        page.keyboard.press(key)
    page.wait_for_function("number => document.querySelector('#pane').dataset.number !== number", arg=first)
    assert page.locator("#pane .notes textarea").input_value() == ""
    page.keyboard.press("KeyK")
    page.wait_for_function("number => document.querySelector('#pane').dataset.number === number", arg=first)
    assert page.locator("#pane .notes.kept textarea").input_value() == "звонили из подъезда"
    page.keyboard.press("KeyI")
    page.keyboard.press("Control+Enter")
    page.locator("#pane .notes p", has_text="звонили из подъезда").wait_for(state="attached")
    assert page.locator("#pane .notes textarea").input_value() == ""
    assert page.locator("#pane .notes.kept").count() == 0


def test_on_a_phone_the_main_decision_is_whole_and_the_rarer_ones_behind_a_menu(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    sign_in(page, desk.url)
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(f"{desk.url}/ozersk/incidents/1")
        main = page.locator(".acts-bar #do-confirm").bounding_box()
        assert main
        assert main["width"] >= width - 2 * 12 - 2
        assert not page.locator(".acts-bar .pane-a").evaluate("bar => bar.scrollWidth > bar.clientWidth")
        text = page.locator("#do-confirm .lines")
        text.evaluate("part => { part.textContent = 'Подтвердить, уже передано: МУП «Тихоозёрскводоканал»'; }")
        assert text.evaluate("part => part.scrollHeight <= part.clientHeight && part.scrollWidth <= part.clientWidth")
        for part in (".acts-bar summary.btn-x", ".acts-bar #do-take", ".rest > summary"):
            box = page.locator(part).bounding_box()
            assert box
            assert 0 <= box["x"] < box["x"] + box["width"] <= width
            assert main["y"] < box["y"] < box["y"] + box["height"] <= 844 - 56
        assert page.locator(".rest a").first.is_hidden()
        page.locator(".rest > summary").click()
        for name in ("Исполнитель", "Объединить", "Отложить"):
            box = page.locator(".rest .btn", has_text=name).first.bounding_box()
            assert box
            assert 0 <= box["x"] < box["x"] + box["width"] <= width
        page.keyboard.press("Escape")
        assert page.locator(".rest a").first.is_hidden()


def test_keys_reach_what_is_behind_the_menu_and_it_needs_no_scripts(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    sign_in(page, desk.url)
    page.goto(f"{desk.url}/ozersk/incidents/1")
    # With room all of it lies in the row.
    assert page.locator(".rest > summary").is_hidden()
    assert page.locator(".rest a", has_text="Исполнитель").is_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    page.keyboard.press("KeyZ")
    assert page.locator(".rest input[name=at]").is_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("KeyE")
    page.wait_for_url("**/incidents/1/executor")
    plain = opened(browser, java_script_enabled=False)
    plain.set_viewport_size({"width": 390, "height": 844})
    sign_in(plain, desk.url)
    plain.goto(f"{desk.url}/ozersk/incidents/1")
    plain.locator(".rest > summary").click()
    plain.locator(".rest a", has_text="Объединить").click()
    plain.wait_for_url("**/incidents/1/join")


def test_in_the_pane_the_main_decision_has_all_its_words(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    sign_in(page, desk.url)
    main = page.locator("#pane #do-confirm")
    text = main.locator(".lines")
    assert main.get_attribute("title") == text.inner_text()
    text.evaluate("part => { part.textContent = 'Подтвердить, уже передано: МУП «Тихоозёрскводоканал и теплосети»'; }")
    assert text.evaluate("part => part.scrollHeight <= part.clientHeight && part.scrollWidth <= part.clientWidth")


@pytest.mark.parametrize("act", ["reject", "put_off"])
def test_back_leads_to_the_question_about_several_and_keys_to_the_queue(browser: Browser, desk: Desk, act: str) -> None:
    page = opened(browser)
    sign_in(page, desk.url)
    for at in (0, 2):
        page.locator(".row .ck").nth(at).check()
    page.locator(f"#bulk button[value={act}]").click()
    page.locator(".dlg-page h1", has_text="2").wait_for()
    page.keyboard.press("Digit1")
    page.locator("main .page-head h1", has_text=": 2").wait_for()
    assert page.locator("main .btn-p kbd").all_inner_texts() == ["Esc", "Enter"]
    page.go_back()
    page.locator(".dlg-page h1", has_text=": 2").wait_for()
    page.go_forward()
    page.locator("main .page-head h1", has_text=": 2").wait_for()
    page.keyboard.press("Escape" if act == "reject" else "Enter")
    page.wait_for_selector(".row")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_table_that_runs_on_says_so_until_its_end(browser: Browser, desk: Desk, theme: str) -> None:
    page = opened(browser, color_scheme=theme)
    sign_in(page, desk.url, "boss")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{desk.url}/ozersk/sources")
    table = page.locator(".tw").last
    assert table.evaluate("box => box.scrollWidth > box.clientWidth")
    table.evaluate("box => { box.querySelector('table').style.visibility = 'hidden'; }")

    def edge() -> bytes:
        box = table.bounding_box()
        assert box
        x, y = box["x"] + box["width"] - 5, box["y"] + 4
        return page.screenshot(clip={"x": x, "y": y, "width": 4, "height": 4}, full_page=True)

    more = edge()
    table.evaluate("box => { box.scrollLeft = box.scrollWidth; }")
    assert edge() != more
    # No gradient is drawn in forced colours: a line stands there instead.
    page.emulate_media(forced_colors="active")
    line = "() => getComputedStyle([...document.querySelectorAll('.tw')].at(-1)).borderRightWidth"
    page.wait_for_function(f"() => ({line})() === '0px'")
    table.evaluate("box => { box.scrollLeft = 0; }")
    page.wait_for_function(f"() => ({line})() === '4px'")


def test_on_a_phone_the_chart_of_completeness_fits_its_card(browser: Browser, desk: Desk) -> None:
    page = opened(browser)
    sign_in(page, desk.url, "boss")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{desk.url}/ozersk/sources")
    chart = page.locator(".days7")
    assert chart.evaluate("one => one.scrollWidth <= one.clientWidth && !one.closest('[tabindex=\"0\"]')")
    assert chart.locator("span").evaluate_all("all => all.every(one => one.getBoundingClientRect().right <= 378)")


def test_the_phone_names_the_city_and_gives_a_finger_room(browser: Browser, desk: Desk) -> None:
    page = opened(browser, has_touch=True)
    sign_in(page, desk.url, "boss")
    page.set_viewport_size({"width": 390, "height": 844})
    small = """() => [...document.querySelectorAll('main a, main button, main summary, main input[type=checkbox]')]
        .filter(one => one.checkVisibility() && !one.closest('p:not(.card-b > p), dd, .note, svg, .leaflet-container'))
        .filter(one => one.matches(':not(.vh, .hit, label .ck):not(.row *)'))
        .map(one => [one.outerHTML.slice(0, 90), one.getBoundingClientRect()])
        .filter(([, box]) => box.height && (box.height < 24 || box.width < 24))
        .map(([html, box]) => `${html} ${box.width}x${box.height}`)"""
    join = "/ozersk/incidents/1/join"
    for path in ("/ozersk/queue", "/ozersk/incidents/1", join, "/ozersk/risks", "/ozersk/map", "/ozersk/saved/new"):
        page.goto(desk.url + path)
        assert page.locator(".brand span").is_visible()
        assert page.locator(".brand span").inner_text() == "Озёрск"
        assert page.evaluate(small) == [], path
    page.goto(f"{desk.url}/ozersk/incidents/1/join")
    assert page.locator(".cand .ck").evaluate_all("all => all.every(one => one.offsetWidth >= 24)")
    page.goto(f"{desk.url}/ozersk/register")
    assert page.locator("#sv").evaluate("one => one.offsetWidth") > 300

"""Hostile words in every field that a stranger's text can reach, in a real Chromium that no policy protects: what is
escaped runs nothing.
"""

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from playwright.sync_api import Dialog, Page

from crawler.accounts import users
from crawler.accounts.roles import Role
from crawler.installation import Installation
from search.state.tables import deliveries, events, incidents, notes, post_versions, reports
from search.state.tables import posts as posts_table
from tests.browsers import chromium
from tests.consoles import PASSWORD, employ, served
from tests.crawler.console.conftest import opened
from tests.shell import SEARCHES, Otklik, posts

pytestmark = [pytest.mark.chromium, pytest.mark.xdist_group("chromium")]

EVIL = "\"'><img src=x data-evil onerror=alert(1)><script data-evil>alert(2)</script>{{ 7*7 }}\u202eзадом\x1b[31m"
"""Closes an attribute, opens elements, asks a template to reckon, turns the direction of what follows."""
LINK = "javascript:alert(3)"
RISK = """
[[search]]
key = "rumour"
name = '{name}'
query = "вода"
topic = "Нет воды"
rule = "frequency"
at_least = 2
within = "3h"
risk = true
"""
TABLE = """address,lat,lon,district
"ул. Ленина, 5",56.1,60.1,Центральный
"ул. Мира, 9",56.11,60.12,Центральный
"""
SQUARE = [[[60, 56], [60.2, 56], [60.2, 56.2], [60, 56.2], [60, 56]]]
LOOK = """() => [...document.querySelectorAll("*")].filter(one =>
  one.hasAttribute("data-evil") || /^javascript:/i.test(one.href || "") || one.matches("script:not([src^='/static/'])")
  || [...one.attributes].some(given => given.name.startsWith("on")) || one.hasAttribute("style") && !one.closest("#map")
).map(one => one.outerHTML.slice(0, 200))"""

WIDE = """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll("main *")]
  .filter(one => one.getBoundingClientRect().right > innerWidth).map(one => one.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    otklik = Otklik(tmp_path_factory.mktemp("town"))
    name = EVIL.replace("'", "’").replace("\x1b", "").replace("\u202e", "")
    city = otklik.city(searches=SEARCHES + RISK.replace("{name}", name))
    shape = {"type": "Feature", "properties": {"name": EVIL}, "geometry": {"type": "Polygon", "coordinates": SQUARE}}
    (otklik.folder / "addresses.csv").write_text(TABLE, encoding="utf-8")
    collection = json.dumps({"type": "FeatureCollection", "features": [shape]})
    (otklik.folder / "districts.geojson").write_text(collection, encoding="utf-8")
    files = '\n[gazetteer]\naddresses = "addresses.csv"\ndistricts = "districts.geojson"\n'
    city.write_text(city.read_text("utf-8") + files, encoding="utf-8")
    said = [
        f"Вода ушла {EVIL}",
        f"Нет воды на улице Мира, 9 {EVIL}",
        *(f"Запах газа на улице Ленина, 5 {EVIL}{again}" for again in ("", " снова")),
    ]
    assert otklik("ingest", city, input=posts(*said, title=EVIL, author=EVIL)).code == 0
    with opened(otklik) as installation:
        employ(installation, boss=Role.ADMINISTRATOR)
        poison(installation)
        yield installation


def poison(installation: Installation) -> None:
    """What is not taken from anybody as it is, put there all the same."""
    with installation.database.begin() as connection:
        made = users.hashed(PASSWORD)
        users.add(connection, "evil", made, Role.OPERATOR, shown=EVIL.replace("\x1b", ""), at=installation.clock.now())
        title = incidents.c.title
        whole = dict.fromkeys(("topic", "executor", "assignee", "route"), EVIL)
        connection.execute(incidents.update().values(title=sa.literal(EVIL) + " — " + title, **whole))
        for row in connection.execute(sa.select(incidents)).all():
            if row.place:
                place = {**row.place, "name": EVIL, "district": EVIL, "type": ""}
                connection.execute(incidents.update().where(incidents.c.id == row.id).values(place=place))
            note = {"at": row.opened_at, "who": EVIL, "text": EVIL, "removed": False}
            connection.execute(notes.insert().values(city="ozersk", incident=row.id, **note))
            said = {"at": row.opened_at, "who": EVIL, "what": EVIL, "subjects": [EVIL], "reason": EVIL, "digest": ""}
            connection.execute(events.insert().values(city="ozersk", incident=row.id, **said))
            told = {"destination": EVIL, "external_id": EVIL, "last_error": EVIL, "state": "dead", "key": str(row.id)}
            times = {"next_at": row.opened_at, "created_at": row.opened_at, "attempts": 1, "payload_digest": ""}
            connection.execute(
                deliveries.insert().values(city="ozersk", incident=row.id, sequence=1, sent_sequence=0, **told, **times)
            )
        for one in connection.execute(sa.select(post_versions)).all():
            here = sa.and_(post_versions.c.post == one.post, post_versions.c.version == one.version)
            connection.execute(post_versions.update().where(here).values(content={**one.content, "url": LINK}))
        connection.execute(posts_table.update().values(author=EVIL))
        for found in connection.execute(sa.select(reports)).all():
            reasons = [{**reason, "name": EVIL} for reason in found.reasons]
            connection.execute(reports.update().where(reports.c.id == found.id).values(reasons=reasons))


PAGES = (
    *(
        "queue",
        "queue?at=2",
        "incidents/1",
        "incidents/2",
        "incidents/1/executor",
        "incidents/1/join",
        "incidents/2/split",
    ),
    *(
        "risks",
        "map",
        "map?at=1",
        "search?q=вода",
        "search?q=вода&whole=1",
        "saved",
        "saved/file:rumour",
        "sources",
        "report",
        "story",
    ),
    *(
        "queue?find={evil}",
        "search?q={evil}",
        "map?topic={evil}",
        "saved?find={evil}",
        "sources?view={evil}",
        "register",
    ),
)


@pytest.fixture(scope="module")
def page(attacked: Installation) -> Iterator[Page]:
    with served(attacked) as port, chromium() as browser:
        context = browser.new_context(locale="ru-RU", bypass_csp=True, base_url=f"http://127.0.0.1:{port}")
        page = context.new_page()
        page.goto("/sign-in")
        page.fill("#u", "boss")
        page.fill("#p", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_selector(".bar")
        yield page


@pytest.mark.parametrize("path", PAGES)
def test_nothing_of_it_becomes_a_page_of_its_own(page: Page, path: str) -> None:
    alarms: list[str] = []

    def alarm(dialog: Dialog) -> None:
        alarms.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", alarm)
    answer = page.goto(f"/ozersk/{path.replace('{evil}', 'А' + EVIL.replace('&', ''))}")
    assert answer is not None
    assert answer.status in {200, 400}
    if path.startswith("map?at"):
        page.wait_for_selector(".mappop")
        assert "data-evil" in page.locator(".mappop").inner_text()
    if path == "map":
        assert "data-evil" in page.locator(".maplabel-district").inner_html()
    page.wait_for_load_state("networkidle")
    assert page.evaluate(LOOK) == []
    text = page.content()
    assert "\u202e" not in text
    assert page.evaluate(WIDE) == []
    assert alarms == []


def test_what_was_typed_comes_back_as_it_was_typed(page: Page) -> None:
    typed = EVIL.replace("\x1b", "").replace("\u202e", "")
    page.goto("/ozersk/incidents/2/split")
    assert page.locator("[name=post]").count() == 2
    page.fill("#to", typed)
    page.fill("#wy", typed)
    page.locator(".dlg-f .btn-p").click()
    page.locator(".refused").wait_for()
    assert page.evaluate(LOOK) == []
    assert (page.locator("#to").input_value(), page.locator("#wy").input_value()) == (typed, typed)
    assert "<script" in page.locator(".refused").inner_text()
    page.goto("/ozersk/queue")
    page.locator(".row .ck").first.check()
    page.locator("#bulk button[value=put_off]").click()
    page.locator(".dlg-page").wait_for()
    assert page.evaluate(LOOK) == []
    page.goto("/ozersk/incidents/2/join")
    page.fill("#ot", "1")
    page.locator(".dlg-f .btn-p").click()
    page.locator(".refused").wait_for()
    assert page.evaluate(LOOK) == []
    assert page.evaluate(WIDE) == []


def test_it_is_shown_for_what_it_is(page: Page) -> None:
    page.goto("/ozersk/incidents/1")
    told = page.locator("main").inner_text()
    assert told.count("<script data-evil>alert(2)</script>{{ 7*7 }}□задом") > 5
    page.goto("/people")
    assert "data-evil" in page.locator("main").inner_text()
    assert page.evaluate(LOOK) == []

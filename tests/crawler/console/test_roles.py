import re
from html.parser import HTMLParser

import pytest

from crawler.accounts import users
from crawler.accounts.roles import MAY, Permission, Role
from crawler.console.pages import PAGES
from crawler.console.routing import Page
from crawler.installation import Installation
from tests.consoles import PASSWORD, Visitor

NAMED = {
    "city": "ozersk",
    "number": "1",
    "name": "reader",
    "digest": "0" * 32,
    "language": "en",
    "form": "csv",
    "search": "file:gas",
    "z": "0",
    "x": "0",
    "y": "0",
}
GUARDED = [page for page in PAGES if page.may is not None]


def path_of(page: Page) -> str:
    return re.sub(r"\{(\w+)\}", lambda name: NAMED[name[1]], page.path)


def ids(page: Page) -> str:
    return f"{page.method} {page.path}"


def test_only_the_sign_in_and_the_language_are_for_anybody() -> None:
    assert {ids(page) for page in PAGES if page.may is None} == {
        "GET /sign-in",
        "POST /sign-in",
        "GET /language/{language}",
    }
    assert all(
        page.may is not Permission.READ for page in GUARDED if page.method == "POST" and page.path != "/sign-out"
    )


@pytest.mark.parametrize("role", Role)
def test_every_page_asks_who_one_is_and_what_one_may(role: Role, port: int) -> None:
    visitor = Visitor(port)
    visitor.sign_in(role.value)
    csrf = visitor.get("/people").hidden("csrf")
    for page in GUARDED:
        if page.path == "/sign-out":
            continue
        path = path_of(page)
        stranger = Visitor(port)
        asked = stranger.get(path) if page.method == "GET" else stranger.post(path, {"csrf": csrf})
        assert (asked.status, asked.location[:8]) == (303, "/sign-in"), ids(page)
        if page.method == "POST":
            assert visitor.post(path, {}).status == 403, ids(page)
            assert visitor.post(path, {"csrf": "0" * 32}).status == 403, ids(page)
        answer = visitor.get(path) if page.method == "GET" else visitor.post(path, {"csrf": csrf})
        assert page.may is not None
        allowed = page.may in MAY[role]
        assert (answer.status == 403) is not allowed, (ids(page), answer.status)
        assert answer.status < 500


def test_a_form_of_another_session_does_nothing(port: int) -> None:
    other, operator = Visitor(port), Visitor(port)
    other.sign_in("administrator")
    operator.sign_in("operator")
    csrf = other.get("/ozersk/queue").hidden("csrf")
    assert operator.post("/ozersk/incidents/1/decide", {"csrf": csrf, "decision": "confirm"}).status == 403


class _Controls(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.actions: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "form" and dict(attrs).get("method") == "post":
            self.actions.append(dict(attrs).get("action") or "")


@pytest.mark.parametrize("role", Role)
def test_nobody_is_offered_what_they_may_not(role: Role, port: int) -> None:
    visitor = Visitor(port)
    visitor.sign_in(role.value)
    offered = _Controls()
    for path in (
        "/ozersk/queue",
        "/ozersk/incidents/1",
        "/ozersk/search",
        "/ozersk/saved",
        "/ozersk/saved/file:gas",
        "/people",
    ):
        offered.feed(visitor.get(path).text)
    posts = [page for page in PAGES if page.method == "POST"]
    for action in offered.actions:
        page = next(one for one in posts if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one.path), action))
        assert page.may is None or page.may in MAY[role], action


def test_a_city_that_is_not_theirs_is_not_there(port: int) -> None:
    administrator = Visitor(port)
    administrator.sign_in("administrator")
    # The form knows the cities of the console only: what is not among them is left out.
    added = administrator.act(
        "/people",
        "/people",
        name="far",
        shown="",
        role="operator",
        password="long enough 1",
        again="long enough 1",
        city="ozersk",
    )
    assert added.location.startswith("/people?added=")
    far = Visitor(port)
    far.sign_in("far", "long enough 1")
    assert far.get("/ozersk/queue").status == 200
    assert far.get("/elsewhere/queue").status == 404
    assert far.get("/ozersk/incidents/999").status == 404
    for path in (
        "/ozersk/incidents/%2e%2e%2f1",
        "/static/../templates/base.html",
        "/static/%2e%2e/names.py",
        "/ozersk/incidents/1e3",
    ):
        assert far.get(path).status == 404, path


def test_who_has_not_all_cities_gives_and_changes_no_more_than_their_own(port: int, installation: Installation) -> None:
    secret = users.hashed(PASSWORD)
    with installation.database.begin() as connection:
        at = installation.clock.now()
        users.add(connection, "local", secret, Role.ADMINISTRATOR, cities=["ozersk"], at=at)
        users.add(connection, "stranger", secret, Role.READER, cities=["elsewhere"], at=at)
    local = Visitor(port)
    local.sign_in("local")
    page = local.get("/people").text
    assert "stranger" not in page
    form = {"shown": "", "role": "administrator", "password": PASSWORD, "again": PASSWORD}
    assert local.act("/people", "/people", name="mine", **form).status == 303
    assert local.act("/people", "/people", name="far", city="elsewhere", **form).status == 400
    for name in ("administrator", "stranger"):
        assert local.act("/people", f"/people/{name}/password", password=PASSWORD, again=PASSWORD).status == 403
        assert local.act("/people", f"/people/{name}/active", active="no").status == 403
    assert local.act("/people", "/people/mine/active", active="no").status == 303
    with installation.database.read() as connection:
        made = {one.name: one for one in users.everyone(connection)}
    assert (made["mine"].cities, made["mine"].active) == (frozenset({"ozersk"}), False)
    assert "far" not in made
    assert made["stranger"].active


def _cities_of(installation: Installation, name: str) -> frozenset[str]:
    with installation.database.read() as connection:
        return users.get(connection, name).cities


def test_cities_of_a_person_are_changed_and_their_open_session_sees_it(port: int, installation: Installation) -> None:
    administrator, operator = Visitor(port), Visitor(port)
    administrator.sign_in("administrator")
    operator.sign_in("operator")
    assert operator.get("/ozersk/queue").status == 200
    with installation.database.begin() as connection:
        users.set_cities(connection, "operator", ["elsewhere"])
    assert operator.get("/ozersk/queue").status == 404
    # A city that this console does not show stays among what can be ticked.
    assert 'value="elsewhere" checked' in administrator.get("/people").text
    both = administrator.act("/people", "/people/operator/cities", city=["ozersk", "elsewhere"])
    assert both.location == "/people"
    assert operator.get("/ozersk/queue").status == 200
    assert _cities_of(installation, "operator") == {"ozersk", "elsewhere"}
    assert administrator.act("/people", "/people/operator/cities", city="ozersk").status == 303
    assert administrator.act("/people", "/people/operator/cities", all="yes").status == 303
    assert _cities_of(installation, "operator") == frozenset()
    page = administrator.get("/people").text
    assert "cities changed: elsewhere → elsewhere,ozersk" in page
    assert "cities changed: ozersk → every city" in page
    assert "cities changed" not in operator.get("/people").text


def test_what_colleagues_call_a_person_is_changed_by_who_may(port: int, installation: Installation) -> None:
    with installation.database.begin() as connection:
        users.add(
            connection,
            "local",
            users.hashed(PASSWORD),
            Role.ADMINISTRATOR,
            cities=["ozersk"],
            at=installation.clock.now(),
        )
    administrator, operator, local = Visitor(port), Visitor(port), Visitor(port)
    for visitor, name in ((administrator, "administrator"), (operator, "operator"), (local, "local")):
        visitor.sign_in(name)
    change = "/people/operator/shown"
    assert local.act("/people", change, shown="Не тот").status == 403
    refused = administrator.act("/people", change, shown=" ")
    assert (refused.status, "is empty" in refused.text) == (409, True)
    assert administrator.act("/people", change, shown="Analyst reader <b>").status == 303
    page = administrator.get("/people").text
    assert "name for colleagues changed: operator → Analyst reader &lt;b&gt;" in page
    assert 'name="shown" maxlength="80" autocomplete="off" required value="Analyst reader &lt;b&gt;"' in page
    # Their session goes on, under the new name.
    assert "Analyst reader" in operator.get("/ozersk/queue").text


def test_who_is_added_gets_the_cities_that_were_ticked_and_is_told_of(port: int, installation: Installation) -> None:
    administrator = Visitor(port)
    administrator.sign_in("administrator")
    page = administrator.get("/people?from=ozersk").text
    assert 'href="/ozersk/queue"' in page
    assert 'href="/ozersk/report"' in page
    assert re.search(r'name="all" value="yes" checked', page)
    form = {"name": "vera", "shown": "Вера", "role": "operator", "password": PASSWORD, "again": PASSWORD}
    assert "Tick a city at least" in administrator.act("/people", "/people", **form).text
    assert "leave one of them" in administrator.act("/people", "/people", all="yes", city="ozersk", **form).text
    added = administrator.act("/people", "/people", city="ozersk", **form)
    assert re.search(r'role="status">.*Added: Вера \(vera\), operator', administrator.get(added.location).text)
    assert _cities_of(installation, "vera") == {"ozersk"}


def test_no_form_takes_all_cities_by_a_slip(port: int, installation: Installation) -> None:
    administrator = Visitor(port)
    administrator.sign_in("administrator")
    change = "/people/operator/cities"
    assert "Tick a city at least" in administrator.act("/people", change).text
    assert "leave one of them" in administrator.act("/people", change, all="yes", city="ozersk").text
    assert administrator.act("/people", change, city="nowhere").status == 400
    assert administrator.act("/people", "/people/nobody/cities", city="ozersk").status == 409
    last = administrator.act("/people", "/people/administrator/cities", city="ozersk")
    assert (last.status, "last administrator of all cities" in last.text) == (409, True)
    assert _cities_of(installation, "operator") == _cities_of(installation, "administrator") == frozenset()


def test_an_administrator_of_some_cities_gives_no_others(port: int, installation: Installation) -> None:
    secret = users.hashed(PASSWORD)
    with installation.database.begin() as connection:
        at = installation.clock.now()
        users.add(connection, "local", secret, Role.ADMINISTRATOR, cities=["ozersk"], at=at)
        users.add(connection, "both", secret, Role.READER, cities=["ozersk", "elsewhere"], at=at)
        users.add(connection, "mine", secret, Role.READER, cities=["ozersk"], at=at)
    local = Visitor(port)
    local.sign_in("local")
    for name in ("both", "operator"):
        assert local.act("/people", f"/people/{name}/cities", city="ozersk").status == 403
    assert local.act("/people", "/people/mine/cities", city="elsewhere").status == 400
    assert local.act("/people", "/people/mine/cities", all="yes").status == 400
    assert local.act("/people", "/people/mine/cities", city="ozersk").status == 303
    assert _cities_of(installation, "mine") == {"ozersk"}


def test_the_journal_of_people_has_what_was_changed_and_nothing_else(port: int) -> None:
    administrator = Visitor(port)
    administrator.sign_in("administrator")

    def listed() -> list[str]:
        names = "person added|role changed|cities changed|password changed|let in again|shut out"
        return re.findall(rf"(?:{names})\b", administrator.get("/people").text)

    before = listed()
    for path, form in (("role", {"role": "operator"}), ("active", {"active": "yes"}), ("cities", {"all": "yes"})):
        assert administrator.act("/people", f"/people/operator/{path}", **form).status == 303
    assert listed() == before
    assert administrator.act("/people", "/people/operator/password", password=PASSWORD, again=PASSWORD).status == 303
    assert listed() == ["password changed", *before]

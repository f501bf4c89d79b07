from collections.abc import Callable
from datetime import timedelta

import pytest

from crawler.accounts import devices, users
from crawler.accounts.sessions import FREE_TRIES, IDLE, PAUSE, TRIES
from crawler.console.options import Options
from crawler.installation import Installation
from tests.consoles import PASSWORD, Visitor, served
from tests.recording import StillClock


def test_who_is_not_signed_in_comes_back_to_where_they_went(visitor: Visitor) -> None:
    answer = visitor.get("/ozersk/queue?view=new&find=газ".replace("газ", "%D0%B3%D0%B0%D0%B7"))
    assert answer.status == 303
    assert answer.location.startswith("/sign-in?next=/ozersk/queue%3Fview%3Dnew")
    answer = visitor.sign_in("Operator", back="/ozersk/queue?view=new")
    assert (answer.status, answer.location) == (303, "/ozersk/queue?view=new")
    assert visitor.get("/ozersk/queue?view=new").status == 200


def test_a_form_of_an_ended_session_is_said_to_have_recorded_nothing(visitor: Visitor) -> None:
    sent = visitor.post("/ozersk/incidents/1/take", {"csrf": "old"}, Referer="http://x/ozersk/incidents/1")
    assert (sent.status, sent.location) == (303, "/sign-in?next=/ozersk/incidents/1&lost=yes")
    page = visitor.get(sent.location)
    assert "Nothing was recorded" in page.text
    assert page.hidden("next") == "/ozersk/incidents/1"
    assert "Nothing was recorded" not in visitor.get("/sign-in").text


@pytest.mark.parametrize(
    "back", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "/a\nb"]
)
def test_nobody_is_led_elsewhere(visitor: Visitor, back: str) -> None:
    assert visitor.sign_in("operator", back=back).location == "/"
    assert visitor.get("/language/en?next=//evil.example").location == "/"


def test_a_session_is_new_at_every_sign_in_and_ends_with_signing_out(port: int) -> None:
    visitor = Visitor(port, cookies={"otklik": "chosen-by-an-attacker"})
    visitor.sign_in("operator")
    first = visitor.cookies["otklik"]
    assert first != "chosen-by-an-attacker"
    visitor.cookies["otklik-ticket"] = ""
    assert visitor.get("/sign-in").status == 303
    assert visitor.act("/ozersk/queue", "/sign-out").location == "/sign-in"
    assert "otklik" not in visitor.cookies
    visitor.cookies["otklik"] = first
    assert visitor.get("/ozersk/queue").location.startswith("/sign-in")


def test_the_cookie_is_for_this_host_only(visitor: Visitor) -> None:
    page = visitor.get("/sign-in")
    form = {"ticket": page.hidden("ticket"), "name": "operator", "password": PASSWORD}
    given = visitor.post("/sign-in", form).headers.get_all("set-cookie") or []
    session = next(value for value in given if value.startswith("otklik="))
    assert "HttpOnly" in session
    assert "SameSite=lax" in session


def test_over_https_the_cookie_is_secure_and_the_host_is_the_one_named(installation: Installation) -> None:
    with served(installation, Options(url="https://otklik.example")) as port:
        visitor = Visitor(port, host="otklik.example")
        page = visitor.get("/sign-in")
        assert "max-age" in page.headers["strict-transport-security"]
        form = {"ticket": page.hidden("ticket"), "name": "operator", "password": PASSWORD}
        given = visitor.post("/sign-in", form).headers.get_all("set-cookie") or []
        assert any(value.startswith("__Host-otklik=") and "Secure" in value and "Path=/" in value for value in given)
        assert Visitor(port).get("/sign-in").status == 403


def test_guessing_is_paused_and_the_right_password_too(visitor: Visitor) -> None:
    for left in range(TRIES - 1, 0, -1):
        answer = visitor.sign_in("operator", "wrong password")
        assert answer.status == 403
        assert f"Tries left: {left}," in answer.text
    assert "pause" in visitor.sign_in("operator", "wrong password").text
    assert visitor.sign_in("operator").status == 403
    # A colleague in the same office is not kept out.
    assert Visitor(visitor.port).sign_in("analyst").status == 303


def test_a_pause_ends(installation: Installation, clock: StillClock) -> None:
    with served(installation) as port:
        for _ in range(TRIES):
            Visitor(port).sign_in("operator", "wrong password")
        assert Visitor(port).sign_in("operator").status == 403
        clock.at += PAUSE + timedelta(seconds=1)
        assert Visitor(port).sign_in("operator").status == 303


def test_a_name_that_nobody_has_is_told_by_nothing(visitor: Visitor) -> None:
    known, unknown = visitor.sign_in("analyst", "wrong password"), visitor.sign_in("nobody", "wrong password")
    assert known.text.count("Tries left: 4") == unknown.text.count("Tries left: 4") == 1


def test_who_does_nothing_for_a_shift_signs_in_again(installation: Installation, clock: StillClock) -> None:
    with served(installation) as port:
        visitor = Visitor(port)
        visitor.sign_in("operator")
        clock.at += IDLE - timedelta(minutes=1)
        assert visitor.get("/ozersk/queue").status == 200
        clock.at += IDLE - timedelta(minutes=1)
        assert visitor.get("/ozersk/queue").status == 200
        clock.at += IDLE + timedelta(minutes=1)
        assert visitor.get("/ozersk/queue").status == 303


def test_another_password_and_a_closed_door_end_sessions(installation: Installation, operator: Visitor) -> None:
    with installation.database.begin() as connection:
        users.set_password(connection, "operator", users.hashed("another password"))
    assert operator.get("/ozersk/queue").status == 303
    assert operator.sign_in("operator").status == 403
    assert operator.sign_in("operator", "another password").status == 303
    with installation.database.begin() as connection:
        users.set_active(connection, "operator", active=False)
    assert operator.get("/ozersk/queue").status == 303
    assert operator.sign_in("operator", "another password").status == 403


def test_a_sign_in_form_of_a_stranger_is_none(visitor: Visitor) -> None:
    visitor.get("/sign-in")
    assert visitor.post("/sign-in", {"ticket": "guessed", "name": "operator", "password": PASSWORD}).status == 403
    page = visitor.get("/sign-in")
    form = {"ticket": page.hidden("ticket"), "name": "operator", "password": PASSWORD}
    assert visitor.post("/sign-in", form, Origin="https://evil.example").status == 403
    assert visitor.post("/sign-in", form, Sec_Fetch_Site="cross-site").status == 403
    assert visitor.post("/sign-in", form, Origin=f"http://127.0.0.1:{visitor.port}").status == 303


def test_another_name_of_this_machine_is_refused(port: int) -> None:
    answer = Visitor(port, host="evil.example").get("/sign-in")
    assert answer.status == 403
    assert "--url" in answer.text


def test_nothing_of_a_password_or_token_lies_in_the_state(installation: Installation, operator: Visitor) -> None:
    with installation.database.read() as connection:
        kept = "".join(
            str(row) for name in ("users", "sessions") for row in connection.exec_driver_sql(f"SELECT * FROM {name}")
        )
    assert PASSWORD not in kept
    assert operator.cookies["otklik"] not in kept
    assert "$argon2id$" in kept


def test_a_page_that_asks_by_itself_is_nobody_at_work(installation: Installation, clock: StillClock) -> None:
    with served(installation) as port:
        visitor = Visitor(port)
        visitor.sign_in("operator")
        for _ in range(13):
            clock.at += timedelta(hours=1)
            last = visitor.get("/ozersk/live?after=1", HX_Request="true", HX_Current_URL="http://x/ozersk/queue?at=2")
    assert last.status == 401
    assert last.headers["hx-redirect"] == "/sign-in?next=/ozersk/queue%3Fat%3D2"


@pytest.mark.parametrize("headers", [{"Host": "["}, {"Origin": "http://["}, {"Host": "127.0.0.1:x"}])
def test_addresses_that_are_none_are_refused(port: int, headers: dict[str, str]) -> None:
    assert Visitor(port).ask("POST", "/sign-in", b"", headers).status == 403


def guess(port: int, address: str, name: str = "operator") -> str:
    """A wrong password from an address, as a proxy tells it; what the page says."""
    guesser = Visitor(port)
    page = guesser.get("/sign-in")
    form = {"ticket": page.hidden("ticket"), "name": name, "password": "wrong password"}
    return guesser.post("/sign-in", form, X_Forwarded_For=address).text


def test_guessing_from_everywhere_slows_down_and_locks_nobody_out_where_they_were(
    installation: Installation, clock: StillClock
) -> None:
    with served(installation, Options(proxies=("127.0.0.1",))) as port:
        known, new = Visitor(port), Visitor(port)
        known.sign_in("operator")
        known.act("/ozersk/queue", "/sign-out")
        waits = []
        for number in range(FREE_TRIES + 5):
            while "pause: try again" in (said := guess(port, f"192.0.2.{number}")):
                waits.append(int(said.partition("try again in ")[2].split()[0]))
                clock.at += timedelta(seconds=waits[-1])
            assert "Tries left" in said
        assert waits == [1, 2, 4, 8, 16]
        assert "try again in 32 s" in new.sign_in("operator").text
        assert known.sign_in("operator").status == 303
        clock.at += timedelta(seconds=33)
        assert new.sign_in("operator").status == 303
        clock.at += timedelta(seconds=33)
        # Remembered although those tries are long past the pause of an address.
        clock.at += 4 * PAUSE
        assert "Tries left" in guess(port, "192.0.2.200")
        assert "try again in 2 min" in guess(port, "192.0.2.201")


def test_the_same_office_locks_nobody_out_either(port: int) -> None:
    known = Visitor(port)
    known.sign_in("operator")
    known.act("/ozersk/queue", "/sign-out")
    for _ in range(TRIES):
        guess(port, "")
    assert Visitor(port).sign_in("operator").status == 403
    assert known.sign_in("operator").status == 303


def test_a_known_browser_has_so_many_tries_too(port: int) -> None:
    known = Visitor(port)
    known.sign_in("operator")
    known.act("/ozersk/queue", "/sign-out")
    for _ in range(TRIES):
        assert known.sign_in("operator", "wrong password").status == 403
    assert known.sign_in("operator").status == 403
    # Another browser and another name are not concerned.
    assert Visitor(port).sign_in("operator").status == 303
    assert known.sign_in("analyst").status == 303


@pytest.mark.parametrize(
    "change", [lambda mark: mark[:-1] + "x", lambda mark: "f" * 32 + mark[32:], lambda _: "~".join(["a-1-b"] * 99)]
)
def test_a_mark_that_was_made_up_counts_as_none(port: int, change: Callable[[str], str]) -> None:
    known = Visitor(port)
    known.sign_in("operator")
    known.act("/ozersk/queue", "/sign-out")
    known.cookies["otklik-device"] = change(known.cookies["otklik-device"])
    for _ in range(TRIES):
        guess(port, "")
    assert known.sign_in("operator").status == 403


def test_a_browser_is_known_by_each_of_its_people_and_for_so_long(installation: Installation) -> None:
    keys, at = installation.keys, installation.clock.now()
    cookie = devices.with_mark(keys, devices.with_mark(keys, "", "anna", at), "boris", at)
    marks = {devices.known(keys, cookie, name, at) for name in ("Anna ", "boris")}
    assert len(marks - {""}) == 2
    assert devices.known(keys, cookie, "vera", at) == ""
    assert devices.known(keys, cookie, "anna", at + devices.LASTS) == ""
    for _ in range(20):
        cookie = devices.with_mark(keys, cookie, "anna", at)
    assert cookie.count("~") == 1


def test_nobody_is_believed_to_speak_for_another_address(port: int) -> None:
    for number in range(TRIES):
        said = guess(port, f"192.0.2.{number}")
    assert "pause" in said
    assert "pause" in guess(port, "192.0.2.77")


def test_two_tabs_sign_in_whichever_is_first(visitor: Visitor) -> None:
    first, second = visitor.get("/sign-in?next=/ozersk/map"), visitor.get("/sign-in")
    for page, where in ((first, "/ozersk/map"), (second, "/")):
        form = {"ticket": page.hidden("ticket"), "next": page.hidden("next"), "name": "operator", "password": PASSWORD}
        answer = visitor.post("/sign-in", form)
        assert (answer.status, answer.location) == (303, where)
        assert visitor.get("/ozersk/queue").status == 200
    # Somebody else at the same computer is let in by their own password alone.
    form |= {"name": "analyst", "password": "wrong password"}
    assert visitor.post("/sign-in", form).status == 403
    assert visitor.post("/sign-in", form | {"password": PASSWORD}).status == 303
    assert "analyst" in visitor.get("/ozersk/queue").text

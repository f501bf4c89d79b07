"""What an open page is told while it is looked at: what differs, and nothing else."""

import json
import re

import pytest

from crawler.console.presence import FOR, Presence
from crawler.installation import Installation
from search import events, live
from search.events import Event
from tests.consoles import Visitor
from tests.shell import Otklik, posts

NUMBERS = re.compile(r'id="row-(\d+)"')


class Page:
    """A page with what it asks by itself, as console.js adds it: rows, and the incident that is open."""

    def __init__(self, visitor: Visitor, path: str, opened: int = 0) -> None:
        self.visitor = visitor
        self.text = visitor.get(path).text
        seen = re.search(r'data-seen="(\d+)"', self.text)
        self.more = f"&rows={'-'.join(NUMBERS.findall(self.text))}"
        if opened and seen:
            self.more += f"&open={opened}&seen={seen[1]}"

    def ask(self) -> str:
        """What it is told, after which it knows it."""
        answer = self.visitor.get(self._address() + self.more, HX_Request="true")
        assert answer.status == 200
        self.text = answer.text
        return answer.text

    def _address(self) -> str:
        found = re.search(r'id="poll" hx-get="([^"]+)"', self.text)
        assert found
        return found[1].replace("&amp;", "&")


@pytest.fixture
def colleague(port: int) -> Visitor:
    made = Visitor(port)
    assert made.sign_in("administrator").status == 303
    return made


def parts(text: str) -> list[str]:
    """The parts of rows in an answer, without the clocks that merely went on: a minute ends whenever it does."""
    found = re.findall(r'id="((?:clk|rt|rv|rw)-\d+)"', text)
    return [one for one in found if not one.startswith("clk-") or one.replace("clk", "rt") in found]


def clocks(text: str) -> set[str]:
    """The clocks in an answer."""
    return set(re.findall(r'id="(clk-\d+)"', text))


def test_what_came_since_waits_behind_one_line(operator: Visitor, town: Otklik) -> None:
    page = Page(operator, "/ozersk/queue")
    assert "qnew" not in page.ask().replace("qnews", "")
    line = json.loads(posts("Запах газа на улице Мира, 9")) | {"id": "later"}
    given = json.dumps(line, ensure_ascii=False)
    assert town("ingest", town.folder / "ozersk.toml", input=given).code == 0
    told = page.ask()
    assert "1 new" in told
    assert 'id="tab-all" hx-swap-oob="true">3<' in told
    assert 'id="bar-queue" class="cnt " hx-swap-oob="true">3<' in told
    assert parts(told) == []
    assert NUMBERS.findall(operator.get("/ozersk/queue").text) == ["1", "3", "2"]


def test_a_row_that_a_colleague_changed_is_told_once(operator: Visitor, colleague: Visitor) -> None:
    page = Page(operator, "/ozersk/queue")
    assert parts(page.ask()) == []
    colleague.act("/ozersk/queue", "/ozersk/incidents/2/take")
    told = page.ask()
    assert parts(told) == ["clk-2", "rt-2", "rv-2", "rw-2"]
    assert '<span class="vh">administrator</span>' in told
    assert 'id="fig-nobodys" hx-swap-oob="true">1<' in told
    # Nothing that takes the focus or is selected comes anew.
    assert 'class="hit"' not in told
    assert "checkbox" not in told
    assert parts(page.ask()) == []


def test_clocks_go_on(operator: Visitor) -> None:
    page = Page(operator, "/ozersk/queue")
    page.text = re.sub(r"at=\d+", "at=1700000000", page.text)
    assert clocks(page.ask()) == {"clk-1", "clk-2"}


def test_an_open_incident_says_that_it_has_changed(operator: Visitor, colleague: Visitor) -> None:
    pages = [Page(operator, "/ozersk/queue?at=1", 1), Page(operator, "/ozersk/incidents/1", 1)]
    assert ["has changed" in page.ask() for page in pages] == [False, False]
    colleague.act("/ozersk/queue", "/ozersk/incidents/1/decide", decision="confirm")
    assert ["has changed" in page.ask() for page in pages] == [True, True]
    # Until it is looked at anew.
    assert "has changed" in pages[0].ask()
    assert "has changed" not in Page(operator, "/ozersk/incidents/1", 1).ask()
    assert 'id="pclk-1-1"' in pages[0].ask()


def test_who_else_looks_is_told_to_those_who_look_at_the_same(operator: Visitor, colleague: Visitor) -> None:
    mine, theirs = Page(operator, "/ozersk/incidents/1", 1), Page(colleague, "/ozersk/queue?at=1", 1)
    assert "looking:" not in mine.ask()
    assert "looking: operator" in theirs.ask()
    assert "looking: administrator" in mine.ask()
    assert "looking:" not in Page(operator, "/ozersk/incidents/2", 2).ask()


def test_who_went_away_is_forgotten() -> None:
    now = [0.0]
    presence = Presence(lambda: now[0])
    assert presence.looks("ozersk", 1, "anna") == []
    assert presence.looks("ozersk", 1, "boris") == ["anna"]
    assert presence.looks("other", 1, "clara") == []
    now[0] += FOR
    assert presence.looks("ozersk", 1, "boris") == []


def test_a_page_that_missed_very_much_is_to_be_loaded_anew(
    operator: Visitor, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_EVENTS", 5)
    row, incident = Page(operator, "/ozersk/queue"), Page(operator, "/ozersk/incidents/1", 1)

    def happen(count: int) -> None:
        event = Event(installation.clock.now(), "anna", "note", 1)
        with installation.database.begin() as connection:
            events.write(connection, installation.keys, "ozersk", [event] * count)

    happen(5)
    # An incident that was opened long before is told of by its own events.
    assert "has changed" in incident.ask()
    assert "rt-1" in row.ask()
    happen(5)
    assert "has changed" in incident.ask()
    happen(6)
    told = row.ask()
    assert "Load the page anew" in told
    assert parts(told) == []


def test_every_page_has_the_badges_and_asks(operator: Visitor) -> None:
    for path in ("queue", "risks", "map", "search", "saved", "sources", "report", "incidents/1", "register"):
        text = operator.get(f"/ozersk/{path}").text
        assert text.count('id="poll"') == 1
        assert text.count('id="bar-queue"') == 1
        assert ">2<span" in text.partition('id="bar-queue"')[2][:60]
    assert 'id="poll"' not in Visitor(operator.port).get("/sign-in").text


def test_nonsense_is_told_nothing(operator: Visitor) -> None:
    answer = operator.get(
        "/ozersk/live?since=x&at=-1&after=9&open=77&seen=&rows=1-x-99999999999-%D9%A3-77&back=//evil", HX_Request="true"
    )
    assert answer.status == 200
    assert "evil" not in answer.text
    assert parts(answer.text) == ["clk-1", "rt-1", "rv-1", "rw-1"]

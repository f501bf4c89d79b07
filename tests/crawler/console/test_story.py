import json
import re
from html import unescape
from urllib.parse import quote, urlencode

import pytest

from search.state.apart import listed
from tests.commands.test_stories import BRIDGE, CHESS, news_lines
from tests.consoles import Visitor
from tests.crawler.console.conftest import opened
from tests.shell import Otklik

FIRST, SECOND, THIRD = (f"given:ingest/n{number}" for number in range(3))
STORY = "/ozersk/story"


@pytest.fixture
def told(town: Otklik) -> Otklik:
    """Two news of one bridge, the second of which speaks of gas too, and one of chess."""
    gas = "Запах газа почувствовали у моста на улице Ленина, 5. "
    assert town("ingest", town.folder / "ozersk.toml", input=news_lines(BRIDGE[0], gas + BRIDGE[1], CHESS)).code == 0
    return town


def of(post: str) -> str:
    return f"{STORY}?{urlencode({'post': post})}"


@pytest.mark.usefixtures("told")
def test_a_hit_says_how_many_more_tell_of_it_and_leads_to_the_whole_story(operator: Visitor) -> None:
    page = operator.get(f"/ozersk/search?q={quote('мост')}").text
    links = re.findall(r'<a href="(/ozersk/story[^"]+)">.*?more about this: (\d)', page)
    assert [(unescape(link), more) for link, more in links] == [(of(SECOND), "1"), (of(FIRST), "1")]
    story = operator.get(of(SECOND)).text
    assert "2 posts" in story
    assert "begins the story" in story
    assert "озердорстрой" in story
    within = re.search(r'href="(/ozersk/search\?q=story[^"]+)"', story)
    assert within
    assert operator.get(unescape(within[1])).text.count("<li data-row>") == 2
    assert "Мост через реку" in operator.get(STORY).text
    assert "It is of no story" in operator.get(of(THIRD)).text
    assert operator.get(of("given:ingest/none")).status == 404


def test_an_operator_takes_a_post_out_of_a_story_and_takes_that_back(operator: Visitor, told: Otklik) -> None:
    pair = {"post": SECOND, "other": FIRST}
    refused = operator.act(of(SECOND), f"{STORY}/apart", **pair, why=" ")
    assert refused.status == 409
    assert "A decision needs a reason" in refused.text
    done = operator.act(of(SECOND), f"{STORY}/apart", **pair, why="другой мост")
    assert (done.status, done.location) == (303, f"{of(FIRST)}&done=apart")
    page = operator.get(done.location).text
    assert "It is of no story" in page
    assert "другой мост" in page
    assert "more about this" not in operator.get(f"/ozersk/search?q={quote('мост')}").text
    with opened(told) as installation, installation.database.read() as connection:
        (decision,) = listed(connection, "ozersk")
    assert (decision.post, decision.other, decision.who, decision.why) == (SECOND, FIRST, "operator", "другой мост")
    back = operator.act(of(FIRST), f"{STORY}/together", **pair)
    assert back.location == f"{of(FIRST)}&done=together"
    assert "2 posts" in operator.get(back.location).text
    again = operator.act(of(FIRST), f"{STORY}/together", **pair)
    assert again.status == 409


@pytest.mark.usefixtures("told")
def test_who_may_not_decide_sees_the_story_and_no_form(port: int) -> None:
    reader = Visitor(port)
    reader.sign_in("reader")
    page = reader.get(of(SECOND)).text
    assert "2 posts" in page
    assert "/story/apart" not in page


@pytest.mark.usefixtures("told")
def test_an_incident_names_what_else_tells_of_it(operator: Visitor) -> None:
    queue = operator.get(f"/ozersk/search?q={quote('газ мост')}").text
    number = re.findall(r'href="/ozersk/incidents/(\d+)"', queue)
    assert number
    page = operator.get(f"/ozersk/incidents/{number[0]}").text
    assert "Also about this" in page
    assert "Мост через реку" in page
    assert unescape(page).count(of(FIRST)) == 1
    assert "Also about this" not in operator.get("/ozersk/incidents/2").text


@pytest.mark.parametrize("form", ["csv", "jsonl", "xlsx"])
def test_exports_tell_the_story(told: Otklik, form: str) -> None:
    path = told.folder / f"out.{form}"
    assert told("export", told.folder / "ozersk.toml", "мост", path).code == 0
    if form == "jsonl":
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        assert {row["story"] for row in rows} == {FIRST}
    elif form == "csv":
        head, *lines = path.read_text(encoding="utf-8-sig").splitlines()
        column = head.split(";").index("story")
        assert {line.split(";")[column] for line in lines} == {FIRST}
    else:
        assert b"PK" in path.read_bytes()[:2]


def test_a_story_that_nobody_has_is_remarked(told: Otklik) -> None:
    lint = told("lint", told.folder / "ozersk.toml", f'story:"{FIRST}"', "--json")
    assert [one for one in lint.lines if one.get("code") == "never-occurs"] == []
    lint = told("lint", told.folder / "ozersk.toml", "story:nothing", "--json")
    assert "never-occurs" in lint.out


def test_stories_are_a_section_of_the_bar(operator: Visitor) -> None:
    bar = operator.get("/ozersk/queue").text.partition('class="nav"')[2].partition("</nav>")[0]
    assert 'href="/ozersk/story"' in bar
    assert re.search(r'href="/ozersk/story"[^>]* aria-current="page"', operator.get(STORY).text)

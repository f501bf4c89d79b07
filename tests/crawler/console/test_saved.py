import io
import json
import re
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from crawler.accounts.roles import Role
from crawler.console import looking_back
from crawler.installation import Installation
from crawler.model.city import SavedSearch
from crawler.model.rules import By, Rule, RuleKind
from crawler.replay import ingest
from search import saving
from search.state import archive
from tests.consoles import Visitor, employ, served
from tests.crawler.console.conftest import opened
from tests.recording import StillClock
from tests.search.plans import queries
from tests.shell import SEARCHES, Otklik, posts

PAGE = "/ozersk/saved"
DRAFT = {"name": "Лужи", "q": "лужа двор", "topic": "Ямы", "severity": "low", "window": "72", "rule": "any"}


@pytest.fixture
def analyst(port: int) -> Visitor:
    made = Visitor(port)
    assert made.sign_in("analyst").status == 303
    return made


def kept(analyst: Visitor, **changed: object) -> str:
    answer = analyst.act(f"{PAGE}/new", f"{PAGE}/new", do="save", seen="0", **{**DRAFT, **changed})
    assert answer.status == 303, answer.text
    return answer.location.partition("?")[0]


def test_incidents_a_day_are_of_all_days_that_an_installation_has_watched(town: Otklik, operator: Visitor) -> None:
    def per_day() -> list[str]:
        return re.findall(r'<span class="n num">([^<]+)</span>', operator.get(PAGE).text)

    town.change("UPDATE incidents SET opened_at = opened_at - 100 * 86400000000 WHERE number = 1")
    # The other was opened today, and for 29 days before it there was none.
    assert per_day() == ["0.0"] * 3


def test_the_list_has_groups_and_figures_and_every_role_may_look(operator: Visitor) -> None:
    page = operator.get(PAGE).text
    assert re.findall(r'<h3 class="gh">([^<]+)</h3>', page) == ["Вода", "Газ", "Дороги"]
    page = operator.get(f"{PAGE}/file:gas").text
    assert "of the city file" in page
    assert 'Incidents in 30 days: <b class="num">1</b>' in page
    assert 'value="save"' not in page
    assert 'name="seen"' not in page
    assert operator.get(f"{PAGE}/file:none").status == 404
    narrowed = operator.get(f"{PAGE}?find={quote('газ')}").text
    assert re.findall(r'<h3 class="gh">([^<]+)</h3>', narrowed) == ["Газ"]


def test_what_operators_decide_is_its_precision(operator: Visitor) -> None:
    operator.act("/ozersk/queue", "/ozersk/incidents/1/decide", decision="confirm")
    assert (
        'By decisions on incidents people confirmed <b class="num">100 %</b>' in operator.get(f"{PAGE}/file:gas").text
    )


def test_one_is_made_changed_and_switched_off(analyst: Visitor, town: Otklik) -> None:
    here = kept(analyst)
    page = analyst.get(f"{here}?done=1").text
    assert "counts for posts that come with passes begun after" in page
    changed = analyst.act(here, here, do="save", seen="1", **{**DRAFT, "q": "лужа"})
    assert changed.status == 303
    page = analyst.get(here).text
    assert "Save version 3" in page
    assert page.count("?version=") == 2
    assert "лужа двор" in analyst.get(f"{here}?version=1").text
    assert town("backtest", town.folder / "ozersk.toml", "1", "--json").code == 0
    told = town("lint", town.folder / "ozersk.toml", "user:1", "--json")
    assert told.lines[0]["query"] == "лужа"
    assert analyst.act(here, f"{here}/state", on="no").status == 303
    assert "Switched off" in analyst.get(f"{here}?done=1").text


def test_a_run_that_is_under_way_takes_it_in_with_its_next_pass(analyst: Visitor, town: Otklik) -> None:
    def said(installation: Installation, text: str, key: str) -> set[str]:
        line = json.loads(posts(text)) | {"id": key}
        desk = installation.desks["ozersk"]
        ingest(desk, io.BytesIO(json.dumps(line).encode()))
        with desk.database.read() as connection:
            found = connection.exec_driver_sql("SELECT search FROM matches WHERE post LIKE ?", (f"%{key}",))
            return {row[0] for row in found}

    with opened(town) as running:
        assert said(running, "Лужа во дворе дома на улице Мира, 3", "before") == set()
        here = kept(analyst, q="лужа")
        assert said(running, "Большая лужа во дворе на улице Мира, 3", "after") == {"user:1"}
        analyst.act(here, f"{here}/state", on="no")
        assert said(running, "Опять лужа во дворе на улице Мира, 3", "later") == set()


def test_of_two_editors_the_second_sees_the_first_ones_version(analyst: Visitor, port: int) -> None:
    here = kept(analyst)
    boss = Visitor(port)
    boss.sign_in("administrator")
    boss.act(here, here, do="save", seen="1", **{**DRAFT, "q": "лужа парк"})
    refused = analyst.act(here, here, do="save", seen="1", **{**DRAFT, "q": "лужа сад"})
    assert refused.status == 409
    assert "administrator saved version 2" in refused.text
    assert "лужа сад" in refused.text
    assert refused.hidden("seen") == "2"
    again = analyst.act(here, here, do="save", seen="2", **{**DRAFT, "q": "лужа сад"})
    assert again.status == 303


def test_what_cannot_be_saved_stays_in_the_form_with_its_place(analyst: Visitor) -> None:
    for query, said in (("(лужа", "bracket not closed"), ("-лужа", "only")):
        answer = analyst.act(f"{PAGE}/new", f"{PAGE}/new", do="save", seen="0", **{**DRAFT, "q": query})
        assert answer.status == 409
        assert said in answer.text
        assert query in answer.text
    nameless = analyst.act(f"{PAGE}/new", f"{PAGE}/new", do="save", seen="0", **{**DRAFT, "name": " "})
    assert "Name it" in nameless.text


def test_a_check_remarks_and_looks_back_before_anything_is_saved(analyst: Visitor) -> None:
    form = {**DRAFT, "q": "газ OR воды небывальщина", "do": "check", "seen": "0", "days": "30"}
    page = analyst.act(f"{PAGE}/new", f"{PAGE}/new", **form)
    assert page.status == 200
    assert "небывальщина" in page.text
    assert "Looked back:" in page.text
    assert "Запах" in page.text
    csrf = analyst.get(f"{PAGE}/new").hidden("csrf")
    part = analyst.post(
        f"{PAGE}/file:gas",
        {"do": "check", "days": "7", "q": "nothing of the form"},
        X_CSRF_Token=csrf,
        HX_Request="true",
    )
    assert part.status == 200
    assert "<html" not in part.text
    assert 'id="checked"' in part.text
    assert len(re.findall(r'href="/ozersk/incidents/1"', part.text)) == 2
    assert "Save version" not in analyst.get(PAGE).text


def test_a_look_back_that_would_take_too_long_is_refused_and_the_draft_stays(
    analyst: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking_back, "MOST", 2)
    form = {**DRAFT, "do": "check", "seen": "0", "days": "7"}
    assert "Looked back" in analyst.act(f"{PAGE}/new", f"{PAGE}/new", **{**form, "q": "газ"}).text
    # What counts back from the clock has to read every post of the time.
    refused = analyst.act(f"{PAGE}/new", f"{PAGE}/new", **{**form, "q": "газ since:-1d"})
    assert refused.status == 409
    assert "3 posts of 7 days" in refused.text
    assert "газ since:-1d" in refused.text


def test_of_a_changed_one_what_is_added_and_gone_is_told(analyst: Visitor) -> None:
    here = kept(analyst, q="запах газа", topic="Запах газа")
    page = analyst.act(here, here, do="check", seen="1", days="30", **{**DRAFT, "q": "вода", "topic": "Запах газа"})
    assert "added <b>1</b>, gone <b>2</b>" in page.text
    assert "No longer finds" in page.text


def test_one_of_the_file_is_copied_and_not_changed(analyst: Visitor) -> None:
    page = analyst.get(f"{PAGE}/file:gas").text
    assert "make a copy" in page
    assert analyst.act(PAGE, f"{PAGE}/file:gas", do="save", seen="1", **DRAFT).status == 409
    copy = analyst.get(f"{PAGE}/new?like=file:gas").text
    assert "Запах газа, copy" in copy
    assert "&#34;запах газ&#34;~2" in copy


def test_what_was_looked_for_becomes_a_draft(analyst: Visitor) -> None:
    page = analyst.get("/ozersk/search?q=%D0%B3%D0%B0%D0%B7&platform=given").text
    there = re.search(r'href="(/ozersk/saved/new\?[^"]+)"', page)
    assert there
    assert "газ platform:given" in analyst.get(there[1].replace("&amp;", "&")).text


def test_hostile_names_and_queries_are_words(analyst: Visitor) -> None:
    hostile = "<script>alert(1)</script>\u202e"
    here = kept(analyst, name=hostile, q='"<script>alert(1)</script>"')
    for path in (here, PAGE, f"{PAGE}/new?like={here.rpartition('/')[2]}"):
        page = analyst.get(path)
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert " style=" not in page.text


SPIKE = {"rule": "spike", "at_least": "8", "within": "2", "unit": "h", "times": "2,5", "by": "place", "risk": "yes"}


def saved_search(otklik: Otklik, search: str) -> SavedSearch:
    with opened(otklik) as installation, installation.database.read() as connection:
        return saving.history(connection, installation.desks["ozersk"].city, search)[0].search


def test_a_rule_is_added_changed_and_removed_and_each_is_a_version(analyst: Visitor, town: Otklik) -> None:
    here = kept(analyst, **SPIKE)
    search = saved_search(town, "user:1")
    assert search.rule == Rule(RuleKind.SPIKE, 8, timedelta(hours=2), 2.5, By.PLACE)
    assert search.risk
    page = analyst.get(here).text
    assert '<option value="spike" selected>' in page
    assert 'name="at_least" inputmode="numeric" maxlength="7" value="8"' in page
    flat = {**DRAFT, "rule": "flatline", "at_least": "", "within": "6", "unit": "h", "times": "9", "by": "place"}
    assert analyst.act(here, here, do="save", seen="1", **flat).status == 303
    # What a rule does not know is left out, what it can do without has the file's default.
    assert saved_search(town, "user:1").rule == Rule(RuleKind.FLATLINE, 5, timedelta(hours=6))
    assert not saved_search(town, "user:1").risk
    assert analyst.act(here, here, do="save", seen="2", **{**DRAFT, "risk": "yes"}).status == 303
    assert saved_search(town, "user:1").rule == Rule()
    assert not saved_search(town, "user:1").risk
    assert analyst.get(here).text.count("?version=") == 3


@pytest.mark.parametrize(
    ("changed", "said", "field"),
    [
        ({"at_least": "1"}, "How many posts: from 2 to 1000", 'id="rl"'),
        ({"at_least": "сто"}, "How many posts: from 2 to 1000", 'id="rl"'),
        ({"within": "8", "unit": "d"}, "from 0:15 to 7 d with this rule", 'id="rw"'),
        ({"times": "1"}, "from 1.1 to 1000", 'id="rx"'),
        ({"topic": ""}, "needs a topic", 'id="tp"'),
        ({"personal": "yes"}, "goes neither with", 'id="pr"'),
    ],
)
def test_a_wrong_field_of_a_rule_is_named_and_keeps_what_was_typed(
    analyst: Visitor, changed: dict[str, str], said: str, field: str
) -> None:
    form = {**DRAFT, **SPIKE, **changed}
    refused = analyst.act(f"{PAGE}/new", f"{PAGE}/new", do="save", seen="0", **form)
    assert refused.status == 409
    assert said in unescape(refused.text)
    marked = re.search(rf"<(?:input|select)[^>]*{field}[^>]*>", refused.text)
    assert marked
    assert 'aria-invalid="true" aria-describedby="refused"' in marked[0]
    for name in changed.keys() & {"at_least", "within", "times"}:
        assert f'value="{changed[name]}"' in refused.text
    assert '<option value="spike" selected>' in refused.text


def test_a_rule_is_looked_at_with_its_query(analyst: Visitor) -> None:
    form = {**DRAFT, **SPIKE, "q": "газ author:official", "do": "check", "seen": "0", "days": "7"}
    page = analyst.act(f"{PAGE}/new", f"{PAGE}/new", **form)
    assert page.status == 200
    assert "the rule does not count what an authority writes" in page.text
    assert "line 1, character 5" in page.text
    assert "Alarms of the rule: 0" in page.text
    raised = analyst.act(f"{PAGE}/new", f"{PAGE}/new", **{**form, "q": "газ", "by": ""}).text
    assert "None in that time. None of the posts that match can raise an alarm" in raised


def test_a_draft_without_a_name_is_looked_back_with_and_not_saved(analyst: Visitor) -> None:
    new = f"{PAGE}/new"
    checked = analyst.act(new, new, do="check", seen="0", days="30", **{**DRAFT, "name": "", "q": "газ"})
    assert checked.status == 200
    assert "Looked back:" in checked.text
    assert 'name="name" value=""' in checked.text
    assert 'value="check" formnovalidate' in checked.text
    refused = analyst.act(new, new, do="save", seen="0", **{**DRAFT, "name": ""})
    assert (refused.status, "Name it" in refused.text) == (409, True)


def test_terms_and_routes_are_called_by_what_they_say(analyst: Visitor, operator: Visitor) -> None:
    page = analyst.get(f"{PAGE}/new").text
    assert ">reaction 4:00, resolution 1 d</option>" in page
    assert ">Горгаз (Газ)</option>" in page
    shown = operator.get("/ozersk/incidents/1").text
    assert "by a route of the city</span>" in shown
    assert "by the route gas" not in shown


JUDGE = re.compile(r'name="judge" value="(yes|no|open) ([^"]+)"')


def examples_in(page: str) -> dict[str, list[str]]:
    """By post what its two buttons would do."""
    found: dict[str, list[str]] = {}
    for verdict, post in JUDGE.findall(page):
        found.setdefault(unescape(post), []).append(verdict)
    return found


def test_examples_are_judged_counted_and_held_against_later_edits(analyst: Visitor, town: Otklik) -> None:
    here = kept(analyst, q="запах OR воды", topic="Запах газа")
    form = {**DRAFT, "q": "запах OR воды", "topic": "Запах газа", "seen": "1", "days": "30"}
    page = analyst.act(here, here, do="check", **form).text
    gas, *others = [post for post in examples_in(page) if "воды" not in text_of(town, post)]
    (water,) = [post for post in examples_in(page) if "воды" in text_of(town, post)]
    assert examples_in(page)[gas] == ["yes", "no"]
    # Without scripts the form comes along, and the look back is there again.
    page = analyst.act(here, f"{here}/judge", judge=f"yes {gas}", **form).text
    assert "Looked back" in page
    assert examples_in(page)[gas] == ["open", "no"]
    csrf = analyst.get(here).hidden("csrf")
    part = analyst.post(f"{here}/judge", {"judge": f"no {water}", "seen": "1"}, X_CSRF_Token=csrf, HX_Request="true")
    assert examples_in(part.text) == {water: ["yes", "open"]}
    assert "1 of 2, found by version 1" in part.text
    assert "50 %" in analyst.get(here).text

    page = analyst.act(here, here, do="check", **{**form, "q": "воды"}).text
    assert "Would miss what is it: 1" in page
    assert "Would take what is not it: 1" in page
    assert "as version 1 does" in page
    # The examples stay with the search: the next version is counted by them too.
    assert analyst.act(here, here, do="save", **{**form, "q": "запах"}).status == 303
    page = analyst.get(here).text
    assert "100 %" in page
    assert "1 of 1, found by version 2" in page
    # Another word of a later version counts; taken back, nothing is left of either.
    analyst.act(here, f"{here}/judge", judge=f"no {gas}", **{**form, "q": "запах", "seen": "2"})
    assert "0 of 1, found by version 2" in analyst.get(here).text
    analyst.act(here, f"{here}/judge", judge=f"open {gas}", **{**form, "q": "запах", "seen": "2"})
    assert "Examples judged: 1, this version finds none" in unescape(analyst.get(here).text)
    assert others
    with opened(town) as installation, installation.database.read() as connection:
        told = connection.exec_driver_sql("SELECT what FROM events WHERE what LIKE 'example%' ORDER BY id").scalars()
        assert list(told) == ["example_fits", "example_wrong", "example_wrong", "example_open"]


def test_a_second_look_at_judged_examples_loads_no_post_and_an_edit_is_seen(analyst: Visitor, town: Otklik) -> None:
    here = kept(analyst, q="запах", topic="Запах газа")
    form = {**DRAFT, "q": "запах", "topic": "Запах газа", "seen": "1", "days": "30"}
    post, other = [*examples_in(analyst.act(here, here, do="check", **form).text)][:2]
    for one in (post, other):
        analyst.act(here, f"{here}/judge", judge=f"yes {one}", **form)
    csrf = analyst.get(here).hidden("csrf")
    with queries() as asked:
        assert "2 of 2, found by version 1" in analyst.get(here).text
        again = {"judge": f"no {post}", "seen": "1"}
        part = analyst.post(f"{here}/judge", again, X_CSRF_Token=csrf, HX_Request="true")
        assert "1 of 2, found by version 1" in part.text
    # The one that is judged is looked for, and no other.
    loads = [parameters for statement, parameters in asked if "post_versions" in statement]
    assert [other in parameters for parameters in loads] == [False]
    line = json.loads(posts("Уже ничем не пахнет")) | {"id": other.rpartition("/")[2]}
    assert town("ingest", town.folder / "ozersk.toml", input=json.dumps(line)).code == 0
    assert text_of(town, other) == "Уже ничем не пахнет"
    assert "0 of 1, found by version 1" in analyst.get(here).text


def text_of(otklik: Otklik, post: str) -> str:
    with opened(otklik) as installation, installation.database.read() as connection:
        return archive.load(connection, "ozersk", [post])[post].post.text


def test_what_was_said_of_an_example_goes_with_its_post(analyst: Visitor, town: Otklik) -> None:
    here = kept(analyst, q="запах", topic="Запах газа")
    form = {**DRAFT, "q": "запах", "topic": "Запах газа", "seen": "1", "days": "30"}
    post = next(iter(examples_in(analyst.act(here, here, do="check", **form).text)))
    analyst.act(here, f"{here}/judge", judge=f"yes {post}", **form)
    assert town("erase", town.folder / "ozersk.toml", post, "--yes").code == 0
    assert "No example was judged yet" in analyst.get(here).text
    assert analyst.act(here, f"{here}/judge", judge=f"yes {post}", **form).status == 404
    assert analyst.act(here, f"{here}/judge", judge="maybe", **form).status == 404


def test_a_search_that_is_not_saved_has_no_examples_to_judge(analyst: Visitor) -> None:
    page = analyst.act(f"{PAGE}/new", f"{PAGE}/new", do="check", seen="0", days="30", **{**DRAFT, "q": "газ"}).text
    assert examples_in(page) == {}
    assert "Once the search is saved" in page


@pytest.mark.parametrize(
    ("within", "number", "unit", "words"),
    [
        ("90s", 90, "s", "90 s"),
        ("60s", 1, "m", "0:01"),
        ("90m", 90, "m", "1:30"),
        ("36h", 36, "h", "1 d 12 h"),
        ("7d", 7, "d", "7 d"),
    ],
)
def test_any_span_that_a_city_file_may_have_is_shown_and_copied(
    tmp_path: Path, within: str, number: int, unit: str, words: str
) -> None:
    otklik = Otklik(tmp_path)
    rule = f'rule = "frequency"\nat_least = 5\nwithin = "{within}"\n'
    fast = f'\n[[search]]\nkey = "fast"\nname = "Много"\ntopic = "Запах газа"\nquery = "газ"\n{rule}'
    assert otklik("ingest", otklik.city(searches=SEARCHES + fast), input=posts("Нет воды")).code == 0
    with opened(otklik) as installation:
        employ(installation, analyst=Role.ANALYST)
        with served(installation) as port:
            analyst = Visitor(port)
            analyst.sign_in("analyst")
            for page in (f"{PAGE}/file:fast", f"{PAGE}/new?like=file:fast"):
                shown = analyst.get(page)
                assert shown.status == 200
                assert f'maxlength="7" value="{number}"' in shown.text
                assert f'<option value="{unit}" selected>' in shown.text
            assert words in analyst.get(f"{PAGE}/file:fast").text
            form = {"at_least": "5", "within": str(number), "unit": unit}
            made = kept(analyst, rule="frequency", **form)
            assert f'<option value="{unit}" selected>' in analyst.get(made).text


@pytest.mark.parametrize(("window", "sent"), [("90m", "5400s"), ("3601s", "3601s"), ("36h", "36"), ("3d", "72")])
def test_a_copy_keeps_any_window_that_a_city_file_may_have(tmp_path: Path, window: str, sent: str) -> None:
    otklik = Otklik(tmp_path)
    odd = f'\n[[search]]\nkey = "odd"\nname = "Окно"\ntopic = "Запах газа"\nquery = "газ"\nwindow = "{window}"\n'
    assert otklik("ingest", otklik.city(searches=SEARCHES + odd), input=posts("Нет воды")).code == 0
    with opened(otklik) as installation:
        employ(installation, analyst=Role.ANALYST)
        with served(installation) as port:
            analyst = Visitor(port)
            analyst.sign_in("analyst")
            for page in (f"{PAGE}/new?like=file:odd", kept(analyst, window=sent)):
                assert f'<option value="{sent}" selected>' in analyst.get(page).text


def test_the_last_word_of_an_example_counts_whichever_version_its_page_was_of(
    analyst: Visitor, port: int, clock: StillClock
) -> None:
    here = kept(analyst, q="запах", topic="Запах газа")
    form = {**DRAFT, "q": "запах", "topic": "Запах газа", "seen": "1", "days": "30"}
    post = next(iter(examples_in(analyst.act(here, here, do="check", **form).text)))
    assert analyst.act(here, here, do="save", **{**form, "q": "запах газ"}).status == 303
    other = Visitor(port)
    other.sign_in("administrator")
    other.act(here, f"{here}/judge", judge=f"no {post}", **{**form, "seen": "2"})
    clock.at += timedelta(minutes=1)
    csrf = analyst.get(here).hidden("csrf")
    part = analyst.post(f"{here}/judge", {"judge": f"yes {post}", "seen": "1"}, X_CSRF_Token=csrf, HX_Request="true")
    assert examples_in(part.text) == {post: ["open", "no"]}
    assert "1 of 1, found by version 2" in part.text
    assert "1 of 1, found by version 2" in other.get(here).text


def test_two_searches_of_one_name_are_not_kept(analyst: Visitor) -> None:
    new = f"{PAGE}/new"
    assert analyst.act(new, new, do="save", seen="0", **DRAFT).status == 303
    again = analyst.act(new, new, do="save", seen="0", **{**DRAFT, "name": " лужи ", "q": "лужа"})
    assert again.status == 409
    assert "There is a search “Лужи” already (user:1)" in again.text
    assert 'aria-invalid="true"' in again.text
    changed = analyst.act(f"{PAGE}/user:1", f"{PAGE}/user:1", do="save", seen="1", **{**DRAFT, "q": "лужа"})
    assert changed.status == 303

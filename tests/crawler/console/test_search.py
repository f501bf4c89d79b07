import csv
import io
import re
from dataclasses import replace
from html import unescape
from urllib.parse import quote, urlencode

import openpyxl
import pytest

from crawler.console.carrying import MOST_AT_ONCE, WRITING
from crawler.installation import Installation
from search import hits
from search.field_names import FIELDS
from tests.consoles import Visitor, served
from tests.crawler.console.conftest import opened, with_addresses
from tests.shell import Otklik

PAGE = "/ozersk/search"
POSTS = re.compile(r"<li data-row>")


def asked(**named: object) -> str:
    return f"{PAGE}?{urlencode(named, doseq=True)}"


@pytest.fixture
def analyst(port: int) -> Visitor:
    made = Visitor(port)
    assert made.sign_in("analyst").status == 303
    return made


def found(page: str) -> int:
    return len(POSTS.findall(page))


def test_what_is_found_is_marked_and_leads_to_its_incident(operator: Visitor) -> None:
    page = operator.get(asked(q="запах газа")).text
    assert found(page) == 2
    assert "<mark>Запах</mark>" in page
    assert 'href="/ozersk/incidents/1"' in page
    assert "Understood:" in page
    assert "«запах» and «газа»" in page
    assert found(operator.get(PAGE).text) == 3
    nothing = operator.get(asked(q="метро"))
    assert nothing.status == 200
    assert "Nothing was found" in nothing.text


def test_what_is_chosen_beside_the_query_narrows_it_and_stays_chosen(operator: Visitor) -> None:
    page = operator.get(asked(platform="given", whole="1")).text
    assert found(page) == 3
    assert re.search(r'name="platform" value="given" checked', page)
    assert found(operator.get(asked(q="газ", platform=["vk", "telegram"])).text) == 0
    assert found(operator.get(asked(q="газ", order="relevance", topic="")).text) == 2


def test_kinds_of_posts_and_who_writes_are_counted_and_narrow(operator: Visitor) -> None:
    page = operator.get(asked(whole="1")).text
    assert re.search(r'name="kind" value="appeal"[^>]*><label[^>]*>appeal</label><span class="n num">3</span>', page)
    assert re.search(r'name="role" value="unknown"[^>]*><label[^>]*>unknown</label><span class="n num">3</span>', page)
    narrowed = operator.get(asked(kind="appeal", role="unknown", whole="1")).text
    assert found(narrowed) == 3
    assert re.search(r'name="role" value="unknown" checked', narrowed)
    assert found(operator.get(asked(kind="article")).text) == 0


def test_the_head_says_how_many_posts_incidents_and_authors(operator: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    said = re.compile(r'<b class="num">(\d+)</b><span class="t2 sm">([^<]*)')
    head = said.search(operator.get(asked(q="газ", whole="1")).text)
    assert head
    assert head.groups() == ("2", "posts, 1 incident, 0 authors")
    monkeypatch.setattr(hits, "NEWEST", 1)
    assert "at least 1 incidents" in operator.get(asked(q="газ", whole="1")).text


def test_the_hits_do_not_wait_for_what_is_counted(operator: Visitor) -> None:
    page = operator.get(asked(q="газ", platform="given")).text
    assert found(page) == 2
    assert '<input type="hidden" form="look" name="platform" value="given">' in page
    counted = re.search(r'hx-get="([^"]+/around[^"]+)"', page)
    assert counted
    part = operator.get(counted[1].replace("&amp;", "&"), HX_Request="true").text
    assert "<html" not in part
    assert re.search(r'name="platform" value="given" checked', part)
    assert re.findall(r'id="(histogram|shead)" hx-swap-oob="true"', part) == ["histogram", "shead"]
    assert '<b class="num">2</b>' in part
    whole = operator.get(asked(q="газ", platform="given", whole="1")).text
    assert "/around" not in whole
    assert '<b class="num">2</b>' in whole


def test_an_error_has_a_place_and_a_repair_and_what_was_found_stays(operator: Visitor) -> None:
    answer = operator.get(asked(q='"запах газа', was="газ"))
    assert answer.status == 400
    assert "character 1." in answer.text
    assert found(answer.text) == 2
    mended = re.search(r'data-fix href="([^"]+)"', answer.text)
    assert mended
    assert found(operator.get(mended[1].replace("&amp;", "&")).text) == 2
    assert operator.get(asked(q="-", was="-")).status == 400


def test_a_query_of_many_lines_shows_the_line_of_its_error(operator: Visitor) -> None:
    page = operator.get(asked(q="газ OR\nплащадка:vk")).text
    assert "<b>плащадка:</b>" in page
    assert "площадка:" in page


def test_hostile_words_stay_words_in_what_is_found_and_in_what_is_asked(operator: Visitor) -> None:
    for path in (asked(q="вода"), asked(q="<script>alert(1)</script>"), asked(q='"><img src=x>', was="</textarea>")):
        answer = operator.get(path)
        assert "<script>alert" not in answer.text
        assert "<img src=x" not in answer.text
        assert "</textarea><" not in answer.text.replace("</textarea></div>", "")
        assert "\u202e" not in answer.text
        assert len(answer.text) < 200_000
        assert " style=" not in answer.text


def test_a_hit_says_when_what_it_tells_of_happens(operator: Visitor, town: Otklik) -> None:
    line = '{"id": "w1", "text": "Насос отключат 15 января с 9:00 до 17:00", "published_at": "2026-01-10T12:00+03:00"}'
    assert town("ingest", town.folder / "ozersk.toml", input=line).code == 0
    page = operator.get(asked(q="насос when:2026-01-15")).text
    assert found(page) == 1
    assert re.search(r"#i-clock.*15 January( 2026)?, 09:00–17:00</span>", page)
    assert found(operator.get(asked(q="насос when:2026-01-16")).text) == 0


def test_more_is_a_page_of_its_own_and_a_part_for_htmx(operator: Visitor, town: Otklik) -> None:
    lines = "\n".join(f'{{"id": "n{at}", "text": "Яма номер {at} во дворе"}}' for at in range(25))
    assert town("ingest", town.folder / "ozersk.toml", input=lines).code == 0
    page = operator.get(asked(q="яма")).text
    assert found(page) == 20
    more = re.findall(r'hx-get="([^"]+after=[^"]+)"', page)[0].replace("&amp;", "&")
    assert found(operator.get(more).text) == 5
    part = operator.get(more, HX_Request="true").text
    assert found(part) == 5
    assert "<html" not in part
    assert operator.get(asked(q="яма", after="no token")).status == 400


def test_while_one_writes_the_server_colours_says_and_offers(operator: Visitor) -> None:
    def typing(text: str) -> str:
        named = urlencode({"q": text, "at": len(text)})
        return operator.get(f"{PAGE}/typing?{named}", HX_Request="true").text

    part = typing("вода OR pl")
    assert 'data-text="platform:"' in part
    assert 'data-text="place:"' in part
    assert '<span class="q-o">OR</span>' in part
    assert 'data-text="telegram"' in typing("platform:te")
    assert 'data-text="&#34;Запах газа&#34;"' in typing("topic:зап")
    assert 'data-start="6" data-end="6"' in typing("since:")
    assert "Not readable yet" in typing("(вода")
    assert 'role="option"' not in typing("вода ")
    assert 'role="option"' not in typing("nofield:x")


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        # Fields: by name, by what people call them, in the other layout.
        ("pl", ["platform:", "place:"]),
        ("площ", ["platform:"]),
        ("зд", ["platform:", "place:"]),
        ("ыекууе", ["street:"]),
        # Places of the archive and topics, by any word of theirs, in either layout.
        ("вода лен", ['street:"улица Ленина"']),
        ("ktyby", ['street:"улица Ленина"']),
        ("street:лен", ['"улица Ленина"']),
        ("street:ktyb", ['"улица Ленина"']),
        ('street:"улица л', ['"улица Ленина"']),
        ("place:мира", ['"улица Мира"']),
        ("улица:лен", ['"улица Ленина"']),
        ("ыекууе:лен", ['street:"улица Ленина"']),
        ("запа", ['topic:"Запах газа"']),
        # Operators.
        ("вода или", ["OR"]),
        ("вода bkb", ["OR"]),
        ("вода и", ["AND"]),
        ("вода not", ["NOT"]),
        # Nothing within a phrase, for a word of its own and for what is there already.
        ('"нет лен', []),
        ("тополь", []),
        ('street:"улица Ленина"', []),
        ("л", []),
    ],
)
def test_what_is_offered(operator: Visitor, text: str, offered: list[str]) -> None:
    path = f"{PAGE}/typing?{urlencode({'q': text, 'at': len(text)})}"
    part = operator.get(path, HX_Request="true", Accept_Language="ru").text
    there = [unescape(one) for one in re.findall(r'data-text="([^"]*)"', part)]
    # The rubric has more topics, and a street is asked for without its type too.
    assert [one for one in there if one in offered] == offered
    assert bool(there) is bool(offered)
    assert len(there) <= 8


def test_only_so_many_exports_are_written_at_once(analyst: Visitor) -> None:
    path = f"{PAGE}/export.csv?q={quote('газ')}"
    for _ in range(MOST_AT_ONCE):
        assert WRITING.acquire(timeout=30)
    try:
        refused = analyst.get(path)
    finally:
        WRITING.release(MOST_AT_ONCE)
    assert refused.status == 503
    assert "Exports are busy" in refused.text
    assert [analyst.get(path).status for _ in range(MOST_AT_ONCE + 1)] == [200] * (MOST_AT_ONCE + 1)


def test_who_may_export_gets_all_of_it(analyst: Visitor, operator: Visitor) -> None:
    assert "Export 2, CSV" in analyst.get(asked(q="газ", whole="1")).text
    assert "Export" not in operator.get(asked(q="газ", whole="1")).text
    answer = analyst.get(f"{PAGE}/export.csv?q={quote('газ')}")
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert {row["text"] for row in rows} == {"Запах газа на улице Ленина, 5", "Пахнет! Запах газа возле Ленина, 5"}
    assert analyst.get(f"{PAGE}/export.exe?q=x").status == 404
    assert analyst.get(f"{PAGE}/export.csv?q=(").status == 400


def test_a_workbook_is_a_workbook(analyst: Visitor) -> None:
    book = openpyxl.load_workbook(io.BytesIO(analyst.get(f"{PAGE}/export.xlsx?q={quote('газ')}").body))
    assert next(row[0].value for row in book.active.rows) == "id"
    assert len(list(book.active.rows)) == 3


def test_a_dead_engine_says_what_is_safe(operator: Visitor, installation: Installation) -> None:
    desk = installation.desks["ozersk"]
    desk.city = replace(desk.city, engine="elasticsearch:http://127.0.0.1:9")
    desk.__dict__.pop("engine", None)
    answer = operator.get(asked(q="газ"))
    assert answer.status == 503
    assert "cannot be searched now" in answer.text
    assert "Nothing is lost" in answer.text
    assert operator.get(f"{PAGE}/typing?q=district:&at=9", HX_Request="true").status == 200
    assert operator.get("/ozersk/queue").status == 200


def test_every_field_of_a_query_is_told_of(operator: Visitor) -> None:
    for field in FIELDS:
        named = urlencode({"q": field[:2], "at": 2})
        assert f'data-text="{field}:"' in operator.get(f"{PAGE}/typing?{named}", HX_Request="true").text, field


def test_what_is_offered_at_the_end_of_a_long_query_stands_at_its_end(operator: Visitor) -> None:
    text = "вода " * 3_000 + "platf"
    page = operator.get(f"{PAGE}/typing?{urlencode({'q': text, 'at': len(text)})}", HX_Request="true").text
    assert f'data-start="{len(text) - 5}"' in page
    assert 'data-text="platform:"' in page


def test_what_is_probably_not_meant_is_told_with_what_is(town: Otklik) -> None:
    with opened(with_addresses(town)) as installation, served(installation) as port:
        operator = Visitor(port)
        operator.sign_in("operator")
        page = operator.get(asked(q="вода или свет")).text
        assert "«или» is a word to look for here; the operator is written OR" in page
        mended = next(unescape(one) for one in re.findall(r'href="([^"]+)">Mend<', page))
        page = operator.get(mended).text
        assert "«вода» or «свет»" in page
        assert "Remarks on the query" not in page
        page = operator.get(asked(q="street:Речьная")).text
        assert "the gazetteer has no street: речьная" in page.casefold()
        assert "«улица Речная»" in page


@pytest.mark.parametrize(
    ("typed", "meant", "number"),
    [("зопах газа", "запах газа", 2), ("запах гаща", "запах газа", 2), ("pfgf[ ufpf", "запах газа", 2)],
)
def test_what_finds_nothing_for_a_slip_or_the_other_layout_leads_to_what_was_meant(
    operator: Visitor, typed: str, meant: str, number: int
) -> None:
    page = operator.get(asked(q=typed)).text
    assert "Nothing was found" in page
    led = [unescape(one) for one in re.findall(rf'href="({PAGE}\?q=[^"]+)"', page)]
    wanted = asked(q=meant)
    assert wanted in [one.replace("%20", "+") for one in led]
    assert found(operator.get(wanted).text) == number

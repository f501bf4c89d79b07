import re
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from crawler.accounts.roles import Role
from tests.consoles import Answer, Visitor, employ, served
from tests.crawler.console.conftest import opened
from tests.shell import SEARCHES, Otklik, posts

PAGE = "/ozersk/register"


def test_a_call_becomes_a_report_of_an_incident(operator: Visitor, town: Otklik) -> None:
    call = {"topic": "Ямы", "text": "У подъезда провалился асфальт", "place": "ул. Мира, 3", "severity": "high"}
    answer = operator.act(PAGE, PAGE, **call)
    assert answer.status == 303
    assert answer.location.startswith("/ozersk/incidents/3?")
    page = operator.get(answer.location).text
    assert "A new incident, 3, is opened." in page
    assert "Severity of the report: high." in page
    assert "провалился асфальт" in page
    assert "Мира, 3" in page
    shown = town("incidents", town.folder / "ozersk.toml", "show", "3", "--json").lines[0]
    assert shown["incident"]["severity"] == "high"
    again = operator.act(PAGE, PAGE, **call)
    assert again.status == 409
    assert "registered already" in again.text
    assert "/ozersk/incidents/3" in again.text


def test_what_cannot_be_registered_is_said_and_what_was_typed_stays(operator: Visitor) -> None:
    nothing = operator.act(PAGE, PAGE, topic="Ямы", text=" ", place="ул. Мира, 3")
    assert nothing.status == 409
    assert 'value="ул. Мира, 3"' in nothing.text
    unknown = operator.act(PAGE, PAGE, topic="Полёты", text="Летает", back="/ozersk/queue?view=new&at=2")
    assert unknown.status == 409
    assert unknown.text.count('href="/ozersk/queue?view=new&amp;at=2"') == 2
    assert 'href="/ozersk/queue?view=all"' in operator.get(f"{PAGE}?back=//evil.example/").text
    link = operator.act(PAGE, PAGE, topic="Ямы", link="javascript:alert(1)")
    assert link.status == 409
    assert "Cannot read the link" in link.text


def test_a_topic_is_found_by_what_the_resident_said(operator: Visitor) -> None:
    def listed(page: str) -> list[str]:
        fitting = re.search(r'<optgroup label="They fit: [^"]*">(.*?)</optgroup>', page)
        return re.findall(r'value="([^"]+)"', fitting[1]) if fitting else []

    # The word of a search's query, one of a topic's name in another form, and one that is begun.
    for typed, first in (("отключили", "Нет воды"), ("ямами", "Ямы"), ("га", "Газ")):
        assert listed(operator.get(f"{PAGE}/topics?find={quote(typed)}").text)[0] == first
    assert not listed(operator.get(f"{PAGE}/topics?find={quote('бегемот')}").text)
    chosen = operator.get(f"{PAGE}/topics?find={quote('яма')}&topic={quote('Запах газа')}").text
    assert chosen.count("selected") == 1
    assert re.search(r'value="Запах газа" selected', chosen)
    # Without scripts the button does it, and what was typed stays.
    found = operator.act(PAGE, PAGE, do="find", find="яма", text="Провал у дома", author="+7 900", topic="")
    assert found.status == 200
    assert listed(found.text) == ["Ямы"]
    assert ("Topics that fit: 1" in found.text, "Провал у дома" in found.text, "+7 900" in found.text) == (True,) * 3


def incident(town: Otklik, number: int) -> dict[str, Any]:
    told = town("incidents", town.folder / "ozersk.toml", "show", number, "--json").lines[0]
    return dict(told["incident"])


def registered(visitor: Visitor, **form: str) -> Answer:
    sent = visitor.act(PAGE, PAGE, **form)
    assert sent.status == 303
    return visitor.get(sent.location)


def test_a_report_is_as_bad_as_the_searches_of_its_topic_say(operator: Visitor, town: Otklik) -> None:
    form = operator.get(PAGE).text
    options = dict(re.findall(r'<option value="([^"]+)">[^·<]+ · ([^<]+)</option>', form))
    assert (options["Запах газа"], options["Газ"], options["Ямы"]) == ("danger", "danger", "normal")
    assert re.search(r'name="severity"><option value="">as the searches', form)
    registered(operator, topic="Запах газа", text="Шипит труба", place="ул. Мира, 1", severity="")
    registered(operator, topic="Запах газа", text="Учения: труба не шипит", place="ул. Мира, 2", severity="low")
    registered(operator, topic="Ямы", text="Провал", place="ул. Мира, 3")
    assert [incident(town, number)["severity"] for number in (3, 4, 5)] == ["danger", "low", "normal"]
    assert incident(town, 3)["due_first"] < incident(town, 5)["due_first"]


def test_a_report_that_joined_an_incident_says_so(operator: Visitor) -> None:
    page = registered(operator, topic="Запах газа", text="И у нас пахнет", place="ул. Ленина, 5").text
    assert "The report was added to 1, which was there already (now: new). No new incident was opened." in page
    # What is said of a report is said of no other, and of none that is not there.
    assert "which was there already" not in operator.get("/ozersk/incidents/1").text
    assert "which was there already" not in operator.get("/ozersk/incidents/1?registered=given:nobody").text


def test_every_incident_that_a_report_opened_is_told_the_worst_first(operator: Visitor) -> None:
    page = registered(operator, topic="Ямы", text="Яма у дома, и запах газа из неё", place="ул. Мира, 3").text
    told = re.findall(r"<p>([^<]*)", re.findall(r'role="status">.*?</div>', page, re.DOTALL)[0])
    assert told[0].startswith("A new incident, 3, is opened. Danger, "), told
    assert told[1].startswith("A new incident, 4, is opened. Normal, "), told


def test_a_link_to_what_is_a_voice_already_says_so_and_keeps_its_search_first(operator: Visitor, town: Otklik) -> None:
    line = '{"id": "vk:-12_345", "platform": "vk", "text": "Яма на дороге, Лесная улица, 5"}\n'
    assert town("ingest", town.folder / "ozersk.toml", input=line).code == 0
    page = registered(operator, topic="Ямы", link="https://vk.com/wall-12_345").text
    assert "This post was in 3 already (now: new)" in page
    assert "A new incident" not in page
    searches = re.findall(r"</svg>([^<]+)</span>", re.findall(r'class="voice-f">(.*?)</div>', page, re.DOTALL)[0])
    assert searches[-1] == "Зарегистрировано вручную"
    assert len(searches) == 2


def test_a_time_that_is_to_come_is_called_so_and_its_field_is_marked(operator: Visitor) -> None:
    call = {"topic": "Ямы", "text": "Провал", "place": "ул. Мира, 3"}
    ahead = operator.act(PAGE, PAGE, **call, at="29.11.2096 10:00")
    assert ahead.status == 409
    assert "That time is still to come: 29.11.2096 10:00" in ahead.text
    assert re.search(r'name="at"[^>]*aria-invalid="true"', ahead.text)
    assert "Not a time: потом" in operator.act(PAGE, PAGE, **call, at="потом").text
    assert not re.search(r'name="at"[^>]*aria-invalid', operator.act(PAGE, PAGE, topic="Ямы").text)


def test_an_address_is_told_as_it_was_understood(town: Otklik) -> None:
    city = town.folder / "ozersk.toml"
    table = 'address,lat,lon,district\n"ул. Ленина, 5",56.1,60.1,Центральный\n"ул. Мира, 9",56.11,60.12,Центральный\n'
    (town.folder / "addresses.csv").write_text(table, encoding="utf-8")
    city.write_text(city.read_text("utf-8") + '\n[gazetteer]\naddresses = "addresses.csv"\n', encoding="utf-8")
    with opened(town) as installation, served(installation) as port:
        operator = Visitor(port)
        operator.sign_in("operator")
        for place, said in {
            "ул. Мира, 9": "understood as улица Мира, 9, the house is known",
            "мира 77": "no such house, known is: the street only",
            "ул. Небывалая, 1": "understood as улица Небывалая, 1. The city&#39;s gazetteer does not have it",
            "где-то там": "The address was not understood",
        }.items():
            page = registered(operator, topic="Ямы", text=f"Провал: {place}", place=place).text
            assert said in page, (said, re.findall(r'role="status">.*?</div>', page))


def test_who_called_tells_calls_apart_and_is_nowhere_to_be_read(operator: Visitor, town: Otklik) -> None:
    call = {"topic": "Ямы", "text": "Провал", "place": "ул. Мира, 3"}
    for author in ("+7 914 123-45-67", "Пётр Ильич"):
        page = registered(operator, **call, author=author)
        assert author not in page.text
    assert operator.act(PAGE, PAGE, **call, author="8 (914) 123 45 67").status == 409
    assert len(town("incidents", town.folder / "ozersk.toml", "show", 3, "--json").lines[0]["reports"]) == 2
    kept = b"".join(path.read_bytes() for path in town.home.iterdir() if path.is_file())
    for author in ("9141234567", "123-45-67", "Ильич"):
        assert author.encode() not in kept
    erased = town("erase", town.folder / "ozersk.toml", "+7 914 123-45-67", "--why", "обращение 1", "--yes")
    assert erased.code == 0, erased.err
    assert len(town("incidents", town.folder / "ozersk.toml", "show", 3, "--json").lines[0]["reports"]) == 1


def notes(town: Otklik) -> list[tuple[Any, ...]]:
    return town.rows(
        "SELECT number, who, text FROM notes JOIN incidents ON incidents.id = notes.incident WHERE NOT removed"
    )


def test_words_beside_a_link_that_is_in_the_archive_are_kept(operator: Visitor, town: Otklik) -> None:
    link = "https://vk.com/wall-77_5"
    registered(operator, topic="Ямы", text="Провал у школы", link=link)
    assert operator.act(PAGE, PAGE, topic="Ямы", text="Провал  у школы", link=link).status == 409
    assert notes(town) == []
    call = {"topic": "Нет воды", "text": "Воды нет, звоните 8 914 123 45 67", "link": link, "author": "+79141234567"}
    page = registered(operator, **call).text
    assert "A new incident, 4, is opened." in page
    assert "What you typed stands below, in the notes." in page
    assert "Воды нет, звоните" in page
    assert notes(town) == [(4, "operator", "Воды нет, звоните …")]
    # Another caller of the same trouble: no second report, and their words are there.
    again = registered(operator, topic="Нет воды", text="И в пятом доме сухо", link=link).text
    assert "This post is registered in 4 already" in again
    assert "И в пятом доме сухо" in again
    registered(operator, **call)
    assert [text for _, _, text in notes(town)] == ["Воды нет, звоните …", "И в пятом доме сухо"]
    long = operator.act(PAGE, PAGE, topic="Газ", text="Пахнет газом. " * 300, link=link)
    assert (long.status, "Nothing was recorded" in long.text, "Пахнет газом" in long.text) == (409, True, True)
    assert town.rows("SELECT max(number) FROM incidents") == [(4,)]
    events = town("incidents", town.folder / "ozersk.toml", "show", 4, "--json").lines[0]["events"]
    assert [one["who"] for one in events if one["what"] == "note"] == ["operator", "operator"]


def test_what_was_registered_by_mistake_is_taken_back_and_said_before(operator: Visitor) -> None:
    done = operator.act(PAGE, PAGE, topic="Ямы", text="Провал у подъезда", place="ул. Лесная, 5")
    page, number = operator.get(done.location).text, 3
    (link,) = re.findall(r'href="([^"]+/undo\?act=\d+)">Registered by mistake\? Take it back', page)
    asked = operator.get(link).text
    assert f"{number} rests on this report alone: it will be rejected" in asked
    act = link.rpartition("=")[2]
    form = {"csrf": operator.get(link).hidden("csrf"), "seen": operator.get(link).hidden("seen"), "act": act}
    assert operator.post(link.partition("?")[0], form).status == 303
    page = operator.get(f"/ozersk/incidents/{number}").text
    assert "registered by mistake, taken back" in page
    # Nothing is left to decide about, so there is no bar of decisions.
    assert "acts-bar" not in page
    assert "rejected it: its report was registered by mistake" in re.sub(r"<[^>]+>", "", page).replace("\n", " ")


def test_what_watches_how_much_is_written_is_named_as_that(tmp_path: Path) -> None:
    otklik = Otklik(tmp_path)
    rule = '[[search]]\nkey = "wave"\nname = "Пишут о газе"\nquery = "газ"\ntopic = "Запах газа"\nrisk = true\n'
    city = otklik.city(searches=SEARCHES + rule + 'rule = "frequency"\nat_least = 2\nwithin = "1h"\n')
    lines = posts("Запах газа на улице Ленина, 5", "Опять запах газа на Ленина, 5")
    assert otklik("ingest", city, input=lines).code == 0
    with opened(otklik) as installation:
        employ(installation, operator=Role.OPERATOR)
        with served(installation) as port:
            operator = Visitor(port)
            operator.sign_in("operator")
            told = {"topic": "Запах газа", "text": "Пахнет газом", "place": "улица Ленина, 5"}
            answer = operator.act("/ozersk/register", "/ozersk/register", **told)
            page = unescape(operator.get(answer.location).text)
    assert "counts in 2 “Пишут о газе" in page
    assert "no place" in page


def test_nothing_of_a_long_text_is_cut_without_a_word(operator: Visitor) -> None:
    told = "нет воды " * 1200 + "третий подъезд"
    answer = operator.act(PAGE, PAGE, topic="Нет воды", text=told)
    assert answer.status == 409
    assert f"has {len(told)} characters, 10000 at most" in answer.text
    assert told in unescape(answer.text)
    noted = operator.act("/ozersk/incidents/1", "/ozersk/incidents/1/note", text="о" * 4001 + "конец")
    assert noted.status == 409
    assert "о" * 4001 + "конец" in noted.text
    assert not re.search(r"<textarea[^>]*maxlength", operator.get(PAGE).text + operator.get("/ozersk/queue").text)

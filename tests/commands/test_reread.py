from tests.shell import Otklik, posts

TEXTS = ("Нет воды на Ленина, 5", "На набережной опять бегает медведь", "Спасибо за праздник")
RUBRIC = '''
["Животные"."Медведи в городе"]
queries = "медведь"
examples = """
Медведь ходит у школы
Видели медведя на остановке
"""
'''


def test_what_is_stored_is_read_with_the_rubric_of_today_and_no_incident_changes(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=posts(*TEXTS)).code == 0
    before = otklik.rows("SELECT id, state, title FROM incidents"), otklik.rows("SELECT post, fits FROM reports")
    first = otklik("reread", city, "--json")
    assert (first.code, first.lines) == (0, [{"changed": 0, "same": 3, "left": 0, "failed": 0}])

    (city.parent / "bears.toml").write_text(RUBRIC, encoding="utf-8")
    city.write_text(city.read_text(encoding="utf-8") + '\n[rubric]\nfiles = ["bears.toml"]\n', encoding="utf-8")
    assert otklik("search", city, 'topic:"Медведи в городе"', "--json").lines == []
    again = otklik("reread", city, "--json")
    assert again.code == 0
    assert again.lines[0]["changed"] >= 1
    assert sum(again.lines[0].values()) == 3
    (found,) = otklik("search", city, 'topic:"Медведи в городе"', "--json").lines
    assert "медведь" in found["text"]
    assert (
        otklik.rows("SELECT id, state, title FROM incidents"),
        otklik.rows("SELECT post, fits FROM reports"),
    ) == before
    assert otklik("reread", city, "--json").lines == [{"changed": 0, "same": 3, "left": 0, "failed": 0}]


def test_only_the_last_days_are_read_where_that_is_asked(otklik: Otklik) -> None:
    city = otklik.city()
    old = '{"id": "old", "text": "Яма на дороге", "published_at": "2020-01-01T12:00:00+03:00"}\n'
    assert otklik("ingest", city, input=old + posts(*TEXTS)).code == 0
    said = otklik("--locale", "ru", "reread", city, "--days", "7")
    assert (said.code, said.err) == (0, "")
    assert "Прочитано иначе: 0, так же: 3" in said.out
    assert otklik("reread", city, "--json").lines[0]["same"] == 4


def test_posts_of_a_source_that_left_the_city_file_are_counted(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("ingest", city, input=posts(*TEXTS)).code == 0
    otklik.change("""UPDATE post_versions SET content = replace(content, '"source":"ingest"', '"source":"gone"')""")
    assert otklik("reread", city, "--json").lines == [{"changed": 0, "same": 0, "left": 3, "failed": 0}]

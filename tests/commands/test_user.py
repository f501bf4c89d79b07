from crawler.accounts import journal
from crawler.accounts.users import LEAST
from tests.archives import MVT, Archive, packed, picture
from tests.shell import Otklik, posts


def test_people_are_added_changed_and_let_in_no_longer(otklik: Otklik) -> None:
    added = otklik("user", "add", "Anna", "--role", "operator", "--shown", "Анна", "--json", input="long enough 1\n")
    assert added.lines == [{"name": "anna", "shown": "Анна", "role": "operator", "cities": [], "active": True}]
    assert otklik("user", "add", "ivan", "--role", "administrator", input="long enough 2\n").code == 0
    assert otklik("user", "role", "anna", "--role", "analyst").code == 0
    assert otklik("user", "close", "anna").code == 0
    listed = otklik("user", "--json").lines
    assert [(one["name"], one["role"], one["active"]) for one in listed] == [
        ("ivan", "administrator", True),
        ("anna", "analyst", False),
    ]
    assert otklik("user", "open", "anna").code == 0
    assert otklik("user").out.count("may sign in") == 2


def test_the_journal_has_a_password_where_one_was_changed(otklik: Otklik) -> None:
    assert otklik("user", "add", "root", "--role", "administrator", input="long enough 1\n").code == 0
    assert otklik("user", "add", "anna", "--role", "operator", input="long enough 1\n").code == 0
    assert otklik("user", "role", "anna", "--role", "operator", "--all-cities").code == 0
    assert otklik("user", "open", "anna").code == 0
    assert otklik("user", "password", "anna", input="long enough 2\n").code == 0
    assert otklik.rows("SELECT what, subjects FROM events ORDER BY id") == [
        (journal.ADDED, '["root"]'),
        (journal.ADDED, '["anna"]'),
        (journal.PASSWORD, '["anna"]'),
    ]


def test_what_colleagues_call_a_person_is_changed(otklik: Otklik) -> None:
    assert otklik("user", "add", "anna", "--role", "operator", "--shown", "Анна", input="long enough 1\n").code == 0
    renamed = otklik("user", "rename", "anna", "--shown", " Анна  Петрова ", "--json").lines[0]
    assert (renamed["name"], renamed["shown"], renamed["role"]) == ("anna", "Анна Петрова", "operator")
    assert otklik("user", "rename", "anna", "--shown", "Анна Петрова").code == 0
    assert otklik.rows("SELECT what, reason FROM events ORDER BY id")[1:] == [(journal.SHOWN, "Анна → Анна Петрова")]
    assert "--shown" in otklik("user", "rename", "anna").err
    assert "is empty" in otklik("user", "rename", "anna", "--shown", "  ").err
    assert "no user" in otklik("user", "rename", "nobody", "--shown", "Я").err


def test_what_is_wrong_is_said(otklik: Otklik) -> None:
    short = otklik("user", "add", "anna", "--role", "operator", input="short\n")
    assert short.code == 1
    assert f"{LEAST} to" in short.err
    assert (
        "a name to sign in" in otklik("user", "add", "a b", "--role", "operator", input="long enough 1\n").err.lower()
    )
    assert "--role" in otklik("user", "add", "anna", input="long enough 1\n").err
    assert otklik("user", "add", "anna", "--role", "administrator", input="long enough 1\n").code == 0
    assert "already" in otklik("user", "add", "ANNA", "--role", "reader", input="long enough 1\n").err
    assert "last administrator" in otklik("user", "role", "anna", "--role", "reader").err
    assert "last administrator" in otklik("user", "close", "anna").err
    assert "no user" in otklik("user", "close", "nobody").err
    assert "otklik user" in otklik("user", "close").err


def test_cities_of_a_person_are_given_changed_and_taken_away(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("user", "add", "root", "--role", "administrator", input="long enough 1\n").code == 0
    # Nothing is kept of the city yet: its file tells it.
    added = otklik("user", "add", "anna", "--role", "operator", "--city", city, "--json", input="long enough 2\n")
    assert added.lines[0]["cities"] == ["ozersk"]
    assert otklik("user", "role", "anna", "--all-cities", "--json").lines[0]["cities"] == []
    assert otklik("ingest", city, input=posts("Нет воды на улице Мира, 7")).code == 0
    both = otklik("user", "role", "anna", "--role", "analyst", "--city", "ozersk", "--json").lines[0]
    assert (both["role"], both["cities"]) == ("analyst", ["ozersk"])
    assert "cities: ozersk" in otklik("user", "role", "anna", "--role", "operator").out
    assert "last administrator of all cities" in otklik("user", "role", "root", "--city", "ozersk").err


def test_a_city_that_is_not_there_and_an_option_that_does_nothing_are_refused(otklik: Otklik) -> None:
    assert otklik("ingest", otklik.city(), input=posts("Нет воды на улице Мира, 7")).code == 0
    wrong = otklik("user", "add", "anna", "--role", "reader", "--city", "ozersc", input="long enough 1\n")
    assert (wrong.code, "ozersk" in wrong.err, "--city my-city.toml" in wrong.err) == (1, True, True)
    assert not otklik("user", "--json").lines
    assert otklik("user", "add", "anna", "--role", "reader", input="long enough 1\n").code == 0
    assert "ozersc" in otklik("user", "role", "anna", "--city", "ozersc").err
    assert "--city" in otklik("user", "role", "anna").err
    assert "do not go together" in otklik("user", "role", "anna", "--city", "ozersk", "--all-cities").err
    for action, option in (
        ("close", ["--city", "ozersk"]),
        ("password", ["--role", "reader"]),
        ("role", ["--shown", "А"]),
    ):
        run = otklik("user", action, "anna", *option)
        assert (run.code, option[0] in run.err) == (1, True)


def test_a_console_in_the_open_needs_https_and_somebody_to_sign_in(otklik: Otklik) -> None:
    city = otklik.city()
    assert "otklik user add" in otklik("console", city).err
    assert "https://" in otklik("console", city, "--host", "0.0.0.0").err
    assert "without a path" in otklik("console", city, "--url", "https://otklik.example/console").err


def test_a_console_takes_tiles_from_an_address_or_a_whole_archive_of_pictures(otklik: Otklik) -> None:
    city = otklik.city()
    assert otklik("user", "add", "anna", "--role", "administrator", input="long enough 1\n").code == 0
    tile = picture(side=8)
    vectors = otklik.folder / "vectors.pmtiles"
    vectors.write_bytes(Archive(packed([(0, 1, 0, len(tile))]), tile, kind=MVT).written())
    cut = otklik.folder / "cut.pmtiles"
    cut.write_bytes(Archive(packed([(0, 1, 0, len(tile))]), tile).written()[:-1])
    wrong = {
        "https://tiles.example.org/town.pmtiles": "a .pmtiles file of this machine",
        "https://tiles.example.org/": "with {z}, {x} and {y}",
        "town.mbtiles": "a .pmtiles file of this machine",
        str(otklik.folder / "none.pmtiles"): "No such file",
        str(vectors): "no layers earth, roads, water",
        str(cut): "ends before its header says",
    }
    for given, why in wrong.items():
        run = otklik("console", city, "--tiles", given)
        assert run.code == 1
        assert why in " ".join(run.err.split())

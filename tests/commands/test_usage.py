"""Command lines that are wrong by themselves, and queries that look like options."""

import pytest

from tests.shell import Otklik, posts


@pytest.mark.parametrize(
    ("arguments", "ru", "en"),
    [
        (["search", "x"], "Не хватает: QUERY.", "Missing: QUERY."),
        (["run"], "Не хватает: CITY….", "Missing: CITY…."),
        (["serch"], "Нет команды serch; похоже на search.", "No such command serch; perhaps search."),
        (["--lokale", "en"], "Нет ключа --lokale; похоже на --locale.", "No such option --lokale; perhaps --locale."),
        (["search", "x", "y", "--limt", "3"], "похоже на --limit", "perhaps --limit"),
        (["count", "x", "-json"], "похоже на --json", "perhaps --json"),
        (["search", "x", "y", "--limit"], "--limit: нужно значение.", "--limit: needs a value."),
        (["search", "x", "y", "--limit", "0"], "нужно число от 1.", "a number from 1 on is needed."),
        (["count", "x", "--top", "0"], "от 1 до 10000", "from 1 to 10000"),
        (["count", "x", "--per", "год"], "--per: не подходит; есть: hour, day", "--per: cannot be so; there are: hour"),
        (
            ["search", "x", "-нет", "вода"],
            "Лишнее: вода. Запрос из нескольких слов",
            "Too many arguments: вода. A query",
        ),
        (["incidents", "x", "-вода"], "Нет ключа -в; есть: ", "No such option -в; there are: "),
    ],
)
def test_a_wrong_command_line_is_told_in_the_locale(otklik: Otklik, arguments: list[str], ru: str, en: str) -> None:
    for locale, said, more in (("ru", ru, "Подробно: otklik"), ("en", en, "More: otklik")):
        otklik.environment["OTKLIK_LOCALE"] = locale
        run = otklik(*arguments)
        assert (run.code, run.out) == (2, "")
        assert said in run.err
        assert more in run.err or "нужно значение" in said or "needs a value" in said


def test_a_query_may_begin_with_a_minus(otklik: Otklik) -> None:
    city = otklik.city()
    assert (
        otklik("ingest", city, input=posts("Нет воды", "Яма на дороге", published_at="2026-03-02T10:00:00")).code == 0
    )
    for query, count in (("-вода", 1), ('-"нет воды" дорога', 1), ("-вода -яма", 0), ("-(яма OR вода)", 0)):
        assert otklik("count", city, query, "--json").lines == [{"count": count}]
        assert len(otklik("search", city, "--limit", 5, query, "--since", "-36500d", "--json").lines) == count
        assert otklik("export", city, query, otklik.folder / "found.csv").code == 0
        assert otklik("backtest", city, "--days", 3, query, "--json").code == 0
        assert otklik("lint", city, query, "--json").lines[0]["query"] == query

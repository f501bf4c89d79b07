import re

import pytest

from crawler.commands.app import VERBS
from tests.shell import ROOT, Otklik


@pytest.mark.parametrize(("locale", "word"), [("ru", "Ключи"), ("en", "Options")])
def test_every_verb_explains_itself(otklik: Otklik, locale: str, word: str) -> None:
    otklik.environment["OTKLIK_LOCALE"] = locale
    whole = otklik("--help")
    assert whole.code == 0
    for verb in VERBS:
        assert re.search(rf"│ {verb} +\S", whole.out), verb
        one = otklik(verb, "--help")
        assert (one.code, one.err) == (0, "")
        assert word in one.out
        cyrillic = re.search("[а-яё]{4}", one.out)
        assert bool(cyrillic) == (locale == "ru"), one.out


def test_the_readme_names_every_verb_and_no_other() -> None:
    for name in ("README.md", "README.ru.md"):
        rows = re.findall(r"^\| `otklik (\w+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
        assert sorted(rows) == sorted(VERBS), name


def test_the_program_itself(otklik: Otklik) -> None:
    nothing = otklik.program()
    assert "Usage: otklik" in nothing.out + nothing.err
    unknown = otklik.program("sing")
    assert unknown.code == 2
    found = otklik.program("places", input='{"id": 1, "text": "Мира, 7"}'.encode())
    assert (found.code, found.lines[0]["id"]) == (0, 1)

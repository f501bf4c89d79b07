import os
import re
import subprocess
import sys

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
        assert "Show this message" not in one.out
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


@pytest.mark.parametrize(
    ("arguments", "absent"),
    [
        (["--help"], {"scrapy", "twisted", "sqlalchemy", "pymorphy3", "shapely", "httpcore"}),
        (["check", "tikhoozersk"], {"scrapy", "twisted"}),
        (["places"], {"scrapy", "twisted"}),
        (["search", "tikhoozersk", "вода"], {"scrapy", "twisted"}),
        (["incidents", "tikhoozersk"], {"scrapy", "twisted"}),
        (["ingest", "tikhoozersk"], {"scrapy", "twisted"}),
    ],
)
def test_no_verb_pays_for_libraries_of_another(otklik: Otklik, arguments: list[str], absent: set[str]) -> None:
    """Loading Scrapy costs half a second: too much for a verb that crawls nothing."""
    program = (
        "import sys; from crawler.cli import main\n"
        "try: main()\n"
        "finally: print('loaded', *sorted({name.partition('.')[0] for name in sys.modules}))"
    )
    command = [sys.executable, "-c", program, "--data", str(otklik.folder / "data"), *arguments]
    environment = os.environ | {"XDG_CONFIG_HOME": str(otklik.folder / "config")}
    ended = subprocess.run(command, env=environment, cwd=ROOT, input=b"", capture_output=True, check=True)
    loaded = set(ended.stdout.decode().splitlines()[-1].split()) - {"loaded"}
    assert "typer" in loaded
    assert not loaded & absent

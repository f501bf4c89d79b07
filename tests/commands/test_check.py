import re
from pathlib import Path

from tests.shell import Otklik

TIKHOOZERSK = Path(__file__).parents[2] / "cities" / "tikhoozersk.toml"


def test_a_good_file(otklik: Otklik) -> None:
    run = otklik("check", TIKHOOZERSK)
    assert (run.code, run.err) == (0, "")
    assert re.search(r": fine\. [1-9]\d* sources, 29 searches, ", run.out)
    by_name = otklik("--locale=ru", "check", "tikhoozersk")
    assert by_name.code == 0
    assert "в порядке. Источников " in by_name.out
    assert not otklik.home.exists()


def test_every_error_at_once_each_with_its_line(otklik: Otklik) -> None:
    lines = TIKHOOZERSK.read_text(encoding="utf-8").splitlines()
    changes = {
        'zone = "Europe/Moscow"': 'zone = "Europe/Nowhere"',
        'platform = "telegram"': 'platform = "pigeon"',
        'every = "10m"': 'every = "often"',
        'destination = "duty"': 'destination = "nobody"',
        'start = "09:00"': 'start = "nine"',
    }
    wrong = {lines.index(old) + 1: new for old, new in changes.items()}
    broken = otklik.folder / "broken.toml"
    for number, new in wrong.items():
        lines[number - 1] = new
    text = "\n".join(lines).replace('"tikhoozersk-', f'"{TIKHOOZERSK.parent}/tikhoozersk-')
    broken.write_text(text, encoding="utf-8")
    for folder in ("pos", "cur"):
        (otklik.folder / "intake" / folder).mkdir(parents=True)
    run = otklik("check", broken)
    assert (run.code, run.out) == (1, "")
    for number in wrong:
        assert f"{broken}:{number}" in run.err
    told = otklik("check", broken, "--json")
    assert told.code == 1
    assert {line["line"] for line in told.lines} == wrong.keys()
    # Every other verb checks first and says the same.
    assert otklik("doctor", broken).err.strip() == otklik("search", broken, "вода").err.strip() != ""
    assert not otklik.home.exists()


def test_a_city_that_is_not_there(otklik: Otklik) -> None:
    run = otklik("check", "no-such-town")
    assert run.code == 1
    assert "no-such-town" in run.err
    assert "Traceback" not in run.err


def test_a_warning_does_not_stop(otklik: Otklik) -> None:
    route = '\n[[route]]\nkey = "late"\nexecutor = "Никто"\ndestination = "hole"\n'
    city = otklik.city(sources=route)
    run = otklik("check", city)
    assert run.code == 0
    assert "rest" in run.out

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.environment import CHECKOUT, Environment, EnvironmentSecrets, load_keys
from crawler.model.errors import OtklikError
from crawler.model.keys import InstallationKeys

KEYS = InstallationKeys(bytes(32), bytes(range(32)))


def environment(tmp_path: Path, **more: str) -> Environment:
    return Environment({"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"), **more})


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, "ru"),
        ({"LANG": "C.UTF-8"}, "ru"),
        ({"LANG": "POSIX"}, "ru"),
        ({"LANG": "ru_RU.UTF-8"}, "ru"),
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LC_MESSAGES": "ru_RU.UTF-8"}, "ru"),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, "ru"),
        ({"LC_ALL": "", "LANG": "en"}, "en"),
        ({"OTKLIK_LOCALE": "en", "LC_ALL": "ru_RU.UTF-8"}, "en"),
        ({"LANG": "eno_XX"}, "ru"),
    ],
)
def test_locale(variables: dict[str, str], expected: str) -> None:
    assert Environment(variables).locale() == expected


def test_home_is_what_the_command_line_says_then_the_variable_then_var(tmp_path: Path) -> None:
    assert Environment({"OTKLIK_HOME": "/srv/otklik"}).home(tmp_path) == tmp_path
    assert Environment({"OTKLIK_HOME": "/srv/otklik"}).home() == Path("/srv/otklik")
    assert Environment({}).home() == Path.cwd() / "var"


def test_cities_of_the_variable_come_before_those_of_the_checkout() -> None:
    found = Environment({"OTKLIK_CITIES": os.pathsep.join(["/etc/one", "/etc/two"])}).city_folders()
    assert found == [Path("/etc/one"), Path("/etc/two"), CHECKOUT / "cities"]


def test_a_missing_secret_names_the_variable_and_what_needs_it() -> None:
    secrets = EnvironmentSecrets(Environment({"EMPTY": " ", "SET": " abc\n"}), {"EMPTY": "destination desk"})
    assert secrets.get("SET") == "abc"
    with pytest.raises(OtklikError) as caught:
        secrets.get("EMPTY")
    assert "EMPTY" in caught.value.text.ru
    assert "destination desk" in caught.value.text.en
    assert "abc" not in repr(secrets)


def test_the_first_run_makes_keys_that_only_the_owner_reads_and_the_next_run_finds_them(tmp_path: Path) -> None:
    first = load_keys(environment(tmp_path), tmp_path / "var")
    path = tmp_path / "config" / "otklik" / "keys.toml"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert load_keys(environment(tmp_path), tmp_path / "var") == first
    assert list(path.parent.iterdir()) == [path]
    assert not (tmp_path / "var").exists()


def test_processes_that_start_at_once_get_the_same_keys(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from crawler.environment import Environment, load_keys;"
        "sys.stdin.readline(); print(load_keys(Environment(), Path('var')).fingerprint())"
    )
    variables = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path)}
    variables.pop("OTKLIK_HASH_KEY", None)
    variables.pop("OTKLIK_ENCRYPTION_KEY", None)
    started = [
        subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=CHECKOUT,
            env=variables,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in started:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    fingerprints = {process.communicate()[0] for process in started}
    assert len(fingerprints) == 1
    assert fingerprints != {""}


@pytest.mark.parametrize(("name", "mode"), [("keys.toml", 0o644), ("keys.toml", 0o660), ("", 0o777)])
def test_keys_that_others_can_get_at_are_refused(tmp_path: Path, name: str, mode: int) -> None:
    load_keys(environment(tmp_path), tmp_path / "var")
    place = tmp_path / "config" / "otklik" / name
    place.chmod(mode)
    with pytest.raises(OtklikError, match="chmod"):
        load_keys(environment(tmp_path), tmp_path / "var")


def test_a_damaged_key_file_is_refused_and_kept(tmp_path: Path) -> None:
    load_keys(environment(tmp_path), tmp_path / "var")
    path = tmp_path / "config" / "otklik" / "keys.toml"
    for damaged in ("hash = ", 'hash = "AAAA"\nencryption = "AAAA"\n', ""):
        path.write_text(damaged)
        with pytest.raises(OtklikError, match=r"keys\.toml"):
            load_keys(environment(tmp_path), tmp_path / "var")
        assert path.read_text() == damaged


def test_keys_never_lie_inside_the_installation(tmp_path: Path) -> None:
    inside = environment(tmp_path, XDG_CONFIG_HOME=str(tmp_path / "var" / "config"))
    with pytest.raises(OtklikError, match="OTKLIK_HOME"):
        load_keys(inside, tmp_path / "var")
    assert not (tmp_path / "var").exists()


def test_keys_from_the_environment_make_no_file(tmp_path: Path) -> None:
    encoded = {
        "OTKLIK_HASH_KEY": base64.b64encode(KEYS.hash_key).decode(),
        "OTKLIK_ENCRYPTION_KEY": base64.b64encode(KEYS.encryption_key).decode(),
    }
    assert load_keys(environment(tmp_path, **encoded), tmp_path / "var") == KEYS
    assert not (tmp_path / "config").exists()
    for name, other in (("OTKLIK_HASH_KEY", "OTKLIK_ENCRYPTION_KEY"), ("OTKLIK_ENCRYPTION_KEY", "OTKLIK_HASH_KEY")):
        with pytest.raises(OtklikError, match=other):
            load_keys(environment(tmp_path, **{name: encoded[name]}), tmp_path / "var")
    for wrong in ("короткий", "AAAA", "!" * 44):
        with pytest.raises(OtklikError, match="OTKLIK_HASH_KEY"):
            load_keys(environment(tmp_path, **{**encoded, "OTKLIK_HASH_KEY": wrong}), tmp_path / "var")


@given(st.lists(st.text(), max_size=3), st.lists(st.text(), max_size=3))
def test_pseudonyms_are_equal_only_for_equal_parts(one: list[str], other: list[str]) -> None:
    assert (KEYS.pseudonym(*one) == KEYS.pseudonym(*other)) == (one == other)
    assert len(KEYS.pseudonym(*one)) == 32


def test_another_key_gives_other_pseudonyms() -> None:
    assert InstallationKeys.generate().pseudonym("vk", "1") != KEYS.pseudonym("vk", "1")


@given(st.binary(max_size=100), st.integers(min_value=0), st.integers(1, 255))
def test_what_is_sealed_comes_back_and_a_changed_byte_is_noticed(plain: bytes, at: int, flip: int) -> None:
    sealed = KEYS.seal(plain)
    assert KEYS.unseal(sealed) == plain
    changed = bytearray(sealed)
    changed[at % len(sealed)] ^= flip
    with pytest.raises(OtklikError):
        KEYS.unseal(bytes(changed))
    with pytest.raises(OtklikError):
        KEYS.unseal(sealed[: at % len(sealed)])
    with pytest.raises(OtklikError):
        InstallationKeys.generate().unseal(sealed)


def test_keys_are_told_apart_by_a_fingerprint_and_show_nothing_of_themselves() -> None:
    assert KEYS.fingerprint() == KEYS.fingerprint() != InstallationKeys.generate().fingerprint()
    assert repr(KEYS) == "InstallationKeys()"

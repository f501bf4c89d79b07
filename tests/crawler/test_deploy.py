"""What lies in deploy/ names verbs, options and files that there are."""

import re
import shlex
from pathlib import Path

import pytest

from crawler.commands.app import VERBS
from tests.conftest import ROOT
from tests.shell import Otklik

DEPLOY = ROOT / "deploy"
_COMMAND = re.compile(r"\.venv/bin/otklik (?P<words>.*)$|^ *command: (?P<list>\[.*\])$", re.MULTILINE)


def commands(path: Path) -> list[list[str]]:
    found = []
    for match in _COMMAND.finditer(path.read_text("utf-8")):
        words = match["words"] or re.sub(r'[\[\]",]', " ", re.sub(r"\$\{[^}]*\}", "x", match["list"]))
        found.append(shlex.split(words, comments=True))
    return found


def test_every_command_is_one(tmp_path: Path) -> None:
    otklik = Otklik(tmp_path)
    checked = set()
    for path in [*DEPLOY.iterdir(), ROOT / "docs" / "deploying.md"]:
        for words in commands(path):
            verb = next(word for word in words if word in VERBS)
            told = re.sub(r"\s+", " ", otklik(verb, "--help").out)
            for option in [word for word in words[words.index(verb) :] if word.startswith("--")]:
                assert option in told, (path.name, verb, option)
            checked.add((path.name, verb))
    names = {name for name, _ in checked}
    assert {"otklik-run.service", "otklik-console.service", "cron", "compose.yaml", "deploying.md"} <= names


@pytest.mark.parametrize("name", ["deploying.md"])
def test_what_the_docs_copy_is_there(name: str) -> None:
    named = set(re.findall(r"deploy/([\w.-]+)", (ROOT / "docs" / name).read_text("utf-8"))) - {"secrets.env", ".env"}
    assert named >= {"nginx.conf", "compose.yaml", "environment", "cron"}
    assert all((DEPLOY / one).is_file() for one in named)


def test_no_secret_lies_there() -> None:
    for path in DEPLOY.iterdir():
        for line in path.read_text("utf-8").splitlines():
            assert not re.match(r"[^#]*(TOKEN|SECRET|PASSWORD)\w*=\S", line), (path.name, line)


def test_the_log_of_nginx_holds_nothing_that_is_typed_into_a_form() -> None:
    told = (DEPLOY / "nginx.conf").read_text("utf-8")
    named = re.search(r"^log_format (\w+) ([^;]+);", told, re.MULTILINE)
    assert named is not None
    # A query, in any of the variables that have it; the referrer is the address of the page before.
    assert not re.search(r"\$(request\b(?!_)|request_uri|args|query_string|arg_\w+|http_referer)", named[2])
    assert "$uri" in named[2]
    servers = told.split("\nserver {")[1:]
    assert [re.findall(r"access_log \S+ (\w+);", one) for one in servers] == [[named[1]]] * 2

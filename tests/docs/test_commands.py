"""Every command that README, CONTRIBUTING and docs/ show does what it is shown for."""

import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest

from crawler.commands.app import VERBS
from tests.crawling import Pages, pages
from tests.docs.desk import Desk
from tests.docs.notation import written_out
from tests.docs.shown import commands, unmarked
from tests.servers.elasticsearch_node import free_port
from tests.shell import ROOT, Run

FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Вести</title><item><title>Катали лёд</title>
<link>{url}</link><pubDate>{date}</pubDate><description>На стадионе залили лёд.</description></item></channel></rss>"""
ARTICLE = f"<html><body><article><h1>Катали лёд</h1><p>{'На стадионе залили лёд. ' * 20}</p></article></body></html>"
ALL = commands()
TEXTS = sorted({command.text for command in ALL})
# In a command for a server or a container stands one of ours: that is run, and files named around it have to be there.
INNER = re.compile(r"^(sudo -u otklik \S+ \S*otklik --data \S+|[A-Z_]+=\S+ docker compose -f \S+ run --rm console) ")
OURS = sorted({INNER.sub("otklik ", text) for text in TEXTS if INNER.sub("otklik ", text).startswith("otklik ")})
FOREIGN = [text for text in TEXTS if not text.startswith(("otklik ", "make ", "python ", "sudo -u otklik "))]
UNTIL_STOPPED = ("run", "console")
NAMED_ONLY = [
    ["gazetteer", "build"],
    ["gazetteer", "show"],
    ["search", "--json"],
    *(["topics", one] for one in ("train", "evaluate", "predict")),
]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an installation that has everything; its news are served as long as the tests run."""
    answers: Pages = {"/1": ARTICLE}
    with pages(answers) as site:
        answers["/feed"] = FEED.format(url=f"{site.url}/1", date=format_datetime(datetime.now(UTC)))
        desk = Desk(tmp_path_factory.mktemp("desk") / "folder")
        desk.folder.mkdir()
        desk.prepare(f"{site.url}/feed")
        yield desk.folder


@pytest.fixture
def desk(prepared: Path, tmp_path: Path) -> Desk:
    """A copy of it for one command."""
    return Desk(shutil.copytree(prepared, tmp_path / "folder"))


def test_commands_stand_in_blocks_that_are_run() -> None:
    assert unmarked() == []
    assert len(ALL) > len(TEXTS) > 100


@pytest.mark.parametrize("text", OURS)
def test_ours(prepared: Path, tmp_path: Path, text: str) -> None:
    for number, (_, *words) in enumerate(written_out(text, Desk(prepared).value)):
        if words in NAMED_ONLY or words == [words[0]] != ["backup"]:
            assert words[0] in VERBS  # tests/commands/test_help.py asks every verb what it does
            continue
        desk = Desk(shutil.copytree(prepared, tmp_path / str(number)))
        run = stopped(desk, words) if words[0] in UNTIL_STOPPED else typed(desk, words)
        assert "Traceback" not in run.err
        assert run.code in {0, -signal.SIGTERM}, (words, run.out, run.err)


def typed(desk: Desk, words: list[str]) -> Run:
    """A backup goes back to where there is nothing yet."""
    if words[0] == "restore" and "--data" not in words and "--replace" not in words:
        shutil.rmtree(desk.otklik.home)
    return desk.type(*words)


def stopped(desk: Desk, words: list[str]) -> Run:
    """What works until it is stopped: it is asked over HTTP, then stopped as a service is."""
    metrics = f"127.0.0.1:{free_port()}"
    port = str(free_port())
    if words[0] == "run":
        words = [word for word in words if word not in {"--metrics", "127.0.0.1:9464"}] + ["--metrics", metrics]
    else:
        words = [*words, "--port", port] if "--port" not in words else [port if one == "8040" else one for one in words]
    run = desk.start(*words)
    page = f"http://{metrics}/metrics" if words[0] == "run" else f"http://127.0.0.1:{port}/sign-in"
    while not answers(page):
        assert run.process.is_alive(), run.errors.read_text(encoding="utf-8")
        time.sleep(0.1)
    return run.stop()


def answers(page: str) -> bool:
    try:
        with urllib.request.urlopen(page) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError as error:
        return error.code < 500
    except OSError:
        return False


@pytest.mark.parametrize("text", [text for text in TEXTS if text.startswith("make ")])
def test_make_knows_its_targets(text: str) -> None:
    run = subprocess.run(["make", "--dry-run", *shlex.split(text)[1:]], cwd=ROOT, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()


@pytest.mark.parametrize("text", [text for text in TEXTS if text.startswith("python ")])
def test_programs_take_what_is_shown(text: str) -> None:
    """Benchmarks and servers run long: they say themselves which keys they take."""
    words = shlex.split(text)
    program = words[1:3] if words[1] == "-m" else words[1:2]
    run = subprocess.run([sys.executable, *program, "--help"], cwd=ROOT, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()
    keys = [word for word in words if word.startswith("--")]
    assert [key for key in keys if key not in run.stdout.decode()] == []


@pytest.mark.parametrize("text", FOREIGN)
def test_what_a_server_is_set_up_with_is_there(text: str) -> None:
    """Users, units and containers are the system's: what can be missing is a file of ours."""
    words = shlex.split(text)
    files = [word for word in words if re.fullmatch(r"(deploy|cities)/\S+", word)]
    units = [f"deploy/{word}.service" for word in words if words[0] == "systemctl" and word.startswith("otklik-")]
    assert files or units or words[0] in {"cd", "git", "useradd", "install"}
    assert [one for one in files + units if not (ROOT / one).is_file()] == []


@pytest.mark.parametrize("file", ["deploy/otklik-run.service", "deploy/otklik-console.service", "deploy/cron"])
def test_services_start_what_is_there(desk: Desk, file: str) -> None:
    lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
    found = [line.split("/bin/otklik ")[1] for line in lines if "/bin/otklik " in line]
    assert found
    # As the page sets it up: the keys and the state lie where the service looks for them, and somebody may sign in.
    variables = (ROOT / "deploy/environment").read_text("utf-8")
    keys = re.findall(r"^XDG_CONFIG_HOME=(\S+)$", variables, re.MULTILINE)
    desk.otklik.environment |= {"XDG_CONFIG_HOME": desk.here(keys[0]), "OTKLIK_HOME": desk.here("/var/lib/otklik")}
    desk.done("user", "add", "first", "--role", "administrator")
    for line in found:
        words = [desk.here(word) for word in shlex.split(line)]
        assert words[:2] == ["--data", desk.otklik.environment["OTKLIK_HOME"]]
        run = stopped(desk, words[2:]) if words[2] in UNTIL_STOPPED else desk.type(*words)
        assert run.code in {0, -signal.SIGTERM}, (line, run.out, run.err)

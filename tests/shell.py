"""`otklik` as its users run it: in a process, folder and environment of its own.

The processes are forked from one that holds the heavy libraries, so that a run costs its own work and not the
seconds of starting Python; `otklik.program()` runs the installed command itself.
"""

import io
import json
import multiprocessing
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import sqlalchemy as sa

ROOT = Path(__file__).parent.parent
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.warm"])

SEARCHES = """
[topics]
"Вода" = ["Нет воды"]
"Газ" = ["Запах газа"]
"Дороги" = ["Ямы"]

[[search]]
key = "water"
name = "Нет воды"
topic = "Нет воды"
severity = "high"
query = '"(нет|отключить) вода"~3'

[[search]]
key = "gas"
name = "Запах газа"
topic = "Запах газа"
severity = "danger"
query = '"запах газ"~2'

[[search]]
key = "holes"
name = "Ямы на дорогах"
topic = "Ямы"
query = 'яма дорога'
"""
ROUTES = """
[[destination]]
key = "hole"
system = "blackhole"

[[route]]
key = "gas"
topic = "Газ"
executor = "Горгаз"
destination = "hole"
deliver = "at once"

[[route]]
key = "rest"
executor = "Дежурная служба"
destination = "hole"
"""
WEBHOOK = """
[[destination]]
key = "desk"
system = "webhook"
url = "{url}"
secret = "OTKLIK_TEST_DESK"
allow_private = ["{host}"]

[[route]]
key = "all"
executor = "Дежурная служба"
destination = "desk"
deliver = "at once"
"""


@dataclass(frozen=True)
class Run:
    """How a process ended, and what it printed."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[Any]:
        """The JSON lines of standard output."""
        return [json.loads(line) for line in self.out.split("\n") if line]


@dataclass
class Running:
    """A process that may still run."""

    process: ForkServerProcess
    output: Path
    errors: Path

    def kill(self) -> None:
        """kill -9."""
        self.process.kill()

    def stop(self) -> Run:
        """Tell it to end, as a service manager does, and wait for that."""
        assert self.process.pid
        os.kill(self.process.pid, signal.SIGTERM)
        return self.end()

    def end(self) -> Run:
        """Wait for its end."""
        self.process.join()
        code = self.process.exitcode
        assert code is not None
        self.process.close()
        texts = (path.read_text(encoding="utf-8") for path in (self.output, self.errors))
        return Run(code, *texts)


@dataclass
class Otklik:
    """An installation in a folder of its own, with its own configuration and environment."""

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    command: str = "otklik"
    _numbers: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        self.environment = {
            "OTKLIK_LOCALE": "en",
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "OTKLIK_HOME": str(self.home),
            "OTKLIK_LOG_LEVEL": "ERROR",
        } | self.environment

    @property
    def home(self) -> Path:
        """Where the state lies."""
        return self.folder / "data"

    def __call__(
        self,
        *arguments: object,
        input: str | bytes = b"",  # noqa: A002 - as subprocess has it
        limits: Mapping[int, int] | None = None,
    ) -> Run:
        """Run a verb to its end, under limits of the operating system (module resource) if there are any."""
        return self.start(*arguments, input=input, limits=limits).end()

    def start(
        self,
        *arguments: object,
        input: str | bytes = b"",  # noqa: A002
        limits: Mapping[int, int] | None = None,
    ) -> Running:
        """Start a verb."""
        number = next(self._numbers)
        files = [self.folder / f"{number}.{name}" for name in ("in", "out", "err")]
        files[0].write_bytes(input.encode("utf-8", "surrogatepass") if isinstance(input, str) else input)
        files[2].touch()
        files[1].touch()
        told = ([str(argument) for argument in arguments], self.environment, files, limits or {})
        process = _FORKS.Process(target=_child, args=told)
        process.start()
        return Running(process, files[1], files[2])

    def program(self, *arguments: object, input: bytes = b"") -> Run:  # noqa: A002
        """Run the installed `command`."""
        command = [str(Path(sys.executable).with_name(self.command)), *map(str, arguments)]
        variables = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"}} | self.environment
        done = subprocess.run(command, input=input, env=variables, cwd=ROOT, capture_output=True, check=False)
        return Run(done.returncode, done.stdout.decode(), done.stderr.decode())

    def city(
        self,
        key: str = "ozersk",
        *,
        searches: str = SEARCHES,
        routes: str = ROUTES,
        sources: str = "",
        engine: str = "embedded:",
        zone: str = "Europe/Moscow",
    ) -> Path:
        """A city file; its name is the key."""
        head = f'[city]\nkey = "{key}"\nname = "Озёрск"\nzone = "{zone}"\nhome = "Озёрск"\nengine = "{engine}"\n'
        path = self.folder / f"{key}.toml"
        head += '[[policy]]\nkey = "usual"\nfirst_reaction = "4h"\nresolution = "24h"\n'
        path.write_text(head + searches + sources + routes, encoding="utf-8")
        return path

    def rows(self, query: str, file: str = "otklik.sqlite") -> list[tuple[Any, ...]]:
        """What the state holds."""
        with self._state(file) as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    def change(self, statement: str) -> None:
        """Change the state behind the back of everything, as time or an accident would."""
        with self._state() as connection:
            connection.exec_driver_sql(statement)

    @contextmanager
    def _state(self, file: str = "otklik.sqlite") -> Iterator[sa.Connection]:
        engine = sa.create_engine(sa.URL.create("sqlite", database=str(self.home / file)))
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()

    def number(self, query: str) -> Any:
        """The one value that a query of the state gives."""
        return self.rows(query)[0][0]


def source(key: str, platform: str, address: str, **more: str) -> str:
    """A source of a city file on this machine, asked at once and often."""
    host = address.split("/")[2] if "://" in address else ""
    values = {"every": '"1s"', "backfill": '"30d"', "revisit": '"7d"'}
    values |= ({"allow_private": f'["{host}"]'} if host else {"every": '"1h"'}) | more
    lines = "".join(f"{name} = {value}\n" for name, value in values.items())
    return f'\n[[source]]\nkey = "{key}"\nplatform = "{platform}"\naddress = "{address}"\n{lines}'


def webhook(url: str) -> str:
    """A route that hands every incident at once to a receiver on this machine."""
    return WEBHOOK.format(url=url, host=url.split("/")[2])


def posts(*texts: str, first: int = 1, **more: object) -> str:
    """JSON lines of given posts, numbered from `first`."""
    return "".join(
        json.dumps({"id": number, "text": text, **more}, ensure_ascii=False) + "\n"
        for number, text in enumerate(texts, first)
    )


def _child(
    arguments: Sequence[str], environment: Mapping[str, str], files: Sequence[Path], limits: Mapping[int, int]
) -> None:
    """The process of a verb, from its own standard streams to its exit code."""
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))
    for name in [name for name in os.environ if name.startswith(("OTKLIK_", "XDG_", "LC_", "LANG"))]:
        del os.environ[name]
    os.environ.update(environment)
    flags = (os.O_RDONLY, os.O_WRONLY | os.O_TRUNC, os.O_WRONLY | os.O_TRUNC)
    for number, (path, flag) in enumerate(zip(files, flags, strict=True)):
        handle = os.open(path, flag)
        os.dup2(handle, number)
        os.close(handle)
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False)), encoding="utf-8")
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(2, "w", closefd=False)), encoding="utf-8", line_buffering=True
    )
    sys.argv = ["otklik", *arguments]
    from crawler.cli import main

    main()

"""What every verb shares: the installation's folder, tables, JSON lines, errors, exit codes."""

import getpass
import json
import logging
import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, BinaryIO, TextIO
from zoneinfo import ZoneInfo

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text as RichText

from crawler.environment import Environment
from crawler.model.errors import OtklikError
from crawler.model.text import Text

if TYPE_CHECKING:
    from crawler.desk import Desk
    from crawler.installation import Installation
    from crawler.model.city import City

CITY = Text("путь файла города или его имя в cities/", "path of a city file, or its name in cities/")
CityArgument = Annotated[str, typer.Argument(metavar="CITY", help=str(CITY), show_default=False)]
JsonOption = Annotated[
    bool,
    typer.Option("--json", help=str(Text("ответ строками JSON для программ", "answer in JSON lines for machines"))),
]
FileArgument = Annotated[
    str,
    typer.Argument(
        metavar="[FILE|-]", help=str(Text("файл; - или ничего: стандартный ввод", "file; - or none: standard input"))
    ),
]

# A file or a pipe has no width: tables are not squeezed into the 80 columns that would be assumed.
PIPE_WIDTH = 160
# Below it tables leave out the columns that can be spared.
NARROW = 110


class _Console(Console):
    """Whoever read our lines may have had enough (`| head`): `piped` sees to it, not an exit code of 1."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


out = _Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
err = _Console(stderr=True, width=None if sys.stderr.isatty() else PIPE_WIDTH)


_COMMAND = re.compile(r"\botklik ([a-z]+) ([\w-]+)")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


class Settings:
    """What the options before the verb say; one of them a process."""

    data: Path | None = None
    environment = Environment()
    named: dict[str, str] = {}  # noqa: RUF012 - one of them a process
    """What cities were called by on this command line, by their keys."""


@contextmanager
def opened(name: str) -> "Iterator[Desk]":
    """The desk of one city in the installation that `--data` names, closed at the end."""
    with opened_installation(name) as (installation, city):
        yield installation.desk(city.key)


@contextmanager
def opened_installation(name: str) -> "Iterator[tuple[Installation, City]]":
    """The installation that `--data` names with one city in it, closed at the end."""
    from crawler.checking import load_city
    from crawler.installation import Installation

    city = load_city(name)
    Settings.named[city.key] = name
    with Installation.open(Settings.environment, Settings.data, [city]) as installation:
        yield installation, city


@contextmanager
def input_of(file: str) -> Iterator[BinaryIO]:
    """The file as bytes, or standard input for "-". OtklikError when it cannot be read."""
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(file).open("rb") as stream:
            yield stream
    except BrokenPipeError:
        # Of whoever reads our lines, not of the file.
        raise
    except OSError as error:
        text = Text("{file}: не читается: {why}", "{file}: cannot be read: {why}")
        raise OtklikError(text.filled(file=file, why=error.strerror or error)) from error


def print_json(value: Mapping[str, object], stream: TextIO | None = None) -> None:
    """One JSON line."""
    to = stream or sys.stdout
    try:
        to.write(json.dumps(value, ensure_ascii=False, default=_plain) + "\n")
    except UnicodeEncodeError:
        # Half of a surrogate pair, or a terminal of another charset: escaped it can be written and read back.
        to.write(json.dumps(value, default=_plain) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, frozenset | set | tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def table(title: Text, columns: Sequence[Text], rows: Sequence[Sequence[object]], numbers_from: int = 1) -> Table:
    """A table for the terminal; columns from `numbers_from` on, and those of whole numbers, are set to the right."""
    made = Table(title=str(title), title_justify="left", title_style="bold", header_style="dim", box=SIMPLE_HEAD)
    made.show_edge, made.pad_edge, made.collapse_padding = False, False, True
    for position, column in enumerate(columns):
        number = position >= numbers_from or all(isinstance(row[position], int) for row in rows)
        made.add_column(str(column), justify="right" if number else "left")
    for row in rows:
        made.add_row(*(RichText(plain(cell)) for cell in row))
    return made


def plain(cell: object) -> str:
    """Text of strangers for the terminal: without control characters, which could rewrite what stands there."""
    return "".join(char if char.isprintable() or char == "\n" else " " for char in str(cell))


def local_time(at: datetime | None, zone: ZoneInfo) -> str:
    """A time as people of the city read it."""
    return at.astimezone(zone).strftime("%d.%m %H:%M") if at else "—"


def full_time(at: datetime | None, zone: ZoneInfo) -> str:
    """The same with its year, for what may be of any."""
    return at.astimezone(zone).strftime("%d.%m.%Y %H:%M") if at else "—"


@contextmanager
def progress(text: Text, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error while long work goes on; nothing where no terminal is."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        task = bars.add_task(str(text), total=total)
        yield lambda count: bars.update(task, advance=count)


@contextmanager
def piped() -> Iterator[None]:
    """Whoever reads our lines may stop (`| head`): what was asked for is done then, exit code 0."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # What is still to be flushed at the end goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


def who() -> str:
    """Who runs this command: what the journal says of a decision."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container's user that no passwd file names.
        return f"uid {os.getuid()}"


def log_to_stderr() -> None:
    """The log of crawls and deliveries, as OTKLIK_LOG_LEVEL asks for; warnings and worse where it asks for nothing."""
    level = (Settings.environment.variables.get("OTKLIK_LOG_LEVEL") or "WARNING").upper()
    known = logging.getLevelNamesMapping()
    if level not in known:
        text = Text("OTKLIK_LOG_LEVEL={level}: есть {known}", "OTKLIK_LOG_LEVEL={level}: there are {known}")
        raise OtklikError(text.filled(level=level, known=", ".join(known)))
    shape = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(stream=sys.stderr, format=shape, level=level)
    # What its clients do about a dead Elasticsearch is told once, by the drain.
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)


def typable(text: str) -> str:
    """A text whose commands can be typed as they are: with the program, folder and city as they were named just now."""
    start = [_program(), *(["--data", str(Settings.data)] if Settings.data else [])]

    def typed(found: re.Match[str]) -> str:
        verb, key = found.groups()
        return shlex.join([*start, verb, Settings.named[key]]) if key in Settings.named else found[0]

    return _COMMAND.sub(typed, text)


def _program() -> str:
    """`otklik` where the shell finds this one by that name, else what was typed."""
    typed, found = Path(sys.argv[0]), shutil.which("otklik")
    is_other = typed.name == "otklik" and typed.is_file() and not (found and typed.samefile(found))
    return sys.argv[0] if is_other else "otklik"


def fail(error: OtklikError) -> int:
    """Show an error without a stack trace; the exit code."""
    err.print(plain(typable(str(error.typed))), style="red", highlight=False, markup=False)
    return 1


def run(app: Callable[..., Any]) -> None:
    """Run the command line; an OtklikError becomes its text and exit code 1."""
    try:
        app()
    except OtklikError as error:
        sys.exit(fail(error))

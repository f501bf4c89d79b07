"""`otklik ingest CITY [FILE|-]`: posts as JSON lines, or a table, through the same steps as crawled ones."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from crawler.commands.counting import DrainOption, print_drained, print_outcomes
from crawler.commands.shell import (
    CityArgument,
    FileArgument,
    JsonOption,
    err,
    input_of,
    opened_installation,
    plain,
    print_json,
    progress,
)
from crawler.desk import INGEST, Desk
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from crawler.replay import SHOWN, Replayed, ingest_table
from crawler.replay import ingest as replay
from spiders.table_rows import UnreadableError


class Format(StrEnum):
    """What a table is, whatever its name says; `jsonl` is JSON lines with the keys of the table's headings."""

    CSV = "csv"
    XLSX = "xlsx"
    JSONL = "jsonl"


TABLES = {".csv": Format.CSV, ".tsv": Format.CSV, ".xlsx": Format.XLSX, ".xlsm": Format.XLSX}
SOURCE = Text(
    "источник: для таблицы тот, чьи столбцы описаны; для строк JSON тот, что стоит по умолчанию",
    "the source: of a table the one whose columns are described, of JSON lines the default one",
)
FORMAT = Text(
    "формат таблицы, если его не видно по имени файла", "format of the table where the file's name does not tell"
)
UNKNOWN = Text("Нет источника {source}; есть: {known}.", "There is no source {source}; there are: {known}.")
NO_TABLE = Text(
    "Таблице нужен источник с описанием столбцов, а --source {source} не такой. Есть: {known}. "
    "Опишите [source.columns] в файле города.",
    "A table needs a source with described columns, and --source {source} is none. There are: {known}. Describe "
    "[source.columns] in the city file.",
)
NO_FILE = Text("Таблице нужен файл: назовите его вместо «-».", "A table needs a file: name it instead of “-”.")
UNREADABLE = Text("{file}: {why}. Строки до этого места приняты.", "{file}: {why}. Rows before that were taken.")
READING = Text("Читаю публикации", "Reading posts")
MORE = Text("… и ещё {count} негодных строк", "… and {count} more bad lines")


def ingest(
    city: CityArgument,
    file: FileArgument = "-",
    source: Annotated[str, typer.Option(help=str(SOURCE), show_default=False)] = "",
    format_: Annotated[Format | None, typer.Option("--format", help=str(FORMAT), show_default=False)] = None,
    drain: DrainOption = 30.0,
    as_json: JsonOption = False,
) -> None:
    """Take the lines or the table, then drain once; exit code 1 when a line was not stored."""
    with opened_installation(city) as (installation, loaded):
        desk = installation.desk(loaded.key)
        replayed = _taken(desk, file, source, format_ or _format_of(file))
        for bad in replayed.shown:
            err.print(plain(bad), style="red", highlight=False, markup=False, soft_wrap=True)
        if replayed.bad > SHOWN:
            err.print(MORE.format(count=replayed.bad - SHOWN), style="red")
        drained = installation.finish(drain)
    if as_json:
        counts = {
            "lines": replayed.lines,
            "bad": replayed.bad,
            "outcomes": replayed.outcomes,
            "reasons": replayed.reasons,
        }
        waiting = {"to_index": drained.index, "to_deliver": drained.deliveries, "to_fetch": drained.images}
        print_json({**counts, **waiting, "dead": drained.dead})
    else:
        print_outcomes(replayed.outcomes, replayed.reasons, replayed.bad)
        print_drained(drained)
    if not replayed.stored:
        raise typer.Exit(1)


def _format_of(file: str) -> Format | None:
    """A table by the end of its name; anything else is JSON lines of given posts."""
    return TABLES.get(Path(file).suffix.lower())


def _taken(desk: Desk, file: str, source: str, format_: Format | None) -> Replayed:
    """Everything in the file, through the steps."""
    if format_ is None:
        if source and source not in desk.sources:
            raise OtklikError(UNKNOWN.filled(source=source, known=", ".join(desk.sources)))
        with input_of(file) as stream, progress(READING, None) as done:
            return replay(desk, stream, done, source or INGEST)
    chosen = desk.sources.get(source)
    if chosen is None or chosen.table is None:
        known = ", ".join(key for key, one in desk.sources.items() if one.table) or "—"
        raise OtklikError(NO_TABLE.filled(source=source or "—", known=known))
    if file == "-":
        raise OtklikError(NO_FILE)
    try:
        with progress(READING, None) as done:
            return ingest_table(desk, chosen, file, format_, done)
    except UnreadableError as error:
        raise OtklikError(UNREADABLE.filled(file=file, why=error.problem)) from error

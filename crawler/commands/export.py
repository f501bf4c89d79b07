"""`otklik export CITY QUERY FILE`: everything that a query finds, complete and counted."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from crawler.commands.advice import advise, tell_apart
from crawler.commands.search import QUERY, SINCE, UNTIL, indexed, parsed_query
from crawler.commands.shell import CityArgument, err, opened, out, plain, progress
from crawler.desk import Desk
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.export import FORMATS, MOST_CELL, row_of
from search.finding import Finding
from search.tree import Query

FILE = Text("файл: .xlsx, .csv или .jsonl", "the file: .xlsx, .csv or .jsonl")
FORMAT = Text("вид файла, если не по окончанию имени", "the kind of file, if not by its ending")
WORKING = Text("Выгрузка", "Exporting")
DONE = Text("{file}: выгружено {written} из {count}.", "{file}: {written} of {count} exported.")
GONE = Text("Стёрто за время выгрузки: {count}.", "Erased meanwhile: {count}.")
CUT = Text(
    "Обрезано по {most} знаков, больше ячейка XLSX не вмещает: {count}. Целиком они в .csv и .jsonl.",
    "Cut to {most} characters, the most that a cell of XLSX holds: {count}. They are whole in .csv and .jsonl.",
)


def export(
    city: CityArgument,
    query: Annotated[str, typer.Argument(help=str(QUERY))],
    file: Annotated[Path, typer.Argument(help=str(FILE))],
    kind: Annotated[str, typer.Option("--format", help=str(FORMAT), show_default=False)] = "",
    since: Annotated[str, typer.Option(help=str(SINCE), show_default=False)] = "",
    until: Annotated[str, typer.Option(help=str(UNTIL), show_default=False)] = "",
) -> None:
    """Write what the query finds, newest first, into a file that is there whole or not at all."""
    form = (kind or file.suffix.removeprefix(".")).lower()
    if form not in FORMATS:
        text = Text("{file}: вид «{form}» неизвестен; есть {known}", "{file}: no kind “{form}”; there are {known}")
        raise OtklikError(text.filled(file=file, form=form, known=", ".join(FORMATS)))
    # A query that cannot be read opens no installation.
    parsed_query(query, since, until)
    with opened(city) as desk:
        parsed = parsed_query(query, since, until, desk.names)
        with indexed(desk):
            advise(desk, query)
            _export(desk, parsed, file, form)


def _export(desk: Desk, query: Query, file: Path, form: str) -> None:
    count = desk.engine.count(query, desk.context())
    if not count:
        tell_apart(desk, query)
    finding = Finding(desk.engine, desk.database, desk.city.key)
    try:
        written, cut = _write(desk, query, file, form, finding, count)
    except OSError as error:
        text = Text("{file}: не записать: {why}", "{file}: cannot be written: {why}")
        raise OtklikError(text.filled(file=file, why=error.strerror or error)) from error
    said = DONE.format(file=file, written=written, count=max(count, written))
    out.print(plain(said), style="bold", markup=False, highlight=False, soft_wrap=True)
    if finding.gone:
        out.print(GONE.format(count=finding.gone), highlight=False)
    if cut:
        err.print(CUT.format(most=MOST_CELL, count=cut), style="yellow", highlight=False)


def _write(desk: Desk, query: Query, file: Path, form: str, finding: Finding, count: int) -> tuple[int, int]:
    """Write beside the file and put it in its place when it is whole; how many rows it has, and texts cut short."""
    written = 0
    number, name = tempfile.mkstemp(dir=file.absolute().parent, prefix=f".{file.name}.", suffix=".part")
    os.close(number)
    beside = Path(name)
    try:
        with FORMATS[form](beside) as writer, progress(WORKING, count) as done:
            for stored in finding.posts(query, desk.context()):
                writer.write(row_of(stored, desk.city.zone))
                written += 1
                done(1)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)
    return written, writer.cut

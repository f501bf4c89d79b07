"""`otklik reread CITY`: read what is stored again, with the gazetteer, topics and rules of today."""

from datetime import timedelta
from typing import Annotated

import typer

from crawler.commands.shell import CityArgument, JsonOption, opened, out, print_json, progress
from crawler.model.text import Text

DAYS = Text("только опубликованное за последние дни (0 — всё)", "only what was published in the last days (0: all)")
READING = Text("Читаю накопленное", "Reading what is stored")
DONE = Text(
    "Готово. Прочитано иначе: {changed}, так же: {same}, источника больше нет в файле города: {left}, не удалось: "
    "{failed}. Инциденты не менялись: прошлое ищут в архиве.",
    "Done. Read otherwise: {changed}, the same: {same}, the source is in the city file no more: {left}, failed: "
    "{failed}. No incident changed: the past is searched in the archive.",
)


def reread(
    city: CityArgument,
    days: Annotated[int, typer.Option(min=0, help=str(DAYS), show_default=False)] = 0,
    as_json: JsonOption = False,
) -> int:
    """Read the stored posts of a city again."""
    with opened(city) as desk, progress(READING, None) as done:
        since = desk.clock.now() - timedelta(days=days) if days else None
        outcomes = desk.rereading(done).run(since)
        desk.drain(30)
    told = {name: outcomes[name] for name in ("changed", "same", "left", "failed")}
    if as_json:
        print_json(told)
    else:
        out.print(DONE.format(**{name: str(count) for name, count in told.items()}), highlight=False)
    return 1 if outcomes["failed"] else 0

"""`otklik retention CITY [--dry-run]`: what the city file keeps no longer goes; for cron where `run` does not."""

from dataclasses import asdict
from typing import Annotated

import typer

from crawler.commands.shell import CityArgument, JsonOption, opened, out, print_json, table
from crawler.desk import Desk
from crawler.model.text import Text

DRY = Text("только посчитать", "count only")
SECONDS = Text(
    "не дольше стольких секунд; остальное в следующий раз", "for at most so many seconds; the rest next time"
)
NO_RULES = Text(
    "В файле города нет [[retention]]: всё хранится без срока.", "The city file has no [[retention]]: all is kept."
)
NOTHING = Text("Всё в своём сроке.", "All is within its time.")
WOULD = Text("Вышел срок", "Past its time")
DID = Text("Убрано", "Removed")
KINDS = {
    "posts": Text("публикаций", "posts"),
    "payloads": Text("ответов площадок", "answers of platforms"),
    "events": Text("записей журнала", "entries of the journal"),
    "versions": Text("версий текста", "versions of texts"),
    "readings": Text("прочтений", "readings"),
    "observations": Text("наблюдений", "observations"),
    "matches": Text("срабатываний", "matches"),
    "images": Text("изображений", "images"),
    "authors": Text("авторов", "identities of authors"),
}


def retention(
    city: CityArgument,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=str(DRY))] = False,
    seconds: Annotated[float, typer.Option(min=1.0, help=str(SECONDS))] = 3600.0,
    as_json: JsonOption = False,
) -> None:
    """Apply the retention of a city."""
    with opened(city) as desk:
        if not dry_run:
            desk.expiry.tell(desk.clock.now())
        if not desk.city.retentions and not as_json:
            out.print(str(NO_RULES), markup=False, highlight=False)
            return
        counts = asdict(desk.expiry.due(desk.clock.now())) if dry_run else _apply(desk, seconds)
    if as_json:
        print_json({"removed": not dry_run, "counts": counts})
        return
    rows = [(KINDS.get(kind, kind), count) for kind, count in counts.items() if count]
    if rows:
        out.print(table(WOULD if dry_run else DID, [Text("что", "what"), Text("число", "count")], rows))
    else:
        out.print(str(NOTHING), highlight=False)


def _apply(desk: Desk, seconds: float) -> dict[str, int]:
    removed = desk.expire(seconds)
    if removed:
        desk.drain(seconds)
        desk.purge()
        desk.database.scrub()
    return dict(removed)

"""`otklik restore FILE|DIR [--data NEW]`: the installation from a backup; nothing goes out until released."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from crawler.commands.shell import JsonOption, Settings, out, plain, print_json
from crawler.model.text import Text
from crawler.restore import Restored
from crawler.restore import restore as take_back

FROM = Text("файл копии или папка: тогда последняя в ней", "a backup, or a folder: then the newest in it")
INTO = Text("куда; иначе папка установки", "where to; else the installation's folder")
REPLACE = Text("прежняя папка отодвигается в сторону", "the present folder is moved aside")
ERASURES = Text(
    "ещё один файл стираний (erased.jsonl), если он уцелел отдельно",
    "a further file of erasures (erased.jsonl), where one is left elsewhere",
)
DONE = Text(
    "Восстановлено в {home} из {path} ({at}): публикаций {posts}, инцидентов {incidents}.",
    "Restored into {home} from {path} ({at}): {posts} posts, {incidents} incidents.",
)
ERASED = Text("Стёрто снова по файлу стираний: {count}.", "Erased again by the file of erasures: {count} posts.")
FORMER = Text(
    "Прежняя папка теперь {former}; в ней прежние данные, уберите её сами.",
    "The former folder is {former} now; it holds the former data, remove it yourself.",
)
HELD = Text(
    "Доставки города {city} задержаны. Посмотрите, что ушло до аварии: otklik deliveries {city}; отпустить: "
    "otklik deliveries {city} release",
    "Deliveries of {city} are held. See what went out before: otklik deliveries {city}; to let them go: "
    "otklik deliveries {city} release",
)
REBUILD = Text(
    "Индекс города {city} знает другое прошлое: otklik reindex {city}",
    "The index of {city} knows another past: otklik reindex {city}",
)


def restore(
    given: Annotated[Path, typer.Argument(metavar="FILE|DIR", help=str(FROM), show_default=False)],
    data: Annotated[Path | None, typer.Option("--data", help=str(INTO), show_default=False)] = None,
    replace: Annotated[bool, typer.Option("--replace", help=str(REPLACE))] = False,
    erased: Annotated[list[Path] | None, typer.Option("--erased", help=str(ERASURES), show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """Restore a backup."""
    home = Settings.environment.home(data or Settings.data)
    restored = take_back(given.resolve(), home, Settings.environment, replace=replace, erasures=erased or [])
    if as_json:
        manifest = asdict(restored.manifest)
        print_json(
            {
                "home": str(home),
                **asdict(restored),
                "path": str(restored.path),
                "manifest": manifest,
                "former": str(restored.former or ""),
            }
        )
        return
    for line in _told(home, restored):
        out.print(plain(line), markup=False, highlight=False, soft_wrap=True)


def _told(home: Path, restored: Restored) -> list[str]:
    counts = restored.manifest.counts
    at = restored.manifest.made_at.isoformat(timespec="minutes")
    about = {"home": home, "path": restored.path, "at": at, "posts": counts["posts"], "incidents": counts["incidents"]}
    lines = [DONE.format(**about)]
    if restored.erased:
        lines.append(ERASED.format(count=restored.erased))
    if restored.former:
        lines.append(FORMER.format(former=restored.former))
    lines += [HELD.format(city=city) for city in restored.held]
    return lines + [REBUILD.format(city=city) for city in restored.to_rebuild]

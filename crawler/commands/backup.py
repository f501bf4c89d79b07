"""`otklik backup`: the whole installation as one checked file, while crawls and deliveries go on. Without the keys."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from crawler.backup import back_up
from crawler.commands.shell import JsonOption, Settings, out, plain, print_json
from crawler.installation import Installation
from crawler.model.text import Text

TO = Text(
    "папка или файл .zip; иначе папка …-backups рядом с установкой",
    "a folder, or a file .zip; else the folder …-backups beside the installation",
)
KEEP = Text("сколько последних копий оставить в папке", "how many of the newest backups to keep in the folder")
MADE = Text(
    "Копия: {path} ({mb} МБ): публикаций {posts}, инцидентов {incidents}, изображений {images}.",
    "Backup: {path} ({mb} MB): {posts} posts, {incidents} incidents, {images} images.",
)
ROTATED = Text("Удалено старых копий: {count}.", "Older backups removed: {count}.")
NO_KEYS = Text(
    "Ключей в ней нет, храните их отдельно: без них не прочесть авторов и ответы площадок. Тексты не зашифрованы.",
    "It holds no keys, keep them apart: without them authors and answers cannot be read. Texts are not encrypted.",
)


def backup(
    to: Annotated[Path | None, typer.Option(help=str(TO), show_default=False)] = None,
    keep: Annotated[int | None, typer.Option(min=1, help=str(KEEP), show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a backup."""
    with Installation.open(Settings.environment, Settings.data, []) as installation:
        made = back_up(installation.home, installation.database, installation.clock, to, keep)
    counts = made.manifest.counts
    images = sum(name.startswith("media/") for name in made.manifest.files)
    if as_json:
        print_json(
            {
                "path": str(made.path),
                "size": made.size,
                "rotated": [str(path) for path in made.rotated],
                "images": images,
                **asdict(made.manifest),
            }
        )
        return
    mb = round(made.size / 1024**2, 1)
    told = MADE.format(path=made.path, mb=mb, posts=counts["posts"], incidents=counts["incidents"], images=images)
    out.print(plain(told), markup=False, highlight=False, soft_wrap=True)
    if made.rotated:
        out.print(ROTATED.format(count=len(made.rotated)), highlight=False)
    out.print(str(NO_KEYS), style="dim", highlight=False)

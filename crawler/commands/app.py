"""All verbs together. A new verb is one module beside this one and one line in VERBS."""

from pathlib import Path
from typing import Annotated

import typer
from typer import rich_utils

from crawler.commands import (
    check,
    crawl,
    deliveries,
    demo,
    doctor,
    explain,
    incidents,
    ingest,
    match,
    places,
    reindex,
    search,
    shell,
)
from crawler.commands import run as run_for_ever
from crawler.model.text import Text

VERBS = {
    "check": check.check,
    "crawl": crawl.crawl,
    "run": run_for_ever.run,
    "ingest": ingest.ingest,
    "search": search.search,
    "places": places.places,
    "match": match.match,
    "incidents": incidents.incidents,
    "deliveries": deliveries.deliveries,
    "explain": explain.explain,
    "reindex": reindex.reindex,
    "doctor": doctor.doctor,
    "demo": demo.demo,
}

HELP = Text(
    "Отклик слушает город: находит жалобы жителей, ставит их на карту, поднимает инциденты и передаёт исполнителям.",
    "Otklik listens to a city: finds residents' complaints, places them, raises incidents and hands them over.",
)
DATA = Text(
    "папка установки (иначе OTKLIK_HOME, иначе var/)", "folder of the installation (else OTKLIK_HOME, else var/)"
)
LOCALE = Text("язык текстов: ru или en", "language of texts: ru or en")


def _options(
    data: Annotated[Path | None, typer.Option(help=str(DATA), show_default=False)] = None,
    locale: Annotated[str, typer.Option(help=str(LOCALE), show_default=False)] = "",  # noqa: ARG001 - read in cli.py
) -> None:
    shell.Settings.data = data
    shell.log_to_stderr()


def application() -> typer.Typer:
    """The command with all its verbs, their help in the current locale."""
    rich_utils.ARGUMENTS_PANEL_TITLE = str(Text("Аргументы", "Arguments"))
    rich_utils.OPTIONS_PANEL_TITLE = str(Text("Ключи", "Options"))
    rich_utils.COMMANDS_PANEL_TITLE = str(Text("Команды", "Commands"))
    app = typer.Typer(help=str(HELP), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
    app.callback()(_options)
    for name, verb in VERBS.items():
        app.command(name, help=str(verb.help))(verb.run)
    return app


def run() -> None:
    """Run the command line of this process."""
    shell.run(application())

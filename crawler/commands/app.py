"""All verbs together. A new verb is one module beside this one, with a function of its name, and one line in VERBS."""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup

from crawler.commands import usage
from crawler.model.text import Text

VERBS = {
    "check": Text("проверить файл города целиком", "check the whole of a city file"),
    "crawl": Text("обойти источники один раз", "crawl the sources once"),
    "run": Text("работать постоянно", "run for ever"),
    "ingest": Text("принять публикации строками JSON или таблицей", "take posts as JSON lines or a table"),
    "search": Text("найти в архиве", "search the archive"),
    "count": Text("сколько найдено, по чему и когда", "how many are found, by what and when"),
    "export": Text("выгрузить найденное в таблицу", "export what is found into a table"),
    "lint": Text("как читается запрос и что в нём не так", "how a query is read and what is wrong with it"),
    "backtest": Text("что поднял бы запрос за последние дни", "what a query would have raised in the last days"),
    "places": Text("найти места в текстах", "find places in texts"),
    "gazetteer": Text(
        "собрать газеттир города и посмотреть, что в нём", "build the gazetteer of a city and look into it"
    ),
    "topics": Text("обучить и измерить модель тем", "train and measure a model of topics"),
    "match": Text("какие запросы совпадут с публикациями", "which saved searches fit given posts"),
    "incidents": Text("очередь инцидентов и решения по ним", "the queue of incidents and decisions on them"),
    "risks": Text("информационные риски: как растут и откуда", "information risks: how they rise and where from"),
    "register": Text("зарегистрировать звонок или ссылку", "register a call or a link"),
    "deliveries": Text("что ещё не доставлено исполнителям", "what is not yet delivered to executors"),
    "stories": Text("сюжеты: кто пишет об одном событии", "stories: who writes of the same event"),
    "apart": Text("решения людей: не копия, не один сюжет", "decisions of people: no copy, not one story"),
    "explain": Text("почему публикация понята так", "why a post was understood as it was"),
    "reindex": Text("построить индекс заново", "build the index again"),
    "reread": Text("прочитать накопленное заново", "read what is stored again"),
    "erase": Text("стереть публикации или автора отовсюду", "erase posts or an author from everywhere"),
    "retention": Text("убрать то, что больше не хранится", "remove what is kept no longer"),
    "backup": Text("сделать копию установки", "make a backup of the installation"),
    "restore": Text("вернуть установку из копии", "take the installation back from a backup"),
    "doctor": Text("что не так и что делать", "what is wrong and what to do"),
    "demo": Text("показать придуманный город", "show the invented town"),
    "console": Text(
        "Консоль в браузере: очередь, инциденты, люди", "The console in a browser: queue, incidents, people"
    ),
    "user": Text("Кто может войти в консоль", "Who may sign in to the console"),
}
"""Each verb with its help. Its module is loaded when it is asked for: no verb pays for the imports of another."""

HELP = Text(
    "Отклик слушает город: находит жалобы жителей, ставит их на карту, поднимает инциденты и передаёт исполнителям.",
    "Otklik listens to a city: finds residents' complaints, places them, raises incidents and hands them over.",
)
DATA = Text(
    "папка установки (иначе OTKLIK_HOME, иначе var/)", "folder of the installation (else OTKLIK_HOME, else var/)"
)
SHOW_HELP = Text("показать эту справку", "show this help")
LOCALE = Text("язык текстов: ru или en", "language of texts: ru or en")


def _options(
    data: Annotated[Path | None, typer.Option(help=str(DATA), show_default=False)] = None,
    locale: Annotated[str, typer.Option(help=str(LOCALE), show_default=False)] = "",  # noqa: ARG001 - read in cli.py
) -> None:
    from crawler.commands import shell

    shell.Settings.data = data
    shell.log_to_stderr()


class _Verb(TyperCommand):
    """One verb, its help with headings in the locale. Its query may begin with a minus."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        ctx.ignore_unknown_options = usage.takes_minus(self, args)
        return super().parse_args(ctx, args)

    def get_help_option(self, ctx: Any) -> Any:
        return _help_in_locale(super().get_help_option(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _name_panels()
        super().format_help(ctx, formatter)


class _Verbs(TyperGroup):
    """The verbs: known by name and help until one is asked for. A wrong command line is told in the locale."""

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        with usage.told():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: Any) -> Any:
        from crawler.commands import shell

        with usage.told(), shell.piped():
            return super().invoke(ctx)

    def get_help_option(self, ctx: Any) -> Any:
        return _help_in_locale(super().get_help_option(ctx))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _name_panels()
        super().format_help(ctx, formatter)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args[0] in VERBS:
            self.commands[args[0]] = typer.main.get_command(_alone(args[0]))
        return super().resolve_command(ctx, args)


def _name_panels() -> None:
    from typer import rich_utils  # a quarter of a second: only for help

    rich_utils.ARGUMENTS_PANEL_TITLE = str(Text("Аргументы", "Arguments"))
    rich_utils.OPTIONS_PANEL_TITLE = str(Text("Ключи", "Options"))
    rich_utils.COMMANDS_PANEL_TITLE = str(Text("Команды", "Commands"))


def _help_in_locale(option: Any) -> Any:
    if option is not None:
        option.help = str(SHOW_HELP)
    return option


def _alone(name: str) -> typer.Typer:
    """The verb of that name, its module loaded."""
    verb = getattr(import_module(f"crawler.commands.{name}"), name)
    alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    alone.command(name, cls=_Verb, help=str(VERBS[name]))(verb)
    return alone


def application() -> typer.Typer:
    """The command with all its verbs, their help in the current locale."""
    app = typer.Typer(
        cls=_Verbs, help=str(HELP), no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )
    app.callback()(_options)
    for name, text in VERBS.items():
        app.command(name, help=str(text))(_not_loaded)
    return app


def _not_loaded() -> None:
    """Stands for every verb until it is asked for."""


def run() -> None:
    """Run the command line of this process."""
    from crawler.commands import shell

    shell.run(application())

"""`otklik demo`: the invented town, served on this machine, crawled twice, ending with its incidents."""

import asyncio
import shlex
import shutil
import signal
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from crawler.checking import load_city
from crawler.commands.crawl import print_results
from crawler.commands.incidents import show_queue
from crawler.commands.shell import JsonOption, Settings, out, plain, print_json, table
from crawler.environment import CHECKOUT
from crawler.health import SourceResult
from crawler.installation import Desk, Installation
from crawler.model.city import City, Deliver
from crawler.model.ports import SystemClock
from crawler.model.text import Text, current_locale
from crawler.reactor import in_reactor
from crawler.runner import crawl_sources
from demo.town import SECRET, Town
from search.incidents import list_incidents
from search.state.copies import copy_of
from search.state.tables import deliveries, incidents, matches, posts, readings, reports
from search.states import OPEN

NO_SERVE = Text(
    "закончить сразу, не оставляя страницы города открытыми", "end at once, without keeping the town's pages open"
)
FIRST = Text("Первый обход: {names}; запросов {pages}", "First pass: {names}; {pages} requests")
SECOND = Text(
    "Второй обход: что исправили и удалили; запросов {pages}",
    "Second pass: what was edited and deleted; {pages} requests",
)
NEXT = Text("Что дальше (скопируйте строку):", "What next (copy a line):")
PAGES = Text(
    "Страницы города: {telegram} и {news}. Закончить: Ctrl-C.", "The town's pages: {telegram} and {news}. Stop: Ctrl-C."
)
SHOW = Text("что написали жители и почему это один инцидент", "what residents wrote, and why it is one incident")
CONFIRM = Text("подтвердить: инцидент уйдёт исполнителю", "confirm: the incident goes to its executor")
EXPLAIN = Text("почему публикация признана копией", "why a post was taken for a copy")
SEARCH = Text("найти в архиве: слово и улица", "search the archive: a word and a street")
# The town is served by us and asked by us: politeness to strangers would only make people wait.
QUICK = {"DOWNLOAD_DELAY": 0, "AUTOTHROTTLE_ENABLED": False, "LOG_LEVEL": "WARNING"}


@dataclass(frozen=True)
class DemoSecrets:
    """The one secret of the invented town."""

    def get(self, name: str) -> str:  # noqa: ARG002 - the town has only one
        """The secret of the duty desk."""
        return SECRET


def demo(
    no_serve: Annotated[bool, typer.Option("--no-serve", help=str(NO_SERVE))] = False, as_json: JsonOption = False
) -> None:
    """Serve the town, crawl it twice, show what came of it."""
    home = Settings.environment.home(Settings.data) / "demo"
    shutil.rmtree(home, ignore_errors=True)
    city = load_city(str(CHECKOUT / "cities" / "tikhoozersk.toml"))
    clock = SystemClock()
    with Town(clock.now()) as town:
        served = town.served(city)
        with Installation.open(Settings.environment, home, [served], clock, DemoSecrets()) as installation:
            passes = in_reactor(_two_passes(installation, served, town))
            waiting = installation.finish(30)
            counts = _counts(installation, served)
            if not as_json:
                _show(town, passes, counts)
            desk = installation.desk(city.key)
            count = show_queue(desk, as_json=as_json)
            commands = _commands(desk, home)
        if as_json:
            outcomes = sum((Counter(one.health.outcomes) for one in passes.results), Counter[str]())
            print_json({"incidents": count, **counts, "outcomes": outcomes, "to_deliver": waiting.deliveries})
        else:
            out.print(f"\n{NEXT}", style="bold")
            for command, why in commands:
                out.print(f"  # {why}", style="dim", markup=False, highlight=False)
                out.print(f"  {plain(command)}", markup=False, highlight=False, soft_wrap=True)
        if not no_serve:
            _keep_open(town)
    if any(one.broken or one.failure for one in passes.results):
        raise typer.Exit(1)


@dataclass(frozen=True)
class Passes:
    """What the two passes came to, and the requests that each took."""

    first: list[SourceResult]
    second: list[SourceResult]
    requests: tuple[int, int]

    @property
    def results(self) -> list[SourceResult]:
        """Those of both."""
        return [*self.first, *self.second]


async def _two_passes(installation: Installation, city: City, town: Town) -> Passes:
    first = await crawl_sources(city, city.sources, installation, settings=QUICK)
    asked = _requests(town)
    town.second_visit()
    second = await crawl_sources(city, city.sources, installation, settings=QUICK)
    return Passes(first, second, (asked, _requests(town) - asked))


def _requests(town: Town) -> int:
    return town.telegram.requests + town.news.requests


def _counts(installation: Installation, city: City) -> dict[str, int]:
    """How many posts there are, and how many of them are copies, placed, matched and reports."""
    current = sa.and_(
        readings.c.city == posts.c.city, readings.c.post == posts.c.id, readings.c.version == posts.c.version
    )
    with installation.database.read() as connection:
        contents = connection.execute(
            sa.select(copy_of, readings.c.content).join_from(posts, readings, current).where(posts.c.city == city.key)
        ).all()

        def count(table: sa.Table, column: sa.ColumnElement[object]) -> int:
            return connection.scalar(sa.select(sa.func.count(column)).where(table.c.city == city.key)) or 0

        return {
            "posts": len(contents),
            "copies": sum(bool(row.copy_of) for row in contents),
            "placed": sum(bool(row.content.get("places")) for row in contents),
            "matched": count(matches, sa.distinct(matches.c.post)),
            "reports": count(reports, reports.c.id),
            "raised": count(incidents, incidents.c.id),
            "delivered": count(deliveries, deliveries.c.id),
        }


def _commands(desk: Desk, home: Path) -> list[tuple[str, Text]]:
    """What a newcomer may try next, ready to be pasted: on incidents and posts that this run has."""
    with desk.database.read() as connection:
        queue = list_incidents(connection, desk.city, OPEN)
        query = sa.select(posts.c.id).where(posts.c.city == desk.city.key, copy_of != "").limit(1)
        copy = connection.scalar(query)
    at_once = {route.key for route in desk.city.routes if route.deliver is Deliver.AT_ONCE}
    told = max(queue, key=lambda incident: incident.reports, default=None)
    waiting = next((incident for incident in queue if incident.route not in at_once), None)
    asked = [] if current_locale() == Settings.environment.locale() else ["--locale", current_locale()]
    start = [sys.argv[0], *asked, "--data", str(home)]
    city = desk.city.key
    verbs: list[tuple[list[str], Text]] = []
    if told:
        verbs.append((["incidents", city, "show", str(told.number)], SHOW))
    if waiting:
        verbs.append((["incidents", city, "confirm", str(waiting.number)], CONFIRM))
    if copy:
        verbs.append((["explain", city, copy], EXPLAIN))
    verbs.append((["search", city, "вода street:Речная"], SEARCH))
    return [(shlex.join([*start, *words]), why) for words, why in verbs]


def _show(town: Town, passes: Passes, counts: dict[str, int]) -> None:
    names = f"{town.channel.title}, {town.news.title}"
    first, second = passes.requests
    out.print(plain(FIRST.format(names=names, pages=first)), style="bold", markup=False, highlight=False)
    print_results(passes.first)
    out.print(f"\n{SECOND.format(pages=second)}", style="bold", markup=False, highlight=False)
    print_results(passes.second)
    out.print()
    words = {
        "posts": Text("публикаций", "posts"),
        "copies": Text("из них копии", "of them copies"),
        "placed": Text("с местом", "with a place"),
        "matched": Text("совпали с запросами", "matched by searches"),
        "reports": Text("обращений", "reports"),
        "raised": Text("поднято инцидентов", "incidents raised"),
        "delivered": Text("из них опасные, переданы сразу", "dangerous ones, handed over at once"),
    }
    columns = [Text("что", "what"), Text("число", "count")]
    out.print(table(Text("Путь", "The way"), columns, [(words[word], count) for word, count in counts.items()]))
    out.print()


def _keep_open(town: Town) -> None:
    urls = {"telegram": town.telegram.address(town.channel.name), "news": town.news.url}
    out.print(PAGES.format(**urls), markup=False, highlight=False, soft_wrap=True)

    async def waiting() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()

    asyncio.run(waiting())

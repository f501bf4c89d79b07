"""`otklik demo`: the invented town, served on this machine, crawled twice, ending with its incidents in the console."""

import shutil
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

import typer

from crawler.accounts import users
from crawler.accounts.roles import ROLE_NAMES, Role
from crawler.checking import load_city
from crawler.commands.demo_shown import (
    AGAIN,
    CRAWLING,
    PREPARING,
    SENDING,
    counts_of,
    print_busy,
    print_console,
    print_next,
    print_pages,
    print_passes,
    print_skipped,
    print_step,
)
from crawler.commands.incidents import show_queue
from crawler.commands.shell import JsonOption, Settings, print_json
from crawler.console.options import Options
from crawler.console.serving import listener, serve
from crawler.desk import Desk
from crawler.environment import CHECKOUT
from crawler.health import SourceResult
from crawler.installation import Installation
from crawler.model.city import City, Source
from crawler.model.errors import OtklikError
from crawler.model.ports import SystemClock
from crawler.model.text import Text
from crawler.platforms.selectors import needs_browser
from crawler.reactor import in_reactor
from crawler.runner import crawl_sources
from demo.town import OPERATOR, SECRET, Town
from search.incidents import change, list_incidents
from search.state.values import DEMO_MARK, keep_value
from search.states import State

NO_SERVE = Text(
    "закончить сразу, не открывая консоль и страницы города", "end at once, without the console and the town's pages"
)
CONSOLE_PORT = 8040
PASSWORD = "tihoozersk"  # noqa: S105 - of the demo, and shown on its sign-in page
SCREEN = 30
"""How much of the queue is shown: the rest is one command away."""
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
    """Serve the town, crawl it twice, and show what came of it."""
    home = Settings.environment.home(Settings.data) / "demo"
    step = _silent if as_json else print_step
    step(PREPARING)
    shutil.rmtree(home, ignore_errors=True)
    city = load_city(str(CHECKOUT / "cities" / "tikhoozersk.toml"))
    clock = SystemClock()
    with Town(clock.now()) as town:
        served = town.served(city)
        with Installation.open(Settings.environment, home, [served], clock, DemoSecrets()) as installation:
            with installation.database.begin() as connection:
                keep_value(connection, DEMO_MARK, city.key)
            first, second, requests = in_reactor(_two_passes(installation, served, town, step))
            step(SENDING)
            waiting = installation.finish(30)
            desk = installation.desk(city.key)
            counts = counts_of(desk)
            if not as_json:
                print_passes(first, second, requests, town.decisions, counts)
                print_skipped(skipped(served))
            count = show_queue(desk, as_json=as_json, most=SCREEN)
            if as_json:
                outcomes = sum((Counter(one.health.outcomes) for one in [*first, *second]), Counter[str]())
                print_json({"incidents": count, **counts, "outcomes": outcomes, "to_deliver": waiting.deliveries})
            else:
                print_next(desk, home)
            if not no_serve:
                print_pages(town.pages())
                _serve(installation)
    if any(one.broken or one.failure for one in [*first, *second]):
        raise typer.Exit(1)


def _silent(*_: object, **__: object) -> None:
    """Says nothing."""


async def _two_passes(
    installation: Installation, city: City, town: Town, step: Callable[..., None]
) -> tuple[list[SourceResult], list[SourceResult], tuple[int, int]]:
    """What two passes came to, and the requests that each took."""
    sources = [source for source in city.sources if source not in skipped(city)]
    step(CRAWLING, sources=len(sources))
    first = await crawl_sources(city, sources, installation, settings=QUICK)
    asked = town.requests
    step(AGAIN)
    _decide(installation.desk(city.key), town)
    town.second_visit()
    second = await crawl_sources(city, sources, installation, settings=QUICK)
    return first, second, (asked, town.requests - asked)


def skipped(city: City) -> list[Source]:
    """The sources in JavaScript where there is no browser: the demo downloads none, and the rest goes on."""
    return [] if Settings.environment.chromium() else [source for source in city.sources if needs_browser(source)]


def _decide(desk: Desk, town: Town) -> None:
    """The decisions of the operator on shift."""
    with desk.database.begin() as connection:
        numbers = {one.title: one.number for one in list_incidents(connection, desk.city)}
        for decision in town.decisions:
            for state in decision["to"]:
                number, to, why = numbers[decision["title"]], State(state), decision["why"]
                change(connection, desk.city, number, to, OPERATOR, why, at=desk.clock.now(), keys=desk.keys)


def _serve(installation: Installation) -> None:
    """The console, with somebody of every role, until it is stopped."""
    secret = users.hashed(PASSWORD)
    with installation.database.begin() as connection:
        for role in Role:
            users.add(connection, role.value, secret, role, shown=str(ROLE_NAMES[role]), at=installation.clock.now())
    try:
        listening = listener("127.0.0.1", CONSOLE_PORT)
    except OtklikError:
        # Another demo, or another program, has it.
        print_busy(CONSOLE_PORT)
        listening = listener("127.0.0.1", 0)
    with listening:
        shown = {role.value: PASSWORD for role in (Role.OPERATOR, Role.ANALYST, Role.ADMINISTRATOR, Role.READER)}
        print_console(f"http://127.0.0.1:{listening.getsockname()[1]}", shown)
        serve(installation, Options(shown=shown), listening)

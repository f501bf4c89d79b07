"""What `otklik demo` prints: the two passes, the way of the posts, and commands to go on with."""

import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from crawler.commands.crawl import print_results
from crawler.commands.shell import Settings, err, out, plain, table
from crawler.desk import Desk
from crawler.fetching.browser import INSTALL
from crawler.health import SourceResult
from crawler.model.city import Deliver, Source
from crawler.model.text import Text, current_locale
from search.incidents import list_incidents
from search.state.copies import copy_of
from search.state.tables import deliveries, incidents, matches, posts, readings, reports
from search.states import OPEN, STATE_NAMES, State

FIRST = Text(
    "Первый обход: источников {sources}, запросов {requests}", "First pass: {sources} sources, {requests} requests"
)
SKIPPED = Text("Источник {source} пропущен.", "Source {source} is skipped.")
SHIFT = Text("Между обходами решил оператор:", "Between the passes the operator decided:")
SECOND = Text(
    "Второй обход: что исправили, удалили и дописали; запросов {requests}",
    "Second pass: what was edited, deleted and added; {requests} requests",
)
PREPARING = Text("Готовим придуманный город и его сайты …", "Preparing the invented town and its sites …")
CRAWLING = Text(
    "Первый обход: {sources} источников, все публикации за две недели … Это самая долгая часть.",
    "First crawl: {sources} sources, all posts of two weeks … This takes the longest.",
)
AGAIN = Text(
    "Оператор решает, город меняется. Второй обход …", "The operator decides, the town changes. Second crawl …"
)
SENDING = Text("Передаём исполнителям …", "Handing over to executors …")
NEXT = Text("Что дальше (скопируйте строку):", "What next (copy a line):")
BUSY = Text(
    "Порт {port} занят другой программой: консоль этого города на другом порту",
    "Port {port} is another program's: the console of this town has another port",
)
CONSOLE = Text("Консоль: {url} (Ctrl+C — закончить). Войти:", "The console: {url} (Ctrl+C ends it). To sign in:")
PAGES = Text("Страницы города (закончить: Ctrl-C):", "The town's pages (stop: Ctrl-C):")
QUEUE = Text("вся очередь", "the whole queue")
SHOW = Text("как авария разошлась: голоса одного инцидента", "how an accident spread: the voices of one incident")
REPEAT = Text("починено, сломалось снова: повторный инцидент", "mended and broken again: a repeated incident")
RISKS = Text("чем город взволнован: кривая, первые, паблики", "what the town is upset by: curve, first voices, publics")
CONFIRM = Text("подтвердить: инцидент уйдёт исполнителю", "confirm: the incident goes to its executor")
EXPLAIN = Text("почему публикация признана копией", "why a post was taken for a copy")
SEARCH = Text("найти в архиве: слова и улица", "search the archive: words and a street")
WAY = {
    "posts": Text("публикаций", "posts"),
    "copies": Text("из них копии", "of them copies"),
    "placed": Text("с местом", "with a place"),
    "matched": Text("совпали с запросами", "matched by searches"),
    "reports": Text("обращений", "reports"),
    "raised": Text("поднято инцидентов", "incidents raised"),
    "delivered": Text("переданы исполнителям", "handed over to executors"),
}


def counts_of(desk: Desk) -> dict[str, int]:
    """How many posts there are, and how many of them are copies, placed, matched and reports."""
    city = desk.city.key
    current = sa.and_(
        readings.c.city == posts.c.city, readings.c.post == posts.c.id, readings.c.version == posts.c.version
    )
    with desk.database.read() as connection:
        contents = connection.execute(
            sa.select(copy_of, readings.c.content).join_from(posts, readings, current).where(posts.c.city == city)
        ).all()

        def count(table: sa.Table, column: sa.ColumnElement[object]) -> int:
            return connection.scalar(sa.select(sa.func.count(column)).where(table.c.city == city)) or 0

        return {
            "posts": len(contents),
            "copies": sum(bool(row.copy_of) for row in contents),
            "placed": sum(bool(row.content.get("places")) for row in contents),
            "matched": count(matches, sa.distinct(matches.c.post)),
            "reports": count(reports, reports.c.id),
            "raised": count(incidents, incidents.c.id),
            "delivered": count(deliveries, deliveries.c.id),
        }


def print_passes(
    first: Sequence[SourceResult],
    second: Sequence[SourceResult],
    requests: tuple[int, int],
    decisions: Sequence[Mapping[str, Any]],
    counts: Mapping[str, int],
) -> None:
    """Both passes with what was decided between them, and the way of the posts."""
    _heading(FIRST.format(sources=len(first), requests=requests[0]))
    print_results(first)
    _heading(f"\n{SHIFT}")
    for decision in decisions:
        _line(f"  {decision['title']}: {STATE_NAMES[State(decision['to'][-1])]}")
    _heading(f"\n{SECOND.format(requests=requests[1])}")
    print_results(second)
    columns = [Text("что", "what"), Text("число", "count")]
    out.print()
    out.print(table(Text("Путь", "The way"), columns, [(WAY[word], count) for word, count in counts.items()]))
    out.print()


def print_step(step: Text, **values: object) -> None:
    """What goes on now, for who waits; programs that read lines of JSON do not."""
    err.print(plain(step.format(**values)), style="dim", markup=False, highlight=False)


def print_skipped(sources: Sequence[Source]) -> None:
    """Sources that were left out, and what they need."""
    for source in sources:
        _line(f"{SKIPPED.format(source=source.key)} {INSTALL}\n")


def print_next(desk: Desk, home: Path) -> None:
    """What a newcomer may try next, ready to be pasted: on incidents and posts that this run has."""
    asked = [] if current_locale() == Settings.environment.locale() else ["--locale", current_locale()]
    start = [sys.argv[0], *asked, "--data", str(home)]
    _heading(f"\n{NEXT}")
    for words, why in _verbs(desk):
        out.print(f"  # {why}", style="dim", markup=False, highlight=False)
        _line(f"  {shlex.join([*start, *words])}")


def print_pages(pages: Mapping[str, str]) -> None:
    """Where people can look at the sources."""
    _heading(f"\n{PAGES}")
    for key, url in pages.items():
        _line(f"  {key}: {url}")


def print_busy(port: int) -> None:
    """That the usual address of the console shows something else."""
    _line(f"\n{BUSY.format(port=port)}")


def print_console(url: str, people: Mapping[str, str]) -> None:
    """Where the console is, and how to sign in to it."""
    _heading(f"\n{CONSOLE.format(url=url)}")
    for name, password in people.items():
        _line(f"  {name} / {password}")


def _verbs(desk: Desk) -> list[tuple[list[str], Text]]:
    city = desk.city.key
    with desk.database.read() as connection:
        queue = list_incidents(connection, desk.city, OPEN)
        copy = connection.scalar(sa.select(posts.c.id).where(posts.c.city == city, copy_of != "").limit(1))
    at_once = {route.key for route in desk.city.routes if route.deliver is Deliver.AT_ONCE}
    told = max((one for one in queue if not one.risk), key=lambda incident: incident.reports, default=None)
    repeat = next((incident for incident in queue if incident.repeat_of), None)
    new = [one for one in queue if one.state is State.NEW and one.route not in at_once and not one.risk]
    waiting = max(new, key=lambda incident: incident.reports, default=None)
    verbs: list[tuple[list[str], Text]] = [(["incidents", city], QUEUE)]
    if told:
        verbs.append((["incidents", city, "show", str(told.number)], SHOW))
    if any(incident.risk for incident in queue):
        verbs.append((["risks", city], RISKS))
    if repeat:
        verbs.append((["incidents", city, "show", str(repeat.number)], REPEAT))
    if waiting:
        verbs.append((["incidents", city, "confirm", str(waiting.number)], CONFIRM))
    if copy:
        verbs.append((["explain", city, copy], EXPLAIN))
    verbs.append((["search", city, "нет вода street:Речная"], SEARCH))
    return verbs


def _heading(text: str) -> None:
    out.print(plain(text), style="bold", markup=False, highlight=False)


def _line(text: str) -> None:
    out.print(plain(text), markup=False, highlight=False, soft_wrap=True)

"""`otklik backtest CITY QUERY`: what a saved search would have raised in the last days, before it is saved."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Annotated

import typer

from crawler.commands.advice import advise
from crawler.commands.search import parsed_query
from crawler.commands.shell import (
    CityArgument,
    JsonOption,
    full_time,
    local_time,
    opened,
    out,
    plain,
    print_json,
    table,
)
from crawler.desk import Desk
from crawler.model.city import SavedSearch
from crawler.model.errors import OtklikError
from crawler.model.rules import RuleKind
from crawler.model.text import Text
from search import saved, saving
from search.backtest import Backtest, Backtested
from search.rules.alarms import Alarm
from search.rules.misses import NOTHING_COUNTED, Miss
from search.verdicts import Verdicts, verdicts

QUERY = Text("запрос или ключ сохранённого", "a query, or the key of a saved one")
DAYS = Text("за сколько дней", "over how many days")
TOPIC = Text("тема: по ней собираются инциденты", "the topic, by which incidents are grouped")
HEAD = Text(
    "За {days} дн. опубликовано {archive}: совпало бы {posts}, обращений {reports}, инцидентов {incidents}.",
    "{archive} published in {days} days: {posts} would match, {reports} reports, {incidents} incidents.",
)
COST = Text("Процессорного времени: {seconds:.1f} с.", "CPU time: {seconds:.1f} s.")
PRECISION = Text(
    "Операторы подтвердили {good} из {judged} её инцидентов ({share:.0%}).",
    "Operators confirmed {good} of {judged} of its incidents ({share:.0%}).",
)
UNJUDGED = Text("Её инцидентов операторы ещё не разбирали.", "No incident of it has been judged by an operator yet.")

NO_ALARMS = Text("Тревог нет.", "No alarms.")
NEAREST = Text("Ближе всего {start} – {end}{key}: {told}.", "Nearest {start} – {end}{key}: {told}.")
MORE = Text("… и ещё {count}; все: --json", "… and {count} more; all: --json")
SHOWN = 20


def backtest(
    city: CityArgument,
    query: Annotated[str, typer.Argument(help=str(QUERY))],
    days: Annotated[int, typer.Option(min=1, max=366, help=str(DAYS))] = 30,
    topic: Annotated[str, typer.Option(help=str(TOPIC), show_default=False)] = "",
    as_json: JsonOption = False,
) -> None:
    """Print what it would have raised a day, examples, and which saved searches find the same."""
    with opened(city) as desk:
        search = _search(desk, query, topic)
        parsed_query(search.query, "", "", desk.names)
        desk.engine.refresh()
        advise(desk, search.query, saved=True)
        test = Backtest(desk.city, desk.database, desk.engine, desk.keys, desk.clock.now())
        found = test.run(search, days)
        with desk.database.read() as connection:
            judged = verdicts(connection, desk.city.key).get(search.id)
        if as_json:
            print_json(_as_json(found, judged))
        else:
            _show(desk, found, judged, search, days)


def _search(desk: Desk, query: str, topic: str) -> SavedSearch:
    """The saved search of that key, else one that is not saved yet."""
    with desk.database.read() as connection:
        there = {one.id: one for one in saved.active(connection, desk.city)}
    known = {**{one.id: one for one in desk.city.searches}, **there}
    named = known.get(query) or known.get(f"{saved.FILE}{query}") or known.get(f"user:{query}")
    topics = [*desk.city.topics, *(name for names in desk.city.topics.values() for name in names)]
    if topic and topic not in topics:
        text = Text("темы «{topic}» в городе нет; есть: {known}", "the city has no topic “{topic}”; it has: {known}")
        raise OtklikError(text.filled(topic=topic, known=", ".join(topics)))
    if named:
        return replace(named, topic=topic or named.topic)
    return SavedSearch("new:", query, query, topic or query, window=timedelta(days=3))


def _as_json(found: Backtested, judged: Verdicts | None) -> dict[str, object]:
    return {
        "archive": found.archive,
        "posts": found.posts,
        "reports": found.reports,
        "incidents": found.incidents,
        "days": [
            {
                "day": f"{day}",
                "posts": one.posts,
                "reports": one.reports,
                "incidents": one.incidents,
                "alarms": one.alarms,
            }
            for day, one in found.days.items()
        ],
        "alarms": [
            {"start": one.start_at.isoformat(), "end": one.end_at.isoformat(), "key": one.key} for one in found.alarms
        ],
        "nearest": _nearest(found.nearest),
        "examples": [{"id": one.post.id, "text": one.post.text} for one in found.examples],
        "overlap": found.overlap,
        "confirmed": judged.confirmed if judged else 0,
        "rejected": judged.rejected if judged else 0,
        "cpu_seconds": round(found.seconds, 3),
    }


def _show(desk: Desk, found: Backtested, judged: Verdicts | None, search: SavedSearch, days: int) -> None:
    out.print(HEAD.format(days=days, **_totals(found)), style="bold", highlight=False)
    out.print(COST.format(seconds=found.seconds), style="dim", highlight=False)
    if judged and judged.precision is not None:
        counted = judged.confirmed + judged.rejected
        said = PRECISION.format(good=judged.confirmed, judged=counted, share=judged.precision)
        out.print(said, highlight=False)
    elif search.id != "new:":
        out.print(str(UNJUDGED), highlight=False)
    busy = [(day, one) for day, one in found.days.items() if one.posts or one.alarms]
    if busy:
        words = [Text("день", "day"), Text("публикаций", "posts"), Text("обращений", "reports")]
        words += [Text("инцидентов", "incidents"), *([Text("тревог", "alarms")] if search.rule.counts else [])]
        lines = [(f"{day:%d.%m}", one.posts, one.reports, one.incidents, one.alarms) for day, one in busy]
        out.print(table(Text("По дням", "By day"), words, [line[: len(words)] for line in lines]))
    if found.alarms:
        _show_alarms(desk, found.alarms)
    elif search.rule.kind is RuleKind.SPIKE:
        _show_miss(desk, found)
    if found.overlap:
        with desk.database.read() as connection:
            names = {one.search.id: one.search.name for one in saving.current(connection, desk.city)}
        most = list(found.overlap.items())[:10]
        rows = [(names.get(key, key), count, f"{count / found.posts:.0%}") for key, count in most]
        columns = [Text("запрос", "search"), Text("тех же", "the same"), Text("доля", "share")]
        out.print(table(Text("Находят то же", "Find the same"), columns, rows))
    for one in found.examples:
        text = " ".join(f"{one.post.title} {one.post.text}".split())
        head = f"{full_time(one.post.published_at, desk.city.zone)}  {one.post.source}  {one.post.id}"
        out.print(plain(head), style="cyan", markup=False, highlight=False)
        out.print(plain(text if len(text) <= 200 else text[:199] + "…"), markup=False, highlight=False)


def _show_alarms(desk: Desk, alarms: Sequence[Alarm]) -> None:
    zone = desk.city.zone
    lines = [(local_time(one.start_at, zone), local_time(one.end_at, zone), one.key or "—") for one in alarms[:SHOWN]]
    columns = [Text("с", "from"), Text("до", "to"), Text("место, ветка, автор, слово", "place, thread, author, word")]
    out.print(table(Text("Тревоги правила", "Alarms of the rule"), columns, lines))
    if len(alarms) > SHOWN:
        out.print(MORE.format(count=len(alarms) - SHOWN), highlight=False)


def _nearest(miss: Miss | None) -> dict[str, object] | None:
    if miss is None or miss.weighed.lack is None:
        return None
    return {
        "start": miss.start_at.isoformat(),
        "end": miss.end_at.isoformat(),
        "key": miss.key,
        "lack": miss.weighed.lack.name.lower(),
        "posts": miss.weighed.posts,
        "compared": miss.weighed.compared,
        "usual": round(miss.weighed.usual, 2),
        "deviations": round(miss.weighed.deviations, 2),
    }


def _show_miss(desk: Desk, found: Backtested) -> None:
    miss = found.nearest
    if miss is None:
        if found.posts:
            out.print(f"{NO_ALARMS} {NOTHING_COUNTED}", highlight=False)
        return
    start, end = local_time(miss.start_at, desk.city.zone), local_time(miss.end_at, desk.city.zone)
    told = NEAREST.filled(start=start, end=end, key=f", {miss.key}" if miss.key else "", told=miss.told)
    out.print(plain(f"{NO_ALARMS} {told}"), markup=False, highlight=False)


def _totals(found: Backtested) -> dict[str, int]:
    names = ("archive", "posts", "reports", "incidents")
    return {name: getattr(found, name) for name in names}

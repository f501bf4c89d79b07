"""`otklik crawl CITY [SOURCE…]`: one pass over the sources, then one drain; for cron."""

from collections.abc import Sequence
from typing import Annotated

import typer

from crawler.alarms import drift_alarm
from crawler.commands.counting import DrainOption, print_drained
from crawler.commands.finding import Finding
from crawler.commands.shell import (
    NARROW,
    CityArgument,
    JsonOption,
    err,
    opened_installation,
    out,
    plain,
    print_json,
    progress,
    table,
)
from crawler.fetching import browser
from crawler.health import SourceResult
from crawler.installation import Installation
from crawler.model.city import City, Source
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from crawler.reactor import in_reactor, stop_on_signals
from crawler.runner import Progress, crawl_sources, crawlable
from crawler.troubles import says, told

# What is left of it the next pass removes.
EXPIRE_SECONDS = 5.0
SOURCES = Text("ключи источников; без них все", "keys of sources; all without them")
CRAWLING = Text("Обхожу источники", "Crawling sources")
UNKNOWN = Text(
    "В городе {city} нет источника {source}; есть: {known}.", "{city} has no source {source}; it has: {known}."
)
BROKEN = Text("Источник {source} не прочитан: {detail}", "Source {source} was not read: {detail}")


def crawl(
    city: CityArgument,
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE…]", help=str(SOURCES), show_default=False)
    ] = None,
    drain: DrainOption = 30.0,
    as_json: JsonOption = False,
) -> None:
    """Crawl the sources once, then drain once; exit code 1 when a source was not read or a post not stored."""
    with opened_installation(city) as (installation, loaded):
        results = in_reactor(one_pass(installation, loaded, _chosen(loaded, sources or [])))
        installation.expire(EXPIRE_SECONDS)
        drained = installation.finish(drain)
        crawled = {result.source.key: result.source for result in results}
        drifts = [one for one in installation.drifts(loaded.key) if one.source in crawled]
    if as_json:
        for result in results:
            parts = [one.part.value for one in drifts if one.source == result.source.key]
            print_json({**result_json(result), "lost": parts})
        print_json(
            {
                "to_index": drained.index,
                "to_deliver": drained.deliveries,
                "dead": drained.dead,
                "to_fetch": drained.images,
            }
        )
    else:
        print_results(results)
        for one in drifts:
            alarm = drift_alarm(one, crawled[one.source], loaded)
            line = Finding(alarm.where, alarm.what, alarm.typed)
            err.print(plain(line), style="yellow", markup=False, highlight=False, soft_wrap=True)
        print_drained(drained)
    if any(result.broken or result.failure or result.health.outcomes.get("rejected") for result in results):
        raise typer.Exit(1)


def _chosen(city: City, keys: Sequence[str]) -> list[Source]:
    known = {source.key: source for source in crawlable(city.sources)}
    for key in keys:
        if key not in known:
            raise OtklikError(UNKNOWN.filled(city=city.key, source=key, known=", ".join(known) or "—"))
    return [known[key] for key in keys] or list(known.values())


async def one_pass(installation: Installation, city: City, sources: Sequence[Source]) -> list[SourceResult]:
    """Crawl the sources once, with a progress bar; Ctrl-C and SIGTERM end it cleanly, what was read is kept."""
    stop = stop_on_signals()
    with progress(CRAWLING, len(sources)) as done:

        def watch(at: Progress) -> None:
            done(1 if at.result else 0)

        return await crawl_sources(city, sources, installation, stop=stop, watch=watch)


def result_json(result: SourceResult) -> dict[str, object]:
    """What a crawl of one source came to, for machines."""
    health = result.health
    return {
        "source": result.source.key,
        "outcomes": health.outcomes,
        "published": health.published,
        "gaps": health.gaps,
        "lag": health.lag,
        "errors": health.errors,
        "quota": health.quota,
        "broken": result.broken,
    }


_WORDS = {
    "seen": Text("увидено", "seen"),
    "new": Text("новых", "new"),
    "changed": Text("изменено", "changed"),
    "unchanged": Text("прежних", "unchanged"),
    "rejected": Text("отклонено", "rejected"),
    "skipped": Text("пропущено", "skipped"),
    "gone": Text("исчезло", "gone"),
}
_COLUMNS = (
    Text("источник", "source"),
    *_WORDS.values(),
    Text("недочитано", "gaps"),
    Text("ошибок", "errors"),
    Text("задержка", "lag"),
    Text("вызовов осталось", "calls left"),
)
_TROUBLED = Text("Источник {source}: {detail}", "Source {source}: {detail}")


def print_results(results: Sequence[SourceResult]) -> None:
    """The table of sources, and beneath it what was wrong with which."""
    columns, rows = list(_COLUMNS), [_row(result) for result in results]
    if not any(result.health.quota for result in results):
        # No token, no quota.
        columns, rows = columns[:-1], [row[:-1] for row in rows]
    if out.width < NARROW:
        kept = [at for at in range(len(columns)) if at < 2 or any(row[at] not in (0, "—") for row in rows)]
        columns, rows = [columns[at] for at in kept], [tuple(row[at] for at in kept) for row in rows]
    out.print(table(Text("Источники", "Sources"), columns, rows))
    for result in results:
        if result.broken or result.health.errors:
            err.print(plain(_wrong(result)), style="yellow", markup=False, highlight=False, soft_wrap=True)


def _row(result: SourceResult) -> tuple[object, ...]:
    health = result.health
    return (
        result.source.key,
        *(health.outcomes.get(word, 0) for word in _WORDS),
        health.gaps,
        sum(health.errors.values()),
        _lag(health.lag),
        min(health.quota.values(), default="—"),
    )


def _wrong(result: SourceResult) -> str:
    """What was wrong with a source, and what to do about each word."""
    detail = told(result.health.errors) or str(says(result.broken) or result.broken)
    if result.failure is not None:
        detail = f"{detail}. {result.failure}"
    shown = (BROKEN if result.broken else _TROUBLED).format(source=result.source.key, detail=detail)
    if advice := browser.ADVICE.get(result.broken):
        shown = f"{shown}. {advice}"
    known = PLATFORMS[result.source.platform].advice
    return shown + "".join(f"\n  → {known[word]}" for word in sorted(result.health.errors) if word in known)


def _lag(seconds: float | None) -> str:
    if seconds is None:
        return "—"
    minutes = round(seconds / 60)
    return str(Text(f"{minutes} мин", f"{minutes} min"))

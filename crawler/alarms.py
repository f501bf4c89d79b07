"""What is wrong with the sources of a city, and what to do about each: what the doctor tells and the console shows."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from crawler.fetching import browser
from crawler.model.articles import Part
from crawler.model.city import City, Source
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from crawler.schedule import LONGEST_BACKOFF
from crawler.troubles import told
from search.state import drift, health, marks
from search.state.drift import Drift
from search.state.health import SourceHealth
from search.state.tables import posts
from spiders.intake_cursor import IntakeCursor


class Level(StrEnum):
    """How bad it is: a source gives less than it has, or it only wants a look."""

    ATTENTION = "attention"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is wrong with a source. `short` fits a row; `part` names a file of an intake; `command` is what an
    administrator of the server types, which the command line alone says. `since` is when the source was last well, None
    where it never was or the alarm is of no such kind.
    """

    source: Source
    level: Level
    short: Text
    what: Text
    todo: Text
    part: str = ""
    command: str = ""
    since: datetime | None = None

    @property
    def typed(self) -> Text:
        """What to do, as the command line says it."""
        return Text(*(f"{one}: {self.command}" for one in (self.todo.ru, self.todo.en))) if self.command else self.todo

    @property
    def where(self) -> str:
        """The source, with its file where only that is wrong."""
        return f"{self.source.key}: {self.part}" if self.part else self.source.key


def watched_sources(city: City) -> list[Source]:
    """Those that a spider reads."""
    return [source for source in city.sources if PLATFORMS[source.platform].spider]


def alarms(connection: sa.Connection, city: City, now: datetime) -> list[Alarm]:
    """Every alarm, in the order of the city file. Costs a few queries, each bounded by the city's sources."""
    last = health.latest(connection, city.key)
    counts = _counts(connection, city, now)
    drifts = list(drift.current(connection, city.key))
    found: list[Alarm] = []
    for source in watched_sources(city):
        if source.key not in last:
            command = f"otklik crawl {city.key} {source.key}"
            found.append(Alarm(source, Level.WARNING, NEVER_SHORT, NEVER, NEVER_TODO, command=command))
        elif last[source.key].outcomes.get("broken"):
            found.append(_failing(connection, source, last[source.key]))
        else:
            found += _stale(source, city, last[source.key], now)
            found += _amiss(connection, city, source, counts.get(source.key, 0), now)
            found += [drift_alarm(one, source, city) for one in drifts if one.source == source.key]
            found += _tables(connection, city, source)
    return found


def drift_alarm(one: Drift, source: Source, city: City) -> Alarm:
    """What is said of a site whose articles have lost a part."""
    what = LOST.filled(
        since=one.since.astimezone(city.zone).strftime("%d.%m %H:%M"),
        part=LOST_PARTS[one.part],
        have=one.have,
        of=one.of,
        usual=round(100 * one.usual),
        url=one.example,
    )
    return Alarm(source, Level.ATTENTION, LOST_SHORT.filled(part=LOST_PARTS[one.part]), what, LOST_TODO)


def _counts(connection: sa.Connection, city: City, now: datetime) -> dict[str, int]:
    """How many posts each source that promises something has in the span it promises them for."""
    spans: defaultdict[timedelta, list[str]] = defaultdict(list)
    for source in watched_sources(city):
        expected = source.expectations
        if expected.at_least or expected.at_most is not None:
            spans[expected.per].append(source.key)
    found: dict[str, int] = {}
    for span, keys in spans.items():
        here = (posts.c.city == city.key, posts.c.source.in_(keys), posts.c.published_at >= now - span)
        query = sa.select(posts.c.source, sa.func.count()).where(*here).group_by(posts.c.source)
        found |= {source: number for source, number in connection.execute(query)}  # noqa: C416 - rows are no pairs
    return found


def _failing(connection: sa.Connection, source: Source, last: SourceHealth) -> Alarm:
    since, times = health.since_success(connection, last)
    advice = {**browser.ADVICE, **PLATFORMS[source.platform].advice}
    todo = next((advice[word] for word in last.errors if word in advice), OPEN_IT.filled(url=source.address))
    what = NOT_READ.filled(n=times, errors=told(last.errors))
    return Alarm(source, Level.ATTENTION, NOT_READ_SHORT, what, todo, since=since)


def _stale(source: Source, city: City, last: SourceHealth, now: datetime) -> Iterator[Alarm]:
    """No crawl for longer than the longest pause that a source is ever given: nobody crawls."""
    if now - last.finished_at > LONGEST_BACKOFF + source.every:
        what = STALE.filled(last=last.finished_at.astimezone(city.zone).strftime("%d.%m %H:%M"))
        short = STALE_SHORT.filled(h=(now - last.finished_at) // timedelta(hours=1))
        command = f"otklik run {city.key}"
        yield Alarm(source, Level.ATTENTION, short, what, STALE_TODO, command=command, since=last.finished_at)


def _amiss(connection: sa.Connection, city: City, source: Source, count: int, now: datetime) -> Iterator[Alarm]:
    """Fewer or more posts than the city file expects of the source."""
    expected = source.expectations
    if count < expected.at_least:
        here = (posts.c.city == city.key, posts.c.source == source.key)
        newest = connection.scalar(sa.select(sa.func.max(posts.c.published_at)).where(*here))
        told_at = newest.astimezone(city.zone).strftime("%d.%m %H:%M") if newest else "—"
        what = SILENT.filled(count=count, least=expected.at_least, per=expected.per, last=told_at)
        short = SILENT_FOR.filled(h=(now - newest) // timedelta(hours=1)) if newest else SILENT_SHORT
        yield Alarm(source, Level.ATTENTION, short, what, LOOK_AT_IT.filled(url=source.address), since=newest)
    elif expected.at_most is not None and count > expected.at_most:
        what = TOO_MANY.filled(count=count, most=expected.at_most)
        yield Alarm(source, Level.WARNING, TOO_MANY_SHORT, what, SPAM)


def _tables(connection: sa.Connection, city: City, source: Source) -> Iterator[Alarm]:
    """Files of an intake that could not be read, and those with wrong rows."""
    if source.table is None:
        return
    try:
        cursor = IntakeCursor.parse(marks.cursor(connection, city.key, source.key))
    except ValueError as error:
        yield Alarm(source, Level.WARNING, CURSOR_SHORT, Text(str(error), str(error)), CURSOR_TODO)
        return
    for name, known in cursor.files.items():
        if any(known.failed):
            yield Alarm(source, Level.ATTENTION, FILE_SHORT, Text(*known.failed), FILE_TODO, name)
        elif known.lost or known.flawed:
            rows = "; ".join(map(str, known.wrong))
            what = ROWS.filled(lost=known.lost, flawed=known.flawed, rows=rows)
            yield Alarm(source, Level.WARNING, ROWS_SHORT.filled(n=known.lost + known.flawed), what, ROWS_TODO, name)


def sources_of(found: Sequence[Alarm], level: Level) -> set[str]:
    """The sources whose worst alarm is of that level."""
    bad = {one.source.key for one in found if one.level is Level.ATTENTION}
    return bad if level is Level.ATTENTION else {one.source.key for one in found} - bad


LOST_PARTS = {
    Part.BODY: Text("нет текста", "no body"),
    Part.TITLE: Text("нет своего заголовка", "no title of their own"),
    Part.DATE: Text("нет даты", "no date"),
}
LOST_SHORT = Text("в статьях {part}", "articles have {part}")
LOST = Text(
    "с {since} на страницах статей {part}: есть на {have} из последних {of}, раньше на {usual} %. Пример: {url}",
    "since {since} pages of articles have {part}: {have} of the last {of} have it, {usual} % had it before. "
    "Example: {url}",
)
LOST_TODO = Text(
    "откройте пример в браузере. Просит войти, оплатить или принять cookie — попросите у редакции доступ; статья на "
    "месте — сайт сменил вёрстку: сообщите о странице разработчикам Отклика. Статьи тем временем берутся из ленты, "
    "тревога снимется сама",
    "open the example in a browser. If it asks for a login, payment or consent, ask the editors for access; if the "
    "article is there, the site changed its markup: report the page to Otklik. Meanwhile articles are taken from the "
    "feed; the alarm ends by itself",
)
NEVER = Text("ещё ни разу не читался", "never crawled yet")
NEVER_SHORT = Text("ещё не читался", "never crawled")
NEVER_TODO = Text(
    "запустите первый обход; если обход идёт сам, дождитесь его",
    "start its first crawl, or wait for it where crawling runs by itself",
)
NOT_READ = Text("не прочитан, раз подряд {n}: {errors}", "not read, {n} times running: {errors}")
NOT_READ_SHORT = Text("не читается", "cannot be read")
OPEN_IT = Text(
    "откройте {url} в браузере: доступен ли он; источник не отключается, попытки продолжаются",
    "open {url} in a browser: is it there; the source is never switched off, tries go on",
)
STALE = Text("обходов нет с {last}", "not crawled since {last}")
STALE_SHORT = Text("не обходится {h} ч", "not crawled for {h} h")
STALE_TODO = Text(
    "проверьте, работает ли обход на сервере (служба или расписание), и запустите его",
    "see whether crawling works on the server (a service or a schedule), and start it",
)
SILENT = Text(
    "молчит: {count} публикаций вместо {least} за {per}, последняя {last}",
    "silent: {count} posts instead of {least} in {per}, the last one {last}",
)
SILENT_FOR = Text("молчит {h} ч", "silent for {h} h")
SILENT_SHORT = Text("молчит", "silent")
LOOK_AT_IT = Text("проверьте {url}: переехал, закрыт или сменил вид", "look at {url}: moved, closed or changed")
TOO_MANY = Text("{count} публикаций, ждали не больше {most}", "{count} posts, at most {most} expected")
TOO_MANY_SHORT = Text("слишком много", "too many")
SPAM = Text("спам или неверный адрес: посмотрите новые публикации", "spam or wrong address: see its posts")
CURSOR_SHORT = Text("читается заново", "is read again")
CURSOR_TODO = Text("следующий обход прочтёт всё заново", "the next crawl reads everything again")
FILE_SHORT = Text("файл не прочитан", "a file was not read")
FILE_TODO = Text(
    "исправьте файл или [source.columns]: он читается снова, как только изменится",
    "mend the file or [source.columns]: it is read again once it changes",
)
ROWS = Text(
    "не принято строк: {lost}, с негодными значениями: {flawed}. {rows}",
    "rows not taken: {lost}, with wrong values: {flawed}. {rows}",
)
ROWS_SHORT = Text("строк с ошибками: {n}", "wrong rows: {n}")
ROWS_TODO = Text("исправьте строки и сохраните файл заново", "mend the rows and save the file again")

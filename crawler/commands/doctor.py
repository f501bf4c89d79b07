"""`otklik doctor CITY`: what is wrong with a city and its installation, and what to do about each."""

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa
import typer

from crawler.checking import check_city, find_city
from crawler.commands import doctor_keeping, doctor_places
from crawler.commands.doctor_places import holds
from crawler.commands.finding import Finding
from crawler.commands.images import WORDS
from crawler.commands.shell import CityArgument, JsonOption, local_time, opened_installation, out, plain, print_json
from crawler.commands.tokens import look_at_tokens
from crawler.commands.troubles import told
from crawler.desk import Desk
from crawler.fetching.browser import INSTALL, can_sandbox
from crawler.installation import Installation
from crawler.model.city import Source
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from crawler.platforms.selectors import needs_browser
from crawler.runner import crawlable
from crawler.settings import OTKLIK_CHROMIUM, OTKLIK_CONTACT
from search import rebuild_mark
from search.engine import EngineDownError, Remote
from search.images.fate import Fate
from search.images.room import room_left
from search.state.tables import deliveries, images, incidents, posts, source_health
from search.states import Sending
from search.tree import Query
from spiders.intake_cursor import IntakeCursor

FINE = Text("Всё в порядке.", "All is well.")


def doctor(city: CityArgument, as_json: JsonOption = False) -> None:
    """Show every finding with what to do; exit code 1 when something is wrong."""
    path = find_city(city)
    findings = [
        Finding(f"{problem.file}:{problem.line}", Text(str(problem), str(problem)), EDIT)
        for problem in check_city(path).problems
    ]
    with opened_installation(city) as (installation, loaded):
        desk = installation.desk(loaded.key)
        if not as_json and (held := holds(desk.finder.gazetteer)):
            out.print(str(held), style="dim", highlight=False)
        for look in LOOKS:
            findings += look(installation, desk)
    for finding in findings:
        if as_json:
            print_json({"where": finding.where, "what": str(finding.what), "todo": str(finding.todo)})
        else:
            out.print(plain(finding), markup=False, highlight=False, soft_wrap=True)
    if not findings and not as_json:
        out.print(str(FINE), style="green")
    if findings:
        raise typer.Exit(1)


EDIT = Text("поправьте файл города, затем otklik check", "mend the city file, then otklik check")


def _searches(installation: Installation, desk: Desk) -> Iterator[Finding]:  # noqa: ARG001
    assert desk.monitor
    for broken in desk.broken:
        yield Finding(broken.search.id, broken.error.text, Text("поправьте запрос", "mend the query"))


def _contact(installation: Installation, desk: Desk) -> Iterator[Finding]:  # noqa: ARG001
    if OTKLIK_CONTACT or all(source.allow_private for source in crawlable(desk.city.sources)):
        return
    what = Text("сайты не видят, кто их обходит и кому писать", "sites do not see who crawls them and whom to write to")
    todo = Text("задайте OTKLIK_CONTACT: адрес почты или страницы", "set OTKLIK_CONTACT: an e-mail address or a page")
    yield Finding("User-Agent", what, todo)


def _secrets(installation: Installation, desk: Desk) -> Iterator[Finding]:  # noqa: ARG001
    names = {one.secret: one.key for one in desk.city.destinations if one.secret}
    for name, user in {**names, **{token.env: key for key, token in desk.city.tokens.items()}}.items():
        try:
            desk.secrets.get(name)
        except OtklikError as error:
            yield Finding(user, error.text, Text("задайте переменную окружения", "set the environment variable"))


def _browser(installation: Installation, desk: Desk) -> Iterator[Finding]:  # noqa: ARG001
    """Sources in JavaScript need a browser, and the browser a user that is not root."""
    sources = ", ".join(source.key for source in crawlable(desk.city.sources) if needs_browser(source))
    if sources and not OTKLIK_CHROMIUM:
        what = Text("нет Chromium, страницы на JavaScript не читаются", "no Chromium: pages in JavaScript are not read")
        yield Finding(sources, what, INSTALL)
    elif sources and not can_sandbox():
        what = Text("Chromium под root работает без своей песочницы", "as root Chromium runs without its own sandbox")
        todo = Text("запускайте Отклик обычным пользователем", "run Otklik as an ordinary user")
        yield Finding(OTKLIK_CHROMIUM, what, todo)


def _sources(installation: Installation, desk: Desk) -> Iterator[Finding]:
    last = installation.last_crawls(desk.city.key)
    for source in crawlable(desk.city.sources):
        if source.key not in last:
            what = Text("ещё ни разу не читался", "never crawled yet")
            todo = Text("otklik crawl {city} {source}", "otklik crawl {city} {source}")
            yield Finding(source.key, what, todo.filled(city=desk.city.key, source=source.key))
        elif last[source.key].failures:
            yield _failing(desk, source, last[source.key].failures)
        else:
            yield from _silent(desk, source)
            yield from _tables(installation, desk, source)


def _tables(installation: Installation, desk: Desk, source: Source) -> Iterator[Finding]:
    """Files of an intake that could not be read, and those with wrong rows."""
    if source.table is None:
        return
    try:
        cursor = IntakeCursor.parse(installation.cursor(desk.city.key, source.key))
    except ValueError as error:
        todo = Text("следующий обход прочтёт всё заново", "the next crawl reads everything again")
        yield Finding(source.key, Text(str(error), str(error)), todo)
        return
    for name, known in cursor.files.items():
        if any(known.failed):
            todo = Text(
                "исправьте файл или [source.columns]: он читается снова, как только изменится",
                "mend the file or [source.columns]: it is read again once it changes",
            )
            yield Finding(f"{source.key}: {name}", Text(*known.failed), todo)
        elif known.lost or known.flawed:
            what = Text(
                "не принято строк: {lost}, с негодными значениями: {flawed}. {rows}",
                "rows not taken: {lost}, with wrong values: {flawed}. {rows}",
            ).filled(lost=known.lost, flawed=known.flawed, rows="; ".join(map(str, known.wrong)))
            todo = Text("исправьте строки и сохраните файл заново", "mend the rows and save the file again")
            yield Finding(f"{source.key}: {name}", what, todo)


def _failing(desk: Desk, source: Source, times: int) -> Finding:
    newest = sa.select(source_health.c.errors, source_health.c.finished_at).where(
        source_health.c.city == desk.city.key, source_health.c.source == source.key
    )
    with desk.database.read() as connection:
        row = connection.execute(newest.order_by(source_health.c.id.desc()).limit(1)).one()
    what = Text("не прочитан, раз подряд {n}: {errors}", "not read, {n} times running: {errors}")
    todo = Text(
        "откройте {url} в браузере: доступен ли он; источник не отключается, попытки продолжаются",
        "open {url} in a browser: is it there; the source is never switched off, tries go on",
    )
    advice = PLATFORMS[source.platform].advice
    known = next((advice[word] for word in row.errors if word in advice), todo.filled(url=source.address))
    return Finding(source.key, what.filled(n=times, errors=told(row.errors)), known)


def _silent(desk: Desk, source: Source) -> Iterator[Finding]:
    """Fewer or more posts than the city file expects of the source."""
    expected = source.expectations
    since = desk.clock.now() - expected.per
    here = sa.and_(posts.c.city == desk.city.key, posts.c.source == source.key)
    with desk.database.read() as connection:
        count = connection.scalar(sa.select(sa.func.count()).where(here, posts.c.published_at >= since)) or 0
        newest = connection.scalar(sa.select(sa.func.max(posts.c.published_at)).where(here))
    if count < expected.at_least:
        what = Text(
            "молчит: {count} публикаций вместо {least} за {per}, последняя {last}",
            "silent: {count} posts instead of {least} in {per}, the last one {last}",
        ).filled(count=count, least=expected.at_least, per=expected.per, last=local_time(newest, desk.city.zone))
        todo = Text("проверьте {url}: переехал, закрыт или сменил вид", "look at {url}: moved, closed or changed")
        yield Finding(source.key, what, todo.filled(url=source.address))
    elif expected.at_most is not None and count > expected.at_most:
        what = Text("{count} публикаций, ждали не больше {most}", "{count} posts, at most {most} expected")
        todo = Text(
            "спам или неверный адрес: посмотрите новые публикации", "spam or a wrong address: look at its posts"
        )
        yield Finding(source.key, what.filled(count=count, most=expected.at_most), todo)


_LACKS = Text(
    "индекс сделала другая версия Otklik: запросам по {fields} он отказывает, на остальные отвечает",
    "the index was made by another version of Otklik: it refuses queries by {fields} and answers others",
)
_REINDEX = Text(
    "otklik reindex {city}; прежний индекс тем временем отвечает", "otklik reindex {city}; it answers meanwhile"
)
_REBUILD = Text(
    "otklik reindex {city}; публикации целы, до того поиск по ним не отвечает",
    "otklik reindex {city}; no post is lost, until then search does not answer",
)
_CUT_OFF = Text(
    "перестройка индекса прервана: недостроенный занимает место, встроенный движок пишет каждую публикацию в оба",
    "a rebuild of the index was cut off: what it left takes room, and an embedded engine writes every post to both",
)
_AGAIN = Text("начните её заново: otklik reindex {city}", "begin it anew: otklik reindex {city}")


def _lost(desk: Desk) -> Iterator[Finding]:
    """An index that knows another number of posts than the state: of a new server, or of an engine used before."""

    def kept() -> int:
        with desk.database.read() as connection:
            return connection.scalar(sa.select(sa.func.count()).where(posts.c.city == desk.city.key)) or 0

    before = kept()
    found = desk.engine.count(Query("", None), desk.context())
    now = kept()
    # What waits or is refused explains a difference, and so does what came meanwhile.
    apart = desk.feeder.waiting() + len(desk.feeder.quarantined())
    if not min(before, now) - apart <= found <= max(before, now) + apart:
        what = Text("в индексе публикаций {found}, хранится {kept}", "{found} posts are indexed, {kept} are kept")
        yield Finding(desk.city.engine, what.filled(found=found, kept=now), _REINDEX.filled(city=desk.city.key))


def _index(installation: Installation, desk: Desk) -> Iterator[Finding]:  # noqa: ARG001
    waiting = desk.feeder.waiting()
    refused = desk.feeder.quarantined()
    try:
        desk.engine.refresh()
        if isinstance(desk.engine, Remote) and (lacking := desk.engine.lacking()):
            yield Finding(
                desk.city.engine, _LACKS.filled(fields=", ".join(lacking)), _REINDEX.filled(city=desk.city.key)
            )
        yield from _lost(desk)
    except EngineDownError as error:
        todo = Text(
            "запустите его; ждут {n} публикаций, ничего не потеряно", "start it; {n} posts wait, nothing is lost"
        )
        yield Finding(desk.city.engine, error.text, todo.filled(n=waiting))
    except OtklikError as error:
        yield Finding(desk.city.engine, error.text, _REBUILD.filled(city=desk.city.key))
    with desk.database.read() as connection:
        if rebuild_mark.was_cut_off(connection, desk.city.key, desk.clock.now()):
            yield Finding(desk.city.engine, _CUT_OFF, _AGAIN.filled(city=desk.city.key))
    for post, why in refused:
        yield Finding(post, Text(why, why), Text("otklik reindex после починки", "otklik reindex once mended"))


def _deliveries(installation: Installation, desk: Desk) -> Iterator[Finding]:  # noqa: ARG001
    query = (
        sa.select(deliveries, incidents.c.number)
        .join(incidents, incidents.c.id == deliveries.c.incident)
        .where(deliveries.c.city == desk.city.key, deliveries.c.last_error != "")
        .where(deliveries.c.state != Sending.SENT.value)
    )
    with desk.database.read() as connection:
        rows = connection.execute(query.order_by(deliveries.c.id)).all()
    for row in rows:
        what = Text("инцидент № {number}, попыток {n}: {error}", "incident {number}, {n} tries: {error}")
        values = {"number": row.number, "n": row.attempts, "error": row.last_error}
        todo = Text(
            "проверьте адрес, секрет и сервер получателя, затем otklik deliveries {city} retry {key}",
            "check the receiver's address, secret and server, then otklik deliveries {city} retry {key}",
        )
        yield Finding(row.destination, what.filled(**values), todo.filled(city=desk.city.key, key=row.destination))


def _images(installation: Installation, desk: Desk) -> Iterator[Finding]:  # noqa: ARG001
    """Images that will never be kept unless somebody does something, those of the last week; and a lack of room."""
    if full := room_left(desk.database, desk.album, desk.city):
        yield Finding("[media]", full, Text("освободите место или увеличьте предел", "make room or raise the limit"))
    table = images.c
    since = desk.clock.now() - timedelta(days=7)
    here = (
        table.city == desk.city.key,
        table.state.in_([fate.value for fate in LOST_IMAGES]),
        table.settled_at > since,
    )
    query = sa.select(table.state, table.host, sa.func.count(), sa.func.max(table.last_error)).where(*here)
    with desk.database.read() as connection:
        rows = connection.execute(query.group_by(table.state, table.host).order_by(table.state, table.host)).all()
    for state, host, count, error in rows:
        what = Text("изображений {n}: {word}. {error}", "{n} images: {word}. {error}")
        yield Finding(host, what.filled(n=count, word=WORDS[Fate(state)], error=error), LOST_IMAGES[Fate(state)])


LOST_IMAGES = {
    Fate.FAILED: Text("доступен ли узел: откройте его в браузере", "is the host there: open it in a browser"),
    Fate.REFUSED: Text("свой узел разрешает allow_private источника", "a host of your own: the source's allow_private"),
    Fate.TOO_LARGE: Text("увеличьте most_mb в [media]", "raise most_mb in [media]"),
}


LOOKS = (
    doctor_keeping.disk,
    doctor_places.old_map,
    _searches,
    _contact,
    _secrets,
    look_at_tokens,
    _browser,
    _sources,
    _index,
    _deliveries,
    _images,
    doctor_keeping.backup,
    doctor_keeping.erasures,
    doctor_keeping.retention,
    doctor_keeping.restored,
)

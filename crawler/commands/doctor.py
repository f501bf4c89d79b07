"""`otklik doctor CITY`: what is wrong with a city and its installation, and what to do about each."""

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa
import typer

from crawler.alarms import alarms
from crawler.checking import check_city, find_city
from crawler.commands import doctor_keeping, doctor_places
from crawler.commands.doctor_places import holds
from crawler.commands.finding import Finding
from crawler.commands.images import WORDS
from crawler.commands.shell import CityArgument, JsonOption, opened_installation, out, plain, print_json, typable
from crawler.commands.tokens import look_at_tokens
from crawler.desk import Desk
from crawler.fetching.browser import INSTALL, can_sandbox
from crawler.installation import Installation
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
from search.state.tables import deliveries, images, incidents, posts
from search.state.values import DEMO_MARK, value_of
from search.states import Sending
from search.tree import Query

FINE = Text("Всё в порядке.", "All is well.")


def doctor(city: CityArgument, as_json: JsonOption = False) -> None:
    """Show every finding with what to do; exit code 1 when something is wrong."""
    path = find_city(city)
    findings = [
        Finding(f"{problem.file}:{problem.line}", problem.said(), EDIT) for problem in check_city(path).problems
    ]
    with opened_installation(city) as (installation, loaded):
        desk = installation.desk(loaded.key)
        if not as_json and (held := holds(desk.finder.gazetteer)):
            out.print(str(held), style="dim", highlight=False)
        if not as_json and _is_demo(desk):
            out.print(str(DEMO), style="dim", highlight=False)
        for look in LOOKS:
            findings += look(installation, desk)
    for finding in findings:
        if as_json:
            print_json({"where": finding.where, "what": str(finding.what), "todo": typable(str(finding.todo))})
        else:
            out.print(plain(typable(str(finding))), markup=False, highlight=False, soft_wrap=True)
    if not findings and not as_json:
        out.print(str(FINE), style="green")
    if findings:
        raise typer.Exit(1)


DEMO = Text(
    "Это демо: его секреты знает только otklik demo, их отсутствие в окружении не считается. Строка без текста в "
    "vygruzka.xlsx там нарочно.",
    "This is the demo: only otklik demo knows its secrets, that the environment lacks them does not count. The row "
    "without a text in vygruzka.xlsx is there on purpose.",
)


def _is_demo(desk: Desk) -> bool:
    with desk.database.read() as connection:
        return value_of(connection, DEMO_MARK) == desk.city.key


EDIT = Text("поправьте файл города, затем otklik check", "mend the city file, then otklik check")


def _searches(installation: Installation, desk: Desk) -> Iterator[Finding]:  # noqa: ARG001
    assert desk.monitor
    for broken in desk.broken:
        yield Finding(broken.search.id, broken.error.text, Text("поправьте запрос", "mend the query"))


def _contact(installation: Installation, desk: Desk) -> Iterator[Finding]:  # noqa: ARG001
    of_sites = [one for one in crawlable(desk.city.sources) if not PLATFORMS[one.platform].files]
    if OTKLIK_CONTACT or all(source.allow_private for source in of_sites):
        return
    what = Text("сайты не видят, кто их обходит и кому писать", "sites do not see who crawls them and whom to write to")
    todo = Text("задайте OTKLIK_CONTACT: адрес почты или страницы", "set OTKLIK_CONTACT: an e-mail address or a page")
    yield Finding("User-Agent", what, todo)


def _secrets(installation: Installation, desk: Desk) -> Iterator[Finding]:  # noqa: ARG001
    if _is_demo(desk):
        return
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


def _sources(installation: Installation, desk: Desk) -> Iterator[Finding]:  # noqa: ARG001
    with desk.database.read() as connection:
        for alarm in alarms(connection, desk.city, desk.clock.now()):
            yield Finding(alarm.where, alarm.what, alarm.typed)


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

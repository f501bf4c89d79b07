"""A report by hand: what a person heard on the telephone or was sent a link to becomes a post with a report."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from crawler.checking.problems import did_you_mean, listed
from crawler.desk import INGEST, Desk
from crawler.installation import Installation
from crawler.links import Linked, read_link, stored_post
from crawler.model.city import Severity, Source
from crawler.model.errors import OtklikError
from crawler.model.ids import given_id
from crawler.model.items import Author, AuthorRole, Kind, Post, TimePrecision
from crawler.model.stated import with_address
from crawler.model.text import Text
from crawler.runner import crawl_sources
from crawler.said_at import said_at
from pipelines.typed_place import read_place
from search import voiced
from search.acts import Hand, row_of
from search.hand import Spoken, is_by_hand, severity_of
from search.notes import LONGEST, note, notes_of
from search.state import archive
from search.state.tables import incidents, reports
from search.topic_finding import find_topics
from spiders.table_cells import identity, without_person

_NOTHING = Text(
    "Что регистрировать? Нужны слова жителя или ссылка.",
    "What is to be registered? It takes the resident's words or a link.",
)
_NOTHING_TYPED = Text("Назовите их: --text или --link.", "Give them by --text or --link.")
_NO_TOPIC = Text("Нет темы «{topic}».{hint} Темы города: {known}.", "No topic “{topic}”.{hint} The city has: {known}.")
_NO_LINK = Text(
    "Не разобрать ссылку {link}: ожидается ссылка на запись, комментарий, сообщение канала или статью.",
    "Cannot read the link {link}: a link to a post, a comment, a message of a channel or an article is expected.",
)
_NO_POST = Text(
    "Публикации {link} в архиве нет, и взять её негде. Добавьте её слова.",
    "The post {link} is not in the archive, and cannot be fetched. Add what it says.",
)
_NO_POST_TYPED = Text("Они пишутся так: --text «…».", "It is given by --text “…”.")
_NO_SOURCE = Text("Нет источника {source}; есть: {known}.", "There is no source {source}; there are: {known}.")
_REFUSED = Text("Не принято: {why}.", "Not taken: {why}.")
_TOO_LONG = Text(
    "Публикация {link} уже в архиве, слова станут заметкой: до {most} знаков, сейчас {count}. Ничего не записано.",
    "The post {link} is in the archive, so the words become a note: up to {most} characters, now {count}. "
    "Nothing was recorded.",
)


@dataclass(frozen=True, slots=True)
class Told:
    """What a person tells. A `severity` of None is the one that the city's searches of the topic have. `at` is when it
    was said, as it is written; `key` makes the same call one and the same: where none is given it is made of everything
    that was said, and of the day.
    """

    topic: str
    by: str
    text: str = ""
    link: str = ""
    place: str = ""
    severity: Severity | None = None
    at: str = ""
    author: str = ""
    key: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Registered:
    """What came of it: the incident's number, the post, whether the incident was opened by it, whether the same was
    registered before, whether the place that was told could be read, and how bad the report is. `noted` says that the
    words became a note of the incident: the archive had the post of the link, and it says something else. `opens` are
    the numbers of all incidents that it opened, for the text may fit searches too; `was` those the post was in already.
    """

    incident: int
    post: str
    opened: bool
    before: bool
    placed: bool
    state: str
    severity: Severity
    noted: bool = False
    opens: tuple[int, ...] = ()
    was: tuple[int, ...] = ()


def register(desk: Desk, told: Told) -> Registered:
    """Make or find the post, and its report. OtklikError for what cannot be registered, and what to do."""
    topic = _topic(desk, told.topic)
    severity = told.severity or severities(desk)[topic]
    spoken = Spoken(topic, told.by, severity, read_place(desk.finder, desk.city.home, told.place))
    if not told.text.strip() and not told.link.strip():
        raise OtklikError(_NOTHING, _NOTHING_TYPED)
    linked = _linked(desk, told)
    post = stored_post(desk, linked) if linked else ""
    made = None if post else _made(desk, told, linked)
    if made is not None:
        post, spoken = made.id, replace(spoken, call=True)
    words = _words_beside(desk, told, linked, post)
    before = _report_of(desk, post)
    with desk.database.read() as connection:
        last, was = voiced.last(connection), voiced.numbers(connection, desk.city.key, post)
    if made is not None and not _is_stored(desk, made.id):
        _take(desk, made, spoken)
    elif words or not (made is not None and before):  # the same call again says nothing new
        # Made before the lock is taken: a city file that changed is loaded by a transaction of its own.
        with desk.making:
            desk.renew()
            noticing = desk.noticing({post: spoken})
        with desk.database.begin() as connection:
            documents = archive.documents(connection, desk.city.key, [post])
            noticing.notice(connection, list(documents.values()), desk.clock.now())
            if words:
                number = _incident_of(connection, desk, post, {row.id for row in before}).number
                _keep(Hand(connection, desk.city, desk.keys, desk.clock.now(), told.by), number, words)
    done = _result(desk, post, {row.id for row in before}, spoken, placed=not told.place or spoken.place is not None)
    with desk.database.read() as connection:
        opens = voiced.opened_by(connection, desk.city.key, post, last)
    return replace(done, opened=done.incident in opens, noted=bool(words), opens=opens, was=was)


def _words_beside(desk: Desk, told: Told, linked: Linked | None, post: str) -> str:
    """What was typed beside a link whose post the archive has, without who called; "" where the post says it itself."""
    words = told.text.strip()
    if linked is None or not words:
        return ""
    with desk.database.read() as connection:
        stored = archive.load(connection, desk.city.key, [post])
    if not stored or _plain(words) in _plain(stored[post].post.text):
        return ""
    words = without_person(words, told.author)
    if len(words) > LONGEST:
        raise OtklikError(_TOO_LONG.filled(link=linked.url, most=LONGEST, count=len(words)))
    return words


def _keep(hand: Hand, number: int, words: str) -> None:
    """The words as a note. A form that is sent twice makes one."""
    row = row_of(hand, number)
    if words not in {one.text for one in notes_of(hand.connection, row.id)}:
        note(hand, number, words)


def _plain(text: str) -> str:
    return " ".join(text.split())


def severities(desk: Desk) -> Mapping[str, Severity]:
    """How bad a report is where nobody says so, by its topic, as the searches of now have it."""
    with desk.making:
        desk.renew()
        city = desk.searching
    return {topic: severity_of(city, topic) for topic in _topics(desk)}


def topics_like(desk: Desk, typed: str) -> list[str]:
    """The topics that people may mean by these words, the best first."""
    with desk.making:
        desk.renew()
        city = desk.searching
    return find_topics(city, _topics(desk), typed)


def _topics(desk: Desk) -> list[str]:
    return list(dict.fromkeys([*desk.city.topics, *(one for topics in desk.city.topics.values() for one in topics)]))


async def fetch(installation: Installation, desk: Desk, link: str) -> None:
    """Crawl the source that covers a link whose post is not in the archive, if there is one."""
    linked = read_link(desk, link)
    if linked and linked.source and not stored_post(desk, linked):
        await crawl_sources(desk.city, [linked.source], installation)


def _topic(desk: Desk, topic: str) -> str:
    known = _topics(desk)
    same = [one for one in known if one.casefold() == topic.strip().casefold()]
    if not same:
        hint = did_you_mean(topic, known)
        raise OtklikError(
            Text(
                _NO_TOPIC.ru.format(topic=topic, hint=f" {hint.ru}".rstrip(), known=listed(known)),
                _NO_TOPIC.en.format(topic=topic, hint=f" {hint.en}".rstrip(), known=listed(known)),
            )
        )
    return same[0]


def _linked(desk: Desk, told: Told) -> Linked | None:
    if not told.link.strip():
        return None
    linked = read_link(desk, told.link)
    if linked is None:
        raise OtklikError(_NO_LINK.filled(link=told.link.strip()[:200]))
    return linked


def _made(desk: Desk, told: Told, linked: Linked | None) -> Post:
    """The post that stands for what was said; of a link it has the platform's own id, so that a later crawl brings its
    real text as a new version.
    """
    now, source = desk.clock.now(), _source(desk, told, linked)
    if linked and not told.text.strip():
        raise OtklikError(_NO_POST.filled(link=linked.url), _NO_POST_TYPED)
    moment = said_at(told.at, source.zone, now)
    call = Post(
        id=given_id(source.key, f"call-{told.key or _key(desk, told, source, now)}"),
        source=source.key,
        platform="given",
        kind=Kind.APPEAL,
        text=with_address(told.text, told.place),
        seen_at=now,
        url=linked.url if linked else "",
        author=Author(AuthorRole.RESIDENT, platform_id=identity(told.author), name=told.author)
        if told.author
        else None,
        published_at=moment.at if moment else now,
        precision=moment.precision if moment else TimePrecision.MINUTE,
    )
    if linked is None or not linked.id:
        return call
    return replace(
        call,
        id=linked.id,
        platform=linked.platform,
        kind=linked.kind,
        text=told.text,
        parent=linked.parent,
        thread=linked.parent,
        # What is told of a link says nothing of when it was written, and by whom.
        author=None,
        published_at=moment.at if moment else None,
        precision=moment.precision if moment else TimePrecision.NONE,
    )


def _source(desk: Desk, told: Told, linked: Linked | None) -> Source:
    if told.source and told.source not in desk.sources:
        raise OtklikError(_NO_SOURCE.filled(source=told.source, known=", ".join(desk.sources)))
    if told.source:
        return desk.sources[told.source]
    return linked.source if linked and linked.source and linked.id else desk.sources[INGEST]


def _key(desk: Desk, told: Told, source: Source, now: datetime) -> str:
    """What makes the same call one: a keyed hash, since telephone numbers could be guessed from any other."""
    when = told.at or now.astimezone(desk.city.zone).date().isoformat()
    said = [" ".join(part.split()) for part in (told.text, told.link, told.place, told.topic)]
    return desk.keys.pseudonym("call", desk.city.key, source.key, when, identity(told.author), *said)[:16]


def _is_stored(desk: Desk, post: str) -> bool:
    with desk.database.read() as connection:
        return bool(archive.current(connection, desk.city.key, [post]))


def _take(desk: Desk, post: Post, spoken: Spoken) -> None:
    """The post through every step; the report is made in the same transaction."""
    way = desk.way({post.id: spoken})
    way.take([post])
    if way.outcomes["rejected"]:
        raise OtklikError(_REFUSED.filled(why=", ".join(way.reasons)))


def _report_of(desk: Desk, post: str) -> list[sa.Row[Any]]:
    """The reports of a post that a person registered."""
    with desk.database.read() as connection:
        return _reports_in(connection, desk, post)


def _reports_in(connection: sa.Connection, desk: Desk, post: str) -> list[sa.Row[Any]]:
    here = sa.and_(reports.c.city == desk.city.key, reports.c.post == post)
    return [row for row in connection.execute(sa.select(reports).where(here)) if is_by_hand(row)]


def _incident_of(connection: sa.Connection, desk: Desk, post: str, before: set[int]) -> sa.Row[Any]:
    """The incident of the latest report of a post: its number and state, and whether the report is `fresh`."""
    rows = _reports_in(connection, desk, post)
    fresh = [row for row in rows if row.id not in before]
    fresh_one = sa.literal(bool(fresh)).label("fresh")
    query = sa.select(incidents.c.number, incidents.c.state, fresh_one)
    return connection.execute(query.where(incidents.c.id == (fresh or rows)[-1].incident)).one()


def _result(desk: Desk, post: str, before: set[int], spoken: Spoken, *, placed: bool) -> Registered:
    with desk.database.read() as connection:
        found = _incident_of(connection, desk, post, before)
    return Registered(found.number, post, False, not found.fresh, placed, found.state, spoken.severity)

"""Saved searches that people write: versions in the state beside those of the city file, which the file alone changes.

Whoever matches posts takes in a change with its next pass (`stamp`); the journal says who made it.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from crawler.model.city import City, SavedSearch
from crawler.model.errors import OtklikError
from crawler.model.ports import Keys
from crawler.model.text import Text
from search import events, saved
from search.events import Event
from search.names import Names
from search.saved import ACTIVE, INACTIVE, REPLACED
from search.state.records import pack, unpack
from search.state.tables import searches
from search.state.values import keep_value, value_of

USER = "user:"
MOST_NAME = 200
_SAVED, _ON, _OFF = "search_saved", "search_on", "search_off"


class ConflictError(OtklikError):
    """Somebody saved another version since the editor was opened: nothing was written. `latest` is theirs."""

    def __init__(self, latest: "Version") -> None:
        search = latest.search
        super().__init__(
            Text(
                f"Пока вы правили, {search.owner} сохранил(а) версию {search.version}. Ваша правка не записана: "
                "сравните и сохраните ещё раз.",
                f"While you were editing, {search.owner} saved version {search.version}. Nothing of yours was written: "
                "compare, and save again.",
            )
        )
        self.latest = latest


class FieldError(OtklikError):
    """What one field of a saved search may not be; `field` is its name in the form."""

    def __init__(self, field: str, text: Text) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a saved search: since when the state has it, and whether it is active, inactive or replaced. Of one
    that a person wrote, `search.owner` is who saved it.
    """

    search: SavedSearch
    at: datetime
    state: str


def stamp(connection: sa.Connection, city: City) -> str:
    """Changes with every change that people make to the saved searches of a city."""
    return value_of(connection, _name(city)) or ""


def current(connection: sa.Connection, city: City) -> tuple[Version, ...]:
    """The highest version of every saved search of the file and of people, also of those that are switched off."""
    table = searches.c
    highest = (
        sa.select(table.id, sa.func.max(table.version).label("version"))
        .where(table.city == city.key)
        .group_by(table.id)
        .subquery()
    )
    here = sa.and_(table.id == highest.c.id, table.version == highest.c.version)
    query = sa.select(searches).join(highest, here).where(table.city == city.key).order_by(table.id)
    found = [_version(row) for row in connection.execute(query)]
    kept = {search.id for search in city.searches}
    return tuple(one for one in found if is_of_people(one.search.id) or one.search.id in kept)


def history(connection: sa.Connection, city: City, search: str) -> tuple[Version, ...]:
    """Every version of one, latest first."""
    here = sa.and_(searches.c.city == city.key, searches.c.id == search)
    query = sa.select(searches).where(here).order_by(searches.c.version.desc())
    return tuple(map(_version, connection.execute(query)))


def is_of_people(search: str) -> bool:
    """Whether a saved search can be changed here; one of the city file is changed there."""
    return search.startswith(USER)


def check(search: SavedSearch, city: City, names: Names, platforms: Collection[str]) -> None:
    """FieldError for what no saved search may be: QueryError for its query."""
    if not search.name.strip() or len(search.name) > MOST_NAME:
        raise FieldError(
            "name",
            Text(f"Назовите запрос, не длиннее {MOST_NAME} знаков.", f"Name it, in at most {MOST_NAME} characters."),
        )
    saved.query_of(search.query, sources=[one.key for one in city.sources], platforms=platforms, names=names)
    if search.topic and search.topic not in names.topics:
        raise FieldError(
            "topic", Text(f"Темы «{search.topic}» в городе нет.", f"The city has no topic “{search.topic}”.")
        )
    if search.rule.counts:
        _check_alone(search)


def _check_alone(search: SavedSearch) -> None:
    """What speaks of single matches means nothing where they are counted."""
    if not search.topic:
        raise FieldError(
            "topic",
            Text(
                "Правилу, которое считает совпадения, нужна тема: тревога об одном.",
                "A rule that counts matches needs a topic: an alarm is of one thing.",
            ),
        )
    for field in ("personal", "area_wide"):
        if getattr(search, field):
            raise FieldError(
                field,
                Text(
                    "Правило, которое считает совпадения, с «личное» и «улица без дома» не сочетается.",
                    "A rule that counts matches goes neither with “personal” nor with “a street without a house”.",
                ),
            )


def save(
    connection: sa.Connection, city: City, search: SavedSearch, seen: int, who: str, *, at: datetime, keys: Keys
) -> Version:
    """Keep a search that is checked as its next version, active. `seen` is the version that the editor began with;
    ConflictError when there is a later one, FieldError where another search has its name. An id of "" makes a new
    search. Equal to what is there, nothing is written.
    """
    known = history(connection, city, search.id) if search.id else ()
    if search.id and not (known and is_of_people(search.id)):
        raise OtklikError(
            Text(f"Запрос {search.id} меняют в файле города.", f"Search {search.id} is changed in the city file.")
        )
    if known and known[0].search.version != seen:
        raise ConflictError(known[0])
    made = replace(search, id=search.id or _next_id(connection, city), owner=who, state=ACTIVE)
    if known and saved.digest_of(replace(known[0].search, owner=who)) == saved.digest_of(made):
        return known[0]
    _check_name(connection, city, made)
    made = replace(made, version=known[0].search.version + 1 if known else 1)
    if known:
        _set_state(connection, city, known[0], REPLACED)
    connection.execute(
        searches.insert().values(
            city=city.key,
            id=made.id,
            version=made.version,
            digest=saved.digest_of(made),
            content=pack(made),
            loaded_at=at,
            state=ACTIVE,
        )
    )
    _tell(connection, city, made, _SAVED, who, at, keys)
    return Version(made, at, ACTIVE)


def _check_name(connection: sa.Connection, city: City, search: SavedSearch) -> None:
    """Rows, reports and tickets call a search by its name: two of one name cannot be told apart there."""
    name = search.name.strip().casefold()
    other = next((o for o in current(connection, city) if o.search.id != search.id and _folded(o) == name), None)
    if other:
        raise FieldError(
            "name",
            Text(
                f"Запрос «{other.search.name}» уже есть ({other.search.id}): назовите этот иначе.",
                f"There is a search “{other.search.name}” already ({other.search.id}): give this one another name.",
            ),
        )


def _folded(one: Version) -> str:
    return one.search.name.strip().casefold()


def switch(connection: sa.Connection, city: City, search: str, who: str, *, on: bool, at: datetime, keys: Keys) -> None:
    """Let a search of people raise incidents, or keep it without. OtklikError where there is none."""
    known = history(connection, city, search)
    if not known or not is_of_people(search):
        raise OtklikError(Text(f"Запрос {search} здесь не меняют.", f"Search {search} is not changed here."))
    latest = known[0]
    if (latest.state == ACTIVE) == on:
        return
    if on:
        # What it would have found meanwhile was not counted: its rule begins anew.
        here = sa.and_(searches.c.city == city.key, searches.c.id == search)
        connection.execute(searches.update().where(here).values(loaded_at=at))
    _set_state(connection, city, latest, ACTIVE if on else INACTIVE)
    _tell(connection, city, latest.search, _ON if on else _OFF, who, at, keys)


def _version(row: sa.Row[tuple[object, ...]]) -> Version:
    named = row._mapping  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    content = {**named["content"], "version": named["version"]}
    return Version(unpack(SavedSearch, content), named["loaded_at"], named["state"])


def _set_state(connection: sa.Connection, city: City, one: Version, state: str) -> None:
    here = sa.and_(
        searches.c.city == city.key, searches.c.id == one.search.id, searches.c.version == one.search.version
    )
    connection.execute(searches.update().where(here).values(state=state))


def _next_id(connection: sa.Connection, city: City) -> str:
    here = sa.and_(searches.c.city == city.key, searches.c.id.startswith(USER, autoescape=True))
    taken = set(connection.scalars(sa.select(searches.c.id).where(here)))
    number = len(taken) + 1
    while f"{USER}{number}" in taken:
        number += 1
    return f"{USER}{number}"


def _tell(
    connection: sa.Connection, city: City, search: SavedSearch, what: str, who: str, at: datetime, keys: Keys
) -> None:
    keep_value(connection, _name(city), f"{at.isoformat()} {search.id} {search.version} {what}")
    subjects = (search.id, str(search.version))
    events.write(connection, keys, city.key, [Event(at, who, what, None, subjects)])


def _name(city: City) -> str:
    return f"searches:{city.key}"

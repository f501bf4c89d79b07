"""«Люди и роли»: everybody sees who works here; the administrator adds people, changes roles and passwords."""

from collections.abc import Callable
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from starlette.responses import RedirectResponse, Response

from crawler.accounts import journal, users
from crawler.accounts.roles import MAY, PERMISSION_NAMES, Permission, Role
from crawler.accounts.users import User
from crawler.console import rendering
from crawler.console.asked import Asked, Trouble
from crawler.console.routing import NOT_ALLOWED, NOT_DONE, Page
from crawler.model.errors import OtklikError
from crawler.model.text import Text

_TWICE = Text("Пароль и его повтор различаются.", "The password and its repetition differ.")
_NO_CITY = Text("Такого города здесь нет, или он не из ваших.", "There is no such city here, or it is none of yours.")
_FARTHER = Text(
    "У этого человека есть города, которых нет у вас: изменить может администратор всех его городов.",
    "This person has cities that you have not: an administrator of all of them may change it.",
)
_NO_REACH = Text(
    "Отметьте хотя бы один город. Чтобы человек не видел ничего, закройте ему вход.",
    "Tick a city at least. To let somebody see nothing, close the door to them.",
)
_BOTH = Text(
    "Отмечены и «все», и отдельные города: оставьте одно.",
    "Both “all” and single cities are ticked: leave one of them.",
)
_NO_ROLE = Text("Такой роли нет.", "There is no such role.")


_CHANGES = 30
"""Of those that were made of people, the newest that are shown."""


def _people(asked: Asked) -> Response:
    return _shown(asked, 200, None)


def _refusable(act: Callable[[Asked], Response]) -> Callable[[Asked], Response]:
    """The same act; a form that is refused comes back with the reason and what was typed, but for passwords."""

    def answered(asked: Asked) -> Response:
        try:
            return act(asked)
        except Trouble as trouble:
            return _shown(asked, trouble.status, trouble.text)
        except OtklikError as error:
            return _shown(asked, 409, error.text)

    return answered


def _shown(asked: Asked, status: int, refusal: Text | None) -> Response:
    with asked.installation.database.read() as connection:
        everyone = [one for one in users.everyone(connection) if _is_within(asked, one, partly=True)]
        changes = journal.latest(connection, _CHANGES) if _sees_all(asked) else []
    roles = [(role, [PERMISSION_NAMES[one] for one in Permission if one in MAY[role]]) for role in Role]
    return rendering.render(
        asked,
        "people.html",
        status,
        everyone=everyone,
        reach={one.name: _offered(asked, one) for one in everyone if _is_within(asked, one)},
        roles=roles,
        refusal=refusal,
        added=next((one for one in everyone if not refusal and one.name == asked.value("added")), None),
        # Whose form it was, "" for one who was to be added.
        whom=asked.request.path_params.get("name", ""),
        typed={name: asked.value(name)[:200] if refusal else "" for name in ("name", "shown", "role")},
        ticked=set(asked.values("city")) if refusal else set(),
        allowed=asked.cities,
        called={city.key: city.name for city in asked.cities},
        zone=asked.cities[0].zone if asked.cities else ZoneInfo("UTC"),
        changes=[(one, journal.told(one)) for one in changes],
    )


def _sees_all(asked: Asked) -> bool:
    """Whether who asks may read what was changed of everybody."""
    return not asked.user.cities and asked.may(Permission.PEOPLE)


def _offered(asked: Asked, other: User) -> list[tuple[str, str]]:
    """The cities that somebody may be given, by key and name: those of whoever asks, and what they have already in a
    city that this console does not show.
    """
    names = {city.key: city.name for city in asked.cities}
    return [(key, names.get(key, key)) for key in sorted({*names, *other.cities})]


def _is_within(asked: Asked, other: User, *, partly: bool = False) -> bool:
    """Whether all the cities of somebody, or `partly` any of them, are cities of whoever asks."""
    if not asked.user.cities:
        return True
    if partly:
        return not other.cities or not other.cities.isdisjoint(asked.user.cities)
    return bool(other.cities) and other.cities <= asked.user.cities


def _may_change(asked: Asked, connection: sa.Connection) -> str:
    """The name in the address. Trouble when it is somebody of cities that whoever asks does not have."""
    name = asked.path("name")
    if not _is_within(asked, users.get(connection, name)):
        raise Trouble(403, NOT_ALLOWED, _FARTHER)
    return name


def _cities(asked: Asked) -> list[str]:
    """The cities that a form gives somebody, none for all; who has not all gives no more than their own."""
    given, every = asked.values("city"), asked.value("all") == "yes"
    if not asked.user.cities and bool(given) is every:
        raise OtklikError(_BOTH if every else _NO_REACH)
    if not set(given) <= {city.key for city in asked.cities}:
        raise Trouble(400, NOT_DONE, _NO_CITY)
    return given or sorted(asked.user.cities)


def _changed(
    asked: Asked, name: str, change: Callable[[sa.Connection, str], object], password: str | None = None
) -> Response:
    """Change somebody, with the hash of a password where one is given, and keep who did."""
    hand = journal.Hand(asked.user.name, asked.now, asked.installation.keys)
    secret = users.hashed(password) if password is not None else ""
    with asked.installation.database.begin() as connection:
        before = users.find(connection, name)
        change(connection, secret)
        journal.write(connection, hand, before, users.get(connection, name), password=bool(secret))
    return RedirectResponse("/people", 303)


def _add(asked: Asked) -> Response:
    name, role, password, cities = asked.value("name"), _role(asked), _password(asked), _cities(asked)

    def change(connection: sa.Connection, secret: str) -> None:
        users.add(connection, name, secret, role, shown=asked.value("shown"), cities=cities, at=asked.now)

    _changed(asked, name, change, password)
    return RedirectResponse(f"/people?{urlencode({'added': users.name_of(name)})}", 303)


def _set_role(asked: Asked) -> Response:
    role = _role(asked)
    return _change(asked, lambda connection, name, _: users.set_role(connection, name, role))


def _set_cities(asked: Asked) -> Response:
    given, every = set(asked.values("city")), asked.value("all") == "yes"
    if bool(given) is every:
        raise OtklikError(_BOTH if every else _NO_REACH)

    def change(connection: sa.Connection, name: str, _: str) -> None:
        offered = {key for key, _ in _offered(asked, users.get(connection, name))}
        if not given <= offered or (asked.user.cities and not given):
            raise Trouble(400, NOT_DONE, _NO_CITY)
        users.set_cities(connection, name, given)

    return _change(asked, change)


def _set_shown(asked: Asked) -> Response:
    shown = asked.value("shown")
    return _change(asked, lambda connection, name, _: users.set_shown(connection, name, shown))


def _set_password(asked: Asked) -> Response:
    password = _password(asked)
    return _change(asked, users.set_password, password)


def _set_active(asked: Asked) -> Response:
    active = asked.value("active") == "yes"
    return _change(asked, lambda connection, name, _: users.set_active(connection, name, active=active))


def _change(asked: Asked, change: Callable[[sa.Connection, str, str], object], password: str | None = None) -> Response:
    """Change the one in the address, if who asks may."""

    def checked(connection: sa.Connection, secret: str) -> None:
        change(connection, _may_change(asked, connection), secret)

    return _changed(asked, asked.path("name"), checked, password)


def _role(asked: Asked) -> Role:
    if asked.value("role") not in set(Role):
        raise Trouble(400, NOT_DONE, _NO_ROLE)
    return Role(asked.value("role"))


def _password(asked: Asked) -> str:
    if asked.value("password") != asked.value("again"):
        raise Trouble(400, NOT_DONE, _TWICE)
    return asked.value("password")


PAGES = (
    Page("GET", "/people", _people),
    Page("POST", "/people", _refusable(_add), Permission.PEOPLE),
    Page("POST", "/people/{name}/role", _refusable(_set_role), Permission.PEOPLE),
    Page("POST", "/people/{name}/cities", _refusable(_set_cities), Permission.PEOPLE),
    Page("POST", "/people/{name}/shown", _refusable(_set_shown), Permission.PEOPLE),
    Page("POST", "/people/{name}/password", _refusable(_set_password), Permission.PEOPLE),
    Page("POST", "/people/{name}/active", _refusable(_set_active), Permission.PEOPLE),
)

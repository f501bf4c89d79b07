"""«Люди и роли»: everybody sees who works here; the administrator adds people, changes roles and passwords."""

from collections.abc import Callable

import sqlalchemy as sa
from starlette.responses import RedirectResponse, Response

from crawler.accounts import users
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
_NO_ROLE = Text("Такой роли нет.", "There is no such role.")


def _people(asked: Asked) -> Response:
    return _shown(asked, 200, "")


def _shown(asked: Asked, status: int, refusal: object) -> Response:
    with asked.installation.database.read() as connection:
        everyone = [one for one in users.everyone(connection) if _is_within(asked, one, partly=True)]
    roles = [(role, [PERMISSION_NAMES[one] for one in Permission if one in MAY[role]]) for role in Role]
    typed = {name: asked.value(name)[:200] for name in ("name", "shown", "role")}
    return rendering.render(
        asked, "people.html", status, everyone=everyone, roles=roles, refusal=refusal, typed=typed, allowed=asked.cities
    )


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
    """The cities that a form gives somebody; none means all, and who has not all gives no more than their own."""
    given = asked.values("city")
    if not set(given) <= {city.key for city in asked.cities}:
        raise Trouble(400, NOT_DONE, _NO_CITY)
    return given or sorted(asked.user.cities)


def _changed(asked: Asked, change: Callable[[sa.Connection, str], object], password: str | None = None) -> Response:
    """Change somebody, with the hash of a password where one is given."""
    try:
        secret = users.hashed(password) if password is not None else ""
        with asked.installation.database.begin() as connection:
            change(connection, secret)
    except OtklikError as error:
        return _shown(asked, 409, error)
    return RedirectResponse("/people", 303)


def _add(asked: Asked) -> Response:
    role, password, cities = _role(asked), _password(asked), _cities(asked)

    def change(connection: sa.Connection, secret: str) -> None:
        users.add(
            connection,
            asked.value("name"),
            secret,
            role,
            shown=asked.value("shown"),
            cities=cities,
            at=asked.now,
        )

    return _changed(asked, change, password)


def _set_role(asked: Asked) -> Response:
    role = _role(asked)
    return _changed(asked, lambda connection, _: users.set_role(connection, _may_change(asked, connection), role))


def _set_password(asked: Asked) -> Response:
    password = _password(asked)
    return _changed(
        asked,
        lambda connection, secret: users.set_password(connection, _may_change(asked, connection), secret),
        password,
    )


def _set_active(asked: Asked) -> Response:
    active = asked.value("active") == "yes"
    return _changed(
        asked, lambda connection, _: users.set_active(connection, _may_change(asked, connection), active=active)
    )


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
    Page("POST", "/people", _add, Permission.PEOPLE),
    Page("POST", "/people/{name}/role", _set_role, Permission.PEOPLE),
    Page("POST", "/people/{name}/password", _set_password, Permission.PEOPLE),
    Page("POST", "/people/{name}/active", _set_active, Permission.PEOPLE),
)

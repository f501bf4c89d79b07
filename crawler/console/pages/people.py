"""«Люди и роли»: everybody sees who works here; the administrator adds people, changes roles and passwords."""

from collections.abc import Callable

import sqlalchemy as sa
from starlette.responses import RedirectResponse, Response

from crawler.accounts import users
from crawler.accounts.roles import MAY, PERMISSION_NAMES, Permission, Role
from crawler.console import rendering
from crawler.console.asked import Asked, Trouble
from crawler.console.routing import NOT_DONE, Page
from crawler.model.errors import OtklikError
from crawler.model.text import Text

_TWICE = Text("Пароль и его повтор различаются.", "The password and its repetition differ.")
_NO_ROLE = Text("Такой роли нет.", "There is no such role.")


def _people(asked: Asked) -> Response:
    return _shown(asked, 200, "")


def _shown(asked: Asked, status: int, refusal: object) -> Response:
    with asked.installation.database.read() as connection:
        everyone = users.everyone(connection)
    roles = [(role, [PERMISSION_NAMES[one] for one in Permission if one in MAY[role]]) for role in Role]
    typed = {name: asked.value(name)[:200] for name in ("name", "shown", "role")}
    return rendering.render(
        asked, "people.html", status, everyone=everyone, roles=roles, refusal=refusal, typed=typed, allowed=asked.cities
    )


def _changed(asked: Asked, change: Callable[[sa.Connection], object]) -> Response:
    try:
        with asked.installation.database.begin() as connection:
            change(connection)
    except OtklikError as error:
        return _shown(asked, 409, error)
    return RedirectResponse("/people", 303)


def _add(asked: Asked) -> Response:
    role, password = _role(asked), _password(asked)

    def change(connection: sa.Connection) -> None:
        known = [city for city in asked.values("city") if city in asked.installation.desks]
        users.add(
            connection,
            asked.value("name"),
            password,
            role,
            shown=asked.value("shown"),
            cities=known,
            at=asked.now,
        )

    return _changed(asked, change)


def _set_role(asked: Asked) -> Response:
    role = _role(asked)
    return _changed(asked, lambda connection: users.set_role(connection, asked.path("name"), role))


def _set_password(asked: Asked) -> Response:
    password = _password(asked)
    return _changed(asked, lambda connection: users.set_password(connection, asked.path("name"), password))


def _set_active(asked: Asked) -> Response:
    active = asked.value("active") == "yes"
    return _changed(asked, lambda connection: users.set_active(connection, asked.path("name"), active=active))


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

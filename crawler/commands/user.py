"""`otklik user add|list|password|role|close|open`: who may sign in to the console."""

import sys
from enum import StrEnum
from getpass import getpass
from typing import Annotated

import typer

from crawler.accounts import users
from crawler.accounts.roles import ROLE_NAMES, Role
from crawler.commands.shell import JsonOption, Settings, out, plain, print_json, table
from crawler.model.errors import OtklikError
from crawler.model.text import Text


class UserAction(StrEnum):
    """What to do."""

    LIST = "list"
    ADD = "add"
    PASSWORD = "password"  # noqa: S105 - a verb
    ROLE = "role"
    CLOSE = "close"
    OPEN = "open"


ACTION = Text(
    "list; add, password, role; close — больше не пускать, open — пускать снова",
    "list; add, password, role; close lets in no longer, open lets in again",
)
NAME = Text("имя для входа", "the name to sign in with")
ROLE = Text("роль: reader, operator, analyst, administrator", "role: reader, operator, analyst, administrator")
SHOWN = Text("имя, которое видят коллеги", "the name that colleagues read")
ONLY = Text("ключ города, который виден (можно несколько; без него все)", "key of a city to see (may repeat; else all)")
NEEDS_NAME = Text("Кто? otklik user {action} ИМЯ", "Who? otklik user {action} NAME")
NEEDS_ROLE = Text(
    "Какая роль? --role reader|operator|analyst|administrator", "Which? --role reader|operator|analyst|administrator"
)
PROMPT = Text("Пароль (не короче {least} знаков): ", "Password ({least} characters or more): ")
AGAIN = Text("Ещё раз: ", "Again: ")
DIFFERS = Text("Пароль и его повтор различаются.", "The password and its repetition differ.")
DONE = Text("{name}: {role}, {state}", "{name}: {role}, {state}")
ACTIVE, LEFT = Text("вход открыт", "may sign in"), Text("вход закрыт", "may not sign in")


def user(
    action: Annotated[UserAction, typer.Argument(help=str(ACTION), show_default=False)] = UserAction.LIST,
    name: Annotated[str, typer.Argument(help=str(NAME), show_default=False)] = "",
    role: Annotated[Role | None, typer.Option(help=str(ROLE), show_default=False)] = None,
    shown: Annotated[str, typer.Option(help=str(SHOWN), show_default=False)] = "",
    city: Annotated[list[str] | None, typer.Option(help=str(ONLY), show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """Add people and change what they may. A password is asked for, or read as one line from standard input."""
    from crawler.installation import Installation

    with Installation.open(Settings.environment, Settings.data, []) as installation:
        database = installation.database
        if action is UserAction.LIST:
            with database.read() as connection:
                _list(users.everyone(connection), as_json=as_json)
            return
        if not name:
            raise OtklikError(NEEDS_NAME.filled(action=action))
        if role is None and action in {UserAction.ADD, UserAction.ROLE}:
            raise OtklikError(NEEDS_ROLE)
        secret = users.hashed(_password()) if action in {UserAction.ADD, UserAction.PASSWORD} else ""
        with database.begin() as connection:
            if action is UserAction.ADD and role:
                at = installation.clock.now()
                users.add(connection, name, secret, role, shown=shown, cities=city or (), at=at)
            elif action is UserAction.PASSWORD:
                users.set_password(connection, name, secret)
            elif action is UserAction.ROLE and role:
                users.set_role(connection, name, role)
            else:
                users.set_active(connection, name, active=action is UserAction.OPEN)
            changed = users.get(connection, name)
    if as_json:
        print_json(_json(changed))
    else:
        state = ACTIVE if changed.active else LEFT
        text = DONE.format(name=changed.name, role=ROLE_NAMES[changed.role], state=state)
        out.print(plain(text), markup=False, highlight=False)


def _password() -> str:
    """Asked twice for at a terminal; never an argument, which every user of the machine could read."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    given = getpass(PROMPT.format(least=users.LEAST))
    if getpass(str(AGAIN)) != given:
        raise OtklikError(DIFFERS)
    return given


def _list(everyone: tuple[users.User, ...], *, as_json: bool) -> None:
    if as_json:
        for one in everyone:
            print_json(_json(one))
        return
    columns = [
        Text("имя", "name"),
        Text("видят", "shown"),
        Text("роль", "role"),
        Text("города", "cities"),
        Text("вход", "door"),
    ]
    rows = [
        (
            one.name,
            one.shown,
            ROLE_NAMES[one.role],
            ", ".join(sorted(one.cities)) or "*",
            ACTIVE if one.active else LEFT,
        )
        for one in everyone
    ]
    out.print(table(Text("Люди", "People"), columns, rows, numbers_from=len(columns)))


def _json(one: users.User) -> dict[str, object]:
    return {
        "name": one.name,
        "shown": one.shown,
        "role": one.role.value,
        "cities": sorted(one.cities),
        "active": one.active,
    }

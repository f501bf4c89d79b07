"""`otklik user add|list|password|role|rename|close|open`: who may sign in to the console."""

import sys
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from getpass import getpass
from typing import Annotated

import sqlalchemy as sa
import typer

from crawler.accounts import journal, users
from crawler.accounts.reach import known_cities
from crawler.accounts.roles import ROLE_NAMES, Role
from crawler.checking import city_names, find_city, load_city
from crawler.commands.shell import JsonOption, Settings, out, plain, print_json, table, who
from crawler.model.errors import OtklikError
from crawler.model.text import Text


class UserAction(StrEnum):
    """What to do."""

    LIST = "list"
    ADD = "add"
    PASSWORD = "password"  # noqa: S105 - a verb
    ROLE = "role"
    RENAME = "rename"
    CLOSE = "close"
    OPEN = "open"


ACTION = Text(
    "list; add, password, role; rename — другое имя для коллег; close — больше не пускать, open — пускать снова",
    "list; add, password, role; rename changes what colleagues read; close lets in no longer, open lets in again",
)
NAME = Text("имя для входа", "the name to sign in with")
ROLE = Text("роль: reader, operator, analyst, administrator", "role: reader, operator, analyst, administrator")
SHOWN = Text("имя, которое видят коллеги", "the name that colleagues read")
ONLY = Text(
    "город, который виден: ключ или файл (можно несколько; add без него: все города)",
    "a city to see: its key or file (may repeat; add without it: all cities)",
)
EVERY = Text("role: видны все города", "role: all cities are seen")
NEEDS_NAME = Text("Кто? otklik user {action} ИМЯ", "Who? otklik user {action} NAME")
NEEDS_ROLE = Text(
    "Какая роль? --role reader|operator|analyst|administrator", "Which? --role reader|operator|analyst|administrator"
)
NEEDS_CHANGE = Text(
    "Что изменить? --role РОЛЬ, --city ГОРОД (видны только названные) или --all-cities",
    "What is to change? --role ROLE, --city CITY (only those named are seen) or --all-cities",
)
NEEDS_SHOWN = Text("Как видят коллеги? --shown ИМЯ", "What do colleagues read? --shown NAME")
ONE_OF_BOTH = Text("--city и --all-cities вместе не бывают.", "--city and --all-cities do not go together.")
NOT_HERE = Text(
    "{option}: к «user {action}» не относится. Роль и города меняет user role, имя для коллег user rename.",
    "{option} means nothing for “user {action}”. Role and cities are changed by user role, the name by user rename.",
)
UNKNOWN_CITY = Text("Города «{city}» нет. Есть: {known}.", "There is no city “{city}”. There are: {known}.")
BY_FILE = Text(
    "Другой город назовите файлом: --city мой-город.toml", "Name another city by its file: --city my-city.toml"
)
PROMPT = Text("Пароль (не короче {least} знаков): ", "Password ({least} characters or more): ")
AGAIN = Text("Ещё раз: ", "Again: ")
DIFFERS = Text("Пароль и его повтор различаются.", "The password and its repetition differ.")
DONE = Text(
    "{name} ({shown}): {role}, города: {cities}, {state}", "{name} ({shown}): {role}, cities: {cities}, {state}"
)
ALL = Text("все", "all")
ACTIVE, LEFT = Text("вход открыт", "may sign in"), Text("вход закрыт", "may not sign in")


def user(
    action: Annotated[UserAction, typer.Argument(help=str(ACTION), show_default=False)] = UserAction.LIST,
    name: Annotated[str, typer.Argument(help=str(NAME), show_default=False)] = "",
    role: Annotated[Role | None, typer.Option(help=str(ROLE), show_default=False)] = None,
    shown: Annotated[str, typer.Option(help=str(SHOWN), show_default=False)] = "",
    city: Annotated[list[str] | None, typer.Option(help=str(ONLY), show_default=False)] = None,
    all_cities: Annotated[bool, typer.Option("--all-cities", help=str(EVERY))] = False,
    as_json: JsonOption = False,
) -> None:
    """Add people and change what they may. A password is asked for, or read as one line from standard input."""
    from crawler.installation import Installation

    given = _Given(action, name, role, shown, city or [], all_cities=all_cities)
    _check(given)
    with Installation.open(Settings.environment, Settings.data, []) as installation:
        database = installation.database
        if action is UserAction.LIST:
            with database.read() as connection:
                _list(users.everyone(connection), as_json=as_json)
            return
        with database.read() as connection:
            cities = [_key_of(connection, one) for one in given.cities]
        secret = users.hashed(_password()) if action in {UserAction.ADD, UserAction.PASSWORD} else ""
        hand = journal.Hand(who(), installation.clock.now(), installation.keys)
        with database.begin() as connection:
            before = None if action is UserAction.ADD else users.get(connection, name)
            _change(connection, given, cities, secret, hand.at)
            changed = users.get(connection, name)
            journal.write(connection, hand, before, changed, password=bool(secret))
    if as_json:
        print_json(_json(changed))
    else:
        text = DONE.format(
            name=changed.name,
            shown=changed.shown,
            role=ROLE_NAMES[changed.role],
            cities=", ".join(sorted(changed.cities)) or ALL,
            state=ACTIVE if changed.active else LEFT,
        )
        out.print(plain(text), markup=False, highlight=False)


@dataclass(frozen=True)
class _Given:
    """What was typed."""

    action: UserAction
    name: str
    role: Role | None
    shown: str
    cities: list[str]
    all_cities: bool = field(kw_only=True)


def _check(given: _Given) -> None:
    """OtklikError for what is missing, and for an option that would do nothing."""
    action = given.action
    if not given.name and action is not UserAction.LIST:
        raise OtklikError(NEEDS_NAME.filled(action=action))
    if given.cities and given.all_cities:
        raise OtklikError(ONE_OF_BOTH)
    changes = action in {UserAction.ADD, UserAction.ROLE}
    options = {
        "--role": bool(given.role) and not changes,
        "--shown": bool(given.shown) and action not in {UserAction.ADD, UserAction.RENAME},
        "--city": bool(given.cities) and not changes,
        "--all-cities": given.all_cities and not changes,
    }
    for option, useless in options.items():
        if useless:
            raise OtklikError(NOT_HERE.filled(option=option, action=action))
    if action is UserAction.ADD and given.role is None:
        raise OtklikError(NEEDS_ROLE)
    if action is UserAction.RENAME and not given.shown:
        raise OtklikError(NEEDS_SHOWN)
    if action is UserAction.ROLE and not (given.role or given.cities or given.all_cities):
        raise OtklikError(NEEDS_CHANGE)


def _change(connection: sa.Connection, given: _Given, cities: list[str], secret: str, at: datetime) -> None:
    """Do what was typed, all of it or nothing."""
    name, action = given.name, given.action
    if action is UserAction.ADD and given.role:
        users.add(connection, name, secret, given.role, shown=given.shown, cities=cities, at=at)
    elif action is UserAction.PASSWORD:
        users.set_password(connection, name, secret)
    elif action is UserAction.ROLE:
        if given.role:
            users.set_role(connection, name, given.role)
        if cities or given.all_cities:
            users.set_cities(connection, name, cities)
    elif action is UserAction.RENAME:
        users.set_shown(connection, name, given.shown)
    else:
        users.set_active(connection, name, active=action is UserAction.OPEN)


def _key_of(connection: sa.Connection, given: str) -> str:
    """The key of a city that this installation knows, or that a city file describes. OtklikError for any other."""
    known = known_cities(connection)
    if given in known:
        return given
    try:
        path = find_city(given)
    except OtklikError:
        shown = ", ".join(sorted(known | set(city_names()))) or "—"
        raise OtklikError(UNKNOWN_CITY.filled(city=given, known=shown), BY_FILE) from None
    return load_city(str(path)).key


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

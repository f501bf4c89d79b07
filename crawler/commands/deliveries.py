"""`otklik deliveries CITY [list|retry|release]`: what ticket systems do not know yet, and when it goes out again."""

from enum import StrEnum
from typing import Annotated

import sqlalchemy as sa
import typer

from crawler.commands.incident_shown import SENDINGS
from crawler.commands.incidents import SEND_SECONDS
from crawler.commands.shell import CityArgument, JsonOption, local_time, opened, out, print_json, table
from crawler.desk import Desk
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.state.tables import deliveries as rows
from search.state.tables import incidents
from search.states import Sending
from search.tickets.called import destination as called


class Action(StrEnum):
    """What to do with deliveries."""

    LIST = "list"
    RETRY = "retry"
    RELEASE = "release"


ACTION = Text(
    "list: что не доставлено; retry: снова отправить отказанное; release: отпустить задержанное после restore",
    "list: what is not delivered; retry: send again what was refused; release: let go what a restore held",
)
DESTINATION = Text("ключ получателя; без него все", "key of a destination; all without it")
NONE = Text("Всё доставлено.", "Everything is delivered.")
RETRIED = Text("Отправлено снова: {count}.", "Tried again: {count}.")
RELEASED = Text("Доставки отпущены.", "Deliveries go out again.")
NOT_HELD = Text("Доставки не задержаны.", "Deliveries are not held.")
UNKNOWN = Text("Нет получателя {name}; есть: {known}.", "No destination {name}; there are: {known}.")


def deliveries(
    city: CityArgument,
    action: Annotated[Action, typer.Argument(help=str(ACTION), show_default=False)] = Action.LIST,
    destination: Annotated[str, typer.Argument(help=str(DESTINATION), show_default=False)] = "",
    as_json: JsonOption = False,
) -> None:
    """List deliveries that wait or were given up, or try refused ones again."""
    with opened(city) as desk:
        known = [one.key for one in desk.city.destinations]
        if destination and destination not in known:
            raise OtklikError(UNKNOWN.filled(name=destination, known=", ".join(known) or "—"))
        if action is Action.RETRY:
            count = sum(desk.outbox.revive(key) for key in ([destination] if destination else known))
            desk.outbox.drain(SEND_SECONDS)
            if not as_json:
                out.print(RETRIED.format(count=count), highlight=False)
        if action is Action.RELEASE:
            held = desk.outbox.release()
            desk.outbox.drain(SEND_SECONDS)
            if not as_json:
                out.print(str(RELEASED if held else NOT_HELD), highlight=False)
        _list(desk, destination, as_json=as_json)


def _named(desk: Desk, key: str) -> str:
    """A destination as people call it, with the key that `retry` takes."""
    named = str(called(desk.city, key))
    return named if key in named else f"{named} ({key})"


def _list(desk: Desk, destination: str, *, as_json: bool) -> None:
    query = (
        sa.select(rows, incidents.c.number, incidents.c.title)
        .join(incidents, incidents.c.id == rows.c.incident)
        .where(rows.c.city == desk.city.key, rows.c.state != Sending.SENT.value)
        .order_by(rows.c.id)
    )
    if destination:
        query = query.where(rows.c.destination == destination)
    with desk.database.read() as connection:
        found = connection.execute(query).all()
    if as_json:
        for row in found:
            names = ("number", "title", "destination", "state", "attempts", "next_at", "external_id", "last_error")
            print_json({name: getattr(row, name) for name in names})
    elif not found:
        out.print(str(NONE))
    else:
        columns = [Text("№", "no."), Text("получатель", "destination"), Text("попыток", "tries"), Text("снова", "next")]
        cells = [
            (
                row.number,
                _named(desk, row.destination),
                row.attempts,
                local_time(row.next_at, desk.city.zone) if row.state != Sending.DEAD else "—",
                SENDINGS[Sending(row.state)].format(id=row.external_id or "—", error=row.last_error or "—"),
            )
            for row in found
        ]
        columns.append(Text("состояние", "state"))
        out.print(table(Text("Доставки", "Deliveries"), columns, cells, numbers_from=len(columns)))

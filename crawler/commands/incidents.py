"""`otklik incidents CITY [list|show N|confirm N|reject N|take N|join N M|undo N …]`: the queue and work on it."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from crawler.commands.images import SAVED, save_images
from crawler.commands.incident_acts import Action, Given, act_on, print_preview
from crawler.commands.incident_shown import delivery_line, print_incident
from crawler.commands.places import place_json
from crawler.commands.shell import (
    NARROW,
    CityArgument,
    JsonOption,
    err,
    local_time,
    opened,
    out,
    plain,
    print_json,
    table,
)
from crawler.desk import Desk
from crawler.model.city import Severity
from crawler.model.errors import OtklikError
from crawler.model.items import Place
from crawler.model.text import Text
from search import incidents as work
from search.states import OPEN, SEVERITY_NAMES, STATE_NAMES, Rejection, State

ACTION = Text(
    "list, show; решения: confirm, reject, not_ours, затем in_work, answered, close; кто и что: take, give_back, "
    "executor, severity, place, topic, put_off, bring_back, note, remove_note; обращения: join, split, move; "
    "undo: отменить",
    "list, show; decisions: confirm, reject, not_ours, then in_work, answered, close; who and what: take, give_back, "
    "executor, severity, place, topic, put_off, bring_back, note, remove_note; reports: join, split, move; undo",
)
NUMBERS = Text(
    "номера инцидентов; join: первый остаётся; move: откуда и куда",
    "numbers of incidents; join: the first stays; move: from and to",
)
REASON = Text("причина отказа из списка", "a reason of the list for a rejection")
POST = Text("обращение (id публикации) для split и move", "a report (the post's id) for split and move")
TOPIC = Text(
    "тема: правильная (topic) или нового инцидента (split)", "topic: the right one (topic), of the new one (split)"
)
PLACE = Text(
    "правильное место: «улица Ленина, 18» (place)", "the right place: street and house, a crossing, a landmark (place)"
)
NOWHERE = Text("места никто не знает (place)", "nobody knows the place (place)")
WORDS = Text("слова заметки", "the words of a note")
NOTE = Text("какую заметку убрать", "which note to remove")
ROUTE = Text("маршрут из файла города (executor)", "a route of the city file (executor)")
NAME = Text("исполнитель по имени, без заявки (executor)", "an executor by name, without a ticket (executor)")
SEVERITY = Text("важность (severity)", "how bad it is (severity)")
ACT = Text("какое действие отменить; без него последнее", "which act to undo; without it the last")
DRY = Text("только сказать, что сделает undo", "only say what undo will do")
OVER = Text("забрать у того, кто взял (take)", "take it from who has it (take)")
UNTIL = Text(
    "до каких пор отложить (put_off): 3h, 2d или время города, 2026-11-28T09:00",
    "until when it is put off (put_off): 3h, 2d, or a time of the city, 2026-11-28T09:00",
)
WHY = Text("причина, попадёт в журнал (без личных данных)", "the reason, kept in the journal (no personal data)")
PHOTOS = Text("папка, куда show запишет сохранённые фото", "a folder that show writes the kept photos to")
ALL = Text("и закрытые, отклонённые, чужие", "closed, rejected and foreign ones too")
NEEDS_NUMBER = Text(
    "Какой инцидент? otklik incidents ГОРОД {action} НОМЕР", "Which incident? otklik incidents CITY {action} N"
)
MORE = Text("… и ещё {count}; все: --json", "… and {count} more; all: --json")
ONLY_UNDO = Text("--dry-run есть только у undo", "--dry-run goes with undo only")
NONE = Text("Открытых инцидентов нет.", "No open incidents.")

# How long a decision waits for its delivery; what takes longer is sent by the next pass.
SEND_SECONDS = 15.0

# A table of the whole queue of a large city is read by nobody and costs a millisecond a line.
SHOWN = 200


def incidents(
    city: CityArgument,
    action: Annotated[Action, typer.Argument(help=str(ACTION), show_default=False)] = Action.LIST,
    numbers: Annotated[
        list[int] | None, typer.Argument(help=str(NUMBERS), min=1, max=2**31 - 1, show_default=False)
    ] = None,
    why: Annotated[str, typer.Option(help=str(WHY), show_default=False)] = "",
    reason: Annotated[Rejection | None, typer.Option(help=str(REASON), show_default=False)] = None,
    post: Annotated[list[str] | None, typer.Option(help=str(POST), show_default=False)] = None,
    topic: Annotated[str, typer.Option(help=str(TOPIC), show_default=False)] = "",
    text: Annotated[str, typer.Option(help=str(WORDS), show_default=False)] = "",
    note: Annotated[int, typer.Option(help=str(NOTE), show_default=False)] = 0,
    route: Annotated[str, typer.Option(help=str(ROUTE), show_default=False)] = "",
    name: Annotated[str, typer.Option(help=str(NAME), show_default=False)] = "",
    severity: Annotated[Severity | None, typer.Option(help=str(SEVERITY), show_default=False)] = None,
    act: Annotated[int | None, typer.Option(help=str(ACT), show_default=False)] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=str(DRY))] = False,
    over: Annotated[bool, typer.Option("--over", help=str(OVER))] = False,
    until: Annotated[str, typer.Option(help=str(UNTIL), show_default=False)] = "",
    place: Annotated[str, typer.Option(help=str(PLACE), show_default=False)] = "",
    none: Annotated[bool, typer.Option("--none", help=str(NOWHERE))] = False,
    every: Annotated[bool, typer.Option("--all", help=str(ALL))] = False,
    photos: Annotated[Path | None, typer.Option(help=str(PHOTOS), show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the queue or one incident, or work on incidents."""
    given = Given(
        why, reason, tuple(post or ()), topic, text, note, route, name, severity, act, over, until, place, none
    )
    with opened(city) as desk:
        if action is Action.LIST:
            show_queue(desk, every=every, as_json=as_json)
            return
        if dry_run and action is not Action.UNDO:
            raise OtklikError(ONLY_UNDO)
        if not numbers:
            raise OtklikError(NEEDS_NUMBER.filled(action=action))
        if action is Action.SHOW:
            _show(desk, numbers[0], photos, as_json=as_json)
        elif action is Action.UNDO and dry_run:
            print_preview(desk, numbers[0], given, as_json=as_json)
        else:
            _act(desk, action, numbers, given, as_json=as_json)


def _act(desk: Desk, action: Action, numbers: list[int], given: Given, *, as_json: bool) -> None:
    """Do it, send what follows, and say what became of it; exit code 1 when one of several was refused."""
    outcomes = act_on(desk, action, numbers, given)
    if any(one.done for one in outcomes):
        desk.outbox.drain(SEND_SECONDS)
    for one in outcomes:
        if not one.done:
            # Of one incident it is the error of the command, of several what became of one of them.
            if len(outcomes) == 1:
                raise OtklikError(one.said)
            err.print(plain(one.said), markup=False, highlight=False, style="red")
        elif as_json:
            _show(desk, one.number, as_json=True)
        else:
            out.print(plain(one.said), markup=False, highlight=False, soft_wrap=True)
            with desk.database.read() as connection:
                for delivery in work.show(connection, desk.city, one.number).deliveries:
                    out.print(plain(delivery_line(delivery, desk.city)), markup=False, highlight=False, soft_wrap=True)
    if not all(one.done for one in outcomes):
        raise typer.Exit(1)


def show_queue(desk: Desk, *, every: bool = False, as_json: bool = False, most: int = SHOWN) -> int:
    """The open incidents, worst and most urgent first; how many there are. People see the first `most`."""
    with desk.database.read() as connection:
        listed = work.list_incidents(connection, desk.city, list(State) if every else OPEN)
    if as_json:
        for incident in listed:
            print_json(incident_json(incident))
    elif listed:
        out.print(_queue(desk, listed[:most]))
        if len(listed) > most:
            out.print(MORE.format(count=len(listed) - most), highlight=False)
    else:
        out.print(str(NONE))
    return len(listed)


def incident_json(incident: work.Incident) -> dict[str, object]:
    """The incident, its place as `otklik places` writes one but for the quote: it is the place of several posts."""
    spans = ("start", "end", "quote")

    def kept(one: Place | None) -> dict[str, object] | None:
        return {name: value for name, value in place_json(one).items() if name not in spans} if one else None

    was = incident.understood
    values = {name: value for name, value in asdict(incident).items() if name != "group_key"}
    understood = {"topic": was.topic, "place": kept(was.place)} if was else None
    return {**values, "place": kept(incident.place), "understood": understood}


def _queue(desk: Desk, listed: tuple[work.Incident, ...]) -> object:
    titles = [Text("№", "no."), Text("важность", "severity"), Text("срок", "due"), Text("голосов", "voices")]
    columns = [
        *titles,
        Text("что и где", "what and where"),
        Text("состояние", "state"),
        Text("исполнитель", "executor"),
    ]
    # A narrow terminal shows what a new incident is; `show` tells the rest.
    known = {incident.state for incident in listed} == {State.NEW}
    shown = len(columns) if out.width >= NARROW else len(columns) - (2 if known else 1)
    rows: list[tuple[object, ...]] = [
        (
            incident.number,
            SEVERITY_NAMES[incident.severity],
            local_time(incident.due, desk.city.zone),
            incident.reports,
            incident.title,
            STATE_NAMES[incident.state],
            incident.executor,
        )[:shown]
        for incident in listed
    ]
    return table(Text("Инциденты", "Incidents"), columns[:shown], rows, numbers_from=len(columns))


def _show(desk: Desk, number: int, photos: Path | None = None, *, as_json: bool) -> None:
    with desk.database.read() as connection:
        shown = work.show(connection, desk.city, number)
    if as_json:
        print_json({**asdict(shown), "incident": incident_json(shown.incident)})
    else:
        print_incident(shown, desk.city)
    if photos is not None:
        count = save_images(desk, shown.images, photos)
        err.print(plain(SAVED.format(count=count, folder=photos)), markup=False, highlight=False, soft_wrap=True)

"""`otklik incidents CITY [list|show N|confirm N|reject N …]`: the queue of incidents and what to do with one."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from crawler.commands.images import SAVED, images_line, save_images
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
    who,
)
from crawler.desk import Desk
from crawler.model.city import Severity
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search import incidents as work
from search.forgetting import ERASED_REPORT
from search.rules.ticking import SPOKEN
from search.states import OPEN, REJECTIONS, STATE_NAMES, Rejection, Sending, State
from search.subjects import told_topic


class Action(StrEnum):
    """What to do with the queue or with one incident."""

    LIST = "list"
    SHOW = "show"
    CONFIRM = "confirm"
    REJECT = "reject"
    NOT_OURS = "not_ours"
    IN_WORK = "in_work"
    ANSWERED = "answered"
    CLOSE = "close"


TO = {
    Action.CONFIRM: State.CONFIRMED,
    Action.REJECT: State.REJECTED,
    Action.NOT_OURS: State.NOT_OURS,
    Action.IN_WORK: State.IN_WORK,
    Action.ANSWERED: State.ANSWERED,
    Action.CLOSE: State.CLOSED,
}
ACTION = Text(
    "list, show; решения: confirm, reject, not_ours, затем in_work, answered, close",
    "list, show; decisions: confirm, reject, not_ours, then in_work, answered, close",
)
MAY_BE_ONE = Text("Возможно, то же: № {number} {title} ({why})", "May be the same: {number} {title} ({why})")
WHY_ONE = {
    "copy": Text("тот же текст", "the same text"),
    "street": Text("та же улица и группа тем", "the same street and topic group"),
    "place": Text("то же место, та ли это тема, неизвестно", "the same place, whether the same topic is not known"),
}
NO_TOPIC = Text("тема не определена", "no topic told")
NO_LONGER = Text(" (больше не подходит)", " (no longer fits)")
TOLD = Text(", тема по тексту: {topic}", ", topic by its text: {topic}")
NUMBER = Text("номер инцидента", "number of the incident")
WHY = Text("причина, попадёт в журнал (без личных данных)", "the reason, kept in the journal (no personal data)")
PHOTOS = Text("папка, куда show запишет сохранённые фото", "a folder that show writes the kept photos to")
ALL = Text("и закрытые, отклонённые, чужие", "closed, rejected and foreign ones too")
NEEDS_NUMBER = Text(
    "Какой инцидент? otklik incidents ГОРОД {action} НОМЕР", "Which incident? otklik incidents CITY {action} N"
)
CHANGED = Text("Инцидент № {number}: {state}.", "Incident {number}: {state}.")
MORE = Text("… и ещё {count}; все: --json", "… and {count} more; all: --json")
RISK = Text("Информационный риск: otklik risks ГОРОД", "Information risk: otklik risks CITY")
NONE = Text("Открытых инцидентов нет.", "No open incidents.")

# How long a decision waits for its delivery; what takes longer is sent by the next pass.
SEND_SECONDS = 15.0

# What the journal says that Otklik did; what people did are the names of states.
EVENTS: dict[str, Text] = {
    **{state.value: name for state, name in STATE_NAMES.items()},
    "opened": Text("открыт", "opened"),
    "registered": Text("зарегистрировано вручную", "registered by hand"),
    "report added": Text("добавлено обращение", "report added"),
    "report no longer fits": Text("обращение больше не подходит", "report no longer fits"),
    "report fits again": Text("обращение снова подходит", "report fits again"),
    "report became personal": Text("обращение стало личным", "report became personal"),
    ERASED_REPORT: Text("обращение стёрто", "report erased"),
    SPOKEN: Text("тишина закончилась", "the silence is over"),
    "taken": Text("взят в работу", "taken"),
    "given back": Text("возвращён в очередь", "given back"),
    "executor": Text("исполнитель", "executor"),
    "took in": Text("принял инцидент №", "took in incident"),
    "severity": Text("важность", "severity"),
    "route": Text("маршрут", "route"),
}
# A table of the whole queue of a large city is read by nobody and costs a millisecond a line.
SHOWN = 200
SENDINGS = {
    Sending.WAITING: Text("ждёт отправки ({error}), заявка {id}", "waits to be sent ({error}), ticket {id}"),
    Sending.SENDING: Text("отправляется, заявка {id}", "being sent, ticket {id}"),
    Sending.SENT: Text("заявка {id}", "ticket {id}"),
    Sending.DEAD: Text(
        "отказано: {error}. Когда исправлено: otklik deliveries ГОРОД retry",
        "refused: {error}. Once mended: otklik deliveries CITY retry",
    ),
}
SEVERITIES = {
    Severity.DANGER: Text("опасно", "danger"),
    Severity.HIGH: Text("высокая", "high"),
    Severity.NORMAL: Text("обычная", "normal"),
    Severity.LOW: Text("низкая", "low"),
}

LIKELY = Text(
    "По прошлым инцидентам: {who}, {share} из {cases} похожих",
    "By earlier incidents: {who}, {share} of {cases} alike",
)


def incidents(
    city: CityArgument,
    action: Annotated[Action, typer.Argument(help=str(ACTION), show_default=False)] = Action.LIST,
    number: Annotated[int | None, typer.Argument(help=str(NUMBER), min=1, max=2**31 - 1, show_default=False)] = None,
    why: Annotated[str, typer.Option(help=str(WHY), show_default=False)] = "",
    every: Annotated[bool, typer.Option("--all", help=str(ALL))] = False,
    photos: Annotated[Path | None, typer.Option(help=str(PHOTOS), show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the queue or one incident, or change its state."""
    with opened(city) as desk:
        if action is Action.LIST:
            show_queue(desk, every=every, as_json=as_json)
            return
        if number is None:
            raise OtklikError(NEEDS_NUMBER.filled(action=action))
        if action is Action.SHOW:
            _show(desk, number, as_json=as_json)
            if photos is not None:
                _save(desk, number, photos)
            return
        with desk.database.begin() as connection:
            at = desk.clock.now()
            work.change(connection, desk.city, number, TO[action], who(), why, at=at, keys=desk.keys)
        desk.outbox.drain(SEND_SECONDS)
        if as_json:
            _show(desk, number, as_json=True)
            return
        out.print(CHANGED.format(number=number, state=STATE_NAMES[TO[action]]), highlight=False)
        with desk.database.read() as connection:
            for delivery in work.show(connection, desk.city, number).deliveries:
                out.print(plain(delivery_line(delivery)), markup=False, highlight=False, soft_wrap=True)


def delivery_line(delivery: work.Delivery) -> str:
    """What became of a delivery, in one line."""
    known = SENDINGS[Sending(delivery.state)].format(id=delivery.external_id or "—", error=delivery.last_error or "—")
    return f"→ {delivery.destination}: {known}"


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
    place = place_json(incident.place) if incident.place else None
    kept = {name: value for name, value in place.items() if name not in spans} if place else None
    values = {name: value for name, value in asdict(incident).items() if name != "group_key"}
    return {**values, "place": kept}


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
            SEVERITIES[incident.severity],
            local_time(incident.due, desk.city.zone),
            incident.reports,
            incident.title,
            STATE_NAMES[incident.state],
            incident.executor,
        )[:shown]
        for incident in listed
    ]
    return table(Text("Инциденты", "Incidents"), columns[:shown], rows, numbers_from=len(columns))


def _save(desk: Desk, number: int, folder: Path) -> None:
    with desk.database.read() as connection:
        images = work.show(connection, desk.city, number).images
    count = save_images(desk, images, folder)
    err.print(plain(SAVED.format(count=count, folder=folder)), markup=False, highlight=False, soft_wrap=True)


def _show(desk: Desk, number: int, *, as_json: bool) -> None:
    with desk.database.read() as connection:
        shown = work.show(connection, desk.city, number)
    if as_json:
        print_json({**asdict(shown), "incident": incident_json(shown.incident)})
        return
    incident = shown.incident
    zone = desk.city.zone
    out.print(plain(f"№ {number}  {incident.title}"), style="bold", markup=False, highlight=False)
    facts = [
        f"{SEVERITIES[incident.severity]}, {STATE_NAMES[incident.state]}, {incident.topic or NO_TOPIC}",
        Text("Первая реакция до {first}, решение до {last}", "First reaction by {first}, resolution by {last}").format(
            first=local_time(incident.due_first, zone), last=local_time(incident.due_resolved, zone)
        ),
        Text("Исполнитель: {who}", "Executor: {who}").format(who=incident.executor or "—"),
    ]
    if shown.likely:
        likely = shown.likely
        facts.append(LIKELY.format(who=likely.executor, share=f"{likely.share:.0%}", cases=likely.cases))
    if incident.risk:
        facts.append(str(RISK))
    if incident.repeat_of:
        facts.append(Text("Повторный к инциденту {id}", "Repeat of incident {id}").format(id=incident.repeat_of))
    for fact in facts:
        out.print(plain(fact), markup=False, highlight=False)
    for report in shown.reports:
        _show_report(report, shown, zone)
    for other in shown.suggestions:
        line = MAY_BE_ONE.format(number=other.number, title=other.title, why=WHY_ONE[other.why])
        out.print(plain(line), markup=False, highlight=False)
    for delivery in shown.deliveries:
        out.print(plain(delivery_line(delivery)), markup=False, highlight=False)
    for event in shown.events:
        line = f"{local_time(event.at, zone)}  {event.who}: {_event_text(event.what)} {_reason_text(event.reason)}"
        out.print(plain(line.rstrip()), style="dim", markup=False, highlight=False)


def _reason_text(reason: str) -> str:
    """A reason of the list in the locale, others as they were written."""
    code, _, words = reason.partition(": ")
    if code not in list(Rejection):
        return reason
    return ": ".join(part for part in (str(REJECTIONS[Rejection(code)]), words) if part)


def _show_report(report: work.Report, shown: work.Shown, zone: ZoneInfo) -> None:
    names = ", ".join(sorted({str(reason["name"]) for reason in report.reasons}))
    topic = told_topic(report.reasons)
    told = TOLD.format(topic=topic) if topic else ""
    fits = "" if report.fits else NO_LONGER
    out.print(
        plain(f"\n{local_time(report.published_at, zone)}  {report.post}  {report.url}"), style="cyan", markup=False
    )
    out.print(plain(report.text), markup=False, highlight=False)
    out.print(plain(f"↳ {names}{told}{fits}"), style="dim", markup=False, highlight=False)
    if report.post in shown.images:
        out.print(plain(f"↳ {images_line(shown.images[report.post])}"), style="dim", markup=False, highlight=False)


def _event_text(what: str) -> str:
    """What happened, in the locale; what became worse or another's has its new value behind the word."""
    if what in EVENTS:
        return str(EVENTS[what])
    word, _, value = what.partition(" ")
    if word not in EVENTS:
        return what  # of another version of Otklik
    return f"{EVENTS[word]}: {SEVERITIES[Severity(value)] if word == 'severity' else value}"

"""One incident for people: its facts, reports, notes, tickets, journal, and what can be undone."""

from zoneinfo import ZoneInfo

from crawler.commands.images import images_line
from crawler.commands.shell import local_time, out, plain
from crawler.model.city import City
from crawler.model.text import Text
from search.acts import Kind
from search.corrected import corrections
from search.event_names import executors_of, told, told_reason, told_who
from search.incidents import Delivery, Report, Shown
from search.states import SEVERITY_NAMES, STATE_NAMES, Sending, State
from search.subjects import told_topic
from search.suggestions import ALIKE
from search.tickets.called import destination, is_kept_only
from search.undo_texts import KINDS

ASSIGNEE = Text("В работе у: {who}", "Worked on by: {who}")
INTO = Text("Объединён с № {number}", "Joined with {number}")
NOTE_LINE = Text("заметка {id}, {who}, {at}: {text}", "note {id}, {who}, {at}: {text}")
ACT_LINE = Text("действие {id}: {what}, {who}, {at}", "act {id}: {what}, {who}, {at}")
MAY_BE_ONE = Text("Возможно, то же: № {number} {title} ({why})", "May be the same: {number} {title} ({why})")
NO_TOPIC = Text("тема не определена", "no topic told")
NO_LONGER = Text(" (больше не подходит)", " (no longer fits)")
TOLD = Text(", тема по тексту: {topic}", ", topic by its text: {topic}")
RISK = Text("Информационный риск: otklik risks ГОРОД", "Information risk: otklik risks CITY")
SENDINGS = {
    Sending.WAITING: Text("ждёт отправки ({error}), заявка {id}", "waits to be sent ({error}), ticket {id}"),
    Sending.SENDING: Text("отправляется, заявка {id}", "being sent, ticket {id}"),
    Sending.SENT: Text("заявка {id}", "ticket {id}"),
    Sending.DEAD: Text(
        "отказано: {error}. Когда исправлено: otklik deliveries ГОРОД retry",
        "refused: {error}. Once mended: otklik deliveries CITY retry",
    ),
}

LIKELY = Text(
    "По прошлым инцидентам: {who}, {share} из {cases} похожих",
    "By earlier incidents: {who}, {share} of {cases} alike",
)


def delivery_line(delivery: Delivery, city: City) -> str:
    """What became of a delivery, in one line."""
    where = destination(city, delivery.destination)
    if delivery.external_id and is_kept_only(city, delivery.destination):
        return f"→ {where}"
    known = SENDINGS[Sending(delivery.state)].format(id=delivery.external_id or "—", error=delivery.last_error or "—")
    return f"→ {where}: {known}"


def print_incident(shown: Shown, city: City) -> None:
    """Print an incident with everything that belongs to it, times in the zone of its city."""
    incident, zone, executors = shown.incident, city.zone, executors_of(city)
    destinations = {one.key: str(destination(city, one.key)) for one in city.destinations}
    out.print(plain(f"№ {incident.number}  {incident.title}"), style="bold", markup=False, highlight=False)
    for fact in _facts(shown, zone, city.home):
        out.print(plain(fact), markup=False, highlight=False)
    for report in shown.reports:
        _show_report(report, shown, zone)
    for other in shown.suggestions:
        line = MAY_BE_ONE.format(number=other.number, title=other.title, why=ALIKE[other.why])
        out.print(plain(line), markup=False, highlight=False)
    _print_work(shown, zone)
    for delivery in shown.deliveries:
        out.print(plain(delivery_line(delivery, city)), markup=False, highlight=False)
    for event in shown.events:
        said = f"{told(event, executors)} {told_reason(event, destinations)}"
        line = f"{local_time(event.at, zone)}  {told_who(event)}: {said}"
        out.print(plain(line.rstrip()), style="dim", markup=False, highlight=False)


def _facts(shown: Shown, zone: ZoneInfo, home: str) -> list[str]:
    incident = shown.incident
    facts = [
        f"{SEVERITY_NAMES[incident.severity]}, {STATE_NAMES[incident.state]}, {incident.topic or NO_TOPIC}",
        Text("Первая реакция до {first}, решение до {last}", "First reaction by {first}, resolution by {last}").format(
            first=local_time(incident.due_first, zone), last=local_time(incident.due_resolved, zone)
        ),
        Text("Исполнитель: {who}", "Executor: {who}").format(who=incident.executor or "—"),
    ]
    if shown.likely:
        likely = shown.likely
        facts.append(LIKELY.format(who=likely.executor, share=f"{likely.share:.0%}", cases=likely.cases))
    facts += [str(one) for one in corrections(incident, home)]
    if incident.risk:
        facts.append(str(RISK))
    if incident.repeat_of:
        facts.append(Text("Повторный к инциденту {id}", "Repeat of incident {id}").format(id=incident.repeat_of))
    return facts


def _print_work(shown: Shown, zone: ZoneInfo) -> None:
    """Who works on an incident, what it went into, notes, and the acts that can be undone."""
    lines = []
    if shown.incident.assignee:
        lines.append(ASSIGNEE.format(who=shown.incident.assignee))
    if shown.incident.merged_into:
        lines.append(INTO.format(number=shown.incident.merged_into))
    lines += [
        NOTE_LINE.format(id=note.id, who=note.who, at=local_time(note.at, zone), text=note.text) for note in shown.notes
    ]
    for act in shown.acts:
        if act.kind is not Kind.UNDO and not act.undone:
            what = act_text(act.kind, act.detail)
            lines.append(ACT_LINE.format(id=act.id, what=what, who=act.who, at=local_time(act.at, zone)))
    for line in lines:
        out.print(plain(line), markup=False, highlight=False, soft_wrap=True)


def act_text(kind: Kind, detail: str) -> str:
    """An act in a few words: its kind and its value."""
    value = str(STATE_NAMES[State(detail)]) if kind is Kind.STATE else detail
    return f"{KINDS[kind]} {value}".rstrip()


def _show_report(report: Report, shown: Shown, zone: ZoneInfo) -> None:
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

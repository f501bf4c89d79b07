"""What an undo says: what it will do, and why it will not."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City
from crawler.model.errors import ByOtherError, OtklikError
from crawler.model.text import Text
from search.acts import Act, Kind
from search.states import STATE_NAMES, State
from search.tickets.called import destination, is_kept_only

KINDS = {
    Kind.STATE: Text("состояние", "state"),
    Kind.TAKE: Text("взят на себя", "taken"),
    Kind.GIVE_BACK: Text("отпущен, никем не взят", "given back"),
    Kind.EXECUTOR: Text("исполнитель", "executor"),
    Kind.SEVERITY: Text("важность", "severity"),
    Kind.NOTE: Text("заметка", "note"),
    Kind.REMOVE_NOTE: Text("заметка убрана", "note removed"),
    Kind.JOIN: Text("объединение", "join"),
    Kind.SPLIT: Text("разделение", "split"),
    Kind.MOVE: Text("перенос обращений", "moved reports"),
    Kind.PLACE: Text("место", "place"),
    Kind.TOPIC: Text("тема", "topic"),
    Kind.REGISTER: Text("запись вручную", "registered by hand"),
    Kind.SNOOZE: Text("отложен", "put off"),
    Kind.WAKE: Text("возвращён из отложенных", "brought back"),
    Kind.UNDO: Text("отмена", "undo"),
}
"""What people call acts."""

NOTHING = Text("Инцидент № {number}: отменять нечего.", "Incident {number}: nothing to undo.")
NOTHING_TYPED = Text(
    "Что отменимо, показывает show (строки «действие»).", "show lists what can be undone (its lines «act»)."
)
ALREADY = Text("Действие {act} уже отменено.", "Act {act} is undone already.")
_LATER = Text(
    "№ {number}: на этом держится более позднее действие {act} ({what}, {who}). Сначала отмените его.",
    "{number}: the later act {act} ({what}, {who}) rests on it. Undo that one first.",
)
_LATER_TYPED = Text("Так: --act {act}.", "By --act {act}.")
BY_ITSELF = Text(
    "№ {number} с тех пор изменился сам (новые обращения или стирание): прежнего уже нет, действуйте заново.",
    "{number} has changed by itself since (new reports, or an erasure): what it was is gone, act anew.",
)
REPEATED = Text(
    "№ {number} закрыт, и беда повторилась в № {repeat}: открыть его снова нельзя. Присоедините № {number} иначе.",
    "{number} was closed, and its trouble came again in {repeat}: it cannot be opened again.",
)
ERASED = Text("Стёртых с тех пор обращений не вернуть: {count}.", "Reports erased since do not come back: {count}.")
NEVER_SENT = Text("{destination}: ещё не отправлено и не уйдёт.", "{destination}: not sent yet, and will not be.")
TICKET = Text(
    "{destination}: заявка {id} остаётся и узнает, что стало теперь.",
    "{destination}: ticket {id} stays and is told how things are now.",
)
RECORD_STAYS = Text("{destination}: запись остаётся.", "{destination}: what was recorded stays.")
GOES_AGAIN = Text("{destination}: заявка, отозванная тогда, уйдёт.", "{destination}: the ticket taken back then goes.")
GO_BACK = Text(
    "Обращений вернётся из № {now} в № {number}: {count}.", "Reports that go from {now} to {number}: {count}."
)
STAY = Text("В № {number} остаётся обращений: {count}.", "Reports that stay in {number}: {count}.")
EMPTIED = Text("№ {number} опустеет и закроется как объединённый.", "{number} will be empty, and merged.")
WAKES = Text("№ {number} вернётся в очередь.", "{number} comes back into the queue.")
SLEEPS = Text("№ {number} снова будет отложен.", "{number} is put off again.")
NOTE_GOES = Text("Заметка будет убрана.", "The note will be removed.")
NOTE_COMES = Text("Заметка вернётся.", "The note will come back.")

GONE = Text("Отзывать нечего: обращение стёрто.", "Nothing to take back: the report was erased.")
TAKEN = Text(
    "Из № {number} будет отозвано записанное обращение, остаётся обращений: {count}.",
    "The registered report is taken out of {number}, reports that stay: {count}.",
)
CLOSES = Text(
    "№ {number} держится только на этой записи: он закроется как отклонённый, номер останется в истории.",
    "{number} rests on this report alone: it will be rejected, its number stays in the history.",
)
STAYS_BY_SEARCH = Text(
    "В № {number} публикация остаётся: её находит запрос. Снимется только отметка о записи вручную.",
    "In {number} the post stays: a search finds it. Only that it was registered is taken away.",
)
IN_ARCHIVE = Text(
    "Сама публикация остаётся в архиве. Вернуть это отменой нельзя, только записать снова.",
    "The post itself stays in the archive. This cannot be undone, only registered again.",
)
RECKONED = Text(
    "№ {number}: важность и сроки снова такие, как следует из его обращений.",
    "{number}: severity and deadlines are those of its reports again.",
)
_PLACE_UNKNOWN = Text("неизвестно", "not known")
_NAMES = {
    "state": Text("состояние", "state"),
    "assignee": Text("взял(а) на себя", "taken by"),
    "executor": Text("исполнитель", "executor"),
    "route": Text("маршрут", "route"),
    "severity": Text("важность", "severity"),
    "topic": Text("тема", "topic"),
}


def of_ticket(text: Text, where: Text, ticket: str = "") -> Text:
    """What is said of a ticket, with what people call where it lies."""
    named = ticket or "—"
    return Text(text.ru.format(destination=where.ru, id=named), text.en.format(destination=where.en, id=named))


def left(city: City, ticket: sa.Row[Any], *, unsent: bool) -> Text:
    """What becomes of a ticket; one that is only kept has no number that anybody could ask for."""
    kept = RECORD_STAYS if is_kept_only(city, ticket.destination) else TICKET
    return of_ticket(NEVER_SENT if unsent else kept, destination(city, ticket.destination), ticket.external_id)


def later(number: int, act: Act) -> OtklikError:
    """What rests on the act."""
    what = KINDS[act.kind]
    ru = _LATER.ru.format(number=number, act=act.id, what=what.ru, who="{who}")
    en = _LATER.en.format(number=number, act=act.id, what=what.en, who="{who}")
    return ByOtherError(Text(ru, en), act.who, _LATER_TYPED.filled(act=act.id))


def place(number: int, label: str) -> Text:
    """Where an incident will be again."""
    return Text("№ {number}: место снова «{place}».", "{number}: place «{place}» again.").filled(
        number=number, place=label or _PLACE_UNKNOWN
    )


def sets(number: int, name: str, value: Any, executors: Mapping[str, str]) -> Text | None:
    """What a column will be again; None for those that people do not see. A route is called by its executor."""
    if name not in _NAMES:
        return None
    shown = STATE_NAMES[State(value)] if name == "state" else executors.get(value, value) or "—"
    return Text("№ {number}: {name} снова «{value}».", "{number}: {name} «{value}» again.").filled(
        number=number, name=_NAMES[name], value=shown
    )

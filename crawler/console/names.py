"""What pages call platforms, states, severities and events. A platform has two or three letters that fit a row."""

from dataclasses import dataclass

from crawler.accounts.roles import ROLE_NAMES, Role
from crawler.desk import INGEST
from crawler.model.city import City, Severity
from crawler.model.items import Kind, PlacePrecision
from crawler.model.kind_names import KIND_NAMES
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from search.acts import Act
from search.event_names import told_act
from search.states import SEVERITY_NAMES, STATE_NAMES, Sending, State
from search.suggestions import ALIKE
from search.titles import title_said

SHORT = {
    "vk": Text("ВК", "VK"),
    "telegram": Text("ТГ", "TG"),
    "ok": Text("ОК", "OK"),
    "max": Text("MAX", "MAX"),
    "news": Text("СМИ", "NEWS"),
    "page": Text("САЙТ", "SITE"),
    "intake": Text("ПРИЁМ", "DESK"),
    "given": Text("РУЧН", "HAND"),
}
ICONS = {
    State.NEW: "new",
    State.CONFIRMED: "over",
    State.IN_WORK: "work",
    State.ANSWERED: "ans",
    State.CLOSED: "closed",
    State.REJECTED: "rej",
    State.NOT_OURS: "rej",
    State.MERGED: "closed",
}
"""The ring that stands for a state (templates/icons.svg, s-…)."""
SENDINGS = {
    Sending.WAITING: Text("ждёт отправки", "waits to be sent"),
    Sending.SENDING: Text("отправляется", "being sent"),
    Sending.SENT: Text("доставлено", "delivered"),
    Sending.DEAD: Text("отказано", "refused"),
}
_GIVEN = Text("загружено вручную", "loaded by hand")
_UNKNOWN = Text("источник", "source")


@dataclass(frozen=True, slots=True)
class Named:
    """A platform's letters and its whole name."""

    short: Text
    title: Text


def platform(key: str) -> Named:
    """The names of a platform; one that is new here goes by its key."""
    known = PLATFORMS.get(key)
    title = known.title if known else (Text(key, key) if key else _UNKNOWN)
    return Named(SHORT.get(key, Text(key[:4].upper() or "–", key[:4].upper() or "–")), title)


def source(key: str, city: City) -> str:
    """What people call a source; what was given without one has words of ours."""
    return str(_GIVEN) if key == INGEST else city.source_name(key)


def title(one: str) -> str:
    """What an incident is called, in the reader's language."""
    return title_said(one)


def role(one: Role) -> Text:
    """«оператор»."""
    return ROLE_NAMES[one]


def state(one: State) -> Text:
    """«в работе»."""
    return STATE_NAMES[one]


def state_icon(one: State) -> str:
    """The name of its ring."""
    return ICONS[one]


def severity(one: Severity) -> Text:
    """«опасно»."""
    return SEVERITY_NAMES[one]


def kind(one: Kind | None) -> Text:
    """«комментарий», "" where it is not known."""
    return KIND_NAMES[one] if one else Text("", "")


def sending(one: str) -> Text:
    """«доставлено»."""
    return SENDINGS[Sending(one)]


PRECISIONS = {
    PlacePrecision.HOUSE: Text("дом найден", "the house is known"),
    PlacePrecision.INTERSECTION: Text("перекрёсток найден", "the crossing is known"),
    PlacePrecision.LANDMARK: Text("место найдено", "the landmark is known"),
    PlacePrecision.STREET: Text("только улица", "the street only"),
    PlacePrecision.DISTRICT: Text("только район", "the district only"),
    PlacePrecision.SETTLEMENT: Text("только населённый пункт", "the settlement only"),
    PlacePrecision.NONE: Text("точки нет", "no point known"),
}

KEYMAP = (
    (
        Text("По списку", "In a list"),
        (
            (("J", "K"), Text("ниже, выше", "down, up")),
            (("Enter",), Text("открыть", "open")),
            (("Esc",), Text("назад", "back")),
            (("V",), Text("выделить", "select")),
            (("N",), Text("показать новые", "show new ones")),
            (("F",), Text("фильтр", "filter")),
        ),
    ),
    (
        Text("Решения", "Decisions"),
        (
            (("A",), Text("подтвердить и передать", "confirm and hand over")),
            (("T",), Text("взять, снять с себя", "take, give back")),
            (("E",), Text("исполнитель", "executor")),
            (("P",), Text("исправить место и тему", "correct place and topic")),
            (("M",), Text("объединить", "merge")),
            (("S",), Text("разделить", "split")),
            (("U",), Text("отменить", "undo")),
            (("I",), Text("заметка", "note")),
            (("X", "1–6"), Text("отклонить с причиной", "reject with a reason")),
            (("O",), Text("не наш", "not ours")),
            (("Z",), Text("отложить, вернуть", "put off, bring back")),
            (("Q",), Text("спросить адрес", "ask for the address")),
            (("W",), Text("в работу", "into work")),
            (("D",), Text("отвечен", "answered")),
            (("C",), Text("закрыть", "close")),
        ),
    ),
    (
        Text("Везде", "Everywhere"),
        (
            (("/",), Text("найти", "find")),
            (("Ctrl", "Enter"), Text("отправить заметку", "send a note")),
            (("G", "1–7"), Text("раздел", "section")),
            (("?",), Text("эти клавиши", "these keys")),
        ),
    ),
)


def precision(one: PlacePrecision) -> Text:
    """«дом найден»."""
    return PRECISIONS[one]


def alike(why: str) -> Text:
    """Why an incident may be the same problem as another."""
    return ALIKE[why]


def act(one: Act) -> str:
    """What somebody did, in a few words: «подтверждён», «исполнитель: Горгаз»."""
    return told_act(one.kind, one.detail)


def keymap() -> tuple[tuple[Text, tuple[tuple[tuple[str, ...], Text], ...]], ...]:
    """The keys by what they are for, as the help shows them."""
    return KEYMAP

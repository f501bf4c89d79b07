"""What became of a report by hand, said above its incident: opened or joined, how bad, how its address is read."""

from dataclasses import dataclass
from urllib.parse import urlencode

import sqlalchemy as sa

from crawler.console import names
from crawler.console.asked import Asked
from crawler.console.city_names import sent
from crawler.console.panes import Pane
from crawler.model.city import Severity
from crawler.model.items import Place, PlacePrecision
from crawler.model.text import Text
from crawler.registering import Registered
from search.arrivals import is_of_rule
from search.incidents import Incident, deliveries_of, incidents_with
from search.pins import EXACT
from search.titles import NOWHERE, place_of, place_text
from search.wanted import HAND


@dataclass(frozen=True, slots=True)
class Line:
    """What became of one incident by the report, with its number to go there; 0 where the sentence needs none."""

    says: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """Sentences about it; `placed` says that its place is known well enough to go there, or that none was told."""

    says: tuple[Line, ...]
    placed: bool


def address_of(city: str, done: Registered) -> str:
    """Where the incident is shown with what became of the report."""
    told = {"registered": done.post, "read": "yes" if done.placed else "no"}
    told |= {name: ".".join(map(str, some)) for name, some in (("opened", done.opens), ("was", done.was)) if some}
    told |= {name: "yes" for name, so in (("before", done.before), ("noted", done.noted)) if so}
    return f"/{city}/incidents/{done.incident}?{urlencode(told)}"


def outcome_of(asked: Asked, connection: sa.Connection, pane: Pane) -> Outcome | None:
    """What became of the report that the address names; None where this incident has none such. Its text may fit
    searches too: every incident that it is a voice of is named, the worst first.
    """
    post = asked.value("registered")
    reasons = [reason for report in pane.shown.reports if report.post == post for reason in report.reasons]
    said = next((reason for reason in reasons if reason["search"] == HAND), None)
    if not post or said is None:
        return None
    there = incidents_with(connection, asked.city, post)
    fates = [Line(_fate(asked, connection, one), one.number) for one in sorted(there, key=_badness)]
    bad = _SEVERITY.format(severity=names.severity(Severity(said["severity"])))
    place = place_of(said["place"])
    unread = asked.value("read") == "no"
    where = (str(_UNREAD),) if unread else (str(_told(place, asked.city.home)),) if place else ()
    words = (str(_NOTED),) if asked.value("noted") == "yes" else ()
    says = (*fates, *map(Line, (*words, bad, *where)))
    return Outcome(says, not unread and (place is None or place.precision in EXACT))


def _badness(incident: Incident) -> tuple[int, int]:
    return incident.severity.rank, incident.number


def _fate(asked: Asked, connection: sa.Connection, incident: Incident) -> str:
    """Opened, joined or known, how bad, and how far it is handed over."""
    opened, was = (asked.value(name).split(".") for name in ("opened", "was"))
    number = str(incident.number)
    known = _BEFORE if asked.value("before") == "yes" else _KNOWN_ALREADY
    text = _OPENED if number in opened else known if number in was else _JOINED
    said = text.format(number=number, state=names.state(incident.state))
    if is_of_rule(incident.group_key):
        return _HEARD.format(number=number, state=names.state(incident.state), title=incident.title)
    where = place_text(incident.place, asked.city.home) or str(NOWHERE)
    tickets = [sent(asked.city, one) for one in deliveries_of(connection, asked.city, incident.id)]
    handed = ", ".join(tickets) or str(_NOT_HANDED)
    about = f"{names.severity(incident.severity)}, {incident.topic or _NO_TOPIC}, {where}; {handed}"
    return f"{said} {about[:1].upper()}{about[1:]}."


def _told(place: Place, home: str) -> Text:
    """What an address was read as, and how exactly the gazetteer knows it."""
    text = _SEVERAL if place.candidates else _KNOWN if place.precision in EXACT else _NEAR
    text = _NOWHERE if place.precision is PlacePrecision.NONE and not place.candidates else text
    several = ", ".join(place.candidates)
    return text.filled(place=place_text(place, home), precision=names.precision(place.precision), several=several)


_OPENED = Text("Открыт новый инцидент № {number}.", "A new incident, {number}, is opened.")
_JOINED = Text(
    "Обращение добавлено в № {number}, который уже был (сейчас: {state}). Новый инцидент не открывался.",
    "The report was added to {number}, which was there already (now: {state}). No new incident was opened.",
)
_HEARD = Text(
    "Обращение учтено и в № {number} «{title}» (сейчас: {state}): это наблюдение за тем, сколько пишут, а не место.",
    "The report counts in {number} “{title}” too (now: {state}): it watches how much is written, and is no place.",
)
_BEFORE = Text(
    "Эта публикация уже зарегистрирована в № {number} (сейчас: {state}). Второго обращения нет.",
    "This post is registered in {number} already (now: {state}). There is no second report.",
)
_NOTED = Text(
    "Публикация по ссылке уже в архиве, её слова остались прежними. То, что вы вписали, стоит ниже в заметках.",
    "The post of the link is in the archive already, and says what it said. What you typed stands below, in the notes.",
)
_KNOWN_ALREADY = Text(
    "Эта публикация уже была в № {number} (сейчас: {state}): к ней добавлено, что её зарегистрировали.",
    "This post was in {number} already (now: {state}): that it was registered is added to it.",
)
_NOT_HANDED = Text("ещё никому не передан", "not handed over yet")
_NO_TOPIC = Text("тема не определена", "no topic told")
_SEVERITY = Text("Важность обращения: {severity}.", "Severity of the report: {severity}.")
_KNOWN = Text("Адрес понят так: {place}, {precision}.", "The address was understood as {place}, {precision}.")
_NEAR = Text(
    "Адрес понят так: {place}. Такого дома в справочнике города нет, известно: {precision}.",
    "The address was understood as {place}. The city's gazetteer has no such house, known is: {precision}.",
)
_NOWHERE = Text(
    "Адрес понят так: {place}. В справочнике города его нет: точки на карте не будет.",
    "The address was understood as {place}. The city's gazetteer does not have it: there is no point on the map.",
)
_SEVERAL = Text(
    "Адрес понят так: {place}. Таких мест несколько ({several}), точки на карте не будет.",
    "The address was understood as {place}. There are several such places ({several}), so no point on the map.",
)
_UNREAD = Text(
    "Адрес не распознан, обращение записано без места. Адрес пишется как «ул. Лесная, 5».",
    "The address was not understood, the report is recorded without a place. An address is written as «ул. Лесная, 5».",
)

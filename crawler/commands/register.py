"""`otklik register CITY --topic …`: a report by hand, from a telephone call or a pasted link."""

from dataclasses import asdict
from typing import Annotated

import typer

from crawler.commands.incidents import SEND_SECONDS
from crawler.commands.shell import CityArgument, JsonOption, err, opened_installation, out, plain, print_json, who
from crawler.model.city import Severity
from crawler.model.text import Text
from crawler.reactor import in_reactor
from crawler.registering import Registered, Told, fetch
from crawler.registering import register as registered
from search.states import SEVERITY_NAMES, STATE_NAMES, State

TOPIC = Text("тема или группа тем города", "a topic or a group of topics of the city")
TEXT = Text("слова жителя", "the resident's words")
LINK = Text("ссылка на запись, комментарий, сообщение канала, статью", "a link to a post, comment, message or article")
PLACE = Text("адрес: «ул. Лесная, 5»", "the address, street and house: «ул. Мира, 5»")
SEVERITY = Text("важность; иначе как у запросов темы", "severity; else as the searches of the topic have it")
BY = Text("кто регистрирует (иначе имя в системе)", "who registers it (else the name in the system)")
AT = Text("когда позвонили: «25.11.2026 14:05»", "when they called: “25.11.2026 14:05”")
AUTHOR = Text("телефон или имя; хранится зашифрованным", "telephone number or name; kept encrypted")
KEY = Text("номер звонка: тот же номер не даст второго обращения", "the call's number: the same makes no second report")
SOURCE = Text("источник, чьи сроки действуют", "the source whose deadlines hold")

OPENED = Text("Открыт инцидент № {number}.", "Incident {number} is opened.")
JOINED = Text("Обращение добавлено в инцидент № {number} ({state}).", "The report joined incident {number} ({state}).")
WAS = Text(
    "Публикация уже была в инциденте № {number} ({state}).", "The post was in incident {number} already ({state})."
)
ALSO = Text(
    "По её тексту открыт и инцидент № {number}: otklik incidents ГОРОД show {number}",
    "Its text opened incident {number} too: otklik incidents CITY show {number}",
)
BEFORE = Text(
    "Это уже зарегистрировано: инцидент № {number} ({state}). Другой звонок отличают --author, --at или --key.",
    "This is registered already: incident {number} ({state}). --author, --at or --key tell another call from it.",
)
NOTED = Text(
    "Публикация по ссылке уже в архиве: слова записаны заметкой инцидента № {number}.",
    "The post of the link is in the archive already: the words are kept as a note of incident {number}.",
)
NO_PLACE = Text(
    "Адрес «{place}» не распознан: обращение без места. Напишите его как «ул. Лесная, 5».",
    "The address “{place}” was not understood: the report has no place. Write it as «ул. Лесная, 5».",
)


def register(
    city: CityArgument,
    topic: Annotated[str, typer.Option(help=str(TOPIC), show_default=False)],
    text: Annotated[str, typer.Option(help=str(TEXT), show_default=False)] = "",
    link: Annotated[str, typer.Option(help=str(LINK), show_default=False)] = "",
    place: Annotated[str, typer.Option(help=str(PLACE), show_default=False)] = "",
    severity: Annotated[Severity | None, typer.Option(help=str(SEVERITY), show_default=False)] = None,
    by: Annotated[str, typer.Option(help=str(BY), show_default=False)] = "",
    at: Annotated[str, typer.Option(help=str(AT), show_default=False)] = "",
    author: Annotated[str, typer.Option(help=str(AUTHOR), show_default=False)] = "",
    key: Annotated[str, typer.Option(help=str(KEY), show_default=False)] = "",
    source: Annotated[str, typer.Option(help=str(SOURCE), show_default=False)] = "",
    as_json: JsonOption = False,
) -> None:
    """Register what a person heard or was sent, and say which incident it is in."""
    told = Told(topic, by or who(), text, link, place, severity, at, author, key, source)
    with opened_installation(city) as (installation, loaded):
        desk = installation.desk(loaded.key)
        if link and not text:
            in_reactor(fetch(installation, desk, link))
        done = registered(desk, told)
        desk.drain(SEND_SECONDS)
    if as_json:
        print_json(asdict(done))
    else:
        _show(done, told)


def _show(done: Registered, told: Told) -> None:
    known = done.incident in done.was
    line = BEFORE if done.before else OPENED if done.opened else WAS if known else JOINED
    shown = line.format(number=done.incident, state=STATE_NAMES[State(done.state)])
    out.print(
        plain(f"{shown} {SEVERITY_NAMES[done.severity]}, {told.topic}, {done.post}"), markup=False, highlight=False
    )
    if done.noted:
        out.print(plain(NOTED.format(number=done.incident)), markup=False, highlight=False)
    for number in done.opens:
        if number != done.incident:
            out.print(plain(ALSO.format(number=number)), markup=False, highlight=False)
    if not done.placed:
        err.print(plain(NO_PLACE.format(place=told.place)), style="yellow", markup=False, highlight=False)

"""A report by hand: what a resident said on the telephone, or a pasted link, becomes a report of an incident."""

from starlette.responses import RedirectResponse, Response

from crawler.accounts.roles import Permission
from crawler.console import rendering
from crawler.console.asked import Asked
from crawler.console.routing import Page
from crawler.model.city import Severity
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from crawler.registering import Told, register

NO_PLACE = Text(
    "Инцидент № {number} записан без места: адрес «{place}» не распознан. Пишите его как «ул. Лесная, 5».",
    "Incident {number} is recorded without a place: “{place}” was not understood. Write it as «ул. Лесная, 5».",
)
BEFORE = Text(
    "Это уже зарегистрировано: инцидент № {number}. Другой такой же звонок отличите временем.",
    "This is registered already: incident {number}. Tell another call like it by its time.",
)
FIELDS = {"topic": 200, "text": 10_000, "link": 2_000, "place": 300, "at": 40, "severity": 20}
"""What the form has, and the most letters of each."""


def _form(asked: Asked) -> Response:
    return _shown(asked, 200, "")


def _shown(asked: Asked, status: int, refusal: object, number: int = 0) -> Response:
    typed = {name: asked.value(name)[:most] for name, most in FIELDS.items()}
    return rendering.render(asked, "register.html", status, active="queue", typed=typed, refusal=refusal, number=number)


def _register(asked: Asked) -> Response:
    typed = {name: asked.value(name)[:most].strip() for name, most in FIELDS.items()}
    severity = Severity(typed["severity"]) if typed["severity"] in set(Severity) else Severity.NORMAL
    told = Told(typed["topic"], asked.user.name, typed["text"], typed["link"], typed["place"], severity, typed["at"])
    try:
        done = register(asked.desk, told)
    except OtklikError as error:
        return _shown(asked, 409, error)
    asked.wake_courier()
    if done.before:
        return _shown(asked, 409, BEFORE.format(number=done.incident), done.incident)
    if not done.placed:
        return _shown(asked, 200, NO_PLACE.format(number=done.incident, place=typed["place"]), done.incident)
    return RedirectResponse(f"/{asked.city.key}/incidents/{done.incident}", 303)


PAGES = (
    Page("GET", "/{city}/register", _form, Permission.DECIDE),
    Page("POST", "/{city}/register", _register, Permission.DECIDE),
)

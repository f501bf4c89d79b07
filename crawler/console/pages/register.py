"""A report by hand: what a resident said on the telephone, or a pasted link, becomes a report of an incident."""

from starlette.responses import RedirectResponse, Response

from crawler.accounts.roles import Permission
from crawler.console import rendering
from crawler.console.asked import Asked
from crawler.console.registered import address_of
from crawler.console.routing import Page
from crawler.model.city import Severity
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from crawler.registering import Told, register, severities, topics_like
from crawler.said_at import WhenError

BEFORE = Text(
    "Это уже зарегистрировано: инцидент № {number}. Другой такой же звонок отличают звонивший или время.",
    "This is registered already: incident {number}. Tell another call like it by its caller or time.",
)
TOO_LONG = Text(
    "В словах жителя {count} знаков, запишется до {most}: сократите.",
    "What the resident said has {count} characters, {most} at most can be written: shorten it.",
)
FIELDS = {
    "topic": 200,
    "text": 10_000,
    "link": 2_000,
    "place": 300,
    "at": 40,
    "severity": 20,
    "author": 200,
    "find": 80,
}
"""What the form has, and the most letters of each."""


def _form(asked: Asked) -> Response:
    return _shown(asked, 200, "")


def _topics(asked: Asked) -> Response:
    """The list of topics for what is typed above it."""
    return _shown(asked, 200, "", template="register-topics.html")


def _shown(asked: Asked, status: int, refusal: object, number: int = 0, template: str = "register.html") -> Response:
    # Too long a text comes back whole, to be shortened by who knows what of it counts.
    typed = {name: asked.value(name)[: None if name == "text" else most] for name, most in FIELDS.items()}
    return rendering.render(
        asked,
        template,
        status,
        active="queue",
        typed=typed,
        refusal=refusal,
        when=isinstance(refusal, WhenError),
        number=number,
        back=asked.back,
        severities=severities(asked.desk),
        found=topics_like(asked.desk, typed["find"]) if typed["find"].strip() else [],
        finds=asked.value("do") == "find",
    )


def _register(asked: Asked) -> Response:
    if asked.value("do") == "find":
        return _shown(asked, 200, "")
    typed = {name: asked.value(name)[:most].strip() for name, most in FIELDS.items()}
    if len(asked.value("text")) > FIELDS["text"]:
        return _shown(asked, 409, TOO_LONG.format(most=FIELDS["text"], count=len(asked.value("text"))))
    told = Told(
        typed["topic"],
        asked.user.name,
        typed["text"],
        typed["link"],
        typed["place"],
        Severity(typed["severity"]) if typed["severity"] in set(Severity) else None,
        typed["at"],
        typed["author"],
    )
    try:
        done = register(asked.desk, told)
    except OtklikError as error:
        return _shown(asked, 409, error)
    asked.wake_courier()
    if done.before and not done.noted:
        return _shown(asked, 409, BEFORE.format(number=done.incident), done.incident)
    return RedirectResponse(address_of(asked.city.key, done), 303)


PAGES = (
    Page("GET", "/{city}/register", _form, Permission.DECIDE),
    Page("GET", "/{city}/register/topics", _topics, Permission.DECIDE),
    Page("POST", "/{city}/register", _register, Permission.DECIDE),
)

"""Signing in and out, the start, and the reader's language. A form to sign in is ours when its ticket is that of the
cookie that came with it: nobody is signed in as somebody else by a page of a stranger.
"""

import re
import secrets

from starlette.responses import RedirectResponse, Response

from crawler.accounts import devices
from crawler.accounts.roles import Permission
from crawler.accounts.sessions import LONGEST, Comer, RefusedError, sign_in, sign_out
from crawler.console import rendering
from crawler.console.asked import Asked, Trouble, local
from crawler.console.routing import FOREIGN, FOREIGN_TEXT, Page
from crawler.model.text import Text

_TICKET = re.compile(r"[\w-]{32}")
_YEAR = 365 * 86_400
NO_CITIES = Text("Городов для вас нет", "There are no cities for you")
NO_CITIES_TEXT = Text(
    "Ни один город этой установки вам не открыт. Попросите администратора.",
    "No city of this installation is open to you. Ask the administrator.",
)


def _form(asked: Asked) -> Response:
    if asked.session is not None:
        return RedirectResponse(local(asked.value("next")), 303)
    return _shown(asked, 200, "")


def _shown(asked: Asked, status: int, refusal: object) -> Response:
    # One for all tabs of a browser: a second one that is opened does not void the form of the first.
    given = asked.request.cookies.get(asked.options.ticket, "")
    ticket = given if _TICKET.fullmatch(given) else secrets.token_urlsafe(24)
    values = {
        "ticket": ticket,
        "back": local(asked.value("next")),
        "refusal": refusal,
        "name": asked.value("name")[:200],
        "lost": asked.value("lost") == "yes",
    }
    response = rendering.render(asked, "sign-in.html", status, **values)
    response.set_cookie(asked.options.ticket, ticket, secure=asked.options.secure, httponly=True, samesite="strict")
    return response


def _sign_in(asked: Asked) -> Response:
    if asked.session is not None and asked.user.name == asked.value("name").strip().lower():
        # Another tab was quicker.
        return RedirectResponse(local(asked.value("next")), 303)
    ticket = asked.request.cookies.get(asked.options.ticket, "")
    if not ticket or not secrets.compare_digest(ticket.encode(), asked.value("ticket").encode()):
        raise Trouble(403, FOREIGN, FOREIGN_TEXT)
    installation = asked.installation
    address = asked.request.client.host if asked.request.client else ""
    old = asked.request.cookies.get(asked.options.cookie, "")
    name, marks = asked.value("name"), asked.request.cookies.get(asked.options.device, "")
    comer = Comer(name, address, devices.known(installation.keys, marks, name, asked.now))
    try:
        session = sign_in(installation.database, installation.keys, comer, asked.value("password"), asked.now)
    except RefusedError as refused:
        return _shown(asked, 403, refused)
    if old:
        sign_out(installation.database, old)
    response = RedirectResponse(local(asked.value("next")), 303)
    response.set_cookie(
        asked.options.cookie,
        session.token,
        max_age=int(LONGEST.total_seconds()),
        secure=asked.options.secure,
        httponly=True,
        samesite="lax",
    )
    response.set_cookie(
        asked.options.device,
        devices.with_mark(installation.keys, marks, session.user.name, asked.now),
        max_age=int(devices.LASTS.total_seconds()),
        secure=asked.options.secure,
        httponly=True,
        samesite="lax",
    )
    return response


def _sign_out(asked: Asked) -> Response:
    assert asked.session is not None
    sign_out(asked.installation.database, asked.session.token)
    response = RedirectResponse("/sign-in", 303)
    response.delete_cookie(asked.options.cookie, secure=asked.options.secure, httponly=True, samesite="lax")
    return response


def _start(asked: Asked) -> Response:
    if not asked.cities:
        raise Trouble(403, NO_CITIES, NO_CITIES_TEXT)
    return RedirectResponse(f"/{asked.cities[0].key}/queue", 303)


def _language(asked: Asked) -> Response:
    response = RedirectResponse(local(asked.value("next")), 303)
    chosen = "en" if asked.path("language") == "en" else "ru"
    response.set_cookie(
        rendering.LANGUAGE, chosen, max_age=_YEAR, secure=asked.options.secure, httponly=True, samesite="lax"
    )
    return response


PAGES = (
    Page("GET", "/sign-in", _form, None),
    Page("POST", "/sign-in", _sign_in, None),
    Page("POST", "/sign-out", _sign_out, Permission.READ),
    Page("GET", "/language/{language}", _language, None),
    Page("GET", "/", _start),
)

"""From a request to a page: who asks, which city, whether they may, whether the form is ours. Every page goes this
way, so that no page has to think of it.
"""

import logging
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from crawler.accounts.roles import PERMISSION_NAMES, ROLE_NAMES, Permission, roles_that_may
from crawler.accounts.sessions import session_of
from crawler.console import rendering
from crawler.console.asked import Asked, Trouble
from crawler.console.options import Options
from crawler.desk import Desk
from crawler.installation import Installation
from crawler.model.errors import OtklikError
from crawler.model.text import Text, locale_of
from search.engine import EngineDownError

logger = logging.getLogger(__name__)

MOST_BYTES = 1_000_000
"""Of a form; none that people fill in comes near."""
MOST_FIELDS = 2_000


@dataclass(frozen=True, slots=True)
class Page:
    """One address: what it shows or does, and who may. A `may` of None is for anybody, signed in or not; one that
    a page asks for by itself does not count as somebody at work (`touches`).
    """

    method: str
    path: str
    show: Callable[[Asked], Response]
    may: Permission | None = Permission.READ
    touches: bool = True


def routes(pages: Sequence[Page], installation: Installation, options: Options) -> list[Route]:
    """The pages as an application takes them."""
    return [
        Route(
            page.path, _endpoint(page, installation, options), methods=[page.method], name=f"{page.method} {page.path}"
        )
        for page in pages
    ]


def _endpoint(page: Page, installation: Installation, options: Options) -> Callable[[Request], object]:
    async def endpoint(request: Request) -> Response:
        with locale_of(rendering.language_of(request)):
            asked = Asked(installation, options, request, installation.clock.now())
            try:
                if page.method == "POST":
                    asked = replace(asked, form=await _form(request))
                return await run_in_threadpool(_answered, page, asked)
            except Trouble as trouble:
                return await run_in_threadpool(rendering.trouble, asked, trouble.status, trouble.title, trouble.text)

    return endpoint


def _answered(page: Page, asked: Asked) -> Response:
    """The page's answer, or the page that says why there is none."""
    token = asked.request.cookies.get(asked.options.cookie, "")
    installation = asked.installation
    try:
        session = session_of(installation.database, installation.keys, token, asked.now, touch=page.touches)
        asked = replace(asked, session=session)
        if page.may is not None:
            if asked.session is None:
                return _to_sign_in(asked)
            asked = replace(asked, desk_or_none=_desk(asked))
            _check(page, asked)
        return page.show(asked)
    except Trouble as trouble:
        return rendering.trouble(asked, trouble.status, trouble.title, trouble.text)
    except EngineDownError as error:
        return rendering.trouble(asked, 503, NOT_DONE, error.text)
    except OtklikError as error:
        return rendering.trouble(asked, 409 if page.method == "POST" else 400, NOT_DONE, asked.told(error))
    except Exception:
        code = secrets.token_hex(4)
        logger.exception("console: %s %s failed, code %s", page.method, page.path, code)
        return rendering.trouble(asked, 500, FAILED, FAILED_TEXT.filled(code=code))


def _desk(asked: Asked) -> Desk | None:
    """The desk of the city in the address, None for a page of the whole installation."""
    key = asked.request.path_params.get("city")
    if key is None:
        return None
    desk = asked.installation.desks.get(key)
    if desk is None or not asked.user.sees(key):
        raise Trouble(404, NOWHERE, NO_CITY)
    return desk


def _check(page: Page, asked: Asked) -> None:
    """Whether who asks may, and whether the form came from a page of ours."""
    assert asked.session is not None
    assert page.may is not None
    if page.method == "POST":
        sent = asked.request.headers.get("x-csrf-token") or (asked.form.get("csrf") or [""])[0]
        if not secrets.compare_digest(sent.encode(), asked.session.csrf.encode()):
            raise Trouble(403, FOREIGN, FOREIGN_TEXT)
    if not asked.user.may(page.may):
        who = Text(*(_listed(page.may, locale) for locale in ("ru", "en")))
        role = ROLE_NAMES[asked.user.role]
        raise Trouble(
            403,
            NOT_ALLOWED,
            Text(
                f"Вы вошли как {role.ru}. {PERMISSION_NAMES[page.may].ru.capitalize()} может {who.ru}.",
                f"You are signed in as a {role.en}. Who may {PERMISSION_NAMES[page.may].en}: {who.en}.",
            ),
        )


def _listed(permission: Permission, locale: str) -> str:
    return ", ".join(getattr(ROLE_NAMES[role], locale) for role in roles_that_may(permission))


def _to_sign_in(asked: Asked) -> Response:
    """The page to sign in, which leads back to where its reader was; of a form it says that nothing was recorded."""
    is_form = asked.request.method == "POST"
    header = "hx-current-url" if asked.by_script else "referer"
    url = urlsplit(asked.request.headers.get(header, "") if asked.by_script or is_form else str(asked.request.url))
    back = url.path + (f"?{url.query}" if url.query else "")
    given = {"next": back} if back else {}
    given |= {"lost": "yes"} if is_form and asked.request.url.path != "/sign-out" else {}
    query = urlencode(given, safe="/", quote_via=quote)
    where = f"/sign-in?{query}" if query else "/sign-in"
    if asked.by_script:
        # A redirect would put the sign-in page into a corner of the page that is there.
        return Response(status_code=401, headers={"HX-Redirect": where})
    return RedirectResponse(where, 303)


async def _form(request: Request) -> dict[str, list[str]]:
    """What a form sent, urlencoded. Trouble when it is something else or too large."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise Trouble(415, NOT_READ, NOT_READ_TEXT)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise Trouble(413, NOT_READ, NOT_READ_TEXT)
    try:
        return parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise Trouble(400, NOT_READ, NOT_READ_TEXT) from error


NOT_DONE = Text("Не получилось", "It did not work")
NOWHERE = Text("Такой страницы нет", "There is no such page")
NO_CITY = Text("Такого города здесь нет, или он не из ваших.", "There is no such city here, or it is none of yours.")
FAILED = Text("Страница не собралась", "The page could not be made")
FAILED_TEXT = Text(
    "Что было записано раньше, на месте. Ошибка в журнале сервера, код для администратора: {code}",
    "What was recorded before is in its place. The error is in the server's log, code for the administrator: {code}",
)
FOREIGN = Text("Форма устарела", "The form is out of date")
FOREIGN_TEXT = Text(
    "Она не из этого сеанса: ничего не записано. Вернитесь на страницу, обновите её и повторите.",
    "It is not of this session: nothing was recorded. Go back, reload the page and try again.",
)
NOT_ALLOWED = Text("Нет прав", "Not allowed")
NOT_READ = Text("Форма не прочитана", "The form could not be read")
NOT_READ_TEXT = Text(
    "Она слишком велика или не того вида. Ничего не записано.",
    "It is too large or of the wrong kind. Nothing was recorded.",
)

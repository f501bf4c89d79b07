"""One incident: its pane beside the queue, its own page, and the decisions about it."""

from starlette.responses import RedirectResponse, Response

from crawler.accounts.roles import Permission
from crawler.console import rendering
from crawler.console.asked import Asked, Trouble
from crawler.console.decisions import Decision, decide, decision_of
from crawler.console.pages.queue import row_of
from crawler.console.pages.sign_in import local
from crawler.console.panes import pane_of
from crawler.console.routing import NOWHERE, Page
from crawler.console.timeline import timeline_of
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search import queue
from search.images.rows import images_of_posts
from search.incidents import find_number

_NO_IMAGE = Text("Фото нет: оно стёрто или не сохранялось.", "There is no photo: it was erased or never kept.")
_NO_INCIDENT = Text("Инцидента с таким номером нет.", "There is no incident of that number.")


def _number(asked: Asked) -> int:
    given = asked.path("number")
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise Trouble(404, NOWHERE, _NO_INCIDENT)
    return int(given)


def _pane(asked: Asked) -> Response:
    with asked.installation.database.read() as connection:
        pane = pane_of(connection, asked, _number(asked))
    return rendering.render(asked, "pane.html", pane=pane, base=_back(asked))


def _incident(asked: Asked) -> Response:
    number = _number(asked)
    with asked.installation.database.read() as connection:
        if not find_number(connection, asked.city, number):
            raise Trouble(404, NOWHERE, _NO_INCIDENT)
        pane = pane_of(connection, asked, number, limit=None)
    # Newest first, as the design has it; the address turns it round.
    oldest = asked.value("order") == "oldest"
    steps = timeline_of(pane, oldest_first=oldest)
    return rendering.render(
        asked,
        "incident.html",
        active="queue",
        pane=pane,
        steps=steps,
        oldest=oldest,
        base=f"/{asked.city.key}/incidents/{number}",
    )


def _back(asked: Asked) -> str:
    back = local(asked.value("back"))
    return back if back.startswith(f"/{asked.city.key}/") else f"/{asked.city.key}/queue?view=all"


def _decide(asked: Asked) -> Response:
    number, decision = _number(asked), decision_of(asked)
    decide(asked, number, decision)
    if not asked.by_script:
        return RedirectResponse(_back(asked), 303)
    return _after(asked, number, decision)


def _after(asked: Asked, number: int, decision: Decision) -> Response:
    """What htmx puts in place: the row, the pane and a word about it. Nothing else on the page moves."""
    base = _back(asked).partition("&at=")[0]
    with asked.installation.database.read() as connection:
        pane = pane_of(connection, asked, number)
        line = queue.line_of(connection, asked.city, pane.incident, asked.now)
    return rendering.render(
        asked, "decided.html", pane=pane, row_data=row_of(asked, line, base), base=base, decision=decision, at=number
    )


def _photo(asked: Asked) -> Response:
    """A kept photo of a report, decoded and written anew when it was kept: nothing of the sender's file is left."""
    post, digest = asked.value("post"), asked.path("digest")
    with asked.installation.database.read() as connection:
        kept = images_of_posts(connection, asked.city.key, [post]).get(post, ())
    if not digest or digest not in {image.digest for image in kept}:
        raise Trouble(404, NOWHERE, _NO_IMAGE)
    try:
        picture = asked.desk.album.open_image(asked.city.key, digest)
    except OtklikError as error:
        raise Trouble(404, NOWHERE, error.text) from error
    # Erasure must reach what a browser shows: it asks again.
    return Response(picture, media_type="image/jpeg", headers={"Cache-Control": "private, no-cache"})


PAGES = (
    Page("GET", "/{city}/incidents/{number}", _incident),
    Page("GET", "/{city}/incidents/{number}/pane", _pane),
    Page("POST", "/{city}/incidents/{number}/decide", _decide, Permission.DECIDE),
    Page("GET", "/{city}/photos/{digest}", _photo),
)

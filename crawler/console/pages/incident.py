"""One incident: its pane beside the queue, its own page, what people do with it, and its photos."""

from collections.abc import Callable
from functools import partial
from urllib.parse import urlsplit

import sqlalchemy as sa
from starlette.responses import RedirectResponse, Response

from crawler.accounts.roles import Permission
from crawler.console import rendering
from crawler.console.acting import ACTS, act, form_of
from crawler.console.archive import Line, lines_of
from crawler.console.asked import Asked, Trouble
from crawler.console.pages.queue import row_of
from crawler.console.panes import Pane, pane_of, said_of
from crawler.console.refusing import DIALOGS, Refused, never, refused
from crawler.console.registered import outcome_of
from crawler.console.routing import NOWHERE, Page
from crawler.console.timeline import timeline_of
from crawler.model.errors import OtklikError
from crawler.model.items import Place
from crawler.model.text import Text
from crawler.registering import severities
from pipelines.typed_place import offered
from search import queue, undoing
from search.acts import Kind
from search.images.rows import images_of_posts
from search.incidents import find_number
from search.pins import EXACT
from search.story_list import beside
from search.tree import Query
from search.vicinity import Vicinity, vicinity

_NOTED = Text("№ {number}: заметка записана", "{number}: the note is written")
_NO_IMAGE = Text("Фото нет: оно стёрто или не сохранялось.", "There is no photo: it was erased or never kept.")
_BESIDE = 6
_NO_INCIDENT = Text("Инцидента с таким номером нет.", "There is no incident of that number.")


def _number(asked: Asked) -> int:
    given = asked.path("number")
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise Trouble(404, NOWHERE, _NO_INCIDENT)
    return int(given)


def _found(asked: Asked, connection: sa.Connection) -> int:
    """The number in the address, of an incident that there is."""
    number = _number(asked)
    if not find_number(connection, asked.city, number):
        raise Trouble(404, NOWHERE, _NO_INCIDENT)
    return number


def _pane(asked: Asked) -> Response:
    with asked.installation.database.read() as connection:
        pane = pane_of(connection, asked, _found(asked, connection))
    return rendering.render(asked, "pane.html", pane=pane, back=asked.back)


def _incident(asked: Asked) -> Response:
    return _whole_page(asked, _whole(asked))


def _whole_page(asked: Asked, pane: Pane, refusal: Refused | None = None) -> Response:
    # Newest first, as the design has it; the address turns it round.
    oldest = asked.value("order") == "oldest"
    with asked.installation.database.read() as connection:
        by_hand = outcome_of(asked, connection, pane)
    return _shown(
        asked,
        "incident.html",
        pane,
        refusal,
        steps=timeline_of(pane, oldest_first=oldest),
        oldest=oldest,
        by_hand=by_hand,
        registration=max(
            (one.id for one in pane.shown.acts if one.kind is Kind.REGISTER and not one.undone), default=0
        ),
        around=_around(asked, pane.incident.place),
        beside=_beside(asked, pane),
    )


def _beside(asked: Asked, pane: Pane) -> tuple[list[Line], int]:
    """What else tells of the same: the newest other posts of the stories of its voices, and how many there are."""
    with asked.installation.database.read() as connection:
        others = beside(connection, asked.city.key, {one.voice.report.post for one in pane.said})
    return list(lines_of(asked, Query("", None), others[:_BESIDE])), len(others)


def _whole(asked: Asked) -> Pane:
    """The incident in the address with all that belongs to it."""
    with asked.installation.database.read() as connection:
        return pane_of(connection, asked, _found(asked, connection), limit=None)


def _places(asked: Asked) -> Response:
    """What could be meant by a place that is being typed."""
    found = offered(asked.desk.finder, asked.city.home, asked.value("place"))
    return rendering.render(asked, "places.html", offered=found)


def _correction(asked: Asked, pane: Pane) -> dict[str, object]:
    """What the form of place and topic shows beside the incident."""
    topic = asked.value("topic") or pane.incident.topic
    return {"typed": {"topic": topic, "find": ""}, "found": [], "severities": severities(asked.desk)}


def _shown(asked: Asked, template: str, pane: Pane, refusal: Refused | None = None, **more: object) -> Response:
    """A page about one incident. A form that was refused leads on to where its sender was, as it did before."""
    here = f"/{asked.city.key}/incidents/{pane.incident.number}"
    came_from = refusal.back if refusal else asked.back if asked.value("back") else here
    return rendering.render(
        asked,
        template,
        refusal.status if refusal else 200,
        active="queue",
        pane=pane,
        here=here,
        back=came_from,
        refused=refusal,
        said=said_of(pane, asked.number("said", 0, 2**62, 0)),
        **(_correction(asked, pane) if template == DIALOGS["place"] else {}),
        **more,
    )


def _around(asked: Asked, place: Place | None) -> Vicinity | None:
    """The surroundings of an exact place."""
    if place is None or place.precision not in EXACT or place.lat is None or place.lon is None:
        return None
    return vicinity(asked.desk.finder.gazetteer, place.lat, place.lon)


def _undoing(asked: Asked) -> Response:
    """What an undo will do, before it is done."""
    chosen = asked.number("act", 0, 2**62, 0) or None
    with asked.installation.database.read() as connection:
        preview = undoing.preview(form_of(asked, connection, _number(asked)).hand, _number(asked), chosen)
    return _shown(asked, "undo.html", _whole(asked), preview=preview)


def _act(name: str, asked: Asked) -> Response:
    number = _number(asked)
    try:
        with asked.installation.database.begin() as connection:
            shown = act(name, form_of(asked, connection, number))
    except (OtklikError, Trouble) as error:
        return refused_page(asked, name, error, number)
    asked.wake_courier()
    if asked.by_script:
        return _changed(asked, number, None, str(_NOTED.filled(number=number)) if name == "note" else "")
    if shown != number:
        return RedirectResponse(f"/{asked.city.key}/incidents/{shown}", 303)
    with asked.installation.database.read() as connection:
        last = pane_of(connection, asked, number).incident.last_act
    back = asked.back
    mark = "&" if urlsplit(back).query else "?"
    bare = back.partition(f"{mark}said=")[0]
    return RedirectResponse(f"{bare}{mark}said={last}", 303)


def refused_page(asked: Asked, name: str, error: OtklikError | Trouble, number: int) -> Response:
    """The form of an act on an incident again, with why it was refused."""
    with asked.installation.database.read() as connection:
        if not find_number(connection, asked.city, number):
            raise error
        pane = pane_of(connection, asked, number, limit=None)
    refusal = refused(asked, name, error, pane, asked.back)
    if asked.by_script:
        return _changed(asked, number, refusal)
    if refusal.form in DIALOGS:
        return _shown(asked, DIALOGS[refusal.form], pane, refusal)
    return _whole_page(asked, pane, refusal)


def _changed(asked: Asked, number: int, refusal: Refused | None, noted: str = "") -> Response:
    """For htmx the row, the pane and a word about it: nothing else on the page moves. `noted` is the word about what is
    no act, and so is not undone.
    """
    back = asked.back
    with asked.installation.database.read() as connection:
        pane = pane_of(connection, asked, number)
        line = queue.line_of(connection, asked.city, pane.incident, asked.now)
    return rendering.render(
        asked,
        "decided.html",
        refusal.status if refusal else 200,
        pane=pane,
        row_data=row_of(asked, line, back.partition("&at=")[0]),
        back=back,
        at=pane.incident.number,
        refused=refusal,
        said=None if refusal else (0, noted) if noted else said_of(pane, pane.incident.last_act),
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


def _dialog(name: str) -> Callable[[Asked], Response]:
    """The page of a form. Where the form would be refused whatever is put in, it is refused at once."""

    def shown(asked: Asked) -> Response:
        pane = _whole(asked)
        if (refusal := never(name, pane)) is not None:
            return _whole_page(asked, pane, refused(asked, name, refusal, pane, asked.back))
        return _shown(asked, DIALOGS[name], pane)

    return shown


PAGES = (
    Page("GET", "/{city}/incidents/{number}", _incident),
    Page("GET", "/{city}/incidents/{number}/pane", _pane),
    Page("GET", "/{city}/incidents/{number}/executor", _dialog("assign"), Permission.DECIDE),
    Page("GET", "/{city}/incidents/{number}/correct", _dialog("place"), Permission.DECIDE),
    Page("GET", "/{city}/places", _places, Permission.DECIDE),
    Page("GET", "/{city}/incidents/{number}/ask", _dialog("ask"), Permission.DECIDE),
    Page("GET", "/{city}/incidents/{number}/join", _dialog("join"), Permission.DECIDE),
    Page("GET", "/{city}/incidents/{number}/split", _dialog("split"), Permission.DECIDE),
    Page("GET", "/{city}/incidents/{number}/undo", _undoing, Permission.DECIDE),
    *(Page("POST", f"/{{city}}/incidents/{{number}}/{name}", partial(_act, name), Permission.DECIDE) for name in ACTS),
    Page("GET", "/{city}/photos/{digest}", _photo),
)

"""Pages from templates: what every one of them has, and texts in the reader's language."""

import hashlib
import threading
from collections.abc import Callable, Hashable
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from crawler.console import city_names, names, shapes, times
from crawler.console.asked import Asked, local
from crawler.console.attention import in_need
from crawler.console.badges import Badges, badges_of
from crawler.console.navigation import home_of, sections
from crawler.console.plurals import plural
from crawler.model.text import Text, current_locale
from search.live import latest_event
from search.state.failures import StateError

HERE = Path(__file__).parent
MOST_KEPT = 8_192
"""Parts of pages that a process keeps, two thousand letters the longest of them as a rule."""
_KEPT: dict[Hashable, Markup] = {}
_KEEPING = threading.Lock()
_AS_IT_IS = (Markup, int, float)
LANGUAGE, THEME = "otklik-lang", "otklik-theme"
"""Cookies of the reader's choices; they say nothing about who one is."""


def render(asked: Asked, template: str, status: int = 200, **values: object) -> Response:
    """A whole page or a part of one. Everything that is put in comes out escaped. A page that has counted its badges
    gives them and the latest event, and they are not counted again.
    """
    around = {} if "badges" in values else _of_city(asked)
    return HTMLResponse(_environment().get_template(template).render(_common(asked) | around | values), status)


def trouble(asked: Asked, status: int, title: Text, text: Text) -> Response:
    """The page that says what is wrong; to htmx only the note."""
    template = "trouble-part.html" if asked.by_script else "trouble.html"
    return render(asked, template, status, title=title, text=text, back=local(asked.value("back")))


def compile_templates() -> None:
    """Read every template: a page that is asked for first would wait for its own."""
    for name in _environment().list_templates(extensions=["html"]):
        _environment().get_template(name)


def language_of(request: Request) -> str:
    """What the reader chose, else what the browser asks for, Russian where it asks for neither."""
    chosen = request.cookies.get(LANGUAGE, "")
    if chosen in {"ru", "en"}:
        return chosen
    for part in request.headers.get("accept-language", "").split(",")[:10]:
        name = part.partition(";")[0].strip().lower()[:2]
        if name in {"ru", "en"}:
            return name
    return "ru"


def translate(ru: str, en: str) -> str:
    """The text of the reader's language."""
    return ru if current_locale() == "ru" else en


@cache
def icon(name: str, kind: str = "") -> Markup:
    """A symbol of icons.svg, with further classes. A page has hundreds, so that each is put together once."""
    return Markup('<svg class="i {}" aria-hidden="true"><use href="#{}"/></svg>').format(kind, name)


class Told:
    """A key of `kept`: all that is said of something, looked up by what it is called, as the hash of all of it would
    take longer than the look-up.
    """

    __slots__ = ("_said", "_whose")

    def __init__(self, whose: Hashable, said: tuple[object, ...]) -> None:
        self._whose, self._said = whose, said

    def __hash__(self) -> int:
        return hash(self._whose)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Told) and self._whose == other._whose and self._said == other._said


def kept(kind: str, key: Hashable, caller: Callable[[], Markup]) -> Markup:
    """What a call block of a template comes to, put together once for each key: the key is everything it says, so that
    another is put together as soon as anything is another. For the many alike that one page after another shows.
    """
    asked = kind, current_locale(), key
    with _KEEPING:
        found = _KEPT.pop(asked, None)
        if found is not None:
            # The last that was asked for goes last.
            _KEPT[asked] = found
            return found
    made = caller()
    with _KEEPING:
        _KEPT[asked] = made
        while len(_KEPT) > MOST_KEPT:
            del _KEPT[next(iter(_KEPT))]
    return made


def asset(name: str) -> str:
    """The address of a file in static/, other with every other content."""
    return f"/static/{name}?v={_digest(name)}"


@pass_context
def typed_in(context: Context, form: str, name: str) -> str:
    """What was typed into a field of a form that comes back refused, "" in every other."""
    back = context["refused"]
    return str(back.value(name)) if back and back.form == form else ""


@pass_context
def chosen_in(context: Context, form: str, name: str, value: str) -> bool:
    """Whether it was chosen in a form that comes back refused."""
    back = context["refused"]
    return bool(back and back.form == form and back.has(name, str(value)))


def _common(asked: Asked) -> dict[str, object]:
    theme = asked.request.cookies.get(THEME, "")
    return {
        "asked": asked,
        "attention": lambda: in_need(asked.installation, asked.desk),
        "city": asked.desk_or_none.city if asked.desk_or_none else None,
        "home": home_of(asked),
        "csrf": asked.session.csrf if asked.session else "",
        "lang": current_locale(),
        "may": asked.may,
        "now": asked.now,
        "refused": None,
        "sections": sections(asked),
        "theme": theme if theme in {"light", "dark"} else "",
        "user": asked.session.user if asked.session else None,
    }


def _plain(value: object) -> object:
    """Whatever a template puts in and is no markup of ours: without control characters and hidden turns of direction,
    which could lead the eye anywhere on the page.
    """
    return value if isinstance(value, _AS_IT_IS) else shapes.shown(str(value))


def _of_city(asked: Asked) -> dict[str, object]:
    """What a whole page of a city shows around what it is about; parts of one do without."""
    if asked.desk_or_none is None or asked.session is None or asked.by_script:
        return {"badges": Badges({}, {})}
    try:
        with asked.installation.database.read() as connection:
            return {"badges": badges_of(connection, asked), "latest": latest_event(connection)}
    except StateError:
        # The page that says what is wrong with the state is such a page too.
        return {"badges": Badges({}, {}), "latest": 0}


@cache
def _digest(name: str) -> str:
    return hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()[:12]


@cache
def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_plain,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "asset": asset,
        "chosen_in": chosen_in,
        # A file of ours, not what somebody wrote.
        "icons": Markup((HERE / "templates" / "icons.svg").read_text("utf-8")),  # noqa: S704
        "icon": icon,
        "kept": kept,
        "city_names": city_names,
        "names": names,
        "plural": plural,
        "shapes": shapes,
        "t": translate,
        "typed_in": typed_in,
        "times": times,
    }
    return made

"""«Поиск»: the archive by a query, what it is narrowed to, and what was found. Every view has its address."""

from dataclasses import replace
from typing import Any

from starlette.responses import Response

from crawler.accounts.roles import Permission
from crawler.console import rendering
from crawler.console.archive import FACETS, Around, Found, Look, around, find, look_of, page_of
from crawler.console.asked import Asked, Trouble
from crawler.console.carrying import MOST as MOST_ROWS
from crawler.console.carrying import carried
from crawler.console.completing import offers
from crawler.console.draft import Told, told_remark
from crawler.console.query_line import coloured
from crawler.console.routing import NOT_DONE, Page
from crawler.console.told import told
from crawler.model.errors import QueryError
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from crawler.remarks import glance_of
from search.engine import EngineDownError, EngineError, Order
from search.export import FORMATS
from search.hits import NEWEST
from search.query import mend, parse_query
from search.query import show as spelt
from search.query_lexer import MAX_LENGTH

_NO_FORMAT = Text("Такого вида выгрузки нет.", "There is no such kind of export.")


def _search(asked: Asked) -> Response:
    text = _text(asked, "q")
    look = look_of(asked, text)
    error = _error_of(asked, text)
    # What was found before stays below while a query is being mended.
    shown = look if error is None else replace(look, text=_readable(asked, _text(asked, "was")))
    odd = [] if error or not text else _odd(asked, text)
    found: Found | None = None
    counted: Around | None = None
    down: Text | None = None
    passing = False
    try:
        if asked.by_script and asked.value("after"):
            return _more(asked, shown)
        found = find(asked, shown, asked.value("after")[:2_000])
        if text and not error and not found.lines and not asked.value("after"):
            odd = _odd(asked, text, in_vain=True)
        # Without scripts the page is asked for what they would put in.
        counted = around(asked, shown) if asked.value("whole") == "1" else None
    except (EngineDownError, EngineError) as refused:
        down, passing = refused.text, isinstance(refused, EngineDownError)
    return rendering.render(
        asked,
        "search.html",
        503 if down else 400 if error else 200,
        **_common(asked, shown),
        active="search",
        look=look,
        found=found,
        around=counted,
        down=down,
        passing=passing,
        waiting=asked.desk.feeder.waiting() if down else 0,
        error=error,
        mended=mend(text, error).strip() if error and error.hint else "",
        coloured=coloured,
        understood="" if error else told(look.query(asked.desk), asked.city),
        odd=odd,
        meant=_meant(text, odd),
        continued=bool(asked.value("after")),
    )


def _odd(asked: Asked, text: str, *, in_vain: bool = False) -> list[Told]:
    """What in a query is probably not meant as it is read."""
    query = parse_query(text, platforms=PLATFORMS, names=asked.desk.names)
    return [told_remark(text, remark) for remark in glance_of(asked.desk, query, in_vain=in_vain)]


def _meant(text: str, odd: list[Told]) -> str:
    """The query with every remark's repair, "" where there are not several."""
    repairs = [one.remark for one in odd if one.mended]
    if len(repairs) < 2:
        return ""
    rest = len(text)
    for remark in sorted(repairs, key=lambda one: one.span, reverse=True):
        # Of two remarks on the same words the later one holds.
        if remark.span[1] <= rest:
            text, rest = mend(text, QueryError(remark.text, *remark.span, remark.hint)), remark.span[0]
    return text.strip()


def _common(asked: Asked, shown: Look) -> dict[str, Any]:
    return {
        "base": f"/{asked.city.key}/search",
        "shown": shown,
        "saved_as": _spelt(asked, shown),
        "facets": FACETS,
        "orders": ((Order.NEWEST, Text("Новые", "Newest")), (Order.RELEVANCE, Text("Точные", "Closest"))),
        "most": MOST_ROWS,
        "formats": ("csv", "xlsx"),
        "newest": NEWEST,
    }


def _around(asked: Asked) -> Response:
    """What is counted of the hits, for the page that shows them already."""
    look = look_of(asked, _text(asked, "q"))
    return rendering.render(asked, "search-around.html", **_common(asked, look), around=around(asked, look))


def _spelt(asked: Asked, look: Look) -> str:
    """The query with what is chosen beside it, as one text; as it was typed where nothing is."""
    return spelt(look.query(asked.desk)) if any(look.chosen.values()) else look.text


def _more(asked: Asked, look: Look) -> Response:
    lines, after = page_of(asked, look, look.query(asked.desk), asked.value("after")[:2_000])
    base = f"/{asked.city.key}/search"
    return rendering.render(asked, "search-hits.html", lines=lines, after=after, shown=look, base=base)


def _text(asked: Asked, name: str) -> str:
    # One more than is allowed, so that what is too long is told.
    return asked.value(name)[: MAX_LENGTH + 1].replace("\r\n", "\n").strip()


def _error_of(asked: Asked, text: str) -> QueryError | None:
    try:
        parse_query(text, platforms=PLATFORMS, names=asked.desk.names)
    except QueryError as error:
        return error
    return None


def _readable(asked: Asked, text: str) -> str:
    return "" if _error_of(asked, text) else text


def _typing(asked: Asked) -> Response:
    """What is said of a query while it is being written: its colours, how it is understood, what could follow."""
    text = asked.value("q")[: MAX_LENGTH + 1].replace("\r\n", "\n")
    error = _error_of(asked, text)
    try:
        offered = offers(asked.desk, text, asked.number("at", 0, MAX_LENGTH, len(text)))
    except (EngineDownError, EngineError):
        offered = []
    understood = "" if error else told(parse_query(text, platforms=PLATFORMS, names=asked.desk.names), asked.city)
    return rendering.render(
        asked, "typing.html", offered=offered, pieces=coloured(text, error), error=error, understood=understood
    )


def _export(asked: Asked) -> Response:
    """What is found as a table, newest first: as many rows as the button said."""
    form = asked.path("form")
    if form not in FORMATS:
        raise Trouble(404, NOT_DONE, _NO_FORMAT)
    return carried(asked, look_of(asked, _text(asked, "q")).query(asked.desk), form)


PAGES = (
    Page("GET", "/{city}/search", _search),
    Page("GET", "/{city}/search/around", _around),
    Page("GET", "/{city}/search/typing", _typing),
    Page("GET", "/{city}/search/export.{form}", _export, Permission.EXPORT),
)

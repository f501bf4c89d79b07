"""An article's page: title, body, date with its precision, author, by trafilatura and the page's own markup.

What stands around the article is taken out first (spiders/article_around.py), so that trafilatura has less to mistake
for it; lines that say nothing of it go afterwards (spiders/article_text.py).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree, html  # type: ignore[import-untyped]
from trafilatura import bare_extraction
from trafilatura.metadata import extract_metadata

from crawler.model.items import TimePrecision
from spiders.article_around import ArticlePage, headline_of, take_out
from spiders.article_stub import COOKIE_WALL, PAYWALL, is_cookie_wall, is_for_payment, is_stub, take_out_gate
from spiders.article_text import line_of, without_surroundings
from spiders.canonical import joined
from spiders.charset import decode
from spiders.printed_dates import MONTHS, Moment, read_moment

_PROLOG = re.compile(r"^\s*<\?xml[^>]*\?>")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SITE_AFTER_TITLE = re.compile(r"\s+[|–—·-]\s+[^|–—·]{2,60}$")
_LABEL = re.compile(r"^((автор(ы)?|текст|и? ?фото|подготовил[аи]?)\b[:\s]*)+", re.IGNORECASE)
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
_DAY_AND_CLOCK = re.compile(
    rf"(\d{{1,2}}[./]\d{{1,2}}[./]\d{{4}}|\d{{1,2}}\s+({'|'.join(MONTHS)})[а-я]*\.?,?\s+\d{{4}}(\s*г(ода|\.)?)?),?\s+(в\s+)?\d{{1,2}}:\d{{2}}",
    re.IGNORECASE,
)
# Where sites mark the time of publication for machines, best first; (XPath, attribute values or texts).
_MARKED = (
    "//meta[@property='article:published_time' or @name='article:published_time']/@content",
    "//meta[@itemprop='datePublished']/@content",
    "//*[@itemprop='datePublished']/@datetime",
    "//article//time/@datetime",
    "//*[@itemprop='datePublished']/@content",
)
_PRINTED = "//*[self::span or self::div or self::time or self::p][contains(@class,'date') or contains(@class,'time')]"
_LONGEST_PRINTED = 60
_MOST_NEAR = 8
_SHORTEST_BODY = 150
# An extensive search tries every language of dateparser: seconds to load and 40 ms a try, for dates that prove wrong.
# Comments would cut texts in two.
_PARSER = html.HTMLParser(remove_comments=True, remove_pis=True)
_DATES = {"original_date": True, "extensive_search": False}


@dataclass(frozen=True, slots=True)
class Article:
    """A page as read. `text` is "" where no body was found; `published_text` is a date with its time as printed, where
    the page marks none for machines. `stub` says in one word what keeps the rest back (spiders/article_stub.py).
    """

    title: str
    text: str
    author: str = ""
    published: Moment | None = None
    published_text: str = ""
    canonical: str = ""
    images: tuple[str, ...] = ()
    stub: str = ""


def read_article(body: bytes, url: str, zone: ZoneInfo, content_type: str = "") -> Article:
    """Read a page. CPU-heavy (tens of milliseconds): call it off the reactor (crawler/fetching/reading.py)."""
    markup = _FORBIDDEN.sub("", _PROLOG.sub("", decode(body, content_type)))
    try:
        tree = html.document_fromstring(markup, parser=_PARSER)
    except (etree.ParserError, ValueError):
        return Article("", "")
    if is_cookie_wall(tree):
        return Article("", "", stub=COOKIE_WALL)
    told = extract_metadata(tree, url, _DATES, True)
    page = ArticlePage(tree, url, headline_of(tree, _titles(tree, told.title or "")))
    title = _title(page, told.title or "")
    dated = [*_dated(tree), *_near(page.headline)]
    read = {
        "title": title,
        "author": _LABEL.sub("", told.author or ""),
        "canonical": next(iter(tree.xpath("//link[@rel='canonical']/@href")), "").strip(),
        "images": _images(tree, url),
        **_date(tree, dated, told.date, zone),
    }
    is_barred = is_for_payment(tree)
    take_out(page)
    is_barred |= take_out_gate(page)
    text = without_surroundings(_body(tree, url), {title, *dated})
    return Article(**read, text=text, stub=PAYWALL if is_barred and is_stub(text) else "")


def _body(tree: Any, url: str) -> str:
    """What trafilatura takes for the body: of the part that the page marks as such where there is one."""
    marked = _marked_body(tree)
    return (_extract(marked, url) if marked else "") or _extract(tree, url)


def _extract(page: Any, url: str) -> str:
    """The text that trafilatura finds in a page, "" where it finds none."""
    found: Any = bare_extraction(page, url=url, fast=True, include_comments=False)
    return (found.text or "") if found else ""


def _marked_body(tree: Any) -> str:
    """What the page itself marks as the article's body (schema.org), as a document of its own; "" if nothing much."""
    bodies = tree.xpath("//*[@itemprop='articleBody'][not(self::meta)][not(ancestor::*/@itemprop='articleBody')]")
    body = max(bodies, key=lambda node: len(node.text_content()), default=None)
    if body is None or len(" ".join(body.text_content().split())) < _SHORTEST_BODY:
        return ""
    inner = html.tostring(body, encoding="unicode", with_tail=False)
    return f"<html><body><article>{inner}</article></body></html>"


def _titles(tree: Any, extracted: str) -> list[str]:
    """What the page says of its title to machines, for links first."""
    told = [*tree.xpath("//meta[@property='og:title']/@content"), *tree.xpath("//head/title/text()"), extracted]
    return [line for value in told if (line := " ".join(value.split()))]


def _title(page: ArticlePage, extracted: str) -> str:
    """The page's only h1, else what it prints as its headline, else its title for links without the site's name."""
    headlines = {line_of(node) for node in page.tree.iter("h1")} - {""}
    if len(headlines) == 1:
        return str(headlines.pop())
    if page.headline is not None:
        return line_of(page.headline)
    linked = next(iter(_titles(page.tree, extracted)), "")
    return _SITE_AFTER_TITLE.sub("", linked)


def _images(tree: Any, url: str) -> tuple[str, ...]:
    """The picture that the page shows in links to it."""
    found = (joined(url, value.strip()) for value in tree.xpath("//meta[@property='og:image']/@content"))
    return tuple(dict.fromkeys(image for image in found if image.startswith(("http://", "https://"))))


def _date(tree: Any, dated: list[str], day: str | None, zone: ZoneInfo) -> dict[str, Any]:
    """The time marked for machines; else a printed date with a time, for the dates step; else `day` (htmldate's)."""
    marked = [moment for value in _marked(tree) if (moment := read_moment(value, zone))]
    exact = next((moment for moment in marked if moment.precision is not TimePrecision.DAY), None)
    if exact:
        return {"published": exact}
    printed = next(_printed(dated), "")
    if printed and (day is None or str(int(day[8:10])) in re.findall(r"\d+", re.sub(r"\b0(?=\d)", "", printed))):
        return {"published_text": printed}
    return {"published": marked[0] if marked else read_moment(day, zone) if day else None}


def _marked(tree: Any) -> Iterator[str]:
    for path in _MARKED:
        yield from (str(value) for value in tree.xpath(path))
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        try:
            yield from _of_json(json.loads(script))
        except (ValueError, RecursionError):
            continue


def _of_json(value: Any) -> Iterator[str]:
    """Every `datePublished` in a JSON-LD document."""
    if isinstance(value, dict):
        if isinstance(value.get("datePublished"), str):
            yield value["datePublished"]
        for inner in value.values():
            yield from _of_json(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _of_json(inner)


def _printed(dated: list[str]) -> Iterator[str]:
    """Dates printed with a time of day."""
    for text in dated:
        if found := _DAY_AND_CLOCK.search(text):
            yield found[0]
        elif _CLOCK.search(text) and len(re.findall(r"\d+", text)) >= 3:
            yield text


def _dated(tree: Any) -> Iterator[str]:
    """Short texts that the page's classes call a date or a time."""
    texts = (line_of(node) for node in tree.xpath(_PRINTED))
    yield from (text for text in texts if text and len(text) <= _LONGEST_PRINTED)


def _near(headline: Any) -> Iterator[str]:
    """Short texts beside the headline that print a day with a time, whatever the page calls them."""
    if headline is None:
        return
    before = islice(headline.iterancestors(), 2), islice(headline.itersiblings(preceding=True), _MOST_NEAR)
    around = chain.from_iterable(node.iter() for node in chain(*before))
    for node in chain(islice(headline.xpath("following::*"), _MOST_NEAR), islice(around, 3 * _MOST_NEAR)):
        line = line_of(node)
        if line and len(line) <= _LONGEST_PRINTED and _DAY_AND_CLOCK.search(line):
            yield line

"""An article's page: title, body, date with its precision, author, by trafilatura and the page's own markup."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import dropwhile, groupby, islice
from typing import Any
from zoneinfo import ZoneInfo

from lxml import etree, html  # type: ignore[import-untyped]
from trafilatura import bare_extraction
from trafilatura.settings import Document

from crawler.model.items import TimePrecision
from spiders.canonical import joined
from spiders.charset import decode
from spiders.printed_dates import Moment, read_moment

_PROLOG = re.compile(r"^\s*<\?xml[^>]*\?>")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SITE_AFTER_TITLE = re.compile(r"\s+[|–—·-]\s+[^|–—·]{2,60}$")
_LABEL = re.compile(r"^(автор(ы)?|текст|фото|подготовил[аи]?)\b[:\s]*", re.IGNORECASE)
_CLOCK = re.compile(r"\d{1,2}:\d{2}")
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
_LONGEST_LINE = 2_000
_MOST_INNER = 20
_SHORTEST_BODY = 150
_LIST_OF_LINKS = 3
_NOTHING = Document()
# An extensive search tries every language of dateparser: seconds to load and 40 ms a try, for dates that prove wrong.
_DATES = {"original_date": True, "extensive_search": False}


@dataclass(frozen=True, slots=True)
class Article:
    """A page as read. `text` is "" where no body was found; `published_text` is a date with its time as printed, where
    the page marks none for machines.
    """

    title: str
    text: str
    author: str = ""
    published: Moment | None = None
    published_text: str = ""
    canonical: str = ""
    images: tuple[str, ...] = ()


def read_article(body: bytes, url: str, zone: ZoneInfo, content_type: str = "") -> Article:
    """Read a page. CPU-heavy (tens of milliseconds): call it off the reactor (crawler/fetching/reading.py)."""
    markup = _FORBIDDEN.sub("", _PROLOG.sub("", decode(body, content_type)))
    try:
        tree = html.document_fromstring(markup)
    except (etree.ParserError, ValueError):
        return Article("", "")
    whole = _extract(markup, url)
    title = _title(tree, whole.title or "")
    marked = _marked_body(tree)
    text = _extract(marked, url).text if marked else ""
    dated = list(_dated(tree))
    return Article(
        title=title,
        text=_without_head(_without_link_lists(text or whole.text or "", tree), {title, *dated}),
        author=_LABEL.sub("", whole.author or ""),
        canonical=next(iter(tree.xpath("//link[@rel='canonical']/@href")), "").strip(),
        images=_images(tree, url),
        **_date(tree, dated, whole.date, zone),
    )


def _extract(markup: str, url: str) -> Any:
    """What trafilatura makes of a page; an empty document where it makes nothing."""
    found = bare_extraction(
        markup, url=url, fast=True, with_metadata=True, include_comments=False, date_extraction_params=_DATES
    )
    return found or _NOTHING


def _marked_body(tree: Any) -> str:
    """What the page itself marks as the article's body (schema.org), as a document of its own; "" if nothing much."""
    bodies = tree.xpath("//*[@itemprop='articleBody'][not(self::meta)][not(ancestor::*/@itemprop='articleBody')]")
    body = max(bodies, key=lambda node: len(node.text_content()), default=None)
    if body is None or len(" ".join(body.text_content().split())) < _SHORTEST_BODY:
        return ""
    inner = html.tostring(body, encoding="unicode", with_tail=False)
    return f"<html><body><article>{inner}</article></body></html>"


def _without_link_lists(text: str, tree: Any) -> str:
    """The text without runs of lines that are links and nothing else: menus and headlines beside the article."""
    links = {_line(link) for link in tree.iter("a")} - {""}
    lines = text.split("\n")
    pure = [" ".join(line.removeprefix("- ").split()) in links for line in lines]
    kept: list[str] = []
    start = 0
    for is_pure, run in groupby(pure):
        size = len(list(run))
        if not is_pure or size < _LIST_OF_LINKS:
            kept += lines[start : start + size]
        start += size
    return "\n".join(kept).strip()


def _title(tree: Any, extracted: str) -> str:
    """The page's only headline, else its title for links without the site's name."""
    headlines = {_line(node) for node in tree.xpath("//h1")} - {""}
    if len(headlines) == 1:
        return str(headlines.pop())
    linked = next((" ".join(value.split()) for value in tree.xpath("//meta[@property='og:title']/@content")), "")
    return _SITE_AFTER_TITLE.sub("", linked or " ".join(extracted.split()))


def _without_head(text: str, heads: set[str]) -> str:
    """The text without first lines that only repeat the title or print the date."""
    lines = text.split("\n")
    body = dropwhile(lambda line: " ".join(line.split()) in heads or not line.strip(), lines)
    return "\n".join(body).strip()


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
    yield from (text for text in dated if _CLOCK.search(text) and len(re.findall(r"\d+", text)) >= 3)


def _dated(tree: Any) -> Iterator[str]:
    """Short texts that the page's classes call a date or a time."""
    texts = (_line(node) for node in tree.xpath(_PRINTED))
    yield from (text for text in texts if text and len(text) <= _LONGEST_PRINTED)


def _line(node: Any) -> str:
    """The text of a small element on one line, "" of a big one, so that elements within elements cost no square."""
    pieces: list[str] = []
    for count, inner in enumerate(islice(node.iter(), _MOST_INNER + 1)):
        if count == _MOST_INNER:
            return ""
        pieces.append((inner.text or "") if isinstance(inner.tag, str) else "")
        if inner is not node:
            pieces.append(inner.tail or "")
        if sum(map(len, pieces)) > _LONGEST_LINE:
            return ""
    return " ".join("".join(pieces).split())

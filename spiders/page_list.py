"""A page that lists news or notices, read by the selectors of its source or, where it names none, by their likeness."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from lxml import etree, html  # type: ignore[import-untyped]
from parsel import Selector

from crawler.platforms.selectors import NO_LINK
from spiders.canonical import joined
from spiders.charset import decode
from spiders.feed import Entry, plain_text
from spiders.page_items import likely_items, shape_of
from spiders.printed_dates import read_date

_PROLOG = re.compile(r"^\s*<\?xml[^>]*\?>")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_RELATIVE = re.compile(r"назад|сегодня|вчера|только что|сейчас|ago|today|yesterday", re.IGNORECASE)
_MORE = re.compile(r"(читать|подробнее|далее|продолжение|ещё|еще|read|more)[\w\s]*[.…>»→]*", re.IGNORECASE)
_BOT_CHECK = re.compile(
    r"captcha|ddos-guard|challenge-platform|checking your browser|проверка браузера|не робот|are you human|qrator",
    re.IGNORECASE,
)
_KEYS = ("data-id", "data-item-id", "data-post-id", "data-news-id")
_HEADINGS = ".//h1|.//h2|.//h3|.//h4|.//h5|.//h6"
_DATED = ".//*[contains(@class,'date') or contains(@class,'time')]"
_LONGEST_DATE = 80
_SHORT_PAGE = 100_000


@dataclass(frozen=True, slots=True)
class Listing:
    """The CSS selectors of a list, as a source declares them; "" is found by itself. All but `item` and `next` are
    looked for inside an item.
    """

    item: str = ""
    link: str = ""
    title: str = ""
    date: str = ""
    text: str = ""
    key: str = ""
    next: str = ""

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Self:
        """What the options of a source say."""
        return cls(**{field.name: options.get(field.name, "") for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class ListPage:
    """A list as read: its items, the address of the next page, "" if there is none, and the names of selectors that
    are declared and found nothing in any item. An `is_check` asks whether we are a robot; `has_scripts` may be empty
    because nobody ran them. `shape` is a selector of the items that were found without one.
    """

    entries: tuple[Entry, ...]
    next: str = ""
    missing: tuple[str, ...] = ()
    is_check: bool = False
    has_scripts: bool = False
    shape: str = ""


def read_list(
    body: bytes, url: str, zone: ZoneInfo, listing: Listing, now: datetime, content_type: str = ""
) -> ListPage:
    """Read a list. CPU-heavy: call it off the reactor (spiders/reading.py)."""
    markup = _FORBIDDEN.sub("", _PROLOG.sub("", decode(body, content_type)))
    try:
        root = html.document_fromstring(markup)
    except (etree.ParserError, ValueError):
        return ListPage(())
    page = Selector(root=root, type="html")
    likely = [] if listing.item else [Selector(root=node, type="html") for node in likely_items(root)]
    items = page.css(listing.item) if listing.item else likely
    reader = _Reader(url, zone, listing, now)
    entries = tuple(entry for item in items if (entry := reader.entry(item)))
    following = _address(page.css(listing.next), url) if listing.next else ""
    return ListPage(
        entries,
        next=following if following != url else "",
        missing=tuple(name for name in reader.missing if entries),
        is_check=not entries and bool(_BOT_CHECK.search(markup[:_SHORT_PAGE])),
        has_scripts=root.find(".//script") is not None,
        shape=shape_of(likely[0].root) if likely else "",
    )


class _Reader:
    """Reads the items of one page; `missing` are the declared selectors that found nothing so far."""

    def __init__(self, url: str, zone: ZoneInfo, listing: Listing, now: datetime) -> None:
        self._url = url
        self._zone = zone
        self._listing = listing
        self._now = now
        declared = ("link", "title", "date", "text", "key")
        self.missing = [name for name in declared if getattr(listing, name) not in {"", NO_LINK}]

    def entry(self, item: Selector) -> Entry | None:
        """An item; None for one that says nothing at all."""
        node = item.root
        link = self._link(item)
        title = self._declared(item, "title") if self._listing.title else _title(node)
        written = self._declared(item, "date") if self._listing.date else self._date(node)
        published = read_date(written, self._now, self._zone) if written else None
        told = _markup_of(item.css(self._listing.text)) if self._found(item, "text") else _markup(node)
        text = _without(plain_text(told), {title, written, _line(node.find(".//time"))})
        if not (title or text):
            return None
        # «two hours ago» is another text each time it is read, and no other item.
        dated = "" if _RELATIVE.search(written) else written
        key = self._declared(item, "key") or next((value for name in _KEYS if (value := node.get(name))), "")
        return Entry(
            url=link,
            guid=key or ("" if link else _digest([title, text, dated])),
            title=title,
            text=text,
            published_text=written,
            published=published,
            author="",
            images=_images(node, self._url),
            raw=_markup(node),
            digest=_digest([link, title, text, dated]),
        )

    def _link(self, item: Selector) -> str:
        if self._listing.link == NO_LINK:
            return ""
        if self._listing.link:
            return _address(item.css(self._listing.link), self._url) if self._found(item, "link") else ""
        return joined(self._url, href) if (href := _likely_link(item.root)) else ""

    def _date(self, node: Any) -> str:
        """The first thing in the item that can be read as a date."""
        marked = [str(value) for value in node.xpath(".//time/@datetime")]
        shown = [_line(found) for found in node.xpath(f".//time|{_DATED}")]
        for text in (*marked, *shown):
            if text and len(text) <= _LONGEST_DATE and read_date(text, self._now, self._zone):
                return text
        return ""

    def _declared(self, item: Selector, name: str) -> str:
        """The text of what a declared selector finds first; for a date, what it marks for machines."""
        if not self._found(item, name):
            return ""
        found = item.css(getattr(self._listing, name))[0].root
        if isinstance(found, str):
            return " ".join(found.split())
        return str((name == "date" and found.get("datetime")) or _line(found))

    def _found(self, item: Selector, name: str) -> bool:
        selector = getattr(self._listing, name)
        if not selector or not item.css(selector):
            return False
        if name in self.missing:
            self.missing.remove(name)
        return True


def _address(found: Any, url: str) -> str:
    """The absolute http(s) address that selected elements, or texts, name first."""
    for each in found:
        node = each.root
        href = node if isinstance(node, str) else next((str(value) for value in node.xpath(".//@href|./@href")), "")
        address = joined(url, href.strip())
        if address.startswith(("http://", "https://")):
            return address
    return ""


def _likely_link(node: Any) -> str:
    """The item itself if it is a link, that of its heading, else the one with most words."""
    links = [link for link in node.xpath("descendant-or-self::a[@href]") if _leads(link.get("href"))]
    if not links:
        return ""
    headed = [link for link in links if link.xpath("ancestor::*[self::h1 or self::h2 or self::h3 or self::h4]")]
    chosen = next(iter(headed), None)
    return str((max(links, key=lambda link: len(_line(link))) if chosen is None else chosen).get("href"))


def _leads(href: str) -> bool:
    return not href.strip().lower().startswith(("#", "javascript:", "mailto:", "tel:")) and bool(href.strip())


def _title(node: Any) -> str:
    """The item's heading, else the words of its link."""
    for found in node.xpath(_HEADINGS):
        if title := _line(found):
            return title
    texts = [_line(link) for link in node.xpath("descendant-or-self::a[@href]")]
    return max((text for text in texts if not _MORE.fullmatch(text)), key=len, default="")[:500]


def _without(text: str, heads: set[str]) -> str:
    """The text without lines that only repeat the title or the date."""
    return "\n".join(line for line in text.split("\n") if line not in heads and not _MORE.fullmatch(line))


def _markup_of(found: Any) -> str:
    return "\n".join(f"<p>{each.root}</p>" if isinstance(each.root, str) else _markup(each.root) for each in found)


def _markup(node: Any) -> str:
    return str(html.tostring(node, encoding="unicode", with_tail=False))


def _line(node: Any) -> str:
    return "" if node is None else " ".join(str(node.text_content()).split())


def _images(node: Any, url: str) -> tuple[str, ...]:
    found: Iterator[str] = (joined(url, value) for value in node.xpath(".//img/@src"))
    return tuple(dict.fromkeys(image for image in found if image.startswith(("http://", "https://"))))


def _digest(told: list[str]) -> str:
    return hashlib.blake2b(json.dumps(told, ensure_ascii=False).encode(), digest_size=8).hexdigest()

"""RSS (0.9x, 1.0, 2.0) and Atom: a feed's entries as plain data, by feedparser, with our own encodings and dates."""

import hashlib
import io
import json
import re
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import feedparser
from lxml import etree, html  # type: ignore[import-untyped]

from spiders.canonical import joined
from spiders.charset import decode
from spiders.printed_dates import Moment, read_moment

_PROLOG = re.compile(r"^\s*<\?xml.*?\?>", re.DOTALL)
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# Possessive, so that a row of comments is read once: a hostile end of a feed must not hold the crawl's loop.
_END = re.compile(r"</(rss|feed|rdf:RDF|channel)\s*+>\s*+(?:<!--(?:(?!-->).)*+-->\s*+)*+$", re.IGNORECASE | re.DOTALL)
_MORE = re.compile(r"(читать|подробнее|далее|продолжение|read more|continue)[\w\s]*[.…>»→]*", re.IGNORECASE)
_BLOCKS = frozenset({"p", "div", "br", "li", "ul", "ol", "h1", "h2", "h3", "h4", "blockquote", "tr", "table"})


class NotAFeedError(ValueError):
    """The document is no feed of any kind."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a feed. `url` is "" for an item without a page; `digest` changes when the feed changes the item.

    `published_text` is the date as written; `published` what it was read as. `raw` is the item's own HTML.
    """

    url: str
    guid: str
    title: str
    text: str
    published_text: str
    published: Moment | None
    author: str
    images: tuple[str, ...]
    raw: str
    digest: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed as read. `flaw` is what is wrong with its XML, "" if nothing."""

    title: str
    entries: tuple[Entry, ...]
    flaw: str


def read_feed(body: bytes, url: str, zone: ZoneInfo, content_type: str = "") -> Feed:
    """Read a feed; broken XML is read as far as possible. NotAFeedError if nothing of a feed is in it.

    Of a document that was cut short the last item is left out: half of it would look like a correction later.
    """
    text = _FORBIDDEN.sub("", _PROLOG.sub("", decode(body, content_type)))
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": url}
    parsed = feedparser.parse(io.BytesIO(text.encode("utf-8", "replace")), response_headers=headers)
    if not parsed.entries and not parsed.get("version"):
        raise NotAFeedError(_beginning(text))
    whole = parsed.entries if _END.search(text[-2000:]) else parsed.entries[:-1]
    entries = tuple(_entry(raw, url, zone) for raw in whole)
    # feedparser calls it a flaw, too, when the HTTP header and the document name different encodings.
    flaw = parsed.get("bozo_exception") if parsed.bozo else None
    flawed = flaw is not None and not isinstance(flaw, feedparser.CharacterEncodingOverride)
    return Feed(plain_text(parsed.feed.get("title", "")), entries, str(flaw) if flawed else "")


def plain_text(markup: str) -> str:
    """HTML of a feed's item as text: a line a block, without links that only say «read more»."""
    if "<" not in markup and "&" not in markup:
        return " ".join(markup.split())
    try:
        root = html.fragment_fromstring(markup, create_parent="div")
    except (etree.ParserError, ValueError):
        return ""
    for link in root.xpath(".//a"):
        if _MORE.fullmatch(link.text_content().strip()):
            link.drop_tree()
    for element in root.xpath(".//script|.//style"):
        element.drop_tree()
    pieces: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        edge = "\n" if element.tag in _BLOCKS else ""
        if event == "start":
            pieces += [edge, _flat(element.text) if isinstance(element.tag, str) else ""]
        else:
            pieces += [edge, _flat(element.tail) if element is not root else ""]
    lines = (" ".join(line.split()) for line in "".join(pieces).split("\n"))
    return "\n".join(line for line in lines if line)


def _flat(text: str | None) -> str:
    return (text or "").replace("\n", " ")


def _entry(raw: Any, feed_url: str, zone: ZoneInfo) -> Entry:
    contents = [part.get("value", "") for part in raw.get("content", [])] + [raw.get("summary", "")]
    markup = max(contents, key=len)
    title = plain_text(raw.get("title", ""))
    # dict's own get: feedparser's answers `updated` with `published`, and warns of it.
    updated = dict.get(raw, "updated") or ""
    written = raw.get("published") or updated or raw.get("created") or ""
    link = joined(feed_url, raw.get("link") or "") if raw.get("link") else ""
    text = plain_text(markup)
    images = _images(raw, markup, feed_url)
    told = [link, title, text, written, updated]
    return Entry(
        url=link if link.startswith(("http://", "https://")) else "",
        guid=raw.get("id") or "",
        title=title,
        text=text,
        published_text=written,
        published=read_moment(written, zone) if written else None,
        author=plain_text(raw.get("author", "")),
        images=images,
        raw=markup,
        digest=hashlib.blake2b(json.dumps(told, ensure_ascii=False).encode(), digest_size=8).hexdigest(),
    )


def _images(raw: Any, markup: str, feed_url: str) -> tuple[str, ...]:
    found = [item.get("url") for item in raw.get("media_content", []) if (item.get("medium") or "image") == "image"]
    found += [item.get("url") for item in raw.get("media_thumbnail", [])]
    found += [item.get("href") for item in raw.get("enclosures", []) if item.get("type", "").startswith("image/")]
    found += re.findall(r"<img\b[^<>]*?\bsrc=[\"']([^\"'>]+)", markup)
    absolute = (joined(feed_url, url) for url in found if url)
    return tuple(dict.fromkeys(url for url in absolute if url.startswith(("http://", "https://"))))


def _beginning(text: str) -> str:
    return " ".join(text[:200].split())[:80]

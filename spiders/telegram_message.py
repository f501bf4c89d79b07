"""One message of a channel's preview page (t.me/s/CHANNEL) as a post: pure functions over its HTML.

The markup has no specification; it follows recorded pages, and tests/examples/telegram shows its shapes.
"""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from lxml import etree  # type: ignore[import-untyped]
from parsel import Selector, SelectorList

from crawler.model.crawled import Skipped
from crawler.model.items import Author, AuthorRole, Counters, Forward, Kind, Post, TimePrecision
from spiders.telegram_media import HIDDEN, location_of, media_of, poll_of

_COUNT = re.compile(r"(\d[\d\s.,]*)([KMB]?)", re.IGNORECASE)
_FACTORS = {"": 1, "K": 10**3, "M": 10**6, "B": 10**9}
_EDITED = re.compile(r"\bedited\b|\bизменено\b", re.IGNORECASE)
_BLOCKS = frozenset({"div", "p", "blockquote", "pre"})
_TEXTS = (
    ".//*[contains(concat(' ', normalize-space(@class), ' '), ' tgme_widget_message_text ')]"
    "[not(ancestor::*[contains(@class, 'tgme_widget_message_text') or contains(@class, 'tgme_widget_message_reply')"
    " or contains(@class, 'tgme_widget_message_link_preview')])]"
)
# The Bot API writes a channel as -100…, which is minus (10¹² + its number).
_CHANNEL_BASE = 10**12


@dataclass(frozen=True, slots=True)
class Reader:
    """What the messages of a page share. `channel` is the channel's number, 0 where nothing tells it."""

    source: str
    channel: int
    name: str
    role: AuthorRole
    seen_at: datetime

    @property
    def channel_id(self) -> str:
        """The channel in ids. Without its number the name stands in, which a renaming changes."""
        return str(-(_CHANNEL_BASE + self.channel)) if self.channel else f"@{self.name.lower()}"

    def id_of(self, number: int) -> str:
        """The id of a message."""
        return f"tg:{self.channel_id}/{number}"


class UnreadableError(Exception):
    """A message without a number or a time: a page cut short, or a markup that nobody has seen yet."""

    def __init__(self, number: int, why: str) -> None:
        super().__init__(why)
        self.number = number


def channel_of(data_view: str) -> int:
    """The number of the channel (`c`) in a message's `data-view`, base64url JSON; 0 if it is absent or broken."""
    try:
        view = json.loads(base64.urlsafe_b64decode(data_view + "=" * (-len(data_view) % 4)))
        return abs(int(view["c"]))
    except (binascii.Error, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return 0


def trailing_number(path: str) -> int:
    """The number that a path ends with ("name/45"); 0 if there is none."""
    digits = path.rpartition("/")[2]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 12 else 0


def member_numbers(node: Selector) -> set[int]:
    """The numbers that a message stands for: its own and those of the photos and videos grouped in it."""
    grouped = node.css(".tgme_widget_message_grouped_wrap a::attr(href)").getall()
    own = trailing_number(node.attrib.get("data-post", ""))
    return {own, *(trailing_number(_path(href)) for href in grouped)} - {0}


def read_message(node: Selector, reader: Reader) -> Post | Skipped:
    """A `.tgme_widget_message` as a post; a service message, or one of which nothing is shown, is skipped.

    Raises UnreadableError when the number or the time is missing.
    """
    number = trailing_number(node.attrib.get("data-post", ""))
    if not number:
        raise UnreadableError(0, "no number in data-post")
    published = _published(node)
    if published is None:
        raise UnreadableError(number, "no time")
    if "service_message" in node.attrib.get("class", "").split():
        return Skipped(reader.source, reader.id_of(number), "service")
    post = Post(
        id=reader.id_of(number),
        source=reader.source,
        platform="telegram",
        kind=Kind.POST,
        text=message_text(node),
        seen_at=reader.seen_at,
        url=node.css("a.tgme_widget_message_date::attr(href)").get() or f"https://t.me/{node.attrib['data-post']}",
        author=_author(node, reader),
        published_at=published,
        precision=TimePrecision.SECOND,
        edited=bool(_EDITED.search(" ".join(node.css(".tgme_widget_message_meta::text").getall()))),
        reply_to=_reply_to(node, reader),
        forwarded_from=_forward(node),
        links=_links(node),
        media=media_of(node, number),
        poll=poll_of(node),
        location=location_of(node),
        counters=Counters(views=count_of(words_of(node.css(".tgme_widget_message_views")))),
        raw=node.get().encode(),
    )
    shown = post.text or post.poll or post.location or any(media.kind != HIDDEN for media in post.media)
    return post if shown else Skipped(reader.source, post.id, "hidden")


def message_text(node: Selector) -> str:
    """What a person reads in the bubble: breaks kept, emoji as characters; not the quoted reply, not a preview.

    Recorded pages nest a text block in another of the same class, so only the outermost counts.
    """
    return "\n".join(filter(None, (_lines("".join(_characters(block.root))) for block in node.xpath(_TEXTS))))


def words_of(nodes: SelectorList[Selector]) -> str:
    """The text of the first node with white space made single; "" without a node."""
    return " ".join("".join(nodes[0].css("::text").getall()).split()) if nodes else ""


def count_of(words: str) -> int | None:
    """A counter as the page shows it: "2", "1.2K", "3M"; None if there is none."""
    match = _COUNT.fullmatch(words.strip())
    if not match:
        return None
    figure = re.sub(r"\s", "", match[1])
    try:
        return round(float(figure) * _FACTORS[match[2].upper()])
    except (ValueError, OverflowError):
        return None


def _characters(element: Any) -> Iterator[str]:
    """The text of an element: `br` and the edges of blocks are line breaks, line breaks of the source are not.

    Walked, not recursed: a hostile message nests as deep as it likes.
    """
    walk = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        if event == "start":
            if node.tag in {"script", "style"}:
                walk.skip_subtree()
                continue
            yield "\n" if node.tag in _BLOCKS or node.tag == "br" else ""
            yield _one_line(node.text, keep=node.tag == "pre")
            continue
        yield "\n" if event == "end" and node.tag in _BLOCKS else ""
        if node is not element:
            yield _one_line(node.tail, keep=node.getparent().tag == "pre")


def _one_line(text: str | None, *, keep: bool) -> str:
    return (text or "") if keep else re.sub(r"[ \t]*[\r\n]+[ \t]*", " ", text or "")


def _lines(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip(" \t") for line in text.split("\n"))).strip()


def _published(node: Selector) -> datetime | None:
    written = node.css("a.tgme_widget_message_date time::attr(datetime)").get()
    try:
        moment = datetime.fromisoformat(written or "")
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _author(node: Selector, reader: Reader) -> Author:
    signature = words_of(node.css(".tgme_widget_message_from_author"))
    if signature:
        return Author(reader.role, platform_id=f"sig:{reader.channel_id}/{signature}", name=signature)
    title = words_of(node.css(".tgme_widget_message_owner_name")) or reader.name
    return Author(reader.role, platform_id=f"tg:{reader.channel_id}", name=title)


def _reply_to(node: Selector, reader: Reader) -> str:
    """The id of the answered message if it is of this channel, else its address."""
    href = node.css("a.tgme_widget_message_reply::attr(href)").get() or ""
    parts = _path(href).strip("/").split("/")
    number = trailing_number(_path(href))
    if number and len(parts) == 2 and parts[0].lower() == reader.name.lower():
        return reader.id_of(number)
    return href


def _forward(node: Selector) -> Forward | None:
    """Where a forwarded message comes from; the address only if it names the very post."""
    block = node.css(".tgme_widget_message_forwarded_from")
    if not block:
        return None
    name = block.css(".tgme_widget_message_forwarded_from_name")
    href = name.attrib.get("href", "")
    return Forward(
        source=words_of(name) or words_of(block).removeprefix("Forwarded from").strip(),
        post=href if trailing_number(_path(href)) else "",
        author=words_of(block.css(".tgme_widget_message_forwarded_from_author")),
    )


def _links(node: Selector) -> tuple[str, ...]:
    """Addresses in the text, hidden ones too, then that of the preview; hashtags (`?q=`) are not links.

    Since 2024 pages escape `&` twice in links that ask before they open (`onclick`).
    """
    found = [
        link.attrib["href"].replace("&amp;", "&") if "onclick" in link.attrib else link.attrib["href"]
        for link in node.xpath(_TEXTS).css("a[href]")
    ]
    found += node.css("a.tgme_widget_message_link_preview::attr(href)").getall()
    return tuple(dict.fromkeys(link for link in found if link.startswith(("http://", "https://"))))


def _path(href: str) -> str:
    try:
        return urlsplit(href).path
    except ValueError:
        return ""

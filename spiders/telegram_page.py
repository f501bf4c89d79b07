"""A channel's preview page: which of its states it is in, its messages, and how the pages hang together."""

import logging
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from enum import StrEnum

from parsel import Selector

from crawler.model.crawled import Skipped
from crawler.model.items import Post
from spiders.telegram_message import Reader, UnreadableError, channel_of, member_numbers, read_message

logger = logging.getLogger(__name__)

_NAME = re.compile(r"(?:(?:https?://)?(?:t|telegram)\.me/(?:s/)?|@)?([A-Za-z]\w{3,31})/?(?:\?.*)?", re.ASCII)
_LOCAL = re.compile(r"(https?://[^/?#]+)/s/(\w+)/?", re.ASCII)


class PageState(StrEnum):
    """What a page turned out to be."""

    POSTS = "posts"
    EMPTY = "empty"  # a channel's page without a message
    NO_PREVIEW = "no_preview"  # the contact page: the channel has its preview off, is private or is a group or a person
    NO_CHANNEL = "no_channel"  # the contact page without a name: nobody has this address
    UNKNOWN = "unknown"  # none of these: a bot check, an error page, a new markup


@dataclass(frozen=True, slots=True)
class ChannelPage:
    """A page as read. `numbers` are all messages that it shows, members of groups included; `whole` is false for a
    page cut short, `older` tells that it offers an older one. `unreadable` counts messages by reason.
    """

    state: PageState
    channel: int = 0
    title: str = ""
    items: tuple[Post | Skipped, ...] = ()
    numbers: frozenset[int] = frozenset()
    unreadable: Counter[str] = field(default_factory=Counter)
    whole: bool = False
    older: bool = False

    @property
    def posts(self) -> tuple[Post, ...]:
        """The posts, in the order of the page: oldest first."""
        return tuple(item for item in self.items if isinstance(item, Post))


def preview_url(address: str) -> str:
    """The preview page of `https://t.me/s/NAME`, `t.me/NAME`, `@NAME`, `NAME`, `http://HOST/s/NAME`, or ValueError."""
    named = _NAME.fullmatch(address.strip())
    if named:
        return f"https://t.me/s/{named[1]}"
    local = _LOCAL.fullmatch(address.strip())
    if local:
        return f"{local[1]}/s/{local[2]}"
    raise ValueError(address)


def read_page(body: bytes, reader: Reader) -> ChannelPage:
    """Read a page, messages oldest first; those that cannot be read are counted and the rest goes on.

    `reader` has the channel's number as known from before, for a page whose messages do not tell it.
    """
    root = Selector(text=body.decode("utf-8", "replace") or " ", type="html")
    nodes = root.css(".tgme_widget_message[data-post]")
    title = "".join(root.css(".tgme_channel_info_header_title ::text, .tgme_page_title ::text").getall()).strip()
    if not nodes:
        return ChannelPage(_state_without_messages(root, title), reader.channel, title, whole=is_whole(body))
    told = Counter(filter(None, (channel_of(node.attrib.get("data-view", "")) for node in nodes)))
    reader = replace(reader, channel=told.most_common(1)[0][0] if told else reader.channel)
    items: list[Post | Skipped] = []
    numbers: set[int] = set()
    unreadable: Counter[str] = Counter()
    for node in nodes:
        try:
            items.append(read_message(node, reader))
        except UnreadableError as error:
            unreadable[str(error)] += 1
            continue
        except Exception:
            # One odd message must not cost the page; ours to mend, so its trace is in the log.
            logger.exception("message %s cannot be read", node.attrib.get("data-post"))
            unreadable["bug"] += 1
            continue
        numbers |= member_numbers(node)
    older = bool(root.css("a.tme_messages_more[data-before], link[rel=prev]"))
    whole = is_whole(body)
    return ChannelPage(
        PageState.POSTS, reader.channel, title, tuple(items), frozenset(numbers), unreadable, whole, older
    )


def is_whole(body: bytes) -> bool:
    """Whether the page came to its end (a comment with the server's time follows the last tag)."""
    return b"</html>" in body[-500:].lower()


def _state_without_messages(root: Selector, title: str) -> PageState:
    if root.css(".tme_no_messages_found, .tgme_channel_history"):
        return PageState.EMPTY
    if root.css(".tgme_page"):
        return PageState.NO_PREVIEW if title else PageState.NO_CHANNEL
    return PageState.UNKNOWN

"""Links that people paste: which post of which platform is meant, in whatever spelling."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa

from crawler.desk import Desk
from crawler.model.city import Source
from crawler.model.items import Kind
from search.state import marks
from search.state.tables import post_versions, posts
from spiders.canonical import canonical_url
from spiders.telegram_cursor import Cursor

_WALL = re.compile(r"(?:wall|w=wall)?(-?\d+)_(\d+)(?:_r(\d+))?", re.ASCII)
_VK = re.compile(r"(?:(?:m|www)\.)?vk\.(?:com|ru)|vkontakte\.ru")
_TELEGRAM = re.compile(r"(?:www\.)?(?:t|telegram)\.me")
_MESSAGE = re.compile(r"/(?:s/)?([A-Za-z]\w{3,31})/(\d+)/?", re.ASCII)
_PRIVATE = re.compile(r"/c/(\d+)/(?:\d+/)?(\d+)/?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Linked:
    """What a link leads to: the post's id ("" where only its platform could tell), its platform and kind, the post that
    it answers, and the source of the city that covers it.
    """

    url: str
    id: str
    platform: str
    kind: Kind
    parent: str = ""
    source: Source | None = None


def read_link(desk: Desk, link: str) -> Linked | None:
    """What a link leads to; None for what is no http(s) link."""
    link = link.strip()
    url = link if "://" in link else f"https://{link}"
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or "." not in host or not url.isprintable() or " " in url:
        return None
    if _VK.fullmatch(host):
        return _of_wall(desk, url)
    if _TELEGRAM.fullmatch(host):
        if "comment" in parse_qs(parts.query):
            # It lies in the group of the channel, which no spider reads: the message above it is not what was said.
            return Linked(url, "", "telegram", Kind.COMMENT)
        return _of_channel(desk, url, parts.path)
    address = canonical_url(url)
    own = (
        one for one in desk.city.sources if one.platform in ("news", "page") and _host(one.address) == _host(address)
    )
    return Linked(url, f"news:{address}", "news", Kind.ARTICLE, source=next(own, None)) if address else None


def _of_wall(desk: Desk, url: str) -> Linked | None:
    """A post of VK or a comment under it: `wall-1_2`, `?w=wall-1_2`, `?reply=3`, `wall-1_2_r3`."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    inside = next((value for name in ("w", "z") for value in asked.get(name, ()) if value.startswith("wall")), "")
    found = _WALL.fullmatch((inside or parts.path.strip("/").rpartition("/")[2]).partition("/")[0].partition("%")[0])
    if not found:
        return None
    post = f"vk:{found[1]}_{found[2]}"
    reply = found[3] or next(iter(asked.get("reply", ())), "")
    source = _source_of_stored(desk, post)
    if reply.isdigit():
        return Linked(url, f"{post}#{reply}", "vk", Kind.COMMENT, parent=post, source=source)
    return Linked(url, post, "vk", Kind.POST, source=source)


def _of_channel(desk: Desk, url: str, path: str) -> Linked | None:
    """A message of a channel. Its id has the channel's number, which a crawl of the channel learns."""
    if private := _PRIVATE.fullmatch(path):
        return Linked(url, f"tg:-100{private[1]}/{private[2]}", "telegram", Kind.POST)
    found = _MESSAGE.fullmatch(path)
    if not found:
        return None
    name = found[1].lower()
    own = (one for one in desk.city.sources if one.platform == "telegram" and _name(one.address) == name)
    source = next(own, None)
    channel = _channel(desk, source) if source else 0
    return Linked(url, f"tg:-100{channel}/{found[2]}" if channel else "", "telegram", Kind.POST, source=source)


def _channel(desk: Desk, source: Source) -> int:
    with desk.database.read() as connection:
        written = marks.cursor(connection, desk.city.key, source.key)
    try:
        return Cursor.parse(written).channel
    except ValueError:
        return 0  # the next crawl says so, and reads the channel anew


def _source_of_stored(desk: Desk, post: str) -> Source | None:
    """The source that a wall's posts come from, as far as one was ever stored."""
    wall = post.partition("_")[0]
    here = sa.and_(posts.c.city == desk.city.key, posts.c.id > f"{wall}_", posts.c.id < f"{wall}`")
    with desk.database.read() as connection:
        key = connection.scalar(sa.select(posts.c.source).where(here).limit(1))
    return next((one for one in desk.city.sources if one.key == key), None)


def stored_post(desk: Desk, linked: Linked) -> str:
    """The id of the archived post that a link leads to, "" when there is none: by its id, else by its address."""
    with desk.database.read() as connection:
        mine = posts.c.city == desk.city.key
        if linked.id:
            ids = [linked.id, f"{linked.id}#own"]
            if found := connection.scalar(sa.select(posts.c.id).where(mine, posts.c.id.in_(ids)).limit(1)):
                return str(found)
        if linked.platform == "vk" or linked.kind is Kind.COMMENT:
            return ""
        # An article is stored under the address that its page declares.
        url = post_versions.c.content["url"].as_string()
        same = sa.and_(post_versions.c.city == posts.c.city, post_versions.c.post == posts.c.id)
        query = sa.select(posts.c.id).join(post_versions, same).where(mine, posts.c.platform == linked.platform)
        return connection.scalar(query.where(url.in_(list(_spellings(linked.url)))).limit(1)) or ""


def _spellings(url: str) -> Iterator[str]:
    """The addresses that are one and the same."""
    yield url
    plain = url.partition("#")[0].partition("?")[0] if urlsplit(url).hostname in ("t.me", "telegram.me") else url
    address = canonical_url(plain).replace("://t.me/s/", "://t.me/")
    rest = address.partition("://")[2]
    for scheme in ("https", "http"):
        for host in ("", "www."):
            yield f"{scheme}://{host}{rest}"
            yield f"{scheme}://{host}{rest}/"


def _host(address: str) -> str:
    try:
        return (urlsplit(address).netloc or "").lower().removeprefix("www.")
    except ValueError:
        return ""


def _name(address: str) -> str:
    return address.partition("?")[0].rstrip("/").rpartition("/")[2].lstrip("@").lower()

"""Comments under the posts of a wall on VK as posts of Otklik: pure functions over the API's JSON."""

from collections.abc import Mapping
from typing import Any

from crawler.model.crawled import Gone, Skipped
from crawler.model.items import Counters, Kind, Post, TimePrecision
from crawler.platforms.vk_address import SITE
from spiders.vk_fields import COMMENT_FIELDS
from spiders.vk_reader import Reader, UnreadableError
from spiders.vk_values import count_of, moment, placeholder, raw_of, values_of, whole


def read_comment(item: Mapping[str, Any], reader: Reader, post: int) -> Post | Skipped | Gone:
    """A comment under a post of the wall, or an answer in one of its threads. UnreadableError as `read_post`."""
    number = whole(item.get("id"))
    if not number:
        raise UnreadableError("no number")
    thread = reader.id_of(post)
    id_ = f"{thread}#{number}"
    if item.get("deleted"):
        return Gone(reader.source, id_, reader.seen_at)
    published = moment(item.get("date"))
    if published is None:
        raise UnreadableError("no time")
    reader.unknown.update(f"comment field {name}" for name in item.keys() - COMMENT_FIELDS)
    if placeholder(item):
        return Skipped(reader.source, id_, "donut")
    content = reader.content(item)
    if not content:
        return Skipped(reader.source, id_, "empty")
    above = [number for number in map(whole, values_of(item.get("parents_stack"))) if number]
    answered = whole(item.get("reply_to_comment"))
    author = whole(item.get("from_id"))
    return Post(
        id=id_,
        source=reader.source,
        platform="vk",
        kind=Kind.COMMENT,
        text=content.text,
        seen_at=reader.seen_at,
        url=f"{SITE}wall{reader.owner}_{post}?reply={number}",
        author=reader.author(author, own=author == reader.owner),
        published_at=published,
        precision=TimePrecision.SECOND,
        parent=f"{thread}#{above[-1]}" if above else thread,
        thread=thread,
        reply_to=f"{thread}#{answered}" if answered else "",
        links=content.links,
        media=content.media,
        poll=content.poll,
        counters=Counters(likes=count_of(item, "likes"), comments=count_of(item, "thread")),
        raw=raw_of(item, "thread"),
    )

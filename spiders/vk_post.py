"""Posts of a wall on VK as posts of Otklik: pure functions over the API's JSON, version 5.199 and older."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crawler.model.crawled import Gone, Skipped
from crawler.model.items import Author, AuthorRole, Counters, Forward, Kind, Post, TimePrecision
from crawler.platforms.vk_address import SITE
from spiders.vk_fields import POST_FIELDS
from spiders.vk_media import location_of
from spiders.vk_reader import Content, Reader, UnreadableError
from spiders.vk_values import count_of, moment, number_of, objects, placeholder, raw_of, text_of, whole

_UNPUBLISHED = frozenset({"postpone", "suggest"})


def read_post(item: Mapping[str, Any], reader: Reader) -> Post | Skipped | Gone:
    """An item of wall.get. Adverts, posts for subscribers alone and what is not published are skipped by these words.

    UnreadableError without a number or a time.
    """
    number = whole(item.get("id"))
    if not number:
        raise UnreadableError("no number")
    id_ = reader.id_of(number)
    if item.get("is_deleted"):
        return Gone(reader.source, id_, reader.seen_at)
    if reason := _why_skipped(item):
        return Skipped(reader.source, id_, reason)
    published = moment(item.get("date"))
    if published is None:
        raise UnreadableError("no time")
    reader.unknown.update(f"field {name}" for name in item.keys() - POST_FIELDS)
    content = reader.content(item, *objects(item.get("copy_history")))
    if not content and not location_of(item.get("geo")):
        return Skipped(reader.source, id_, "empty")
    return _post(item, reader, content, published)


def _post(item: Mapping[str, Any], reader: Reader, content: Content, published: datetime) -> Post:
    number, edited = number_of(item), moment(item.get("edited"))
    return Post(
        id=reader.id_of(number),
        source=reader.source,
        platform="vk",
        kind=Kind.POST,
        text=content.text,
        seen_at=reader.seen_at,
        url=f"{SITE}wall{reader.owner}_{number}",
        author=_author(item, reader),
        published_at=published,
        precision=TimePrecision.SECOND,
        edited=edited is not None,
        edited_at=edited,
        forwarded_from=_forward(list(objects(item.get("copy_history"))), reader),
        links=content.links,
        media=content.media,
        poll=content.poll,
        location=location_of(item.get("geo")),
        pinned=bool(item.get("is_pinned")),
        counters=Counters(*(count_of(item, name) for name in ("views", "likes", "reposts", "comments"))),
        # What others said under it is theirs: it lies with their own comments.
        raw=raw_of(item, "activity"),
    )


def comment_count(item: Mapping[str, Any]) -> int:
    """How many comments a post has that may be read."""
    comments = item.get("comments")
    if not isinstance(comments, dict) or comments.get("can_view") == 0:
        return 0
    return whole(comments.get("count"))


def _why_skipped(item: Mapping[str, Any]) -> str:
    kind = text_of(item, "post_type") or text_of(item, "type")
    if item.get("marked_as_ads") or kind == "post_ads":
        return "advert"
    if kind in _UNPUBLISHED:
        return "not published"
    return "donut" if placeholder(item) else ""


def _author(item: Mapping[str, Any], reader: Reader) -> Author:
    """Whoever signed what a community published for them, else whoever wrote; official pages and media sign for
    themselves.
    """
    writer, signer = whole(item.get("from_id")), whole(item.get("signer_id"))
    own = writer == reader.owner
    if own and signer and reader.role is AuthorRole.UNKNOWN:
        return reader.author(signer)
    return reader.author(writer, own=own)


def _forward(copies: Sequence[Mapping[str, Any]], reader: Reader) -> Forward | None:
    """Where what a repost repeats came from first."""
    if not copies:
        return None
    owner, number = whole(copies[-1].get("owner_id")), number_of(copies[-1])
    if owner < 0:
        return Forward(reader.names.get(owner) or f"club{-owner}", f"vk:{owner}_{number}" if number else "")
    # A person: without a post the way makes a pseudonym of it, the one that they have as an author.
    return Forward(f"vk:{owner}")

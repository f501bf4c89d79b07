"""Posts of a wall on VK as posts of Otklik: pure functions over the API's JSON, version 5.199 and older."""

from collections.abc import Mapping
from typing import Any

from crawler.model.items import Author, AuthorRole, Counters, Forward, Gone, Kind, Post, Skipped, TimePrecision
from crawler.platforms.vk_address import SITE
from spiders.vk_fields import POST_FIELDS
from spiders.vk_media import Attached, location_of
from spiders.vk_reader import Reader, UnreadableError
from spiders.vk_text import readable
from spiders.vk_values import count_of, moment, objects, placeholder, raw_of, text_of, whole

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
    found = reader.attached(item)
    text, links = readable(text_of(item))
    forward, copied, copies = _copied(item.get("copy_history"), reader)
    media, poll = list(found.media), found.poll
    for other in copies:
        media += other.media
        poll = poll or other.poll
    location = location_of(item.get("geo"))
    shown = "\n\n".join(filter(None, (text, *(words for words, _ in copied))))
    every_link = [*links, *found.links, *(link for _, more in copied for link in more)]
    every_link += [link for other in copies for link in other.links]
    if not (shown.strip() or media or poll or location):
        # A bare link is all that there is to read.
        shown = "\n".join(every_link)
        if not shown:
            return Skipped(reader.source, id_, "empty")
    edited = moment(item.get("edited"))
    return Post(
        id=id_,
        source=reader.source,
        platform="vk",
        kind=Kind.POST,
        text=shown,
        seen_at=reader.seen_at,
        url=f"{SITE}wall{reader.owner}_{number}",
        author=_author(item, reader),
        published_at=published,
        precision=TimePrecision.SECOND,
        edited=edited is not None,
        edited_at=edited,
        forwarded_from=forward,
        links=tuple(dict.fromkeys(every_link)),
        media=tuple(media),
        poll=poll,
        location=location,
        pinned=bool(item.get("is_pinned")),
        counters=Counters(
            count_of(item, "views"), count_of(item, "likes"), count_of(item, "reposts"), count_of(item, "comments")
        ),
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


def _copied(history: Any, reader: Reader) -> tuple[Forward | None, list[tuple[str, tuple[str, ...]]], list[Attached]]:
    """What a repost repeats: where it came from first, each text with its links, and what hangs on each."""
    copies = list(objects(history))
    if not copies:
        return None, [], []
    first = copies[-1]
    owner, number = whole(first.get("owner_id")), whole(first.get("id"))
    if owner < 0:
        forward = Forward(reader.names.get(owner) or f"club{-owner}", f"vk:{owner}_{number}" if number else "")
    else:
        # A person: without a post the way makes a pseudonym of it, the one that they have as an author.
        forward = Forward(f"vk:{owner}")
    return forward, [readable(text_of(one)) for one in copies], [reader.attached(one) for one in copies]

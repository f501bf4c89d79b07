"""What hangs on a message of a preview page: photos, videos, files, polls, points on the map.

Addresses of media are signed and change with every fetch, so each medium gets a `key` that does not: Telegram's
number of a photo, the name of a file, else the message's number and the place in it.
"""

import re
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from parsel import Selector

from crawler.model.items import Location, Media, Poll

HIDDEN = "hidden"
"""Kind of a medium that the page refuses to show («Please open Telegram to view this post»)."""

_BACKGROUND = re.compile(r"background-image:\s{0,9}url\(\s{0,9}['\"]?([^'\"()]*)")
_UNITS = {"B": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30}
_SIZE = re.compile(r"([\d.]{1,12})\s*(B|KB|MB|GB)")
# Class of the outermost element of a medium → its kind. A photo's or a video's may stand several times in a group.
_KINDS = {
    "tgme_widget_message_photo_wrap": "photo",
    "tgme_widget_message_video_player": "video",
    "tgme_widget_message_roundvideo_player": "round_video",
    "tgme_widget_message_voice_player": "voice",
    "tgme_widget_message_document_wrap": "document",
    "tgme_widget_message_sticker": "sticker",
    "tgme_widget_message_tgsticker": "sticker",
    "tgme_widget_message_videosticker": "sticker",
    "tgme_widget_message_contact_wrap": "contact",
}
_ANY = " or ".join(f"contains(concat(' ', normalize-space(@class), ' '), ' {name} ')" for name in _KINDS)
_MEDIA = f".//*[{_ANY}][not(ancestor::*[contains(@class, 'tgme_widget_message_reply')])]"
_REFUSAL = ".message_media_not_supported_label::text"
_NOT_SHOWN = "open telegram to view"


def media_of(node: Selector, number: int) -> tuple[Media, ...]:
    """Photos, videos, stickers, voices and files of a message, in the order of the page."""
    found = tuple(_each(node, number))
    if not found and any(_NOT_SHOWN in label.lower() for label in node.css(_REFUSAL).getall()):
        return (Media(HIDDEN, key=f"{number}/{HIDDEN}"),)
    return found


def poll_of(node: Selector) -> Poll | None:
    """The poll of a message with shares in percent."""
    question = node.css(".tgme_widget_message_poll_question")
    if not question:
        return None
    return Poll(
        question=_words(question[0]),
        options=tuple(_option(option) for option in node.css(".tgme_widget_message_poll_option")),
        kind="".join(_words(kind) for kind in node.css(".tgme_widget_message_poll_type")[:1]),
    )


def location_of(node: Selector) -> Location | None:
    """The point that a location or a venue shows, by the address of its map (`q=lat,lon`)."""
    wrap = node.css("a.tgme_widget_message_location_wrap, a.tgme_widget_message_venue_wrap")
    if not wrap:
        return None
    try:
        lat, lon = (float(part) for part in parse_qs(urlsplit(wrap[0].attrib.get("href", "")).query)["q"][0].split(","))
    except (ValueError, KeyError):
        return None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180):
        return None
    title = node.css(".tgme_widget_message_venue_title, .tgme_widget_message_location_title")
    return Location(lat, lon, _words(title[0]) if title else "")


def _each(node: Selector, number: int) -> Iterator[Media]:
    group = f"{number}" if node.css(".tgme_widget_message_grouped_wrap") else ""
    for place, item in enumerate(node.xpath(_MEDIA)):
        classes = item.attrib.get("class", "").split()
        kind = next(_KINDS[name] for name in classes if name in _KINDS)
        key = f"{number}/{place}/{kind}"
        if kind == "photo":
            yield Media(
                kind, _background(item), next((f"photo/{name}" for name in classes if name.isdigit()), key), group=group
            )
        elif kind == "document":
            yield _document(item, number)
        elif kind == "sticker":
            yield Media(kind, item.attrib.get("data-webp") or item.attrib.get("src") or _background(item), key)
        elif kind == "contact":
            yield Media(kind, "", f"{number}/{_words(item)}")
        else:
            source = item.css("video::attr(src), audio::attr(src)").get()
            thumb = item.css("[style*=background-image]")
            yield Media(kind, source or (_background(thumb[0]) if thumb else ""), key, group=group)


def _document(item: Selector, number: int) -> Media:
    """A file: the page names it and its size, but gives no address to fetch it from."""
    kind = "audio" if item.css(".tgme_widget_message_document_icon.audio") else "document"
    title = " ".join(_words(part) for part in item.css(".tgme_widget_message_document_title")[:1])
    extra = " ".join(_words(part) for part in item.css(".tgme_widget_message_document_extra")[:1])
    size = _SIZE.fullmatch(extra)
    return Media(
        kind,
        item.attrib.get("href", ""),
        f"{number}/{title}",
        round(float(size[1]) * _UNITS[size[2]]) if size and size[1].count(".") < 2 and size[1] != "." else None,
    )


def _option(node: Selector) -> tuple[str, float | None]:
    text = "".join(_words(part) for part in node.css(".tgme_widget_message_poll_option_text")[:1])
    share = "".join(_words(part) for part in node.css(".tgme_widget_message_poll_option_percent")[:1])
    digits = share.removesuffix("%").strip()
    return text, float(digits) if digits.isascii() and digits.isdigit() and len(digits) < 4 else None


def _background(node: Selector) -> str:
    match = _BACKGROUND.search(node.attrib.get("style", ""))
    url = match[1] if match else ""
    return f"https:{url}" if url.startswith("//") else url


def _words(node: Selector) -> str:
    return " ".join("".join(node.css("::text").getall()).split())

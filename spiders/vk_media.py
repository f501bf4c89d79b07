"""What hangs on a post or comment of VK: every type of attachment by one line of a table, none dropped silently."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crawler.model.items import Location, Media, Poll
from crawler.platforms.vk_address import SITE
from spiders.vk_values import objects, text_of, values_of, whole

_TALLEST_OLD = (2560, 1280, 807, 604, 130, 75)


@dataclass
class Attached:
    """What was read. `ignored` and `unknown` count attachments by type that left nothing to see."""

    media: list[Media] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    poll: Poll | None = None
    ignored: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)


def attached(attachments: Any) -> Attached:
    """The attachments of a post or comment, in their order."""
    found = Attached()
    for one in values_of(attachments):
        kind = text_of(one, "type") if isinstance(one, dict) else ""
        inner = one.get(kind) if kind else None
        read = _TYPES.get(kind)
        if kind in _IGNORED:
            found.ignored[kind] += 1
        elif kind == "photos_list":
            found.media += [Media("photo", key=f"photo{key}") for key in values_of(inner) if isinstance(key, str)]
        elif read and isinstance(inner, dict):
            read(found, inner)
        else:
            found.unknown[kind or "?"] += 1
    return found


def location_of(geo: Any) -> Location | None:
    """The point of `geo`: its coordinates as «lat lon», in older and newer versions as an object."""
    if not isinstance(geo, dict):
        return None
    told, place = geo.get("coordinates"), geo.get("place")
    try:
        if isinstance(told, dict):
            lat, lon = float(told["latitude"]), float(told["longitude"])
        else:
            lat, lon = (float(part) for part in str(told).replace(",", " ").split())
    except (KeyError, TypeError, ValueError):
        return None
    if not (math.isfinite(lat) and math.isfinite(lon) and -90 <= lat <= 90 and -180 <= lon <= 180):
        return None
    title = place.get("title") if isinstance(place, dict) else ""
    return Location(lat, lon, title if isinstance(title, str) else "")


def _key(word: str, inner: dict[str, Any]) -> str:
    """`photo-1_2`: what stays the same between fetches, addresses are signed anew."""
    return f"{word}{inner.get('owner_id', '')}_{inner.get('id', '')}"


def _photo(found: Attached, inner: dict[str, Any]) -> None:
    found.media.append(Media("photo", best_size(inner), _key("photo", inner)))


def best_size(photo: dict[str, Any]) -> str:
    """The address of the largest picture: `orig_photo`, the widest of `sizes`, or `photo_2560` … of older versions."""
    sizes = [one for one in objects(photo.get("sizes")) if one.get("url")]
    original = photo.get("orig_photo")
    if isinstance(original, dict) and original.get("url"):
        sizes.append(original)
    if sizes:
        best = max(sizes, key=lambda one: whole(one.get("width")) * whole(one.get("height")))
        return str(best["url"])
    return next((str(photo[name]) for side in _TALLEST_OLD if photo.get(name := f"photo_{side}")), "")


def _page_of(word: str, kind: str) -> Callable[[Attached, dict[str, Any]], None]:
    """A thing with a page of its own: `https://vk.com/video-1_2`."""

    def read(found: Attached, inner: dict[str, Any]) -> None:
        key = _key(word, inner)
        found.media.append(Media(kind, f"{SITE}{key}", key))

    return read


def _document(found: Attached, inner: dict[str, Any]) -> None:
    url, size = text_of(inner, "url"), whole(inner.get("size"))
    found.media.append(Media("document", url, _key("doc", inner), size or None))


def _sound(found: Attached, inner: dict[str, Any]) -> None:
    found.media.append(Media("audio", "", _key("audio", inner)))


def _podcast(found: Attached, inner: dict[str, Any]) -> None:
    found.media.append(Media("audio", f"{SITE}{_key('podcast', inner)}", _key("podcast", inner)))


def _graffiti(found: Attached, inner: dict[str, Any]) -> None:
    url = inner.get("url") or inner.get("photo_604") or inner.get("photo_586") or ""
    found.media.append(Media("graffiti", str(url), _key("graffiti", inner)))


def _sticker(found: Attached, inner: dict[str, Any]) -> None:
    images = list(objects(inner.get("images")))
    url = max(images, key=lambda one: whole(one.get("width"))).get("url", "") if images else ""
    found.media.append(Media("sticker", str(url), f"sticker{inner.get('sticker_id', inner.get('id', ''))}"))


def _poll(found: Attached, inner: dict[str, Any]) -> None:
    answers = objects(inner.get("answers"))
    options = tuple((str(one.get("text", "")), _share(one.get("rate"))) for one in answers)
    found.poll = Poll(str(inner.get("question", "")), options, "multiple" if inner.get("multiple") else "")


def _share(rate: Any) -> float | None:
    return float(rate) if isinstance(rate, int | float) and math.isfinite(rate) else None


def _link(found: Attached, inner: dict[str, Any]) -> None:
    """Something that is a link to elsewhere."""
    url = inner.get("url") or inner.get("view_url")
    if isinstance(url, str) and url.startswith(("http://", "https://")):
        found.links.append(url)


def _link_to(word: str, *, whole: bool = True) -> Callable[[Attached, dict[str, Any]], None]:
    """A link to a page of the site that the object names by its numbers."""

    def read(found: Attached, inner: dict[str, Any]) -> None:
        number = f"{inner.get('owner_id', '')}_{inner.get('id', '')}" if whole else f"{inner.get('id', '')}"
        found.links.append(f"{SITE}{word}{number}")

    return read


_TYPES: dict[str, Callable[[Attached, dict[str, Any]], None]] = {
    "photo": _photo,
    "posted_photo": _photo,
    "video": _page_of("video", "video"),
    "clip": _page_of("clip", "video"),
    "album": _link_to("album"),
    "audio": _sound,
    "podcast": _podcast,
    "doc": _document,
    "graffiti": _graffiti,
    "sticker": _sticker,
    "poll": _poll,
    "link": _link,
    "article": _link,
    "note": _link,
    "page": _link,
    "event": _link_to("event", whole=False),
    "group": _link_to("club", whole=False),
    "market": _link_to("market"),
    "market_album": _link_to("market?section=album_"),
    "market_market_album": _link_to("market?section=album_"),
    "video_playlist": _link_to("video/playlist/"),
    "audio_playlist": _link_to("audio_playlist"),
}
# What has nothing of a person's message in it.
_IGNORED = frozenset(
    {"app", "donut_link", "textlive", "textpost", "textpost_publish", "situational_theme", "pretty_cards", "mini_app"}
)

"""What hangs on posts and comments of VK, as plain data and as the API tells it (objects of API 5.199)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

# What the API tells of a photo: the letter of a size and its longer side in pixels.
PHOTO_SIZES = (("s", 75), ("m", 130), ("x", 604), ("y", 807), ("z", 1080), ("w", 2560))


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of `width` × `height` pixels; its pictures are made from `name` unless `url` says where they are."""

    id: int
    name: str = "photo"
    width: int = 1280
    height: int = 960
    text: str = ""
    url: str = ""
    place: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Video:
    """A video; `live` is a broadcast that goes on."""

    id: int
    title: str
    description: str = ""
    duration: int = 30
    views: int = 0
    live: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A link with what VK shows of its page."""

    url: str
    title: str
    description: str = ""
    caption: str = ""
    photo: Photo | None = None


@dataclass(frozen=True, slots=True)
class Doc:
    """A file."""

    id: int
    title: str
    ext: str = "pdf"
    size: int = 10_000


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll: answers as (text, votes)."""

    id: int
    question: str
    answers: tuple[tuple[str, int], ...]
    anonymous: bool = True
    closed: bool = False


@dataclass(frozen=True, slots=True)
class Audio:
    """A track."""

    id: int
    artist: str
    title: str
    duration: int = 180


@dataclass(frozen=True, slots=True)
class Sticker:
    """A sticker: of comments alone."""

    id: int


@dataclass(frozen=True, slots=True)
class Graffiti:
    """A drawing."""

    id: int


@dataclass(frozen=True, slots=True)
class Album:
    """An album of photos."""

    id: int
    title: str
    thumb: Photo
    size: int = 1


@dataclass(frozen=True, slots=True)
class Other:
    """Any other kind, as the API says it."""

    type: str
    body: dict[str, Any] = field(default_factory=dict)


Attachment = Photo | Video | Link | Doc | Poll | Audio | Sticker | Graffiti | Album | Other


@dataclass(frozen=True, slots=True)
class Setting:
    """What an attachment is told with: the owner of its post, the time of it, where pictures are served."""

    owner_id: int
    date: int
    pictures: str


def attachment_object(attachment: Attachment, setting: Setting) -> dict[str, Any]:
    """An attachment as the API tells it: its type, and its body under that name."""
    if isinstance(attachment, Other):
        return {"type": attachment.type, attachment.type: attachment.body}
    kind = type(attachment).__name__.lower()
    return {"type": kind, kind: _BODIES[type(attachment)](attachment, setting)}


def photo_object(photo: Photo, setting: Setting) -> dict[str, Any]:
    """A photo with its sizes, smallest first; sizes above its own are not made."""
    longest = max(photo.width, photo.height)
    sizes = [_size(photo, letter, side, setting) for letter, side in PHOTO_SIZES if side <= longest or letter == "s"]
    place = {"lat": photo.place[0], "long": photo.place[1]} if photo.place else {}
    return {
        "album_id": -7,
        "date": setting.date,
        "id": photo.id,
        "owner_id": setting.owner_id,
        "access_key": f"{photo.id:018x}",
        "sizes": sizes,
        "text": photo.text,
        "web_view_token": f"{photo.id:016x}",
        "has_tags": False,
        "orig_photo": {**_size(photo, "base", longest, setting)},
        **place,
    }


def _size(photo: Photo, letter: str, side: int, setting: Setting) -> dict[str, Any]:
    scale = min(1.0, side / max(photo.width, photo.height))
    width, height = max(1, round(photo.width * scale)), max(1, round(photo.height * scale))
    url = photo.url or f"{setting.pictures}/photo/{photo.name}_{width}x{height}.jpg"
    return {"height": height, "type": letter, "width": width, "url": url}


def _video(video: Video, setting: Setting) -> dict[str, Any]:
    image = {"url": f"{setting.pictures}/photo/video{video.id}_320x240.jpg", "width": 320, "height": 240}
    return {
        "response_type": "full",
        "access_key": f"{video.id:018x}",
        "can_comment": 1,
        "can_like": 1,
        "can_repost": 1,
        "can_subscribe": 1,
        "can_add_to_faves": 1,
        "can_add": 1,
        "comments": 0,
        "date": setting.date,
        "description": video.description,
        "duration": 0 if video.live else video.duration,
        "image": [{**image, "with_padding": 1}],
        "id": video.id,
        "owner_id": setting.owner_id,
        "title": video.title,
        "is_favorite": False,
        "track_code": f"video_{video.id:x}",
        "type": "live" if video.live else "video",
        "views": video.views,
        **({"live": 1, "spectators": video.views} if video.live else {}),
    }


def _link(link: Link, setting: Setting) -> dict[str, Any]:
    photo = {"photo": photo_object(link.photo, setting)} if link.photo else {}
    return {
        "url": link.url,
        "title": link.title,
        "caption": link.caption,
        "description": link.description,
        "is_favorite": False,
        **photo,
    }


def _doc(doc: Doc, setting: Setting) -> dict[str, Any]:
    return {
        "id": doc.id,
        "owner_id": setting.owner_id,
        "title": doc.title,
        "size": doc.size,
        "ext": doc.ext,
        "date": setting.date,
        "type": 1,
        "url": f"{setting.pictures}/doc{setting.owner_id}_{doc.id}",
        "access_key": f"{doc.id:018x}",
    }


def _poll(poll: Poll, setting: Setting) -> dict[str, Any]:
    votes = sum(count for _, count in poll.answers)
    return {
        "id": poll.id,
        "owner_id": setting.owner_id,
        "created": setting.date,
        "question": poll.question,
        "votes": votes,
        "answers": [
            {"id": poll.id * 100 + place, "text": text, "votes": count, "rate": round(100 * count / (votes or 1), 2)}
            for place, (text, count) in enumerate(poll.answers, 1)
        ],
        "anonymous": poll.anonymous,
        "multiple": False,
        "answer_ids": [],
        "end_date": 0,
        "closed": poll.closed,
        "is_board": False,
        "can_edit": False,
        "can_vote": not poll.closed,
        "can_report": True,
        "can_share": True,
        "author_id": setting.owner_id,
        "disable_unvote": False,
    }


def _audio(audio: Audio, setting: Setting) -> dict[str, Any]:
    return {
        "artist": audio.artist,
        "id": audio.id,
        "owner_id": setting.owner_id,
        "title": audio.title,
        "duration": audio.duration,
        "date": setting.date,
        "url": "",
    }


def _sticker(sticker: Sticker, setting: Setting) -> dict[str, Any]:
    sides = (64, 128, 256, 512)
    images = [
        {"url": f"{setting.pictures}/photo/sticker{sticker.id}_{side}x{side}.png", "width": side, "height": side}
        for side in sides
    ]
    return {"product_id": 1, "sticker_id": sticker.id, "images": images, "images_with_background": images}


def _graffiti(graffiti: Graffiti, setting: Setting) -> dict[str, Any]:
    return {
        "id": graffiti.id,
        "owner_id": setting.owner_id,
        "url": f"{setting.pictures}/photo/graffiti{graffiti.id}_586x293.png",
        "width": 586,
        "height": 293,
        "access_key": f"{graffiti.id:018x}",
    }


def _album(album: Album, setting: Setting) -> dict[str, Any]:
    return {
        "id": album.id,
        "owner_id": setting.owner_id,
        "title": album.title,
        "description": "",
        "size": album.size,
        "created": setting.date,
        "updated": setting.date,
        "thumb": photo_object(album.thumb, setting),
    }


_BODIES: dict[type, Callable[[Any, Setting], dict[str, Any]]] = {
    Photo: photo_object,
    Video: _video,
    Link: _link,
    Doc: _doc,
    Poll: _poll,
    Audio: _audio,
    Sticker: _sticker,
    Graffiti: _graffiti,
    Album: _album,
}

"""docs/query.md as tests read it: its examples as queries and posts, and the queries of its tables."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shapely import box

from crawler.model.items import (
    Author,
    AuthorRole,
    Forward,
    Kind,
    Location,
    Media,
    Place,
    PlaceKind,
    Poll,
    Post,
    Reading,
)
from pipelines.event_times import event_times
from search.address import parse_houses
from search.areas import Areas
from search.document import Document, document_of
from search.names import Names
from search.reference import Context
from search.street_key import split_street, street_key

PAGE = (Path(__file__).parent.parent.parent / "docs" / "query.md").read_text(encoding="utf-8")
ZONE = ZoneInfo("Asia/Sakhalin")
NAMES = Names(
    {"Водоснабжение": ("Нет холодной воды", "Нет горячей воды"), "Дороги": ()},
    Areas(lambda: {"Центр": box(142.72, 46.94, 142.74, 46.96), "Парк Победы": box(142.75, 46.95, 142.76, 46.96)}),
)
NOW = datetime(2026, 1, 31, 12, tzinfo=ZONE)
CONTEXT = Context(NOW.astimezone(UTC), ZONE, NAMES)
"""The clock and the city of the page: its examples say what they are."""
_MEDIA = {"photo": "photo", "video": "video", "audio": "voice", "file": "document"}


class Example(NamedTuple):
    """A query, a post, and whether the one finds the other."""

    query: str
    post: Document
    found: bool


def examples() -> Iterator[Example]:
    """Those of the fenced blocks: `+` before what a query finds, `−` before what it does not."""
    number = 0
    for block in re.findall(r"```\n(.*?)```", PAGE, re.DOTALL):
        query = ""
        for line in block.splitlines():
            if line[:2] in ("+ ", "− "):
                number += 1
                yield Example(query, _document(f"post:{number}", line[2:]), line.startswith("+"))
            else:
                query = line


def queries() -> list[str]:
    """The queries of the first column of the tables."""
    cells = [row.split(" | ")[0] for row in PAGE.splitlines() if row.startswith("| `")]
    found = [query.replace("\\|", "|") for cell in cells for query in re.findall(r"`([^`]+)`", cell)]
    return [query for query in found if query != "( … )"]


def _document(id_: str, written: str) -> Document:
    """The post of an example: its text, then in braces what it is beside it, and its places."""
    text = written.partition(" {")[0]
    of_post: dict[str, str] = {}
    places: list[Place] = []
    for group in re.findall(r"\{(.*?)\}", written):
        said = dict(part.split(": ", 1) for part in group.split("; "))
        if said.keys() & {"street", "house", "district", "settlement", "place", "near"}:
            places.append(_place(said))
        else:
            of_post |= said
    has, traits = set(of_post.pop("has", "").split()), set(of_post.pop("is", "").split())
    published, seen = (_moment(of_post.pop(name, "2026-01-31 12:00")) for name in ("published", "seen"))
    author = of_post.pop("author", "")
    reading = Reading(
        language=of_post.pop("lang", ""),
        places=tuple(places),
        topic=of_post.pop("topic", ""),
        act=of_post.pop("act", ""),
        copy_of="vk:1" if "copy" in traits else "",
        story=of_post.pop("story", ""),
    )
    post = Post(
        id=id_,
        source=of_post.pop("source", "wall"),
        platform=of_post.pop("platform", "vk"),
        kind=Kind(of_post.pop("kind", "post")),
        text=text,
        seen_at=seen,
        published_at=published,
        author=_author(author) if author else None,
        media=tuple(Media(_MEDIA[name]) for name in sorted(has & _MEDIA.keys())),
        links=("https://example.org",) if "link" in has else (),
        poll=Poll("Когда?", ()) if "poll" in has else None,
        location=Location(46.95, 142.73) if "location" in has else None,
        reply_to="vk:1" if "reply" in traits else "",
        forwarded_from=Forward("Кто-то") if "repost" in traits else None,
        version=1,
    )
    assert not of_post, f"what is {of_post} in {written}?"
    return document_of(post, replace(reading, event_times=event_times(post, ZONE)))


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=ZONE).astimezone(UTC)


def _author(written: str) -> Author:
    roles = {role.value for role in AuthorRole}
    return Author(AuthorRole(written)) if written in roles else Author(key=written)


def _place(said: dict[str, str]) -> Place:
    """A place as a reading has it: of a street, a landmark, a district or a settlement."""
    kind, name = split_street(said.get("street", ""))
    houses = parse_houses(said.get("house", ""))
    lat, lon = map(float, said["near"].split(",")) if "near" in said else (None, None)
    found = PlaceKind.HOUSE if houses else PlaceKind.STREET
    if not name:
        # «парк Гагарина»: what it is in small letters, then its name.
        kind, name = re.fullmatch(r"([а-яё ]*?) ?([^а-яё ].*|)", said.get("place", "")).groups()  # type: ignore[union-attr]
        found = PlaceKind.LANDMARK
    return Place(
        found,
        (name,),
        0,
        0,
        said.get("quote", ""),
        type=kind,
        houses=houses,
        district=said.get("district", ""),
        settlement=said.get("settlement", ""),
        street_key=street_key(name, kind) if found is not PlaceKind.LANDMARK else "",
        lat=lat,
        lon=lon,
    )

"""What flows from a spider to an incident: posts, places and readings. What else a spider yields: crawled.py.

Every record is frozen; a step returns a new one (`dataclasses.replace`). All times are aware and in UTC.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a post is on its platform."""

    POST = "post"
    COMMENT = "comment"
    ARTICLE = "article"
    APPEAL = "appeal"
    MESSAGE = "message"


class TimePrecision(StrEnum):
    """How exactly a time of publication is known; NONE means the arrival stands in for it."""

    SECOND = "second"
    MINUTE = "minute"
    DAY = "day"
    NONE = "none"


class AuthorRole(StrEnum):
    """Who speaks: what the product shows in place of a name."""

    RESIDENT = "resident"
    OFFICIAL = "official"
    MEDIA = "media"
    UNKNOWN = "unknown"


class Act(StrEnum):
    """What a post does: what its reading says in `act`."""

    COMPLAINT = "complaint"
    QUESTION = "question"
    PROPOSAL = "proposal"
    THANKS = "thanks"
    TALK = "talk"
    ADVERT = "advert"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a post.

    `platform_id` and `name` come from the spider and are personal data: they never reach the index, an export or a
    log. The way replaces them by `key`, a keyed hash; the state keeps them encrypted.
    """

    role: AuthorRole = AuthorRole.UNKNOWN
    key: str = ""
    platform_id: str = field(default="", repr=False)
    name: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Media:
    """A photo, video or file of a post. `key` is what stays the same between fetches (signed addresses do not)."""

    kind: str
    url: str = ""
    key: str = ""
    size: int | None = None
    group: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Poll:
    """A poll inside a post: the question and the options as (text, share in percent or None)."""

    question: str
    options: tuple[tuple[str, float | None], ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    """A point that the author attached, WGS 84 degrees."""

    lat: float
    lon: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Forward:
    """Where a forwarded or reposted text comes from: the name shown, the post's id or URL if known, its author.

    Without a post the name is that of a person, or of whom nobody can tell from one: the way replaces it by `key`, a
    keyed hash.
    """

    source: str = field(repr=False)
    post: str = ""
    author: str = field(default="", repr=False)
    key: str = ""


@dataclass(frozen=True, slots=True)
class Counters:
    """What changes without making a version; None where the platform does not tell."""

    views: int | None = None
    likes: int | None = None
    reposts: int | None = None
    comments: int | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """Any text item of any platform. `id` is stable and readable, see architecture of ids in docs/architecture.md.

    A spider fills everything down to `raw`; the way fills `digest`, record fills `version`.
    `published_text` is the date as the page prints it, for the dates step to read in the source's zone when
    `published_at` is None. `raw` is what the platform answered for this very post. `stub` says in one word what kept
    the rest of the text back ("paywall"), "" where the text is whole as far as is known.
    """

    id: str
    source: str
    platform: str
    kind: Kind
    text: str
    seen_at: datetime
    url: str = ""
    title: str = ""
    author: Author | None = None
    published_at: datetime | None = None
    published_text: str = ""
    precision: TimePrecision = TimePrecision.NONE
    edited: bool = False
    edited_at: datetime | None = None
    parent: str = ""
    thread: str = ""
    reply_to: str = ""
    forwarded_from: Forward | None = None
    links: tuple[str, ...] = ()
    media: tuple[Media, ...] = ()
    poll: Poll | None = None
    location: Location | None = None
    pinned: bool = False
    stub: str = ""
    counters: Counters = Counters()
    raw: bytes = field(default=b"", repr=False)
    digest: str = ""
    version: int = 0


def digest_of(post: Post) -> str:
    """Hash of what a person reads: 32 hex digits. Not the author, not counters, not signed media addresses."""
    read = [
        post.title,
        post.text,
        list(post.links),
        [[media.kind, media.key or media.digest] for media in post.media],
        [post.poll.question, [option for option, _ in post.poll.options]] if post.poll else None,
        [post.location.lat, post.location.lon, post.location.title] if post.location else None,
        _forward_read(post.forwarded_from) if post.forwarded_from else None,
    ]
    return hashlib.blake2b(json.dumps(read, ensure_ascii=False).encode(), digest_size=16).hexdigest()


def _forward_read(forward: Forward) -> list[str]:
    # The name of a person could be guessed from its hash.
    return [forward.source, forward.post] if forward.post else ["", ""]


class PlaceKind(StrEnum):
    """Kinds of places, as the labelling guide of the quality sets has them."""

    SETTLEMENT = "settlement"
    DISTRICT = "district"
    STREET = "street"
    HOUSE = "house"
    INTERSECTION = "intersection"
    LANDMARK = "landmark"


class PlacePrecision(StrEnum):
    """How exactly the coordinates are known."""

    HOUSE = "house"
    INTERSECTION = "intersection"
    LANDMARK = "landmark"
    STREET = "street"
    DISTRICT = "district"
    SETTLEMENT = "settlement"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class House:
    """A house number in one normal form. «29 корпус 2 литера А» is number 29, suffix `к2А`; «12/1» is 12, `/1`.

    `end` is the last number of a range and 0 for a single house; `parity` is "odd", "even" or "" for every number.
    """

    number: int
    suffix: str = ""
    end: int = 0
    parity: str = ""

    def __str__(self) -> str:
        """The form of the scorers: `7к2`, `1А`, `12/1`, `10-20`."""
        return f"{self.number}{self.suffix}" + (f"-{self.end}" if self.end else "")


@dataclass(frozen=True, slots=True)
class Place:
    """A mention, resolved as far as it can be.

    `start` and `end` count Unicode code points of the post's `field` ("title" or "text"), so that
    `text[start:end] == quote`; the field "location" is the point that an author attached, which has neither name nor
    quote. `name` is as a map writes it, two names for an intersection, else one.
    `street_key` is the normal form of the street (search/street_key.py), for an intersection both joined by "|".
    `id` is that of the gazetteer («osm:way/12», «table:17»), of the house where it is known, else of the street.
    `namesake` is the street's where its settlement has several of that name: with `street_key` it tells which.
    `decided` is what told it from others of its name: district, thread, house, home; "" where there are no others.
    `candidates` are those that may be meant where it cannot be told, in words; then the gazetteer gives nothing else.
    `stated` says that it is the address that an appeal states (crawler/model/stated.py), not one that it mentions.
    """

    kind: PlaceKind
    name: tuple[str, ...]
    start: int
    end: int
    quote: str
    field: str = "text"
    type: str = ""
    houses: tuple[House, ...] = ()
    settlement: str = ""
    district: str = ""
    street_key: str = ""
    lat: float | None = None
    lon: float | None = None
    precision: PlacePrecision = PlacePrecision.NONE
    confidence: float = 0.0
    rule: str = ""
    candidates: tuple[str, ...] = ()
    id: str = ""
    namesake: str = ""
    decided: str = ""
    stated: bool = False


class EventPrecision(StrEnum):
    """How exactly the time of an event is told, finest first; PART is a part of a day («вечером»)."""

    MINUTE = "minute"
    PART = "part"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class EventTime:
    """When something happens that a post tells of: never when the post was published.

    `start` and `end` are offsets as those of a place. The event lies in [`begins`, `ends`): None where that end is not
    told. A day, week or month that ends it belongs to it. `zone` is that of the source, in which the words were read.
    """

    start: int
    end: int
    quote: str
    begins: datetime | None
    ends: datetime | None
    precision: EventPrecision
    zone: str
    field: str = "text"


@dataclass(frozen=True, slots=True)
class Reading:
    """What the steps derived from one post version. A new reading re-indexes and re-matches the post.

    `language` is a key of LANGUAGES (crawler/model/languages.py), `act` one of Act; "" where no step could tell.
    """

    language: str = ""
    places: tuple[Place, ...] = ()
    topic: str = ""
    topic_confidence: float = 0.0
    act: str = ""
    copy_of: str = ""
    story: str = ""
    event_times: tuple[EventTime, ...] = ()
    reader_version: int = 4

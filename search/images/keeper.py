"""The keeper: fetches the images that reports left in the state, and keeps exactly what became of each.

An image is claimed in a short transaction (with a lease, so that several processes may keep at once), fetched outside
of any, and recorded in another. A host is asked for one image at a time and rests after each; one that fails is left
alone, longer after every failure, and holds up no other.
"""

import logging
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin

import sqlalchemy as sa

from crawler.fetching.client import Answer, GuardedClient, NotSentError, TooLargeError, UnknownOutcomeError
from crawler.fetching.reading import Reader, ReaderDiedError, ReaderKilledError, SlowPageError
from crawler.model.city import City
from crawler.model.errors import AddressRefusedError
from crawler.model.ports import Clock
from crawler.model.text import Text
from search.images import rows
from search.images.album import Album, remove_unnamed
from search.images.fate import Fate
from search.images.picture import MOST_MEMORY, Picture, picture_of
from search.images.room import room_left
from search.images.rows import MOST_TRIES
from search.state.database import Database
from search.state.tables import images, posts

logger = logging.getLogger(__name__)

CALL_SECONDS = 15.0
MOST_REDIRECTS = 3
GAP = 0.5
"""Seconds between two requests to a host."""
# Far above what a claim can take: four calls and the decoding.
LEASE = timedelta(minutes=5)
_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=6)
_LONGEST_REST = timedelta(hours=1)
_MOVED = (301, 302, 303, 307, 308)
_LATER = (408, 425, 429)
# Decoding an honest image takes under a second.
_DECODE_SECONDS = 10.0

# One process for all cities, which decode one after another.
_READER = Reader(_DECODE_SECONDS, MOST_MEMORY)
_READING = threading.Lock()

_CUT_OFF = Text("раскодирование прервано", "decoding was cut off")


@dataclass(frozen=True, slots=True)
class Kept:
    """What a drain of images did and left: images kept, those that still wait, what went wrong (one line each)."""

    kept: int = 0
    waiting: int = 0
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Claim:
    """An image taken for one try."""

    id: int
    url: str
    host: str
    attempts: int
    until: datetime
    allow: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Result:
    """How a try went: settled, or WAITING with at least so many seconds that the host asks for."""

    fate: Fate
    picture: Picture | None = None
    error: str = ""
    wait: float = 0.0


class Keeper:
    """Keeps the images of one city. Safe to share between threads, which take turns."""

    def __init__(
        self, city: City, database: Database, album: Album, clock: Clock, agent: str = "Otklik", gap: float = GAP
    ) -> None:
        self.city = city
        self.database = database
        self.album = album
        self.clock = clock
        self._headers = {"User-Agent": agent, "Accept": "image/jpeg,image/png,image/webp,image/gif"}
        self._gap = gap
        self._allow = {source.key: source.allow_private for source in city.sources}
        self._clients: dict[tuple[str, ...], GuardedClient] = {}
        self._asked: dict[str, float] = {}
        # Hosts that failed: how often in a row, and until when they are left alone.
        self._resting: dict[str, tuple[int, datetime]] = {}
        self._turn = threading.Lock()

    def keep(self, seconds: float) -> Kept:
        """Fetch what is due, the longest waiting first; no new call begins after so many seconds."""
        if not self.city.images.keep:
            return Kept()
        ends = time.monotonic() + seconds
        kept = 0
        errors: dict[str, str] = {}
        with self._turn:
            while time.monotonic() < ends and (due := self._due()) is not None:
                if full := room_left(self.database, self.album, self.city):
                    errors[""] = str(full)
                    break
                claim = self._claim(due)
                if claim is None:
                    continue  # another process has it
                tried = self._try(claim)
                self._note(claim.host, tried)
                result = self._record(claim, tried)
                kept += result.fate is Fate.KEPT
                if result.error and result.fate in {Fate.WAITING, Fate.FAILED}:
                    errors[claim.host] = f"{claim.host}: {result.error}"
        # Images come a few at a time: the process, if there is one, need not lie about until the next ones.
        with _READING:
            _READER.close()
        return Kept(kept, self._waiting(), tuple(errors.values()))

    def _due(self) -> int | None:
        """The id of the image that has waited longest, of no host that rests; also one whose process died."""
        now = self.clock.now()
        self._resting = {host: rest for host, rest in self._resting.items() if rest[1] > now - _LONGEST_REST}
        resting = [host for host, (_, until) in self._resting.items() if until > now]
        table = images.c
        here = (table.city == self.city.key, self._open(), table.next_at <= now, table.host.not_in(resting))
        query = sa.select(table.id).where(*here).order_by(table.next_at, table.id).limit(1)
        with self.database.read() as connection:
            return connection.scalar(query)

    def _open(self) -> sa.ColumnElement[bool]:
        return images.c.state.in_([Fate.WAITING.value, Fate.FETCHING.value])

    def _claim(self, due: int) -> _Claim | None:
        """Take it, unless another process has."""
        now = self.clock.now()
        until = now + LEASE
        table = images.c
        here = sa.and_(table.id == due, self._open(), table.next_at <= now)
        source = sa.select(posts.c.source).where(posts.c.city == table.city, posts.c.id == table.post)
        with self.database.begin() as connection:
            query = sa.select(images, source.scalar_subquery().label("source")).where(here)
            row = connection.execute(query).first()
            if row is None:
                return None
            values = {"state": Fate.FETCHING.value, "next_at": until, "attempts": row.attempts + 1}
            connection.execute(images.update().where(table.id == due).values(**values))
        return _Claim(due, row.url, row.host, row.attempts + 1, until, self._allow.get(row.source, ()))

    def _try(self, claim: _Claim) -> _Result:
        """One try, outside any transaction."""
        try:
            answer = self._fetch(claim)
        except TooLargeError as error:
            return _Result(Fate.TOO_LARGE, error=str(error))
        except AddressRefusedError as error:
            return _Result(Fate.REFUSED, error=str(error))
        except (NotSentError, UnknownOutcomeError) as error:
            return _Result(Fate.WAITING, error=str(error))
        except Exception as error:
            # What an unforeseen error says could hold anything, so only its name is kept.
            logger.exception("image %s of %s cannot be fetched", claim.id, self.city.key)
            return _Result(Fate.WAITING, error=type(error).__name__)
        if isinstance(answer, _Result):
            return answer
        return _decoded(answer.body)

    def _fetch(self, claim: _Claim) -> Answer | _Result:
        """The answer that has the image, or what its host says instead. Every redirect passes the guard."""
        url, ends = claim.url, time.monotonic() + CALL_SECONDS
        for _ in range(1 + MOST_REDIRECTS):
            self._pause(rows.host_of(url))
            answer = self._client(claim.allow).request("GET", url.strip().replace(" ", "%20"), self._headers)
            if answer.status == 200:
                return answer
            if answer.status not in _MOVED:
                return _said(answer)
            if time.monotonic() > ends:
                return _Result(Fate.WAITING, error=str(Text("слишком долго", "it takes too long")))
            try:
                url = urljoin(url, answer.headers.get("location", ""))
            except ValueError:
                break
        wrong = Text("переадресаций больше трёх или в никуда", "over three redirects, or to no address")
        return _Result(Fate.REFUSED, error=str(wrong))

    def _client(self, allow: tuple[str, ...]) -> GuardedClient:
        if allow not in self._clients:
            most = self.city.images.most_bytes
            self._clients[allow] = GuardedClient(allow, seconds=CALL_SECONDS, most=most)
        return self._clients[allow]

    def _pause(self, host: str) -> None:
        """Let a host rest between two requests."""
        now = time.monotonic()
        asked = self._asked.get(host)
        if asked is not None and asked + self._gap > now:
            time.sleep(asked + self._gap - now)
        self._asked = {name: at for name, at in self._asked.items() if at + self._gap > now}
        self._asked[host] = time.monotonic()

    def _note(self, host: str, result: _Result) -> None:
        """Leave a host that failed alone, twice as long after every failure."""
        if result.fate is not Fate.WAITING:
            self._resting.pop(host, None)
            return
        times = self._resting.get(host, (0, None))[0] + 1
        rest = max(min(_FIRST_WAIT * 2 ** min(times - 1, 10), _LONGEST_REST), timedelta(seconds=result.wait))
        self._resting[host] = (times, self.clock.now() + rest)

    def _record(self, claim: _Claim, result: _Result) -> _Result:
        """Keep what became of a try, unless its lease ran out and another process has it, or its post was erased; what
        it came to.
        """
        table = images.c
        mine = sa.and_(table.id == claim.id, table.state == Fate.FETCHING.value, table.next_at == claim.until)
        city, picture, digest = self.city.key, result.picture, ""
        if picture:
            digest = self.album.digest_of(picture.content)
            try:
                self.album.put(city, digest, picture.content)
            except OSError as error:
                result, picture = _Result(Fate.WAITING, error=error.strerror or type(error).__name__), None
        values = self._settled(claim, result) | (_named(digest, picture) if picture else {})
        with self.database.begin() as connection:
            changed = connection.execute(images.update().where(mine).values(**values)).rowcount == 1
            if picture and changed:
                # A sweep that came between the file and its row has taken the file; under the lock none can.
                self.album.put(city, digest, picture.content)
            elif picture:
                remove_unnamed(connection, self.album, city, [digest])
        return result

    def _settled(self, claim: _Claim, result: _Result) -> dict[str, object]:
        now = self.clock.now()
        waits = result.fate is Fate.WAITING and claim.attempts < MOST_TRIES
        fate = Fate.FAILED if result.fate is Fate.WAITING and not waits else result.fate
        wait = max(min(_FIRST_WAIT * 2 ** (claim.attempts - 1), _LONGEST_WAIT), timedelta(seconds=result.wait))
        return {
            "state": fate.value,
            "next_at": now + wait if waits else now,
            "last_error": result.error[:300],
            "settled_at": None if waits else now,
        }

    def _waiting(self) -> int:
        query = sa.select(sa.func.count()).where(images.c.city == self.city.key, self._open())
        with self.database.read() as connection:
            return connection.scalar(query) or 0


def _named(digest: str, picture: Picture) -> dict[str, object]:
    size = len(picture.content)
    return {"digest": digest, "size": size, "width": picture.width, "height": picture.height}


def _said(answer: Answer) -> _Result:
    """What a host says instead of an image: try later, or there is none at this address."""
    error = str(Text("узел ответил {status}", "the host answered {status}").filled(status=answer.status))
    if answer.status >= 500 or answer.status in _LATER:
        wait = answer.headers.get("retry-after", "")
        longest = _LONGEST_WAIT.total_seconds()
        seconds = min(float(wait), longest) if wait.isascii() and wait.isdigit() else 0.0
        return _Result(Fate.WAITING, error=error, wait=seconds)
    if answer.status < 400:
        return _Result(Fate.WRONG_TYPE, error=error)
    return _Result(Fate.GONE, error=error)


def _decoded(fetched: bytes) -> _Result:
    """The copy to keep, made in the process apart. That it was killed from outside is no fault of the image."""
    try:
        with _READING:
            picture = _READER.call(picture_of, fetched)
    except ReaderKilledError:
        return _Result(Fate.WAITING, error=str(_CUT_OFF))
    except (SlowPageError, ReaderDiedError):
        return _Result(Fate.DAMAGED)
    return _Result(picture.fate, picture if picture.fate is Fate.KEPT else None)

"""A wall as a walk: a generator that yields calls, is sent their answers, and yields items. It knows no HTTP.

One `wall.get` shows the newest hundred posts with their counts of comments: for most walls that is the whole crawl.
More is called for only to close a gap, to re-visit below the first page once an hour, and where comments came.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from crawler.model.city import Source
from crawler.model.crawled import Checkpoint, Gone, Skipped, SpiderItem, Window
from crawler.model.items import Post
from crawler.model.ports import Clock
from crawler.platforms.vk import Call
from crawler.platforms.vk_address import Wall
from crawler.platforms.vk_errors import NOT_FOUND, Handling, VkError
from spiders.vk_comments import CLOSED, CommentsWalk, Step
from spiders.vk_cursor import Cursor, Gap, Thread
from spiders.vk_post import comment_count, read_post
from spiders.vk_reader import Reader
from spiders.vk_values import moment_of, number_of, objects

PAGE = 100
RECHECK = timedelta(hours=1)
"""How often the comments of a post within `revisit`, and the pages below the first, are read again without a sign."""
_BACK = 20
_MOST_BACK = 40

Tell = Callable[[str, str], None]


class OutOfCallsError(Exception):
    """The crawl has made as many calls as it may; the next one goes on."""


class NoWallError(Exception):
    """The address names no wall; `word` is the one word of it."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


@dataclass(frozen=True)
class Page:
    """A page of a wall as read: its items in order, and where it lies. The pinned post is apart from the order."""

    offset: int
    total: int
    items: tuple[Mapping[str, Any], ...]
    read: tuple[Post | Skipped | Gone, ...]
    dates: tuple[datetime, ...]
    numbers: frozenset[int]
    sound: bool

    @property
    def end(self) -> int:
        """The offset of what lies right below. A page may show fewer than it was asked for: hidden ones count too."""
        return min(self.offset + PAGE, self.total)

    @property
    def below(self) -> int:
        """How many posts lie below."""
        return max(0, self.total - self.end)

    @property
    def last(self) -> bool:
        """Whether nothing lies below."""
        return not self.below or not self.items

    def reaches(self, moment: datetime) -> bool:
        """Whether what lies below is older than that, or nothing does."""
        return self.last or bool(self.dates and min(self.dates) < moment)


class WallWalk:
    """Reads a wall: the newest page, open gaps, what lies within `revisit`, then comments, newest posts first.

    `cursor` is always true: what it calls read was yielded. `tell(word, where)` says what people should know.
    """

    def __init__(self, source: Source, wall: Wall, cursor: Cursor, reader: Reader, clock: Clock, tell: Tell) -> None:
        self._source = source
        self._wall = wall
        self._clock = clock
        self._tell = tell
        self._reader = reader
        self._now = clock.now()
        self._counts: dict[int, tuple[int, datetime]] = {}
        self._pinned: set[str] = set()
        self.cursor = cursor if cursor.since else replace(cursor, since=self._now - source.backfill)
        self.was_read = False

    @property
    def _since(self) -> datetime:
        assert self.cursor.since
        return self.cursor.since

    def run(self) -> Generator[Step, Any, None]:
        """The whole crawl. Raises what is thrown in, NoWallError too; what was yielded until then holds."""
        yield from self._find()
        top = yield from self._top()
        self.cursor = replace(
            self.cursor.topped(top.numbers, top.total, top.below, done=top.reaches(self._since)),
            owner=self._reader.owner,
        )
        yield from self._give(top)
        bottom = yield from self._close_gaps(top)
        yield from self._revisit(bottom)
        waiting = [number for number, thread in self.cursor.threads.items() if thread.waiting]
        for number in sorted({*self._counts, *waiting}, reverse=True):
            yield from self._comments(number)

    def _find(self) -> Generator[Step, Any, None]:
        """The number of the wall: from the address, from the last crawl, or asked for by its name."""
        owner = self._wall.owner or self.cursor.owner or (yield from self._resolve())
        if not owner:
            raise NoWallError("no wall")
        if self.cursor.owner and owner != self.cursor.owner:
            self._begin_anew()
        self._reader.owner = owner

    def _resolve(self) -> Generator[Step, Any, int]:
        """The wall that has the name now, 0 where none does."""
        try:
            answer = yield Call("utils.resolveScreenName", {"screen_name": self._wall.name})
        except VkError as error:
            if error.code != NOT_FOUND:
                raise
            return 0
        told = answer if isinstance(answer, dict) else {}
        number = told.get("object_id")
        if not isinstance(number, int) or told.get("type") not in {"user", "group", "page", "event"}:
            return 0
        return number if told["type"] == "user" else -number

    def _top(self) -> Generator[Step, Any, Page]:
        """The newest page, of the wall that has the name now where it passed to another."""
        try:
            page = yield from self._page(0)
        except VkError as error:
            # The community may be gone, and its name another's.
            known = self.cursor.owner and not self._wall.owner
            if error.fault.handling is not Handling.WALL or not known or not (yield from self._moved()):
                raise
            return (yield from self._page(0))
        shown = self._reader.screen_names.get(self._reader.owner, "").lower()
        # Asked only when the wall no longer shows that name.
        if self._wall.owner or not shown or shown == self._wall.name or not (yield from self._moved()):
            return page
        return (yield from self._page(0))

    def _moved(self) -> Generator[Step, Any, bool]:
        """Whether the name now belongs to another wall, which is read from here on."""
        owner = yield from self._resolve()
        if not owner:
            self._tell("other name", self._source.address)
        if not owner or owner == self._reader.owner:
            return False
        self._begin_anew()
        self._reader.owner = owner
        return True

    def _begin_anew(self) -> None:
        self._tell("other wall", self._source.address)
        self.cursor = Cursor(since=self._now - self._source.backfill)

    def _page(self, offset: int) -> Generator[Step, Any, Page]:
        params: dict[str, str | int] = {
            "owner_id": self._reader.owner,
            "offset": offset,
            "count": PAGE,
            "extended": 1,
            "fields": "screen_name",
        }
        answer = yield Call("wall.get", params)
        self.was_read = True
        told = answer if isinstance(answer, dict) else {}
        self._reader.seen_at = self._clock.now()
        self._reader.know(told)
        items = tuple(objects(told.get("items")))
        total = told.get("count")
        read: list[Post | Skipped | Gone] = []
        sound = True
        for item in items:
            try:
                read.append(read_post(item, self._reader))
            except Exception as error:  # noqa: BLE001 - the posts around it are read
                self._reader.count_unreadable(error, self._reader.id_of(number_of(item)))
                sound = False
        ordered = [item for item in items if not item.get("is_pinned")]
        return Page(
            offset,
            total if isinstance(total, int) else offset + len(items),
            items,
            tuple(read),
            tuple(moment for item in ordered if (moment := moment_of(item))),
            frozenset(number for item in ordered if (number := number_of(item))),
            sound,
        )

    def _give(self, page: Page) -> Generator[SpiderItem, Any, None]:
        """The items of a page, what it shows to be gone, and how far the wall is read with it."""
        wanted = [one for one in page.read if not isinstance(one, Post) or self._is_wanted(one)]
        yield from wanted
        self._pinned |= {one.id for one in page.read if isinstance(one, Post) and one.pinned}
        present = {one.id if isinstance(one, Post) else one.key for one in page.read if not isinstance(one, Gone)}
        if page.sound and page.dates:
            oldest = self._since if page.last else min(page.dates)
            newest = max(page.dates) if page.offset else self._reader.seen_at
            prefix = f"vk:{self._reader.owner}_"
            shown = frozenset(present | self._pinned)
            yield Window(self._source.key, oldest, newest, shown, seen_at=self._reader.seen_at, prefix=prefix)
        ids = {one.id for one in wanted if isinstance(one, Post)}
        for item in page.items:
            number, moment = number_of(item), moment_of(item)
            if moment and self._reader.id_of(number) in ids:
                self._counts[number] = (comment_count(item), moment)
                self.cursor = self.cursor.counted(number, comment_count(item))
        yield Checkpoint(self._source.key, str(self.cursor), tuple(ids))

    def _is_wanted(self, post: Post) -> bool:
        return post.published_at is None or post.published_at >= self._since

    def _close_gaps(self, top: Page) -> Generator[Step, Any, Page]:
        """Read the open gaps, newest first. Gives the lowest page that hangs together with the newest one."""
        bottom = top
        while self.cursor.gaps:
            gap = self.cursor.gaps[0]
            page = yield from self._into(gap)
            if bottom.numbers and gap.high == min(bottom.numbers):
                bottom = page
            lowest = min(page.numbers, default=gap.high)
            self.cursor = self.cursor.narrowed(gap, lowest, page.below, done=page.reaches(self._since))
            yield from self._give(page)
        return bottom

    def _into(self, gap: Gap) -> Generator[Step, Any, Page]:
        """The page at the top of a gap. It begins with what was read last; where it does not, posts were deleted
        meanwhile and others moved up past the page: it is taken from further above. Hidden posts look just so, and are
        passed by: each page of a gap ends lower than the one before it.
        """
        offset, back = max(0, self.cursor.total - gap.below - 1), _BACK
        while True:
            page = yield from self._page(offset)
            if not page.items and page.below:
                offset, back = page.end, 2 * _MOST_BACK
                continue
            if not offset or not page.numbers or max(page.numbers) >= gap.high or back > _MOST_BACK:
                return page
            offset, back = max(0, offset - back), 2 * back

    def _revisit(self, bottom: Page) -> Generator[Step, Any, None]:
        """Once an hour what lies below the newest page and within `revisit`, unless it was just read."""
        until = max(self._now - self._source.revisit, self._since)
        now = int(self._now.timestamp())
        if not bottom.offset and (bottom.reaches(until) or now - self.cursor.deep < RECHECK.total_seconds()):
            return
        while not bottom.reaches(until):
            bottom = yield from self._page(bottom.end - 1)
            yield from self._give(bottom)
        self.cursor = replace(self.cursor, deep=now)
        yield Checkpoint(self._source.key, str(self.cursor))

    def _comments(self, number: int) -> Generator[Step, Any, None]:
        """The comments of a post, if there is a reason to read them."""
        thread = self.cursor.threads.get(number, Thread())
        count, published = self._counts.get(number, (thread.read + thread.waiting, self._since))
        stale = self._now.timestamp() - thread.at >= RECHECK.total_seconds()
        again = bool(count) and stale and published >= self._now - self._source.revisit
        if not thread.waiting and not again:
            return
        whole = again or not (thread.at and count)

        def keep(offset: int) -> Checkpoint:
            self.cursor = self.cursor.threaded(
                number, replace(thread, newest=max(walk.newest, thread.newest), offset=offset)
            )
            return Checkpoint(self._source.key, str(self.cursor), tuple(walk.posts))

        walk = CommentsWalk(self._reader, self._clock, number, thread, count, whole, keep)
        try:
            known = yield from walk.run()
        except VkError as error:
            if error.fault.handling not in CLOSED:
                raise
            yield Skipped(self._source.key, self._reader.id_of(number), error.fault.word)
            known = Thread(count, thread.newest, int(self._now.timestamp()))
        self.cursor = self.cursor.threaded(number, known)
        yield Checkpoint(self._source.key, str(self.cursor), tuple(walk.posts))

"""The comments of one post, threads to any depth, as a walk: it yields calls, is sent their answers, and yields items.

All of them are read the first time, and again once an hour while the post lies within `revisit`: only that shows edits
and what was deleted. Otherwise only as far down as it takes to find as many new ones as the post has.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from crawler.model.crawled import Checkpoint, Gone, SpiderItem, Window
from crawler.model.items import Post
from crawler.model.ports import Clock
from crawler.platforms.vk import Call
from crawler.platforms.vk_errors import Handling, VkError
from spiders.vk_comment import read_comment
from spiders.vk_cursor import Thread
from spiders.vk_reader import Reader
from spiders.vk_values import number_of, objects

Step = Call | SpiderItem
PAGE = 100
_IN_THREAD = 10
_BACK = 20
_DEEPEST = 20
CLOSED = frozenset({Handling.COMMENTS, Handling.WALL})
"""What VK says of the comments of one post; everything else concerns the whole crawl."""


@dataclass
class CommentsWalk:
    """Reads the comments of a post. `thread` is what is known of them, `count` how many the post has now. Where all are
    read, `keep(offset)` marks how far that came: one that is cut off goes on there, a page higher for what was deleted.
    """

    reader: Reader
    clock: Clock
    post: int
    thread: Thread
    count: int
    whole: bool
    keep: Callable[[int], Checkpoint] | None = None
    found: int = 0
    newest: int = 0
    shifted: bool = False
    posts: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    present: set[str] = field(default_factory=set)

    def run(self) -> Generator[Step, Any, Thread]:
        """Every item, then a Window where all were seen; gives what is known of the comments now."""
        started = self.clock.now()
        begun = self.thread.offset if self.whole else 0
        self.shifted = begun > 0
        yield from self._level(0, 0, max(0, begun - PAGE))
        if self.whole and not self.shifted:
            thread = self.reader.id_of(self.post)
            oldest = datetime.fromtimestamp(0, UTC)
            yield Window(
                self.reader.source,
                oldest,
                started,
                frozenset(self.present),
                thread=thread,
                seen_at=started,
                prefix=f"{thread}#",
            )
        at = int(started.timestamp()) if self.whole else self.thread.at
        return Thread(self.count, max(self.newest, self.thread.newest), at, 0)

    @property
    def _enough(self) -> bool:
        return not self.whole and self.found >= self.thread.waiting

    def _level(self, root: int, depth: int, offset: int = 0) -> Generator[Step, Any, None]:
        """The comments under the post (`root` 0) or under a comment, page by page. A page repeats the last comment of
        the one before it: where it does not, something was deleted meanwhile, and what moved up is looked for.
        """
        last, back = 0, 0
        while True:
            answer = yield self._call(root, offset)
            if not isinstance(answer, dict):
                self.shifted = True
                return
            self.reader.seen_at = self.clock.now()
            self.reader.know(answer)
            items = list(objects(answer.get("items")))
            numbers = [number_of(item) for item in items]
            if last and last not in numbers:
                self.shifted = True
                if items and back < offset and back <= _BACK:
                    back += _BACK
                    offset = max(0, offset - _BACK)
                    continue
            for item in items:
                yield from self._comment(item, root, depth)
            level = answer.get("current_level_count")
            # A page may show fewer than it was asked for: hidden ones count too.
            end = min(offset + PAGE, level) if isinstance(level, int) else offset + len(items)
            over = end >= level if isinstance(level, int) else len(items) < PAGE
            reached = bool(numbers) and min(numbers) <= self.thread.newest
            # A page that has nothing although there are some is no proof that they are gone.
            self.shifted |= not items and (not over or bool(answer.get("count")))
            if over or (self._enough and reached):
                return
            offset, last, back = (end - 1, numbers[-1], 0) if items else (end, 0, 0)
            if self.keep and self.whole and not root:
                yield self.keep(offset)

    def _comment(self, item: Mapping[str, Any], root: int, depth: int) -> Generator[Step, Any, None]:
        number = number_of(item)
        try:
            read = read_comment(item, self.reader, self.post)
        except Exception as error:  # noqa: BLE001 - the comments around it are read
            self.reader.count_unreadable(error, f"{self.reader.id_of(self.post)}#{number}")
            self.shifted = True
            return
        self.newest = max(self.newest, number)
        id_ = read.id if isinstance(read, Post) else read.post if isinstance(read, Gone) else read.key
        if not isinstance(read, Gone):
            self.present.add(id_)
        if id_ not in self.seen:
            self.seen.add(id_)
            self.found += number > self.thread.newest
            if isinstance(read, Post):
                self.posts.append(id_)
            yield read
        yield from self._below(item, root, depth)

    def _below(self, item: Mapping[str, Any], root: int, depth: int) -> Generator[Step, Any, None]:
        """The answers to a comment: those that came with it, or all of them where they are more."""
        thread, number = item.get("thread"), number_of(item)
        if not isinstance(thread, dict) or number == root:
            return
        answers = list(objects(thread.get("items")))
        count = thread.get("count")
        if depth >= _DEEPEST:
            self.reader.unreadable["too deep"] += 1
            return
        if not isinstance(count, int) or count <= len(answers) or self._enough:
            for answer in answers:
                yield from self._comment(answer, number, depth + 1)
            return
        try:
            yield from self._level(number, depth + 1)
        except VkError as error:
            # Deleted between the two calls.
            if error.fault.handling not in CLOSED:
                raise
            self.shifted = True

    def _call(self, root: int, offset: int) -> Call:
        params: dict[str, str | int] = {
            "owner_id": self.reader.owner,
            "post_id": self.post,
            "offset": offset,
            "count": PAGE,
            # Whoever looks for new ones finds them on top; whoever reads all is not moved by what comes meanwhile.
            "sort": "asc" if self.whole else "desc",
            "need_likes": 1,
            "preview_length": 0,
            "thread_items_count": _IN_THREAD,
            "extended": 1,
        }
        return Call("wall.getComments", {**params, "comment_id": root} if root else params)

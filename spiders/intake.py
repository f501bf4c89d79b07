"""Intake of tables: exports of ПОС, hand-downs of a ЦУР, tables of hot lines, as files that appear in a folder.

Nothing is asked of anybody: ПОС has no public inbound API, so its appeals come as the exports that people make. Files
are read and never touched.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any, ClassVar

from scrapy.http import Request

from crawler.model.crawled import Checkpoint, SpiderItem
from spiders.base import SourceSpider
from spiders.intake_cursor import IntakeCursor, KnownFile
from spiders.intake_folder import FoundFile, digest_of, look, stamp
from spiders.table_posts import Made, RowMaker
from spiders.table_reader import TableReader
from spiders.table_rows import BadRow, Row, UnreadableError

SETTLED = 2.0
"""Seconds for which a file must not have changed: one that is still being written is left to the next crawl."""
_PENDING = 1_000
"""Items that may wait for the steps before reading goes on."""
_LOGGED = 20


class IntakeSpider(SourceSpider):
    """Reads the new and changed files of a folder, row by row."""

    name = "intake"
    platform: ClassVar[str] = "intake"
    asks: ClassVar[bool] = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.published = 0
        self._logged = 0

    async def start(self) -> AsyncIterator[SpiderItem | Request]:
        """Scrapy's entry: every file that is new, has changed, or was not read to its end."""
        source = self.crawl.source
        assert source.table
        try:
            self._cursor = IntakeCursor.parse(self.crawl.cursor, source.table)
        except ValueError as error:
            self.trouble("cursor", source.address, str(error))
            self._cursor = IntakeCursor.parse("", source.table)
        try:
            folder = await asyncio.to_thread(look, source.address)
        except UnreadableError as error:
            self.trouble(error.word, source.address, str(error), entry=True)
            return
        for name in folder.others:
            self.trouble("not a file", _shown(name))
        self._cursor = self._cursor.only(file.name for file in folder.files)
        for file in folder.files:
            if not self._cursor.known(file.name).is_same(file.size, file.mtime):
                async for item in self._read(file):
                    yield item
        yield Checkpoint(source.key, str(self._cursor))

    async def _read(self, file: FoundFile) -> AsyncIterator[SpiderItem]:
        """The posts of a file, with a checkpoint after each chunk."""
        if not await self._is_settled(file):
            self.trouble("being written", _shown(file.name))
            return
        try:
            known = await self._known(file)
            async for item in self._rows(file, known):
                yield item
        except UnreadableError as error:
            self.trouble(f"file: {error.word}", _shown(file.name), str(error))
            failed = (error.problem.ru, error.problem.en)
            # What the file holds is wrong until it changes; who may open it, and what ends its reader, can change
            # without that.
            done = error.word not in {"not opened", "interrupted"}
            known = replace(self._cursor.known(file.name), size=file.size, mtime=file.mtime, failed=failed, done=done)
            self._cursor = self._cursor.having(file.name, known)

    async def _is_settled(self, file: FoundFile) -> bool:
        """Whether a file rests; one that has just changed is given a moment."""
        age = time.time() - file.mtime / 1e9
        if age < SETTLED:
            await asyncio.sleep(SETTLED - max(age, 0.0))
        return stamp(file.path) == (file.size, file.mtime)

    async def _known(self, file: FoundFile) -> KnownFile:
        """What is known of the file's content: another one is read from its first row."""
        known = self._cursor.known(file.name)
        digest = await asyncio.to_thread(digest_of, file.path)
        if known.digest != digest:
            known = KnownFile(digest=digest)
        elif not known.done:
            known = replace(known, failed=("", ""))
        return replace(known, size=file.size, mtime=file.mtime)

    async def _rows(self, file: FoundFile, known: KnownFile) -> AsyncIterator[SpiderItem]:
        source = self.crawl.source
        assert source.table
        if known.done:  # touched or copied, the same content
            self._cursor = self._cursor.having(file.name, known)
            return
        self._cursor = self._cursor.having(file.name, known)
        maker = RowMaker(source, self.crawl.clock.now())
        with TableReader(file.path, source.table) as reader:
            while rows := await asyncio.to_thread(reader.chunk):
                covers = []
                for row in rows:
                    if row.number <= known.at:
                        continue
                    made = self._make(file, maker, row)
                    known = known.with_row(row.number, made)
                    if made.post:
                        covers.append(made.post.id)
                        yield made.post
                self._cursor = self._cursor.having(file.name, known)
                yield Checkpoint(source.key, str(self._cursor), tuple(covers))
                await self._drained()
        # What was written while it was read is read by the next crawl.
        if stamp(file.path) == (file.size, file.mtime):
            self._cursor = self._cursor.having(file.name, replace(known, done=True))
        else:
            self.trouble("being written", _shown(file.name))
            self._cursor = self._cursor.having(file.name, KnownFile())

    def _make(self, file: FoundFile, maker: RowMaker, row: Row | BadRow) -> Made:
        made = Made(None, (row,)) if isinstance(row, BadRow) else maker.make(row)
        self.published = (self.published or 0) + 1
        self.gaps += made.post is None
        for one in made.wrong:
            self._tell(file, one)
        return made

    def _tell(self, file: FoundFile, wrong: BadRow) -> None:
        """Count what is wrong in a row; the first ones are logged, the doctor shows those of every file."""
        word = "bad row" if wrong.lost else "bad value"
        if self._logged < _LOGGED:
            self._logged += 1
            self.trouble(word, _shown(file.name), str(wrong))
        else:
            self.errors[word] += 1

    async def _drained(self) -> None:
        """Wait for the steps: Scrapy takes what `start` yields as fast as it comes."""
        scraper = self.crawler.engine.scraper if self.crawler.engine else None
        while scraper and scraper.slot and scraper.slot.itemproc_size > _PENDING:  # noqa: ASYNC110  no event tells
            await asyncio.sleep(0.01)


def _shown(name: str) -> str:
    """A name that came from outside, in one line without controls."""
    return "".join(char if char.isprintable() else "�" for char in name)

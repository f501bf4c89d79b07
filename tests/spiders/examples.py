"""Example pages of every platform with the posts that a person reviewed: tests/examples/PLATFORM/NAME.expected.json.

Its keys: `now` (the clock, ISO 8601), `zone`, `role`, `source` (path of the source's address), its `options` where it
has some, `pages` (path with query: file beside it, of any kind, JSON too; of a platform that is asked by forms, the
query is what the form says), and what comes out: `posts`, `skipped` ([key, reason]) and `errors` (word: how often).
Pages are served as http://zarechny.example; what is not named is a 404. A platform that nobody crawls has `lines` (a
file for `otklik ingest`) in place of `role`, `source` and `pages`; one of tables has `role`, `table`
(the file) and `columns` (as the city file has them): its own tests crawl it.
A post says what is there: empty fields and `precision` none are left out.

`python -m tests.spiders.examples PLATFORM/NAME` prints the file with what comes out now, for a person to review.
"""

import argparse
import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.given import Line, given_post, read_lines
from crawler.model.city import Source, SourceRole, TableForm
from crawler.model.crawled import Skipped
from crawler.model.items import Post, TimePrecision
from crawler.platforms import PLATFORMS
from spiders.base import SourceSpider
from tests.crawling import Crawled, Page, Pages, pages, run_spider, source_at

EXAMPLES = Path(__file__).parent.parent / "examples"
SITE = "http://zarechny.example"
ENDING = ".expected.json"
TYPES = {".html": "text/html", ".xml": "application/xml", ".json": "application/json"}
GIVEN = ("now", "zone", "lines")
CRAWLED = ("now", "zone", "role", "source", "pages")
TABLE = ("now", "zone", "role", "table", "columns")
FOUND = ("posts", "skipped", "errors")


@dataclass(frozen=True)
class Example:
    """One expected file."""

    path: Path

    @property
    def name(self) -> str:
        """PLATFORM/NAME."""
        return f"{self.platform}/{self.path.name.removesuffix(ENDING)}"

    @property
    def platform(self) -> str:
        return self.path.parent.name

    @property
    def is_crawled(self) -> bool:
        return bool(PLATFORMS[self.platform].spider) and not self.is_table

    @property
    def is_table(self) -> bool:
        return PLATFORMS[self.platform].files

    @property
    def keys(self) -> tuple[str, ...]:
        """What its file must say beside what comes out."""
        if self.is_table:
            return TABLE
        return CRAWLED if self.is_crawled else GIVEN

    def read(self, *, found: bool = True) -> dict[str, Any]:
        """What the file says; without `found`, what came out need not be there yet."""
        told: dict[str, Any] = json.loads(self.path.read_text(encoding="utf-8"))
        needed = self.keys + (FOUND if found else ())
        missing = [key for key in needed if key not in told]
        assert not missing, f"{self.path} lacks {', '.join(missing)}: tests/spiders/examples.py says how it looks"
        return told

    @property
    def files(self) -> set[Path]:
        """The pages or lines beside the file."""
        told = self.read()
        named = told["pages"].values() if self.is_crawled else [told["table" if self.is_table else "lines"]]
        return {self.path.parent / file for file in named}

    def page(self, file: str, site: str) -> Page:
        """A page as it is served."""
        body = (self.path.parent / file).read_bytes().replace(SITE.encode(), site.encode())
        return Page(body, headers={"Content-Type": TYPES.get(Path(file).suffix, "text/plain")})


ALL = [Example(path) for path in sorted(EXAMPLES.glob(f"*/*{ENDING}"))]


@cache
def spider_of(platform: str) -> type[SourceSpider]:
    loader = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["spiders"]}))
    name = PLATFORMS[platform].spider
    assert name in loader.list(), f"platform {platform} names spider {name}; spiders/ has {', '.join(loader.list())}"
    spider = loader.load(name)
    assert issubclass(spider, SourceSpider)
    return spider


def shown(post: Post) -> dict[str, Any]:
    """A post as the expected files write it: what is not there is left out."""
    values = {
        "id": post.id,
        "kind": post.kind.value,
        "url": post.url,
        "title": post.title,
        "text": post.text,
        "author": [post.author.role.value, post.author.platform_id, post.author.name] if post.author else None,
        "published_at": post.published_at.astimezone(UTC).isoformat() if post.published_at else "",
        "precision": "" if post.precision is TimePrecision.NONE else post.precision.value,
        "published_text": post.published_text,
        "edited": post.edited,
        "parent": post.parent,
        "thread": post.thread,
        "reply_to": post.reply_to,
        "forwarded_from": [post.forwarded_from.source, post.forwarded_from.post, post.forwarded_from.author]
        if post.forwarded_from
        else None,
        "links": list(post.links),
        "media": [[media.kind, media.url, media.key, media.size, media.group] for media in post.media],
        "poll": [post.poll.question, post.poll.kind, [list(option) for option in post.poll.options]]
        if post.poll
        else None,
        "location": [post.location.lat, post.location.lon, post.location.title] if post.location else None,
        "views": post.counters.views,
    }
    return {name: value for name, value in values.items() if value not in (None, "", [], False)}


class Served:
    """An example's pages on a local server; `failing` are paths that answer 500."""

    def __init__(self, example: Example, site: str, answers: Pages) -> None:
        self.told = example.read(found=False)
        self.now = datetime.fromisoformat(self.told["now"])
        self._example, self._site, self._answers = example, site, answers
        self.serve()
        self.source = source_at(
            site + self.told["source"],
            platform=example.platform,
            zone=ZoneInfo(self.told["zone"]),
            role=SourceRole(self.told["role"]),
            backfill=timedelta(days=60),
            options=self.told.get("options", {}),
        )

    def serve(self, *, failing: str = "") -> None:
        """Answer with the pages, 500 for one of them."""
        for address, file in self.told["pages"].items():
            failed = Page("out of order", status=500)
            self._answers[address] = failed if address == failing else self._example.page(file, self._site)

    def crawl(
        self, cursor: str = "", *, later: timedelta = timedelta(0), revisit: timedelta = timedelta(days=2)
    ) -> Crawled[SourceSpider]:
        """One crawl of the source, quick to give up a page."""
        source = replace(self.source, revisit=revisit)
        spider = spider_of(self._example.platform)
        return run_spider(spider, source, cursor, at=self.now + later, settings={"RETRY_TIMES": 0})

    def restored(self, found: dict[str, Any]) -> dict[str, Any]:
        """With the example's host in place of the local server's."""
        text = json.dumps(found, ensure_ascii=False).replace(urlsplit(self._site).netloc, urlsplit(SITE).netloc)
        restored: dict[str, Any] = json.loads(text)
        return restored


@contextmanager
def served(example: Example) -> Iterator[Served]:
    answers: Pages = {}
    with pages(answers) as site:
        yield Served(example, site.url, answers)


def crawled(example: Example) -> dict[str, Any]:
    """What the platform's spider makes of the example's pages."""
    with served(example) as here:
        got = here.crawl()
        return here.restored(
            {
                "posts": [shown(post) for post in got.posts],
                "skipped": [[item.key, item.reason] for item in got.items if isinstance(item, Skipped)],
                "errors": dict(got.spider.errors),
            }
        )


def taken(example: Example) -> dict[str, Any]:
    """What `otklik ingest` makes of the example's lines: the platform of given posts has no spider."""
    told = example.read(found=False)
    source = Source("ingest", example.platform, "", ZoneInfo(told["zone"]))
    posts = []
    for line in read_lines(io.BytesIO((example.path.parent / told["lines"]).read_bytes())):
        assert isinstance(line, Line)
        post = given_post(line, {"ingest": source}, datetime.fromisoformat(told["now"]))
        assert isinstance(post, Post)
        posts.append(shown(post))
    return {"posts": posts, "skipped": [], "errors": {}}


def read_table(example: Example) -> dict[str, Any]:
    """What a crawl makes of the example's table."""
    told = example.read(found=False)
    source = Source(
        "source",
        example.platform,
        str(example.path.parent / told["table"]),
        ZoneInfo(told["zone"]),
        SourceRole(told["role"]),
        table=TableForm({field: (name,) for field, name in told["columns"].items()}),
    )
    got = run_spider(spider_of(example.platform), source, at=datetime.fromisoformat(told["now"]))
    return {"posts": [shown(post) for post in got.posts], "skipped": [], "errors": dict(got.spider.errors)}


def found_in(example: Example) -> dict[str, Any]:
    """What comes out of an example now."""
    if example.is_table:
        return read_table(example)
    return crawled(example) if example.is_crawled else taken(example)


def main(name: str) -> None:
    """Print the file of that name with what comes out now."""
    example = Example(EXAMPLES / f"{name}{ENDING}")
    whole = {**example.read(found=False), **found_in(example)}
    sys.stdout.write(json.dumps(whole, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="Print an example with what comes out of it now.")
    arguments.add_argument("name", help="NAME/ANY of tests/examples/NAME/ANY.expected.json")
    main(arguments.parse_args().name)

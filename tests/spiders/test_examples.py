"""Example pages of every platform with the posts that a person reviewed: tests/examples/PLATFORM/NAME.json says which
pages are served at which paths (under http://zarechny.example) and what comes out. A new platform adds its own.
"""

import io
import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from scrapy.settings import Settings
from scrapy.spiderloader import SpiderLoader

from crawler.given import Line, given_post, read_lines
from crawler.model.city import Source, SourceRole
from crawler.model.items import Post, Skipped
from crawler.platforms import PLATFORMS
from spiders.base import SourceSpider
from tests.crawling import Page, Pages, pages, run_spider, source_at

EXAMPLES = Path(__file__).parent.parent / "examples"
SITE = "http://zarechny.example"
EXPECTED = sorted(EXAMPLES.glob("*/*.json"))
TYPES = {".html": "text/html", ".xml": "application/xml", ".json": "application/json"}


@cache
def spider_of(platform: str) -> type[SourceSpider]:
    loader = SpiderLoader.from_settings(Settings({"SPIDER_MODULES": ["spiders"]}))
    spider = loader.load(PLATFORMS[platform].spider)
    assert issubclass(spider, SourceSpider)
    return spider


def read(post: Post) -> dict[str, Any]:
    """A post as the expected files write it: what is not there is left out."""
    values = {
        "id": post.id,
        "kind": post.kind.value,
        "url": post.url,
        "title": post.title,
        "text": post.text,
        "author": [post.author.role.value, post.author.platform_id, post.author.name] if post.author else None,
        "published_at": post.published_at.astimezone(UTC).isoformat() if post.published_at else "",
        "precision": post.precision.value,
        "published_text": post.published_text,
        "edited": post.edited,
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


def crawled(path: Path, example: dict[str, Any]) -> dict[str, Any]:
    """What the platform's spider makes of the example's pages."""
    answers: Pages = {}
    with pages(answers) as site:
        for address, file in example["pages"].items():
            body = (path.parent / file).read_bytes().replace(SITE.encode(), site.url.encode())
            answers[address] = Page(body, headers={"Content-Type": TYPES[Path(file).suffix]})
        source = source_at(
            site.url + example["source"],
            platform=path.parent.name,
            zone=ZoneInfo(example["zone"]),
            role=SourceRole(example["role"]),
            backfill=timedelta(days=60),
        )
        got = run_spider(spider_of(path.parent.name), source, at=datetime.fromisoformat(example["now"]))
        found = {
            "posts": [read(post) for post in got.posts],
            "skipped": [[item.key, item.reason] for item in got.items if isinstance(item, Skipped)],
            "errors": dict(got.spider.errors),
        }
        local = urlsplit(site.url).netloc
    restored: dict[str, Any] = json.loads(json.dumps(found).replace(local, urlsplit(SITE).netloc))
    return restored


def taken(path: Path, example: dict[str, Any]) -> dict[str, Any]:
    """What `otklik ingest` makes of the example's lines: the platform of given posts has no spider."""
    source = Source("ingest", "given", "", ZoneInfo(example["zone"]))
    posts = []
    for line in read_lines(io.BytesIO((path.parent / example["lines"]).read_bytes())):
        assert isinstance(line, Line)
        post = given_post(line, {"ingest": source}, datetime.fromisoformat(example["now"]))
        assert isinstance(post, Post)
        posts.append(read(post))
    return {"posts": posts, "skipped": [], "errors": {}}


def by_id(posts: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {post["id"]: post for post in posts}


@pytest.mark.parametrize("path", EXPECTED, ids=[f"{path.parent.name}/{path.stem}" for path in EXPECTED])
def test_an_example_gives_the_posts_that_were_reviewed(path: Path) -> None:
    example = json.loads(path.read_text(encoding="utf-8"))
    got = (crawled if PLATFORMS[path.parent.name].spider else taken)(path, example)
    assert by_id(got["posts"]) == by_id(example["posts"])
    assert got["skipped"] == example["skipped"]
    assert got["errors"] == example["errors"]


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_every_platform_has_an_example(platform: str) -> None:
    assert [path for path in EXPECTED if path.parent.name == platform], f"add one in tests/examples/{platform}"


@pytest.mark.parametrize("path", EXPECTED, ids=[f"{path.parent.name}/{path.stem}" for path in EXPECTED])
def test_an_expected_file_says_something(path: Path) -> None:
    posts = json.loads(path.read_text(encoding="utf-8"))["posts"]
    assert posts
    for post in posts:
        empty = [name for name, value in post.items() if value in (None, "", [], {}, False)]
        assert not empty, f"{post.get('id')}: leave out what is not there, do not write it as empty: {empty}"
        assert {"id", "kind", "author"} <= post.keys() or path.parent.name == "given"
        assert {"text", "media", "poll", "location"} & post.keys(), f"{post['id']}: nothing to read"
        assert {"published_at", "published_text"} & post.keys(), f"{post['id']}: no time"


def test_every_example_page_is_used() -> None:
    used = {path.parent / file for path in EXPECTED for file in _files(path)}
    pages_there = {path for path in EXAMPLES.glob("*/*") if path.suffix != ".json"}
    assert pages_there == used


def _files(path: Path) -> list[str]:
    example = json.loads(path.read_text(encoding="utf-8"))
    return [*example.get("pages", {}).values(), *filter(None, [example.get("lines")])]

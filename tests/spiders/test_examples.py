"""What every platform with examples must do; tests/spiders/examples.py says how they look. A new one adds its own."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.environment import CHECKOUT
from crawler.model.crawled import Gone
from crawler.platforms import PLATFORMS
from tests.spiders.examples import ALL, ENDING, EXAMPLES, Example, found_in, served, shown

CRAWLED = [example for example in ALL if example.is_crawled]
PAGES = [(example, page) for example in CRAWLED for page in example.read()["pages"]]


def by_id(posts: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {post["id"]: post for post in posts}


def name_of(value: object) -> str:
    return value.name if isinstance(value, Example) else str(value)


@pytest.mark.parametrize("example", ALL, ids=name_of)
def test_an_example_gives_the_posts_that_were_reviewed(example: Example) -> None:
    told, got = example.read(), found_in(example)
    assert by_id(got["posts"]) == by_id(told["posts"])
    assert got["skipped"] == told["skipped"]
    assert got["errors"] == told["errors"]


@pytest.mark.parametrize("example", CRAWLED, ids=name_of)
def test_the_next_crawl_goes_on_where_this_one_ended(example: Example) -> None:
    with served(example) as here:
        first = here.crawl()
        again = here.crawl(first.cursor)
    assert first.cursor, "no Checkpoint: the next crawl would begin anew"
    assert set(again.spider.errors) <= set(first.spider.errors)
    assert again.spider.broken == ""
    seen = by_id([shown(post) for post in first.posts])
    assert {post.id: shown(post) for post in again.posts}.items() <= seen.items()
    assert not [item for item in again.items if isinstance(item, Gone)]


@pytest.mark.parametrize(("example", "page"), PAGES, ids=name_of)
def test_what_a_failed_page_held_comes_with_the_next_crawl(example: Example, page: str) -> None:
    with served(example) as here:
        whole = here.crawl()
        here.serve(failing=page)
        first = here.crawl()
        here.serve()
        # Without a re-visit, which reads old pages anyhow, the cursor alone must know what was not read.
        strict = here.crawl(first.cursor, later=timedelta(hours=1), revisit=timedelta(0))
        second = here.crawl(first.cursor, later=timedelta(hours=1))
    assert "http 500" in first.spider.errors
    assert {post.id for post in [*first.posts, *strict.posts]} == {post.id for post in whole.posts}
    came = {post.id: (post.title, post.text) for post in [*first.posts, *second.posts]}
    assert came == {post.id: (post.title, post.text) for post in whole.posts}
    assert not [item for crawl in (first, strict, second) for item in crawl.items if isinstance(item, Gone)]


@pytest.mark.parametrize("platform", sorted(PLATFORMS))
def test_every_platform_has_an_example(platform: str) -> None:
    here = [example for example in ALL if example.platform == platform]
    assert here, f"add tests/examples/{platform}/NAME{ENDING}"


@pytest.mark.parametrize("example", ALL, ids=name_of)
def test_an_expected_file_says_something(example: Example) -> None:
    posts = example.read()["posts"]
    assert posts
    for post in posts:
        empty = [name for name, value in post.items() if value in (None, "", [], {}, False, "none")]
        assert not empty, f"{post.get('id')}: leave out what is not there, do not write it as empty: {empty}"
        assert {"id", "kind", "author"} <= post.keys() or not example.is_crawled
        assert {"text", "media", "poll", "location"} & post.keys(), f"{post['id']}: nothing to read"
        assert {"published_at", "published_text"} & post.keys(), f"{post['id']}: no time"


def test_every_example_page_is_used() -> None:
    used = {path for example in ALL for path in example.files}
    assert {path for path in EXAMPLES.glob("*/*") if not path.name.endswith(ENDING)} == used


def test_an_expected_file_that_lacks_something_says_what(tmp_path: Path) -> None:
    whole = CRAWLED[0].read()
    path = tmp_path / CRAWLED[0].platform / f"new{ENDING}"
    path.parent.mkdir()
    for key in ("pages", "posts"):
        path.write_text(json.dumps({name: value for name, value in whole.items() if name != key}), encoding="utf-8")
        with pytest.raises(AssertionError, match=f"lacks {key}"):
            Example(path).read()


def test_what_is_printed_for_review_is_the_expected_file() -> None:
    example = next(one for one in CRAWLED if len(one.read()["posts"]) > 1)
    command = [sys.executable, "-m", "tests.spiders.examples", example.name]
    printed = json.loads(subprocess.run(command, cwd=CHECKOUT, check=True, capture_output=True).stdout)
    assert {**printed, "posts": by_id(printed["posts"])} == {**example.read(), "posts": by_id(example.read()["posts"])}

"""Every example of docs/query.md on everyone who answers queries: one meaning, and the one that the page says."""

from search.engine import Entry
from search.query import parse_query
from tests.search import page
from tests.search.engines.conftest import Opened
from tests.search.engines.saying import differing, everyone
from tests.search.page import CONTEXT, NAMES


def test_everyone_finds_what_the_page_says(opened: Opened, city: str) -> None:
    engine = opened(city)
    examples = list(page.examples())
    posts = [one.post for one in examples]
    engine.put([Entry(number, post.id, post) for number, post in enumerate(posts, 1)])
    engine.refresh()
    texts = list(dict.fromkeys([*(one.query for one in examples), *page.queries()]))
    asked = [parse_query(text, names=None if "KEY" in text else NAMES) for text in texts]
    said = everyone(asked, posts, {"engine": engine}, CONTEXT)
    assert differing(said, asked) == {}
    found = {(texts[number], post) for number, post in said["engine"]}
    assert [one for one in examples if ((one.query, one.post.id) in found) is not one.found] == []

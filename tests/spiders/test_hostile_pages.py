"""What a hostile page must not do to the loop that all crawls share. A test that hangs is the failure."""

import pytest

from pipelines.toponyms import PlaceFinder
from search.gazetteer import Gazetteer
from spiders import feed, telegram_media
from spiders.canonical import article_id, joined


def test_a_row_of_comments_behind_a_feed_is_read_once() -> None:
    assert feed._END.search("</rss>" + "<!---->" * 280 + "x") is None
    assert feed._END.search("</rss>\n<!-- a --> <!-- b -->\n") is not None


def test_a_row_of_backgrounds_is_read_once() -> None:
    assert telegram_media._BACKGROUND.search("background-image:url('//cdn.example/a.jpg')") is not None
    assert telegram_media._BACKGROUND.search("background-image:url(" * 5_000) is not None


def test_a_row_of_addresses_is_no_imprint() -> None:
    finder = PlaceFinder(Gazetteer.empty(""), "")
    assert finder.find("адрес" * 20_000) == ()
    assert finder.find("Адрес редакции: г. Саранск, ул. Кирова, д. 63") == ()


@pytest.mark.parametrize("broken", ["http://[x", "//[", "http://[::1"])
def test_what_is_no_url_is_nothing(broken: str) -> None:
    assert joined("https://news.example/", broken) == ""
    assert article_id("https://news.example/a", broken) == article_id("https://news.example/a", "")

"""What tells one article of a news site from another: addresses, declared ones, redirects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.canonical import canonical_url, declared_address, is_front, needs_script, same_name

SITE = "https://zarechny.example"


def test_queries_escaped_in_windows_1251_stay_different() -> None:
    one, other = (f"{SITE}/s?q={word}" for word in ("%E2%EE%E4%E0", "%F1%E2%E5%F2"))
    assert canonical_url(one) == one
    assert canonical_url(other) == other
    assert canonical_url(f"{SITE}/s?q=вода") == f"{SITE}/s?q=%D0%B2%D0%BE%D0%B4%D0%B0"


@given(st.binary(max_size=6), st.binary(max_size=6))
def test_no_two_queries_become_one(one: bytes, other: bytes) -> None:
    forms = {canonical_url(f"{SITE}/s?q=" + "".join(f"%{byte:02X}" for byte in value)) for value in (one, other)}
    assert len(forms) == len({one, other})


def test_the_mark_of_a_feed_goes_and_an_article_called_by_it_stays() -> None:
    assert {canonical_url(f"{SITE}/a?rss{mark}") for mark in ("", "=", "=1", "=y")} == {f"{SITE}/a"}
    assert canonical_url(f"{SITE}/a?rss=125") == f"{SITE}/a?rss=125"


def test_a_fragment_that_is_the_page_stays() -> None:
    hashbang, slash = canonical_url(f"{SITE}/#!/n/1"), canonical_url(f"{SITE}/app#/n/2")
    assert (hashbang, slash) == (f"{SITE}/#!/n/1", f"{SITE}/app#/n/2")
    assert needs_script(hashbang)
    assert not is_front(hashbang)
    assert canonical_url(f"{SITE}/a#comments") == f"{SITE}/a"
    assert not needs_script(f"{SITE}/a")


@pytest.mark.parametrize(
    ("url", "declared", "expected"),
    [
        ("/news/voda", "/news/", ""),
        ("/news/2026/voda", "/news", ""),
        ("/news-voda", "/news", f"{SITE}/news"),
        ("/news/5?x=1", "/news/5", f"{SITE}/news/5"),
        ("/voda", "/", ""),
        ("/voda", "http://[bad", ""),
    ],
)
def test_a_section_is_no_articles_address(url: str, declared: str, expected: str) -> None:
    assert declared_address(SITE + url, declared) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("/news/na-lesnoy-net-vody", "/2026/na-lesnoy-net-vody.html", True),
        ("/news/12345", "/2026/12345-voda", True),
        ("/news/125.html", "/archive/125", True),
        ("/news/12345", "/news/12346", False),
        ("/news/12345", "/login?id=12345", False),
        ("/a/index.php", "/b/index.php", False),
        ("/itogi-2026", "/arhiv-2026", False),
        ("/news/12345", "/news", False),
        ("/news/12345", "", False),
    ],
)
def test_a_moved_article_is_known_by_its_own_name_alone(one: str, other: str, same: bool) -> None:
    assert same_name(SITE + one, SITE + other) is same

from concurrent.futures import ThreadPoolExecutor

from markupsafe import Markup

from crawler.console import rendering
from crawler.console.rendering import kept
from crawler.model.text import locale_of


def test_a_part_is_put_together_once_for_each_key_and_language() -> None:
    made: list[str] = []

    def telling(what: str) -> Markup:
        made.append(what)
        return Markup("<b>{}</b>").format(what)

    for _ in range(2):
        with locale_of("ru"):
            assert kept("t", ("a", 1), lambda: telling("а")) == "<b>а</b>"
        with locale_of("en"):
            assert kept("t", ("a", 1), lambda: telling("a")) == "<b>a</b>"
        assert kept("other", ("a", 1), lambda: telling("o")) == "<b>o</b>"
        assert kept("t", ("a", 2), lambda: telling("2")) == "<b>2</b>"
    assert sorted(made) == sorted(["а", "a", "o", "2"])


def test_no_more_is_kept_than_is_bounded_and_threads_agree() -> None:
    def ask(number: int) -> bool:
        return kept("bounded", number, lambda: Markup(number)) == str(number)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(2 * rendering.MOST_KEPT)))
    assert len(rendering._KEPT) <= rendering.MOST_KEPT

"""What a source of the platform `page` may say in its options: CSS selectors, numbers, whether scripts must run."""

from collections.abc import Mapping

from crawler.model.city import Source
from crawler.model.text import Text

SELECTORS = ("item", "link", "title", "date", "text", "key", "next")
NO_LINK = "no"
"""What `link` says of a list whose items have no pages: they are the posts."""
_OTHERS = ("javascript", "articles", "pages")
_ELEMENTS = ("item",)


def needs_browser(source: Source) -> bool:
    """Whether its pages are filled in by scripts."""
    return source.options.get("javascript") == "yes"


def check_list_options(options: Mapping[str, str]) -> dict[str, Text]:
    """What is wrong with which option of a list; whole numbers are judged elsewhere."""
    wrong = {}
    for name, written in options.items():
        if name not in (*SELECTORS, *_OTHERS):
            names = ", ".join((*SELECTORS, *_OTHERS))
            wrong[name] = Text(f"такой настройки нет, можно: {names}", f"there is no such option, allowed: {names}")
        elif name == "javascript" and written not in {"yes", "no"}:
            wrong[name] = Text('ожидается "yes" или "no"', '"yes" or "no" is expected')
        elif name in SELECTORS and not (name == "link" and written == NO_LINK) and (why := _flaw(name, written)):
            wrong[name] = Text(f"это не селектор CSS: {why}", f"this is no CSS selector: {why}")
    return wrong


def _flaw(name: str, selector: str) -> str:
    """Why parsel cannot use a selector; "" if it can."""
    from cssselect import SelectorError
    from parsel.csstranslator import HTMLTranslator

    try:
        HTMLTranslator().css_to_xpath(selector)
    except SelectorError as error:
        return str(error)
    return "item selects elements, not ::text or ::attr()" if name in _ELEMENTS and "::" in selector else ""

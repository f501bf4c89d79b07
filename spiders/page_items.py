"""The items of a list where nobody named them: brothers in the page that look alike, say something, and have dates."""

import re
from collections import defaultdict
from typing import Any

_FEWEST = 2
_SHORTEST = 15
_MOST_LOOKED_AT = 20_000
_AROUND = frozenset({"nav", "header", "footer", "aside", "form", "head"})
_NAME = re.compile(r"[A-Za-z_][\w-]*", re.ASCII)
_DATE = re.compile(
    r"\d{1,2}[.\s](?:\d{1,2}|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)|\d{1,2}:\d{2}|сегодня|вчера|назад",
    re.IGNORECASE,
)


def likely_items(root: Any) -> list[Any]:
    """The elements of the likeliest list of a page, in order; none where nothing repeats."""
    groups: defaultdict[tuple[Any, str, str], list[Any]] = defaultdict(list)
    for count, node in enumerate(root.iter()):
        if count > _MOST_LOOKED_AT:
            break
        if isinstance(node.tag, str) and node.getparent() is not None and not _is_around(node):
            first = (node.get("class") or "").split()[:1]
            groups[(node.getparent(), node.tag, "".join(first))].append(node)
    alike = [group for group in groups.values() if len(group) >= _FEWEST]
    best = max(alike, key=_worth, default=[])
    return best if best and _worth(best) > 0 else []


def _worth(group: list[Any]) -> float:
    """How much a list of news it is: its words, more with dates and links; nothing without either."""
    texts = [" ".join(node.text_content().split()) for node in group]
    said = [text for text in texts if len(text) >= _SHORTEST]
    if len(said) < _FEWEST:
        return 0
    dated = sum(bool(_DATE.search(text)) for text in said) / len(group)
    linked = sum(node.tag == "a" or node.find(".//a") is not None for node in group) / len(group)
    return float(min(sum(map(len, said)), 20_000) * (dated + linked / 4))


def _is_around(node: Any) -> bool:
    """Whether it belongs to what stands around the content."""
    while node is not None:
        if node.tag in _AROUND:
            return True
        node = node.getparent()
    return False


def shape_of(node: Any) -> str:
    """A CSS selector of what looks like it; "" where nothing tells it from others."""
    names = [name for name in (node.get("class") or "").split()[:1] if _NAME.fullmatch(name)]
    return f"{node.tag}.{names[0]}" if names else node.tag if node.tag == "article" else ""

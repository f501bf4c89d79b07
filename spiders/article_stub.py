"""Pages that keep their article back: a paywall behind its first lines, a wall of consent in its place."""

import json
import re
from collections.abc import Iterator
from typing import Any

from spiders.article_around import ArticlePage
from spiders.article_text import line_of

PAYWALL = "paywall"
"""The rest is for subscribers, or for those who log in."""
COOKIE_WALL = "cookie wall"
"""The page asks for consent and shows nothing else."""
_READ = r"(читать|дочитать|прочитать|продолжить|увидеть|получить доступ|чтения|продолжения)"
_JOIN = r"(войдите|авторизуйтесь|зарегистрируйтесь|оформите|подпишитесь|купите|оплатите|необходимо|нужно)"
_GATE = re.compile(
    r"(продолжение|полн(ый|ая) (текст|верси[яю]|стать[яю])|(эта |этот )?(материал|стать[яю]|текст)( полностью)?|"
    r"остальное|доступ( к (материалу|статье|тексту))?)\b.{0,60}"
    r"\b(подписчик\w*|подписк\w*|зарегистрирован\w*|авториз\w*|после (входа|оплаты))\b.{0,60}|"
    rf"(чтобы|для|для того,? чтобы) {_READ}\b.{{0,60}}\b{_JOIN}\b.{{0,60}}|"
    rf"{_JOIN}\b.{{0,40}}\b(чтобы|для)\b.{{0,10}}\b{_READ}.{{0,60}}",
    re.IGNORECASE,
)
_LONGEST_GATE = 160
_LONGEST_STUB = 1_500
_CONSENT = re.compile(
    r"\bcookie\b|\bcookies\b|\bкуки\b|конфиденциальност|персональн\w+ данн|персонализирован", re.IGNORECASE
)
_ACCEPT = re.compile(r"(принять|принимаю|согласен|согласиться|разрешить|хорошо|accept|ok|ок)\b.{0,20}", re.IGNORECASE)
_LONGEST_WALL = 3_000
_GATES = frozenset({"p", "div", "span", "b", "strong", "h2", "h3", "h4", "h5", "a", "td", "section"})


def take_out_gate(page: ArticlePage) -> bool:
    """Take out of a page what bars the rest of its article; whether there is such a thing."""
    gates = [node for node in page.tree.iter(*_GATES) if _is_gate(node)]
    for node in gates:
        section = page.section_of(node, surely=False)
        if section is not None and section.getparent() is not None:
            section.drop_tree()
    return bool(gates)


def _is_gate(node: Any) -> bool:
    if len(node.text or "") > _LONGEST_GATE:
        return False
    line = line_of(node)
    return bool(line and len(line) <= _LONGEST_GATE and _GATE.fullmatch(line.rstrip(" .!:…")))


def is_stub(text: str) -> bool:
    """Whether a text that a gate follows is but the beginning: some pages hold all of it behind their gate."""
    return len(text) <= _LONGEST_STUB


def is_for_payment(tree: Any) -> bool:
    """Whether a page tells machines that its article is not free."""
    return any(free is False for free in _free(tree))


def _free(tree: Any) -> Iterator[bool]:
    """What JSON-LD says in `isAccessibleForFree`."""
    for script in tree.xpath("//script[@type='application/ld+json']/text()"):
        try:
            yield from (str(value).lower() != "false" for value in _values(json.loads(script)))
        except (ValueError, RecursionError):
            continue


def _values(value: Any) -> Iterator[object]:
    if isinstance(value, dict):
        if "isAccessibleForFree" in value:
            yield value["isAccessibleForFree"]
        for inner in value.values():
            yield from _values(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _values(inner)


def is_cookie_wall(tree: Any) -> bool:
    """Whether a page, as it came, asks for consent to cookies and says little else."""
    lines = [line for node in tree.iter("p", "h1", "h2", "h3", "li", "div") if (line := _own_line(node))]
    said = sum(map(len, lines))
    asked = sum(len(line) for line in lines if _CONSENT.search(line))
    if not said or said > _LONGEST_WALL or 2 * asked < said:
        return False
    return any(_ACCEPT.fullmatch(line_of(node)) for node in tree.iter("button", "a", "input"))


def _own_line(node: Any) -> str:
    """What an element says beside the elements within it."""
    return " ".join(" ".join([node.text or "", *(child.tail or "" for child in node)]).split())

"""Lines of an article's text that are none of it, by small named rules; and the text of an element on one line."""

import re
from collections.abc import Callable, Sequence
from itertools import dropwhile, islice
from typing import Any

_MOST_INNER = 20
_LONGEST_LINE = 2_000
_LONGEST_CALL = 250
_CALL = re.compile(
    r"(подпи(сывайтесь|шитесь|шись)|вступайте|присоединяйтесь|читайте нас|следите за (нами|новостями))\b.*|"
    r"больше новостей\b.*|(есть что рассказать|стали свидетелем|хотите рассказать)\b.*|(присылайте|пишите) нам\b.*",
    re.IGNORECASE,
)
_SERVICE = re.compile(
    r"(версия для печати|распечатать|поделиться|обсудить|возврат к списку|вернуться к списку|назад к списку)\b.{0,80}|"
    r"(просмотров|прочитано|просмотры|прочтений|нравится)\W*\d[\d\s]*|"
    r".{0,60}\bctrl\s*\+\s*enter\b.{0,60}|реклама\b.*\berid\b.*|.{0,20}\berid:?\s*\w{8,}.*|"
    r"(читайте|смотрите) (также|ещ[её]|по теме)\b.*|(метки|теги)\s*:.*|"
    r".*\b(использу|применя)(ем|ет) (файлы )?cookie\b.*|.*\bвы (соглашаетесь|принимаете|да[её]те согласие)\b.*",
    re.IGNORECASE,
)
_CREDIT = re.compile(
    r"((текст|автор|источник|фото|иллюстраци[яи]|изображение|видео)( и |, | )?)+(:|©|предоставлен\w*).{0,80}|©.{0,80}",
    re.IGNORECASE,
)
_PUBLISHER = re.compile(
    r"редакци[яию]\b|редактор|учредител|издател|сетевое издание|\bгазет[аы]\b|свидетельство о регистрации|"
    r"при перепечатке|перепечатка|подписной индекс|юридический адрес|\bинн\b|©|карта сайта|все права защищены",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"\b\d{6}\b|\b(ул|пр|просп|пер|пл|наб|б-р)\.|\bтел(ефон\w*)?\b|\+7\b|\b8 ?\(\d{3,5}\)|@", re.IGNORECASE
)
_LONGEST_IMPRINT = 400
_MOST_AT_THE_END = 6


def line_of(node: Any) -> str:
    """The text of a small element on one line, "" of a big one, so that elements within elements cost no square."""
    pieces: list[str] = []
    for count, inner in enumerate(islice(node.iter(), _MOST_INNER + 1)):
        if count == _MOST_INNER:
            return ""
        pieces.append((inner.text or "") if isinstance(inner.tag, str) else "")
        if inner is not node:
            pieces.append(inner.tail or "")
        if sum(map(len, pieces)) > _LONGEST_LINE:
            return ""
    return " ".join("".join(pieces).split())


def without_surroundings(text: str, heads: set[str]) -> str:
    """The text without first lines that only repeat the title or print the date (`heads`), calls to subscribe, service
    lines, credits, and an imprint at its end.
    """
    lines = dropwhile(lambda line: " ".join(line.split()) in heads or not line.strip(), text.split("\n"))
    kept = [line for line in lines if not is_around(line)]
    return "\n".join(_without_imprint(kept)).strip()


def is_around(line: str) -> bool:
    """Whether a line says nothing of the article."""
    said = " ".join(line.removeprefix("- ").strip(" *»→►•").split())
    return len(said) <= _LONGEST_CALL and any(rule(said) for rule in LINE_RULES)


def call(line: str) -> bool:
    """«Подписывайтесь на наш Telegram-канал», «Присылайте нам новости»."""
    return bool(_CALL.fullmatch(line))


def service(line: str) -> bool:
    """«Версия для печати», «Просмотров: 12», «нажмите Ctrl+Enter», «erid»."""
    return bool(_SERVICE.fullmatch(line))


def credit(line: str) -> bool:
    """«Фото: пресс-служба»."""
    return bool(_CREDIT.fullmatch(line))


LINE_RULES: tuple[Callable[[str], bool], ...] = (call, service, credit)


def _without_imprint(lines: Sequence[str]) -> Sequence[str]:
    """Without the publisher with his address or telephone, and what follows, among the last lines."""
    for at in range(max(1, len(lines) - _MOST_AT_THE_END), len(lines)):
        line = lines[at]
        if len(line) <= _LONGEST_IMPRINT and _PUBLISHER.search(line) and _CONTACT.search(line):
            return lines[:at]
    return lines

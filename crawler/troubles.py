"""The words under which failures of sources are counted, and what each says to people. What to do about one stands in
the advice of its platform.
"""

import re
from collections.abc import Mapping

from crawler.fetching.browser import NO_BROWSER, NO_SANDBOX
from crawler.model.text import Text

TROUBLES = {
    "dns": Text(
        "адрес сайта не найден: нет интернета или в нём опечатка", "its name is unknown: no internet, or a typo"
    ),
    "timeout": Text("сайт не ответил вовремя", "the site did not answer in time"),
    "no connection": Text("сайт не принимает соединений", "the site takes no connections"),
    "connection": Text("соединение оборвалось", "the connection broke"),
    "cut off": Text("ответ оборвался", "the answer was cut off"),
    "tls": Text("сертификат или шифрование сайта не приняты", "its certificate or encryption was not accepted"),
    "robots": Text("robots.txt сайта это запрещает", "its robots.txt forbids it"),
    "paused": Text("сайт просил подождать", "the site asked for a pause"),
    "refused": Text("адрес внутренней сети не разрешён", "an address of an inner network is not allowed"),
    "redirects": Text("слишком много переадресаций", "too many redirects"),
    "too large": Text("страница слишком велика", "the page is too large"),
    NO_BROWSER: Text("нет Chromium", "there is no Chromium"),
    NO_SANDBOX: Text("песочница Chromium не включается", "the sandbox of Chromium cannot be had"),
    "browser": Text("браузер не открыл страницу", "the browser did not open the page"),
    "no token": Text("токен не задан", "no token is set"),
    "token": Text("токен не принят", "the token is not taken"),
    "token expired": Text("срок токена истёк", "the token has expired"),
    "bad row": Text("строки не приняты", "rows were not taken"),
    "bad value": Text("значения не поняты", "values were not understood"),
    "being written": Text("файл ещё пишется", "the file is still being written"),
    "bug": Text("ошибка Отклика, она в журнале", "a bug of Otklik, see its log"),
    "empty": Text("страница пуста", "the page is empty"),
    "no posts": Text("публикаций нет", "there are no posts"),
    "no text": Text("статья без текста", "an article without a text"),
    "not a feed": Text("по адресу не лента", "the address is no feed"),
    "broken feed": Text("лента испорчена", "the feed is broken"),
    "not a page": Text("по адресу не страница", "the address is no page"),
    "not a file": Text("это не файл", "it is no file"),
    "markup": Text("вёрстка страницы не понята", "the markup of the page was not understood"),
    "scripts": Text("странице нужен браузер", "the page needs a browser"),
    "bot check": Text("сайт проверяет, не робот ли это", "the site checks for robots"),
    "paywall": Text("статья только для подписчиков", "an article for subscribers only"),
    "cookie wall": Text("сайт требует согласия на cookie", "the site asks for consent to cookies"),
    "moved": Text("статья переехала", "the article has moved"),
    "front page": Text("вместо статьи главная страница", "the front page in place of an article"),
    "canonical": Text("статья называет другой адрес", "the article names another address"),
    "same item": Text("статья дважды в ленте", "an article twice in the feed"),
    "empty item": Text("пустая запись ленты", "an empty item of the feed"),
    "slow page": Text("страница открывается слишком долго", "the page opens too slowly"),
    "slow list": Text("список читается слишком долго", "the list is read too slowly"),
    "long list": Text("список слишком длинный", "the list is too long"),
    "no preview": Text("у канала нет открытого просмотра", "the channel has no public preview"),
    "no channel": Text("канала нет", "there is no such channel"),
    "other channel": Text("открылся другой канал", "another channel opened"),
    "address": Text("адрес не годится", "the address will not do"),
    "option": Text("настройка источника не понята", "an option of the source was not understood"),
    "cursor": Text("отметка о прочитанном испорчена", "the mark of what was read is broken"),
    "attachment": Text("вложения не поняты", "attachments were not understood"),
    "unreadable": Text("записи не поняты", "posts were not understood"),
    "vk trouble": Text("неполадка на стороне ВК", "trouble on VK's side"),
    "too fast": Text("вызовов слишком много за секунду", "too many calls a second"),
    "flood": Text("слишком много одинаковых вызовов", "too many calls alike"),
    "quota": Text("вызовы на сегодня кончились", "the day's calls are used up"),
    "captcha": Text("ВК просит ввести капчу", "VK asks for a captcha"),
    "validation": Text("ВК просит подтвердить вход", "VK asks to confirm the sign-in"),
    "not permitted": Text("токену это не разрешено", "the token may not do this"),
    "closed wall": Text("стена закрыта", "the wall is closed"),
    "deleted wall": Text("страница удалена или заблокирована", "the page was deleted or blocked"),
    "closed comments": Text("комментарии закрыты", "comments are closed"),
    "bad call": Text("ВК не понял вызова", "VK did not understand the call"),
    "unknown error": Text("неизвестная ошибка ВК", "an unknown error of VK"),
}
_STATUS = re.compile(r"http (\d{3})")
_FILE = "file: "


def told(errors: Mapping[str, int]) -> str:
    """Every word with its count: in Russian what it says, in English the word too, for logs and metrics have it."""
    return ", ".join(_one(word, count) for word, count in sorted(errors.items()))


def says(word: str) -> Text | None:
    """What a word says, None where it has no text here."""
    if status := _STATUS.fullmatch(word):
        return Text(f"сайт ответил ошибкой {status[1]}", f"the site answered with the error {status[1]}")
    return TROUBLES.get(word.removeprefix(_FILE))


def _one(word: str, count: int) -> str:
    said = says(word)
    if said is None:
        return f"{word} {count}"
    return str(Text(f"{said.ru} ({count})", f"{word} {count} ({said.en})"))

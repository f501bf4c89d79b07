"""The words under which failures of sources are counted, and what each says to people. Words of one platform alone have
their text in its advice.
"""

from collections.abc import Mapping

from crawler.fetching.browser import NO_BROWSER
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
    "browser": Text("браузер не открыл страницу", "the browser did not open the page"),
    "no token": Text("токен не задан", "no token is set"),
    "token": Text("токен не принят", "the token is not taken"),
    "bad row": Text("строки не приняты", "rows were not taken"),
    "bad value": Text("значения не поняты", "values were not understood"),
    "being written": Text("файл ещё пишется", "the file is still being written"),
    "bug": Text("ошибка Отклика, она в журнале", "a bug of Otklik, see its log"),
}


def told(errors: Mapping[str, int]) -> str:
    """Every word with its count, and what it says in brackets where it has a text here."""
    return ", ".join(
        f"{word} {count}" + (f" ({TROUBLES[word]})" if word in TROUBLES else "")
        for word, count in sorted(errors.items())
    )

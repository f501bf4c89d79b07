"""What VK's errors mean, one handling each: https://dev.vk.com/reference/errors, and the errors of its API schema."""

from dataclasses import dataclass
from enum import StrEnum

from crawler.model.errors import OtklikError
from crawler.model.text import Text


class Handling(StrEnum):
    """What is done about an error."""

    RETRY = "retry"
    """VK's own trouble: the same call again after a pause, a few times; then the next crawl."""
    SLOW = "slow"
    """Too many calls a second: nobody calls with this token for a moment, then the same call again."""
    LATER = "later"
    """Too many calls alike: this method rests, the next crawls go on."""
    SPENT = "spent"
    """The day's calls are used up: this method rests until VK's next day."""
    TOKEN = "token"  # noqa: S105 - a word, no secret
    """The token is not taken, or wants a person: it rests an hour, and the administrator is told."""
    NEVER = "never"
    """This token may not do this, now or later: the city file is to be mended."""
    WALL = "wall"
    """The wall is closed, blocked or deleted: the source cannot be read."""
    COMMENTS = "comments"
    """The comments of this post are closed; everything else goes on."""
    BUG = "bug"
    """We asked wrongly: it is ours to mend."""


@dataclass(frozen=True, slots=True)
class Fault:
    """How an error is handled, the one word under which it is counted, and what to tell people."""

    handling: Handling
    word: str
    text: Text


_RETRY = Fault(
    Handling.RETRY,
    "vk trouble",
    Text(
        ru="Неполадка на стороне ВК. Делать ничего не нужно: следующий обход прочтёт остальное.",
        en="Trouble on VK's side. Nothing is to be done: the next crawl reads the rest.",
    ),
)
_SLOW = Fault(
    Handling.SLOW,
    "too fast",
    Text(
        ru="Слишком много вызовов в секунду: тем же токеном пользуется ещё кто-то. Заведите Отклику свой токен или "
        "уменьшите a_second у токена.",
        en="Too many calls a second: somebody else uses the same token. Give Otklik a token of its own, or lower "
        "a_second of the token.",
    ),
)
_LATER = Fault(
    Handling.LATER,
    "flood",
    Text(
        ru="ВК считает вызовы однообразными (flood control) и просит подождать. Отклик отдохнёт сам; если это "
        "повторяется, увеличьте every источников.",
        en="VK finds the calls too much alike (flood control) and wants a pause. Otklik rests by itself; if it comes "
        "again, raise `every` of the sources.",
    ),
)
_SPENT = Fault(
    Handling.SPENT,
    "quota",
    Text(
        ru="Вызовы этого метода на сегодня исчерпаны, до полуночи по Москве их не будет. Увеличьте every источников "
        "или добавьте второй токен.",
        en="The calls of this method are used up for today, until midnight in Moscow. Raise `every` of the sources, or "
        "add a second token.",
    ),
)
_CAPTCHA = Fault(
    Handling.TOKEN,
    "captcha",
    Text(
        ru="ВК требует ввести код с картинки. Отклик этого не делает: токен отдыхает час. Уменьшите частоту или "
        "возьмите сервисный ключ своего приложения: у него кода не спрашивают.",
        en="VK wants a captcha solved. Otklik never does that: the token rests for an hour. Ask less often, or take "
        "the service key of an app of your own, which is not asked for one.",
    ),
)
_VALIDATION = Fault(
    Handling.TOKEN,
    "validation",
    Text(
        ru="ВК просит владельца токена подтвердить вход. Войдите в ВК под этим пользователем в браузере, "
        "подтвердите и выпустите токен заново.",
        en="VK wants the token's owner to confirm who they are. Log in to VK in a browser as that user, confirm, and "
        "issue the token anew.",
    ),
)
_TOKEN = Fault(
    Handling.TOKEN,
    "token",
    Text(
        ru="Токен не принят: он отозван, истёк или принадлежит удалённому пользователю или приложению. Выпустите "
        "новый и положите его в переменную окружения.",
        en="The token is not taken: it was revoked, has expired, or its user or app is gone. Issue a new one and put "
        "it into the environment variable.",
    ),
)
_EXPIRED = Fault(
    Handling.TOKEN,
    "token expired",
    Text(
        ru="Срок токена истёк. Выпустите новый и положите его в переменную окружения; у сервисного ключа приложения и "
        "у токена с правом offline срока нет.",
        en="The token has expired. Issue a new one and put it into the environment variable; the service key of an app "
        "and a token with the right `offline` do not expire.",
    ),
)
_NEVER = Fault(
    Handling.NEVER,
    "not permitted",
    Text(
        ru="Этому токену такой вызов не разрешён. Нужен сервисный ключ приложения или токен пользователя с правом "
        "wall; проверьте kind токена в [tokens].",
        en="This token may not make this call. It takes a service key, or a user's token with the right `wall`; check "
        "the token's kind in [tokens].",
    ),
)
_WALL = Fault(
    Handling.WALL,
    "closed wall",
    Text(
        ru="Стена закрыта для этого токена: сообщество частное или ограничило доступ. Попросите владельца открыть "
        "её или уберите источник.",
        en="The wall is closed to this token: the community is private or limits access. Ask its owner to open it, or "
        "drop the source.",
    ),
)
_DELETED = Fault(
    Handling.WALL,
    "deleted wall",
    Text(
        ru="Страница удалена или заблокирована. Проверьте адрес: возможно, сообщество переехало.",
        en="The page was deleted or blocked. Check the address: the community may have moved.",
    ),
)
_COMMENTS = Fault(
    Handling.COMMENTS,
    "closed comments",
    Text(ru="Комментарии этой записи закрыты.", en="The comments of this post are closed."),
)
_BUG = Fault(
    Handling.BUG,
    "bad call",
    Text(
        ru="ВК не понял вызова: это ошибка Отклика. Сообщите разработчикам метод и код.",
        en="VK did not understand the call: that is a bug of Otklik. Tell the developers the method and the code.",
    ),
)
_UNKNOWN = Fault(
    Handling.BUG,
    "unknown error",
    Text(
        ru="ВК ответил ошибкой, которой Отклик не знает. Сообщите разработчикам метод и код.",
        en="VK answered with an error that Otklik does not know. Tell the developers the method and the code.",
    ),
)

NOT_FOUND = 104

FAULTS: dict[int, Fault] = {
    **dict.fromkeys((1, 10, 13, 32, 36, 43), _RETRY),
    6: _SLOW,
    9: _LATER,
    **dict.fromkeys((29, 601), _SPENT),
    **dict.fromkeys((14, 3300), _CAPTCHA),
    **dict.fromkeys((17, 24, 25, 41, 3301, 3302, 3303, 3304, 3609, 11500), _VALIDATION),
    **dict.fromkeys((2, 4, 5, 16, 27, 28, 37, 38, 42, 101, 1114, 1116, 1117, 1118, 3610, 3611), _TOKEN),
    **dict.fromkeys((7, 11, 20, 21, 23, 33, 34, 35), _NEVER),
    **dict.fromkeys((15, 30, 203, 210), _WALL),
    **dict.fromkeys((18, 19, 39, 40, NOT_FOUND), _DELETED),
    **dict.fromkeys((211, 212, 213), _COMMENTS),
    **dict.fromkeys((3, 8, 100, 103, 113, 125, 1260, 9999), _BUG),
}
"""By VK's code."""

ADVICE: dict[str, Text] = {
    **{fault.word: fault.text for fault in (*FAULTS.values(), _EXPIRED, _UNKNOWN)},
    "no token": Text(
        ru="Токена нет: задайте переменную окружения, которую называет [tokens], там, где запускается Отклик: cron и "
        "systemd переменных вашего терминала не видят.",
        en="There is no token: set the environment variable that [tokens] names where Otklik is started; cron and "
        "systemd do not see the variables of your terminal.",
    ),
}
"""What to tell people, by the word."""


class VkError(OtklikError):
    """VK answered with an error. `method` is what was called, `detail` VK's own words."""

    def __init__(self, method: str, code: int, detail: str = "") -> None:
        self.method = method
        self.code = code
        self.detail = detail
        known = FAULTS.get(code, _UNKNOWN)
        # One code says «revoked» and «expired» alike; VK's words tell them apart.
        self.fault = _EXPIRED if known is _TOKEN and "expired" in detail.lower() else known
        said = f"{method}: {code} {detail}".strip()
        super().__init__(Text(ru=f"ВК, {said}. {self.fault.text.ru}", en=f"VK, {said}. {self.fault.text.en}"))

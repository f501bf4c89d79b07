"""VK's official API, 5.199, without Scrapy: what a call looks like, what an answer means, what each token may do.

Whoever sends the bytes (a spider by Scrapy, a reply by GuardedClient) does it in this order: `turn` counts the call and
says how long to wait, `prepare` gives the request, `read` gives the answer or raises what VK said. One ledger for all.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from crawler.model.city import Token
from crawler.model.errors import OtklikError
from crawler.model.ports import Account, Allowance, Clock, Ledger, next_day
from crawler.model.text import Text
from crawler.platforms.vk_address import API
from crawler.platforms.vk_errors import Handling, VkError

VERSION = "5.199"
DAY_ZONE = ZoneInfo("Europe/Moscow")
"""VK tells only that its limits are «a day». It is taken as that of Moscow, where its people and most of its traffic
are; where VK counts otherwise its error 29 comes first, and the method rests all the same.
"""
_FLOOD_REST = timedelta(minutes=10)
_TOKEN_REST = timedelta(hours=1)
_SLOW_SECONDS = 1.0


class TokenKind(StrEnum):
    """Whose token it is."""

    USER = "user"
    COMMUNITY = "community"
    SERVICE = "service"


RATES: dict[TokenKind, float] = {TokenKind.USER: 3.0, TokenKind.COMMUNITY: 20.0, TokenKind.SERVICE: 5.0}
"""Calls a second of one token; a service key of a small app, a community's own community."""


@dataclass(frozen=True, slots=True)
class Method:
    """Which kinds of token may call a method, and how often a day (0: VK names no bound)."""

    kinds: frozenset[TokenKind]
    a_day: int = 0


_READERS = frozenset({TokenKind.USER, TokenKind.SERVICE})
METHODS: dict[str, Method] = {
    "wall.get": Method(_READERS, 5_000),
    "wall.getComments": Method(_READERS),
    "wall.search": Method(_READERS, 1_000),
    "newsfeed.search": Method(_READERS, 1_000),
    "utils.resolveScreenName": Method(frozenset(TokenKind)),
}
"""The access_token_type of each method in VK's API schema, and the daily bounds of https://dev.vk.com/api/api-requests."""

WALL_METHODS = ("wall.get", "wall.getComments", "utils.resolveScreenName")
"""What reading a wall calls."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a method with its parameters."""

    method: str
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is sent: a POST whose body is a form. The token is in the body alone, so neither a URL nor a log has it."""

    url: str
    headers: dict[str, str]
    body: bytes = field(repr=False)


class BrokenAnswerError(OtklikError):
    """What came is no answer of the API. `word` is the one word of it."""

    def __init__(self, method: str, word: str) -> None:
        super().__init__(
            Text(
                ru=f"ВК, {method}: ответ не похож на ответ API ({word}). Следующий обход попробует снова.",
                en=f"VK, {method}: what came is no answer of the API ({word}). The next crawl tries again.",
            )
        )
        self.word = word


class VkClient:
    """Calls with one token. `turn` and `read` use the ledger and may block."""

    def __init__(self, token: Token, secret: str, ledger: Ledger, clock: Clock, api: str = API) -> None:
        self.account = Account("vk", secret, DAY_ZONE)
        self._token = token
        self._kind = TokenKind(token.kind)
        self._ledger = ledger
        self._clock = clock
        self._api = api

    def turn(self, method: str) -> float:
        """Count a call that is about to be made; the seconds to wait before it is sent.

        OtklikError when this kind of token may not make it; RestingError when it may not now.
        """
        if self._kind not in METHODS[method].kinds:
            raise OtklikError(cannot(method, self._kind))
        return self._ledger.take(self.account, method, allowance(self._token, method))

    def prepare(self, call: Call) -> Prepared:
        """The request of a call."""
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        body = urlencode({**call.params, "v": VERSION, "access_token": self.account.token})
        return Prepared(self._api + call.method, headers, body.encode())

    def read(self, call: Call, status: int, body: bytes) -> Any:
        """The `response` of an answer. VkError for what VK said, after the ledger was told; BrokenAnswerError."""
        if status != 200:
            raise BrokenAnswerError(call.method, f"http {status}")
        try:
            answer = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise BrokenAnswerError(call.method, "not json") from error
        if isinstance(answer, dict) and "response" in answer:
            return answer["response"]
        told = answer.get("error") if isinstance(answer, dict) else None
        if not isinstance(told, dict) or not isinstance(told.get("error_code"), int):
            raise BrokenAnswerError(call.method, "no response")
        said = VkError(call.method, told["error_code"], str(told.get("error_msg", "")))
        self._tell(said)
        raise said

    def left(self) -> dict[str, int]:
        """How many calls of each bounded method are left today."""
        made = self._ledger.standing(self.account).calls
        bounds = {method: allowance(self._token, method).a_day for method in made}
        return {method: max(0, most - made[method]) for method, most in bounds.items() if most}

    def _tell(self, error: VkError) -> None:
        """Let the ledger know what concerns every user of the token."""
        now, word = self._clock.now(), error.fault.word
        match error.fault.handling:
            case Handling.SLOW:
                self._ledger.hold(self.account, _SLOW_SECONDS)
            case Handling.LATER:
                self._ledger.rest(self.account, word, now + _FLOOD_REST, error.method)
            case Handling.SPENT:
                self._ledger.rest(self.account, word, next_day(now, DAY_ZONE), error.method)
            case Handling.TOKEN:
                self._ledger.rest(self.account, word, now + _TOKEN_REST)
            case _:
                pass


def allowance(token: Token, method: str) -> Allowance:
    """How often a token may call a method: VK's own numbers, those of the city file in their place."""
    a_second = RATES[TokenKind(token.kind)] if token.a_second is None else token.a_second
    return Allowance(a_second, token.a_day.get(method, METHODS[method].a_day))


def bounds(token: Token) -> dict[str, int]:
    """The calls a day that a token has of what every crawl of a wall calls."""
    most = allowance(token, "wall.get").a_day
    return {"wall.get": most} if most else {}


def check_token(token: Token) -> list[Text]:
    """What keeps a token from reading walls; empty when nothing does."""
    kinds = ", ".join(TokenKind)
    if token.kind not in set(TokenKind):
        return [
            Text(
                ru=f"ВК важно, чей это токен: назовите kind ({kinds})",
                en=f"VK cares whose token it is: name its kind ({kinds})",
            )
        ]
    kind = TokenKind(token.kind)
    wrong = [cannot(method, kind) for method in WALL_METHODS if kind not in METHODS[method].kinds]
    wrong += [
        Text(
            ru=f"a_day: ВК не считает вызовы {method} или Отклик их не делает; есть: {', '.join(METHODS)}",
            en=f"a_day: VK does not count {method}, or Otklik does not call it; there are: {', '.join(METHODS)}",
        )
        for method in token.a_day
        if method not in METHODS
    ]
    return wrong


def cannot(method: str, kind: TokenKind) -> Text:
    """That a kind of token may not call a method, and which may."""
    kinds = ", ".join(sorted(METHODS[method].kinds))
    return Text(
        ru=f"{method} не вызвать токеном вида {kind}, можно: {kinds}",
        en=f"{method} cannot be called with a token of kind {kind}, allowed: {kinds}",
    )

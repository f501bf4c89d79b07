"""Which token may call what of VK, how often a second and how often a day."""

from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Literal

from demo.servers.vk_errors import VkError

Kind = Literal["service", "user", "community"]

RATES: dict[Kind, int] = {"user": 3, "community": 20, "service": 5}
"""Calls a second."""
DAILY = {"wall.get": 5000, "wall.search": 1000, "newsfeed.search": 1000}
"""Calls a day."""

_READS: frozenset[Kind] = frozenset({"user", "service"})
KINDS: dict[str, frozenset[Kind]] = {
    "wall.get": _READS,
    "wall.getById": _READS,
    "wall.getComment": frozenset({"user"}),
    "wall.getComments": _READS,
    "wall.search": _READS,
    "newsfeed.search": _READS,
    "board.getTopics": _READS,
    "board.getComments": _READS,
    "groups.getById": frozenset({"user", "service", "community"}),
    "users.get": frozenset({"user", "service", "community"}),
    "utils.resolveScreenName": frozenset({"user", "service", "community"}),
    "execute": frozenset({"user", "community"}),
}
"""Which tokens may call a method (`access_token_type` of the official schema)."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token. A community's belongs to `group_id`; `rate` None is what its kind has; a `revoked` one gets error 5."""

    value: str
    kind: Kind = "service"
    group_id: int = 0
    rate: int | None = None
    daily: dict[str, int] = field(default_factory=lambda: dict(DAILY))
    revoked: bool = False

    @property
    def a_second(self) -> int:
        """How many calls a second it has."""
        return RATES[self.kind] if self.rate is None else self.rate


class Limits:
    """Counts the calls of each token; `exceeded` counts who went over what, by (token, "rate" or the method)."""

    def __init__(
        self, tokens: Iterable[Token], today: Callable[[], datetime], zone: tzinfo, ticks: Callable[[], float]
    ) -> None:
        self.tokens = {token.value: token for token in tokens}
        self.exceeded: Counter[tuple[str, str]] = Counter()
        self._anyone = not self.tokens
        self._today = today
        self._zone = zone
        self._ticks = ticks
        self._recent: dict[str, deque[float]] = {}
        self._days: Counter[tuple[str, str, date]] = Counter()

    def token(self, value: str) -> Token:
        """The token of this value; without any given, each is a service token."""
        if not value:
            raise VkError(5, "no access_token passed.")
        if self._anyone:
            return self.tokens.setdefault(value, Token(value))
        token = self.tokens.get(value)
        if token is None:
            raise VkError(5, "invalid access_token (4).")
        if token.revoked:
            raise VkError(5, "user revoke access for this token.", error_subcode=1)
        return token

    def allow(self, token: Token, method: str) -> None:
        """Count a call, or refuse it: the kind of the token (27, 28, 15), the rate (6), the quota of the day (29)."""
        if token.kind not in KINDS[method]:
            raise _unavailable(token)
        now = self._ticks()
        recent = self._recent.setdefault(token.value, deque())
        while recent and recent[0] <= now - 1:
            recent.popleft()
        if len(recent) >= token.a_second:
            self.exceeded[token.value, "rate"] += 1
            raise VkError(6)
        recent.append(now)
        used = (token.value, method, self._today().astimezone(self._zone).date())
        if method in token.daily and self._days[used] >= token.daily[method]:
            self.exceeded[token.value, method] += 1
            raise VkError(29)
        self._days[used] += 1

    def used(self, token: str, method: str) -> int:
        """How many calls of a method a token has made today."""
        return self._days[token, method, self._today().astimezone(self._zone).date()]


def _unavailable(token: Token) -> VkError:
    if token.kind == "community":
        return VkError(27, "method is unavailable with group auth.")
    if token.kind == "service":
        return VkError(28, "method is unavailable with service token.")
    return VkError(15, "no access to call this method")

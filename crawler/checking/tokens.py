"""`[tokens]`: access tokens by key, each with what its platform wants to know of it; and whether a source has one."""

from collections.abc import Mapping

from crawler.checking.problems import shown
from crawler.checking.table import Table
from crawler.model.city import Source, Token
from crawler.model.text import Text
from crawler.platforms import PLATFORMS

_LEAST_A_SECOND = 0.01
_MOST_A_SECOND = 1_000
_MOST_A_DAY = 10**9


def read_tokens(table: Table) -> dict[str, Token]:
    """Tokens by key: `key = "VARIABLE"`, or `key = { env = "VARIABLE", kind = "service" }` where the kind matters."""
    tokens: dict[str, Token] = {}
    for key, value in table.values.items():
        token = _read_token(table.table(key)) if isinstance(value, dict) else Token(table.variable(key))
        if token.env:
            tokens[key] = token
    return tokens


def _read_token(table: Table) -> Token:
    days = table.table("a_day")
    token = Token(
        env=table.variable("env", required=True),
        kind=table.text("kind"),
        a_second=_read_rate(table),
        a_day={
            method: most for method in days.values if (most := days.whole(method, None, 0, _MOST_A_DAY)) is not None
        },
    )
    table.finish()
    return token


def _read_rate(table: Table) -> float | None:
    value = table.raw("a_second")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not _LEAST_A_SECOND <= value <= _MOST_A_SECOND:
        table.problem(
            "a_second",
            Text(
                "ожидается число вызовов в секунду от 0.01 до 1000: 2.5",
                "calls a second are expected, 0.01 to 1000: 2.5",
            ),
            found=shown(value),
        )
        return None
    return float(value)


def check_access(table: Table, source: Source, tokens: Mapping[str, Token]) -> None:
    """Note a source whose platform needs a token that is not there, or one of another kind."""
    platform = PLATFORMS.get(source.platform)
    if not platform:
        return
    if not platform.tokens:
        if source.token:
            table.problem("token", Text("эта платформа читается без токена", "this platform is read without a token"))
        return
    if table.has_problem("token"):
        return
    token = tokens.get(source.token or source.platform)
    if token is None:
        key = source.platform
        table.problem(
            "token",
            Text(
                f'нужен токен: [tokens] {key} = {{ env = "ПЕРЕМЕННАЯ", kind = "service" }}',
                f'a token is needed: [tokens] {key} = {{ env = "VARIABLE", kind = "service" }}',
            ),
        )
        return
    for wrong in platform.tokens.check(token):
        table.problem("token", wrong, found=shown(source.token or source.platform))

"""Addresses in a city file: http(s) ones must be whole and carry no secret."""

import re
from urllib.parse import parse_qsl, urlsplit

from crawler.checking.table import Table
from crawler.model.text import Text

_SECRET = re.compile(r"token|secret|password|passwd|api_?key", re.IGNORECASE)


def names_secret(name: str) -> bool:
    """Whether a parameter or option is called like a secret."""
    return _SECRET.search(name) is not None


def check_address(table: Table, key: str, address: str) -> None:
    """Note what is wrong with a URL; what is no URL (a channel's name) is for its platform to judge."""
    if "://" not in address:
        return
    try:
        parts = urlsplit(address)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        sound = False
    if not sound:
        table.problem(
            key,
            Text(
                "ожидается адрес вида https://host/path (только http и https)",
                "an address such as https://host/path is expected (http and https only)",
            ),
        )
        return
    named = next((name for name, _ in parse_qsl(parts.query) if names_secret(name)), "")
    if parts.username or parts.password or named:
        hidden = Text("скрыто: в адресе секрет", "hidden: a secret in the address")
        table.problem(
            key,
            Text(
                "адрес не должен нести имя, пароль или токен: секрет кладут в переменную окружения",
                "an address must carry no user name, password or token: put the secret into an environment variable",
            ),
            found=str(hidden),
        )

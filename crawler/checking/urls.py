"""Addresses in a city file: http(s) ones must be whole and carry no secret."""

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import parse_qsl, urlsplit

from crawler.checking.table import Table
from crawler.fetching.addresses import AddressGuard
from crawler.model.errors import AddressRefusedError
from crawler.model.text import Text

_ENTRY = re.compile(r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<name>[^\[\]:]+))(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_LAST_PORT = 65_535
_LONGEST_HOST = 253
_SECRET = re.compile(r"token|secret|password|passwd|api_?key", re.IGNORECASE)


def names_secret(name: str) -> bool:
    """Whether a parameter or option is called like a secret."""
    return _SECRET.search(name) is not None


def is_host(entry: str) -> bool:
    """Whether `allow_private` may name it: a host or literal address of its own, with or without a port."""
    try:
        return not ipaddress.IPv6Address(entry).is_unspecified
    except ValueError:
        found = _ENTRY.fullmatch(entry.lower())
    if not found or not 0 < int(found["port"] or 1) <= _LAST_PORT:
        return False
    host = found["six"] or found["name"]
    labels = host.removesuffix(".").split(".")
    if found["six"] or labels[-1].isdigit():
        try:
            return not ipaddress.ip_address(host).is_unspecified
        except ValueError:
            return False
    return len(host) <= _LONGEST_HOST and all(map(_LABEL.fullmatch, labels))


def check_reach(table: Table, key: str, address: str, allow_private: Sequence[str]) -> None:
    """Note that the guard of our own network would let no request through to that URL."""
    if "://" not in address or table.has_problem(key):
        return
    try:
        AddressGuard(allow_private).check_url(address)
    except AddressRefusedError as error:
        table.problem(key, error.text, found="")


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

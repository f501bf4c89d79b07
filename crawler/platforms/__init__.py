"""The platforms: what a city file may name, which spider reads each, and what their sources must say."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.model.city import Source
from crawler.model.text import Text


@dataclass(frozen=True, slots=True)
class Platform:
    """`spider` is the name for `scrapy crawl`, "" where posts are given and nothing is crawled. `check` lists what is
    wrong with a source of this platform; empty when nothing is. `host` serves the sources whose address names none.
    `whole_options` names those `options` of a source that are whole numbers.
    """

    title: Text
    spider: str
    check: Callable[[Source], list[Text]]
    host: str = ""
    whole_options: frozenset[str] = frozenset()


def check_page(source: Source) -> list[Text]:
    """The address is a page on the web."""
    if _is_web(source.address):
        return []
    return [
        Text(
            ru=f"адрес «{source.address}»: ожидается ссылка вида https://узел/путь",
            en=f"address “{source.address}”: expected a link such as https://host/path",
        )
    ]


def check_channel(source: Source) -> list[Text]:
    """The address is a public Telegram channel: its name, with or without @, or a link to it or its preview."""
    if _is_web(source.address) or re.fullmatch(r"@?[A-Za-z][A-Za-z0-9_]{3,31}", source.address):
        return []
    return [
        Text(
            ru=f"адрес «{source.address}»: ожидается имя канала (@channel) или ссылка (https://t.me/s/channel)",
            en=f"address “{source.address}”: expected a channel's name (@channel) or link (https://t.me/s/channel)",
        )
    ]


def check_nothing(_: Source) -> list[Text]:
    """Any address will do."""
    return []


def is_whole_option(written: str) -> bool:
    """Whether an option is a whole number from 1 to 999999."""
    return re.fullmatch(r"[1-9]\d{0,5}", written, re.ASCII) is not None


def host_of(source: Source) -> str:
    """The host that a source's crawls ask: one is asked by one crawl at a time."""
    known = PLATFORMS.get(source.platform)
    if _is_web(source.address):
        return urlsplit(source.address).netloc.lower()
    return known.host if known and known.host else source.platform


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


PLATFORMS: dict[str, Platform] = {
    "telegram": Platform(Text("Телеграм", "Telegram"), "telegram", check_channel, "t.me", frozenset({"pages"})),
    "news": Platform(Text("Новостной сайт", "News site"), "news", check_page, whole_options=frozenset({"articles"})),
    "given": Platform(Text("Переданные сообщения", "Given posts"), spider="", check=check_nothing),
}
"""One line a platform: its key is the `platform` of sources and posts."""

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
    wrong with a source of this platform; empty when nothing is.
    """

    title: Text
    spider: str
    check: Callable[[Source], list[Text]]


def _page(source: Source) -> list[Text]:
    """The address is a page on the web."""
    if _is_web(source.address):
        return []
    return [
        Text(
            ru=f"адрес «{source.address}»: ожидается ссылка вида https://узел/путь",
            en=f"address “{source.address}”: expected a link such as https://host/path",
        )
    ]


def _channel(source: Source) -> list[Text]:
    """The address is a public Telegram channel: its name, with or without @, or a link to it or its preview."""
    if _is_web(source.address) or re.fullmatch(r"@?[A-Za-z][A-Za-z0-9_]{3,31}", source.address):
        return []
    return [
        Text(
            ru=f"адрес «{source.address}»: ожидается имя канала (@channel) или ссылка (https://t.me/s/channel)",
            en=f"address “{source.address}”: expected a channel's name (@channel) or link (https://t.me/s/channel)",
        )
    ]


def _anything(_: Source) -> list[Text]:
    return []


def _is_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


PLATFORMS: dict[str, Platform] = {
    "telegram": Platform(Text("Телеграм", "Telegram"), spider="telegram", check=_channel),
    "news": Platform(Text("Новостной сайт", "News site"), spider="news", check=_page),
    "given": Platform(Text("Переданные сообщения", "Given posts"), spider="", check=_anything),
}
"""One line a platform: its key is the `platform` of sources and posts."""

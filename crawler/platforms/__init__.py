"""The platforms: what a city file may name, which spider reads each, and what their sources must say."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.model.city import Source
from crawler.model.text import Text
from crawler.platforms.selectors import check_list_options

_CHANNEL = re.compile(r"(?:(?:https?://)?(?:t|telegram)\.me/(?:s/)?|@)?([A-Za-z]\w{3,31})/?(?:\?.*)?", re.ASCII)
_PREVIEW = re.compile(r"https?://([^/?#]+)/s/\w+/?", re.ASCII)


def check_no_options(_: Mapping[str, str]) -> dict[str, Text]:
    """Nothing is said of options."""
    return {}


@dataclass(frozen=True, slots=True)
class Platform:
    """`spider` is the name for `scrapy crawl`, "" where posts are given and nothing is crawled. `check` lists what is
    wrong with a source of this platform; empty when nothing is. `host` serves the sources whose address names none.
    `whole_options` names those `options` of a source that are whole numbers, `check_options` says what is wrong with
    which option.
    """

    title: Text
    spider: str
    check: Callable[[Source], list[Text]]
    host: str = ""
    whole_options: frozenset[str] = frozenset()
    check_options: Callable[[Mapping[str, str]], dict[str, Text]] = check_no_options


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
    """The address is a public Telegram channel: its name, with or without @, or a link to it or its preview. A preview
    on another host is one of the own network, which `allow_private` names.
    """
    if _CHANNEL.fullmatch(source.address):
        return []
    preview = _PREVIEW.fullmatch(source.address)
    if preview and {preview[1].lower(), preview[1].lower().rpartition(":")[0]} & {*source.allow_private}:
        return []
    return [
        Text(
            ru=f"адрес «{source.address}»: ожидается имя канала (@channel) или ссылка (https://t.me/s/channel), "
            "не приглашение и не другой узел",
            en=f"address “{source.address}”: expected a channel's name (@channel) or link (https://t.me/s/channel), "
            "no invitation and no other host",
        )
    ]


def check_nothing(_: Source) -> list[Text]:
    """Any address will do."""
    return []


def address_key(source: Source) -> str:
    """What two spellings of one address have in common; "" where nothing is crawled and addresses may repeat."""
    platform = PLATFORMS.get(source.platform)
    if not platform or not platform.spider:
        return ""
    channel = _CHANNEL.fullmatch(source.address) if platform.check is check_channel else None
    if channel:
        return f"{source.platform} {channel[1].lower()}"
    if not _is_web(source.address):
        return f"{source.platform} {source.address}"
    parts = urlsplit(source.address)
    host = parts.netloc.lower().removesuffix(":80" if parts.scheme == "http" else ":443").removesuffix(".")
    return f"{source.platform} {host}{parts.path.rstrip('/')}?{parts.query}"


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
    "page": Platform(
        Text("Страница со списком", "Page with a list"),
        "page",
        check_page,
        whole_options=frozenset({"articles", "pages"}),
        check_options=check_list_options,
    ),
    "given": Platform(Text("Переданные сообщения", "Given posts"), spider="", check=check_nothing),
}
"""One line a platform: its key is the `platform` of sources and posts."""

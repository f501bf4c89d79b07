"""The platforms: what a city file may name, which spider reads each, and what their sources must say."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from crawler.model.city import Source, SourceRole, Token
from crawler.model.text import Text
from crawler.platforms.selectors import check_list_options
from crawler.platforms.vk import DAY_ZONE, bounds, check_token
from crawler.platforms.vk_address import parse_wall
from crawler.platforms.vk_errors import ADVICE

_CHANNEL = re.compile(r"(?:(?:https?://)?(?:t|telegram)\.me/(?:s/)?|@)?([A-Za-z]\w{3,31})/?(?:\?.*)?", re.ASCII)
_PREVIEW = re.compile(r"https?://([^/?#]+)/s/\w+/?", re.ASCII)


@dataclass(frozen=True, slots=True)
class TokenRules:
    """What a platform makes of tokens: `check` lists what keeps one from reading its sources, `bounds` has the calls a
    day of the methods that every crawl calls, counted in the days of `zone`.
    """

    check: Callable[[Token], list[Text]]
    bounds: Callable[[Token], Mapping[str, int]]
    zone: ZoneInfo


@dataclass(frozen=True, slots=True)
class Platform:
    """`spider` is the name for `scrapy crawl`, "" where posts are given and nothing is crawled. `check` lists what is
    wrong with a source of this platform; empty when nothing is. `host` serves the sources of which `canonical` gives
    what every spelling of the address comes to, "" for a server of one's own network. `whole_options` names those
    `options` of a source that are whole numbers, all there are unless `check_options` says what is wrong with which
    option. `tokens` is there where its sources are read with a token; `advice` says what to do, by the word under which
    an error of it is counted. `files` says that the address is a path and that the source describes tables.
    `voice` is the author's id of whose wall an address is, "" where it does not tell.
    """

    title: Text
    spider: str
    check: Callable[[Source], list[Text]]
    host: str = ""
    whole_options: frozenset[str] = frozenset()
    canonical: Callable[[str], str] = lambda _: ""
    tokens: TokenRules | None = None
    advice: Mapping[str, Text] = field(default_factory=dict)
    check_options: Callable[[Mapping[str, str]], dict[str, Text]] | None = None
    files: bool = False
    voice: Callable[[str], str] = lambda _: ""


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
    if canonical_channel(source.address):
        return []
    preview = _PREVIEW.fullmatch(source.address)
    if preview and _is_own(preview[1], source):
        return []
    return [
        Text(
            ru=f"адрес «{source.address}»: ожидается имя канала (@channel) или ссылка (https://t.me/s/channel), "
            "не приглашение и не другой узел",
            en=f"address “{source.address}”: expected a channel's name (@channel) or link (https://t.me/s/channel), "
            "no invitation and no other host",
        )
    ]


def canonical_channel(address: str) -> str:
    """The name of a public Telegram channel, "" for what is none or lies elsewhere."""
    channel = _CHANNEL.fullmatch(address)
    return channel[1].lower() if channel else ""


def check_wall(source: Source) -> list[Text]:
    """The address is a wall of VK: a number, a short name or a link. One on another host is of the own network, which
    `allow_private` names.
    """
    try:
        wall = parse_wall(source.address)
    except ValueError:
        wall = None
    if wall and (not wall.host or _is_own(wall.host, source)):
        return []
    return [
        Text(
            ru=f"адрес «{source.address}»: ожидается сообщество или страница ВК: club123, public123, id123, -123, "
            "@name или ссылка https://vk.com/name",
            en=f"address “{source.address}”: a community or page of VK is expected: club123, public123, id123, -123, "
            "@name or a link https://vk.com/name",
        )
    ]


def canonical_wall(address: str) -> str:
    """The name of a wall of VK, "" for what is none or lies elsewhere."""
    try:
        wall = parse_wall(address)
    except ValueError:
        return ""
    return "" if wall.host else wall.canonical


def voice_of_wall(address: str) -> str:
    """Whose wall of VK it is; "" where the address has a name alone."""
    owner = parse_wall(address).owner
    return f"vk:{owner}" if owner else ""


def official_voices(sources: Iterable[Source]) -> frozenset[str]:
    """The authors' ids of authorities as far as their sources' addresses tell: it is them wherever they write."""
    told = (PLATFORMS[one.platform].voice(one.address) for one in sources if one.role is SourceRole.OFFICIAL)
    return frozenset(filter(None, told))


def _is_own(host: str, source: Source) -> bool:
    return bool({host.lower(), host.lower().rpartition(":")[0]} & {*source.allow_private})


def check_nothing(_: Source) -> list[Text]:
    """Any address will do."""
    return []


def address_key(source: Source) -> str:
    """What two spellings of one address have in common; "" where nothing is crawled and addresses may repeat."""
    platform = PLATFORMS.get(source.platform)
    if not platform or not platform.spider:
        return ""
    if same := platform.canonical(source.address):
        return f"{source.platform} {same}"
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
    if known and known.canonical(source.address):
        return known.host
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
    "telegram": Platform(
        Text("Телеграм", "Telegram"),
        "telegram",
        check_channel,
        "t.me",
        frozenset({"pages"}),
        canonical_channel,
    ),
    "vk": Platform(
        Text("ВКонтакте", "VK"),
        "vk",
        check_wall,
        "api.vk.com",
        frozenset({"calls"}),
        canonical_wall,
        TokenRules(check_token, bounds, DAY_ZONE),
        ADVICE,
        voice=voice_of_wall,
    ),
    "news": Platform(Text("Новостной сайт", "News site"), "news", check_page, whole_options=frozenset({"articles"})),
    "page": Platform(
        Text("Страница со списком", "Page with a list"),
        "page",
        check_page,
        whole_options=frozenset({"articles", "pages"}),
        check_options=check_list_options,
    ),
    "intake": Platform(Text("Таблицы обращений", "Tables of appeals"), "intake", check_nothing, files=True),
    "given": Platform(Text("Переданные сообщения", "Given posts"), spider="", check=check_nothing),
}
"""One line a platform: its key is the `platform` of sources and posts."""

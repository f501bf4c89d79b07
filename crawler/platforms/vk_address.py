"""Addresses of walls on VK: by number, by short name, by link; on a server of one's own network too."""

import re
from dataclasses import dataclass

API = "https://api.vk.com/method/"
SITE = "https://vk.com/"

_LINK = re.compile(r"(?:https?://)?(?:(?:www|m|new)\.)?vk\.(?:com|ru)/(?:#!?/)?([^/?#]+)/?(?:[?#].*)?", re.IGNORECASE)
_LOCAL = re.compile(r"(https?://(?P<host>[^/?#@]+))/([^/?#]+)/?")
_NUMBER = re.compile(r"(wall|club|public|event|id)?(-?\d{1,15})", re.IGNORECASE | re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9_.]{1,40}[a-z0-9]", re.IGNORECASE | re.ASCII)
_COMMUNITY = frozenset({"club", "public", "event"})
# Pages of the site itself, none of which is a wall.
_PAGES = frozenset({"feed", "im", "search", "video", "audio", "market", "groups", "friends", "login", "away.php"})


@dataclass(frozen=True, slots=True)
class Wall:
    """Where a source lies: `owner` is negative for a community, 0 where only its short `name` is known (lower case);
    `api` is what the names of methods are appended to; `host` is set for a server of one's own network.
    """

    owner: int = 0
    name: str = ""
    api: str = API
    host: str = ""

    @property
    def canonical(self) -> str:
        """What every spelling of the address comes to, as the site has it."""
        return self.name or screen_name(self.owner)


def screen_name(owner: int) -> str:
    """The name that a wall always answers to: `club123`, `id123`."""
    return f"club{-owner}" if owner < 0 else f"id{owner}"


def parse_wall(address: str) -> Wall:
    """The wall of `club123`, `public123`, `id123`, `-123`, `name`, `@name`, `https://vk.com/…`, or, on a server of
    one's own network, `http://HOST/club123`. ValueError for anything else.
    """
    address = address.strip()
    link = _LINK.fullmatch(address)
    if link:
        return _read(link[1], API, "")
    local = _LOCAL.fullmatch(address)
    if local:
        return _read(local[3], f"{local[1]}/method/", local["host"].lower())
    if "/" in address:
        raise ValueError(address)
    return _read(address.removeprefix("@"), API, "")


def _read(word: str, api: str, host: str) -> Wall:
    number = _NUMBER.fullmatch(word)
    if number:
        kind = (number[1] or "").lower()
        owner = int(number[2])
        if not owner or (owner < 0 and kind in {*_COMMUNITY, "id"}):
            raise ValueError(word)
        return Wall(-owner if kind in _COMMUNITY else owner, "", api, host)
    if _NAME.fullmatch(word) and word.lower() not in _PAGES:
        return Wall(0, word.lower(), api, host)
    raise ValueError(word)

"""Тихоозёрск: an invented town served on this machine, and what changes in it by the second visit."""

from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol, Self
from zoneinfo import ZoneInfo

from crawler.model.city import City, Destination, Source
from demo.servers.local import LocalServer
from demo.servers.pictures import PictureServer
from demo.servers.telegram import TelegramServer
from demo.servers.vk import Token, VkServer
from demo.servers.webhook import TicketServer
from demo.town.channels import TownChannel
from demo.town.clock import TownClock
from demo.town.sites import Newsroom, Waterworks
from demo.town.tables import Tables
from demo.town.texts import Entry, read
from demo.town.walls import Walls

SECRET = "demo"  # noqa: S105 - the duty desk of an invented town
ZONE = ZoneInfo("Europe/Moscow")
VK_RATE = 1000
WALLS = {"podslushano": "podslushano_tihoozersk", "adm-vk": "club190233405"}
OPERATOR = "Соколова А."


class Changing(Protocol):
    """Something of the town that changes by the second visit."""

    def second_visit(self) -> None:
        """Change it."""


class Town:
    """Its channels, news site and duty desk, served while the context is open; `now` is when it is looked at."""

    def __init__(self, now: datetime) -> None:
        clock = TownClock(now, ZONE)
        self._channels = {"live": TownChannel("telegram.toml", clock), "adm": TownChannel("office.toml", clock)}
        self._newsroom = Newsroom(clock)
        self._waterworks = Waterworks(clock)
        self._walls = Walls(clock)
        self._tables = Tables(clock)
        self._folders: dict[str, Path] = {}
        self.channel = self._channels["live"].channel
        self.news = self._newsroom.server
        self.telegram = TelegramServer(told.channel for told in self._channels.values())
        token = Token(SECRET, rate=VK_RATE)
        self.vk = VkServer(self._walls.groups, people=self._walls.people, tokens=[token])
        self.duty = TicketServer(SECRET)
        self._pictures = PictureServer()
        self._stack = ExitStack()

    @property
    def servers(self) -> tuple[LocalServer, ...]:
        """What its sources are served by."""
        return (self.vk, self.telegram, self.news, self._waterworks.server)

    @property
    def requests(self) -> int:
        """How many requests its sources answered."""
        return sum(server.requests for server in self.servers)

    @property
    def decisions(self) -> list[Entry]:
        """What the operator on shift decides between the visits."""
        decisions: list[Entry] = read("shift.toml")["decision"]
        return decisions

    def __enter__(self) -> Self:
        for server in self.servers:
            self._stack.enter_context(server)
        self._stack.enter_context(self._pictures)
        self._folders = self._tables.write(Path(self._stack.enter_context(TemporaryDirectory())))
        for told in self._channels.values():
            told.illustrate(self._pictures)
        self._stack.enter_context(self.duty)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def pages(self) -> dict[str, str]:
        """Where people can look at its sources, by the source's key."""
        return {
            **{key: f"{self.vk.url}/{name}" for key, name in WALLS.items()},
            **{key: self.telegram.address(told.channel.name) for key, told in self._channels.items()},
            "vesti": self.news.url,
            "vodokanal": self._waterworks.server.list_url,
        }

    def served(self, city: City) -> City:
        """The city with its sources and its webhook at the ports where they are served now."""
        folders = {key: str(folder) for key, folder in self._folders.items()}
        addresses = {**self.pages(), "vesti": self.news.feed_url, **folders}
        pictures = _host(self._pictures.url)
        sources = tuple(_at(source, addresses[source.key], pictures) for source in city.sources)
        destinations = tuple(_desk(one, self.duty.url) if one.url else one for one in city.destinations)
        return replace(city, sources=sources, destinations=destinations)

    def second_visit(self) -> None:
        """What people and the newsroom did meanwhile: edits, deletions, further voices."""
        sites = (self._newsroom, self._waterworks)
        changing: tuple[Changing, ...] = (self._walls, *self._channels.values(), *sites)
        for one in changing:
            one.second_visit()


def _at(source: Source, address: str, pictures: str) -> Source:
    if source.table:
        return replace(source, address=address)
    return replace(source, address=address, allow_private=(_host(address), pictures))


def _desk(destination: Destination, url: str) -> Destination:
    return replace(destination, url=url, allow_private=(_host(url),))


def _host(url: str) -> str:
    return url.split("/")[2]

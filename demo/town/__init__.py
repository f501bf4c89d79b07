"""Тихоозёрск: its texts (telegram.toml, news.toml) served on this machine, and what changes by the second visit."""

import re
import tomllib
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from crawler.model.city import City, Destination, Source
from demo.servers.news import NewsArticle, NewsServer
from demo.servers.telegram import Channel, ChannelPoll, ChannelPost, TelegramServer
from demo.servers.webhook import TicketServer

HERE = Path(__file__).parent
SECRET = "demo"  # noqa: S105 - the duty desk of an invented town
_AGO = re.compile(r"(\d+)([dhm])")
_UNITS = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1)}


class Town:
    """The town's channel, news site and duty desk, served while the context is open; `now` is when it is looked at."""

    def __init__(self, now: datetime) -> None:
        telegram = _read("telegram.toml")
        news = _read("news.toml")
        self._posts: list[dict[str, Any]] = telegram["post"]
        self._articles: list[dict[str, Any]] = news["article"]
        self._numbers = _numbers(self._posts)
        channel = telegram["channel"]
        posts = [self._post(index, post, now) for index, post in enumerate(self._posts)]
        self.channel = Channel(channel["name"], channel["title"], channel["number"], posts)
        self.telegram = TelegramServer([self.channel])
        site = news["site"]
        articles = [_article(article, now) for article in self._articles]
        self.news = NewsServer(site["name"], articles, imprint=site["imprint"], headlines=site["sidebar"])
        self.duty = TicketServer(SECRET)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        for server in (self.telegram, self.news, self.duty):
            self._stack.enter_context(server)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def served(self, city: City) -> City:
        """The city with its sources and its webhook at the ports where they are served now."""
        address = {"telegram": self.telegram.address(self.channel.name), "news": self.news.feed_url}
        sources = tuple(_at(source, address.get(source.platform, source.address)) for source in city.sources)
        destinations = tuple(_desk(one, self.duty.url) if one.url else one for one in city.destinations)
        return replace(city, sources=sources, destinations=destinations)

    def second_visit(self) -> None:
        """What people and the newsroom did meanwhile: edits and a deletion."""
        for index, post in enumerate(self._posts):
            if "edited" in post:
                self.channel.edit(self._numbers[index], post["edited"])
            if post.get("deleted"):
                self.channel.delete(self._numbers[index])
        for article in self._articles:
            if "changed" in article:
                self.news.edit(article["slug"], "\n\n".join(article["changed"]))

    def _post(self, index: int, post: Mapping[str, Any], now: datetime) -> ChannelPost:
        number = self._numbers[index]
        poll, location = post.get("poll"), post.get("location")
        return ChannelPost(
            number,
            post.get("text") or post.get("service", ""),
            now - _ago(post["ago"]),
            views=_views(post.get("views", "0")),
            signature=post.get("author", ""),
            photos=tuple(f"https://cdn.example.org/{number + photo}.jpg" for photo in range(post.get("photos", 0))),
            reply_to=self._numbers[post["reply"] - 1] if "reply" in post else 0,
            forwarded_from=post.get("forward", ""),
            forwarded_url=post.get("forward_link", ""),
            poll=ChannelPoll(poll["question"], tuple((text, share) for text, share in poll["options"]))
            if poll
            else None,
            location=(location["lat"], location["lon"]) if location else None,
            service="service" in post,
        )


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def _numbers(posts: list[dict[str, Any]]) -> list[int]:
    """The number of each message: every photo of an album takes one."""
    numbers, number = [], 1
    for post in posts:
        numbers.append(number)
        number += max(1, post.get("photos", 0))
    return numbers


def _article(article: Mapping[str, Any], now: datetime) -> NewsArticle:
    text = "\n\n".join(article["text"])
    return NewsArticle(article["slug"], article["title"], text, now - _ago(article["ago"]), author=article["author"])


def _ago(text: str) -> timedelta:
    return sum((int(count) * _UNITS[unit] for count, unit in _AGO.findall(text)), timedelta())


def _views(text: str) -> int:
    return round(float(text.removesuffix("K")) * (1000 if text.endswith("K") else 1))


def _at(source: Source, address: str) -> Source:
    return replace(source, address=address, allow_private=(_host(address),))


def _desk(destination: Destination, url: str) -> Destination:
    return replace(destination, url=url, allow_private=(_host(url),))


def _host(url: str) -> str:
    return url.split("/")[2]

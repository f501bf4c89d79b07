"""The demo town crawled without a pause, in a process of its own as `otklik run` is: people go on writing meanwhile."""

import asyncio
import os
import time
from multiprocessing.synchronize import Event
from pathlib import Path

from crawler.checking import load_city
from crawler.commands.demo import QUICK, DemoSecrets, skipped
from crawler.environment import CHECKOUT, Environment
from crawler.installation import Installation
from crawler.model.city import City
from crawler.model.ports import SystemClock
from crawler.reactor import in_reactor
from crawler.runner import crawl_sources
from demo.servers.news import NewsArticle
from demo.servers.telegram import ChannelPost
from demo.town import Town

POSTS, ARTICLES = 18, 2
"""What is written between two passes."""
_TEXT = "Нет воды на улице {street}, {house}, обещали к вечеру, сообщение {number}"
_STREETS = ("Речная", "Ленина", "Победы", "Гагарина", "Мира", "Лесная")


def crawl_on(folder: Path, stop: Event, passes: "list[tuple[int, int]]") -> None:
    """Crawl every source, feed the index, make the deliveries, again and again, until `stop` is set; `passes` gets how
    many posts were new in each, and how many changed.
    """
    os.environ |= {"XDG_CONFIG_HOME": str(folder / "config"), "OTKLIK_LOCALE": "ru"}
    city = load_city(str(CHECKOUT / "cities" / "tikhoozersk.toml"))
    clock = SystemClock()
    with Town(clock.now()) as town:
        served = town.served(city)
        with Installation.open(Environment(), folder / "data", [served], clock, DemoSecrets()) as installation:
            in_reactor(_passes(installation, served, town, stop, passes))


async def _passes(
    installation: Installation, city: City, town: Town, stop: Event, passes: "list[tuple[int, int]]"
) -> None:
    sources = [source for source in city.sources if source not in skipped(city)]
    while not stop.is_set():
        results = await crawl_sources(city, sources, installation, settings=QUICK)
        await asyncio.to_thread(installation.finish, 5)
        new, changed = (sum(one.health.outcomes.get(word, 0) for one in results) for word in ("new", "changed"))
        passes.append((new, changed))
        _write(town)


def _write(town: Town) -> None:
    """New posts in the channel and in the news."""
    # Numbers that no earlier run over the same folder had: tenths of a second go faster than posts are written, or what
    # is new here would be an edit there.
    now, first = town.channel.posts, max(int(10 * time.time()), town.channel.posts[-1].number + 1)
    at = SystemClock().now()
    for number in range(first, first + POSTS):
        house = 1 + time.time_ns() // 1000 % 180
        text = _TEXT.format(street=_STREETS[number % len(_STREETS)], house=house, number=time.time_ns())
        now.append(ChannelPost(number, text, at))
    for number in range(ARTICLES):
        slug = f"{time.time_ns()}-{number}"
        town.news.add(NewsArticle(slug, f"Новость {slug}", f"Сегодня в городе случилось событие {slug}.", at))

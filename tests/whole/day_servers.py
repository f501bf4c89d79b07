"""The servers of a city's day: each shows what is published by the clock, edited and taken away as the day goes on.

with DayServers(make_day(seed=1), folder) as servers:
    servers.go_to(moment)
    crawl(servers.sources())
"""

import csv
import os
import time
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from crawler.model.city import Source, SourceRole, TableForm
from demo.servers.news import NewsArticle, NewsServer
from demo.servers.telegram import Channel, ChannelPost, TelegramServer
from demo.servers.vk import Comment, Group, Photo, Repost, Token, VkServer, WallPost
from tests.crawling import FrozenClock, NoSecrets, source_at
from tests.whole.city_day import MIDNIGHT, ZONE, CityDay, Made

TOKEN, RATE = "DAY_VK_TOKEN", 200
"""The variable of the token that reads the walls, and the calls a second that it has."""
FORM = TableForm({"id": ("Номер",), "published_at": ("Дата",), "text": ("Текст",)})
CHANNEL_NUMBERS = 1_500_000_000
GROUP_NUMBERS = 100

DAY_TOKEN = Token(NoSecrets().get(TOKEN), rate=RATE)


class DayServers:
    """One VK, one Telegram, a server a news site, and a folder with a table an intake."""

    def __init__(self, day: CityDay, folder: Path, *, tokens: Sequence[Token] = (DAY_TOKEN,)) -> None:
        self.day = day
        self.folder = folder
        self.clock = FrozenClock(MIDNIGHT)
        self._of: defaultdict[str, list[Made]] = defaultdict(list)
        for made in day.everything:
            self._of[made.source].append(made)
        self._walls: dict[Made, WallPost | Comment] = {}
        self.groups = {source: self._group(source) for source in day.sources if source.startswith("wall")}
        self._repeat()
        self.channels = {source: self._channel(source) for source in day.sources if source.startswith("channel")}
        self.vk = VkServer(self.groups.values(), tokens=tokens, clock=self.clock)
        self.telegram = TelegramServer(self.channels.values(), clock=self.clock)
        self.sites = {source: self._site(source) for source in day.sources if source.startswith("site")}
        self._changes = sorted((at, place) for place, made in enumerate(day.everything) for at in made.changes)
        self._open = ExitStack()

    def __enter__(self) -> Self:
        for server in (self.vk, self.telegram, *self.sites.values()):
            self._open.enter_context(server)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def go_to(self, now: datetime) -> None:
        """Let it be that time: what was edited or taken away by then is."""
        self.clock.at = now
        while self._changes and self._changes[0][0] <= now:
            self._change(self.day.everything[self._changes.pop(0)[1]], now)
        for source in self.day.sources:
            if source.startswith("table"):
                self._write_table(source)

    def id_of(self, made: Made) -> str:
        """What the state calls it."""
        number = int(made.source[-2:])
        match made.platform:
            case "wall":
                of = made.parent or made
                return f"vk:-{GROUP_NUMBERS + number}_{of.number}" + (f"#{made.number}" if made.parent else "")
            case "channel":
                return f"tg:-100{CHANNEL_NUMBERS + number}/{made.number}"
            case "site":
                return f"news:{self.page_of(made).replace('http:', 'https:')}"
            case _:
                return f"given:{made.source}/{made.number}"

    def page_of(self, made: Made) -> str:
        """Where an article is."""
        return f"{self.sites[made.source].url}/news/{made.number}"

    def sources(self, *, every: timedelta = timedelta(minutes=15)) -> list[Source]:
        """What a city file would name."""
        times = {"every": every, "backfill": timedelta(days=2), "revisit": timedelta(days=2), "zone": ZONE}
        tables = [self._file(source) for source in self.day.sources if source.startswith("table")]
        return [
            *(source_at(url, platform=platform, key=key, **times) for key, platform, url in self._addresses()),
            *(Source(file.stem, "intake", str(file), ZONE, SourceRole.INTAKE, every, table=FORM) for file in tables),
        ]

    def _addresses(self) -> list[tuple[str, str, str]]:
        return [
            *((key, "vk", f"{self.vk.url}/{group.screen_name}") for key, group in self.groups.items()),
            *((key, "telegram", self.telegram.address(channel.name)) for key, channel in self.channels.items()),
            *((key, "news", site.feed_url) for key, site in self.sites.items()),
        ]

    def _group(self, source: str) -> Group:
        number = GROUP_NUMBERS + int(source[-2:])
        group = Group(number, f"tihoozersk_{number}", f"Тихоозёрск {number}")
        for made in self._of[source]:
            if made.parent is None:
                author = made.author if made.number % 3 else -number
                photos = [Photo(made.number, f"{source}-{made.number}")] if made.number % 5 == 0 else []
                group.add(WallPost(made.number, author, made.text, made.at, attachments=list(photos)))
                self._walls[made] = group.posts[-1]
        for made in self._of[source]:
            post = self._walls.get(made.parent) if made.parent else None
            if isinstance(post, WallPost):
                answered = made.reply_to.number if made.reply_to else 0
                self._walls[made] = post.add(Comment(made.number, made.author or -number, made.text, made.at, answered))
        return group

    def _repeat(self) -> None:
        """Posts that repeat others, of other walls too, once all are there."""
        for made, post in self._walls.items():
            original = self._walls.get(made.copy_of) if made.copy_of else None
            if made.copy_of and isinstance(post, WallPost) and isinstance(original, WallPost):
                post.copy_of = Repost(self.groups[made.copy_of.source].owner_id, original)

    def _channel(self, source: str) -> Channel:
        number = int(source[-2:])
        posts = [ChannelPost(made.number, made.text, made.at) for made in self._of[source]]
        return Channel(f"tihoozersk_{number}", f"Канал {number}", CHANNEL_NUMBERS + number, posts)

    def _site(self, source: str) -> NewsServer:
        articles = [NewsArticle(str(made.number), made.title, made.text, made.at) for made in self._of[source]]
        return NewsServer(f"Вести {source[-2:]}", articles, atom=int(source[-2:]) % 2 == 0, clock=self.clock)

    def _change(self, made: Made, now: datetime) -> None:
        gone = made.gone_at is not None and made.gone_at <= now
        on_wall = self._walls.get(made)
        if isinstance(on_wall, WallPost) and made.edited_at and not gone:
            on_wall.edit(made.text_at(now), made.edited_at)
        elif on_wall is not None and gone:
            on_wall.delete()
        elif made.platform == "channel" and gone:
            self.channels[made.source].delete(made.number)
        elif made.platform == "channel":
            self.channels[made.source].edit(made.number, made.text_at(now))
        elif made.platform == "site":
            self.sites[made.source].edit(str(made.number), made.text_at(now))

    def _write_table(self, source: str) -> None:
        rows = [made for made in self._of[source] if made.at <= self.clock.at]
        file = self._file(source)
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding="utf-8", newline="") as written:
            table = csv.writer(written, delimiter=";")
            table.writerow(["Номер", "Дата", "Текст"])
            table.writerows([made.number, made.at.strftime("%d.%m.%Y %H:%M"), made.text] for made in rows)
        # A file that was written just now could still be being written: it is left alone for some seconds.
        os.utime(file, (time.time() - 60,) * 2)

    def _file(self, source: str) -> Path:
        return self.folder.resolve() / f"{source}.csv"

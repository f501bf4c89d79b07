"""A town whose residents attach photos that lie on a local server."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from crawler.model.city import ImageRules
from crawler.model.items import Media, Post, Reading
from search.images.album import Album
from search.images.fate import Fate
from search.images.keeper import Keeper, Kept
from search.images.rows import images_of
from search.state.tables import images
from tests.crawling import Pages, Site, pages
from tests.search.town import CITY, KEYS, NOON, Town, house, said


@dataclass
class MovingClock:
    """A clock that moves when it is told to."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def pass_by(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Desk:
    """The town, its album, and what its image host serves."""

    town: Town
    site: Site
    served: Pages
    home: Path
    clock: MovingClock = field(default_factory=MovingClock)

    @property
    def album(self) -> Album:
        return Album(self.home, KEYS)

    def keeper(self, **more: Any) -> Keeper:
        return Keeper(self.town.city, self.town.database, self.album, self.clock, gap=0, **more)

    def keep(self) -> Kept:
        return self.keeper().keep(60)

    def complain(
        self, post: str, *urls: str, version: int = 1, text: str = "яма на дороге", at: datetime = NOON
    ) -> None:
        """A post that becomes a report, with photos at these paths."""
        self.town.hear(self.said(post, *urls, version=version, text=text), at=at)

    def said(self, post: str, *urls: str, version: int = 1, text: str = "яма на дороге") -> tuple[Post, Reading]:
        made, reading = said(post, text, house("Садовая", 5), version=version)
        media = tuple(Media("photo", url if "://" in url else self.site.url + url, key=url) for url in urls)
        return replace(made, media=media), reading

    def fates(self, post: str) -> list[Fate]:
        with self.town.database.read() as connection:
            return [one.state for one in images_of(connection, self.town.city.key, post)]

    def rows(self) -> list[sa.Row[Any]]:
        with self.town.database.read() as connection:
            return list(connection.execute(sa.select(images).order_by(images.c.id)))

    def files(self) -> list[Path]:
        return sorted(path for path in (self.home / "media").rglob("*") if path.is_file())

    def with_rules(self, **rules: Any) -> "Desk":
        city = replace(self.town.city, images=ImageRules(**rules))
        return replace(self, town=Town(self.town.database, city))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    served: Pages = {}
    with pages(served) as site:
        host = site.url.partition("//")[2]
        sources = tuple(replace(source, allow_private=(host,)) for source in CITY.sources)
        town = Town.open(tmp_path, replace(CITY, sources=sources))
        yield Desk(town, site, served, tmp_path)
        town.database.close()

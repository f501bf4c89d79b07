"""The town's sites: the news (news.toml), and the water company's page that a script fills in (outages.toml)."""

from demo.servers.news import NewsArticle, NewsServer
from demo.servers.scripted import ScriptedItem, ScriptedSite
from demo.town.clock import TownClock
from demo.town.texts import Entry, read


class Newsroom:
    """The news site and what it changes by the second visit."""

    def __init__(self, clock: TownClock) -> None:
        told = read("news.toml")
        self._clock = clock
        self._articles = told["article"]
        site = told["site"]
        articles = [self._article(article) for article in self._articles]
        self.server = NewsServer(site["name"], articles, imprint=site["imprint"], headlines=site["sidebar"])

    def second_visit(self) -> None:
        """Corrections."""
        for article in self._articles:
            if "changed" in article:
                self.server.edit(article["slug"], _body(article["changed"], self._clock))

    def _article(self, article: Entry) -> NewsArticle:
        body, at = _body(article["text"], self._clock), self._clock.when(article["ago"])
        return NewsArticle(article["slug"], article["title"], body, at, author=article["author"])


class Waterworks:
    """The water company's site and what it changes by the second visit."""

    def __init__(self, clock: TownClock) -> None:
        told = read("outages.toml")
        self._clock = clock
        self._items = told["item"]
        items = [
            # The page prints its dates by the clocks of the town, without a zone.
            ScriptedItem(
                one["slug"], one["title"], _body(one["text"], clock), clock.when(one["ago"]).astimezone(clock.zone)
            )
            for one in self._items
        ]
        self.server = ScriptedSite(told["site"]["name"], items, imprint=told["site"]["imprint"])

    def second_visit(self) -> None:
        """Corrections."""
        for item in self._items:
            if "changed" in item:
                self.server.edit(item["slug"], _body(item["changed"], self._clock))


def _body(paragraphs: list[str], clock: TownClock) -> str:
    return clock.words("\n\n".join(paragraphs))

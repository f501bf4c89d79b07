"""A day of a city, made from a seed: who publishes what and when, what is edited and what is taken away.

day = make_day(seed=1)                       # 40 sources, 1,000 posts, 8,000 comments
day.visible(moment)                          # what a visitor of that moment could see
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from tests.whole.city_words import Words

ZONE = ZoneInfo("Europe/Moscow")
MIDNIGHT = datetime(2026, 3, 2, tzinfo=ZONE)
NEXT_MIDNIGHT = MIDNIGHT + timedelta(days=1)
# How much of a day is published in each of its hours.
RHYTHM = (6, 3, 2, 1, 1, 2, 8, 22, 40, 45, 48, 46, 50, 48, 44, 42, 45, 55, 70, 80, 85, 75, 48, 20)
EDITED, DELETED, ANSWERED, REPOSTED = 0.04, 0.02, 0.35, 0.03
ACCIDENT_SHARE = 0.09
"""How many of all comments one evening accident draws."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much a day has."""

    walls: int = 20
    channels: int = 12
    sites: int = 6
    tables: int = 2
    posts: int = 1000
    comments: int = 8000

    @property
    def sources(self) -> int:
        """How many sources there are."""
        return self.walls + self.channels + self.sites + self.tables


SMALL = Size(walls=4, channels=3, sites=2, tables=1, posts=80, comments=500)


@dataclass(slots=True, eq=False)
class Made:
    """Something published. `number` counts posts and comments of its source; `parent` is the post of a comment."""

    source: str
    at: datetime
    text: str
    title: str = ""
    number: int = 0
    parent: "Made | None" = None
    reply_to: "Made | None" = None
    copy_of: "Made | None" = None
    author: int = 0
    edited_at: datetime | None = None
    edited: str = ""
    gone_at: datetime | None = None

    @property
    def platform(self) -> str:
        """wall, channel, site or table: the first word of its source."""
        return self.source.partition("-")[0]

    def is_visible(self, now: datetime) -> bool:
        """Whether who comes now can see it."""
        there = self.at <= now and (self.gone_at is None or now < self.gone_at)
        return there and (self.parent is None or self.parent.is_visible(now))

    def text_at(self, now: datetime) -> str:
        """What it says now."""
        return self.edited if self.edited_at and self.edited_at <= now else self.text

    @property
    def changes(self) -> list[datetime]:
        """When it is edited and taken away."""
        return [at for at in (self.edited_at, self.gone_at) if at]


@dataclass(frozen=True, slots=True)
class CityDay:
    """Everything that a day publishes, in the order of time; `before` is what each source had before midnight."""

    sources: tuple[str, ...]
    before: tuple[Made, ...]
    posts: tuple[Made, ...]
    comments: tuple[Made, ...]
    accident: Made

    @property
    def everything(self) -> tuple[Made, ...]:
        """Posts and comments, what was there before too."""
        return self.before + self.posts + self.comments

    def visible(self, now: datetime) -> list[Made]:
        """What who comes now can see."""
        return [made for made in self.everything if made.is_visible(now)]


def make_day(seed: int, size: Size | None = None) -> CityDay:
    """The day of a seed: always the same."""
    return _Maker(random.Random(seed), size or Size()).make()


@dataclass
class _Maker:
    rng: random.Random
    size: Size
    words: Words = field(init=False)

    def __post_init__(self) -> None:
        self.words = Words(self.rng)

    def make(self) -> CityDay:
        sources = [
            f"{kind}-{number:02}"
            for kind, count in (
                ("wall", self.size.walls),
                ("channel", self.size.channels),
                ("site", self.size.sites),
                ("table", self.size.tables),
            )
            for number in range(1, count + 1)
        ]
        posts = self.posts(sources)
        accident = self.accident(posts)
        walls = [post for post in posts if post.platform == "wall"]
        self.take_away(walls + [post for post in posts if post.platform == "channel"], accident)
        self.repost(walls)
        comments = self.comments(walls, accident)
        self.take_away(comments, accident)
        self.edit([post for post in posts if post.platform != "table"])
        before = [self.post(source, MIDNIGHT - timedelta(minutes=self.rng.randint(90, 300))) for source in sources]
        number([*before, *posts, *comments])
        return CityDay(
            tuple(sources), tuple(before), tuple(posts), tuple(sorted(comments, key=lambda made: made.at)), accident
        )

    def posts(self, sources: Sequence[str]) -> list[Made]:
        """Every source has a post; the rest falls to few that write much and many that write little."""
        weights = [_SHARES[source.partition("-")[0]] / int(source[-2:]) ** 0.5 for source in sources]
        more = self.rng.choices(sources, weights, k=self.size.posts - len(sources))
        moments = self.moments(self.size.posts)
        chosen = [*sources, *more]
        self.rng.shuffle(chosen)
        return [self.post(source, at) for source, at in zip(chosen, moments, strict=True)]

    def post(self, source: str, at: datetime) -> Made:
        if source.startswith("site"):
            return Made(source, at, self.words.tell("news_text", 4), self.words.say("news"))
        return Made(source, at, self.text_of(source), author=self.author())

    def text_of(self, source: str) -> str:
        platform, _, number = source.partition("-")
        if platform == "table":
            return self.words.say("complaints")
        kinds = ("official", "public") if int(number) % 4 == 1 else ("public", "public", "complaints", "complaints")
        return self.words.say(self.rng.choice(kinds))

    def moments(self, count: int) -> list[datetime]:
        """Times of the day in order, by its rhythm."""
        hours = self.rng.choices(range(24), RHYTHM, k=count)
        return sorted(MIDNIGHT + timedelta(hours=hour, seconds=self.rng.randrange(3600)) for hour in hours)

    def author(self) -> int:
        return self.rng.randint(1_000, 3_000)

    def accident(self, posts: Sequence[Made]) -> Made:
        """A post of a wall in the evening becomes the news of the day."""
        evening = MIDNIGHT + timedelta(hours=17, minutes=30)
        walls = [post for post in posts if post.platform == "wall"]
        chosen = min(walls, key=lambda post: abs(post.at - evening))
        chosen.text = self.words.say("accident")
        return chosen

    def take_away(self, made: Sequence[Made], spared: Made) -> None:
        for one in made:
            if one is not spared and self.rng.random() < DELETED:
                at = one.at + timedelta(minutes=self.rng.randint(1, 180))
                one.gone_at = at if at < NEXT_MIDNIGHT else None

    def edit(self, posts: Sequence[Made]) -> None:
        for post in posts:
            at = post.at + timedelta(minutes=self.rng.randint(5, 120))
            if self.rng.random() < EDITED and at < NEXT_MIDNIGHT and post.copy_of is None:
                post.edited_at, post.edited = at, self.words.say("edits", post.text)

    def repost(self, walls: Sequence[Made]) -> None:
        for place, post in enumerate(walls):
            if place and self.rng.random() < REPOSTED:
                post.copy_of = self.rng.choice(walls[:place])
                post.text = self.rng.choice(("", self.words.say("talk")))

    def comments(self, walls: Sequence[Made], accident: Made) -> list[Made]:
        """Few posts draw most comments; answers go to what stands there already."""
        drawn = round(self.size.comments * ACCIDENT_SHARE)
        weights = [min(self.rng.paretovariate(1.1), 50) for _ in walls]
        posts = [accident] * drawn + self.rng.choices(walls, weights, k=self.size.comments - drawn)
        under: dict[int, list[Made]] = {}
        made = sorted((self.comment(post, accident) for post in posts), key=lambda one: one.at)
        for one in made:
            others = under.setdefault(id(one.parent), [])
            if others and self.rng.random() < ANSWERED:
                one.reply_to = self.rng.choice(others[-8:])
            others.append(one)
        return made

    def comment(self, post: Made, accident: Made) -> Made:
        last = (post.gone_at or NEXT_MIDNIGHT) - timedelta(seconds=1)
        at = post.at + timedelta(seconds=self.rng.expovariate(1 / 5400))
        if at > last:
            at = post.at + (last - post.at) * self.rng.random()
        at = at.replace(microsecond=0)
        if self.rng.random() < 0.04:
            return Made(post.source, at, self.words.say("replies"), parent=post)
        kind = self.rng.choice(
            ("accident_talk", "talk") if post is accident else ("talk", "talk", "talk", "complaints")
        )
        return Made(post.source, at, self.words.say(kind), parent=post, author=self.author())


_SHARES = {"wall": 1.0, "channel": 0.8, "site": 0.45, "table": 0.6}


def number(made: Sequence[Made]) -> None:
    """Number what each source has in the order of time, as the platforms do: posts and comments of a wall together."""
    last: dict[str, int] = {}
    for one in sorted(made, key=lambda one: (one.at, one.parent is not None)):
        one.number = last[one.source] = last.get(one.source, 0) + 1

"""Posts for an archive: real appeals, as many more as are wanted made of their sentences, and words to ask for."""

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random

from crawler.model.items import House, Kind, Place, PlaceKind, Post, Reading
from search.document import Document, document_of
from search.engine import Box
from search.street_key import street_key

START = datetime(2024, 1, 1, tzinfo=UTC)
SPAN = timedelta(days=730)
SOURCES = 40
PLATFORMS = ("vk", "vk", "vk", "telegram", "telegram", "news")
ACTS = ("complaint", "complaint", "complaint", "question", "proposal", "thanks")
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_WORD = re.compile(r"[а-яё]{4,}")
_HOUSE = re.compile(r"дом (\d+)")


@dataclass(frozen=True, slots=True)
class Appeal:
    """What is taken of a real appeal."""

    text: str
    topic: str
    places: tuple[Place, ...]


class Archive:
    """Posts of one seed: first the appeals as they are, then others of the sentences of two appeals of one topic."""

    def __init__(self, folder: Path, size: int, seed: int = 7) -> None:
        self.random = Random(seed)
        self.size = size
        with gzip.open(folder / "appeals.jsonl.gz", "rt", encoding="utf-8") as lines:
            self.appeals = [_appeal(values) for values in map(json.loads, lines)]
        self.random.shuffle(self.appeals)
        self._alike: defaultdict[str, list[Appeal]] = defaultdict(list)
        for appeal in self.appeals:
            self._alike[appeal.topic].append(appeal)
        self.last = START + SPAN
        self._common: list[str] = []

    def documents(self) -> Iterator[Document]:
        """The posts in the order of their publication, as they would arrive."""
        for number in range(self.size):
            appeal = self.appeals[number % len(self.appeals)]
            text = appeal.text if number < len(self.appeals) else self._mixed(appeal)
            source = min(SOURCES - 1, int(self.random.paretovariate(0.7)) - 1)
            at = START + SPAN * number / self.size + timedelta(seconds=self.random.random())
            platform = PLATFORMS[source % len(PLATFORMS)]
            post = Post(
                f"{platform}:-{source}_{number}",
                f"source {source}",
                platform,
                Kind.POST,
                text,
                seen_at=at,
                published_at=at,
            )
            act = ACTS[number % len(ACTS)]
            yield document_of(post, Reading(places=appeal.places, topic=appeal.topic, act=act))

    def _mixed(self, appeal: Appeal) -> str:
        other = self.random.choice(self._alike[appeal.topic])
        sentences = _SENTENCE.split(appeal.text) + _SENTENCE.split(other.text)
        wanted = self.random.randint(1, max(1, len(sentences) * 2 // 3))
        return " ".join(sentences[place] for place in sorted(self.random.sample(range(len(sentences)), wanted)))

    def words(self) -> tuple[str, str]:
        """Two words of four letters and more of one post: as often as people write them."""
        while True:
            found = sorted(set(_WORD.findall(self.random.choice(self.appeals).text.lower())))
            if len(found) > 1:
                one, other = self.random.sample(found, 2)
                return one, other

    def common(self) -> str:
        """One of the 200 most frequent words of four letters and more."""
        if not self._common:
            words = Counter(word for appeal in self.appeals for word in set(_WORD.findall(appeal.text.lower())))
            self._common = [word for word, _ in words.most_common(200)]
        return self.random.choice(self._common)

    def neighbours(self) -> tuple[str, str]:
        """Two words that stand side by side in a post."""
        while True:
            found = list(pairwise(re.findall(r"[а-яё]+", self.random.choice(self.appeals).text.lower())))
            if found:
                return self.random.choice(found)

    def box(self) -> Box:
        """Some three kilometres around a house."""
        while True:
            places = self.random.choice(self.appeals).places
            if places and places[0].lat is not None and places[0].lon is not None:
                lat, lon = places[0].lat, places[0].lon
                return Box(lat - 0.014, lon - 0.028, lat + 0.014, lon + 0.028)


def _appeal(values: dict[str, object]) -> Appeal:
    messages = values["messages"]
    assert isinstance(messages, list)
    parts = str(values["address"]).split(", ")
    house = _HOUSE.search(str(values["address"]))
    lat, lon = (float(str(values[name])) if values[name] else None for name in ("lat", "lon"))
    place = Place(
        PlaceKind.HOUSE if house else PlaceKind.STREET,
        (parts[1] if len(parts) > 1 else parts[0],),
        0,
        1,
        "",
        houses=(House(int(house[1])),) if house else (),
        settlement=parts[0],
        district=str(values["district"] or ""),
        street_key=street_key(parts[1]) if len(parts) > 1 else "",
        lat=lat,
        lon=lon,
    )
    return Appeal(messages[0]["text"], str(values["reason"]), (place,))

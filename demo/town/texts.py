"""The town's texts as its TOML files have them, each with the id of its post and what a person reads in it."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text of the town. `post` is how the id of its post ends, `kind` one word (complaint, talk, advert, thanks,
    news …), `problems` the (topic group, place) that it speaks of.
    """

    source: str
    post: str
    text: str
    kind: str
    problems: tuple[tuple[str, str], ...] = ()

    @property
    def complaint(self) -> bool:
        """Whether a resident reports a problem."""
        return self.kind == "complaint"


@cache
def read(name: str) -> Entry:
    """A TOML file of the town."""
    return tomllib.loads((HERE / name).read_text(encoding="utf-8"))


def numbered(posts: list[Entry]) -> list[tuple[int, Entry]]:
    """Messages of a channel with their numbers: every photo of an album takes one."""
    numbers, number = [], 1
    for post in posts:
        numbers.append((number, post))
        number += max(1, post.get("photos", 0))
    return numbers


def wall_posts(screen_name: str) -> list[tuple[int, Entry, list[tuple[int, Entry]]]]:
    """Posts of a wall with their ids and their comments with theirs: as on VK, both are counted together."""
    told: list[tuple[int, Entry, list[tuple[int, Entry]]]] = []
    number = 1000
    for post in read("vk.toml")["post"]:
        if post["wall"] == screen_name:
            comments = list(enumerate(post.get("c", []), number + 1))
            told.append((number, post, comments))
            number += len(comments) + 1
    return told


def labelled() -> Iterator[Labelled]:
    """Every text of the town."""
    yield from _of_channels()
    yield from _of_walls()
    for article in read("news.toml")["article"]:
        yield _label("vesti", f"/news/{article['slug']}", article)
    for item in read("outages.toml")["item"]:
        yield _label("vodokanal", f"/news/{item['slug']}", item)
    for appeal in read("appeals.toml")["appeal"]:
        yield _label("pos", f"given:pos/{appeal['id']}", appeal)
    for appeal in read("appeals.toml")["handed"]:
        yield _label("cur", f"given:cur/{appeal['id']}", appeal)


def _of_channels() -> Iterator[Labelled]:
    for file in ("telegram.toml", "office.toml"):
        channel = read(file)["channel"]
        for number, post in numbered(read(file)["post"]):
            if "service" not in post:
                yield _label(channel["name"], f"{channel['number']}/{number}", post)


def _of_walls() -> Iterator[Labelled]:
    for wall in read("vk.toml")["wall"]:
        for number, post, comments in wall_posts(wall["screen_name"]):
            yield _label(wall["screen_name"], f"-{wall['id']}_{number}", post)
            for comment, said in comments:
                yield _label(wall["screen_name"], f"-{wall['id']}_{number}#{comment}", said)


def _label(source: str, post: str, entry: Entry) -> Labelled:
    problems = [(entry["topic"], entry["place"])] if "topic" in entry else []
    problems += [(topic, place) for topic, place in entry.get("more", ())]
    text = entry.get("edited", entry["text"])
    whole = text if isinstance(text, str) else " ".join((entry["title"], *text))
    return Labelled(source, post, whole, entry.get("kind", "complaint" if problems else "talk"), tuple(problems))

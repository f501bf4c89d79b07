"""What a crawl tells of the pages of articles it read: whether each gave a body, a title and a date."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What a page of an article must give."""

    BODY = "body"
    TITLE = "title"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class ArticleRead:
    """A page as it was read. `body` and `title` are marks of the texts (`mark_of`), "" where the page gave none:
    two articles with one mark show what is on every page of the site. `dated` tells whether the page gave a date.
    """

    post: str
    url: str
    body: str
    title: str
    dated: bool


def mark_of(text: str) -> str:
    """16 hex digits of a text, "" for none. The text cannot be read from it."""
    return hashlib.blake2b(" ".join(text.split()).encode(), digest_size=8).hexdigest() if text.strip() else ""

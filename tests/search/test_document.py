"""What a document says of a post beside its words."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from crawler.model.items import (
    Author,
    AuthorRole,
    Forward,
    Kind,
    Location,
    Media,
    Place,
    PlaceKind,
    Poll,
    Post,
    Reading,
)
from search.document import document_of

BARE = Post("vk:1_1", "wall", "vk", Kind.POST, "Нет воды", datetime(2026, 3, 1, tzinfo=UTC))
EMPTY: set[str] = set()


@pytest.mark.parametrize(
    ("post", "has", "traits"),
    [
        (BARE, EMPTY, EMPTY),
        (replace(BARE, media=(Media("photo"), Media("photo"), Media("round_video"))), {"photo", "video"}, EMPTY),
        (replace(BARE, media=(Media("voice"), Media("document"))), {"audio", "file"}, EMPTY),
        (replace(BARE, media=(Media("sticker"), Media("hidden"), Media("contact"))), EMPTY, EMPTY),
        (replace(BARE, links=("https://example.org/",)), {"link"}, EMPTY),
        (replace(BARE, text="см. http://example.org"), {"link"}, EMPTY),
        (replace(BARE, poll=Poll("Да?", ()), location=Location(46.9, 142.7)), {"poll", "location"}, EMPTY),
        (replace(BARE, reply_to="vk:1_2", forwarded_from=Forward("Кто-то")), EMPTY, {"reply", "repost"}),
        (replace(BARE, kind=Kind.COMMENT, parent="vk:1_2"), EMPTY, EMPTY),
    ],
)
def test_what_a_post_has_and_is(post: Post, has: set[str], traits: set[str]) -> None:
    document = document_of(post, Reading())
    assert (set(document.has), set(document.traits)) == (has, traits)


def test_what_a_reading_says() -> None:
    place = Place(PlaceKind.LANDMARK, ("Школа",), 0, 1, "Н")
    document = document_of(BARE, Reading("ru", (place,), "Вода", 0.9, "complaint", "vk:1_0"))
    assert (document.language, document.topic, document.act) == ("ru", "Вода", "complaint")
    assert (set(document.has), set(document.traits)) == ({"place"}, {"copy"})


def test_every_post_has_one_role() -> None:
    assert document_of(BARE, Reading()).role is AuthorRole.UNKNOWN
    official = document_of(replace(BARE, author=Author(AuthorRole.OFFICIAL, "a" * 32)), Reading())
    assert (official.role, official.author, official.official) == (AuthorRole.OFFICIAL, "a" * 32, True)

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.model.city import Source, SourceRole
from crawler.model.crawled import Skipped
from crawler.model.items import Author, AuthorRole, Forward, Kind, Media, Post, digest_of
from crawler.platforms import official_voices
from pipelines.authors import Authors
from pipelines.copies import copy_key
from pipelines.draft import Draft, Outcome
from pipelines.places import LONGEST_READ, Places
from pipelines.toponyms import PlaceFinder
from pipelines.validate import LONGEST_TEXT, what_is_wrong
from pipelines.way import Other, Way, read, steps
from search.analysis import analyze
from search.gazetteer import Gazetteer
from tests.recording import KEYS

SOURCE = Source("town", "telegram", "https://t.me/s/town", ZoneInfo("UTC"))
POST = Post("tg:-1001/1", "town", "telegram", Kind.POST, "Нет воды", datetime(2026, 5, 1, tzinfo=UTC))
LONG = "На улице Лесной, дом 5, второй день нет холодной воды, аварийная не отвечает"


class Kept:
    """A last step that keeps what reaches it."""

    gone = 0

    def __init__(self) -> None:
        self.drafts: list[Draft] = []

    def commit(self, drafts: Sequence[Draft], items: Sequence[Other]) -> Sequence[Draft]:
        assert all(isinstance(item, Skipped) for item in items)
        done = [draft if draft.outcome else replace(draft, outcome=Outcome.NEW) for draft in drafts]
        self.drafts += done
        return done


class Fragile:
    """A step that cannot stand one word."""

    def process(self, batch: Sequence[Draft]) -> Sequence[Draft]:
        if any("яд" in draft.post.text for draft in batch):
            raise RuntimeError("poison")
        return [draft.with_post(replace(draft.post, title="прочитано")) for draft in batch]


def test_a_step_that_raises_takes_one_post_and_no_other() -> None:
    kept = Kept()
    way = Way({"town": SOURCE}, [Fragile()], kept)
    way.take([replace(POST, id=f"tg:-1001/{number}", text=text) for number, text in enumerate(["а", "яд", "б"])])
    assert [draft.post.title for draft in kept.drafts] == ["прочитано", "", "прочитано"]
    assert [draft.outcome for draft in kept.drafts] == [Outcome.NEW, Outcome.REJECTED, Outcome.NEW]
    assert dict(way.outcomes) == {"new": 2, "rejected": 1}
    assert dict(way.reasons) == {"error": 1}


def test_the_words_of_a_post_are_those_of_its_stored_form() -> None:
    post = replace(POST, title="Нет\u00a0воды\u200b", text="На  Лесной,\r\n\r\nдом\t5\ufeff")
    (draft,) = read([post], {"town": SOURCE}, steps("ozersk", KEYS, PlaceFinder(Gazetteer.empty(), "Озёрск")))
    assert (draft.post.title, draft.post.text) == ("Нет воды", "На Лесной,\n\nдом 5")
    assert draft.tokens == analyze(draft.post.title, draft.post.text)


def test_people_are_known_by_pseudonyms_that_differ_from_city_to_city() -> None:
    author = Author(platform_id="id77", name="Мария Печкина")
    forwarded = replace(POST, author=author, forwarded_from=Forward("Анна Смирнова"))
    of_channel = replace(POST, forwarded_from=Forward("ЖКХ Заречного", "https://t.me/jkh/5"))
    drafts = [Draft(SOURCE, one) for one in (forwarded, of_channel, POST)]
    first, channel, plain = (draft.post for draft in Authors("ozersk", KEYS).process(drafts))
    other = Authors("zarechny", KEYS).process(drafts)[0].post
    assert (channel, plain) == (of_channel, POST)
    keys = []
    for one in (first, other):
        assert one.author is not None
        assert one.forwarded_from is not None
        assert one.forwarded_from.source == ""
        keys += [one.author.key, one.forwarded_from.key]
    assert len(set(keys)) == 4
    # A digest that anybody can compute tells no name.
    assert digest_of(forwarded) == digest_of(replace(forwarded, forwarded_from=Forward("Пётр Гвоздев")))
    assert digest_of(forwarded) != digest_of(POST) != digest_of(of_channel)


def test_an_authority_is_one_wherever_it_writes() -> None:
    mayor = Source("mayor", "vk", "club7", ZoneInfo("UTC"), role=SourceRole.OFFICIAL)
    unknown = [replace(mayor, address="@mayor"), replace(mayor, address="club8", role=SourceRole.PUBLIC)]
    official = official_voices([mayor, *unknown])
    assert official == {"vk:-7"}
    said = [replace(POST, author=Author(AuthorRole.UNKNOWN, platform_id=who)) for who in ("vk:-7", "vk:-8")]
    drafts = Authors("ozersk", KEYS, official).process([Draft(SOURCE, one) for one in said])
    assert [draft.post.author and draft.post.author.role for draft in drafts] == ["official", "unknown"]


def test_a_finished_draft_passes_later_steps_untouched_and_what_is_no_post_is_counted() -> None:
    class Reject:
        def process(self, batch: Sequence[Draft]) -> Sequence[Draft]:
            return [draft.rejected("empty") for draft in batch]

    kept = Kept()
    way = Way({"town": SOURCE}, [Reject(), Fragile()], kept)
    way.take([POST, Skipped("town", "tg:-1001/2", "service")])
    assert kept.drafts[0].post.title == ""
    assert dict(way.outcomes) == {"rejected": 1, "skipped": 1}
    assert dict(way.reasons) == {"empty": 1, "service": 1}


@pytest.mark.parametrize(
    ("post", "reason"),
    [
        (POST, ""),
        (replace(POST, text="", media=(Media("photo", key="1"),)), ""),
        (replace(POST, text=" \n"), "empty"),
        (replace(POST, id="given:hot line/1"), "bad_id"),
        (replace(POST, id=""), "bad_id"),
        (replace(POST, text="я" * (LONGEST_TEXT + 1)), "too_long"),
        (replace(POST, seen_at=datetime(2026, 5, 1)), "time_without_zone"),
    ],
)
def test_what_cannot_be_kept_says_why(post: Post, reason: str) -> None:
    assert what_is_wrong(Draft(SOURCE, post)) == reason


def test_copies_are_told_by_their_words() -> None:
    shouted = LONG.upper().replace("Ё", "Е").replace(",", " …") + " 😡"
    assert copy_key("", LONG) == copy_key("", shouted) != ""
    assert copy_key("", LONG) != copy_key("", LONG + " третий раз")


@given(st.text(max_size=39))
def test_a_short_text_is_never_a_copy_by_itself(text: str) -> None:
    assert copy_key("", text) == ""


def test_places_are_read_from_the_start_of_a_text_that_is_too_long() -> None:
    step = Places(PlaceFinder(Gazetteer.empty("Речной"), "Речной"))
    filled = "дело " * ((LONGEST_READ - 20) // 5)
    whole, cut, beyond = step.process(
        [Draft(SOURCE, replace(POST, text=filled + end)) for end in ("ул. Мира", "ул. Мира ул. Кировская", "дело " * 9)]
    )
    assert [place.quote for place in whole.reading.places] == ["ул. Мира"]
    assert [place.quote for place in cut.reading.places] == ["ул. Мира"]
    assert beyond.reading.places == ()

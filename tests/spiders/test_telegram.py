"""Telegram channels over HTTP, from a local server that speaks as t.me does."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.model.city import SourceRole
from crawler.model.crawled import Checkpoint, Skipped, Window
from crawler.model.items import AuthorRole, Location, Post, TimePrecision, digest_of
from demo.servers.telegram import Channel, ChannelPoll, ChannelPost, TelegramServer
from spiders.telegram import TelegramSpider
from spiders.telegram_page import preview_url
from tests.crawling import Crawled, pages, run_spider, source_at

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def town(count: int, *, every: timedelta = timedelta(hours=1)) -> Channel:
    """A channel with messages 1 … count, the newest an hour ago."""
    posts = [
        ChannelPost(number, f"Сообщение номер {number}", NOW - every * (count - number) - timedelta(hours=1))
        for number in range(1, count + 1)
    ]
    return Channel("podslushano_zarechny", "Подслушано: Заречный", 1500000001, posts)


def crawl(server: TelegramServer, cursor: str = "", *, at: datetime = NOW, **fields: Any) -> Crawled[TelegramSpider]:
    fields = {"backfill": timedelta(days=30), "revisit": timedelta(hours=5), **fields}
    source = source_at(server.address("podslushano_zarechny"), platform="telegram", **fields)
    return run_spider(TelegramSpider, source, cursor, at=at)


def numbers(crawled: Crawled[TelegramSpider]) -> list[int]:
    return [int(post.id.rpartition("/")[2]) for post in crawled.posts]


def asked(server: TelegramServer) -> list[str]:
    return [path.partition("?")[2] for path in server.asked if path != "/robots.txt"]


def test_the_first_crawl_reads_back_to_the_backfill_and_the_next_only_what_is_new() -> None:
    channel = town(90)
    with TelegramServer([channel]) as server:
        first = crawl(server, backfill=timedelta(hours=50))
        assert sorted(numbers(first)) == list(range(41, 91))
        assert asked(server) == ["", "before=71", "before=51"]
        server.asked.clear()
        channel.add(ChannelPost(91, "Новое", NOW - timedelta(minutes=5)))
        second = crawl(server, first.cursor, backfill=timedelta(hours=50))
        assert 91 in numbers(second)
        assert asked(server) == [""]
        assert second.spider.errors == {}
        assert second.spider.gaps == 0
        assert json.loads(second.cursor)["newest"] == 91


def test_every_page_has_a_checkpoint_behind_its_posts() -> None:
    with TelegramServer([town(50)]) as server:
        crawled = crawl(server)
    pending: list[str] = []
    for item in crawled.items:
        if isinstance(item, Post):
            pending.append(item.id)
        elif isinstance(item, Checkpoint):
            assert list(item.covers) == pending
            pending = []
    assert pending == []
    assert [len(item.covers) for item in crawled.items if isinstance(item, Checkpoint)] == [20, 20, 10]


@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_a_crash_while_paging_back_leaves_a_gap_that_the_next_crawl_fills(stop_after: int) -> None:
    channel = town(30)
    with TelegramServer([channel]) as server:
        first = crawl(server)
        for number in range(31, 131):
            channel.add(ChannelPost(number, f"Ещё {number}", NOW + timedelta(minutes=number)))
        later = NOW + timedelta(hours=6)
        whole = crawl(server, first.cursor, at=later)
        marks = [index for index, item in enumerate(whole.items) if isinstance(item, Checkpoint)]
        cut = marks[stop_after - 1]
        kept = whole.items[: cut + 1]
        broken = kept[-1]
        assert isinstance(broken, Checkpoint)
        assert json.loads(broken.cursor)["gaps"] == [[31, 130 - 20 * stop_after]]
        again = crawl(server, broken.cursor, at=later)
    stored = {item.id for item in [*first.items, *kept, *again.items] if isinstance(item, Post)}
    assert stored == {f"tg:-1001500000001/{number}" for number in range(1, 131)}
    assert json.loads(again.cursor)["gaps"] == []


def test_pages_are_bounded_and_the_rest_waits_for_the_next_crawl() -> None:
    with TelegramServer([town(100)]) as server:
        first = crawl(server, options={"pages": "2"})
        assert numbers(first) == [*range(81, 101), *range(61, 81)]
        assert first.spider.gaps == 60
        second = crawl(server, first.cursor, options={"pages": "3"})
        third = crawl(server, second.cursor, options={"pages": "9"})
    assert {*numbers(first), *numbers(second), *numbers(third)} == set(range(1, 101))
    assert third.spider.gaps == 0


def test_an_edit_and_a_deletion_are_seen_on_a_re_visit() -> None:
    channel = town(60)
    with TelegramServer([channel]) as server:
        first = crawl(server, revisit=timedelta(hours=30))
        before = {post.id: digest_of(post) for post in first.posts}
        channel.edit(45, "Сообщение исправлено")
        channel.delete(50)
        second = crawl(server, first.cursor, revisit=timedelta(hours=30))
    after = {post.id: post for post in second.posts}
    changed = [id_ for id_, post in after.items() if digest_of(post) != before[id_]]
    assert changed == ["tg:-1001500000001/45"]
    assert after["tg:-1001500000001/45"].edited
    gone = {
        post.id
        for post in first.posts
        for window in second.items
        if isinstance(window, Window)
        and post.published_at
        and window.oldest < post.published_at < window.newest
        and post.id not in window.present
    }
    assert gone == {"tg:-1001500000001/50"}


def test_a_deletion_between_two_pages_is_seen_too() -> None:
    channel = town(60)
    with TelegramServer([channel]) as server:
        first = crawl(server, revisit=timedelta(hours=50))
        channel.delete(40)
        second = crawl(server, first.cursor, revisit=timedelta(hours=50))
        windows = [item for item in second.items if isinstance(item, Window)]
        deleted = next(post for post in first.posts if post.id.endswith("/40"))
    assert deleted.published_at
    assert any(window.oldest < deleted.published_at < window.newest for window in windows)
    assert all(deleted.id not in window.present for window in windows)


def test_numbers_that_are_not_there_are_counted_once() -> None:
    channel = town(40)
    channel.delete(25)
    with TelegramServer([channel]) as server:
        first = crawl(server)
        # What was deleted before the first crawl was never missed.
        assert first.spider.gaps == 0
        for number in range(41, 46):
            channel.add(ChannelPost(number, f"Сообщение номер {number}", NOW - timedelta(minutes=50 - number)))
        channel.delete(43)
        second = crawl(server, first.cursor)
        third = crawl(server, second.cursor)
    assert second.spider.gaps == 1
    assert third.spider.gaps == 0


def test_a_gap_below_a_busy_channel_is_read_before_old_pages_are_looked_at_again() -> None:
    cursor, read = "", set()
    with TelegramServer([town(300, every=timedelta(minutes=2))]) as server:
        for _ in range(5):
            crawled = crawl(server, cursor, revisit=timedelta(days=2), options={"pages": "5"})
            cursor = crawled.cursor
            read |= {*numbers(crawled)}
    assert json.loads(cursor)["gaps"] == []
    assert read == set(range(1, 301))


def test_a_message_as_odd_as_can_be_costs_no_other() -> None:
    channel = town(3)
    with TelegramServer([channel]) as server:
        page = server.answer("/s/podslushano_zarechny", "", {}).body.decode()
    nested = "<b>" * 1_500 + "глубоко" + "</b>" * 1_500
    page = page.replace("Сообщение номер 1", nested).replace("Сообщение номер 2", "9" * 400)
    views = '<span class="tgme_widget_message_views">'
    page = page.replace('<div class="tgme_widget_message_info', f'{views}{"9" * 400}</span><div class="x', 1)
    with pages({"/s/podslushano_zarechny": page}) as site:
        source = source_at(f"{site.url}/s/podslushano_zarechny", platform="telegram")
        crawled = run_spider(TelegramSpider, source, at=NOW)
    assert [post.text for post in crawled.posts][1:] == ["9" * 400, "Сообщение номер 3"]
    assert crawled.posts[0].text in {"глубоко", ""}
    assert crawled.cursor


def test_without_the_channels_number_nothing_is_read_and_it_is_said() -> None:
    channel = town(5)
    with TelegramServer([channel]) as server:
        page = server.answer("/s/podslushano_zarechny", "", {}).body.decode()
    with pages({"/s/podslushano_zarechny": page.replace("data-view=", "data-seen=")}) as site:
        source = source_at(f"{site.url}/s/podslushano_zarechny", platform="telegram")
        crawled = run_spider(TelegramSpider, source, at=NOW)
    assert crawled.items == []
    assert crawled.spider.broken == "markup"


def everything() -> Channel:
    posts = [
        ChannelPost(1, "Channel created", NOW - timedelta(days=1), service=True),
        ChannelPost(
            2,
            "На Лесной, 5 третий день нет воды!\n\nПодробности: https://zarechny.example/voda?a=1&b=2 и "
            "[здесь](https://zarechny.example/tut?x=1&y=2) #вода <b>не разметка</b>",
            NOW - timedelta(hours=20),
            views=1234,
            edited=True,
            signature="Анна К.",
            preview_url="https://zarechny.example/voda?a=1&b=2",
        ),
        ChannelPost(
            3,
            "Яма на Садовой",
            NOW - timedelta(hours=19),
            photos=("https://cdn.example/1.jpg", "https://cdn.example/2.jpg"),
        ),
        ChannelPost(5, "Вот место", NOW - timedelta(hours=18), location=(46.95, 142.73), reply_to=3),
        ChannelPost(
            6,
            "Переслано",
            NOW - timedelta(hours=17),
            forwarded_from="ЖКХ Заречного",
            forwarded_url="https://t.me/zhkh_zarechny/77",
        ),
        ChannelPost(
            7,
            "",
            NOW - timedelta(hours=16),
            poll=ChannelPoll("Топят ли у вас?", (("Да", 30), ("Нет", 70))),
        ),
        ChannelPost(8, "", NOW - timedelta(hours=15), hidden=True),
        ChannelPost(9, "", NOW - timedelta(hours=14), video="https://cdn.example/v.mp4?token=1", views=3_000_000),
    ]
    return Channel("podslushano_zarechny", "Подслушано: Заречный", 1500000001, posts)


def test_each_kind_of_message_is_read_as_a_person_reads_it() -> None:
    with TelegramServer([everything()]) as server:
        crawled = crawl(server, role=SourceRole.OFFICIAL)
    by_number = {int(post.id.rpartition("/")[2]): post for post in crawled.posts}
    water = by_number[2]
    assert water.text == (
        "На Лесной, 5 третий день нет воды!\n\nПодробности: https://zarechny.example/voda?a=1&b=2 и здесь #вода "
        "<b>не разметка</b>"
    )
    assert water.links == ("https://zarechny.example/voda?a=1&b=2", "https://zarechny.example/tut?x=1&y=2")
    assert (water.edited, water.counters.views, water.precision) == (True, 1230, TimePrecision.SECOND)
    assert water.published_at == NOW - timedelta(hours=20)
    assert water.url == "https://t.me/podslushano_zarechny/2"
    assert water.author
    assert (water.author.role, water.author.platform_id) == (AuthorRole.OFFICIAL, "sig:-1001500000001/Анна К.")
    assert "Лесной, 5" in water.raw.decode()
    assert "Яма" not in water.raw.decode()
    assert [media.kind for media in by_number[3].media] == ["photo", "photo"]
    assert {media.group for media in by_number[3].media} == {"3"}
    assert by_number[3].author
    assert by_number[3].author.platform_id == "tg:-1001500000001"
    assert (by_number[5].location, by_number[5].reply_to) == (Location(46.95, 142.73), "tg:-1001500000001/3")
    assert by_number[5].text == "Вот место"
    forward = by_number[6].forwarded_from
    assert forward
    assert (forward.source, forward.post) == ("ЖКХ Заречного", "https://t.me/zhkh_zarechny/77")
    poll = by_number[7].poll
    assert poll
    assert poll.options == (("Да", 30.0), ("Нет", 70.0))
    assert by_number[9].counters.views == 3_000_000
    skipped = [(item.key, item.reason) for item in crawled.items if isinstance(item, Skipped)]
    assert skipped == [("tg:-1001500000001/1", "service"), ("tg:-1001500000001/8", "hidden")]
    assert crawled.spider.gaps == 0


def test_photos_keep_their_key_while_their_addresses_change() -> None:
    channel = everything()
    with TelegramServer([channel]) as server:
        first = crawl(server)
        channel.posts = [
            ChannelPost(9, "", NOW - timedelta(hours=14), video="https://cdn.example/v.mp4?token=2")
            if post.number == 9
            else post
            for post in channel.posts
        ]
        second = crawl(server, first.cursor, revisit=timedelta(days=2))
    assert {post.id: digest_of(post) for post in first.posts} == {post.id: digest_of(post) for post in second.posts}


@pytest.mark.parametrize(
    ("channel", "word"),
    [
        (Channel("podslushano_zarechny", "Пусто", 15), "no posts"),
        (Channel("podslushano_zarechny", "Закрыто", 15, [ChannelPost(1, "x", NOW)], preview=False), "no preview"),
        (Channel("another", "Другой", 15, [ChannelPost(1, "x", NOW)]), "no channel"),
    ],
)
def test_a_channel_without_posts_one_without_preview_and_none_at_all_are_told_apart(
    channel: Channel, word: str, caplog: pytest.LogCaptureFixture
) -> None:
    with TelegramServer([channel]) as server:
        crawled = crawl(server)
    assert crawled.items == []
    assert crawled.spider.broken == word
    assert crawled.spider.errors == {word: 1}
    assert word in caplog.text


def test_a_page_that_is_no_channel_page_is_an_error_and_not_silence() -> None:
    with pages({"/s/town": "<html><body>Are you a robot?</body></html>"}) as site:
        crawled = run_spider(TelegramSpider, source_at(f"{site.url}/s/town", platform="telegram"))
    assert crawled.spider.broken == "markup"


def test_robots_txt_is_obeyed_and_its_refusal_is_reported() -> None:
    with TelegramServer([town(3)]) as server:
        server.robots = "User-agent: *\nDisallow: /s/\n"
        crawled = crawl(server)
    assert (crawled.posts, crawled.spider.broken) == ([], "robots")


def test_too_many_requests_are_waited_out() -> None:
    with TelegramServer([town(3)]) as server:
        server.fail(429, times=1, retry_after=0)
        crawled = crawl(server)
    assert numbers(crawled) == [1, 2, 3]


def test_a_name_that_went_to_another_channel_is_said_and_read_anew() -> None:
    channel = town(30)
    with TelegramServer([channel]) as server:
        first = crawl(server)
        channel.number = 1600000002
        channel.posts = channel.posts[:5]
        second = crawl(server, first.cursor)
    assert second.spider.errors["other channel"] == 1
    assert {post.id for post in second.posts} == {f"tg:-1001600000002/{number}" for number in range(1, 6)}
    # What the page does not show of the former channel is not gone: nobody looked there.
    assert {item.prefix for item in second.items if isinstance(item, Window)} == {"tg:-1001600000002/"}


def test_a_page_cut_short_loses_nothing_in_the_end() -> None:
    channel = town(40)
    with TelegramServer([channel]) as server:
        whole = server.answer("/s/podslushano_zarechny", "", {})
        half = whole.body[: whole.body.index(b'data-post="podslushano_zarechny/35"') + 200]
        server.failing.append(type(whole)(half))
        first = crawl(server)
        assert max(numbers(first)) == 34
        assert first.spider.errors["cut off"] == 1
        assert not [
            item for item in first.items if isinstance(item, Window) and item.newest >= NOW - timedelta(hours=7)
        ]
        second = crawl(server, first.cursor)
    assert {*numbers(first), *numbers(second)} == set(range(1, 41))


def test_a_broken_cursor_is_said_and_the_channel_read_anew() -> None:
    with TelegramServer([town(3)]) as server:
        crawled = crawl(server, '{"newest": "many"}')
    assert crawled.spider.errors == {"cursor": 1}
    assert numbers(crawled) == [1, 2, 3]


@pytest.mark.parametrize(
    "address",
    [
        "https://t.me/s/zarechny",
        "t.me/zarechny",
        "zarechny",
        "@zarechny",
        "https://t.me/zarechny/",
        "http://telegram.me/zarechny",
    ],
)
def test_forms_of_a_channels_address(address: str) -> None:
    assert preview_url(address) == "https://t.me/s/zarechny"


@pytest.mark.parametrize("address", ["", "https://t.me/+AbCd", "https://t.me/joinchat/x", "https://vk.com/x"])
def test_what_is_no_channels_address(address: str) -> None:
    with pytest.raises(ValueError):
        preview_url(address)


REAL: dict[str, dict[str, Any]] = {
    "test_parse_audio_document_1": {"text": "Povo hebreu", "media": ["audio"], "views": 2},
    "test_parse_audio_message_1": {"text": "", "media": ["voice"]},
    "test_parse_emoji_message_1": {"text": "👍"},
    "test_parse_forwarded_text_message_1": {"text": ";)", "forward": "Some user"},
    "test_parse_location_message_1": {"text": "", "lat": -23.930587176407},
    "test_parse_location_message_2_1": {"text": "", "lat": -23.532363086523},
    "test_parse_message_weird_preview_1": {"starts": "_\n\n✍️ ", "links": 7, "views": 1200, "edited": True},
    "test_parse_photo_single_1": {"text": "Picture by telegram camera", "media": ["photo"]},
    "test_parse_poll_1": {"text": "", "options": 3},
    "test_parse_round_video_single_1": {"text": "", "media": ["round_video"]},
    "test_parse_service_message_channel_created_1": {"skipped": "service"},
    "test_parse_service_message_channel_name_changed_1": {"skipped": "service"},
    "test_parse_service_message_channel_photo_updated_1": {"skipped": "service"},
    "test_parse_service_message_channel_video_changed_1": {"text": '+ "Channel video changed"', "views": 3_100_000},
    "test_parse_service_message_pinned_1": {"skipped": "service"},
    "test_parse_signed_edited_text_message_1": {
        "text": "Hello! Signed and edited message",
        "edited": True,
        "signed": True,
    },
    "test_parse_sticker_message_1": {"text": "", "media": ["sticker"]},
    "test_parse_text_message_link_no_preview_1": {
        "text": "This is a message with a link\n\nhttps://brasil.io/",
        "links": 1,
        "edited": True,
    },
    "test_parse_text_message_link_with_regular_preview_1": {"starts": "https://agenciabrasil.ebc.com.br/", "links": 1},
    "test_parse_text_message_multiline_1": {"text": "Bigger\ntext\nmessage\nnumber\n34"},
    "test_parse_text_message_signed_not_edited_1": {"text": "Signed and not edited", "signed": True},
    "test_parse_text_reply_to_video_1": {"text": "Reply to a video (not recorded in telegram)", "reply": "/19"},
    "test_parse_unsigned_text_message_1": {"text": "Unsigned message"},
    "test_parse_video_big_1": {"text": "some text", "media": ["video"], "views": 436_600},
    "test_parse_video_single_1": {"text": "Video by telegram camera", "media": ["video"]},
}


def read_of(crawled: Crawled[TelegramSpider]) -> dict[str, object]:
    """What a person would note of a page of one message."""
    skipped = [item for item in crawled.items if isinstance(item, Skipped)]
    if skipped:
        return {"skipped": skipped[0].reason}
    (post,) = crawled.posts
    assert post.published_at
    assert post.author
    return {
        "text": post.text,
        "media": [media.kind for media in post.media],
        "links": len(post.links),
        "edited": post.edited,
        "signed": post.author.platform_id.startswith("sig:"),
        "views": post.counters.views,
        "forward": post.forwarded_from.source if post.forwarded_from else "",
        "options": len(post.poll.options) if post.poll else 0,
        "lat": post.location.lat if post.location else None,
        "reply": "/" + post.reply_to.rpartition("/")[2],
        "number": post.id,
    }


@pytest.mark.real
def test_recorded_messages_are_read_as_a_person_reads_them(real_data: Path) -> None:
    recorded = {path.stem: path.read_bytes() for path in sorted((real_data / "telegram").glob("*.html"))}
    assert set(REAL) == set(recorded) - {"test_channel_info_1", "test_parse_no_posts_found_1"}
    answers: Any = {f"/s/{name}": recorded[name].decode() for name in REAL}
    with pages(answers) as site:
        for name, expected in REAL.items():
            source = source_at(f"{site.url}/s/{name}", platform="telegram", backfill=timedelta(days=9000))
            read = read_of(run_spider(TelegramSpider, source))
            plain = {
                "media": [],
                "links": 0,
                "edited": False,
                "signed": False,
                "forward": "",
                "options": 0,
                "lat": None,
            }
            wanted = expected if "skipped" in expected else {**plain, **expected}
            start = wanted.pop("starts", None)
            assert {key: read[key] for key in wanted} == wanted, name
            assert start is None or str(read["text"]).startswith(str(start)), name


@pytest.mark.real
def test_the_recorded_page_without_posts_is_told(real_data: Path) -> None:
    body = (real_data / "telegram" / "test_parse_no_posts_found_1.html").read_text()
    with pages({"/s/town": body}) as site:
        crawled = run_spider(TelegramSpider, source_at(f"{site.url}/s/town", platform="telegram"))
    assert crawled.spider.broken == "no posts"

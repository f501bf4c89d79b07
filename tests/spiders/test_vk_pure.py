"""What VK's answers mean, without Scrapy and HTTP: text, attachments, addresses, errors, cursors, hostile JSON."""

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.model.city import Token
from crawler.model.crawled import Gone, Skipped
from crawler.model.items import AuthorRole, Location, Post
from crawler.platforms.vk import METHODS, WALL_METHODS, TokenKind, allowance, check_token
from crawler.platforms.vk_address import parse_wall
from crawler.platforms.vk_errors import ADVICE, FAULTS, Handling, VkError
from spiders.vk_comment import read_comment
from spiders.vk_cursor import MOST_THREADS, Cursor, Gap, Thread
from spiders.vk_media import attached, best_size, location_of
from spiders.vk_post import read_post
from spiders.vk_reader import Reader, UnreadableError
from spiders.vk_text import readable
from tests.spiders.examples import EXAMPLES

SEEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def reader(role: AuthorRole = AuthorRole.UNKNOWN) -> Reader:
    return Reader("wall", -77, role, SEEN, names={-77: "Заречный", 11: "Анна Речная"})


def item(**fields: Any) -> dict[str, Any]:
    return {"id": 5, "owner_id": -77, "from_id": -77, "date": 1_772_430_000, "text": "Нет воды", **fields}


@pytest.mark.parametrize(
    ("text", "shown", "links"),
    [
        ("[id1|Анна], спасибо", "Анна, спасибо", ["https://vk.com/id1"]),
        ("[id11:bp-77_5|Анна], и у нас", "Анна, и у нас", ["https://vk.com/id11"]),
        ("[club5|Водоканал] и [public6|ЖЭК]", "Водоканал и ЖЭК", ["https://vk.com/club5", "https://vk.com/public6"]),
        ("[https://vk.com/album-1_2|фото]", "фото", ["https://vk.com/album-1_2"]),
        ("[#alias|наш сайт|https://site.example/a]", "наш сайт", ["https://site.example/a"]),
        ("#вода@zarechny #свет", "#вода #свет", []),
        ("Пишите на mail@site.example", "Пишите на mail@site.example", []),
        ("См. https://site.example/a?b=1), да", "См. https://site.example/a?b=1), да", ["https://site.example/a?b=1"]),
        ("Строка\nи ещё\n\nодна", "Строка\nи ещё\n\nодна", []),
        ("[не ссылка|совсем] [id1|", "[не ссылка|совсем] [id1|", []),
    ],
)
def test_marks_become_what_a_person_reads(text: str, shown: str, links: list[str]) -> None:
    assert readable(text) == (shown, tuple(links))


@given(st.text(alphabet="[]|#@:id1club/htps.\nя", max_size=200))
def test_no_marks_are_too_odd(text: str) -> None:
    readable(text)


@pytest.mark.parametrize(
    ("address", "owner", "name"),
    [
        ("club77", -77, ""),
        ("public77", -77, ""),
        ("event77", -77, ""),
        ("id5", 5, ""),
        ("-77", -77, ""),
        ("@Zarechny_talks", 0, "zarechny_talks"),
        ("zarechny.talks", 0, "zarechny.talks"),
        ("https://vk.com/club77", -77, ""),
        ("https://m.vk.com/zarechny?w=wall-77_5", 0, "zarechny"),
        ("vk.com/wall-77", -77, ""),
        ("https://vk.ru/public77/", -77, ""),
        ("http://10.0.0.5:8080/club77", -77, ""),
    ],
)
def test_every_spelling_of_an_address(address: str, owner: int, name: str) -> None:
    wall = parse_wall(address)
    assert (wall.owner, wall.name) == (owner, name)


@pytest.mark.parametrize(
    "address", ["", "@", "0", "club0", "https://vk.com/", "https://vk.com/feed", "а б", "a/b", "id-5"]
)
def test_what_is_no_wall(address: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_wall(address)


def test_a_server_of_ones_own_is_asked_where_it_is() -> None:
    wall = parse_wall("http://10.0.0.5:8080/club77")
    assert (wall.api, wall.host) == ("http://10.0.0.5:8080/method/", "10.0.0.5:8080")
    assert parse_wall("club77").api == "https://api.vk.com/method/"


def test_every_type_of_attachment_is_shown_left_out_or_counted() -> None:
    kinds = "photo posted_photo video clip doc graffiti audio podcast sticker album link article note page event group"
    kinds += " market market_album video_playlist audio_playlist poll"
    for kind in kinds.split():
        inner = {"id": 2, "owner_id": -1, "url": "https://a.example/b", "view_url": "https://a.example/b"}
        found = attached([{"type": kind, kind: inner}])
        assert len(found.media) + len(found.links) + (found.poll is not None) == 1, kind
        assert not found.unknown
    found = attached([{"type": "app", "app": {}}, {"type": "hologram"}, {"type": "photo"}, 5, {"type": []}])
    assert (found.ignored, found.unknown.total(), found.media) == ({"app": 1}, 4, [])
    assert [one.key for one in attached([{"type": "photos_list", "photos_list": ["1_2", "1_3"]}]).media] == [
        "photo1_2",
        "photo1_3",
    ]


def test_the_best_size_of_every_version() -> None:
    sizes = [{"url": "s", "width": 75, "height": 50}, {"url": "w", "width": 900, "height": 600}, {"width": 9999}]
    assert best_size({"sizes": sizes}) == "w"
    assert best_size({"sizes": sizes, "orig_photo": {"url": "o", "width": 3000, "height": 2000}}) == "o"
    assert best_size({"photo_75": "a", "photo_604": "b"}) == "b"
    assert best_size({}) == ""


@pytest.mark.parametrize(
    ("geo", "location"),
    [
        ({"coordinates": "56.1 47.2", "place": {"title": "Парк"}}, Location(56.1, 47.2, "Парк")),
        ({"coordinates": {"latitude": 56.1, "longitude": 47.2}}, Location(56.1, 47.2)),
        ({"coordinates": "156 47"}, None),
        ({"coordinates": "nan 47"}, None),
        ({}, None),
        (5, None),
    ],
)
def test_points_of_every_version(geo: Any, location: Location | None) -> None:
    assert location_of(geo) == location


@pytest.mark.parametrize(
    ("role", "fields", "who", "speaks"),
    [
        (AuthorRole.OFFICIAL, {}, "vk:-77", AuthorRole.OFFICIAL),
        (AuthorRole.OFFICIAL, {"signer_id": 11}, "vk:-77", AuthorRole.OFFICIAL),
        (AuthorRole.UNKNOWN, {"signer_id": 11}, "vk:11", AuthorRole.RESIDENT),
        (AuthorRole.OFFICIAL, {"from_id": 11}, "vk:11", AuthorRole.RESIDENT),
        (AuthorRole.OFFICIAL, {"from_id": -5}, "vk:-5", AuthorRole.UNKNOWN),
    ],
)
def test_who_speaks(role: AuthorRole, fields: dict[str, Any], who: str, speaks: AuthorRole) -> None:
    post = read_post(item(**fields), reader(role))
    assert isinstance(post, Post)
    assert post.author
    assert (post.author.platform_id, post.author.role) == (who, speaks)


def test_a_repost_of_a_person_names_nobody_but_their_pseudonym() -> None:
    post = read_post(item(copy_history=[{"id": 1, "owner_id": 11, "text": "Спасибо"}]), reader())
    assert isinstance(post, Post)
    assert post.text == "Нет воды\n\nСпасибо"
    assert post.forwarded_from
    assert (post.forwarded_from.source, post.forwarded_from.post) == ("vk:11", "")


def test_what_others_said_under_a_post_is_not_in_its_payload() -> None:
    post = read_post(item(activity={"comments": [{"text": "чужое"}]}), reader())
    told = read_comment(item(thread={"count": 1, "items": [{"id": 9, "text": "чужое"}]}), reader(), 5)
    assert isinstance(post, Post)
    assert isinstance(told, Post)
    assert "чужое" not in (post.raw + told.raw).decode()


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"marked_as_ads": 1}, "advert"),
        ({"post_type": "post_ads"}, "advert"),
        ({"post_type": "postpone"}, "not published"),
        ({"donut": {"is_donut": True, "placeholder": {}}}, "donut"),
        ({"text": " "}, "empty"),
    ],
)
def test_what_is_no_post_says_why(fields: dict[str, Any], reason: str) -> None:
    read = read_post(item(**fields), reader())
    assert isinstance(read, Skipped)
    assert read.reason == reason


def test_deleted_ones_are_gone() -> None:
    assert read_post(item(is_deleted=True), reader()) == Gone("wall", "vk:-77_5", SEEN)
    assert read_comment(item(deleted=True), reader(), 4) == Gone("wall", "vk:-77_4#5", SEEN)


def test_the_codes_that_the_platform_is_known_for_have_a_meaning() -> None:
    known = {1, 5, 6, 7, 9, 10, 13, 14, 15, 17, 18, 19, 27, 28, 29, 30, 100, 210, 212}
    assert known <= FAULTS.keys()
    assert {fault.handling for fault in FAULTS.values()} == set(Handling)
    for fault in FAULTS.values():
        assert ADVICE[fault.word] == fault.text
    expired = VkError("wall.get", 5, "User authorization failed: access_token has expired.")
    assert (expired.fault.word, ADVICE["token expired"]) == ("token expired", expired.fault.text)
    assert VkError("wall.get", 5, "User authorization failed: invalid session.").fault.word == "token"
    unknown = VkError("wall.get", 4242, "Something new")
    assert (unknown.fault.word, unknown.fault.handling) == ("unknown error", Handling.BUG)
    assert "4242 Something new" in str(unknown)


@pytest.mark.real
def test_every_error_of_the_methods_that_are_called_has_a_meaning(real_data: Path) -> None:
    schema = real_data / "vk" / "schema"
    errors = json.loads((schema / "errors.json").read_text(encoding="utf-8"))["errors"]
    codes = {errors[name]["code"] for name in errors if errors[name].get("global")} - set(range(101, 210)) - {220}
    for method, ours in METHODS.items():
        section = method.partition(".")[0]
        methods = json.loads((schema / section / "methods.json").read_text(encoding="utf-8"))["methods"]
        told = next(one for one in methods if one["name"] == method)
        kinds = {"group": "community"}
        assert {kinds.get(kind, kind) for kind in told["access_token_type"]} == ours.kinds
        codes |= {errors[error["$ref"].rpartition("/")[2]]["code"] for error in told.get("errors", [])}
    # Of albums, votes, adverts: nothing that is called can answer with them.
    elsewhere = {300, 500, 600, 603, 3305}
    assert codes - elsewhere <= FAULTS.keys()


def test_rates_and_quotas_are_data_that_the_city_file_may_replace() -> None:
    assert allowance(Token("T", "user"), "wall.get").a_second == 3
    assert allowance(Token("T", "service"), "wall.get").a_day == 5_000
    own = Token("T", "service", a_second=2.5, a_day={"wall.get": 100})
    assert (allowance(own, "wall.get").a_second, allowance(own, "wall.get").a_day) == (2.5, 100)
    assert allowance(own, "wall.search").a_day == 1_000
    assert check_token(own) == []
    assert len(check_token(Token("T", "community"))) == len(
        [m for m in WALL_METHODS if TokenKind.COMMUNITY not in METHODS[m].kinds]
    )


def test_a_cursor_reads_back_what_it_wrote() -> None:
    cursor = Cursor(-77, 900, 260, SEEN, 5, (Gap(1, 2, 3, 4),), {900: Thread(1, 2, 3, 4)})
    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize(
    "text",
    ["{}", "[]", "x", '{"owner": 1}', '{"owner":1,"newest":1,"total":1,"since":"","deep":1,"gaps":[],"threads":[]}'],
)
def test_a_broken_cursor_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        Cursor.parse(text)


def test_no_thread_that_waits_is_forgotten() -> None:
    cursor = Cursor().counted(1, 5)
    for number in range(2, MOST_THREADS + 50):
        cursor = cursor.counted(number, 3).threaded(number, Thread(3))
    assert len(cursor.threads) == MOST_THREADS
    assert cursor.threads[1].waiting == 5


def test_a_count_that_fell_waits_as_one() -> None:
    cursor = Cursor().threaded(1, Thread(read=9)).counted(1, 7)
    assert cursor.threads[1].waiting == 1
    assert cursor.counted(1, 0).threads[1].waiting == 1


def mangled(value: Any, chance: random.Random) -> Any:
    """The JSON with some values of another type."""
    if chance.random() < 0.05:
        return chance.choice([None, 10**30, -1, 1.5, "", "я" * 10, [], {}, True, float("inf"), [[[]]]])
    if isinstance(value, dict):
        return {name: mangled(inner, chance) for name, inner in value.items()}
    return [mangled(inner, chance) for inner in value] if isinstance(value, list) else value


READERS: tuple[tuple[str, Callable[[Any], object]], ...] = (
    ("wall.json", lambda one: read_post(one, reader())),
    ("comments-930.json", lambda one: read_comment(one, reader(), 930)),
)


@pytest.mark.parametrize("seed", range(300))
def test_odd_values_are_counted_and_break_nothing(seed: int) -> None:
    chance = random.Random(seed)
    for name, read in READERS:
        answer = json.loads((EXAMPLES / "vk" / name).read_text(encoding="utf-8"))["response"]
        for one in answer["items"]:
            odd = mangled(one, chance)
            if not isinstance(odd, dict):
                continue
            try:
                found = read(odd)
            except UnreadableError:
                continue
            assert isinstance(found, Post | Skipped | Gone)
        whole = mangled(answer, chance)
        reader().know(whole if isinstance(whole, dict) else {})

"""The local VK server: what a client meets on the service itself."""

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from demo.servers.vk import Comment, Group, Person, Photo, Repost, Token, Topic, VkServer, WallPost
from tests.crawling import FrozenClock
from tests.demo.calling import ask, call, refused

NOW = datetime(2026, 3, 2, 20, 30, tzinfo=UTC)
ROOMY = [Token("t", rate=1000), Token("user", "user", rate=1000), Token("own", "community", group_id=1, rate=1000)]


def hours(count: float) -> datetime:
    return NOW - timedelta(hours=count)


@pytest.fixture
def group() -> Group:
    """Posts 1 … 30, an hour apart, number 7 pinned; post 30 has a thread and a comment without answers."""
    posts = [WallPost(number, -1, f"Запись номер {number}", hours(31 - number)) for number in range(1, 31)]
    posts[6].pinned = True
    posts[29].comments = [
        Comment(101, 501, "Когда дадут воду?", hours(0.9)),
        Comment(102, -1, "Сегодня к вечеру.", hours(0.8), reply_to=101),
        Comment(103, 502, "А по Речной, 4?", hours(0.7), reply_to=102),
        Comment(104, 503, "Спасибо", hours(0.6)),
    ]
    return Group(1, "zarechny", "Заречный сегодня", posts)


@pytest.fixture
def server(group: Group) -> Iterator[VkServer]:
    people = [
        Person(601, "Анна", "Закрытая", "anna_z", closed=True),
        Person(602, "Борис", "Удалённый", deactivated="deleted"),
        Person(603, "Вера", "Открытая", posts=[WallPost(1, 603, "Моя запись", hours(1))]),
    ]
    with VkServer([group], tokens=ROOMY, people=people, clock=FrozenClock(NOW)) as running:
        yield running


def ids(response: dict[str, list[dict[str, int]]]) -> list[int]:
    return [item["id"] for item in response["items"]]


def test_a_wall_is_paged_newest_first_behind_the_pinned_post(server: VkServer) -> None:
    newest_first = [7, *(number for number in range(30, 0, -1) if number != 7)]
    first = ask(server, "wall.get", domain="zarechny", count=10)
    assert (first["count"], ids(first)) == (30, newest_first[:10])
    assert [item.get("is_pinned") for item in first["items"][:2]] == [1, None]
    assert ids(ask(server, "wall.get", owner_id=-1, offset=10, count=100)) == newest_first[10:]
    assert ids(ask(server, "wall.get", owner_id=-1, post=True)) == newest_first[:20]
    assert ask(server, "wall.get", owner_id=-1, count=0)["items"] == []


def test_a_token_may_come_as_a_bearer(server: VkServer) -> None:
    address, form = f"{server.api}wall.get", b"v=5.199&owner_id=-1&count=1"
    request = urllib.request.Request(address, form, headers={"Authorization": "Bearer t"})
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["response"]["count"] == 30
    assert server.calls_by["t", "wall.get"] == 1


def test_a_name_is_found_in_every_form(server: VkServer) -> None:
    for domain in ("zarechny", "Zarechny", "club1", "public1"):
        assert ask(server, "wall.get", domain=domain, count=1)["count"] == 30
    assert ask(server, "utils.resolveScreenName", screen_name="zarechny")["object_id"] == 1
    assert ask(server, "utils.resolveScreenName", screen_name="anna_z") == {"type": "user", "object_id": 601}
    assert refused(server, "utils.resolveScreenName", screen_name="nobody_at_all") == 104
    assert ask(server, "groups.getById", group_ids="zarechny,1")["groups"][1]["name"] == "Заречный сегодня"
    assert ask(server, "groups.getById", token="own")["groups"][0]["id"] == 1
    assert [one["id"] for one in ask(server, "users.get", user_ids="601,anna_z,602")] == [601, 601, 602]


def test_extended_tells_who_wrote_and_who_is_repeated(server: VkServer, group: Group) -> None:
    inner = WallPost(5, -9, "Первая", hours(50))
    group.add(
        WallPost(
            31, 501, "", hours(0), copy_of=Repost(-8, WallPost(4, -8, "Вторая", hours(40), copy_of=Repost(-9, inner)))
        )
    )
    told = ask(server, "wall.get", owner_id=-1, offset=1, count=1, extended=1, fields="screen_name")
    assert [post["text"] for post in told["items"][0]["copy_history"]] == ["Вторая", "Первая"]
    assert [one["screen_name"] for one in told["profiles"]] == ["id501"]
    assert [one["id"] for one in told["groups"]] == [9, 8, 1]
    by_id = ask(server, "wall.getById", posts="-1_31,-1_999,-77_1", copy_history_depth=1)
    assert [len(post["copy_history"]) for post in by_id["items"]] == [1]


def test_comments_come_in_threads_as_vk_nests_them(server: VkServer) -> None:
    told = ask(server, "wall.getComments", owner_id=-1, post_id=30, thread_items_count=1, need_likes=1)
    assert (told["count"], told["current_level_count"], ids(told)) == (4, 2, [101, 104])
    thread = told["items"][0]["thread"]
    assert (thread["count"], ids(thread)) == (2, [102])
    inside = ask(server, "wall.getComments", owner_id=-1, post_id=30, comment_id=101)
    assert [(one["id"], one["parents_stack"], one["reply_to_comment"]) for one in inside["items"]] == [
        (102, [101], 101),
        (103, [101], 102),
    ]
    assert "thread" not in inside["items"][0]
    assert (inside["count"], inside["current_level_count"]) == (2, 2)


def test_threads_nest_deeper_where_told_so(group: Group) -> None:
    with VkServer([group], tokens=ROOMY, clock=FrozenClock(NOW), thread_depth=5) as server:
        under = ask(server, "wall.getComments", owner_id=-1, post_id=30, comment_id=102)
        assert [(one["id"], one["parents_stack"]) for one in under["items"]] == [(103, [101, 102])]
        top = ask(server, "wall.getComments", owner_id=-1, post_id=30, thread_items_count=10)["items"][0]
        assert (top["thread"]["count"], ids(top["thread"])) == (2, [102])


def test_comments_are_sorted_paged_and_begun_anywhere(server: VkServer, group: Group) -> None:
    group.post(1).comments = [Comment(number, 501, f"К {number}", hours(30 - number / 10)) for number in range(1, 151)]

    def page(**params: Any) -> list[int]:
        return ids(ask(server, "wall.getComments", owner_id=-1, post_id=1, **params))

    assert page() == list(range(1, 11))
    assert page(count=1000) == list(range(1, 101))
    assert page(count=100, offset=100) == list(range(101, 151))
    assert page(count=3, sort="desc") == [150, 149, 148]
    assert page(count=2, start_comment_id=120) == [120, 121]
    assert page(count=2, start_comment_id=120, offset=-2) == [118, 119]
    assert page(count=2, start_comment_id=120, sort="desc") == [120, 119]
    told = ask(server, "wall.getComments", owner_id=-1, post_id=1, start_comment_id=120)
    assert told["real_offset"] == 119
    assert refused(server, "wall.getComments", owner_id=-1, post_id=1, offset=-2) == 100


def test_long_comments_are_cut_unless_asked_for_whole(server: VkServer, group: Group) -> None:
    group.post(2).add(Comment(201, 501, "а" * 200, hours(1)))
    cut, whole = (
        ask(server, "wall.getComments", owner_id=-1, post_id=2, preview_length=length)["items"][0]["text"]
        for length in (None, 0)
    )
    assert (len(cut), len(whole)) == (91, 200)


def test_a_deleted_comment_leaves_a_mark_where_it_was_answered(server: VkServer, group: Group) -> None:
    group.post(30).comment(101).delete()
    group.post(30).comment(104).delete()
    told = ask(server, "wall.getComments", owner_id=-1, post_id=30, thread_items_count=10)
    assert (told["count"], told["current_level_count"]) == (2, 1)
    mark = told["items"][0]
    assert (mark["id"], mark["deleted"], mark["text"], mark["from_id"]) == (101, True, "", 0)
    assert ids(mark["thread"]) == [102, 103]
    group.post(30).comment(103).delete()
    assert ids(ask(server, "wall.getComments", owner_id=-1, post_id=30, comment_id=101)) == [102]


def test_edits_deletions_and_late_comments_are_seen_at_the_next_visit(server: VkServer, group: Group) -> None:
    group.post(29).edit("Исправлено", NOW)
    group.post(28).delete()
    group.post(27).add(Comment(301, 501, "Поздний комментарий", NOW))
    told = {post["id"]: post for post in ask(server, "wall.get", owner_id=-1, count=5)["items"]}
    assert (told[29]["text"], told[29]["edited"]) == ("Исправлено", int(NOW.timestamp()))
    assert 28 not in told
    assert told[27]["comments"]["count"] == 1
    assert ask(server, "wall.getById", posts="-1_28")["items"] == []
    assert refused(server, "wall.getComments", owner_id=-1, post_id=28) == 15


def test_nothing_later_than_the_clock_is_shown(group: Group) -> None:
    clock = FrozenClock(hours(10))
    group.post(1).add(Comment(401, 501, "Позже", hours(5)))
    with VkServer([group], tokens=ROOMY, clock=clock) as server:
        assert ask(server, "wall.get", owner_id=-1)["count"] == 21
        assert ask(server, "wall.getComments", owner_id=-1, post_id=1)["count"] == 0
        clock.at = NOW
        assert ask(server, "wall.get", owner_id=-1)["count"] == 30
        assert ask(server, "wall.getComments", owner_id=-1, post_id=1)["count"] == 1


def test_searches_find_words_on_a_wall_and_everywhere(server: VkServer) -> None:
    assert ids(ask(server, "wall.search", owner_id=-1, query="запись 17")) == [17]
    first = ask(server, "newsfeed.search", q="запись", count=3)
    assert (first["total_count"], ids(first)) == (31, [1, 30, 29])
    assert ids(ask(server, "newsfeed.search", q="запись", count=2, start_from=first["next_from"])) == [28, 27]
    since = int(hours(3.5).timestamp())
    assert ask(server, "newsfeed.search", q="номер", start_time=since)["count"] == 3


def test_discussions_are_read_too(server: VkServer, group: Group) -> None:
    group.topics = [
        Topic(1, "Дороги", [Comment(1, 501, "Ямы", hours(9)), Comment(2, 502, "Да", hours(8))]),
        Topic(2, "Вопросы главе", [Comment(3, -1, "Спрашивайте", hours(30))], fixed=True),
    ]
    told = ask(server, "board.getTopics", group_id=1, preview=3)
    assert [(one["id"], one["comments"], one["last_comment"]) for one in told["items"]] == [
        (2, 1, "Спрашивайте"),
        (1, 2, "Да"),
    ]
    assert ids(ask(server, "board.getComments", group_id=1, topic_id=1)) == [1, 2]
    assert refused(server, "board.getComments", group_id=1, topic_id=9) == 100


@pytest.mark.parametrize(
    ("code", "method", "params"),
    [
        (3, "wall.nothing", {}),
        (5, "wall.get", {"access_token": None, "owner_id": -1}),
        (5, "wall.get", {"access_token": "another", "owner_id": -1}),
        (8, "wall.get", {"v": None, "owner_id": -1}),
        (8, "wall.get", {"v": "5.21", "owner_id": -1}),
        (15, "wall.get", {"owner_id": -1, "filter": "suggests"}),
        (18, "wall.get", {"owner_id": 602}),
        (30, "wall.get", {"owner_id": 601}),
        (100, "wall.get", {}),
        (100, "wall.get", {"owner_id": -404}),
        (100, "wall.get", {"owner_id": -1, "offset": -1}),
        (100, "wall.search", {"owner_id": -1, "query": "а", "count": 101}),
        (100, "wall.getComments", {"owner_id": -1}),
        (100, "wall.getComments", {"owner_id": -1, "post_id": 30, "thread_items_count": 11}),
        (100, "wall.getComments", {"owner_id": -1, "post_id": 30, "sort": "best"}),
        (15, "wall.getComments", {"owner_id": -1, "post_id": 404}),
        (15, "wall.getComments", {"owner_id": -1, "post_id": 30, "comment_id": 404}),
    ],
)
def test_what_is_wrong_is_answered_as_vk_does(code: int, method: str, params: dict[str, Any], server: VkServer) -> None:
    told = call(server, method, **params)["error"]
    assert told["error_code"] == code
    names = [one["key"] for one in told["request_params"]]
    assert names[0] == "method"
    assert "access_token" not in names


def test_each_kind_of_token_may_call_its_own_methods(server: VkServer) -> None:
    assert refused(server, "wall.get", token="own", owner_id=-1) == 27
    assert refused(server, "execute", code="return 1;") == 28
    assert refused(server, "execute", token="user", code="return 1;") == 12
    assert refused(server, "wall.getComment", owner_id=-1, comment_id=101) == 28
    assert ask(server, "wall.getComment", token="user", owner_id=-1, comment_id=103)["items"][0]["parents_stack"] == [
        101
    ]


def test_walls_that_are_closed_say_so(server: VkServer, group: Group) -> None:
    group.closed = 1
    assert refused(server, "wall.get", owner_id=-1) == 15
    assert ask(server, "wall.getById", posts="-1_30")["items"] == []
    group.members.add("user")
    assert ask(server, "wall.get", token="user", owner_id=-1)["count"] == 30
    group.closed, group.wall = 0, False
    assert call(server, "wall.get", owner_id=-1)["error"]["error_msg"] == "Access denied: wall is disabled"
    group.wall, group.deactivated = True, "banned"
    assert refused(server, "wall.get", owner_id=-1) == 15
    assert ask(server, "groups.getById", group_ids=1)["groups"][0]["deactivated"] == "banned"


def test_closed_comments_are_refused(server: VkServer, group: Group) -> None:
    group.post(30).comments_closed = True
    assert refused(server, "wall.getComments", owner_id=-1, post_id=30) == 212
    assert ask(server, "wall.getById", posts="-1_30")["items"][0]["comments"]["can_post"] == 0


def test_a_rate_is_a_sliding_second_of_each_token(group: Group) -> None:
    ticks = [0.0]
    tokens = [Token("t"), Token("user", "user")]
    with VkServer([group], tokens=tokens, clock=FrozenClock(NOW), ticks=lambda: ticks[0]) as server:
        codes = [call(server, "wall.get", owner_id=-1).get("error", {}).get("error_code", 0) for _ in range(7)]
        assert codes == [0, 0, 0, 0, 0, 6, 6]
        assert [call(server, "wall.get", token="user", owner_id=-1).keys() == {"response"} for _ in range(4)] == [
            True
        ] * 3 + [False]
        assert (server.exceeded, server.exceeded_by) == (3, {("t", "rate"): 2, ("user", "rate"): 1})
        ticks[0] = 1.0
        ask(server, "wall.get", owner_id=-1)
        assert server.calls == {"wall.get": 12}
        assert server.calls_by["user", "wall.get"] == 4


def test_a_quota_is_over_until_midnight(group: Group) -> None:
    clock = FrozenClock(NOW)
    with VkServer([group], tokens=[Token("t", rate=1000, daily={"wall.get": 3})], clock=clock) as server:
        codes = [call(server, "wall.get", owner_id=-1).get("error", {}).get("error_code", 0) for _ in range(4)]
        assert codes == [0, 0, 0, 29]
        assert ask(server, "wall.getComments", owner_id=-1, post_id=30)["count"] == 4
        clock.at = NOW + timedelta(minutes=31)
        ask(server, "wall.get", owner_id=-1)
        assert (server.exceeded, server.exceeded_by) == (1, {("t", "wall.get"): 1})
        assert server.limits.used("t", "wall.get") == 1


def test_errors_can_be_told_to_come(server: VkServer) -> None:
    server.fail("wall.get", 9, times=2)
    assert [refused(server, "wall.get", owner_id=-1) for _ in range(2)] == [9, 9]
    assert ask(server, "wall.get", owner_id=-1)["count"] == 30
    server.fail("wall.getComments", 14)
    captcha = call(server, "wall.getComments", owner_id=-1, post_id=30)["error"]
    assert captcha["captcha_sid"]
    assert captcha["captcha_img"].startswith(server.url)
    server.fail("*", 5, error_subcode=1117)
    assert call(server, "users.get", user_ids=1)["error"]["error_subcode"] == 1117
    with pytest.raises(ValueError, match="999"):
        server.fail("wall.get", 999)


def test_the_transport_can_be_told_to_fail(server: VkServer) -> None:
    server.fail(503, retry_after=7)
    with pytest.raises(urllib.error.HTTPError) as failed:
        call(server, "wall.get", owner_id=-1)
    assert (failed.value.code, failed.value.headers["Retry-After"]) == (503, "7")
    failed.value.close()
    server.cut()
    with pytest.raises(http.client.IncompleteRead):
        call(server, "wall.get", owner_id=-1)
    server.hang(0.05)
    with pytest.raises(json.JSONDecodeError):
        call(server, "wall.get", owner_id=-1)
    assert ask(server, "wall.get", owner_id=-1)["count"] == 30


def test_without_tokens_any_value_is_a_service_token(group: Group) -> None:
    with VkServer([group], clock=FrozenClock(NOW)) as server:
        assert ask(server, "wall.get", token="whatever", owner_id=-1)["count"] == 30
        assert refused(server, "execute", token="whatever", code="1") == 28


def test_photos_have_sizes_that_are_really_served(server: VkServer, group: Group) -> None:
    group.post(30).attachments = [Photo(456, "hole", 1000, 800)]
    photo = ask(server, "wall.getById", posts="-1_30")["items"][0]["attachments"][0]["photo"]
    assert [(size["type"], size["width"], size["height"]) for size in photo["sizes"]] == [
        ("s", 75, 60),
        ("m", 130, 104),
        ("x", 604, 483),
        ("y", 807, 646),
    ]
    assert photo["sizes"][-1]["url"].startswith(f"{server.url}/photo/hole_807x646")

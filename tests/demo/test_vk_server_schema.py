"""What the local VK server answers is what the official schema of API 5.199 describes."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from demo.servers.vk import (
    METHODS,
    Album,
    Attachment,
    Audio,
    Comment,
    Doc,
    Graffiti,
    Group,
    Link,
    Other,
    Person,
    Photo,
    Poll,
    Repost,
    Sticker,
    Token,
    Topic,
    Video,
    VkServer,
    WallPost,
)
from demo.servers.vk_errors import WORDS
from demo.servers.vk_limits import KINDS
from tests.crawling import FrozenClock
from tests.demo.calling import call
from tests.demo.vk_schema import VkSchema

pytestmark = pytest.mark.real

NOW = datetime(2026, 3, 2, 20, 30, tzinfo=UTC)
PHOTO = Photo(456239017, "yard", 1280, 960, "Двор", place=(46.95, 142.73))
ATTACHMENTS: list[Attachment] = [
    PHOTO,
    Video(456239018, "Прорыв трубы", "Снято вчера", 42, 120),
    Video(456239019, "Отчёт главы", live=True),
    Link("https://example.test/news/1", "Новость", "О чём она", "example.test", PHOTO),
    Doc(620001, "Постановление.pdf"),
    Poll(770001, "Нужен ли переход?", (("Да", 10), ("Нет", 3))),
    Audio(456239020, "Хор", "Песня"),
    Graffiti(456239021),
    Album(280001, "Субботник", PHOTO, 12),
    Other("page", {"id": 5, "group_id": 1, "title": "Страница", "view_url": "https://example.test/page-1_5"}),
    Other("event", {"id": 9, "time": 1772500000, "member_status": 0, "is_favorite": False, "text": "", "friends": []}),
]
KIND_NAMES = {"user": "user", "service": "service", "community": "group"}


@pytest.fixture(scope="module")
def schema(real_data: Path) -> VkSchema:
    return VkSchema(real_data / "vk" / "schema")


@pytest.fixture(scope="module")
def server() -> Iterator[VkServer]:
    def at(minutes: int) -> datetime:
        return NOW - timedelta(minutes=minutes)

    talk = [
        Comment(101, 501, "Когда?", at(90), attachments=[PHOTO, Sticker(77)], likes=3),
        Comment(102, -1, "Сегодня.", at(80), reply_to=101),
        Comment(103, 502, "А у нас?", at(70), reply_to=102),
        Comment(104, 503, "Удалят", at(60), deleted=True),
        Comment(105, 504, "Ответ удалённому", at(50), reply_to=104),
    ]
    gone = WallPost(3, -8, "Было", at(900), deleted=True)
    posts = [
        WallPost(1, -1, "Всё сразу", at(100), talk, ATTACHMENTS, pinned=True, edited_at=at(10), likes=5, views=900),
        WallPost(
            2, 501, "Повтор", at(95), copy_of=Repost(-8, WallPost(2, -8, "Перед", at(99), copy_of=Repost(-8, gone)))
        ),
        WallPost(3, -1, "С подписью", at(93), signer_id=601, geo=(46.95, 142.73), comments_closed=True, ads=True),
    ]
    topics = [Topic(1, "Дороги", talk, fixed=True), Topic(2, "Пусто почти", talk[:1], closed=True)]
    groups = [
        Group(1, "zarechny", "Заречный", posts, topics=topics),
        Group(2, "hidden", "Закрытое", type="group", closed=1),
        Group(3, "banned", "Нет его", deactivated="banned"),
    ]
    people = [Person(601, "Анна", "Закрытая", "anna_z", 1, closed=True), Person(602, "А", "Б", deactivated="deleted")]
    tokens = [Token("t", rate=10_000), Token("user", "user", rate=10_000), Token("own", "community", 1, rate=10_000)]
    with VkServer(groups, tokens=tokens, people=people, clock=FrozenClock(NOW)) as running:
        yield running


GOOD: list[tuple[str, dict[str, Any]]] = [
    ("wall.get", {"owner_id": -1}),
    ("wall.get", {"domain": "zarechny", "filter": "owner", "fields": "photo_100,members_count,screen_name,sex"}),
    ("wall.getById", {"posts": "-1_1,-1_2,-1_3"}),
    ("wall.getComments", {"owner_id": -1, "post_id": 1, "thread_items_count": 10, "need_likes": 1}),
    ("wall.getComments", {"owner_id": -1, "post_id": 1, "comment_id": 101, "sort": "desc", "start_comment_id": 103}),
    ("wall.getComment", {"owner_id": -1, "comment_id": 103, "token": "user"}),
    ("wall.search", {"owner_id": -1, "query": "всё"}),
    ("newsfeed.search", {"q": "повтор", "count": 1}),
    ("board.getTopics", {"group_id": 1, "preview": 3}),
    ("board.getComments", {"group_id": 1, "topic_id": 1, "need_likes": 1, "start_comment_id": 102}),
    ("groups.getById", {"group_ids": "1,hidden,banned", "fields": "members_count,description,wall,activity,status"}),
    ("users.get", {"user_ids": "601,602,777", "fields": "screen_name,sex,photo_50,online,verified"}),
    ("utils.resolveScreenName", {"screen_name": "zarechny"}),
    ("utils.resolveScreenName", {"screen_name": "anna_z"}),
]


@pytest.mark.parametrize("extended", [None, 1])
@pytest.mark.parametrize(
    ("method", "params"), GOOD, ids=[f"{place}-{method}" for place, (method, _) in enumerate(GOOD)]
)
def test_answers_are_as_described(
    method: str, params: dict[str, Any], extended: int | None, server: VkServer, schema: VkSchema
) -> None:
    answer = call(server, method, extended=extended, **params)
    assert schema.wrong_in_answer(method, answer, extended=bool(extended)) == []


def test_every_method_is_shown(schema: VkSchema) -> None:
    assert {method for method, _ in GOOD} | {"execute"} == METHODS.keys() == KINDS.keys()
    for method, kinds in KINDS.items():
        assert {KIND_NAMES[kind] for kind in kinds} == set(schema.methods[method]["access_token_type"]), method


@pytest.mark.parametrize("attachment", ATTACHMENTS, ids=lambda one: type(one).__name__)
def test_every_attachment_is_as_described(attachment: Attachment, schema: VkSchema) -> None:
    post = WallPost(1, -1, "", NOW, [Comment(9, 501, "", NOW, attachments=[attachment])], [attachment])
    with VkServer([Group(1, "zarechny", "Заречный", [post])], clock=FrozenClock(NOW)) as server:
        of_post = call(server, "wall.get", owner_id=-1)["response"]["items"][0]["attachments"]
        of_comment = call(server, "wall.getComments", owner_id=-1, post_id=1)["response"]["items"][0]["attachments"]
    assert [one["type"] for one in of_post] == [one["type"] for one in of_comment]
    definition = "wall/objects.json#/definitions/wall_wallpost_attachment"
    assert [schema.wrong_in(definition, one) for one in (*of_post, *of_comment)] == [[], []]


@pytest.mark.parametrize("code", WORDS)
def test_every_error_is_as_described(code: int, server: VkServer, schema: VkSchema) -> None:
    server.fail("users.get", code)
    answer = call(server, "users.get", user_ids=1)
    assert (
        schema.wrong_in("base/objects.json#/definitions/base_error", {**answer["error"], "inner_type": "base_error"})
        == []
    )
    assert answer["error"]["error_code"] == code
    assert WORDS[code] == schema.errors[code]


def test_bounds_of_parameters_are_kept(server: VkServer, schema: VkSchema) -> None:
    given = dict(GOOD)
    for method in METHODS.keys() - {"execute"}:
        for parameter in schema.methods[method].get("parameters", ()):
            for bound, beyond in (("maximum", 1), ("minimum", -1)):
                if bound in parameter:
                    params = {**given[method], parameter["name"]: parameter[bound] + beyond}
                    answer = call(server, method, **params)
                    assert answer.get("error", {}).get("error_code") == 100, (method, parameter["name"], bound)
            if parameter.get("required"):
                params = {**given[method], parameter["name"]: None}
                assert call(server, method, **params)["error"]["error_code"] == 100, (method, parameter["name"])


def test_the_validator_sees_what_is_wrong(server: VkServer, schema: VkSchema) -> None:
    answer = call(server, "wall.get", owner_id=-1)
    del answer["response"]["items"][0]["inner_type"]
    answer["response"]["items"][2]["likes"]["can_like"] = 2
    answer["response"]["items"][2]["copy_history"][0]["attachments"] = [{"photo": {"sizes": []}}]
    assert len(schema.wrong_in_answer("wall.get", answer)) >= 3

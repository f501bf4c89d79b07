"""Recorded answers of VK, of several years, served over HTTP: what comes out is what a person reads in them."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.model.city import SourceRole
from crawler.model.items import AuthorRole, Post
from spiders.vk import VkSpider
from tests.crawling import Crawled, Page, Pages, pages, run_spider, source_at

pytestmark = pytest.mark.real


def answer(recorded: Any) -> Page:
    return Page(json.dumps({"response": recorded}), headers={"Content-Type": "application/json"})


def crawl(name: str, folder: Path, answers: Pages, now: datetime, role: SourceRole) -> Crawled[VkSpider]:
    recorded = json.loads((folder / name).read_text(encoding="utf-8"))
    # What was recorded is one page of a wall; here it is all of it.
    wall = {**recorded, "count": len(recorded["items"])}
    owner = wall["items"][0]["owner_id"]
    served: Pages = {f"/method/wall.get?owner_id={owner}&offset=0": answer(wall), **answers}
    with pages(served) as site:
        address = f"{site.url}/{'club' if owner < 0 else 'id'}{abs(owner)}"
        source = source_at(address, platform="vk", role=role, backfill=timedelta(days=365))
        return run_spider(VkSpider, source, at=now)


def wall_posts(got: Crawled[VkSpider]) -> dict[str, Post]:
    return {post.id: post for post in got.posts if "#" not in post.id}


NOTHING = answer({"count": 0, "items": [], "current_level_count": 0, "profiles": [], "groups": []})


def test_a_public_of_a_town_in_2018(real_data: Path) -> None:
    name = "wall_get_public_61006621_v5.8x_2018.json"
    folder = real_data / "vk" / "recorded"
    got = crawl(
        name, folder, {"/method/wall.getComments": NOTHING}, datetime(2018, 7, 9, 13, tzinfo=UTC), SourceRole.PUBLIC
    )
    found = wall_posts(got)
    recorded = json.loads((folder / name).read_text(encoding="utf-8"))["items"]
    assert (len(found), got.spider.errors, got.spider.broken) == (20, {}, "")
    assert [post.text for post in found.values()] == [item["text"] for item in recorded]
    first = found["vk:-61006621_45668"]
    assert first.published_at == datetime(2018, 7, 9, 12, 37, 53, tzinfo=UTC)
    assert first.author
    assert (first.author.platform_id, first.author.role) == (f"vk:{recorded[0]['signer_id']}", AuthorRole.RESIDENT)
    assert [media.key for media in first.media] == [
        f"photo-61006621_{number}" for number in range(456250864, 456250868)
    ]
    assert first.media[0].url == recorded[0]["attachments"][0]["photo"]["photo_2560"]
    assert (first.counters.views, first.counters.comments) == (369, 0)
    assert first.url == "https://vk.com/wall-61006621_45668"
    assert sum(len(post.media) for post in found.values()) == 30


def test_a_deputys_wall_in_2023(real_data: Path) -> None:
    name = "wall_get_user_236298625_v5.131_2023.json"
    folder = real_data / "vk" / "recorded"
    got = crawl(
        name, folder, {"/method/wall.getComments": NOTHING}, datetime(2023, 3, 30, tzinfo=UTC), SourceRole.OFFICIAL
    )
    found = wall_posts(got)
    assert (len(found), got.spider.errors, got.spider.broken) == (20, {}, "")
    assert {post.author.role for post in found.values() if post.author} == {AuthorRole.OFFICIAL}
    assert sum(post.edited for post in found.values()) == 12
    mention = found["vk:236298625_1123"]
    recorded = {item["id"]: item for item in json.loads((folder / name).read_text(encoding="utf-8"))["items"]}
    page, person = re.findall(r"\[(id\d+)\|([^\]]+)\]", recorded[1123]["text"])[0]
    assert person in mention.text
    assert f"https://vk.com/{page}" in mention.links
    assert not any("|" in post.text and "[" in post.text for post in found.values())
    repost = found["vk:236298625_1119"]
    assert repost.forwarded_from
    assert repost.text
    kinds = [media.kind for post in found.values() for media in post.media]
    assert kinds.count("video") >= 8
    assert kinds.count("photo") >= 110


def test_a_community_in_2025_with_its_comments(real_data: Path) -> None:
    folder = real_data / "vk" / "recorded"
    comments = json.loads((folder / "selenscrapy_vk_comment_response.json").read_text(encoding="utf-8"))
    answers: Pages = {"/method/wall.getComments": answer(comments)}
    got = crawl(
        "selenscrapy_vk_wall_response.json", folder, answers, datetime(2025, 1, 12, tzinfo=UTC), SourceRole.PUBLIC
    )
    found = {post.id: post for post in got.posts}
    assert [id_ for id_ in found if "#" not in id_] == [f"vk:-33438842_{number}" for number in range(868, 863, -1)]
    assert (got.spider.errors, got.spider.broken) == ({}, "")
    assert found["vk:-33438842_868"].author
    assert found["vk:-33438842_868"].author.role is AuthorRole.RESIDENT
    assert sum(post.edited for post in found.values()) == 1
    said = {id_.partition("#")[2]: post for id_, post in found.items() if "#" in id_}
    assert list(said) == ["858", "857", "849"]
    assert [post.author.role for post in said.values() if post.author] == [
        AuthorRole.RESIDENT,
        AuthorRole.RESIDENT,
        AuthorRole.UNKNOWN,
    ]
    assert said["858"].counters.likes == 2
    assert said["849"].published_at == datetime(2024, 12, 1, 9, 8, 21, tzinfo=UTC)

"""Crawls of a wall on VK over HTTP, against a server that answers by the official schema and whose limits bite."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.model.city import Token
from crawler.model.crawled import Gone, Skipped, Window
from crawler.model.items import Post
from demo.servers.vk import Group
from demo.servers.vk import Token as ServerToken
from spiders.vk_cursor import Cursor
from tests.crawling import Crawled, ledger_in
from tests.spiders.vk_town import comment, ids, numbered, post, town

HOUR = timedelta(hours=1)


def windows(got: Crawled) -> list[Window]:  # type: ignore[type-arg]
    return [item for item in got.items if isinstance(item, Window)]


def gone(window: Window, *posts: Post) -> set[str]:
    """What the state would mark as gone (search/state/marks.py)."""
    return {
        one.id
        for one in posts
        if one.published_at
        and window.oldest < one.published_at < window.newest
        and one.thread == window.thread
        and one.id.startswith(window.prefix)
        and one.id not in window.present
    }


def test_a_wall_is_read_down_to_backfill_with_its_comments() -> None:
    posts = [post(number) for number in range(600, 850)]
    posts[0].at -= timedelta(days=30)
    posts[-1].comments = [comment(1000), comment(1001, to=1000, who=12)]
    with town(posts) as here:
        got = here.crawl()
    assert set(ids(got.items)) == numbered(range(601, 850)) | {"vk:-77_849#1000", "vk:-77_849#1001"}
    assert (got.spider.errors, got.spider.broken, got.spider.gaps) == ({}, "", 0)
    assert here.server.calls == {"wall.get": 3, "wall.getComments": 1}
    assert set(got.spider.quota) == {"wall.get"}


def test_a_quiet_wall_costs_one_call_a_crawl_and_no_other_request() -> None:
    posts = [post(number) for number in range(900, 950)]
    posts[-1].comments = [comment(1000)]
    with town(posts) as here:
        here.crawl()
        before = here.server.calls.copy()
        here.crawl()
        assert here.server.calls - before == {"wall.get": 1}
        # No robots.txt for an API, and no address that has the token.
        assert set(here.server.asked) == {"/method/wall.get", "/method/wall.getComments"}


def test_posts_that_come_between_crawls_are_all_read() -> None:
    with town(post(number) for number in range(600, 700)) as here:
        here.crawl()
        here.group.posts += [post(number) for number in range(700, 950)]
        got = here.crawl()
    assert numbered(range(700, 950)) <= set(ids(got.items))
    assert got.spider.gaps == 0


@pytest.mark.parametrize(
    ("code", "word"), [(29, "quota"), (9, "flood"), (14, "captcha"), (5, "token"), (10, "vk trouble")]
)
def test_an_error_in_the_middle_leaves_a_gap_that_the_next_crawl_closes(code: int, word: str, tmp_path: Path) -> None:
    with town(post(number) for number in range(500, 900)) as here:
        ledger = ledger_in(tmp_path, here.clock)
        first = here.crawl(calls=2, ledger=ledger)
        assert (first.spider.errors, first.spider.gaps) == ({}, 1)
        here.group.posts += [post(number) for number in range(900, 950)]
        here.server.fail("wall.get", code, times=3)
        cut = here.crawl(ledger=ledger)
        # A day's calls come to an end without the source being broken: it is not asked less often for it.
        assert (cut.spider.broken, set(cut.spider.errors)) == ("" if word == "quota" else word, {word})
        assert cut.spider.gaps > 0
        here.server._refusals.clear()
        here.clock.at += timedelta(hours=15)
        rest = here.crawl(ledger=ledger)
    assert {*ids(first.items), *ids(rest.items)} == numbered(range(500, 950))
    assert (rest.spider.errors, rest.spider.gaps) == ({}, 0)


def test_a_gap_is_found_again_after_posts_came_and_went() -> None:
    with town(post(number) for number in range(300, 900)) as here:
        first = here.crawl(calls=2)
        here.group.posts += [post(number) for number in range(900, 930)]
        for number in (701, 750, 800, 300, 301, *range(860, 890)):
            here.group.post(number).delete()
        rest = here.crawl()
    there = numbered(one.id for one in here.group.posts if not one.deleted)
    assert there <= {*ids(first.items), *ids(rest.items)}
    assert Cursor.parse(here.cursor).gaps == ()


def test_posts_deleted_while_a_wall_is_paged_hide_no_other() -> None:
    posts = [post(number) for number in range(300, 900)]
    with town(posts) as here:
        first = here.crawl(calls=1)
        for number in range(800, 830):
            here.group.post(number).delete()
        rest = here.crawl()
    assert numbered(range(300, 800)) <= {*ids(first.items), *ids(rest.items)}


def test_a_post_gone_from_the_wall_is_told_by_the_next_window_and_the_pinned_one_is_not() -> None:
    posts = [post(number) for number in range(700, 900)]
    posts[5].pinned = True
    with town(posts) as here:
        first = here.crawl(later=HOUR)
        for number in (899, 850, 750):
            here.group.post(number).delete()
        second = here.crawl(later=HOUR)
    known = list(first.posts)
    found = set().union(*(gone(window, *known) for window in windows(second)))
    assert found == numbered([899, 850, 750])
    assert not set().union(*(gone(window, *known) for window in windows(first)))
    assert ids(first.items)[0] == "vk:-77_705"


def test_comments_are_read_with_threads_over_several_pages() -> None:
    top = post(900, comments=[comment(number) for number in range(2000, 2230)])
    top.comments += [comment(number, to=2005) for number in range(3000, 3250)]
    top.comments += [comment(4000, to=3001), comment(4001, to=2006, who=-77)]
    with town([top]) as here:
        got = here.crawl()
    found = {one.id: one for one in got.posts}
    assert {int(id_.partition("#")[2]) for id_ in found if "#" in id_} == {one.id for one in top.comments}
    assert found["vk:-77_900#4000"].reply_to == "vk:-77_900#3001"
    assert found["vk:-77_900#4000"].parent == "vk:-77_900#2005"
    assert {one.thread for one in found.values() if "#" in one.id} == {"vk:-77_900"}
    assert got.spider.gaps == 0


def test_threads_that_nest_are_read_to_any_depth() -> None:
    top = post(900, comments=[comment(2000), *(comment(number, to=number - 1) for number in range(2001, 2008))])
    with town([top], thread_depth=20) as here:
        got = here.crawl()
    assert set(ids(got.items)) == numbered([900]) | {f"vk:-77_900#{number}" for number in range(2000, 2008)}


def test_new_comments_cost_no_full_reading() -> None:
    top = post(900, comments=[comment(number) for number in range(2000, 2500)])
    with town([top]) as here:
        here.crawl()
        top.comments += [comment(3000), comment(3001, to=2490)]
        before = here.server.calls.copy()
        got = here.crawl()
        assert here.server.calls - before == {"wall.get": 1, "wall.getComments": 1}
    assert {"vk:-77_900#3000", "vk:-77_900#3001"} <= set(ids(got.items))


def test_edits_and_deletions_of_comments_are_seen_within_the_hour() -> None:
    top = post(900, comments=[comment(2000), comment(2001), comment(2002)])
    with town([top]) as here:
        first = here.crawl(later=HOUR)
        top.comment(2000).edit("Исправлено")
        top.comment(2001).delete()
        second = here.crawl()
    thread = next(window for window in windows(second) if window.thread)
    assert gone(thread, *first.posts) == {"vk:-77_900#2001"}
    assert next(one.text for one in second.posts if one.id == "vk:-77_900#2000") == "Исправлено"


def test_the_only_comment_that_is_deleted_is_told_at_once_and_by_one_call() -> None:
    with town([post(900, comments=[comment(1)]), post(800)]) as here:
        here.crawl()
        here.group.post(900).comment(1).delete()
        made = here.server.calls["wall.getComments"]
        got = here.crawl()
        (window,) = [item for item in got.items if isinstance(item, Window) and item.thread]
        assert (window.thread, window.present) == ("vk:-77_900", frozenset())
        here.crawl()
        assert here.server.calls["wall.getComments"] == made + 1


def test_a_deleted_comment_whose_answers_stay_is_gone() -> None:
    top = post(900, comments=[comment(2000), comment(2001, to=2000)])
    top.comments[0].delete()
    with town([top]) as here:
        got = here.crawl()
    assert [item.post for item in got.items if isinstance(item, Gone)] == ["vk:-77_900#2000"]
    assert "vk:-77_900#2001" in ids(got.items)


def test_closed_comments_stop_nothing_and_are_not_asked_for_again() -> None:
    posts = [post(900, comments=[comment(2000)]), post(899, comments=[comment(2001)])]
    posts.append(post(898, comments=[comment(2002)], comments_closed=True))
    with town(posts) as here:
        here.server.fail("wall.getComments", 212)
        got = here.crawl()
        assert [item.reason for item in got.items if isinstance(item, Skipped)] == ["closed comments"]
        assert "vk:-77_899#2001" in ids(got.items)
        assert (got.spider.errors, got.spider.gaps) == ({}, 0)
        before = here.server.calls.copy()
        here.crawl()
        assert here.server.calls - before == {"wall.get": 1}


def test_comments_cut_short_are_read_by_the_next_crawl(tmp_path: Path) -> None:
    posts = [post(number, comments=[comment(2000 + number)]) for number in range(890, 900)]
    with town(posts) as here:
        ledger = ledger_in(tmp_path, here.clock)
        here.server.fail("wall.getComments", 9)
        cut = here.crawl(ledger=ledger)
        assert (cut.spider.errors, cut.spider.broken, cut.spider.gaps) == ({"flood": 1}, "", 10)
        rest = here.crawl(ledger=ledger)
    assert len([id_ for id_ in ids(rest.items) if "#" in id_]) == 10
    assert rest.spider.gaps == 0


def test_a_name_is_resolved_once_and_a_wall_that_loses_it_is_told() -> None:
    other = Group(78, "other", "Другое", [])
    with town([post(900)], address="zarechny", others=[other]) as here:
        here.crawl()
        here.crawl()
        assert here.server.calls["utils.resolveScreenName"] == 1
        here.group.screen_name = "zarechny_old"
        renamed = here.crawl()
        assert (renamed.spider.errors, ids(renamed.items)) == ({"other name": 1}, ["vk:-77_900"])
        other.screen_name = "zarechny"
        other.posts = [replace(post(50, ago=HOUR), from_id=-78)]
        moved = here.crawl()
        assert (moved.spider.errors, ids(moved.items)) == ({"other wall": 1}, ["vk:-78_50"])
        assert here.crawl().spider.errors == {}


def test_the_name_of_a_blocked_community_may_be_anothers() -> None:
    other = Group(78, "other", "Другое", [replace(post(50, ago=HOUR), from_id=-78)])
    with town([post(900)], address="zarechny", others=[other]) as here:
        here.crawl()
        here.group.deactivated = "banned"
        assert here.crawl().spider.broken == "closed wall"
        here.group.screen_name, other.screen_name = "zarechny_old", "zarechny"
        moved = here.crawl()
    assert (moved.spider.errors, ids(moved.items)) == ({"other wall": 1}, ["vk:-78_50"])


def test_a_name_that_nobody_has_is_said() -> None:
    with town([], address="nobody_here") as here:
        got = here.crawl()
    assert (got.spider.broken, got.cursor) == ("no wall", "")


@pytest.mark.parametrize(
    ("group", "word"),
    [({"closed": 1}, "closed wall"), ({"deactivated": "banned"}, "closed wall"), ({"wall": False}, "closed wall")],
)
def test_a_wall_that_cannot_be_read_is_said(group: dict[str, object], word: str) -> None:
    with town([post(900)]) as here:
        for name, value in group.items():
            setattr(here.group, name, value)
        assert here.crawl().spider.broken == word


def test_a_persons_closed_wall_is_said_and_an_open_one_is_read() -> None:
    with town([], address="id11") as here:
        here.server.people[11].posts = [replace(post(5, ago=HOUR), from_id=11)]
        assert ids(here.crawl().items) == ["vk:11_5"]
        here.server.people[11].closed = True
        assert here.crawl().spider.broken == "closed wall"


def test_trouble_of_vk_and_of_the_network_is_sat_out() -> None:
    with town([post(900, comments=[comment(2000)])]) as here:
        here.server.fail("wall.get", 6)
        here.server.fail("wall.getComments", 1)
        here.server.fail(502)
        got = here.crawl()
    assert (got.spider.errors, got.spider.broken) == ({}, "")
    assert set(ids(got.items)) == {"vk:-77_900", "vk:-77_900#2000"}


def test_a_captcha_rests_the_token_for_every_source_and_tells_people(tmp_path: Path) -> None:
    with town([post(900)]) as here:
        ledger = ledger_in(tmp_path, here.clock)
        here.server.fail("wall.get", 14)
        assert here.crawl(ledger=ledger).spider.broken == "captcha"
        asked = here.server.requests
        assert here.crawl(ledger=ledger).spider.broken == "captcha"
        assert here.server.requests == asked
        here.clock.at += HOUR
        assert here.crawl(ledger=ledger).spider.broken == ""


def test_our_quota_ends_before_theirs(tmp_path: Path) -> None:
    served = ServerToken("secret of TOWN_TOKEN", rate=10_000, daily={"wall.get": 3})
    token = Token("TOWN_TOKEN", "service", a_second=1_000, a_day={"wall.get": 3})
    with town((post(number) for number in range(100, 900)), tokens=[served]) as here:
        ledger = ledger_in(tmp_path, here.clock)
        got = here.crawl(ledger=ledger, token=token)
        assert (got.spider.errors, got.spider.broken, got.spider.quota) == ({"quota": 1}, "", {"wall.get": 0})
        assert here.server.exceeded == 0
        assert got.spider.gaps > 0
        here.clock.at += timedelta(days=1)
        here.crawl(ledger=ledger, token=token)
        assert here.server.exceeded == 0


@pytest.mark.parametrize("kind", ["user", "service"])
def test_no_rate_is_exceeded(kind: str, tmp_path: Path) -> None:
    posts = [post(number, comments=[comment(2000 + number)]) for number in range(890, 900)]
    token = Token("TOWN_TOKEN", kind)
    served = ServerToken("secret of TOWN_TOKEN", kind=kind)  # type: ignore[arg-type]
    with town(posts, tokens=[served]) as here:
        got = here.crawl(ledger=ledger_in(tmp_path, here.clock), token=token)
        assert (len(ids(got.items)), got.spider.errors, here.server.exceeded) == (20, {}, 0)


def test_a_token_of_another_kind_makes_no_call() -> None:
    with town([post(900)]) as here:
        assert here.crawl(token=Token("TOWN_TOKEN", "community")).spider.broken == "not permitted"
        assert here.server.requests == 0


def test_a_broken_cursor_is_said_and_the_wall_read_anew() -> None:
    with town([post(900)]) as here:
        here.cursor = '{"owner": "x"}'
        got = here.crawl()
    assert (got.spider.errors, ids(got.items)) == ({"cursor": 1}, ["vk:-77_900"])


def test_a_thread_of_more_pages_than_a_crawl_has_calls_is_read_on_by_the_next_and_keeps_no_other_waiting() -> None:
    long = [comment(1000 + number) for number in range(900)]
    with town([post(900, comments=[comment(10)]), post(950, comments=long)]) as here:
        crawls = [here.crawl(calls=6) for _ in range(4)]
        there = here.crawl()
    seen = {id_ for got in crawls for id_ in ids(got.items) if "#" in id_}
    assert seen == {f"vk:-77_950#{one.id}" for one in long} | {"vk:-77_900#10"}
    assert crawls[-1].spider.gaps == there.spider.gaps == 0
    # What was read in pieces says of nothing that it is gone.
    assert not [window for got in crawls for window in windows(got) if window.thread == "vk:-77_950"]

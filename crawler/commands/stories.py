"""`otklik stories CITY [POST]`: what news and posts tell of one event, and why they are put together."""

from typing import Annotated

import typer

from crawler.commands.shell import CityArgument, JsonOption, full_time, opened, out, plain, print_json
from crawler.desk import Desk
from crawler.model.errors import OtklikError
from crawler.model.items import Post
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from search.state import archive
from search.story_list import Member, Story, members, newest

POST = Text("id публикации: показать её сюжет целиком", "the id of a post: show the whole of its story")
LIMIT = Text("сколько сюжетов показать", "how many stories to show")
NO_STORIES = Text("Сюжетов нет.", "There are no stories.")
NO_STORY = Text("Публикация {post} не входит ни в один сюжет города {city}.", "Post {post} of {city} is of no story.")
HEAD = Text("{until}  публикаций {count}, {platforms}", "{until}  {count} posts, {platforms}")
BEGINS = Text("начинает сюжет", "begins the story")
FOLLOWS = Text("как {follows}, сходство {score}: {words}", "like {follows}, likeness {score}: {words}")
_LONGEST = 120


def stories(
    city: CityArgument,
    post: Annotated[str, typer.Argument(help=str(POST), show_default=False)] = "",
    limit: Annotated[int, typer.Option(help=str(LIMIT), min=1, max=1000)] = 20,
    as_json: JsonOption = False,
) -> None:
    """List the newest stories, or the posts of one."""
    with opened(city) as desk:
        if post:
            _show_one(desk, post.encode("utf-8", "replace").decode(), as_json=as_json)
        else:
            _show_newest(desk, limit, as_json=as_json)


def _show_newest(desk: Desk, limit: int, *, as_json: bool) -> None:
    with desk.database.read() as connection:
        found = newest(connection, desk.city.key, limit)
    for story in found:
        if as_json:
            print_json(_story_json(story))
            continue
        until = full_time(story.until, desk.city.zone)
        _say(
            HEAD.format(until=until, count=str(story.posts), platforms=", ".join(map(_called, story.platforms))), "bold"
        )
        _say(f"  {story.id}", "cyan")
        _say(f"  {_words_of(story.first)}")
    if not found and not as_json:
        _say(str(NO_STORIES))


def _called(platform: str) -> str:
    """A platform: in Russian by its name, in English by the word that queries have."""
    return str(Text(PLATFORMS[platform].title.ru, platform)) if platform in PLATFORMS else platform


def _show_one(desk: Desk, post: str, *, as_json: bool) -> None:
    with desk.database.read() as connection:
        found = members(connection, desk.city.key, post)
    if not found:
        raise OtklikError(NO_STORY.filled(post=post, city=desk.city.key))
    for member in found:
        if as_json:
            print_json(_member_json(member))
            continue
        at = full_time(archive.published(member.post), desk.city.zone)
        _say(f"{at}  {member.post.source}  {member.post.id}", "cyan")
        _say(f"  {_words_of(member.post)}")
        _say(f"  {why_member(member)}", "dim")


def why_member(member: Member) -> str:
    """What makes a post one of its story."""
    if not member.follows:
        return str(BEGINS)
    return FOLLOWS.format(follows=member.follows, score=f"{member.score:.0%}", words=", ".join(member.words))


def _words_of(post: Post) -> str:
    words = " ".join((post.title or post.text).split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def _story_json(story: Story) -> dict[str, object]:
    return {
        "story": story.id,
        "title": _words_of(story.first),
        "since": story.since,
        "until": story.until,
        "posts": story.posts,
        "platforms": story.platforms,
    }


def _member_json(member: Member) -> dict[str, object]:
    post = member.post
    return {
        "id": post.id,
        "source": post.source,
        "platform": post.platform,
        "url": post.url,
        "published_at": archive.published(post),
        "title": post.title,
        "text": post.text,
        "follows": member.follows,
        "score": round(member.score, 3),
        "words": member.words,
    }


def _say(text: str, style: str = "") -> None:
    out.print(plain(text), style=style, markup=False, highlight=False)

"""The town's Telegram channels, from telegram.toml and office.toml."""

from dataclasses import replace
from datetime import datetime

from demo.servers.pictures import PictureServer
from demo.servers.telegram import Channel, ChannelPoll, ChannelPost
from demo.town.clock import TownClock
from demo.town.texts import Entry, numbered, read


class TownChannel:
    """A channel and what changes in it by the second visit."""

    def __init__(self, file: str, clock: TownClock) -> None:
        told = read(file)
        self._clock = clock
        self._posts = numbered(told["post"])
        channel = told["channel"]
        posts = [self._post(number, post) for number, post in self._posts]
        self.channel = Channel(channel["name"], channel["title"], channel["number"], posts)

    def illustrate(self, pictures: PictureServer) -> None:
        """Say where the photos are, once that is known."""
        name = self.channel.name
        self.channel.posts = [
            replace(post, photos=tuple(pictures.photo(f"{name}-{photo}", 800, 600) for photo in post.photos))
            for post in self.channel.posts
        ]

    def second_visit(self) -> None:
        """Edits and deletions."""
        for number, post in self._posts:
            if "edited" in post:
                self.channel.edit(number, self._clock.words(post["edited"]))
            if post.get("deleted"):
                self.channel.delete(number)

    def _post(self, number: int, post: Entry) -> ChannelPost:
        poll, location = post.get("poll"), post.get("location")
        at: datetime = self._clock.when(post["ago"])
        return ChannelPost(
            number,
            self._clock.words(post.get("text") or post.get("service", "")),
            at,
            views=_views(post.get("views", "0")),
            signature=post.get("author", ""),
            photos=tuple(str(number + photo) for photo in range(post.get("photos", 0))),
            reply_to=self._posts[post["reply"] - 1][0] if "reply" in post else 0,
            forwarded_from=post.get("forward", ""),
            forwarded_url=post.get("forward_link", ""),
            poll=ChannelPoll(poll["question"], tuple((text, share) for text, share in poll["options"]))
            if poll
            else None,
            location=(location["lat"], location["lon"]) if location else None,
            service="service" in post,
        )


def _views(text: str) -> int:
    return round(float(text.removesuffix("K")) * (1000 if text.endswith("K") else 1))

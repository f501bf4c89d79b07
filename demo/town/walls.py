"""The town's VK walls, from vk.toml."""

from datetime import timedelta

from demo.servers.vk import Comment, Group, Person, Photo, Repost, WallPost
from demo.town.clock import TownClock
from demo.town.texts import Entry, read, wall_posts

_FIRST_PERSON = 500_017
_STEP = 7_919


class Walls:
    """The walls, who writes on them, and what changes on them by the second visit."""

    def __init__(self, clock: TownClock) -> None:
        told = read("vk.toml")
        self._clock = clock
        self._ids = {key: _FIRST_PERSON + _STEP * number for number, key in enumerate(told["people"])}
        self.people = [_person(self._ids[key], name) for key, name in told["people"].items()]
        self._ids |= {wall["screen_name"]: -wall["id"] for wall in told["wall"]}
        self.groups = [Group(wall["id"], wall["screen_name"], wall["name"]) for wall in told["wall"]]
        for group in self.groups:
            for number, post, comments in wall_posts(group.screen_name):
                group.add(self._post(group, number, post, comments))

    def second_visit(self) -> None:
        """Edits, deletions and comments that were written meanwhile."""
        for group in self.groups:
            for number, post, comments in wall_posts(group.screen_name):
                shown = group.post(number)
                if "edited" in post:
                    shown.edit(self._clock.words(post["edited"]), self._clock.now - timedelta(minutes=2))
                if post.get("deleted"):
                    shown.delete()
                for comment, said in comments:
                    if said.get("late"):
                        shown.add(self._comment(comment, said, comments))
                    if said.get("deleted"):
                        shown.comment(comment).delete()

    def _post(self, group: Group, number: int, post: Entry, comments: list[tuple[int, Entry]]) -> WallPost:
        return WallPost(
            number,
            group.owner_id,
            self._clock.words(post["text"]),
            self._clock.when(post["ago"]),
            comments=[self._comment(one, said, comments) for one, said in comments if not said.get("late")],
            attachments=[Photo(number * 10 + photo, f"town{number}-{photo}") for photo in range(post.get("photos", 0))],
            copy_of=self._repost(post["repost"]) if "repost" in post else None,
            pinned=post.get("pinned", False),
            ads=post.get("ads", False),
            likes=post["likes"],
            views=post["views"],
        )

    def _comment(self, number: int, said: Entry, comments: list[tuple[int, Entry]]) -> Comment:
        answered = comments[said["to"] - 1][0] if "to" in said else 0
        text, at = self._clock.words(said["text"]), self._clock.when(said["ago"])
        return Comment(number, self._ids[said["who"]], text, at, reply_to=answered)

    def _repost(self, told: Entry) -> Repost:
        owner = self._ids[told["wall"]]
        text, at = self._clock.words(told["text"]), self._clock.when(told["ago"])
        return Repost(owner, WallPost(told["number"], owner, text, at))


def _person(number: int, name: str) -> Person:
    first, _, last = name.partition(" ")
    return Person(number, first, last)

"""The demo after its end: what it printed, and its installation, asked by the verbs that a stranger would type next."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from demo.town.texts import Labelled, labelled
from tests.shell import Otklik, Run

REPORTS = """
select reports.post, reports.topic_group, incidents.title from reports join incidents on incidents.id = reports.incident
where reports.fits
"""


@dataclass(frozen=True)
class Shown:
    """The last line that the demo printed, and its installation."""

    last: dict[str, Any]
    otklik: Otklik

    def __call__(self, verb: str, *arguments: object) -> Run:
        """Another verb on the same data."""
        done = self.otklik("--data", self.otklik.home / "demo", verb, "tikhoozersk", *arguments)
        assert (done.code, done.err) == (0, "")
        return done

    @cached_property
    def posts(self) -> list[Any]:
        """The whole archive."""
        return self("search", "", "--limit", 1000, "--json").lines

    def one(self, words: str) -> Any:
        """The one post that holds these words."""
        (found,) = (post for post in self.posts if words in post["text"])
        return found

    def explain(self, post: Any) -> Any:
        """Why it was understood as it was."""
        return self("explain", post["id"], "--json").lines[0]

    @cached_property
    def queue(self) -> list[Any]:
        """Open incidents in order, as the demo left them."""
        return self("incidents", "--json").lines

    @cached_property
    def incidents(self) -> dict[str, Any]:
        """Open incidents by title, as the demo left them; of several without a place the last."""
        return {incident["title"]: incident for incident in self.queue}

    def show(self, title: str) -> Any:
        """One of them with its reports and deliveries."""
        return self("incidents", "show", self.incidents[title]["number"], "--json").lines[0]

    @cached_property
    def texts(self) -> dict[str, Labelled]:
        """What a person reads in each post that was crawled, by its id."""
        told = {label.post: label for label in labelled()}
        found = {}
        for post in self.posts:
            ending = next((ending for ending in told if post["id"].endswith(ending)), None)
            if ending:
                found[post["id"]] = told[ending]
        return found

    @cached_property
    def reports(self) -> Mapping[str, list[tuple[str, str]]]:
        """The (topic group, place as the incident's title has it) that posts were reported for."""
        found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for post, group, title in self.otklik.rows(REPORTS, "demo/otklik.sqlite"):
            place = title.partition(" — ")[2]
            found[post].append((group, "" if place == "место не названо" else place))
        return found

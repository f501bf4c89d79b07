"""What the names in a query stand for in one city: a topic, a group with its topics, a polygon."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

from crawler.model.city import City
from crawler.model.rubric import RubricTopic
from search.address import fold
from search.areas import Area, Areas, areas_of


class Names:
    """The names of a city file that queries may use. Without any, a name stands for itself."""

    def __init__(self, topics: Mapping[str, Sequence[str]] | None = None, areas: Areas | None = None) -> None:
        """`topics` maps a group to its topics; without `areas` nothing is known of polygons."""
        self.areas = areas
        self.topics: tuple[str, ...] = ()
        self._meant: dict[str, frozenset[str]] = {}
        self._called: dict[str, frozenset[str]] = {}
        groups = topics or {}
        for group, inside in groups.items():
            for meant, those in ((group, (group, *inside)), *((topic, (topic,)) for topic in inside)):
                self._meant[fold(meant)] = self._meant.get(fold(meant), frozenset()) | frozenset(those)
        self.topics = tuple(dict.fromkeys([*groups, *(topic for inside in groups.values() for topic in inside)]))
        for key, meant_by in self._meant.items():
            for topic in meant_by:
                self._called[topic] = self._called.get(topic, frozenset()) | {key}

    @cached_property
    def digest(self) -> str:
        """A hash of the names that there are: 32 hex digits."""
        told = (sorted(self.topics), self.areas.stamp if self.areas else "")
        return hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()

    def topics_of(self, name: str) -> frozenset[str]:
        """The topics that a name stands for: a topic, however its letters are; a group and every topic of it."""
        return self._meant.get(fold(name), frozenset()) | {name}

    def area(self, name: str) -> Area | None:
        """The polygon of a name; None where it is not known."""
        return self.areas.area(name) if self.areas else None

    def called(self, topic: str) -> frozenset[str]:
        """The folded names under which a topic is asked for: its own and its group's."""
        return self._called.get(topic, frozenset()) | {fold(topic)}


def names_of(city: City) -> Names:
    """The names of a city file, the topics of its model or rubric among them. OtklikError where the model cannot be
    read.
    """
    return Names(known_topics(city.topics, city.topic_model, city.rubric), areas_of(city.gazetteer))


def known_topics(
    topics: Mapping[str, Sequence[str]], model: Path | None, rubric: Sequence[RubricTopic]
) -> Mapping[str, Sequence[str]]:
    """Groups with their topics: those of the city file; of its model, where a topic that only the model has is a group
    of its own; without one those of the rubric, in its groups, whichever group of the city has them too.
    """
    groups = {group: tuple(inside) for group, inside in topics.items()}
    if model is not None:
        from search.topics.store import topics_in  # numpy: only where there is a model

        known = {*topics, *(topic for inside in topics.values() for topic in inside)}
        return {**groups, **{topic: () for topic in topics_in(model) if topic not in known}}
    for topic in rubric:
        groups[topic.group] = tuple(dict.fromkeys([*groups.get(topic.group, ()), topic.name]))
    return groups


NO_NAMES = Names()
"""Of no city: every name stands for itself."""

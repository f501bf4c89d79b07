"""How topics are put into groups: by the city file, whose groups are one kind of problem each, and by the rubric."""

from collections.abc import Mapping, Sequence

from crawler.model.rubric import RubricTopic


class TopicGroups:
    """The groups of a city. Those of its own file tell what is one problem; those of the rubric are wider."""

    def __init__(self, topics: Mapping[str, Sequence[str]], rubric: Sequence[RubricTopic]) -> None:
        """`topics` maps a group of the city file to its topics."""
        self._inside = topics
        self._own: dict[str, str] = {}
        for group, inside in topics.items():
            for topic in inside:
                self._own.setdefault(topic, group)
        self._rubric = {topic.name: topic.group for topic in rubric}
        self._rubric_groups = frozenset(self._rubric.values())

    def of(self, topic: str) -> str:
        """The group of the city file that a topic belongs to; a group is its own group, an unknown name too."""
        return self._own.get(topic, topic)

    def is_one_problem(self, topic: str) -> bool:
        """Whether reports of a topic at one place are one problem; those of a mere group of the rubric may be more."""
        named = topic in self._own or topic in self._inside or topic in self._rubric
        return bool(topic) and (named or topic not in self._rubric_groups)

    def names(self, topic: str) -> tuple[str, ...]:
        """What a route may call a topic, the most special first: itself, its group in the city file, in the rubric."""
        return tuple(dict.fromkeys([topic, self.of(topic), self._rubric.get(topic, topic)]))

    def group(self, topic: str) -> str:
        """The group that people know a topic by: of the city file, else of the rubric, "" where it stands in none."""
        if topic in self._own or topic in self._inside:
            return self.of(topic)
        return self._rubric.get(topic, topic if topic in self._rubric_groups else "")

    def rubric_group(self, topic: str) -> frozenset[str]:
        """The group of the rubric that a topic is or stands in, with its topics; empty where it stands in none."""
        group = self._rubric.get(topic, topic)
        inside = frozenset(name for name, own in self._rubric.items() if own == group)
        return inside | {group} if inside else inside

    def beside(self, topic: str) -> frozenset[str]:
        """A topic and those that stand in its group: of the city file, else of the rubric."""
        group = self.of(topic)
        inside = self._inside.get(group)
        return frozenset([topic, group, *inside]) if inside is not None else self.rubric_group(topic) | {topic}

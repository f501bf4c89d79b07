"""A topic of the rubric: what the words of a post tell where no history of the city has taught a model."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RubricTopic:
    """A topic and its group. A post that fits one of `queries` (words and phrases of the query language) speaks of it;
    `hints` are words that speak for it and are not enough alone; `examples` are what it must be told of.
    """

    group: str
    name: str
    queries: tuple[str, ...]
    hints: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()

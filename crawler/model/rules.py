"""Which matches of a saved search raise an incident: every one, or as many, as sudden, as new as its rule asks."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class RuleKind(StrEnum):
    """The rules (search/rules/)."""

    ANY = "any"
    FREQUENCY = "frequency"
    SPIKE = "spike"
    FLATLINE = "flatline"
    NEW_TERM = "new_term"


class By(StrEnum):
    """What is counted apart: all matches together, or those of each place, thread or author."""

    ALL = ""
    PLACE = "place"
    THREAD = "thread"
    AUTHOR = "author"


@dataclass(frozen=True, slots=True)
class Rule:
    """`at_least` is a number of posts within `within`; `times` how many times what is usual. What each rule makes of
    them stands in docs/city-file.md; ANY uses none of them.
    """

    kind: RuleKind = RuleKind.ANY
    at_least: int = 0
    within: timedelta = timedelta(0)
    times: float = 0.0
    by: By = By.ALL

    @property
    def counts(self) -> bool:
        """Whether matches are counted, and none raises an incident by itself."""
        return self.kind is not RuleKind.ANY

"""A figure of the quality run beside its floor: the run fails where one is not held."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Held:
    """What was measured, the figure, and its floor; with `at_most` the figure may not be above it."""

    text: str
    figure: float
    floor: float
    at_most: bool = False

    @property
    def holds(self) -> bool:
        """Whether the figure is as good as was pinned."""
        return self.figure <= self.floor if self.at_most else self.figure >= self.floor

    def __str__(self) -> str:
        bound = "at most" if self.at_most else "floor"
        return f"{self.text}, {bound} {self.floor:.3f}{'' if self.holds else '  NOT HELD'}"


Line = str | Held
"""What a part of the run prints."""

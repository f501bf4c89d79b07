"""Curves as SVG paths: numbers become lengths here, so that templates only place them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a curve is drawn: from `left` to `right`, `most` at `top`, nothing at `bottom`."""

    left: float
    right: float
    top: float
    bottom: float
    most: float

    def x(self, at: int, of: int) -> float:
        """Where the value number `at` of so many stands."""
        return round(self.left + (self.right - self.left) * at / max(1, of - 1), 1)

    def y(self, value: float) -> float:
        """How high a value stands."""
        return round(self.bottom - (self.bottom - self.top) * value / (self.most or 1), 1)

    def line(self, values: Sequence[float], start: int = 0, end: int | None = None) -> str:
        """The path of a curve, or of its part from one value to before another."""
        points = [f"{self.x(at, len(values))} {self.y(value)}" for at, value in enumerate(values)][start:end]
        return "M" + "L".join(points) if points else ""

    def area(self, values: Sequence[float], end: int | None = None) -> str:
        """What lies under the curve, or under its part before a value."""
        line = self.line(values, 0, end)
        return f"{line}V{self.bottom}H{self.left}Z" if line else ""

    def band(self, bounds: Sequence[tuple[float, float] | None]) -> str:
        """What lies between the lower and the upper bounds, where they are known."""
        parts = []
        for known, some in groupby(enumerate(bounds), key=lambda one: one[1] is not None):
            stretch = [(self.x(at, len(bounds)), bound) for at, bound in some if bound is not None]
            if known and len(stretch) > 1:
                upper = "L".join(f"{x} {self.y(bound[1])}" for x, bound in stretch)
                lower = "L".join(f"{x} {self.y(bound[0])}" for x, bound in reversed(stretch))
                parts.append(f"M{upper}L{lower}Z")
        return "".join(parts)

    def ticks(self) -> list[int]:
        """Round values of an axis, at most five, from nothing to the most."""
        size = 1
        while self.most / size > 4:
            size = {1: 2, 2: 5, 5: 10}[int(str(size)[0])] * 10 ** (len(str(size)) - 1)
        return list(range(0, int(self.most) + 1, size))

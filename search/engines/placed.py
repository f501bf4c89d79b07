"""What holds for one place, as SQL over the table of places of the embedded engine."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from search.areas import Area
from search.engines.points import FUNCTION, Inside, Nearness
from search.geo import box
from search.mapping import Asked
from search.tree import Houses

_BOX = "north >= ? AND south <= ? AND east >= ? AND west <= ?"


@dataclass(slots=True)
class Placed:
    """Writes the conditions of the tables named `prefix_…`, adding to the plan's parameters and checks."""

    prefix: str
    parameters: list[object]
    checks: list[Callable[[Any], bool | str]]

    def where(self, at: Asked) -> str:
        """What holds for a place that fits; its parameters are added in the order of the text."""
        # `<> ''` is what the partial indexes are made for.
        conditions: list[str] = []
        if at.streets:
            conditions.append(f"street <> '' AND street IN ({', '.join('?' * len(at.streets))})")
            self.parameters += at.streets
        for column, key in (("district", at.district), ("settlement", at.settlement)):
            if key:
                conditions.append(f"{column} <> '' AND {column} = ?")
                self.parameters.append(key)
        if at.house:
            conditions.append(self._house(at.house))
        if at.place:
            conditions.append("(name <> '' AND name = ? OR further_name <> '' AND further_name = ?)")
            self.parameters += [at.place, at.place]
        if at.near:
            conditions.append(self._near(at.near))
        if at.area:
            conditions.append(self._in(at.area))
        if at.nowhere:
            conditions.append("0")
        return " AND ".join(conditions) or "1"

    def _in(self, area: Area) -> str:
        self.parameters += area.box
        self.checks.append(Inside(area))
        there = f"(SELECT json_group_array(point) FROM {self.prefix}_points WHERE {_BOX})"  # noqa: S608 - names of ours
        return (
            f"point IS NOT NULL AND point IN (SELECT value FROM json_each({FUNCTION}({len(self.checks) - 1}, {there})))"  # noqa: S608
        )

    def _near(self, near: tuple[float, float, float]) -> str:
        self.parameters += box(near)
        self.checks.append(Nearness(near))
        exact = f"{FUNCTION}({len(self.checks) - 1}, point)"
        return (
            f"point IS NOT NULL AND point IN (SELECT point FROM {self.prefix}_points"  # noqa: S608 - names of ours
            f" WHERE {_BOX} AND {exact})"
        )

    def _house(self, house: Houses) -> str:
        self.parameters += [house.last, house.first]
        text = "first <= ? AND last >= ? AND last > 0"
        # A stretch of odd or even houses that meets what is asked in one number only needs that number's parity.
        self.parameters += [house.first, house.last, house.first]
        overlap = "max(first, ?)"
        text += f" AND (parity IS NULL OR {overlap} < min(last, ?) OR {overlap} % 2 = parity)"
        if house.suffix is not None:
            self.parameters.append(house.suffix)
            text += " AND (ranged OR suffix = ?)"
        return f"({text})"

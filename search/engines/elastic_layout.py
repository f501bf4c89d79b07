"""The indexes of a city: a base and one index a month for each generation, the one that answers behind the alias.

    otklik-CITY                 the alias that is read
    otklik-CITY.3               the base of generation 3: empty, it says which fields the generation has
    otklik-CITY.3.2026-03       its posts that were first seen in March 2026
    otklik-CITY.3.2026-03.w     the alias that this index is written by

The base is behind the alias as long as its generation answers, so that what two processes do at once is decided by
the server: a month joins the alias in one step with «the base is still behind it», and a rebuild ends in one step too.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import elasticsearch as es

from search.engine import stale
from search.engines.elastic_index import FORMS, MAPPINGS, SETTINGS
from search.engines.elastic_server import Server

_EXISTS = "resource_already_exists_exception"
_LONGEST_LINE = 3_500


@dataclass(frozen=True, slots=True)
class Generation:
    """The indexes of one number: the months that are there, and the fields that it has, each with its form."""

    number: int
    months: frozenset[str]
    fields: Mapping[str, str]

    @property
    def current(self) -> frozenset[str]:
        """The fields that it has just as this version makes them."""
        return frozenset(name for name, form in self.fields.items() if FORMS.get(name) == form)


class Layout:
    """Finds, makes and removes the indexes of a city. Everything is asked of the server, within `Server.reached`."""

    def __init__(self, server: Server) -> None:
        self._client = server.client
        self._city = server.city
        self.alias = server.alias
        self._pattern = re.compile(rf"{re.escape(self.alias)}\.(\d+)(?:\.(\d{{4}}-\d\d))?")

    def answering(self) -> Generation:
        """The generation behind the alias; the first one is made where the server knows nothing of the city.
        EngineError where there are indexes and none of them answers.
        """
        found = self._behind_alias()
        if not found and not self.indexes():
            self._make(self._base(1), MAPPINGS, {self.alias: {}})
            found = self._behind_alias()
        bases = {number: name for name in found for number, month in [self.parts(name)] if number and not month}
        if not bases:
            raise stale(self._city)
        number = max(bases)
        self._drop_late(found, number)
        months = frozenset(month for one, month in map(self.parts, found) if one == number and month)
        known = found[bases[number]]["mappings"].get("_meta", {}).get("otklik", {})
        return Generation(number, months, known if isinstance(known, dict) else {})

    def months(self, number: int) -> list[str]:
        """The months of a generation that have an index now."""
        return sorted(month for one, month in map(self.parts, self.indexes()) if one == number and month)

    def indexes(self) -> list[str]:
        """Every index of this city, whether it answers or not."""
        found = self._client.indices.get(index=f"{self.alias}.*", expand_wildcards="all", features="aliases")
        return [name for name in found if self._pattern.fullmatch(name)]

    def parts(self, index: str) -> tuple[int, str]:
        """The number of an index's generation, and its month, "" for a base; 0 for an index of nobody here."""
        match = self._pattern.fullmatch(index)
        return (int(match[1]), match[2] or "") if match else (0, "")

    def index(self, number: int, month: str) -> str:
        """The index of a month."""
        return f"{self._base(number)}.{month}"

    def written(self, number: int, month: str) -> str:
        """The name that the index of a month is written by: by an alias, the server makes no index by itself."""
        return f"{self.index(number, month)}.w"

    def open_month(self, number: int, month: str) -> None:
        """See that a generation that answers has an index for a month; nothing is left of one that answers no more."""
        made = self.index(number, month)
        try:
            self.make_month(number, month)
            self._client.indices.update_aliases(actions=[*self._answers(number), _add(made, self.alias)])
        except es.NotFoundError:
            self._remove([made])

    def begin(self) -> int:
        """The base of a new generation; what was left by a rebuild that was cut off goes. Its number."""
        while True:
            present = self.indexes()
            answering = {number for number, month in map(self.parts, self._behind_alias()) if number and not month}
            left = [name for name in present if self.parts(name)[0] not in answering]
            # In one step with «that one still answers»: what is left over may have begun to answer meanwhile.
            kept = [step for number in sorted(answering) for step in self._answers(number)]
            try:
                self._drop(left, kept)
            except es.NotFoundError:
                continue
            number = max([0, *(self.parts(name)[0] for name in present)]) + 1
            if self._make(self._base(number), MAPPINGS, {}):
                return number

    def make_month(self, number: int, month: str) -> None:
        """See that a generation has an index for a month, with the fields of its base. NotFoundError without a base."""
        name, base = self.index(number, month), self._base(number)
        mappings = self._client.indices.get_mapping(index=base)[base]["mappings"]
        self._make(name, mappings, {self.written(number, month): {}})

    def finish(self, number: int) -> None:
        """Let a generation answer in place of the former in one step; then that one goes. What a person put behind the
        alias loses it and stays. EngineError, with nothing changed, where another rebuild took the generation away.
        """
        mine = [name for name in self.indexes() if self.parts(name)[0] == number]
        if self._base(number) not in mine:
            raise stale(self._city)
        for some in _some_of(mine):
            self._client.indices.refresh(index=some)
        former = [name for name in self._behind_alias() if name not in mine]
        leaving = [{"remove": {"index": name, "alias": self.alias}} for name in former]
        self._client.indices.update_aliases(actions=[*leaving, *(_add(name, self.alias) for name in mine)])
        # Only now: a search that is under way meets an index that goes, and is asked again of the new ones.
        self._drop_late(self._behind_alias(), number)
        self.drop_former(number)

    def drop_former(self, number: int) -> None:
        """Remove what is left of earlier generations than the one that answers."""
        self._remove([name for name in self.indexes() if 0 < self.parts(name)[0] < number])

    def remove(self) -> None:
        """Take every index of this city off the server."""
        self._remove(self.indexes())

    def keep_up(self, generation: Generation) -> None:
        """Note that a generation has only those of its fields that this version writes, before it writes any."""
        fields = {name: generation.fields[name] for name in sorted(generation.current)}
        self._client.indices.put_mapping(index=self._base(generation.number), meta={"otklik": fields})

    def _make(self, name: str, mappings: Mapping[str, Any], aliases: Mapping[str, Any]) -> bool:
        """Make an index; False where it is there already, also by another process just now."""
        try:
            self._client.indices.create(index=name, settings=SETTINGS, mappings=mappings, aliases=aliases)
        except es.BadRequestError as error:
            if error.error != _EXISTS:
                raise
            return False
        return True

    def _behind_alias(self) -> dict[str, Any]:
        if not self._client.indices.exists_alias(name=self.alias):
            return {}
        return dict(self._client.indices.get_mapping(index=self.alias))

    def _drop_late(self, found: Iterable[str], number: int) -> None:
        """Remove months of an earlier generation that joined the alias while it was replaced."""
        self._drop([name for name in found if self.parts(name)[0] not in (0, number)], [])

    def _drop(self, names: Sequence[str], provided: Sequence[dict[str, Any]]) -> None:
        if names:
            self._client.indices.update_aliases(actions=[*provided, *map(_remove, names)])

    def _remove(self, indexes: Sequence[str]) -> None:
        for some in _some_of(indexes):
            self._client.indices.delete(index=some, ignore_unavailable=True)

    def _answers(self, number: int) -> list[dict[str, Any]]:
        """The condition, as steps that change nothing, that a generation's base is behind the alias."""
        base = {"index": self._base(number), "alias": self.alias}
        return [{"remove": base | {"must_exist": True}}, {"add": base}]

    def _base(self, number: int) -> str:
        return f"{self.alias}.{number}"


def _some_of(names: Sequence[str]) -> Iterator[Sequence[str]]:
    """So many names as the line of a request takes: Elasticsearch refuses one longer than 4 KB, ten years of months."""
    longest = max(map(len, names), default=0) + len("%2C")
    each = max(1, _LONGEST_LINE // longest)
    return (names[start : start + each] for start in range(0, len(names), each))


def _add(index: str, alias: str) -> dict[str, Any]:
    return {"add": {"index": index, "alias": alias}}


def _remove(index: str) -> dict[str, Any]:
    return {"remove_index": {"index": index}}

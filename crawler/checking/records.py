"""Tables of one kind, read one by one: what must differ among them, and what an own one replaces."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from crawler.checking.parts import Names, Read
from crawler.checking.searches import read_search
from crawler.checking.table import Table
from crawler.model.city import SavedSearch, Source
from crawler.model.text import Text
from crawler.platforms import address_key

Record = TypeVar("Record")


def read_topics(tables: list[Table]) -> dict[str, tuple[str, ...]]:
    """Groups with their topics; the city's own and the included ones put together. A topic is in one group."""
    topics: dict[str, tuple[str, ...]] = {}
    owner: dict[str, str] = {}
    for table in tables:
        for group in table.values:
            found = table.strings(group)
            for topic in found:
                if owner.setdefault(topic, group) != group:
                    table.problem(
                        group,
                        Text(
                            f"тема «{topic}» уже в группе «{owner[topic]}»",
                            f"the topic «{topic}» is already in the group «{owner[topic]}»",
                        ),
                    )
            topics[group] = tuple(dict.fromkeys([*topics.get(group, ()), *found]))
    return topics


def read_all(tables: Iterator[Table], names: Names, read: Callable[[Table, Names], Record]) -> list[Read[Record]]:
    """Every table of a kind; keys must differ."""
    records: list[Read[Record]] = []
    lines: dict[str, int] = {}
    for table in tables:
        records.append(Read(read(table, names), table))
        key = table.values.get("key")
        if not isinstance(key, str) or not key:
            continue
        line = table.document.positions.get(table.path, (0, 0))[0]
        if key in lines:
            table.problem(
                "key",
                Text(f"такой ключ уже есть в строке {lines[key]}", f"the same key stands in line {lines[key]}"),
                hint=Text("Дайте другой ключ", "Give another key"),
            )
        lines.setdefault(key, line)
    return records


def note_same_addresses(sources: list[Read[Source]]) -> None:
    """Two sources of one address would read and count every post twice."""
    first: dict[str, Read[Source]] = {}
    for read in sources:
        same = address_key(read.record) if read.record.address else ""
        other = first.setdefault(same, read) if same else read
        if other is not read:
            table = other.table
            line = table.document.positions.get(table.path, (0, 0))[0]
            read.table.problem(
                "address",
                Text(
                    f"этот адрес уже у источника «{other.record.key}» в строке {line}",
                    f"the source «{other.record.key}» in line {line} has this address",
                ),
                hint=Text("Оставьте один источник", "Keep one of the sources"),
            )


def read_searches(root: Table, roots: list[Table], names: Names) -> list[Read[SavedSearch]]:
    """The city's own searches, then the included ones; an own search replaces an included one of the same key."""
    searches = read_all(root.tables("search"), names, read_search)
    own = {read.record.id for read in searches}
    for other in roots:
        found = read_all(other.tables("search"), names, read_search)
        searches += [read for read in found if read.record.id not in own]
        own |= {read.record.id for read in found}
    return searches

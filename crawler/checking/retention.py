"""`[[retention]]` of a city file: how long what is kept."""

from datetime import timedelta

from crawler.checking.parts import DAY, YEAR, Names, Read
from crawler.checking.table import Table
from crawler.model.city import Retention, SourceRole
from crawler.model.items import Kind
from crawler.model.text import Text
from search.retention import EVENT

_LONGEST = 10 * YEAR


def read_retention(table: Table, names: Names) -> Retention:
    """`[[retention]]`: at least one of `keep` and `raw`."""
    retention = Retention(
        keep=_span(table, "keep"),
        raw=_span(table, "raw"),
        kind=table.one_of("kind", [*(kind.value for kind in Kind), EVENT]),
        platform=table.one_of("platform", names.platforms),
        role=table.choice("role", SourceRole, None),
    )
    if "keep" not in table.values and "raw" not in table.values:
        table.problem("keep", Text('нужен срок: keep = "365d" или raw = "30d"', 'needs keep = "365d" or raw = "30d"'))
    if retention.keep and retention.raw and retention.raw > retention.keep:
        table.problem(
            "raw", Text("дольше самих публикаций (keep) не хранится", "is kept no longer than the posts (keep)")
        )
    if retention.kind == EVENT:
        for key in ("raw", "platform", "role"):
            if key in table.values:
                table.problem(key, Text("к журналу не относится: уберите", "means nothing for the journal: remove it"))
    table.finish()
    return retention


def _span(table: Table, key: str) -> timedelta | None:
    return table.duration(key, DAY, DAY, _LONGEST) if table.raw(key) is not None else None


def note_same_retentions(rules: list[Read[Retention]]) -> None:
    """Two rules for the very same posts: the second would never count."""
    seen: set[tuple[str, str, str, str]] = set()
    for read in rules:
        one = read.record
        for key in ("keep", "raw"):
            what = (key, one.kind, one.platform, one.role or "")
            if key in read.table.values and what in seen:
                read.table.problem(
                    key,
                    Text(
                        "для тех же публикаций срок уже задан выше: оставьте один",
                        "a rule above has a span for the very same posts: leave one",
                    ),
                )
            seen |= {what} if key in read.table.values else set()

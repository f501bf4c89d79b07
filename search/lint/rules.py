"""What a query and the rule of its saved search say against each other."""

from collections.abc import Iterator

from crawler.model.rules import Rule, RuleKind
from crawler.model.text import Text
from search.lint.remark import Remark, warning
from search.tree import And, Field, Query


def of_rule(query: Query, rule: Rule) -> Iterator[Remark]:
    """What an authority writes is counted by `flatline` alone (docs/rules.md)."""
    if not rule.counts or rule.kind is RuleKind.FLATLINE:
        return
    for part in query.root.parts if isinstance(query.root, And) else (query.root,):
        if isinstance(part, Field) and (part.name, part.value) == ("author", "official"):
            said = Text(
                "правило не считает того, что пишет власть: так оно не сработает ни разу",
                "the rule does not count what an authority writes: it would never hold",
            )
            yield warning("rule-never", part.span, said)

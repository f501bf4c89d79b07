"""A saved search as its form has it, and what the form offers to choose from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from crawler.console import times
from crawler.console.asked import Asked
from crawler.model.city import SavedSearch, Severity
from crawler.model.errors import OtklikError, QueryError
from crawler.model.rules import Rule, RuleKind
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from crawler.remarks import remarks_of
from search import saving
from search.lint import Level, Remark
from search.query import mend
from search.query_lexer import MAX_LENGTH

WINDOWS = (1, 3, 7, 14, 30, 90)
"""Days that an incident takes further reports, to choose from."""
RULES = {
    RuleKind.ANY: Text("Каждое совпадение", "Every match"),
    RuleKind.FREQUENCY: Text("{n} публикаций за {within}", "{n} posts within {within}"),
    RuleKind.SPIKE: Text(
        "Всплеск за {within}: в {times:g} раза больше обычного", "{times:g} times the usual in {within}"
    ),
    RuleKind.FLATLINE: Text("Тишина {within}, где обычно пишут", "Silence of {within}"),
    RuleKind.NEW_TERM: Text("Новое слово за {within}", "A new word within {within}"),
}


@dataclass(frozen=True, slots=True)
class Told:
    """A remark as it is shown: its line and character, and the whole query as it was probably meant, "" for none."""

    remark: Remark
    line: int
    character: int
    word: str
    mended: str

    @property
    def refused(self) -> bool:
        """Whether no saved search may be so."""
        return self.remark.level is Level.REFUSED


def draft_of(asked: Asked, base: SavedSearch, rule: Rule) -> SavedSearch:
    """What the form says over what it began with; its `rule` has been read."""
    severity = asked.value("severity")
    known = {
        "route": {route.key for route in asked.city.routes},
        "policy": {policy.key for policy in asked.city.policies},
    }
    chosen = {name: asked.value(name) if asked.value(name) in keys else "" for name, keys in known.items()}
    return replace(
        base,
        name=" ".join(asked.value("name").split()),
        query=asked.value("q")[: MAX_LENGTH + 1].replace("\r\n", "\n").strip(),
        topic=asked.value("topic"),
        severity=Severity(severity) if severity in set(Severity) else Severity.NORMAL,
        rule=rule,
        risk=rule.counts and asked.value("risk") == "yes",
        window=_window(asked),
        area_wide=asked.value("area_wide") == "yes",
        personal=asked.value("personal") == "yes",
        route=chosen["route"],
        policy=chosen["policy"],
    )


def windows_of(draft: SavedSearch) -> list[tuple[str, timedelta]]:
    """The windows to choose from, that of the draft among them, each with what the form sends: hours, or seconds with
    an «s» where a city file has other than whole hours.
    """
    hour, second = timedelta(hours=1), timedelta(seconds=1)
    return [
        (f"{one // second}s" if one % hour else f"{one // hour}", one)
        for one in sorted({draft.window, *(timedelta(days=days) for days in WINDOWS)})
    ]


def _window(asked: Asked) -> timedelta:
    number, unit, rest = asked.value("window").partition("s")
    if unit and not rest and number.isascii() and number.isdigit() and len(number) < 9:
        return min(max(timedelta(seconds=int(number)), timedelta(hours=1)), timedelta(days=365))
    return timedelta(hours=asked.number("window", 1, 24 * 365, 72))


def refusal_of(asked: Asked, draft: SavedSearch) -> OtklikError | None:
    """Why it cannot be saved, None where it can."""
    try:
        saving.check(draft, asked.city, asked.desk.names, PLATFORMS)
    except OtklikError as error:
        return error
    return None


def told_of(asked: Asked, draft: SavedSearch) -> list[Told]:
    """What the linter says of a query that can be read, and of its rule."""
    try:
        return [told_remark(draft.query, remark) for remark in remarks_of(asked.desk, draft.query, draft.rule)]
    except QueryError:
        return []


def told_remark(text: str, remark: Remark) -> Told:
    """A remark with its place, and the query as it was probably meant."""
    start, end = remark.span
    line = text.count("\n", 0, start) + 1
    mended = mend(text, QueryError(remark.text, start, end, remark.hint)).strip() if remark.hint else ""
    return Told(remark, line, start - (text.rfind("\n", 0, start) + 1) + 1, text[start:end][:60], mended)


def rule_text(rule: Rule) -> str:
    """A rule in words."""
    return RULES[rule.kind].format(n=rule.at_least, within=_span(rule.within), times=rule.times)


def _span(length: timedelta) -> str:
    # A city file may have seconds, which a span of the page leaves out.
    if length % timedelta(minutes=1):
        return Text("{n} с", "{n} s").format(n=length // timedelta(seconds=1))
    return times.span(length)


def topics_of(asked: Asked) -> Sequence[tuple[str, list[str]]]:
    """The topics to choose from by group, each group itself among them."""
    groups: dict[str, list[str]] = {}
    for topic in asked.desk.names.topics:
        groups.setdefault(asked.city.group_of(topic), []).append(topic)
    return sorted((group, sorted(dict.fromkeys([group, *some]))) for group, some in groups.items())

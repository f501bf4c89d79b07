"""`[[search]]` of a city file: a saved search, and which of its matches raise an incident."""

from dataclasses import dataclass
from datetime import timedelta

from crawler.checking.parts import DAY, YEAR, Names
from crawler.checking.problems import listed
from crawler.checking.table import Table
from crawler.model.city import SavedSearch, Severity
from crawler.model.rules import By, Rule, RuleKind
from crawler.model.text import Text

SEARCH_STATES = ("active", "paused")
HOUR = timedelta(hours=1)
LEAST, MOST = 2, 1_000
"""Posts that a rule may ask for."""
LEAST_TIMES, MOST_TIMES = 1.1, 1_000


@dataclass(frozen=True)
class RuleForm:
    """The keys of a rule beside `rule`: what they are where the file leaves them out (None: it may not), and the bounds
    of `within`. A rule without `times` or `by` does not know these keys.
    """

    at_least: int | None
    within: timedelta | None
    shortest: timedelta
    longest: timedelta
    times: float | None = None
    by: bool = False

    @property
    def keys(self) -> list[str]:
        """The keys that it knows."""
        return ["at_least", "within", *(["times"] if self.times else []), *(["by"] if self.by else []), "risk"]


RULES = {
    RuleKind.ANY: None,
    RuleKind.FREQUENCY: RuleForm(None, None, timedelta(minutes=1), 30 * DAY, by=True),
    RuleKind.SPIKE: RuleForm(5, HOUR, HOUR / 4, 7 * DAY, times=3.0, by=True),
    RuleKind.FLATLINE: RuleForm(5, None, HOUR, 7 * DAY),
    RuleKind.NEW_TERM: RuleForm(5, DAY, HOUR, 7 * DAY, times=3.0),
}
"""What each rule is told by; docs/city-file.md has the table."""


def read_search(table: Table, names: Names) -> SavedSearch:
    """`[[search]]`; its query is parsed by crawler/checking/kinds.py."""
    key = table.key("key")
    search = SavedSearch(
        id=f"file:{key}" if key else "",
        name=table.text("name", required=True),
        query=table.text("query", required=True),
        topic=table.reference("topic", names.topics, Text("темы или группы", "topic or group")),
        severity=table.choice("severity", Severity, Severity.NORMAL) or Severity.NORMAL,
        rule=_read_rule(table),
        risk=table.flag("risk", default=False),
        window=table.duration("window", 3 * DAY, HOUR, YEAR),
        area_wide=table.flag("area_wide", default=False),
        personal=table.flag("personal", default=False),
        route=table.reference("route", names.routes, Text("маршрута", "route")),
        policy=table.reference("policy", names.policies, Text("срока", "policy")),
        owner=table.text("owner"),
        state=table.one_of("state", SEARCH_STATES, "active"),
    )
    if search.rule.counts:
        _check_alone(table, search)
    table.finish()
    return search


def _read_rule(table: Table) -> Rule:
    kind = table.choice("rule", RuleKind, RuleKind.ANY) or RuleKind.ANY
    form = RULES[kind]
    if table.has_problem("rule"):
        # What its keys should be is not known then.
        table.known |= {"at_least", "within", "times", "by"}
        return Rule()
    _refuse_others(table, kind, form)
    if form is None:
        return Rule()
    least = table.whole("at_least", form.at_least, LEAST, MOST)
    if form.at_least is None and "at_least" not in table.values:
        table.problem(
            "at_least",
            Text("правилу нужно число публикаций: at_least = 5", "the rule needs a number of posts: at_least = 5"),
        )
    within = table.duration(
        "within", form.within or form.shortest, form.shortest, form.longest, required=form.within is None
    )
    by = table.one_of("by", [one.value for one in By if one]) if form.by else ""
    return Rule(kind, least or LEAST, within, _read_times(table, form), By(by))


def _refuse_others(table: Table, kind: RuleKind, form: RuleForm | None) -> None:
    """A key of another rule would be without effect."""
    known = form.keys if form else []
    for key in ("at_least", "within", "times", "by", "risk"):
        if key in known or key not in table.values:
            continue
        table.known.add(key)
        if not form:
            meant = listed(other.value for other, form in RULES.items() if form and key in form.keys)
            said = Text(
                f"это ключ правила, а запрос без него поднимает инцидент каждым совпадением. Задайте rule: {meant}",
                f"a key of a rule, and without one every match raises an incident. Set rule to one of {meant}",
            )
        else:
            there = listed(known) or "—"
            said = Text(
                f"правило «{kind.value}» такого ключа не знает, его ключи: {there}",
                f"the rule «{kind.value}» has no such key, its keys: {there}",
            )
        table.problem(key, said)


def _read_times(table: Table, form: RuleForm) -> float:
    if form.times is None:
        return 0.0
    value = table.raw("times")
    if value is None:
        return form.times
    if isinstance(value, bool) or not isinstance(value, int | float) or not LEAST_TIMES <= value <= MOST_TIMES:
        table.problem(
            "times",
            Text(
                f"ожидается число от {LEAST_TIMES} до {MOST_TIMES}: во сколько раз больше обычного",
                f"a number from {LEAST_TIMES} to {MOST_TIMES} is expected: how many times what is usual",
            ),
        )
        return form.times
    return float(value)


def _check_alone(table: Table, search: SavedSearch) -> None:
    """What speaks of single matches means nothing where they are counted, and what is counted is one thing."""
    if "topic" not in table.values:
        table.problem(
            "topic",
            Text(
                "правилу нужна тема: тревога — об одном. Без неё тему читают в каждом тексте отдельно",
                "a rule needs a topic: an alarm is of one thing. Without one each text is read for its own",
            ),
        )
    if search.personal:
        table.problem(
            "personal",
            Text(
                "личные обращения не соединяют, а правило соединяет: уберите одно из двух",
                "personal matters are never put together and the rule puts them together: remove one of the two",
            ),
        )
    if search.area_wide:
        table.problem(
            "area_wide",
            Text(
                'с правилом ничего не значит: инцидент один на всплеск, по местам делит by = "place"',
                'means nothing beside the rule: an alarm is one incident, by = "place" counts places apart',
            ),
        )

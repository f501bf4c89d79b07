"""The rule of a saved search as its form has it: the keys of the city file, within the same bounds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from crawler.checking.searches import LEAST, LEAST_TIMES, MOST, MOST_TIMES, RULES, RuleForm
from crawler.console import times
from crawler.console.asked import Asked
from crawler.model.rules import By, Rule, RuleKind
from crawler.model.text import Text
from search.saving import FieldError

UNITS = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
"""The units of a span in a city file: one in the least of them can be typed as it was kept."""
UNIT_NAMES = {
    "s": Text("сек.", "sec."),
    "m": Text("минут", "minutes"),
    "h": Text("часов", "hours"),
    "d": Text("дней", "days"),
}
KINDS = {
    RuleKind.ANY: Text("Каждое совпадение", "Every match"),
    RuleKind.FREQUENCY: Text("Много публикаций за время", "Many posts within a time"),
    RuleKind.SPIKE: Text("Всплеск: намного больше обычного", "A spike: far more than usual"),
    RuleKind.FLATLINE: Text("Тишина, где обычно пишут", "Silence where there usually are posts"),
    RuleKind.NEW_TERM: Text("Новое слово", "A new word"),
}
MEANT = {
    RuleKind.FREQUENCY: Text(
        "Тревога, когда за это время совпало столько публикаций, сколько бы их ни было обычно.",
        "An alarm once so many posts match within that time, however many are usual.",
    ),
    RuleKind.SPIKE: Text(
        "Обычное: те же часы четырёх недель или сутки до того, что больше. Где не пишут вовсе, всплеск начинается "
        "с шести. Первые сутки источника и запроса не считаются.",
        "Usual: the same hours of four weeks, or the day before, whichever is more. Where there is nothing, "
        "a spike begins with six. The first day of a source and of the search does not count.",
    ),
    RuleKind.FLATLINE: Text(
        "Тревога, когда за это время нет ничего, а обычно не меньше стольких. Запросу нужно две недели.",
        "An alarm when there is nothing in that time and at least so many are usual. It needs two weeks of the search.",
    ),
    RuleKind.NEW_TERM: Text(
        "Тревога, когда слово есть в стольких публикациях, во столько раз чаще четырёх недель вместе.",
        "An alarm when a word is in so many posts, so many times as in the four weeks before together.",
    ),
}
"""What a rule does, in a line; docs/rules.md has the rest."""
BY = {
    By.ALL: Text("всё вместе", "all together"),
    By.PLACE: Text("каждое место", "each place"),
    By.THREAD: Text("каждую ветку", "each thread"),
    By.AUTHOR: Text("каждого автора", "each author"),
}


@dataclass(frozen=True, slots=True)
class Fields:
    """What stands in the fields of a rule: as it was typed, so that what is wrong can be mended."""

    kind: RuleKind
    at_least: str
    within: str
    unit: str
    times: str
    by: str


def fields_of(rule: Rule) -> Fields:
    """The fields of a rule as it is kept; where matches are not counted, what a spike begins with."""
    shown = rule if rule.counts else Rule(RuleKind.ANY, 5, timedelta(hours=1), 3.0)
    unit = next(unit for unit in ("d", "h", "m", "s") if shown.within % UNITS[unit] == timedelta(0))
    many = shown.times or 3.0
    return Fields(rule.kind, f"{shown.at_least}", f"{shown.within // UNITS[unit]}", unit, f"{many:g}", shown.by.value)


def fields_given(asked: Asked) -> Fields:
    """What was sent."""
    kind = asked.value("rule")
    values = [asked.value(name).strip()[:20] for name in ("at_least", "within", "unit", "times", "by")]
    return Fields(RuleKind(kind) if kind in set(RuleKind) else RuleKind.ANY, *values)


def rule_of(fields: Fields) -> Rule:
    """The rule that the fields say. FieldError for the first that is wrong; what the rule does not know is left out."""
    form = RULES[fields.kind]
    if form is None:
        return Rule()
    return Rule(
        fields.kind,
        _least(fields, form),
        _within(fields, form),
        _times(fields) if form.times else 0.0,
        By(fields.by) if form.by and fields.by in set(By) else By.ALL,
    )


def knowing() -> Mapping[str, list[str]]:
    """Which rules know a field."""
    forms = {kind.value: form for kind, form in RULES.items() if form}
    return {
        "at_least": list(forms),
        "times": [kind for kind, form in forms.items() if form.times],
        "by": [kind for kind, form in forms.items() if form.by],
    }


def _least(fields: Fields, form: RuleForm) -> int:
    if not fields.at_least and form.at_least:
        return form.at_least
    if not _is_whole(fields.at_least) or not LEAST <= int(fields.at_least) <= MOST:
        said = f"от {LEAST} до {MOST}", f"from {LEAST} to {MOST}"
        raise FieldError("at_least", Text(f"Сколько публикаций: число {said[0]}.", f"How many posts: {said[1]}."))
    return int(fields.at_least)


def _within(fields: Fields, form: RuleForm) -> timedelta:
    if not fields.within and form.within:
        return form.within
    unit = UNITS.get(fields.unit, UNITS["h"])
    length = int(fields.within) * unit if _is_whole(fields.within) else timedelta(0)
    if not form.shortest <= length <= form.longest:
        low, high = times.span(form.shortest), times.span(form.longest)
        raise FieldError(
            "within",
            Text(
                f"За какое время: у этого правила от {low} до {high}.",
                f"Within which time: from {low} to {high} with this rule.",
            ),
        )
    return length


def _times(fields: Fields) -> float:
    try:
        many = float(fields.times.replace(",", ".") or 3)
    except ValueError:
        many = 0.0
    if not LEAST_TIMES <= many <= MOST_TIMES:
        said = Text("Во сколько раз больше: число от {low:g} до {high:g}.", "How many times: from {low:g} to {high:g}.")
        raise FieldError("times", said.filled(low=LEAST_TIMES, high=MOST_TIMES))
    return many


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 8

"""`otklik count CITY [QUERY] [--by district,topic…] [--per day]`: how many, of what, and when."""

from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from crawler.commands.advice import advise, tell_apart
from crawler.commands.search import QUERY, SINCE, UNTIL, indexed, parsed_query
from crawler.commands.shell import CityArgument, JsonOption, opened, out, print_json, table
from crawler.desk import Desk
from crawler.model.act_names import ACTS
from crawler.model.errors import OtklikError
from crawler.model.kind_names import AUTHOR_ROLES, KIND_NAMES
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from search.engine import Bucket, Facet, Moment, Step
from search.tree import Query

BY = Text(
    "по чему: source, platform, topic, act, kind, role, district; несколько — через запятую",
    "by what: source, platform, topic, act, kind, role, district; several with commas",
)
PER = Text("и по времени: hour, day, week, month", "and by time: hour, day, week, month")
TOP = Text("сколько значений показать", "how many values to show")
FOUND = Text("Найдено: {count}.", "Found: {count}.")
NO_VALUES = Text("Ни у одной публикации этого нет.", "None of the posts has it.")
FIRST = Text("Показаны первые {top}, больше: --top.", "The first {top} are shown, more: --top.")
LATEST = Text("Показаны последние {most} из {count}; все: --json.", "The last {most} of {count}; all: --json.")
POSTS = Text("публикаций", "posts")
SHARE = Text("доля", "share")
MOST = 200
WIDEST = 40

# What is counted, its table and its column.
FACETS = {
    Facet.SOURCE: (Text("По источникам", "By source"), Text("источник", "source")),
    Facet.PLATFORM: (Text("По площадкам", "By platform"), Text("площадка", "platform")),
    Facet.TOPIC: (Text("По темам", "By topic"), Text("тема", "topic")),
    Facet.ACT: (Text("По виду высказывания", "By what is done"), Text("вид", "act")),
    Facet.KIND: (Text("По виду публикаций", "By kind of post"), Text("вид", "kind")),
    Facet.ROLE: (Text("По тому, кто пишет", "By who writes"), Text("кто пишет", "who writes")),
    Facet.DISTRICT: (Text("По районам", "By district"), Text("район", "district")),
}
# What people call values that are words of ours.
CALLED: Mapping[Facet, Mapping[str, Text]] = {
    Facet.ACT: {act.value: name for act, name in ACTS.items()},
    Facet.KIND: {kind.value: name for kind, name in KIND_NAMES.items()},
    Facet.ROLE: {role.value: name for role, name in AUTHOR_ROLES.items()},
}
# The table, its column and how the start of a part is written.
STEPS = {
    Step.HOUR: (Text("По часам", "By hour"), Text("час", "hour"), "%d.%m.%Y %H:%M"),
    Step.DAY: (Text("По дням", "By day"), Text("день", "day"), "%d.%m.%Y"),
    Step.WEEK: (Text("По неделям", "By week"), Text("неделя с", "week from"), "%d.%m.%Y"),
    Step.MONTH: (Text("По месяцам", "By month"), Text("месяц", "month"), "%m.%Y"),
}


def count(
    city: CityArgument,
    query: Annotated[str, typer.Argument(help=str(QUERY), show_default=False)] = "",
    by: Annotated[str, typer.Option(help=str(BY), show_default=False)] = "",
    per: Annotated[Step | None, typer.Option(help=str(PER), show_default=False)] = None,
    top: Annotated[int, typer.Option(min=1, max=10_000, help=str(TOP))] = 20,
    since: Annotated[str, typer.Option(help=str(SINCE), show_default=False)] = "",
    until: Annotated[str, typer.Option(help=str(UNTIL), show_default=False)] = "",
    as_json: JsonOption = False,
) -> None:
    """Print how many posts the query finds, and by what and when."""
    fields = _fields(by)
    # A query that cannot be read opens no installation.
    parsed_query(query, since, until)
    with opened(city) as desk:
        parsed = parsed_query(query, since, until, desk.names)
        with indexed(desk):
            advise(desk, query)
            _count(desk, parsed, fields, per, top, as_json=as_json)


def _fields(by: str) -> list[Facet]:
    fields: list[Facet] = []
    for name in filter(None, (part.strip() for part in by.split(","))):
        if name not in set(Facet):
            text = Text("--by {name}: такого нет; есть {known}", "--by {name}: unknown; there are {known}")
            raise OtklikError(text.filled(name=name, known=", ".join(Facet)))
        fields.append(Facet(name))
    return list(dict.fromkeys(fields))


def _count(desk: Desk, query: Query, fields: Sequence[Facet], per: Step | None, top: int, *, as_json: bool) -> None:
    context = desk.context()
    total = desk.engine.count(query, context)
    if not total:
        tell_apart(desk, query)
    # One more than is shown tells whether there are more.
    facets = desk.engine.facets(query, context, fields, top + 1) if fields else {}
    moments = desk.engine.histogram(query, context, per) if per else ()
    if as_json:
        print_json({"count": total})
        for field in fields:
            for bucket in facets[field][:top]:
                print_json({"by": field, "value": bucket.value, "count": bucket.count})
        for moment in moments:
            print_json({"per": per, "start": moment.start, "count": moment.count})
        return
    out.print(FOUND.format(count=total), style="bold", highlight=False)
    for field in fields:
        _show_facet(field, facets[field], total, top)
    if per and moments:
        _show_moments(per, moments)


def _show_facet(field: Facet, buckets: Sequence[Bucket], total: int, top: int) -> None:
    title, column = FACETS[field]
    rows = [(_called(field, one.value), one.count, f"{one.count / total:.0%}") for one in buckets[:top]]
    out.print()
    out.print(table(title, [column, POSTS, SHARE], rows))
    if not buckets:
        out.print(str(NO_VALUES), style="dim")
    if len(buckets) > top:
        out.print(FIRST.format(top=top), style="dim", highlight=False)


def _called(field: Facet, value: str) -> object:
    """A value as people call it; those that people gave a name themselves keep it."""
    if field is Facet.PLATFORM and value in PLATFORMS:
        return PLATFORMS[value].title
    called = CALLED.get(field, {})
    return called.get(value, value)


def _show_moments(per: Step, moments: Sequence[Moment]) -> None:
    title, column, form = STEPS[per]
    most = max(moment.count for moment in moments)
    rows = [
        (moment.start.strftime(form), moment.count, "█" * round(WIDEST * moment.count / most))
        for moment in moments[-MOST:]
    ]
    out.print()
    out.print(table(title, [column, POSTS, Text("", "")], rows, numbers_from=3))
    if len(moments) > MOST:
        out.print(LATEST.format(most=MOST, count=len(moments)), style="dim", highlight=False)

"""What a city can run with and probably does not mean: deadlines and routes that never apply, topics nobody finds."""

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from crawler.checking.parts import read_zone
from crawler.checking.problems import NOTHING, Gravity, listed
from crawler.checking.rubric import warn_of_examples
from crawler.checking.table import Table
from crawler.checking.whole import Whole
from crawler.model.city import Route, SavedSearch, Severity
from crawler.model.errors import QueryError
from crawler.model.items import Kind
from crawler.model.ports import SystemClock
from crawler.model.text import Text
from crawler.model.topic_groups import TopicGroups
from search.gazetteer import gazetteer_of
from search.lint import Around, Context, lint, names_places, refusals
from search.names import Names
from search.query import parse_query
from search.retention import kept_for
from search.tree import Query


def warn(whole: Whole) -> None:
    """Note every warning in the document it belongs to."""
    warn_of_queries(whole)
    _severities_without_policy(whole)
    _channels_that_slow_danger(whole)
    _topics_without_search(whole)
    _routes_that_never_win(whole)
    _searches_without_route(whole)
    _backfills_past_retention(whole)
    warn_of_examples(whole.rubric, whole.rubric_table)


def _note(table: Table, key: str, said: Text, hint: Text = NOTHING) -> None:
    table.problem(key, said, severity=Gravity.WARNING, hint=hint)


def _active(whole: Whole) -> list[SavedSearch]:
    return [read.record for read in whole.searches if read.record.state == "active"]


def warn_of_queries(whole: Whole, *, gazetteer_too: bool = True) -> None:
    """Note what the linter says of the queries that can be read: true whatever else is wrong with the file."""
    names = whole.query_names
    context = Context(SystemClock().now(), read_zone(whole.city, "zone", ZoneInfo("UTC")), names)
    queries = [(read, query) for read in whole.searches if (query := _query_of(read.record, names))]
    # A large one takes seconds to load, and few searches name places.
    places = gazetteer_too and any(names_places(query) for _, query in queries)
    files = whole.gazetteer
    gazetteer = gazetteer_of(files, whole.city.text("home")) if places else None
    sources = {read.record.key: read.record.platform for read in whole.sources}
    around = Around(context, sources, gazetteer, files.aliases)
    for read, query in queries:
        for remark in lint(query, around, read.record.rule):
            start, end = remark.span
            here = f"{start + 1}–{end}" if end > start + 1 else f"{start + 1}"
            said = Text(f"знаки {here} запроса: {remark.text.ru}", f"characters {here} of the query: {remark.text.en}")
            hint = Text(f"Возможно: {remark.hint}", f"Perhaps: {remark.hint}") if remark.hint else NOTHING
            _note(read.table, "query", said, hint)


def _query_of(search: SavedSearch, names: Names) -> Query | None:
    """The query; None for one that is told as an error already."""
    try:
        query = parse_query(search.query, names=names)
    except QueryError:
        return None
    return None if any(refusals(query)) else query


def _severities_without_policy(whole: Whole) -> None:
    """A search that names its policy needs no other."""
    used = {search.severity for search in _active(whole) if not search.policy}
    served: set[Severity] = set()
    for read in whole.policies:
        if not read.record.channel:
            served |= {read.record.severity} if read.record.severity else set(Severity)
    bare = [severity.value for severity in Severity if severity in used - served]
    if bare:
        names = listed(bare)
        _note(
            whole.city,
            "",
            Text(f"ни один срок не подходит к важности {names}", f"no policy fits the severity {names}"),
            Text(
                "Добавьте [[policy]] без severity и channel: у инцидентов не будет сроков",
                "Add a [[policy]] without severity and channel: incidents will have no deadlines",
            ),
        )


def _channels_that_slow_danger(whole: Whole) -> None:
    """A policy of a channel wins over one of a severity: what is urgent elsewhere would wait there."""
    policies = [read.record for read in whole.policies]
    for read in whole.policies:
        policy = read.record
        if not policy.channel or policy.severity:
            continue
        own = {other.severity for other in policies if other.channel == policy.channel}
        hurried = [
            other.severity.value
            for other in policies
            if not other.channel
            and other.severity
            and other.severity not in own
            and other.first_reaction < policy.first_reaction
        ]
        if hurried:
            names = listed(dict.fromkeys(hurried))
            _note(
                read.table,
                "channel",
                Text(
                    f"в этом канале срок вытесняет более короткий срок важности {names}",
                    f"on this channel the policy wins over the shorter one of severity {names}",
                ),
                Text(
                    "Назовите здесь severity или добавьте срок с этими channel и severity",
                    "Name a severity here, or add a policy with this channel and that severity",
                ),
            )


def _topics_without_search(whole: Whole) -> None:
    """Topics of the city that no search names. What texts are read as may stand in a group for its own sake."""
    used = {search.topic for search in _active(whole)} | {topic.name for topic in whole.rubric.topics}
    for group, topics in whole.topics.items():
        bare = [] if group in used else [topic for topic in topics if topic not in used]
        if not topics and group not in used:
            bare = [group]
        if bare:
            names = listed(f"«{name}»" for name in bare)
            table = next((own for own in whole.topic_tables if group in own.values), whole.topic_tables[0])
            _note(table, group, Text(f"ни один запрос не ищет: {names}", f"no search looks for: {names}"))


def _names_of(whole: Whole, topic: str) -> set[str]:
    """What a route may say to take an incident of the topic."""
    rubric = () if whole.topic_model else whole.rubric.topics
    return {*TopicGroups(whole.topics, rubric).names(topic), ""}


def _routes_that_never_win(whole: Whole) -> None:
    chosen = {search.route for search in _active(whole)}
    reached: set[str] = {""}
    for search in _active(whole):
        reached |= _names_of(whole, search.topic) if search.topic else set(whole.query_names.topics)
    first: dict[tuple[str, str], Route] = {}
    for read in whole.routes:
        route = read.record
        earlier = first.setdefault((route.topic, route.district), route)
        if route.key in chosen:
            continue
        if earlier is not route:
            _note(
                read.table,
                "key",
                Text(
                    f"маршрут никогда не выиграет: «{earlier.key}» с теми же темой и районом стоит раньше",
                    f"the route can never win: «{earlier.key}» with the same topic and district stands before it",
                ),
            )
        elif route.topic not in reached:
            _note(
                read.table,
                "topic",
                Text(
                    "маршрут никогда не выиграет: эту тему никто не ищет", "the route can never win: no search has it"
                ),
            )


def _searches_without_route(whole: Whole) -> None:
    """Where only routes of districts fit, a report without a district would go nowhere."""
    routes = [read.record for read in whole.routes]
    if not routes:
        said = Text(
            "нет ни одного маршрута: инциденты никуда не передаются", "no route: incidents are handed to nobody"
        )
        _note(
            whole.city, "", said, Text("Добавьте [[destination]] и [[route]]", "Add a [[destination]] and a [[route]]")
        )
        return
    for read in whole.searches:
        search = read.record
        if search.state != "active" or search.route:
            continue
        names = _names_of(whole, search.topic)
        if not _everywhere(route for route in routes if route.topic in names):
            _note(
                read.table,
                "topic",
                Text(
                    "ни один маршрут не принимает эту тему, если район неизвестен",
                    "no route takes this topic where the district is unknown",
                ),
                Text("Добавьте [[route]] с этой темой или без темы", "Add a [[route]] with this topic or without any"),
            )


def _everywhere(routes: Iterable[Route]) -> bool:
    return any(not route.district for route in routes)


def _backfills_past_retention(whole: Whole) -> None:
    """A source whose first crawl reads what is not kept: it would be fetched and refused."""
    rules = [read.record for read in whole.retentions]
    for read in whole.sources:
        source = read.record
        spans = [kept_for(rules, kind.value, source.platform, source.role)[0] for kind in Kind]
        longest = max((span for span in spans if span is not None), default=None)
        if None not in spans and longest is not None and source.backfill > longest:
            _note(
                read.table,
                "backfill",
                Text(
                    f"дольше, чем хранятся публикации этого источника ({longest.days} дн.)",
                    f"longer than posts of this source are kept ({longest.days} days)",
                ),
            )

"""An incident that a person founds from reports that are there: its name, how bad it is, who answers, by when."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crawler.model.city import Deliver, Policy, Route, SavedSearch, Severity, SourceRole
from crawler.model.errors import OtklikError
from crawler.model.items import Place
from crawler.model.text import Text
from search.acts import Hand
from search.arrivals import earliest
from search.deadlines import choose_policy, choose_route
from search.forgetting import named_by, place_of_reports
from search.saved import active
from search.state.tables import posts
from search.states import State
from search.subjects import told_topic
from search.titles import district_of, place_content, place_of, title_of
from search.wanted import HAND


def founded(
    hand: Hand, origin: sa.Row[Any], rows: Sequence[sa.Row[Any]], topic: str
) -> tuple[dict[str, Any], Route | None]:
    """The columns of a new incident with these reports out of another, but for its number and group key; and the route
    that takes it at once. OtklikError when the city has no such topic.
    """
    city = hand.city
    lead = lead_of(rows)
    searches = searches_of(hand, lead)
    search = next(iter(searches), None)
    if topic and topic not in topics_of(hand):
        raise OtklikError(NO_TOPIC.filled(topic=topic))
    searched = next((one.topic for one in searches if one.topic), "")
    named = topic or searched or _said(lead, "topic") or told_topic(lead.reasons) or origin.topic
    place = _place(hand, lead)
    route = None if topic or not search else next((one for one in city.routes if one.key == search.route), None)
    route = route or choose_route(city.routes, city.groups.names(named), district_of(place))
    policy = _policy(hand, lead, search)
    values = {
        "city": city.key,
        "title": title_of(named or named_by(origin, rows), place, city.home),
        "place": place_content(place),
        "topic": named,
        "severity": severity_of_report(lead).value,
        "state": State.NEW.value,
        "executor": route.executor if route else "",
        "route": route.key if route else "",
        "policy": policy.key if policy else "",
        "due_first": earliest([row.due_first for row in rows]),
        "due_resolved": earliest([row.due_resolved for row in rows]),
        "risk": False,
        # Since then somebody could have known.
        "opened_at": min(row.at for row in rows),
        "last_report_at": max(row.published_at for row in rows),
        "sequence": 1,
    }
    return values, route if route and route.deliver is Deliver.AT_ONCE else None


def lead_of(rows: Sequence[sa.Row[Any]]) -> sa.Row[Any]:
    """The report that names an incident: the worst that fits, the earliest of equals."""
    return min(rows, key=lambda row: (not row.fits, severity_of_report(row).rank, row.published_at, row.key))


def severity_of_report(row: sa.Row[Any]) -> Severity:
    """How bad it is by the worst of its reasons."""
    return min((Severity(reason["severity"]) for reason in row.reasons), key=lambda severity: severity.rank)


def searches_of(hand: Hand, row: sa.Row[Any]) -> list[SavedSearch]:
    """The searches that a report names as reasons and that are still active, worst first."""
    known = {search.id: search for search in active(hand.connection, hand.city)}
    return [known[reason["search"]] for reason in row.reasons if reason["search"] in known]


def topics_of(hand: Hand) -> set[str]:
    """The topics and groups of topics that the city knows."""
    groups, rubric = hand.city.topics, hand.city.rubric
    searched = {search.topic for search in active(hand.connection, hand.city)}
    inside = {topic for topics in groups.values() for topic in topics}
    return {*groups, *inside, *searched, *(one.name for one in rubric), *(one.group for one in rubric)} - {""}


def _said(row: sa.Row[Any], what: str) -> Any:
    """What a person said when they registered a report."""
    return next((reason[what] for reason in row.reasons if reason["search"] == HAND), None)


def _place(hand: Hand, row: sa.Row[Any]) -> Place | None:
    return place_of(_said(row, "place")) or place_of_reports(hand.connection, hand.city, [row])


def _policy(hand: Hand, row: sa.Row[Any], search: SavedSearch | None) -> Policy | None:
    policies = hand.city.policies
    named = next((one for one in policies if search and one.key == search.policy), None)
    channels = channels_of(hand, row)
    return named if named or channels is None else choose_policy(policies, channels, severity_of_report(row))


def channels_of(hand: Hand, row: sa.Row[Any]) -> tuple[str, str, str] | None:
    """What policies may call the source of a report: its key, its platform, its role; None where the post is gone."""
    here = sa.and_(posts.c.city == hand.city.key, posts.c.id == row.post)
    post = hand.connection.execute(sa.select(posts.c.source, posts.c.platform).where(here)).first()
    if post is None:
        return None
    source = next((one for one in hand.city.sources if one.key == post.source), None)
    return post.source, post.platform, (source.role if source else SourceRole.INTAKE).value


NO_TOPIC = Text(
    "Темы «{topic}» в городе нет: ни в [topics], ни в рубрикаторе, ни у запросов.",
    "The city has no topic «{topic}»: neither in [topics], nor in the rubric, nor of a search.",
)

"""A report on its way into an incident: who said it where, which incident it may join, and what it asks for. Pure."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.model.city import City, Policy, Route
from crawler.model.items import Place
from search.corrected import Said
from search.deadlines import calendar_of, choose_policy, choose_route, due
from search.hand import severity_of
from search.titles import district_of, place_content, place_text, title_of
from search.wanted import Wanted, in_json, report_key

UNSURE = '["unsure"'
"""How the group keys begin of incidents of which nobody knows yet what they are about."""
PERSONAL = '["report"'
"""How those of personal matters begin."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A report as a post makes it now: who said it where and when, and what it wants. `key` is its row's; `placed` is
    the group key of the incident that a person put its earlier turn into, "" where nobody did; `said` is what people
    said of the incident that it belongs to; `incident` is that one where it stays although others have its group key.
    """

    key: str
    wanted: Wanted
    post: str
    version: int
    thread: str
    author: str
    channels: tuple[str, str, str]
    published_at: datetime
    placed: str = ""
    said: Said | None = None
    incident: int = 0

    @property
    def topic(self) -> str:
        """What it is about."""
        return self.said.topic if self.said and self.said.of_topic else self.wanted.topic

    @property
    def place(self) -> Place | None:
        """Where it is."""
        return self.said.place if self.said and self.said.of_place else self.wanted.place

    @property
    def group_key(self) -> str:
        """Reports with the same one may be one incident; one with a place or of an alarm looks at the window too."""
        wanted = self.wanted
        if wanted.personal:
            return personal_key(report_key(self.post, wanted))
        if self.placed:
            return self.placed
        if wanted.alarm:
            return _key("rule", wanted.place_key)
        if wanted.groups_by_place:
            return place_group_key(wanted.group, wanted.place_key)
        # Nobody knows whether two unknown authors are one person.
        voice = (self.thread or self.post, self.author or f"post {self.post}")
        return voice_key(wanted.group, wanted.place_key, voice)


def place_group_key(group: str, place_key: str) -> str:
    """That of incidents of a topic group at a place."""
    return _key("place", group, place_key)


def voice_key(group: str, place_key: str, voice: Sequence[str]) -> str:
    """That of incidents of one voice, where topic or place tells nothing of others."""
    return _key("thread", group, *voice) if group else _key("unsure", place_key, *voice)


def voice_of(group_key: str) -> list[str]:
    """The voice in a group key that has one; [] in any other."""
    kind, _, *voice = json.loads(group_key)
    return voice if kind in ("thread", "unsure") else []


def personal_key(report: str) -> str:
    """That of an incident that is one report's alone."""
    return _key("report", report)


def is_personal(group_key: str) -> bool:
    """Whether an incident of that group key is a personal matter, never put together with another."""
    return group_key.startswith(PERSONAL)


def is_by_place(group_key: str) -> bool:
    """Whether an incident of that group key takes reports of anybody on the same topic group and place."""
    return group_key.startswith('["place"')


def place_parts(group_key: str) -> tuple[str, str]:
    """The topic group and place key in a group key; ("", "") in one that is not by place."""
    return tuple(json.loads(group_key)[1:]) if is_by_place(group_key) else ("", "")


def split_key(number: int) -> str:
    """The group key of an incident that a person split off: no report comes to it by itself."""
    return _key("split", str(number))


def is_unsure(group_key: str) -> bool:
    """Whether nobody knows yet what an incident of that group key is about: it takes reports of one voice only."""
    return group_key.startswith(UNSURE)


def is_of_rule(group_key: str) -> bool:
    """Whether an incident of that group key is the alarm of a rule."""
    return group_key.startswith('["rule"')


def _key(*parts: str) -> str:
    return in_json(parts)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a report asks for: who answers and by when, by the city file of this moment."""

    route: Route | None
    policy: Policy | None
    due_first: datetime | None
    due_resolved: datetime | None


def terms_of(city: City, arrival: Arrival, at: datetime) -> Terms:
    """The route and policy that the worst search of a report names, else the most specific ones; the clocks start at
    `at`.
    """
    search, severity = arrival.wanted.first, arrival.wanted.severity
    names: tuple[str, str] = (search.route, search.policy)
    if arrival.said and arrival.said.of_topic:
        # What a search of another topic asks for is not asked for here.
        names, severity = ("", ""), severity_of(city, arrival.topic)
    route = next((one for one in city.routes if one.key == names[0]), None)
    route = route or choose_route(city.routes, city.groups.names(arrival.topic), district_of(arrival.place))
    policy = next((one for one in city.policies if one.key == names[1]), None)
    policy = policy or choose_policy(city.policies, arrival.channels, severity)
    return Terms(route, policy, *clocks_of(city, policy, at))


def clocks_of(city: City, policy: Policy | None, at: datetime) -> tuple[datetime | None, datetime | None]:
    """When the first reaction and the resolution are due by a policy that counts from `at`; None without one."""
    if policy is None:
        return None, None
    calendar = calendar_of(policy, city.calendars)
    first, resolved = (due(at, span, calendar, city.zone) for span in (policy.first_reaction, policy.resolution))
    return first, resolved


def face_of(city: City, arrival: Arrival, terms: Terms) -> dict[str, Any]:
    """What an incident is called, how bad it is and who answers for it, when this report is its worst."""
    wanted, topic, first = arrival.wanted, arrival.topic, arrival.wanted.first
    title = title_of(topic or first.name, arrival.place, city.home)
    if wanted.alarm:
        where = place_text(wanted.place, city.home)
        title = " — ".join(part for part in (first.name, where) if part)
    return {
        "title": title,
        "place": place_content(arrival.place),
        "topic": topic,
        "severity": first.severity.value,
        "executor": terms.route.executor if terms.route else "",
        "route": terms.route.key if terms.route else "",
        "policy": terms.policy.key if terms.policy else "",
        "risk": first.risk,
    }


def earliest(moments: Collection[datetime | None]) -> datetime | None:
    """The first of these moments, None when there is none."""
    return min((moment for moment in moments if moment is not None), default=None)

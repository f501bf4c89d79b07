"""What a person does where Otklik understood place or topic wrongly: says the right one, and all that follows follows.

Route, executor and tickets are as if Otklik had understood so; with the topic also severity and deadlines, as of a
report by hand. What Otklik had understood stays in the incident (`understood`): it is shown, and an undo goes back to
it. Acts keep what was said, never what was understood: that may be a resident's word.
"""

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City, Route
from crawler.model.errors import OtklikError
from crawler.model.items import Place
from crawler.model.text import Text
from search.acting import open_row
from search.acts import Draft, Hand, Kind, packed, unpacked
from search.arrivals import (
    clocks_of,
    is_of_rule,
    is_personal,
    personal_key,
    place_group_key,
    split_key,
    voice_key,
    voice_of,
)
from search.corrected import Said, said_of
from search.deadlines import choose_policy, choose_route
from search.events import Event
from search.founding import NO_TOPIC, channels_of, lead_of, searches_of, topics_of
from search.hand import severity_of
from search.joining import refresh, reports_in
from search.saved import active
from search.state.tables import incidents, reports
from search.states import Decided, moved
from search.titles import district_of, place_content, place_of, place_text
from search.wanted import is_one_trouble, place_key_of
from search.withdrawing import redirect

UNDERSTOOD = ("title", "place", "topic", "group_key")
PLACE_UNKNOWN = "place unknown"
"""What the journal says where a person found that nobody knows the place."""


def correct_place(hand: Hand, number: int, place: Place | None, *, seen: int | None = None) -> None:
    """Say where an incident is, None where nobody knows. OtklikError when it is over, an alarm, or there already."""
    row = _open(hand, number, seen)
    content, label = place_content(place), place_text(place, hand.city.home)
    if label == place_text(place_of(row.place), hand.city.home):
        raise OtklikError((_SAME_PLACE if label else _NO_PLACE_YET).filled(number=number, place=label))
    draft = Draft(hand, Kind.PLACE, label or "—")
    draft.touch(row)
    draft.more["place"] = [row.place if Decided.PLACE in row.by_hand else None, content]
    draft.decide(row, Decided.PLACE)
    said = Said(row.topic, place, of_topic=Decided.TOPIC in row.by_hand, of_place=True)
    _follow(draft, row, said, [draft.event(f"place {label}" if label else PLACE_UNKNOWN, row.id)])


def correct_topic(hand: Hand, number: int, topic: str, *, seen: int | None = None) -> None:
    """Say what an incident is about. OtklikError when it is over, an alarm, or about that already, or when the city has
    no such topic.
    """
    row = _open(hand, number, seen)
    if topic not in topics_of(hand):
        raise OtklikError(NO_TOPIC.filled(topic=topic))
    if topic == row.topic:
        raise OtklikError(_SAME_TOPIC.filled(number=number, topic=topic))
    draft = Draft(hand, Kind.TOPIC, topic)
    draft.touch(row)
    draft.decide(row, Decided.TOPIC)
    draft.set(row.id, topic=topic)
    said = Said(topic, place_of(row.place), of_topic=True, of_place=Decided.PLACE in row.by_hand)
    happened = [draft.event(f"topic {topic}", row.id), *_weigh(draft, row, topic)]
    _follow(draft, row, said, happened)


def take_back(draft: Draft, incident: int, changes: dict[str, Any]) -> None:
    """Undo what is not in the act's cells: the deadlines of reports, where the incident is and what it is called. After
    what was decided is let go.
    """
    hand = draft.hand
    for number, before, after in changes.get("dues", ()):
        now = hand.connection.execute(sa.select(reports).where(reports.c.id == number)).first()
        if now and [packed(now.due_first), packed(now.due_resolved)] == after:
            values = unpacked(dict(zip(("due_first", "due_resolved"), before, strict=True)))
            hand.connection.execute(reports.update().where(reports.c.id == number).values(**values))
    row = hand.connection.execute(sa.select(incidents).where(incidents.c.id == incident)).one()
    understood = _understood(row)
    place = place_before(row, changes, row.by_hand) if "place" in changes else row.place
    said = said_of(row.by_hand, row.topic, place)
    if said:
        _name(draft, row, said, understood)
        return
    plain = Said(row.topic, None, of_topic=True, of_place=False)
    face = understood | (plain.named(understood, hand.city.home) if understood["topic"] != row.topic else {})
    draft.put(row.id, **{name: face[name] for name in ("title", "place", "group_key")}, understood=None)


def place_before(row: sa.Row[Any], changes: dict[str, Any], by_hand: Collection[str]) -> Any:
    """The place that an incident had before that act: what a person had said, else what Otklik had understood."""
    return changes["place"][0] if Decided.PLACE in by_hand else _understood(row)["place"]


def _understood(row: sa.Row[Any]) -> dict[str, Any]:
    return row.understood or {name: getattr(row, name) for name in UNDERSTOOD}


def _open(hand: Hand, number: int, seen: int | None) -> sa.Row[Any]:
    row = open_row(hand, number, seen)
    if is_of_rule(row.group_key):
        raise OtklikError(OF_RULE.filled(number=number))
    return row


def _follow(draft: Draft, row: sa.Row[Any], said: Said, happened: Sequence[Event]) -> None:
    """Let name, group key, route and tickets follow what people said; ends the act."""
    hand = draft.hand
    _name(draft, row, said, _understood(row))
    route = _route(hand, row, said)
    follows = Decided.EXECUTOR not in row.by_hand and (route.key if route else "") != row.route
    if follows:
        draft.set(row.id, route=route.key if route else "", executor=route.executor if route else "")
    moved(hand.connection, hand.city.key, [row.id], hand.at)
    told = list(happened)
    if follows:
        told += [draft.event(f"route {route.key if route else '—'}", row.id), *redirect(draft, row, route)]
    draft.finish(told)


def _name(draft: Draft, row: sa.Row[Any], said: Said, understood: dict[str, Any]) -> None:
    """Title, place and group key by what people said."""
    face = understood | {"topic": row.topic}
    named = replace(said, of_place=True).named(face, draft.hand.city.home)
    key = _group_key(draft.hand, row, said, understood["group_key"])
    draft.put(row.id, title=named["title"], place=named["place"], group_key=key, understood=understood)


def _group_key(hand: Hand, row: sa.Row[Any], said: Said, understood: str) -> str:
    """The group key that reports on such a topic at such a place have, so that later ones come to the incident."""
    if not reports_in(hand, row.id):
        return str(row.group_key)
    city, (group, where) = _with_searches(hand), _parts(hand.city, row, said, understood)
    own = city.searches_of(group)
    if any(one.personal for one in own if one.topic == said.topic) if said.of_topic else is_personal(understood):
        return understood if is_personal(understood) else personal_key(str(row.number))
    if is_one_trouble(group, where, said.place, area_wide=any(one.area_wide for one in own)):
        return place_group_key(group, where)
    # What nothing tells from other troubles takes in no report but of its own voice.
    voice = voice_of(understood)
    return voice_key(group, where, voice) if voice else split_key(row.number)


def _parts(city: City, row: sa.Row[Any], said: Said, understood: str) -> tuple[str, str]:
    """The topic group and the place key, as people said or else as the former group key had them."""
    kind, first, *rest = json.loads(understood)
    group = {"place": first, "thread": first, "unsure": ""}.get(kind, city.group_of(row.topic))
    where = {"place": rest[0] if rest else "", "unsure": first}.get(kind, "")
    if said.of_topic:
        group = city.group_of(said.topic)
    if said.of_place or not where:
        where = place_key_of(said.place, city.home) if said.place else ""
    return group, where


def _route(hand: Hand, row: sa.Row[Any], said: Said) -> Route | None:
    city, mine = hand.city, reports_in(hand, row.id)
    search = None if said.of_topic or not mine else next(iter(searches_of(hand, lead_of(mine))), None)
    named = next((one for one in city.routes if search and one.key == search.route), None)
    topic = said.topic if said.of_topic else row.topic
    return named or choose_route(city.routes, city.groups.names(topic), district_of(said.place))


def _weigh(draft: Draft, row: sa.Row[Any], topic: str) -> list[Event]:
    """Severity and deadlines as the topic has them, counted from when each report came; what is told of it. A severity
    that a person chose by itself stays.
    """
    hand, city = draft.hand, _with_searches(draft.hand)
    severity = severity_of(city, topic)
    dues: list[Any] = []
    mine = reports_in(hand, row.id)
    for report in mine:
        channels = channels_of(hand, report)
        if channels is None:
            continue
        policy = choose_policy(city.policies, channels, severity)
        after = clocks_of(city, policy, report.at)
        before = (report.due_first, report.due_resolved)
        if policy and before != after:
            dues.append([report.id, [packed(one) for one in before], [packed(one) for one in after]])
            values = dict(zip(("due_first", "due_resolved"), after, strict=True))
            hand.connection.execute(reports.update().where(reports.c.id == report.id).values(**values))
        if policy and report.id == lead_of(mine).id:
            draft.set(row.id, policy=policy.key)
    draft.more["dues"] = dues
    refresh(draft, row.id)
    if Decided.SEVERITY in row.by_hand or severity.value == row.severity:
        return []
    draft.set(row.id, severity=severity.value)
    return [draft.event(f"severity {severity.value}", row.id)]


def _with_searches(hand: Hand) -> City:
    """The city with the searches of now, those that people saved among them."""
    return replace(hand.city, searches=active(hand.connection, hand.city))


_SAME_PLACE = Text(
    "Инцидент № {number}: место и так «{place}».",
    "Incident {number} is at “{place}” already.",
)
_NO_PLACE_YET = Text("Инцидент № {number}: место и так неизвестно.", "Incident {number} has no place already.")
_SAME_TOPIC = Text("Инцидент № {number}: тема и так «{topic}».", "Incident {number} is about “{topic}” already.")
OF_RULE = Text(
    "Инцидент № {number} поднят правилом: его тему и место задаёт запрос.",
    "Incident {number} was raised by a rule: its search says topic and place.",
)

"""The same posts raise the same alarms in whatever order and company they come: held against what rules mean, worked
out from all posts at once.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.model.items import Post, Reading
from crawler.model.rules import Rule, RuleKind
from search.document import document_of
from search.rules.slots import HOUR as SLOTS_AN_HOUR
from search.rules.slots import begin_of, slot_of
from search.rules.spans import INSTANT, Span, union
from search.rules.tally import terms_of
from search.rules.usual import GROWN, Measure, is_flat, is_spike
from search.rules.watch import Watch
from search.rules.words import THICK
from search.state.database import Database
from tests.search.rules.ruling import DAY, HOUR, MINUTE, WEEK, RuleTown, ruled
from tests.search.town import NOON, SAKHALIN, city_with, said

RULES = [
    Rule(RuleKind.FREQUENCY, 3, 90 * MINUTE),
    Rule(RuleKind.SPIKE, 3, HOUR, 1.5),
    Rule(RuleKind.FLATLINE, 2, 2 * HOUR),
    Rule(RuleKind.NEW_TERM, 2, DAY, 1.5),
]
END = NOON + 5 * WEEK
WATCHED = {
    "public": [(NOON - 9 * WEEK, NOON + 2 * WEEK), (NOON + 2 * WEEK + DAY, END + WEEK)],
    "mayor": [(NOON + 4 * WEEK - 2 * DAY, END + WEEK)],
}
WORDS = ("вода", "вода кран", "вода мазут", "вода кран мазут", "вода подвал", "свет")
_cities = count()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = Database.open(tmp_path_factory.mktemp("order") / "state.db")
    yield opened
    opened.close()


@st.composite
def sayings(draw: st.DrawFn) -> list[tuple[Post, Reading]]:
    """Posts around the same hour of five weeks, some late, some edited."""
    made = []
    # The last week is what is looked at most, and says what the others did not, or nothing.
    weeks = draw(st.sampled_from(((0, 1, 2, 3, 4, 4, 4), (0, 0, 1, 1, 3, 3, 4), (0, 1, 2, 3))))
    for number in range(draw(st.integers(10, 70))):
        week = draw(st.sampled_from(weeks))
        reach = draw(st.sampled_from((10, 60))) if week == 4 else 60
        at = NOON + week * WEEK + draw(st.integers(0, reach)) * 7 * MINUTE
        late = draw(st.sampled_from((0, 0, 0, 1, 80))) * HOUR
        source = draw(st.sampled_from(("public", "public", "mayor")))
        text = draw(st.sampled_from(WORDS if week == 4 else WORDS[:2]))
        made.append(said(f"p:{number}", text, at=at, source=source, seen_at=at + late))
        if draw(st.integers(0, 9)) == 0:
            made.append(said(f"p:{number}", draw(st.sampled_from(WORDS)), at=at, source=source, version=2))
    return made


class Naive:
    """Counts of all there are, by looking at each."""

    def __init__(self, hits: list[tuple[Post, bool]]) -> None:
        self._hits = [(slot_of(when(post)), post.source, fresh) for post, fresh in hits]
        self.sources = sorted({source for _, source, _ in self._hits})

    def hits(self, low: int, high: int, source: str = "") -> int:
        return sum(low <= slot < high and source in ("", of) for slot, of, _ in self._hits)

    def fresh(self, low: int, high: int, source: str = "") -> int:
        return sum(fresh and low <= slot < high and source in ("", of) for slot, of, fresh in self._hits)


def when(post: Post) -> datetime:
    assert post.published_at
    return post.published_at


def watch_of(town: RuleTown) -> Watch:
    with town.database.read() as connection:
        return Watch.of(connection, town.city)


def expected(town: RuleTown, rule: Rule, posts: list[tuple[Post, Reading]]) -> set[tuple[str, Span]]:
    """What the rule means, from all posts at once."""
    first = {post.id: post for post, _ in posts if post.version == 1}
    last = {post.id: post for post, _ in sorted(posts, key=lambda one: one[0].version)}
    watch = watch_of(town)
    hits = [(post, is_fresh(first[post.id], watch)) for post in last.values() if "вода" in post.text]
    if rule.kind is RuleKind.FREQUENCY:
        moments = sorted(when(post) for post, _ in hits)
        windows = zip(moments, moments[rule.at_least - 1 :], strict=False)
        return {("", span) for span in union((a, b + INSTANT) for a, b in windows if b - a <= rule.within)}
    if rule.kind is RuleKind.NEW_TERM:
        return novel(rule, hits)
    counts: Any = Naive(hits)
    measure = Measure(rule, watch, SAKHALIN, town.series[0].since)
    if rule.kind is RuleKind.SPIKE:
        ends = {slot_of(when(post)) + 1 for post, fresh in hits if fresh}
        held = [end for end in ends if is_spike(measure, counts, end)]
    else:
        hours = range(slot_of(NOON), slot_of(END) + 1, SLOTS_AN_HOUR)
        held = [end for end in hours if is_flat(measure, counts, end)]
    spans = union((begin_of(end - measure.width), begin_of(end)) for end in held)
    return {("", span) for span in spans}


def is_fresh(post: Post, watch: Watch) -> bool:
    began = watch.first(post.source)
    assert began
    return when(post) >= max(began, NOON) + GROWN and post.seen_at - when(post) <= timedelta(days=3)


def novel(rule: Rule, hits: list[tuple[Post, bool]]) -> set[tuple[str, Span]]:
    uses: defaultdict[str, list[tuple[datetime, bool]]] = defaultdict(list)
    for post, fresh in hits:
        for term in terms_of(document_of(post, Reading())):
            uses[term].append((when(post), fresh))
    found: defaultdict[str, list[Span]] = defaultdict(list)
    for term, said_at in uses.items():
        for hour in {at.replace(minute=0) for at, fresh in said_at if fresh}:
            end, start = hour + HOUR, hour + HOUR - rule.within
            now = sum(fresh for at, fresh in said_at if start <= at < end)
            before = sum(start - 4 * WEEK <= at < start for at, _ in said_at)
            thick = sum(start - 4 * WEEK <= when(post) < start for post, _ in hits)
            if now >= rule.at_least and now >= rule.times * before and thick >= THICK * rule.at_least:
                found[term].append((start, end))
    return {(term, span) for term, spans in found.items() for span in union(spans)}


def ordered(random: Random, posts: list[tuple[Post, Reading]]) -> list[tuple[Post, Reading]]:
    """In a random order, or the latest first, which takes back what was raised before the past was known; but for the
    versions of a post.
    """
    mixed = random.sample(posts, len(posts))
    if random.random() < 0.5:
        mixed.sort(key=lambda one: when(one[0]), reverse=True)
    places = defaultdict(list)
    for place, (post, _) in enumerate(mixed):
        places[post.id].append(place)
    for where in places.values():
        for place, one in zip(where, sorted((mixed[at] for at in where), key=lambda one: one[0].version), strict=True):
            mixed[place] = one
    return mixed


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.kind.value)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(posts=sayings(), random=st.randoms(use_true_random=False))
def test_alarms_follow_from_the_posts_alone(
    database: Database, rule: Rule, posts: list[tuple[Post, Reading]], random: Random
) -> None:
    city = replace(city_with(ruled(rule)), key=f"city{next(_cities)}")
    town = RuleTown(database, city)
    for source, stretches in WATCHED.items():
        for since, until in stretches:
            town.watch(source, since, until)
    town.tick(NOON)
    left = ordered(random, posts)
    ticks = sorted(NOON + random.random() * 5 * WEEK for _ in range(3)) + [NOON + day * DAY for day in range(36)]
    clock = iter(sorted(ticks))
    if random.random() < 0.5:
        # Everything comes when the hours have been looked at.
        for at in clock:
            town.tick(at)
    while left:
        some = random.randint(1, 12)
        batch, left = left[:some], left[some:]
        town.hear(*batch, at=END)
        town.tick(next(clock, END))
    for at in clock:
        town.tick(at)
    town.tick(END)

    alarms = expected(town, rule, posts)
    assert town.alarms() == alarms
    # Exactly the posts of the alarms are their reports, each once.
    last = {post.id: post for post, _ in sorted(posts, key=lambda one: one[0].version) if "вода" in post.text}
    last = {id_: post for id_, post in last.items() if post.version == max(p.version for p, _ in posts if p.id == id_)}
    inside = set()
    for post in last.values():
        words = {""} if rule.kind is not RuleKind.NEW_TERM else {*terms_of(document_of(post, Reading()))}
        if any(key in words and start <= when(post) < end for key, (start, end) in alarms):
            inside.add(post.id)
    voices = [post for incident in town.voices() for post in incident]
    assert sorted(voices) == sorted(inside)
    # Everything once more changes nothing.
    town.hear(*(one for one in posts if one[0].id in last and one[0] is last[one[0].id]), at=END)
    assert town.alarms() == alarms
    assert sorted(post for incident in town.voices() for post in incident) == sorted(inside)

"""What each rule raises, and what it leaves alone."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from crawler.model.items import AuthorRole, Post, Reading
from crawler.model.rules import By, Rule
from search.engines.embedded import Embedded
from search.feeder import Projection
from search.incidents import change
from search.rules.bench import Bench
from search.rules.misses import nearest
from search.rules.spans import INSTANT
from search.rules.usual import Lack, Measure
from search.rules.watch import Watch
from search.state.removal import remove_posts
from search.state.tables import rule_alarms, rule_hits, rule_slots, rule_terms
from search.states import State
from tests.search.rules.ruling import DAY, FIVE_IN_TWO_HOURS, FLAT, HOUR, MINUTE, NOVEL, SPIKE, WEEK, RuleTown, ruled
from tests.search.town import KEYS, NOON, SAKHALIN, city_with, house, said

LATER = NOON + 40 * DAY
Saying = tuple[Post, Reading]


def water(moments: Iterable[datetime], text: str = "нет воды", first: int = 1, source: str = "public") -> list[Saying]:
    return [said(f"{source}:{number}", text, at=at, source=source) for number, at in enumerate(moments, first)]


def every(step: float, start: datetime, count: int) -> list[datetime]:
    return [start + step * MINUTE * number for number in range(count)]


def usual(until: datetime, days: int = 29, a_day: int = 24) -> list[Saying]:
    """As many posts a day before a moment, evenly."""
    start = until - days * DAY
    return [said(f"u:{at}", "нет воды", at=start + DAY / a_day * at) for at in range(days * a_day)]


def test_so_many_in_a_span_raise_one_incident_with_all_of_them(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, FIVE_IN_TWO_HOURS, risk=True)
    assert town.say(water(every(30, NOON, 4))).incidents == 0
    assert town.say(water([NOON + 2 * HOUR], first=5)).incidents == 1
    (incident,) = town.queue()
    assert (incident.title, incident.topic, incident.executor) == ("Вода везде", "холодная вода", "Водоканал")
    assert town.voices() == [[f"public:{number}" for number in range(1, 6)]]
    assert town.alarms() == {("", (NOON, NOON + 2 * HOUR + INSTANT))}
    # It grows while it lasts, and is raised once.
    assert town.say(water([NOON + 2.5 * HOUR], first=6)).incidents == 0
    assert town.say(water([NOON + 4 * HOUR], first=7)).reports == 0
    assert [len(one) for one in town.voices()] == [6]


def test_the_nearest_window_is_the_one_that_went_farthest(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, replace(SPIKE, by=By.PLACE, at_least=6))
    busy, short = house("Мира", 7), house("Ленина", 5)
    town.say([said(f"u:{at}", "нет воды", busy, at=LATER - DAY * 9 + at * HOUR) for at in range(9 * 24)])
    town.say([said(f"b:{at}", "нет воды", busy, at=LATER + at * MINUTE) for at in range(6)])
    town.say([said(f"s:{at}", "нет воды", short, at=LATER + at * MINUTE) for at in range(5)])
    watch = Watch({"public": [(NOON - 90 * DAY, NOON + 90 * DAY)]})
    series = town.series[0]
    with town.database.read() as connection:
        bench = Bench(connection, town.city.key, series, Measure(series.rule, watch, town.city.zone, series.since), 0)
        miss = nearest(bench, LATER - DAY, LATER + DAY)
        before = nearest(bench, LATER - DAY, LATER - HOUR)
        assert nearest(bench, LATER + DAY, LATER + 2 * DAY) is None
    assert miss
    assert before
    assert (miss.weighed.lack, miss.weighed.posts, "мира" in miss.key.lower()) == (Lack.CHANCE, 6, True)
    assert (before.weighed.lack, before.weighed.posts) == (Lack.POSTS, 1)


def test_what_comes_late_counts_where_it_was_said(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, FIVE_IN_TWO_HOURS)
    town.say(water([*every(10, NOON, 4), NOON + 5 * DAY]))
    late = said("late", "воды нет", at=NOON + MINUTE, seen_at=NOON + 6 * DAY)
    assert town.say([late]).incidents == 1
    assert len(town.voices()[0]) == 5


def test_copies_count_and_a_post_counts_once(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, FIVE_IN_TWO_HOURS)
    same = water(every(10, NOON, 4), "нет воды, перешлите всем соседям, пусть знают, что её не будет до утра")
    for _ in range(3):
        town.say(same)
    assert town.alarms() == set()
    town.say([said("copy", same[0][0].text, at=NOON + HOUR)])
    assert len(town.voices()[0]) == 5


@pytest.mark.parametrize(("by", "incidents"), [(By.ALL, 1), (By.PLACE, 1), (By.THREAD, 0), (By.AUTHOR, 0)])
def test_what_is_counted_apart(tmp_path: Path, by: By, incidents: int) -> None:
    town = RuleTown.with_rule(tmp_path, replace(FIVE_IN_TWO_HOURS, by=by))
    here, there = house("Садовая", 5), house("Мира", 1)
    town.say(said(f"a:{at}", "нет воды", here, at=NOON + at * MINUTE, thread=f"t{at}") for at in range(5))
    town.say(said(f"b:{at}", "нет воды", there, at=NOON + at * MINUTE, thread=f"t{at}") for at in range(3))
    assert len(town.queue()) == incidents
    if by is By.PLACE:
        assert town.queue()[0].title == "Вода везде — улица Садовая, 5"
        assert town.voices() == [[f"a:{at}" for at in range(5)]]


def test_an_edit_takes_its_post_out_and_brings_it_back(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, FIVE_IN_TWO_HOURS)
    town.say(water(every(10, NOON, 5)))
    edited = said("public:3", "уже всё хорошо", at=NOON + 20 * MINUTE, version=2)
    assert town.say([edited]).withdrawn == 5
    assert (town.alarms(), town.voices(), len(town.queue())) == (set(), [], 1)
    town.say([said("public:3", "снова нет воды", at=NOON + 20 * MINUTE, version=3)])
    assert len(town.voices()[0]) == 5
    assert len(town.queue()) == 1


def test_an_alarm_that_people_are_done_with_is_not_raised_again(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, FIVE_IN_TWO_HOURS)
    town.say(water(every(10, NOON, 5)))
    with town.database.begin() as connection:
        change(connection, town.city, 1, State.REJECTED, "op", "учения", at=NOON, keys=KEYS)
    assert town.say(water(every(10, NOON + HOUR, 5), first=6)).incidents == 0
    assert (town.queue(), len(town.voices()[0])) == ((), 10)
    # Another alarm is another matter.
    assert town.say(water(every(10, NOON + 9 * HOUR, 5), first=11)).incidents == 1


def test_an_authority_is_no_voice_of_an_alarm(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, FIVE_IN_TWO_HOURS)
    town.say(said(f"m:{at}", "нет воды", at=NOON + at * MINUTE, role=AuthorRole.OFFICIAL) for at in range(9))
    assert town.alarms() == set()


def test_a_match_that_is_counted_raises_nothing_by_itself_and_others_do(tmp_path: Path) -> None:
    alone = replace(ruled(SPIKE), id="file:alone", rule=Rule())
    town = RuleTown.of(tmp_path, city_with(ruled(FIVE_IN_TWO_HOURS), alone))
    town.say(water(every(10, NOON, 4)))
    assert [len(one) for one in town.voices()] == [1, 1, 1, 1]
    # A post speaks in its own incident and in that of the alarm.
    town.say(water([NOON + HOUR], first=5))
    assert sorted(len(one) for one in town.voices()) == [1, 1, 1, 1, 1, 5]


def test_a_spike_is_far_more_than_the_same_hours_had(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, SPIKE)
    town.say(usual(LATER))
    assert town.alarms() == set()
    town.say(water(every(5, LATER, 4)))
    assert town.alarms() == set()
    # Five times what is usual can be chance, ten times cannot.
    assert town.say(water(every(5, LATER + 25 * MINUTE, 6), first=5)).incidents == 1
    assert {f"public:{number}" for number in range(1, 11)} <= {*town.voices()[0]}


def test_what_is_usual_at_that_hour_is_no_spike(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, SPIKE)
    # Monday at nine people always write: ten within the hour, in each of the weeks before.
    for week in range(6):
        town.say(water(every(5, LATER - week * WEEK, 10), first=100 * week))
    assert [start for _, (start, _) in town.alarms() if start > LATER - 2 * DAY] == []


def test_one_week_out_of_the_ordinary_hides_nothing(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, SPIKE)
    town.say(usual(LATER))
    town.say(water(every(1, LATER - WEEK, 50), first=1000))
    assert town.say(water(every(5, LATER, 10))).incidents == 1


def test_a_level_that_rose_yesterday_is_no_news_today(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, SPIKE)
    town.say(water(every(10, LATER - 1.2 * DAY, 160), first=1000))
    before = town.alarms()
    town.say(water(every(8, LATER, 7)))
    assert before
    assert town.alarms() == before


def test_the_past_that_a_new_source_brings_is_no_spike(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, SPIKE)
    town.say(usual(LATER))
    # Another source is read for the first time, and all that it had is read at once.
    backfill = [replace(post, seen_at=LATER) for post, _ in water(every(5, LATER - DAY, 100), source="mayor")]
    town.say((post, Reading()) for post in backfill)
    assert town.alarms() == set()
    town.watch("mayor", LATER, LATER + 90 * DAY)
    town.say(water(every(5, LATER + HOUR, 20), first=500, source="mayor"))
    assert town.alarms() == set()
    # A day later it is one of the others.
    town.say(water(every(5, LATER + 3 * DAY, 20), first=600, source="mayor"))
    assert town.alarms() != set()


def test_what_comes_days_after_it_was_said_is_no_spike(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, SPIKE)
    late = [replace(post, seen_at=LATER + 4 * DAY) for post, _ in water(every(5, LATER, 20))]
    town.say((post, Reading()) for post in late)
    assert town.alarms() == set()
    town.say((replace(post, id=f"{post.id}b", seen_at=LATER + 2 * DAY), Reading()) for post in late)
    assert town.alarms() != set()


def test_an_hour_that_nobody_watched_is_not_a_quiet_one(tmp_path: Path) -> None:
    town = RuleTown.of(tmp_path, city_with(ruled(SPIKE)))
    # Five an hour are usual here; in two of the four weeks the source was down at that hour.
    town.watch("public", NOON - 90 * DAY, LATER - 3 * WEEK - DAY)
    town.watch("public", LATER - 3 * WEEK + DAY, LATER - 2 * WEEK - DAY)
    town.watch("public", LATER - 2 * WEEK + DAY, LATER + DAY)
    down = [LATER - 3 * WEEK, LATER - 2 * WEEK]
    said_usually = [one for one in usual(LATER, a_day=120) if all(abs(_when(one) - at) > DAY for at in down)]
    town.say(said_usually)
    before = town.alarms()
    town.say(water(every(6, LATER, 10)))
    assert town.alarms() == before


def _when(saying: Saying) -> datetime:
    assert saying[0].published_at
    return saying[0].published_at


def test_the_same_hours_are_those_of_the_wall_clock(tmp_path: Path) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    town = RuleTown.of(tmp_path, city_with(ruled(SPIKE), zone=berlin))
    town.watch("public", NOON - 90 * DAY, NOON + 90 * DAY)
    # Clocks go forward on 29 March: eight o'clock by the wall is another hour of UTC.
    walls = [datetime(2026, 3, day, 8, tzinfo=berlin) for day in (6, 13, 20, 27)]
    walls.append(datetime(2026, 4, 3, 8, tzinfo=berlin))
    for number, wall in enumerate(walls):
        moments = every(5, wall.astimezone(NOON.tzinfo), 10)
        town.say(water(moments, first=100 * number))
    assert not [span for _, span in town.alarms() if span[0] > walls[-1] - DAY]


def test_silence_is_told_where_something_is_usual(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, FLAT)
    town.say(usual(LATER))
    assert town.tick(LATER) == 0
    assert town.tick(LATER + 5 * HOUR) == 0
    assert town.tick(LATER + 7 * HOUR) == 1
    (incident,) = town.queue()
    assert (incident.title, incident.reports) == ("Вода везде", 0)
    assert town.tick(LATER + 7 * HOUR + 20 * MINUTE) == town.tick(LATER + 8 * HOUR) == 0
    # It goes on, and is the same one.
    (going_on,) = town.queue()
    assert going_on.last_report_at > incident.last_report_at
    assert going_on.sequence == incident.sequence
    # Somebody speaks; the next silence would be told anew.
    town.say(water([LATER + 8.5 * HOUR]))
    assert [event.what for event in town.show(1).events] == ["opened"]
    assert town.tick(LATER + 9 * HOUR) == 0
    ((_, (_, end)),) = town.alarms()
    assert end == LATER + 8 * HOUR
    # The journal says so once; the incident is people's.
    assert town.tick(LATER + 10 * HOUR) == town.tick(LATER + 11 * HOUR) == 0
    assert [event.what for event in town.show(1).events] == ["opened", "silence over"]
    assert [one.number for one in town.queue()] == [1]


def test_silence_that_late_posts_break_was_none(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, FLAT)
    town.say(usual(LATER))
    town.tick(LATER)
    town.tick(LATER + 7 * HOUR)
    assert town.alarms() != set()
    town.say(water(every(60, LATER + HOUR / 2, 7)), at=LATER + 8 * HOUR)
    assert town.alarms() == set()


def test_a_source_that_cannot_be_read_is_not_called_silent(tmp_path: Path) -> None:
    town = RuleTown.of(tmp_path, city_with(ruled(FLAT)))
    town.watch("public", NOON - 90 * DAY, LATER)
    town.say(usual(LATER))
    town.tick(LATER)
    # Nobody could read it since.
    for hour in range(1, 20):
        assert town.tick(LATER + hour * HOUR) == 0
    assert town.alarms() == set()


def test_a_quiet_night_is_as_usual(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, FLAT)
    nights = [one for one in usual(LATER + 2 * DAY, days=31) if 8 <= _when(one).astimezone(SAKHALIN).hour < 22]
    town.say(nights)
    town.tick(LATER)
    for hour in range(24):
        town.tick(LATER + hour * HOUR)
    assert town.alarms() == set()


def test_a_word_that_nobody_used_is_new(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, NOVEL)
    town.say(usual(LATER))
    assert town.alarms() == set()
    town.say(water(every(60, LATER, 2), "в воде мазут"))
    assert town.say(water([LATER + 3 * HOUR], "воду пить нельзя: мазутом пахнет", first=3)).incidents == 1
    assert {key for key, _ in town.alarms()} == {"мазут"}
    assert town.voices() == [["public:1", "public:2", "public:3"]]
    # Further words of the same event speak in the same incident.
    town.say(water(every(1, LATER + 4 * HOUR, 3), "мазут в воде, авария у водозабора", first=4))
    assert {key for key, _ in town.alarms()} >= {"мазут", "авария", "водозабор"}
    assert [len(one) for one in town.voices()] == [6]


def test_what_was_said_now_and_then_is_not_new(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, NOVEL)
    town.say(usual(LATER))
    town.say(water([LATER - 20 * DAY, LATER - 10 * DAY], "мазут в воде", first=1000))
    town.say(water(every(10, LATER, 5), "мазут в воде"))
    assert town.alarms() == set()
    town.say(water([LATER + HOUR], "мазут в воде", first=6))
    assert {key for key, _ in town.alarms()} == {"мазут"}


def test_names_of_places_are_no_news(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, NOVEL)
    town.say(usual(LATER))
    text = "Прибрежная улица без воды"
    place = replace(house("Прибрежная", 5), start=0, end=16, quote=text[:16])
    town.say(said(f"n:{at}", text, place, at=LATER + at * HOUR) for at in range(5))
    assert {key for key, _ in town.alarms()} & {"прибрежный", "улица"} == set()


def test_words_of_a_removed_post_are_nowhere(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, NOVEL)
    town.say(usual(LATER))
    town.say(water(every(10, LATER, 3), "мазут в воде"))
    projection = Projection(town.city.key, Embedded(town.city.key, town.database))
    with town.database.begin() as connection:
        remove_posts(connection, town.city.key, [f"public:{at}" for at in (1, 2, 3)], projection)
        left = [
            *connection.scalars(sa.select(rule_terms.c.term).where(rule_terms.c.term == "мазут")),
            *connection.scalars(sa.select(rule_slots.c.key).where(rule_slots.c.key == "мазут")),
        ]
        keys = connection.scalars(sa.select(rule_alarms.c.key)).all()
        hits = connection.scalars(sa.select(rule_hits.c.post).where(rule_hits.c.post.startswith("public:"))).all()
    assert (left, keys, hits) == ([], [], [])


def test_a_word_of_long_ago_goes_with_posts_of_its_time_alone(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, NOVEL)
    town.say(usual(LATER))
    town.say(water(every(10, LATER, 3), "мазут в воде"))
    projection = Projection(town.city.key, Embedded(town.city.key, town.database))
    # Words are counted for eight weeks, and what is older is pruned once a day.
    town.tick(LATER + 58 * DAY)
    town.tick(LATER + 59 * DAY)
    with town.database.begin() as connection:
        assert connection.scalars(sa.select(rule_terms.c.term)).all() == []
        remove_posts(connection, town.city.key, [usual(LATER)[0][0].id], projection)
    assert {key for key, _ in town.alarms()} == {"мазут"}
    # Nobody can tell any more which of them said it.
    with town.database.begin() as connection:
        remove_posts(connection, town.city.key, ["public:3"], projection)
    assert town.alarms() == set()


def test_words_that_an_older_query_found_go_with_their_posts(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, NOVEL)
    town.say(usual(LATER))
    oily = water(every(10, LATER, 3), "в воде мазут")
    town.say(oily)
    assert {key for key, _ in town.alarms()} == {"мазут"}
    town = RuleTown(town.database, city_with(ruled(NOVEL, "вода OR река")))
    town.say(oily)
    projection = Projection(town.city.key, Embedded(town.city.key, town.database))
    with town.database.begin() as connection:
        remove_posts(connection, town.city.key, [post.id for post, _ in oily], projection)
    assert town.alarms() == set()


def test_an_edit_of_the_search_begins_to_count_anew_only_where_it_finds_others(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, SPIKE)
    town.say(usual(LATER))
    louder = RuleTown(town.database, city_with(ruled(replace(SPIKE, at_least=14), severity="high")))
    assert louder.series[0].since == NOON
    louder.say(water(every(3, LATER, 11)))
    assert louder.alarms() == set()
    louder.say(water(every(3, LATER + 35 * MINUTE, 3), first=12))
    assert louder.alarms() != set()


def test_a_search_that_finds_others_knows_nothing_usual_on_its_first_day(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, SPIKE)
    town.say(usual(NOON + 2 * HOUR))
    town.say(water(every(5, NOON + 3 * HOUR, 20)))
    assert town.alarms() == set()


def test_a_search_that_cannot_be_asked_any_more_stops_nothing(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, FIVE_IN_TWO_HOURS)
    town.say(water(every(10, NOON, 5)))
    town.monitor.unregister("file:ruled")
    assert town.say(water([NOON + 10 * MINUTE], "вода есть", first=2)).withdrawn == 5


def test_a_clock_that_was_wrong_once_is_looked_at_again(tmp_path: Path) -> None:
    town = RuleTown.with_rule(tmp_path, FLAT)
    town.say(usual(LATER))
    town.tick(LATER)
    town.tick(LATER + 4000 * DAY)
    assert town.tick(LATER + 2 * HOUR) == 0
    assert town.tick(LATER + 7 * HOUR) == 1


def test_an_alarm_is_suggested_to_nobody(tmp_path: Path) -> None:
    alone = replace(ruled(SPIKE), id="file:alone", rule=Rule())
    town = RuleTown.of(tmp_path, city_with(ruled(FIVE_IN_TWO_HOURS), alone))
    text = "нет воды, перешлите всем соседям, пусть знают, что её не будет до утра"
    town.say(water(every(10, NOON, 5), text))
    for incident in town.queue():
        assert "Вода везде" not in [one.title for one in town.show(incident.number).suggestions]

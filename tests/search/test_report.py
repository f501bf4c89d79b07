from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.model.city import City
from search.report import month, month_span
from search.report_facts import Span
from search.state import watched
from search.state.database import Database
from search.state.tables import deliveries, events, incidents, posts, reports
from search.states import State
from search.unwatched import unwatched
from tests.search.undone import undone

CITY = City(
    "ozersk",
    "Озёрск",
    ZoneInfo("Asia/Yekaterinburg"),
    "Озёрск",
    "",
    Path("ozersk.toml"),
    topics={"Вода": ("Нет воды",)},
)
SPAN = month_span(CITY, date(2026, 3, 1))
NOW = datetime(2026, 3, 20, tzinfo=UTC)
HOUR = timedelta(hours=1)
FURTHER = [State.CONFIRMED, State.IN_WORK, State.ANSWERED, State.CLOSED]

moments = st.integers(-2 * 24, 33 * 24).map(lambda hours: SPAN.start + hours * HOUR)
made = st.fixed_dictionaries(
    {
        "opened_at": moments,
        "state": st.sampled_from(State),
        "topic": st.sampled_from(["Вода", "Нет воды", "Ямы"]),
        "executor": st.sampled_from(["", "Горгаз"]),
        "ticket": st.booleans(),
        "due": st.none() | st.integers(1, 300),
        "repeats": st.booleans(),
        "risk": st.booleans(),
        "street": st.none() | st.sampled_from(["Ленина", "Мира"]),
        "district": st.sampled_from(["", "Центр"]),
        "decided": st.none() | st.integers(0, 300),
        "closed": st.none() | st.integers(0, 300),
        "platforms": st.lists(st.sampled_from(["vk", "telegram"]), max_size=3),
    }
)


def kept(connection: sa.Connection, all_of: list[dict[str, Any]]) -> None:
    """The incidents with their reports, posts and events, one post an hour after the other."""
    for number, one in enumerate(all_of, 1):
        opened, due = one["opened_at"], one["due"]
        until = opened + one["due"] * HOUR if due is not None else None
        place = {"kind": "house", "type": "улица", "name": [one["street"]], "start": 0, "end": 0, "quote": ""}
        words = dict.fromkeys(("title", "group_key", "route", "policy"), "")
        connection.execute(
            incidents.insert().values(
                **words, id=number, city=CITY.key, number=number, topic=one["topic"], severity="normal",
                place=place | {"district": one["district"]} if one["street"] else None,
                state=one["state"].value, executor=one["executor"], due_first=until, due_resolved=until,
                repeat_of=1 if one["repeats"] else None, risk=one["risk"], opened_at=opened, last_report_at=opened,
                sequence=0,
            )
        )  # fmt: skip
        for what in ("decided", "closed"):
            if one[what] is not None:
                told = {"decided": "confirmed", "closed": "closed"}[what]
                entry = {"city": CITY.key, "who": "", "what": told, "subjects": [], "reason": "", "digest": ""}
                for later in (0, 5):  # what is done again after an undo counts from the first
                    at = opened + (one[what] + later) * HOUR
                    connection.execute(events.insert().values(**entry, at=at, incident=number))
        if one["ticket"]:
            ticket = dict.fromkeys(("payload_digest", "external_id", "last_error"), "")
            figures = dict.fromkeys(("sequence", "sent_sequence", "attempts"), 0)
            connection.execute(
                deliveries.insert().values(
                    **ticket, **figures, city=CITY.key, incident=number, destination="desk", key=str(number),
                    state="waiting", next_at=opened, created_at=opened,
                )
            )  # fmt: skip
        for at, platform in enumerate(one["platforms"]):
            post = f"{number}-{at}"
            empty = dict.fromkeys(("kind", "parent", "thread", "author", "digest", "copy_key"), "")
            times = {"published_at": opened, "first_seen_at": opened}
            connection.execute(
                posts.insert().values(
                    **empty, **times, city=CITY.key, id=post, source=platform, platform=platform, version=1
                )
            )
            said: dict[str, Any] = {
                "key": post,
                "post": post,
                "platform": platform,
                "topic_group": "",
                "place_key": "",
                "reasons": [],
                "answer": "",
                "state": "",
            }
            row: dict[str, Any] = {
                "city": CITY.key,
                "incident": number,
                "version": 1,
                "fits": True,
                "published_at": opened,
                "at": opened,
            }
            connection.execute(reports.insert().values(**said, **row))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    made = Database.open(tmp_path_factory.mktemp("state") / "state.sqlite")
    yield made
    made.close()


@settings(max_examples=30, deadline=None)
@given(all_of=st.lists(made, max_size=25))
def test_the_figures_of_a_month_are_what_counting_by_hand_gives(
    database: Database, all_of: list[dict[str, Any]]
) -> None:
    with undone(database) as connection:
        kept(connection, all_of)
        found = month(connection, CITY, SPAN, NOW)
    of_month = [one for one in all_of if SPAN.start <= one["opened_at"] < SPAN.end]
    mine = [one for one in of_month if one["state"] is not State.MERGED]
    totals = found.totals
    assert (totals.incidents, totals.reports) == (len(mine), sum(len(one["platforms"]) for one in mine))
    assert totals.posts == sum(len(one["platforms"]) for one in of_month)
    far = [sum(one["state"] in FURTHER[at:] for one in mine) for at in range(4)]
    assert [totals.confirmed, totals.in_work, totals.answered, totals.closed] == far
    assert totals.rejected == sum(one["state"] is State.REJECTED for one in mine)
    assert totals.not_ours == sum(one["state"] is State.NOT_OURS for one in mine)
    assert (totals.repeats, totals.risks) == (sum(one["repeats"] for one in mine), sum(one["risk"] for one in mine))
    groups = Counter("Вода" if one["topic"] == "Нет воды" else one["topic"] for one in mine)
    assert dict(found.topics) == groups
    heat = Counter(
        (one["district"] if one["street"] else "", platform) for one in mine for platform in set(one["platforms"])
    )
    assert found.heat == heat
    check_terms(found, mine)
    streets = defaultdict(list)
    for one in mine:
        if one["street"]:
            streets[f"улица {one['street']}"].append(one)
    told = {one.place: (one.incidents, one.repeats) for one in found.addresses}
    several = {name: some for name, some in streets.items() if len(some) > 1}
    assert told == {name: (len(some), sum(one["repeats"] for one in some)) for name, some in several.items()}


def check_terms(found: Any, mine: list[dict[str, Any]]) -> None:
    for term, done in ((found.decided, "decided"), (found.closed, "closed")):
        waits = sorted(one[done] for one in mine if one[done] is not None)
        if waits:
            half = len(waits) // 2
            middle = waits[half] if len(waits) % 2 else (waits[half - 1] + waits[half]) / 2
            assert term.middle == middle * HOUR
            assert term.high / HOUR == pytest.approx(np.percentile(waits, 90), abs=1e-6)
        else:
            assert (term.middle, term.high) == (None, None)
        due = [one for one in mine if one["due"] is not None]
        met = sum(one[done] is not None and one[done] <= one["due"] for one in due)
        overdue = sum(one[done] is None and one["opened_at"] + one["due"] * HOUR < NOW for one in due)
        late = sum(one[done] is not None and one[done] > one["due"] for one in due)
        assert (term.met, term.late) == (met, late + overdue)
    gone = [one for one in mine if one["executor"] and (one["ticket"] or one["state"] in FURTHER)]
    handed = Counter(one["executor"] for one in gone)
    assert {one.name: one.incidents for one in found.executors} == handed


def test_reports_stay_in_the_figures_when_their_posts_are_gone(database: Database) -> None:
    plain: dict[str, Any] = dict.fromkeys(("due", "street", "decided", "closed"))
    plain |= dict.fromkeys(("ticket", "repeats", "risk"), False)
    one = plain | {"opened_at": SPAN.start, "state": State.CLOSED, "topic": "Ямы", "executor": "", "district": ""}
    with undone(database) as connection:
        kept(connection, [one | {"platforms": ["vk", "vk", "telegram"]}])
        connection.execute(posts.delete())
        found = month(connection, CITY, SPAN, NOW)
    assert (found.totals.posts, found.totals.reports) == (0, 3)
    assert found.heat == {("", "vk"): 1, ("", "telegram"): 1}


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        ("Asia/Yekaterinburg", date(2026, 2, 17), datetime(2026, 1, 31, 19, tzinfo=UTC), 28 * 24),
        ("Europe/Berlin", date(2026, 3, 31), datetime(2026, 2, 28, 23, tzinfo=UTC), 31 * 24 - 1),
        ("UTC", date(2026, 12, 1), datetime(2026, 12, 1, tzinfo=UTC), 31 * 24),
    ],
)
def test_a_month_is_of_the_citys_time(zone: str, day: date, start: datetime, hours: int) -> None:
    city = City("a", "А", ZoneInfo(zone), "А", "", Path("a.toml"))
    assert month_span(city, day) == Span(start, start + hours * HOUR)


def test_what_was_not_read_is_told(database: Database) -> None:
    with undone(database) as connection:
        for start, end in ((0, 48), (50, 60), (61, 480)):
            watched.note(connection, CITY.key, "one", SPAN.start + start * HOUR, SPAN.start + end * HOUR)
        now = SPAN.start + 481 * HOUR
        found = unwatched(connection, CITY, ["one", "never"], SPAN, now)
        before = unwatched(connection, CITY, ["one"], month_span(CITY, date(2025, 12, 1)), now)
    assert [(one.source, one.time / HOUR, one.known) for one in found] == [("never", 481.0, False), ("one", 2.0, True)]
    assert before == ()


def test_what_was_not_there_yet_is_no_gap(database: Database) -> None:
    with undone(database) as connection:
        now = SPAN.start + 481 * HOUR
        assert unwatched(connection, CITY, ["never"], SPAN, now) == ()
        watched.note(connection, CITY.key, "one", SPAN.start + 470 * HOUR, now)
        watched.note(connection, CITY.key, "late", SPAN.start + 478 * HOUR, now)
        found = unwatched(connection, CITY, ["one", "late", "never"], SPAN, now)
    assert [(one.source, one.time / HOUR) for one in found] == [("never", 11.0)]

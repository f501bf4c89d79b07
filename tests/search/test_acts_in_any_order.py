"""Any order of what people do, new reports, edits, restarts and undos keeps every report in one incident, counted."""

import atexit
import json
import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule

from crawler.model.city import Severity
from crawler.model.errors import OtklikError
from search.acting import assign, change, give_back, take, weigh
from search.acts import Hand, Kind
from search.correcting import correct_place, correct_topic
from search.hand import Spoken
from search.joining import join, move, split
from search.notes import note
from search.noticing import Noticing
from search.state.database import Database
from search.state.tables import incidents
from search.states import OPEN, Rejection, State
from search.undoing import preview, undo
from search.wanted import TAKEN_BACK
from tests.search.test_joining import seen_of
from tests.search.town import CITY, GAS, HOUR, KEYS, NOON, WATER, Town, city_with, house, said

CITY_OF_TWO = city_with(
    WATER, replace(GAS, topic="вода"), policies=CITY.policies, topics=CITY.topics | {"дороги": ("ямы",)}
)
TOPICS = st.sampled_from(("ямы", "горячая вода", "холодная вода"))
HOUSES = st.integers(1, 4)
TEXTS = st.sampled_from(("нет воды", "газ", "нет воды, газ", "спасибо"))
PLACES = st.integers(0, 7)
WHEN = st.integers(0, 200)


@cache
def _empty() -> Path:
    """A state of the town before anything happened: making one costs more than all that happens in it."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    Town.open(folder, CITY_OF_TWO).database.close()
    return folder / "state.db"


def assert_whole(town: Town) -> None:
    """Every report is in one incident and counted there; only what went into another has none."""
    everything = town.queue(*State)
    assert sum(incident.reports for incident in everything) == len(town.reports())
    for incident in everything:
        shown = town.show(incident.number)
        assert incident.reports == len(shown.reports)
        if incident.state in OPEN:
            assert incident.reports > 0
            assert incident.merged_into is None
            standing = [report.published_at for report in shown.reports if report.state != TAKEN_BACK]
            assert incident.last_report_at == max(standing)
            due = [report.due_first for report in shown.reports if report.due_first and report.state != TAKEN_BACK]
            assert incident.due_first == min(due)
            assert incident.title.casefold().startswith(incident.topic.casefold())
        if incident.state is State.MERGED:
            assert incident.reports == 0
            assert incident.merged_into is not None


class Work(RuleBasedStateMachine):
    """A town, a clock that goes on, and where each report was seen last."""

    posts = Bundle("posts")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        shutil.copy(_empty(), Path(self.folder.name) / "state.db")
        self.town = Town.open(Path(self.folder.name), CITY_OF_TWO)
        self.count = 0
        self.versions: dict[str, tuple[int, int, int]] = {}

    def teardown(self) -> None:
        self.town.database.close()
        self.folder.cleanup()

    @property
    def now(self) -> Any:
        return NOON + self.count * HOUR / 60

    def act(self, do: Any, *given: Any, back: bool = False, **named: Any) -> bool:
        """Whether it was done: what is refused changes nothing, what is taken `back` at once was never there."""
        before, seen = self.rows(), seen_of(self.town)
        self.count += 1
        try:
            with self.town.database.begin() as connection:
                do(Hand(connection, self.town.city, KEYS, self.now, "anna"), *given, **named)
        except OtklikError:
            assert self.rows() == before
            return False
        number = self.latest() if back and self.rows() != before else None
        if number is not None:
            assert_whole(self.town)
            told = self.ask(preview, number)
            assert told.refusal is None
            assert self.ask(undo, number) == told
            assert seen_of(self.town) == seen
        return True

    def ask(self, do: Any, number: int) -> Any:
        self.count += 1
        with self.town.database.begin() as connection:
            return do(Hand(connection, self.town.city, KEYS, self.now, "anna"), number)

    def rows(self) -> list[Any]:
        with self.town.database.read() as connection:
            return [tuple(row) for row in connection.execute(sa.select(incidents).order_by(incidents.c.id))]

    def number(self, place: int, least: int = 0) -> int:
        """An incident, the open ones with so many reports first: others are refused."""
        fitting = [incident.number for incident in self.town.queue() if incident.reports >= least]
        numbers = sorted(fitting) or [incident.number for incident in self.town.queue(*State)]
        return numbers[place % len(numbers)]

    def post_in(self, number: int, place: int) -> str:
        reports = self.town.show(number).reports
        return reports[place % len(reports)].post if reports else "none"

    def hear(self, post: str, number: int, text: str, when: int, version: int) -> None:
        self.count += 1
        values = {"at": NOON + when * HOUR, "version": version, "seen_at": self.now}
        self.town.hear(said(post, text, house("Садовая", number), **values), at=self.now)

    @initialize()
    def begin(self) -> None:
        for number in range(6):
            self.hear(f"tg:0/{number}", number % 3 + 1, "нет воды", number, 1)

    @rule(target=posts, number=HOUSES, text=TEXTS, when=WHEN)
    def says(self, number: int, text: str, when: int) -> str:
        post = f"tg:1/{self.count}"
        self.versions[post] = (1, number, when)
        near, count = self.leads_to(number, NOON + when * HOUR), len(self.rows())
        self.hear(post, number, text, when, 1)
        mine = {one.number for one in self.town.queue() if post in {report.post for report in self.reports(one)}}
        if near and mine:
            assert len(self.rows()) == count, "it opened one where what was joined leads to one"
        return post

    def leads_to(self, number: int, at: Any) -> bool:
        """Whether an incident of that house went into one that is open and within the window."""
        everything = {one.number: one for one in self.town.queue(*State)}
        for one in everything.values():
            key = json.loads(one.group_key)
            if one.state is not State.MERGED or key[0] != "place" or not key[2].endswith(f":{number}"):
                continue
            while one.merged_into:
                one = everything[one.merged_into]  # noqa: PLW2901 - the chain is followed to its end
            dates = [report.published_at for report in self.reports(one)]
            if one.state in OPEN and min(dates) - WATER.window <= at <= max(dates) + WATER.window:
                return True
        return False

    @rule(post=posts, text=TEXTS)
    def edits(self, post: str, text: str) -> None:
        version, number, when = self.versions[post]
        self.versions[post] = (version + 1, number, when)
        held = {report.post: incident.number for incident in self.town.queue() for report in self.reports(incident)}
        self.hear(post, number, text, when, version + 1)
        now = {report.post: incident.number for incident in self.town.queue() for report in self.reports(incident)}
        assert {one: now.get(one) for one in held} == held

    def reports(self, incident: Any) -> Any:
        return self.town.show(incident.number).reports

    @rule(into=PLACES, others=st.lists(PLACES, min_size=1, max_size=2), back=st.booleans())
    def joins(self, into: int, others: list[int], back: bool) -> None:
        self.act(join, self.number(into), [self.number(one) for one in others], back=back)

    @rule(place=PLACES, chosen=st.lists(PLACES, min_size=1, max_size=2), back=st.booleans())
    def splits(self, place: int, chosen: list[int], back: bool) -> None:
        number = self.number(place, 2)
        self.act(split, number, [self.post_in(number, one) for one in chosen], back=back)

    @rule(place=PLACES, chosen=PLACES, to=PLACES, back=st.booleans())
    def moves(self, place: int, chosen: int, to: int, back: bool) -> None:
        number = self.number(place)
        self.act(move, number, [self.post_in(number, chosen)], self.number(to), back=back)

    @rule(place=PLACES, which=st.integers(0, 4), back=st.booleans())
    def works(self, place: int, which: int, back: bool) -> None:
        number = self.number(place)
        if which == 0:
            self.act(take, number, back=back)
        elif which == 1:
            self.act(give_back, number, back=back)
        elif which == 2:
            self.act(assign, number, route="roads", back=back)
        elif which == 3:
            self.act(weigh, number, Severity.LOW, "мелочь", back=back)
        else:
            self.act(note, number, "записка", back=back)

    @rule(place=PLACES, number=HOUSES, known=st.booleans(), back=st.booleans())
    def puts_right(self, place: int, number: int, known: bool, back: bool) -> None:
        self.act(correct_place, self.number(place), house("Садовая", number) if known else None, back=back)

    @rule(target=posts, number=HOUSES, text=TEXTS, when=WHEN, call=st.booleans())
    def registers(self, number: int, text: str, when: int, call: bool) -> str:
        post = f"tg:2/{self.count}"
        self.versions[post] = (1, number, when)
        noticing, spoken = self.town.noticing, Spoken("горячая вода", "boris", call=call)
        self.town.noticing = Noticing(self.town.city, self.town.monitor, KEYS, {post: spoken}, noticing.hearing)
        self.hear(post, number, text, when, 1)
        self.town.noticing = noticing
        return post

    @rule(place=PLACES, topic=TOPICS, back=st.booleans())
    def is_about(self, place: int, topic: str, back: bool) -> None:
        self.act(correct_topic, self.number(place), topic, back=back)

    @rule(place=PLACES, to=st.sampled_from(State), back=st.booleans())
    def decides(self, place: int, to: State, back: bool) -> None:
        def decide(hand: Hand, number: int) -> None:
            given = {"at": hand.at, "keys": KEYS}
            change(hand.connection, hand.city, number, to, hand.by, rejected_for=Rejection.OLD, **given)  # type: ignore[arg-type]

        self.act(decide, self.number(place), back=back)

    @rule(place=PLACES, which=PLACES)
    def undoes(self, place: int, which: int) -> None:
        shown = self.town.show(self.number(place))
        acts = [act.id for act in shown.acts if act.kind is not Kind.UNDO and not act.undone]
        if acts:
            self.act(undo, shown.incident.number, acts[which % len(acts)])

    def latest(self) -> int | None:
        """An incident of the very last act, unless that was an undo."""
        acts = [
            (act.id, act.kind, one.number) for one in self.town.queue(*State) for act in self.town.show(one.number).acts
        ]
        last = max(acts, default=None)
        return last[2] if last and last[1] is not Kind.UNDO else None

    @rule()
    def starts_again(self) -> None:
        before = self.rows()
        where = self.town.database
        where.close()
        self.town = Town(Database.open(Path(self.folder.name) / "state.db"), CITY_OF_TWO)
        assert self.rows() == before

    @invariant()
    def every_report_is_in_one_incident_and_counted(self) -> None:
        assert_whole(self.town)

    @invariant()
    def what_waits_for_a_person_has_a_clock(self) -> None:
        assert all(incident.due_first and incident.due_resolved for incident in self.town.queue())


TestWork = Work.TestCase
TestWork.settings = settings(
    max_examples=10, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)

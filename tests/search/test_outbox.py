"""The outbox: what is sent, tried again, given up, and that faults at any step neither lose nor double a ticket."""

import random
import threading
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from crawler.environment import Environment, EnvironmentSecrets
from crawler.model.city import Destination
from crawler.model.text import Text
from demo.servers.webhook import TicketServer
from search.incidents import change
from search.outbox import LEASE, Drained, Outbox
from search.state.database import Database
from search.state.tables import deliveries
from search.states import State
from search.ticketing import LaterError, Ticket, TicketSystem
from search.tickets.blackhole import Blackhole
from tests.search.plans import plans_of, queries
from tests.search.test_tickets import Faulty, KilledError
from tests.search.town import CITY, HOUR, KEYS, NOON, Town, house, said

LONG = 60.0
NAMED = Text("позже", "later")
SECRET = "not a real secret"
SECRETS = EnvironmentSecrets(Environment({"HOOK_SECRET": SECRET}))


@dataclass
class FrozenClock:
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def pass_by(self, span: timedelta) -> None:
        self.at += span


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town.open(tmp_path)


def confirmed(town: Town, count: int = 1) -> None:
    """That many confirmed incidents at houses of their own."""
    for number in range(1, count + 1):
        town.hear(said(f"tg:1/{number}", "нет воды", house("Садовая", number)))
        move(town, number, State.CONFIRMED)


def move(town: Town, number: int, to: State) -> None:
    with town.database.begin() as connection:
        change(connection, town.city, number, to, "op", "причина", at=NOON, keys=KEYS)


def outbox(town: Town, system: TicketSystem, clock: FrozenClock) -> Outbox:
    return Outbox(town.city, town.database, SECRETS, clock, {"hole": system, "duty": system})


def delivery(town: Town, number: int = 1) -> tuple[str, int, int]:
    (one,) = town.show(number).deliveries
    return one.state, one.sent_sequence, one.attempts


def test_a_confirmed_incident_is_sent_once_and_its_changes_follow(town: Town) -> None:
    hole, clock = Blackhole(), FrozenClock()
    confirmed(town)
    assert outbox(town, hole, clock).drain(LONG) == Drained(sent=1)
    assert outbox(town, hole, clock).drain(LONG) == Drained()
    (kept,) = hole.tickets.values()
    assert (kept.ticket.title, kept.ticket.state) == ("Холодная вода — улица Садовая, 1", "confirmed")
    assert [(quote.text, quote.url) for quote in kept.ticket.quotes] == [("нет воды", "https://example.org/tg:1/1")]
    move(town, 1, State.IN_WORK)
    town.hear(said("tg:1/9", "и у меня нет воды", house("Садовая", 1)))
    assert outbox(town, hole, clock).drain(LONG) == Drained(sent=1)
    (kept,) = hole.tickets.values()
    assert (kept.ticket.state, kept.ticket.reports, len(hole.created)) == ("in_work", 2, 1)


def test_nobody_is_named_in_a_ticket(town: Town) -> None:
    hole = Blackhole()
    town.hear(said("tg:1/1", "нет воды", house("Садовая", 1), author="key-of-anna"))
    move(town, 1, State.CONFIRMED)
    outbox(town, hole, FrozenClock()).drain(LONG)
    (kept,) = hole.tickets.values()
    assert "key-of-anna" not in str(kept.ticket.content())


def test_reports_that_no_longer_fit_are_neither_quoted_nor_counted(town: Town) -> None:
    hole = Blackhole()
    confirmed(town)
    town.hear(said("tg:1/9", "воды нет", house("Садовая", 1)))
    town.hear(said("tg:1/1", "починили", house("Садовая", 1), version=2))
    outbox(town, hole, FrozenClock()).drain(LONG)
    (kept,) = hole.tickets.values()
    assert (kept.ticket.reports, [quote.text for quote in kept.ticket.quotes]) == (1, ["воды нет"])


def test_the_worst_goes_first(town: Town) -> None:
    hole = Blackhole()
    confirmed(town, 2)
    town.hear(said("tg:2/1", "газ"))
    outbox(town, hole, FrozenClock()).drain(LONG)
    assert [kept.ticket.topic for kept in hole.tickets.values()] == ["газ", "холодная вода", "холодная вода"]


def test_a_long_queue_is_sent_whole_and_once(town: Town) -> None:
    hole = Blackhole()
    town.hear(*(said(f"tg:1/{number}", "газ", house("Садовая", number)) for number in range(1, 121)))
    assert outbox(town, hole, FrozenClock()).drain(LONG) == Drained(sent=120)
    assert Counter(hole.created).most_common(1)[0][1] == 1


def test_no_question_of_a_drain_reads_what_was_sent_long_ago(town: Town) -> None:
    confirmed(town, 2)
    with queries() as asked:
        outbox(town, Blackhole(), FrozenClock()).drain(LONG)
    plans = plans_of(town.database, asked, "deliveries")
    assert plans
    assert [plan for plan in plans if "(city=? AND state=?" not in plan and "(rowid=?)" not in plan] == []


def test_no_call_begins_when_the_time_is_over(town: Town) -> None:
    hole = Blackhole()
    confirmed(town)
    assert outbox(town, hole, FrozenClock()).drain(0) == Drained(waiting=1)
    assert hole.created == []


def test_a_failure_waits_longer_each_time(town: Town) -> None:
    clock, faulty = FrozenClock(), Faulty(Blackhole(), ["before"] * 12)
    confirmed(town)
    waits = []
    for attempt in range(1, 13):
        drained = outbox(town, faulty, clock).drain(LONG)
        assert (drained.sent, drained.waiting, len(drained.errors)) == (0, 1, 1)
        (one,) = town.show(1).deliveries
        assert one.attempts == attempt
        waits.append(one.next_at - clock.at)
        assert outbox(town, faulty, clock).drain(LONG).errors == ()
        clock.at = one.next_at
    seconds = [wait.total_seconds() for wait in waits]
    assert 15 <= seconds[0] <= 30
    assert all(
        longest / 2 <= wait <= longest
        for wait, longest in zip(seconds[:7], [30 * 2**n for n in range(7)], strict=False)
    )
    assert max(seconds) <= 3600
    assert outbox(town, faulty, clock).drain(LONG) == Drained(sent=1)
    assert delivery(town) == ("sent", 2, 0)


def test_a_named_time_is_waited_for(town: Town) -> None:
    class Busy(Blackhole):
        def create(self, incident: Ticket, key: str) -> str:  # noqa: ARG002
            raise LaterError(NAMED, 7200)

    clock = FrozenClock()
    confirmed(town)
    outbox(town, Busy(), clock).drain(LONG)
    assert town.show(1).deliveries[0].next_at == NOON + 2 * HOUR


def test_what_is_refused_is_dead_shown_and_can_be_revived(town: Town) -> None:
    clock, faulty = FrozenClock(), Faulty(Blackhole(), ["refused"])
    confirmed(town)
    box = outbox(town, faulty, clock)
    drained = box.drain(LONG)
    assert (drained.dead, drained.waiting, drained.errors) == (1, 0, ("hole: так велено: refused",))
    assert town.show(1).deliveries[0].last_error == "так велено: refused"
    clock.pass_by(24 * HOUR)
    assert box.drain(LONG) == Drained(dead=1)
    assert box.revive("hole") == 1
    assert box.drain(LONG) == Drained(sent=1)
    assert delivery(town) == ("sent", 2, 0)


def test_what_was_refused_is_tried_again_when_its_incident_changes(town: Town) -> None:
    clock, faulty = FrozenClock(), Faulty(Blackhole(), ["refused", "refused"])
    confirmed(town)
    box = outbox(town, faulty, clock)
    assert box.drain(LONG).dead == 1
    move(town, 1, State.IN_WORK)
    assert box.drain(LONG).dead == 1
    town.hear(said("tg:9/1", "и у нас нет воды", house("Садовая", 1)))
    assert box.drain(LONG) == Drained(sent=1)
    assert delivery(town) == ("sent", 4, 0)


def test_a_broken_system_does_not_stop_the_others_and_its_words_are_not_kept(town: Town) -> None:
    class Broken(Blackhole):
        def create(self, incident: Ticket, key: str) -> str:
            raise ValueError(f"{SECRET} {incident.number} {key}")

    hole = Blackhole()
    confirmed(town, 2)
    town.hear(said("tg:2/1", "газ"))
    box = Outbox(town.city, town.database, SECRETS, FrozenClock(), {"hole": Broken(), "duty": hole})
    drained = box.drain(LONG)
    assert (drained.sent, drained.waiting, drained.errors) == (1, 2, ("hole: ValueError",))
    assert SECRET not in str(town.show(1).deliveries)


def test_a_destination_that_is_down_is_left_alone_for_this_drain(town: Town) -> None:
    faulty = Faulty(Blackhole(), ["not sent"] * 100)
    confirmed(town, 6)
    outbox(town, faulty, FrozenClock()).drain(LONG)
    assert faulty.told == 3


def test_a_destination_that_left_the_file_or_has_no_secret_is_told(town: Town) -> None:
    confirmed(town)
    for destinations in ((), (Destination("hole", "webhook", "https://t.example.org/", "UNSET_SECRET"),)):
        city = replace(CITY, destinations=destinations)
        clock = FrozenClock(NOON + 2 * HOUR * (1 + len(destinations)))
        drained = Outbox(city, town.database, SECRETS, clock).drain(LONG)
        assert (drained.waiting, len(drained.errors)) == (1, 1)


def test_a_process_that_died_is_followed_after_its_lease_and_not_before(town: Town) -> None:
    hole, clock = Blackhole(), FrozenClock()
    confirmed(town)
    with pytest.raises(KilledError):
        outbox(town, Faulty(hole, ["kill after"]), clock).drain(LONG)
    assert outbox(town, hole, clock).drain(LONG) == Drained(waiting=1)
    clock.pass_by(LEASE)
    assert outbox(town, hole, clock).drain(LONG) == Drained(sent=1)
    assert len(hole.created) == 1


def test_the_current_state_follows_a_ticket_made_by_a_lost_try(town: Town) -> None:
    hole, clock = Blackhole(), FrozenClock()
    confirmed(town)
    outbox(town, Faulty(hole, ["after"]), clock).drain(LONG)
    move(town, 1, State.IN_WORK)
    clock.pass_by(HOUR)
    outbox(town, hole, clock).drain(LONG)
    (kept,) = hole.tickets.values()
    assert (kept.ticket.state, len(hole.created)) == ("in_work", 1)


def test_a_change_during_a_call_is_sent_next(town: Town) -> None:
    class Slow(Blackhole):
        def create(self, incident: Ticket, key: str) -> str:
            move(town, 1, State.IN_WORK)
            return super().create(incident, key)

    hole = Slow()
    confirmed(town)
    assert outbox(town, hole, FrozenClock()).drain(LONG) == Drained(sent=2)
    (kept,) = hole.tickets.values()
    assert (kept.ticket.state, delivery(town)[0]) == ("in_work", "sent")


def test_several_drains_at_once_send_each_delivery_once(town: Town) -> None:
    hole = Blackhole()
    confirmed(town, 12)
    drained: list[Drained] = []
    threads = [
        threading.Thread(target=lambda: drained.append(outbox(town, hole, FrozenClock()).drain(LONG))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(hole.created).most_common(1)[0][1] == 1
    assert (len(hole.created), sum(one.sent for one in drained)) == (12, 12)


def test_cities_drain_their_own(town: Town) -> None:
    hole = Blackhole()
    confirmed(town)
    other = Town(town.database, replace(CITY, key="other"))
    assert outbox(other, hole, FrozenClock()).drain(LONG) == Drained()
    assert hole.created == []


# Faults: seeded, at every step, with changes of the incidents in between.
SEEDS = range(8)
FAULTS_A_SEED = 30
KINDS = ["before", "after", "not sent", "kill before", "kill after"]
INCIDENTS = 3


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return Database.open(tmp_path_factory.mktemp("faults") / "state.db")


def storm(town: Town, system: TicketSystem, seed: int) -> int:
    """Drain under faults, killed and restarted, while the incidents change, until all is quiet; the faults that hit."""
    dice, clock = random.Random(seed), FrozenClock()
    next_states = {number: [State.IN_WORK, State.ANSWERED, State.CLOSED] for number in range(1, INCIDENTS + 1)}
    faulty = Faulty(system)
    extra = 0
    while faulty.told < FAULTS_A_SEED or any(next_states.values()):
        faulty.faults = [dice.choice([*KINDS, ""]) for _ in range(4)]
        number = dice.randint(1, INCIDENTS)
        if next_states[number] and dice.random() < 0.3:
            move(town, number, next_states[number].pop(0))
        elif next_states[number] and dice.random() < 0.5:
            extra += 1
            town.hear(said(f"tg:9/{extra}", "нет воды", house("Садовая", number)))
        try:
            outbox(town, faulty, clock).drain(LONG)
        except KilledError:
            clock.pass_by(timedelta(seconds=dice.choice([1, 600])))
        clock.pass_by(timedelta(minutes=dice.choice([0, 10, 70])))
    faulty.faults = []
    for _ in range(4):
        clock.pass_by(2 * HOUR)
        quiet = outbox(town, faulty, clock).drain(LONG)
    assert quiet == Drained()
    return faulty.told


@pytest.mark.parametrize("seed", SEEDS)
def test_faults_neither_lose_nor_double_a_ticket_where_it_can_be_found_by_key(shared: Database, seed: int) -> None:
    town, hole = Town(shared, replace(CITY, key=f"found{seed}")), Blackhole()
    confirmed(town, INCIDENTS)
    assert storm(town, hole, seed) >= FAULTS_A_SEED
    with town.database.read() as connection:
        keys = set(connection.scalars(sa.select(deliveries.c.key).where(deliveries.c.city == town.city.key)))
    assert Counter(hole.created) == dict.fromkeys(keys, 1)
    assert len(keys) == INCIDENTS
    assert_current(town, {kept.ticket.number: kept.ticket.content() for kept in hole.tickets.values()})


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_faults_neither_lose_nor_double_a_ticket_where_the_receiver_remembers_keys(shared: Database, seed: int) -> None:
    with TicketServer(SECRET) as server:
        hook = Destination("hole", "webhook", server.url, "HOOK_SECRET", allow_private=("127.0.0.1",))
        city = replace(CITY, key=f"hook{seed}", destinations=(hook,))
        town = Town(shared, city)
        confirmed(town, INCIDENTS)
        dice = random.Random(seed)
        server.failures = [dice.choice(["500", "500 after", "drop", "drop after", "429", ""]) for _ in range(24)]
        clock = FrozenClock()
        for step in range(36):
            if step in (6, 12, 18):
                move(town, 1, (State.IN_WORK, State.ANSWERED, State.CLOSED)[step // 6 - 1])
            drained = Outbox(city, town.database, SECRETS, clock).drain(LONG)
            clock.pass_by(2 * HOUR)
        assert drained == Drained()
        assert [one.made for one in server.tickets.values()] == [1] * INCIDENTS
        assert_current(town, {one.ticket["number"]: one.ticket for one in server.tickets.values()})


def assert_current(town: Town, tickets: dict[int, dict[str, object]]) -> None:
    """The other side knows every incident as it is now."""
    known = {number: (ticket["state"], ticket["reports"], ticket["sequence"]) for number, ticket in tickets.items()}
    shown = [town.show(number) for number in range(1, INCIDENTS + 1)]
    assert known == {
        one.incident.number: (one.incident.state, one.incident.fitting, one.incident.sequence) for one in shown
    }
    assert [[(sent.state, sent.attempts) for sent in one.deliveries] for one in shown] == [[("sent", 0)]] * INCIDENTS

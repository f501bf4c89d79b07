"""The ledger: every call counted once before it is sent, one rate and one quota for all processes, through crashes."""

import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from crawler.environment import CHECKOUT
from crawler.model.errors import RestingError
from crawler.model.keys import InstallationKeys
from crawler.model.ports import Account, Allowance, Rest
from search.state.database import Database
from search.state.ledger import SPREAD, StateLedger
from tests.crawling import FrozenClock

MOSCOW = ZoneInfo("Europe/Moscow")
KEYS = InstallationKeys(b"h" * 32, b"e" * 32)
ONE, OTHER = Account("vk", "the secret token", MOSCOW), Account("vk", "another token", MOSCOW)
QUICK = Allowance(1_000)
# An hour before midnight in Moscow.
EVENING = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)


@dataclass
class Machine:
    """The machine's own clock, which tells rates."""

    at: float = 1_000.0

    def __call__(self) -> float:
        return self.at


@dataclass
class World:
    ledger: StateLedger
    clock: FrozenClock
    machine: Machine
    path: Path


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    path = tmp_path / "otklik.sqlite"
    database, clock, machine = Database.open(path), FrozenClock(EVENING), Machine()
    yield World(StateLedger(database, KEYS, clock, machine), clock, machine, path)
    database.close()


def test_calls_are_counted_by_token_and_method(world: World) -> None:
    for account, method in ((ONE, "wall.get"), (ONE, "wall.get"), (ONE, "wall.getComments"), (OTHER, "wall.get")):
        world.ledger.take(account, method, QUICK)
    assert world.ledger.standing(ONE).calls == {"wall.get": 2, "wall.getComments": 1}
    assert world.ledger.standing(OTHER).calls == {"wall.get": 1}


def test_the_token_itself_is_nowhere_in_the_data(world: World) -> None:
    world.ledger.take(ONE, "wall.get", QUICK)
    world.ledger.rest(ONE, "captcha", EVENING + timedelta(hours=1))
    for file in world.path.parent.iterdir():
        assert b"secret token" not in file.read_bytes()


def test_a_spent_quota_is_refused_until_the_platforms_midnight_and_not_counted(world: World) -> None:
    for _ in range(3):
        world.ledger.take(ONE, "wall.get", Allowance(1_000, 3))
    with pytest.raises(RestingError) as spent:
        world.ledger.take(ONE, "wall.get", Allowance(1_000, 3))
    assert spent.value.why == "quota"
    assert spent.value.until == datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
    assert "wall.get" in str(spent.value)
    assert "the secret token" not in str(spent.value)
    assert world.ledger.standing(ONE).calls == {"wall.get": 3}
    world.ledger.take(ONE, "wall.getComments", QUICK)
    world.clock.at += timedelta(hours=1)
    world.ledger.take(ONE, "wall.get", Allowance(1_000, 3))
    assert world.ledger.standing(ONE).calls == {"wall.get": 1}


def test_a_resting_token_makes_no_call_until_then(world: World) -> None:
    world.ledger.rest(ONE, "captcha", EVENING + timedelta(hours=1))
    with pytest.raises(RestingError, match="captcha"):
        world.ledger.take(ONE, "wall.get", QUICK)
    world.ledger.take(OTHER, "wall.get", QUICK)
    assert world.ledger.standing(ONE).rests == (Rest("", "captcha", EVENING + timedelta(hours=1)),)
    world.clock.at += timedelta(hours=1)
    world.ledger.take(ONE, "wall.get", QUICK)
    assert world.ledger.standing(ONE).rests == ()


def test_a_method_rests_alone(world: World) -> None:
    world.ledger.rest(ONE, "flood", EVENING + timedelta(minutes=10), "wall.get")
    world.ledger.take(ONE, "wall.getComments", QUICK)
    with pytest.raises(RestingError, match="flood"):
        world.ledger.take(ONE, "wall.get", QUICK)


def test_turns_lie_apart_and_a_held_token_waits(world: World) -> None:
    apart = SPREAD / 5
    waits = [world.ledger.take(ONE, "wall.get", Allowance(5)) for _ in range(3)]
    assert waits == pytest.approx([0, apart, 2 * apart])
    assert world.ledger.take(OTHER, "wall.get", Allowance(5)) == 0
    world.machine.at += 10
    assert world.ledger.take(ONE, "wall.get", Allowance(5)) == 0
    world.ledger.hold(ONE, 3)
    assert world.ledger.take(ONE, "wall.get", Allowance(5)) == pytest.approx(3)


def test_a_machine_whose_clock_was_ahead_does_not_wait_for_it(world: World) -> None:
    world.machine.at += 86_400
    world.ledger.take(ONE, "wall.get", Allowance(5))
    world.machine.at -= 86_400
    assert world.ledger.take(ONE, "wall.get", Allowance(5)) == 0


def test_old_days_are_forgotten(world: World) -> None:
    world.ledger.take(ONE, "wall.get", QUICK)
    world.clock.at += timedelta(days=100)
    world.ledger.take(ONE, "wall.get", QUICK)
    with Database.open(world.path).read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM token_calls").scalar() == 1


CALLING = """
    import sys, time
    from pathlib import Path
    from zoneinfo import ZoneInfo
    from crawler.model.ports import Account, Allowance, SystemClock
    from crawler.model.keys import InstallationKeys
    from search.state.database import Database
    from search.state.ledger import StateLedger

    ledger = StateLedger(Database.open(Path(sys.argv[1])), InstallationKeys(b"h" * 32, b"e" * 32), SystemClock())
    account = Account("vk", "shared", ZoneInfo("Europe/Moscow"))
    for _ in range(int(sys.argv[2])):
        time.sleep(ledger.take(account, "wall.get", Allowance(20)))
        print(time.time(), flush=True)
"""


def calling(path: Path, calls: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", textwrap.dedent(CALLING), str(path), str(calls)]
    return subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)


def count_in(path: Path) -> int:
    with Database.open(path).read() as connection:
        return int(connection.exec_driver_sql("SELECT sum(calls) FROM token_calls").scalar() or 0)


def test_processes_share_one_count_and_one_rate(tmp_path: Path) -> None:
    path = tmp_path / "otklik.sqlite"
    Database.open(path).close()
    callers = [calling(path, 12) for _ in range(3)]
    sent = sorted(float(line) for caller in callers for line in caller.communicate()[0].split())
    assert len(sent) == count_in(path) == 36
    # 36 turns at 20 a second, each a quarter further apart.
    assert sent[-1] - sent[0] >= 35 * SPREAD / 20 - 0.2


def test_a_killed_process_counted_no_call_too_few(tmp_path: Path) -> None:
    path = tmp_path / "otklik.sqlite"
    Database.open(path).close()
    sent = 0
    for _ in range(3):
        caller = calling(path, 1_000)
        assert caller.stdout
        sent += len([caller.stdout.readline() for _ in range(5)])
        caller.send_signal(signal.SIGKILL)
        sent += len(caller.communicate()[0].split())
    assert sent <= count_in(path) <= sent + 3


def test_a_slow_rate_is_kept_however_many_wait(world: World) -> None:
    waits = [world.ledger.take(ONE, "wall.get", Allowance(0.01)) for _ in range(9)]
    assert waits == [pytest.approx(turn * SPREAD / 0.01) for turn in range(9)]

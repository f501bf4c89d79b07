"""A day of a city replayed at speed: what was published is seen, or listed as a gap with its reason."""

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from demo.servers.local import LocalServer
from tests.whole.city_day import MIDNIGHT, SMALL, Made, Size, make_day
from tests.whole.day_servers import DAY_TOKEN, DayServers
from tests.whole.replaying import Replay

SIZES = pytest.mark.parametrize(
    ("size", "visits"),
    [pytest.param(SMALL, 6, id="small"), pytest.param(Size(), 48, id="whole", marks=pytest.mark.faults)],
)
VK_TROUBLE = (1, 6, 9, 10, 14)


def steps(count: int) -> list[datetime]:
    """So many moments of the day, the last one its end, and one of the night after it."""
    day = [MIDNIGHT + timedelta(days=1) * step / count for step in range(1, count + 1)]
    return [*day, day[-1] + timedelta(minutes=70)]


def unlike(replay: Replay, made: Iterable[Made]) -> dict[str, tuple[str, str]]:
    """Whose text in the state is another than on the platform; a repost is followed by what it repeats."""
    now = replay.servers.clock.now()
    both = {replay.servers.id_of(one): (one, replay.stored[replay.servers.id_of(one)]) for one in made}
    pairs = {key: (stored.split(), one.text_at(now).split()) for key, (one, stored) in both.items()}
    return {
        key: (both[key][1], both[key][0].text_at(now))
        for key, (stored, shown) in pairs.items()
        if (stored[: len(shown)] if both[key][0].copy_of else stored) != shown
    }


@SIZES
def test_everything_published_is_seen(size: Size, visits: int, tmp_path: Path) -> None:
    with DayServers(make_day(1, size), tmp_path / "tables") as servers:
        replay = Replay(servers, tmp_path / "state", tuple(servers.sources()))
        replay.run(steps(visits))
        assert (replay.missing, replay.unexplained) == ([], {})
        assert [health.errors for health in replay.healths if health.errors] == []
        assert (servers.vk.exceeded, servers.vk.answered) == (0, {})
        assert replay.stored.keys() <= {servers.id_of(made) for made in servers.day.everything}
        now = servers.clock.now()
        there = [made for made in servers.day.visible(now) if made in replay.shown]
        assert unlike(replay, there) == {}
        assert {servers.id_of(made) for made in there} & replay.gone == set()
        assert {servers.id_of(made) for made in replay.shown if not made.is_visible(now)} <= replay.gone


@SIZES
def test_a_bad_day_is_caught_up_with(size: Size, visits: int, tmp_path: Path) -> None:
    """Until the last two visits each server fails now and then, in every way that it has."""
    rng = random.Random(2)
    with DayServers(make_day(2, size), tmp_path / "tables") as servers:
        moments = steps(visits)

        def trouble(moment: datetime) -> None:
            for server in (servers.telegram, *servers.sites.values(), servers.vk):
                server.mend()
                if moment < moments[-3]:
                    spoil(server, rng)
            if moment < moments[-3] and rng.random() < 0.7:
                method, code = rng.choice(("wall.get", "wall.getComments")), rng.choice(VK_TROUBLE)
                servers.vk.fail(method, code, times=rng.randint(1, 4))

        replay = Replay(servers, tmp_path / "state", tuple(servers.sources()))
        replay.run(moments, trouble)
        assert {word for health in replay.healths for word in health.errors} >= {"http 500", "cut off"}
        assert (replay.missing, replay.unexplained) == ([], {})
        assert servers.vk.exceeded == 0


def spoil(server: LocalServer, rng: random.Random) -> None:
    """The next requests may get an error or half of an answer."""
    match rng.randrange(4):
        case 0:
            LocalServer.fail(server, 500, times=rng.randint(1, 12))
        case 1:
            server.cut(times=rng.randint(1, 4))


def test_calls_that_are_spent_leave_gaps_with_their_reason(tmp_path: Path) -> None:
    """VK grants twelve calls of wall.get a day: the walls are read until then, and no call is made beyond."""
    few = {"wall.get": 12}
    token = replace(DAY_TOKEN, daily=few)
    with DayServers(make_day(3, SMALL), tmp_path / "tables", tokens=[token]) as servers:
        replay = Replay(servers, tmp_path / "state", tuple(servers.sources()), a_day=few)
        replay.run(steps(6)[:5])
        assert {made.platform for made in replay.missing} == {"wall"}
        last = {health.source: health for health in replay.healths}
        assert [last[source].errors for source in servers.groups] == [{"quota": 1}] * len(servers.groups)
        assert servers.vk.calls["wall.get"] == 12
        replay.run(steps(6)[5:])
        assert (replay.missing, replay.unexplained) == ([], {})
        assert servers.vk.exceeded == 0

"""A day of a city replayed at speed: what was published is seen, or listed as a gap with its reason."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.whole.city_day import MIDNIGHT, SMALL, Size, make_day
from tests.whole.day_servers import DayServers
from tests.whole.replaying import Replay


def steps(count: int) -> list[datetime]:
    """So many moments of the day, the last one its end."""
    return [MIDNIGHT + timedelta(days=1) * step / count for step in range(1, count + 1)]


@pytest.mark.parametrize(
    ("size", "visits"),
    [(SMALL, 8), pytest.param(Size(), 48, marks=pytest.mark.faults)],
    ids=["small", "whole"],
)
def test_everything_published_is_seen(size: Size, visits: int, tmp_path: Path) -> None:
    with DayServers(make_day(1, size), tmp_path / "tables") as servers:
        replay = Replay(servers, tmp_path / "state", tuple(s for s in servers.sources() if s.platform != "vk"))
        replay.run(steps(visits))
        assert replay.untold() == {}
        assert replay.missing == []
        end = servers.clock.now()
        there = {servers.id_of(made): made for made in servers.day.visible(end) if made in replay.shown}
        assert {key for key in there if key in replay.gone} == set()
        texts = {key: (replay.stored[key].split(), made.text_at(end).split()) for key, made in there.items()}
        assert {key: both for key, both in texts.items() if both[0] != both[1]} == {}
        left = {servers.id_of(made) for made in replay.shown if not made.is_visible(end) and made.platform != "site"}
        assert left <= replay.gone
        assert [health.errors for health in replay.healths if health.errors] == []

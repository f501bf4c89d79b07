"""The default rubric of topics: groups of texts that nobody taught it."""

from collections.abc import Iterator
from pathlib import Path

from tests.quality.reports.held import Held, Line
from tests.quality.rubric import Scored, cost, own, real, score, topics_right
from tests.quality.test_rubric_floor import FLOORS


def report(real_data: Path | None) -> Iterator[Line]:
    """Groups told rightly of our sentences and of real appeals, each beside its floor; the cost of a post."""
    cases, topics = own()
    scored = score(cases)
    yield f"rubric: groups of topics by words and queries alone, of {scored.texts} sentences written before the queries"
    yield from _figures(scored, FLOORS["own"])
    yield f"  the very topic of {topics_right(cases, topics):.1%}; of {scored.talk[1]} of talk {scored.talk[0]} told"
    if real_data is None:
        yield "  real appeals not measured: no real data"
        return
    appeals = real(real_data)
    yield f"  of {len(appeals)} real appeals, {cost(appeals):.0f} µs of CPU each from its tokens:"
    yield from _figures(score(appeals), FLOORS["real"])


def _figures(scored: Scored, floor: dict[str, float]) -> Iterator[Line]:
    group, sure = ("{:.3f} [{:.3f}, {:.3f}]".format(*one) for one in (scored.group, scored.right_when_sure))
    yield Held(f"  likeliest group right {group}", scored.group[0], floor["group"])
    told = f"  told {scored.sure:.1%}, of these right {sure}"
    yield Held(told, scored.right_when_sure[0], floor["right_when_sure"])

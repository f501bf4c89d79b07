"""From the free text of an appeal to its building, with a table of buildings as the gazetteer."""

from collections.abc import Iterator
from pathlib import Path

from pipelines.toponyms import PlaceFinder
from search.gazetteer import load_gazetteer
from tests.quality.finding import found_in
from tests.quality.geocoding import score
from tests.quality.places import rows
from tests.quality.reports.held import Held, Line
from tests.quality.test_geocoding_floor import FLOORS


def report(real: Path | None) -> Iterator[Line]:
    """Shares within 100 m, farther than 1 km and unanswered, beside the floors."""
    yield "geocoding with a gazetteer of buildings"
    if real is None:
        yield "  not measured: no real data"
        return
    appeals, home = real / "appeals_spb", FLOORS["home"]
    finder = PlaceFinder(load_gazetteer(appeals / "buildings.csv", None, home), home)
    mentions = list(rows(appeals / "address_mentions.jsonl"))
    found = found_in(finder, {str(row["id"]): row["text"] for row in mentions})
    scored = score(mentions, found)
    yield f"  {scored}"
    yield Held("  within 100 m {:.3f} [{:.3f}, {:.3f}]".format(*scored.near), scored.near[0], FLOORS["near"])
    yield Held(
        "  farther than 1 km {:.3f} [{:.3f}, {:.3f}]".format(*scored.far), scored.far[0], FLOORS["far"], at_most=True
    )

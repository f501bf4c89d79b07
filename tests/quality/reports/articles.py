"""Bodies of article pages: twenty of ours, the real ones, and trafilatura alone on the same."""

from collections.abc import Iterator
from pathlib import Path

from tests.quality.articles import costs, lines, mean, our_pages, ours, real_pages, score, theirs, wrong
from tests.quality.reports.held import Held, Line
from tests.quality.test_articles_floor import FLOORS


def report(real: Path | None) -> Iterator[Line]:
    """F1 of the words of bodies beside the floors, what else of a page is wrong, and what a page costs."""
    pages = our_pages()
    sets = {
        "own": [page for page in pages if not page.put_aside],
        "put_aside": [page for page in pages if page.put_aside],
    }
    if real is not None:
        sets["real"] = real_pages(real)
    for name, some in sets.items():
        yield f"articles: words of the bodies of {len(some)} pages, {NAMES[name]}"
        yield from (f"  {line}" for line in lines(some))
        yield Held("  ours: F1", mean([score(ours(page), page.body).f1 for page in some])[0], FLOORS[name]["f1"])
        flawed = sum(any(wrong(page)) for page in some)
        if name != "real":
            yield Held(
                f"  title, date, author, stub wrong or a trap in the body: {flawed} pages", flawed, 0, at_most=True
            )
    own, rival = costs([page for some in sets.values() for page in some], (ours, theirs))
    yield f"  {own:.1f} ms of CPU a page with metadata; trafilatura without {rival:.1f}"


NAMES = {"own": "ours, worked on", "put_aside": "ours, put aside", "real": "real"}

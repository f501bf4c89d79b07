"""Body, title, date and author of article pages: python -m tests.quality.articles prints every page.

Twenty pages are ours (article_pages/NAME.html, what is expected in NAME.toml): no real site, but the ways in which
sites of towns are made, each with what must not get into the body. What is read in those marked `put_aside` was not
looked at while the rules were made. The real ones are the Russian pages of the article extraction benchmark;
`--benchmark FOLDER` measures on all of its pages (a checkout of scrapinghub/article-extraction-benchmark).
"""

import gzip
import json
import logging
import random
import re
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from trafilatura import extract

from spiders.article import Article, read_article
from spiders.printed_dates import read_date

OURS = Path(__file__).parent / "article_pages"
ZONE = ZoneInfo("Asia/Sakhalin")
NOW = datetime(2026, 6, 15, tzinfo=ZONE)
ROUNDS = 1000

Interval = tuple[float, float, float]
"""A figure and its 95 % bootstrap interval."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page and what a person reads in it. `published` is as `2026-05-15T10:20` in ZONE; `traps` are words that stand
    around the article; `body` is "" where the page has none.
    """

    name: str
    html: bytes
    url: str
    body: str
    title: str = ""
    author: str = ""
    published: str = ""
    stub: str = ""
    put_aside: bool = False
    traps: tuple[str, ...] = ()

    def read(self) -> Article:
        """As the product reads it."""
        return read_article(self.html, self.url, ZONE)


def our_pages() -> list[Page]:
    """The twenty pages, by name."""
    return [_page(path) for path in sorted(OURS.glob("*.toml"))]


def _page(path: Path) -> Page:
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    return Page(path.stem, path.with_suffix(".html").read_bytes(), **{**told, "traps": tuple(told["traps"])})


def real_pages(real: Path) -> list[Page]:
    """The Russian pages of the article extraction benchmark, with their bodies."""
    folder = real / "news" / "bodies"
    rows = map(json.loads, (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines())
    return [
        Page(row["id"], (folder / f"{row['id']}.html").read_bytes(), row["url"], row["articleBody"]) for row in rows
    ]


def benchmark_pages(folder: Path) -> list[Page]:
    """Every page of a checkout of the article extraction benchmark."""
    told = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    return [
        Page(name, gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()), row["url"], row["articleBody"])
        for name, row in told.items()
    ]


def ours(page: Page) -> str:
    """The body that the product reads."""
    return page.read().text


def theirs(page: Page) -> str:
    """trafilatura alone, as its documentation calls it for text without comments."""
    return extract(page.html, url=page.url, include_comments=False) or ""


@dataclass(frozen=True, slots=True)
class Score:
    """Words of a body: those found that are in it, of all found, of all in it."""

    right: int
    found: int
    wanted: int

    @property
    def precision(self) -> float:
        """1 where nothing was found."""
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """Of the words of the body."""
        return self.right / self.wanted if self.wanted else 1.0

    @property
    def f1(self) -> float:
        """1 where nothing is to be found and nothing was."""
        return 2 * self.right / (self.found + self.wanted) if self.found + self.wanted else 1.0


def words(text: str) -> Counter[str]:
    """The words of a text with how often each stands there."""
    return Counter(re.findall(r"\w+", text.casefold().replace("ё", "е")))


def score(found: str, body: str) -> Score:
    """The words of a body found."""
    one, other = words(found), words(body)
    return Score((one & other).total(), one.total(), other.total())


def mean(figures: Sequence[float]) -> Interval:
    """The mean over pages with its interval, from ROUNDS resamplings of the pages."""
    chance = random.Random(20)
    drawn = sorted(sum(chance.choices(figures, k=len(figures))) / len(figures) for _ in range(ROUNDS))
    return sum(figures) / len(figures), drawn[int(0.025 * (ROUNDS - 1))], drawn[int(0.975 * (ROUNDS - 1))]


def published(article: Article) -> str:
    """When an article was published in the form of Page, "" where it does not say."""
    moment = article.published or read_date(article.published_text, NOW, ZONE)
    return f"{moment.at.astimezone(ZONE):%Y-%m-%dT%H:%M}" if moment else ""


def wrong(page: Page) -> Iterator[str]:
    """What is not read as a person reads it, the body apart."""
    article = page.read()
    for what, told, expected in (
        ("title", article.title, page.title),
        ("stub", article.stub, page.stub),
        ("author", article.author, page.author),
        ("date", published(article), page.published),
    ):
        if told != expected:
            yield f"{what} {told!r}, not {expected!r}"
    yield from (f"in the body: {trap}" for trap in page.traps if trap in article.text)


def costs(pages: Sequence[Page], readers: Sequence[Callable[[Page], str]], rounds: int = 5) -> list[float]:
    """Milliseconds of CPU a page for each reader: the least of some rounds, taken in turns."""
    least = [float("inf")] * len(readers)
    for _ in range(rounds):
        for at, read in enumerate(readers):
            started = time.process_time()
            for page in pages:
                read(page)
            least[at] = min(least[at], time.process_time() - started)
    return [1e3 * one / len(pages) for one in least]


def lines(pages: Sequence[Page]) -> Iterator[str]:
    """Precision, recall and F1 of the words of bodies, ours and trafilatura's, each a mean over pages."""
    for name, read in (("ours", ours), ("trafilatura", theirs)):
        scores = [score(read(page), page.body) for page in pages]
        figures = [mean([getattr(one, figure) for one in scores]) for figure in ("precision", "recall", "f1")]
        yield "{}: P {:.3f}, R {:.3f}, F1 {:.3f} [{:.3f}, {:.3f}]".format(
            name, figures[0][0], figures[1][0], *figures[2]
        )


def main() -> Iterator[str]:
    """What every page of ours gives, the figures of all; of a benchmark's pages the figures alone."""
    if sys.argv[1:2] == ["--benchmark"]:
        yield from lines(benchmark_pages(Path(sys.argv[2])))
        return
    pages = our_pages()
    for page in pages:
        own, rival = (score(read(page), page.body).f1 for read in (ours, theirs))
        yield f"{page.name:16s} ours F1 {own:.3f}, trafilatura {rival:.3f}"
        yield from (f"    {line}" for line in wrong(page))
    yield from lines(pages)


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    sys.stdout.writelines(f"{line}\n" for line in main())

"""Bodies of article pages: the scorer, every page of ours, and the floors on them and on the real ones."""

import hashlib
import tomllib
from pathlib import Path

import pytest

from tests.quality.articles import OURS, Page, mean, our_pages, ours, real_pages, score, wrong

FLOORS = tomllib.loads((Path(__file__).parent / "floors.toml").read_text(encoding="utf-8"))["articles"]
PAGES = our_pages()


def test_words_are_counted_as_often_as_they_stand_there() -> None:
    found = score("вода вода трубы", "Вода, трубы, люди")
    assert (found.precision, found.recall, found.f1) == (2 / 3, 2 / 3, 2 / 3)
    assert score("", "").f1 == 1
    assert score("Принять все", "").f1 == 0


def test_our_pages_are_those_whose_floors_are_pinned() -> None:
    files = sorted(OURS.iterdir())
    assert [path.stem for path in files if path.suffix == ".html"] == [page.name for page in PAGES]
    assert len(PAGES) == 20
    told = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()
    assert told == FLOORS["sha256"], "other pages: pin their floors anew"


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_a_page_of_ours_is_read_as_a_person_reads_it(page: Page) -> None:
    assert all(trap in page.html.decode("cp1251" if b"windows-1251" in page.html else "utf-8") for trap in page.traps)
    assert list(wrong(page)) == []
    assert score(ours(page), page.body).f1 >= FLOORS["page"]


@pytest.mark.parametrize("name", ["own", "put_aside"])
def test_bodies_of_our_pages_stay_above_their_floor(name: str) -> None:
    pages = [page for page in PAGES if page.put_aside is (name == "put_aside")]
    assert mean([score(ours(page), page.body).f1 for page in pages])[0] >= FLOORS[name]["f1"]


@pytest.mark.real
def test_bodies_of_real_pages_stay_above_their_floor(real_data: Path) -> None:
    pages = real_pages(real_data)
    told = hashlib.sha256(b"".join(page.html for page in pages)).hexdigest()
    assert told == FLOORS["real"]["sha256"], "other pages: pin their floor anew"
    assert mean([score(ours(page), page.body).f1 for page in pages])[0] >= FLOORS["real"]["f1"]

"""What the pages refer to is there, pictures of every page of the console among it."""

import re
from itertools import product

from tests.docs.pictures import FOLDER, LOOKS, PAGES
from tests.docs.shown import PAGES as TEXTS
from tests.shell import ROOT

_LINK = re.compile(r"\]\((?!https?://|#)([^)#\s]+)(?:#[^)]*)?\)")


def test_links_lead_somewhere() -> None:
    links = [(page, link) for page in TEXTS for link in _LINK.findall(page.read_text(encoding="utf-8"))]
    assert len(links) > 100
    assert [(str(page.relative_to(ROOT)), link) for page, link in links if not (page.parent / link).exists()] == []


def test_every_page_of_the_console_is_shown_in_every_look() -> None:
    names = {f"{page}-{look}.webp" for page, look in product(PAGES, LOOKS)}
    assert {path.name for path in FOLDER.iterdir()} == names
    shown = (ROOT / "docs" / "console.md").read_text(encoding="utf-8")
    assert [name for name in names if f"pictures/{name}" not in shown] == []

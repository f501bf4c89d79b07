"""docs/city-file.md names the platforms and the ticket systems that there are."""

import re

import pytest

from crawler.environment import CHECKOUT
from crawler.platforms import PLATFORMS
from search.ticketing import TICKET_SYSTEMS


@pytest.mark.parametrize(("key", "table"), [("platform", PLATFORMS), ("system", TICKET_SYSTEMS)])
def test_the_page_lists_what_the_table_has(key: str, table: dict[str, object]) -> None:
    page = (CHECKOUT / "docs" / "city-file.md").read_text(encoding="utf-8")
    (row,) = re.findall(rf"^\| `{key}` \| (.+?) \|", page, re.MULTILINE)
    assert re.findall(r"`(\w+)`", row) == list(table)


def test_the_page_names_every_option_that_is_a_number() -> None:
    page = (CHECKOUT / "docs" / "city-file.md").read_text(encoding="utf-8")
    for platform in PLATFORMS.values():
        for option in platform.whole_options:
            assert f"`{option}`" in page

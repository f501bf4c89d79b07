"""What the finder of places answers, in the form of `otklik places`."""

from collections.abc import Mapping
from typing import Any

from crawler.commands.places import place_json
from pipelines.places import Finder


def found_in(finder: Finder, texts: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """The places of each text by its id, exactly as `otklik places` prints them."""
    return {key: [place_json(place) for place in finder.find(text)] for key, text in texts.items()}

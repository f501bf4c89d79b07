"""Labelled sets of messages, and what our finder and Natasha find in them.

`places_dev.jsonl` and `places_test.jsonl` were written and labelled by us before any finder read them (one label of the
first was mended after): invented towns, the ways in which people write of places, and sentences that only look like
places. Rules are made with the first half before the eyes; the second is measured alone, by those who wrote both. Run
as a module, prints what a message costs in a process of its own:
python -m tests.quality.places_sets LABELLED.jsonl HOME.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.toponyms import PlaceFinder
from search.gazetteer import Gazetteer
from search.morphology import forms
from search.street_key import STREET_TYPES
from tests.quality.finding import found_in
from tests.quality.places import rows
from tests.quality.rivals import rival

Found = dict[str, list[dict[str, Any]]]

DEV = Path(__file__).parent / "places_dev.jsonl"
TEST = Path(__file__).parent / "places_test.jsonl"


@cache
def _finder(home: str) -> PlaceFinder:
    return PlaceFinder(Gazetteer.empty(home), home)


def ours(path: Path, home: str = "") -> Found:
    """What we find without a gazetteer; a message that says where it comes from has that home."""
    found: Found = {}
    for row in rows(path):
        found |= found_in(_finder(row.get("home", home)), {str(row["n"]): row["text"]})
    return found


def theirs(path: Path) -> tuple[Found, float] | None:
    """What Natasha finds, and the CPU seconds a message; None where it is not installed.

    Parts of addresses are those of its rules; a location of its tagger that no rule took is a street where a number
    follows it, else a settlement. Names are as the text has them, so overlap alone can be compared.
    """
    natasha = rival("natasha")
    if natasha is None:
        return None
    segmenter, vocabulary = natasha.Segmenter(), natasha.MorphVocab()
    tagger, rules = natasha.NewsNERTagger(natasha.NewsEmbedding()), natasha.AddrExtractor(vocabulary)
    messages = list(rows(path))
    started = time.process_time()
    found: Found = {}
    for row in messages:
        doc = natasha.Doc(row["text"])
        doc.segment(segmenter)
        doc.tag_ner(tagger)
        parts = [(one.start, one.stop, one.fact.type or "", one.fact.value) for one in rules(row["text"])]
        located = [(one.start, one.stop, "", one.text) for one in doc.spans if one.type == "LOC"]
        free = [one for one in located if all(one[1] <= part[0] or part[1] <= one[0] for part in parts)]
        found[str(row["n"])] = list(_joined(row["text"], sorted(parts + free)))
    return found, (time.process_time() - started) / len(messages)


_STREETS = STREET_TYPES.keys()
_DISTRICTS = frozenset(["район", "микрорайон", "квартал"])
_HOUSES = frozenset(["дом", "корпус", "строение"])
_SKIPPED = frozenset(["страна", "область", "край", "республика", "квартира", "офис", "индекс"])


def _joined(text: str, parts: Sequence[tuple[int, int, str, str]]) -> Iterator[dict[str, Any]]:
    """Places of the parts; houses belong to the street before them."""
    street: dict[str, Any] | None = None
    for start, end, kind, value in parts:
        if kind in _HOUSES:
            if street:
                street |= {"kind": "house", "end": end, "houses": [*street["houses"], value]}
            continue
        if kind in _SKIPPED:
            continue
        numbered = not kind and text[end : end + 8].lstrip(" ,.дом")[:1].isdigit()
        group = "street" if kind in _STREETS or numbered else "district" if kind in _DISTRICTS else "settlement"
        place = {"kind": group, "start": start, "end": end, "name": value, "houses": []}
        street = place if group == "street" else None
        if numbered and street:
            digits = text[end : end + 12].lstrip(" ,.дом")
            street |= {"kind": "house", "houses": [digits[: len(digits) - len(digits.lstrip("0123456789"))]]}
        yield place


def speed(path: Path, home: str) -> str:
    """Messages a CPU-second in a process of its own: words never seen before, then all of them seen."""
    asked = [sys.executable, "-m", __name__, str(path), home]
    root = Path(__file__).parent.parent.parent
    return subprocess.run(asked, check=True, capture_output=True, text=True, cwd=root).stdout.strip()


def _timed(find: Callable[[str], object], texts: Mapping[str, str]) -> float:
    started = time.process_time()
    for text in texts.values():
        find(text)
    return len(texts) / (time.process_time() - started)


def main(path: str, home: str) -> None:
    """Print both figures."""
    texts = {str(row["n"]): row["text"] for row in rows(Path(path))}
    finder = _finder(home)
    finder.find("Прогрев: ул. Ленина, 5")  # the dictionary and the tables are loaded once for a process
    forms.cache_clear()
    cold, warm = _timed(finder.find, texts), max(_timed(finder.find, texts) for _ in range(5))
    sys.stdout.write(f"{cold:.0f} messages a CPU-second, words not seen before; {warm:.0f} when they are\n")


if __name__ == "__main__":
    main(*sys.argv[1:])

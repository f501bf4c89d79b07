"""Every quality figure in one run: python -m tests.quality [REAL_DATA]"""

import os
import sys
import time
from pathlib import Path

from pipelines.toponyms import PlaceFinder
from search.gazetteer import Gazetteer, load_gazetteer
from tests.quality import geocoding, places, word_forms
from tests.quality.finding import found_in
from tests.quality.test_places_floor import FLOORS

ROOT = Path(__file__).parent.parent.parent


def main(folder: Path) -> None:
    """Print the figures of places, geocoding and forms of words."""
    out = sys.stdout
    if folder.is_dir():
        out.write("places in labelled messages, no gazetteer (floors in tests/quality/floors.toml)\n")
        gold_file = folder / "incidents_perm" / "incidents.jsonl"
        finder = PlaceFinder(Gazetteer.empty(FLOORS["home"]), FLOORS["home"])
        texts = {str(row["n"]): row["text"] for row in places.rows(gold_file)}
        found = found_in(finder, texts)
        out.writelines(f"  {line}\n" for line in places.score(places.read_places(gold_file), found))
        started = time.process_time()
        found_in(finder, texts)
        out.write(f"  {len(texts) / (time.process_time() - started):.0f} messages a CPU-second, words seen before\n")
        appeals = folder / "appeals_spb"
        home = "Санкт-Петербург"
        finder = PlaceFinder(load_gazetteer(appeals / "buildings.csv", None, home), home)
        mentions = list(places.rows(appeals / "address_mentions.jsonl"))
        found = found_in(finder, {str(row["id"]): row["text"] for row in mentions})
        out.write(f"geocoding with a gazetteer of buildings\n  {geocoding.score(mentions, found)}\n")
    else:
        out.write(f"no real data in {folder} (set OTKLIK_REAL_DATA): places and geocoding are not measured\n")
    out.write("forms of 500 words of complaints\n")
    word_forms.main()


if __name__ == "__main__":
    main(Path(sys.argv[1] if sys.argv[1:] else os.environ.get("OTKLIK_REAL_DATA") or ROOT.parent / "shared" / "data"))

"""What a batch of comments costs in a thread that grows, each naming a street of which there are two.

python -m benchmarks.long_thread [BATCHES]
"""

import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.model.items import Post
from pipelines.places import Places, StoredThreads
from pipelines.record import Record
from search.state.database import Database
from tests.pipelines.test_resolution import town
from tests.recording import CITY, KEYS, SOURCE, StillClock, Told, draft, post

BATCH = 200


def main(batches: int) -> None:
    """Print milliseconds of CPU a batch by the length of the thread."""
    finder, told = town([(0, {5}), (1, {5})]), Told()
    with TemporaryDirectory() as folder:
        database = Database.open(Path(folder) / "otklik.sqlite")
        threads = StoredThreads(CITY.key, database, finder, {SOURCE.key: SOURCE})
        record = Record(CITY, database, KEYS, StillClock(), told, told, threads)
        places = Places(finder, threads)

        def put(posts: Sequence[Post]) -> float:
            started = time.process_time()
            record.commit(places.process([draft(one) for one in posts]), [])
            return time.process_time() - started

        put([post("root", "Весь Озёрный район без воды", minute=0)])
        for number in range(batches):
            first = 1 + number * BATCH
            said = [
                post(f"c{at}", "на Садовой темно", minute=at, thread="root", parent="root")
                for at in range(first, first + BATCH)
            ]
            sys.stdout.write(f"{first - 1 + BATCH:6d} comments: {put(said) * 1000:.0f} ms of CPU a batch of {BATCH}\n")
        database.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12)

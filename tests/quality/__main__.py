"""Every quality figure in one run, each beside its floor and its rival: python -m tests.quality [REAL_DATA]

`make quality` installs the rivals first (tests/quality/rivals.txt); without them ours are printed alone. Ends with 1
where a figure is below its floor.
"""

import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.quality.reports import PARTS, measured
from tests.quality.reports.held import Held, Line

ROOT = Path(__file__).parent.parent.parent


def main(folder: Path) -> int:
    """Print the lines of every part, in the order of PARTS, and what each took; 1 where a floor is not held."""
    real = folder if folder.is_dir() else None
    if real is None:
        _say(f"no real data in {folder} (set OTKLIK_REAL_DATA): what is measured on it is left out")
    fallen: list[Held] = []
    # A process of its own for each part: none finds warm what another has loaded.
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
        for running in [pool.submit(measured, number, real) for number in range(len(PARTS))]:
            lines, took = running.result()
            for line in lines:
                _say(line)
            _say(f"  ({took:.0f} s)")
            fallen += [line for line in lines if isinstance(line, Held) and not line.holds]
    _say(f"floors not held: {len(fallen)}")
    for held in fallen:
        _say(held)
    return 1 if fallen else 0


def _say(line: Line) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    given = sys.argv[1] if sys.argv[1:] else os.environ.get("OTKLIK_REAL_DATA") or ROOT.parent / "shared" / "data"
    sys.exit(main(Path(given)))

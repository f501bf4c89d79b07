"""Every quality figure in one run, each beside its floor and its rival: python -m tests.quality [REAL_DATA]

`make quality` installs the rivals first (tests/quality/rivals.txt); without them ours are printed alone.
"""

import os
import sys
import time
from pathlib import Path

from tests.quality.reports import PARTS

ROOT = Path(__file__).parent.parent.parent


def main(folder: Path) -> None:
    """Print the lines of every part, and what each part took."""
    real = folder if folder.is_dir() else None
    if real is None:
        sys.stdout.write(f"no real data in {folder} (set OTKLIK_REAL_DATA): what is measured on it is left out\n")
    for part in PARTS:
        started = time.monotonic()
        for line in part(real):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
        sys.stdout.write(f"  ({time.monotonic() - started:.0f} s)\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if sys.argv[1:] else os.environ.get("OTKLIK_REAL_DATA") or ROOT.parent / "shared" / "data"))

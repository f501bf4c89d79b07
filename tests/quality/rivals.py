"""Other people's programs that the quality run measures beside ours: `make quality` puts them into .rivals/.

They lie apart from what the product and its tests use, behind it on the path, so that no version of theirs replaces
one of ours. Without them the figures of ours are printed alone.
"""

import importlib
import sys
from pathlib import Path
from types import ModuleType

FOLDER = Path(__file__).parent.parent.parent / ".rivals"


def rival(name: str) -> ModuleType | None:
    """The module of a rival (`natasha`, `datasketch`, `sklearn.svm`); None where it is not installed."""
    if FOLDER.is_dir() and str(FOLDER) not in sys.path:
        sys.path.append(str(FOLDER))
    if name.partition(".")[0] == "natasha":
        # natasha asks for pymorphy2, which no Python from 3.11 on can import; its successor has the same calls.
        sys.modules.setdefault("pymorphy2", importlib.import_module("pymorphy3"))
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        if missing.name is None or missing.name.partition(".")[0] != name.partition(".")[0]:
            raise
        return None

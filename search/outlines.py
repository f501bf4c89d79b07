"""What saved searches require of a post, kept from one start to the next: that reads neither query nor dictionary then.

A file beside the state, made anew whenever the code or the dictionary that it was made with is another. It holds sound
queries only: the others are read, and reported, at every start.
"""

import gc
import glob
import hashlib
import json
import logging
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from sys import intern
from typing import Any

import crawler.model
import search.lint
from crawler.model.city import SavedSearch
from crawler.model.errors import OtklikError
from search.features import Outline, outline_of
from search.indexed_monitor import IndexedMonitor
from search.names import Names
from search.saved import Broken, query_of
from search.whole_file import put_in_place

logger = logging.getLogger(__name__)

_ABANDONED = 3600
"""Seconds: no write takes so long."""


def register_kept(
    monitor: IndexedMonitor, active: Sequence[SavedSearch], names: Names, file: Path | None
) -> tuple[Broken, ...]:
    """Give every search to the monitor, by what the file knows of it; those whose query cannot be read come back with
    the error. The file then knows these searches and no others; without one nothing is kept.
    """
    broken = []
    with _no_garbage():
        known = _read(file, names) if file else {}
        kept: dict[str, Any] = {}
        for one in active:
            try:
                outline = kept[one.query] = known.get(one.query) or outline_of(query_of(one.query, names=names).root)
            except OtklikError as error:
                broken.append(Broken(one, error))
            else:
                required, excluded, whole = outline
                monitor.register_outlined(one, Outline(_one_object(required), _one_object(excluded), whole))
        if file and kept.keys() != known.keys():
            _write(file, kept, names)
    return tuple(broken)


def _one_object(part: Any) -> Any:
    """The same with one object for equal keys, as search/lemmas.py makes them."""
    return intern(part) if isinstance(part, str) else [_one_object(inner) for inner in part]


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Do not look for garbage where all that is made stays: it would be a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read(file: Path, names: Names) -> dict[str, Any]:
    """Outlines by query; none where the file is absent, cut off, or made by other code or with other names."""
    try:
        made_by, _, content = file.read_bytes().partition(b"\n")
    except OSError:
        return {}
    if made_by.decode("ascii", "replace") != _header(content, names):
        return {}
    found: dict[str, Any] = json.loads(content)
    return found


def _write(file: Path, kept: dict[str, Any], names: Names) -> None:
    """Replace the file. A start that cannot do so takes longer the next time, no more."""
    content = json.dumps(kept, ensure_ascii=False, separators=(",", ":")).encode()
    try:
        _sweep(file)
        put_in_place(file, _header(content, names).encode() + b"\n" + content)
    except OSError as error:
        logger.warning("%s cannot be written, the next start reads every saved search again: %s", file, error)


def _sweep(file: Path) -> None:
    """Remove what a process that was killed left half written; another one may be writing now."""
    for left in file.parent.glob(f"{glob.escape(file.name)}.*"):
        # Another start may sweep too.
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _ABANDONED:
                left.unlink()


def _header(content: bytes, names: Names) -> str:
    # Whether a query is sound depends on the names that there are, what it requires does not.
    return f"{_made_by()} {names.digest} {hashlib.blake2b(content, digest_size=16).hexdigest()}"


@cache
def _made_by() -> str:
    """A digest of everything that an outline depends on: no version to forget to raise."""
    digest = hashlib.blake2b(digest_size=16)
    for package in (search, search.lint, crawler.model):
        for module in sorted(Path(package.__path__[0]).glob("*.py")):
            digest.update(module.read_bytes())
    digest.update(f"{sys.version} {version('pymorphy3')} {version('pymorphy3-dicts-ru')}".encode())
    return digest.hexdigest()

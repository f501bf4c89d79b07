"""A model of topics in a file: a line that names the form, a line with the digest of the rest, JSON, and numbers.

Nothing in it is code, and nothing is believed before the digest was compared; what a forged file could still say is
held against bounds. The same model gives the same bytes.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.topics.model import Weights
from search.whole_file import put_in_place, stamp_of

FORM = b"otklik topics 1\n"
MOST_BYTES = 50_000_000
"""A model is smaller: what is larger is none."""
_MOST_TOPICS = 10_000
_ARRAYS = {
    "rarity": ("features", "", "<f4"),
    "inner": ("features", "hidden", "<f2"),
    "inner_bias": ("hidden", "", "<f4"),
    "outer": ("hidden", "topics", "<f4"),
    "outer_bias": ("topics", "", "<f4"),
    "offset": ("topics", "", "<f4"),
}


@dataclass(frozen=True)
class _Content:
    head: Mapping[str, Any]
    numbers: memoryview


def save(weights: Weights, path: Path) -> None:
    """Write a model in one step: who reads meanwhile has the old one. OtklikError where it cannot be written."""
    head = {
        "topics": weights.topics,
        "features": weights.features,
        "hidden": len(weights.inner_bias),
        "sharpness": weights.sharpness,
        "least": weights.least,
    }
    content = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    content += b"".join(np.asarray(getattr(weights, name), kind).tobytes() for name, (*_, kind) in _ARRAYS.items())
    if len(content) > MOST_BYTES:
        raise _error(path, Text("модель вышла больше 50 МБ", "the model came out larger than 50 MB"))
    try:
        put_in_place(path, FORM + _digest(content) + content, 0o644)
    except OSError as error:
        why = Text("не записывается: {why}", "cannot be written: {why}").filled(why=error.strerror or error)
        raise _error(path, why) from error


def load(path: Path) -> Weights:
    """Read a model, once a process as long as the file stays the same. OtklikError for what is no model, is cut off or
    changed, or of a newer form.
    """
    return _loaded(path, stamp_of(path) if path.is_file() else ())


def topics_in(path: Path) -> tuple[str, ...]:
    """The topics that a model knows. OtklikError as for `load`."""
    return load(path).topics


@lru_cache(8)
def _loaded(path: Path, _stamp: tuple[int, ...]) -> Weights:
    content = _content(path)
    sizes = {name: len(content.head[name]) for name in ("topics", "features")} | {
        "hidden": content.head["hidden"],
        "": 1,
    }
    arrays: dict[str, Any] = {}
    at = 0
    for name, (rows, columns, kind) in _ARRAYS.items():
        count = sizes[rows] * sizes[columns]
        size = count * np.dtype(kind).itemsize
        if at + size > len(content.numbers):
            raise _damaged(path)
        found = np.frombuffer(content.numbers[at : at + size], kind)
        if not np.isfinite(found).all():
            raise _damaged(path)
        arrays[name] = found.reshape(sizes[rows], sizes[columns]) if columns else found
        at += size
    if at != len(content.numbers):
        raise _damaged(path)
    head = content.head
    sharpness, least = float(head["sharpness"]), float(head["least"])
    return Weights(tuple(head["topics"]), tuple(head["features"]), **arrays, sharpness=sharpness, least=least)


def _content(path: Path) -> _Content:
    try:
        with path.open("rb") as stream:
            form, digest = stream.readline(len(FORM) + 1), stream.readline(128)
            rest = stream.read(MOST_BYTES + 1)
    except OSError as error:
        why = Text("не читается: {why}", "cannot be read: {why}").filled(why=error.strerror or error)
        raise _error(path, why) from error
    if form != FORM:
        why = Text("это не модель тем или модель другой версии", "not a model of topics, or one of another version")
        raise _error(path, why)
    if len(rest) > MOST_BYTES or digest != _digest(rest):
        raise _damaged(path)
    line, _, _ = rest.partition(b"\n")
    try:
        head = json.loads(line)
    except (ValueError, RecursionError):
        raise _damaged(path) from None
    if not _is_head(head):
        raise _damaged(path)
    return _Content(head, memoryview(rest)[len(line) + 1 :])


def _is_head(head: object) -> bool:
    match head:
        case {
            "topics": [_, _, *_] as topics,
            "features": [*features],
            "hidden": int(hidden),
            "sharpness": float(sharpness) | int(sharpness),
            "least": float(least) | int(least),
        }:
            named = all(isinstance(one, str) for one in (*topics, *features))
            bounded = len(topics) <= _MOST_TOPICS and 0 < hidden <= MOST_BYTES
            return named and bounded and 0 < sharpness < 100 and 0 <= least <= 1
    return False


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=16).hexdigest().encode() + b"\n"


def _damaged(path: Path) -> OtklikError:
    return _error(path, Text("модель повреждена: обучите её заново", "the model is damaged: train it again"))


def _error(path: Path, what: Text) -> OtklikError:
    return OtklikError(Text(f"{path}: {what.ru}", f"{path}: {what.en}"))

"""The file of a gazetteer: a line that names the form, the digest of the rest, JSON of what has names, and columns.

It is mapped, not read: processes of one machine share its pages. Nothing in it is code, and nothing is believed before
the digest was compared. The same content gives the same bytes.
"""

import hashlib
import json
import mmap
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from crawler.model.errors import OtklikError
from crawler.model.text import Text

FORM = b"otklik gazetteer 1\n"
_KIND = FORM.rpartition(b" ")[0]
_DIGEST = 33
_SIZE = 8
COLUMNS: dict[str, Literal["H", "i", "q", "I", "B"]] = {
    "number": "H",  # a row a house, those of a street together, by number and suffix
    "suffix": "H",
    "lat": "i",
    "lon": "i",
    "district": "H",
    "id": "q",
    "line": "I",  # where each stretch of a street ends among the vertices
    "line_lat": "i",
    "line_lon": "i",
    "shape": "I",  # where each polygon ends among the bytes of `wkb`
    "wkb": "B",
}
"""Columns in their order, each with the code of its values (`struct`), little-endian. Degrees are whole 1e-7."""

_FOREIGN = Text("это не газеттир, собранный otklik gazetteer build", "not a gazetteer that otklik gazetteer build made")
OTHER = Text(
    "газеттир собран другой версией: соберите его заново, otklik gazetteer build",
    "the gazetteer is of another version: build it again, otklik gazetteer build",
)
_DAMAGED = Text(
    "газеттир повреждён: соберите его заново, otklik gazetteer build",
    "the gazetteer is damaged: build it again, otklik gazetteer build",
)


@dataclass(frozen=True)
class Content:
    """What a gazetteer holds: `head` as JSON has it, `columns` by the names of COLUMNS."""

    head: Mapping[str, Any]
    columns: Mapping[str, memoryview]


def packed(head: Mapping[str, Any], columns: Mapping[str, bytes]) -> bytes:
    """The bytes of a file."""
    sizes = [len(columns[name]) for name in COLUMNS]
    line = json.dumps({**head, "sizes": sizes}, ensure_ascii=False, separators=(",", ":")).encode()
    rest = b"".join([len(line).to_bytes(_SIZE, "little"), line, *(columns[name] for name in COLUMNS)])
    return FORM + _digest(rest) + rest


def unpacked(whole: memoryview, path: Path) -> Content:
    """What the bytes of a file hold. OtklikError, with `path`, for what is none, changed or of another version."""
    form = bytes(whole[: len(FORM)])
    if form != FORM:
        raise file_error(path, OTHER if form.startswith(_KIND) else _FOREIGN)
    rest = whole[len(FORM) + _DIGEST :]
    if whole[len(FORM) : len(FORM) + _DIGEST] != _digest(rest):
        raise file_error(path, _DAMAGED)
    at = _SIZE + int.from_bytes(rest[:_SIZE], "little")
    head = json.loads(bytes(rest[_SIZE:at]))
    columns: dict[str, memoryview] = {}
    for (name, code), size in zip(COLUMNS.items(), head.pop("sizes"), strict=True):
        columns[name] = rest[at : at + size].cast(code)
        at += size
    return Content(head, columns)


def mapped(path: Path) -> Content:
    """Map a file. OtklikError as for `unpacked`, and where there is no such file."""
    try:
        with path.open("rb") as stream:
            whole = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    except ValueError as error:  # an empty file cannot be mapped
        raise file_error(path, _FOREIGN) from error
    except OSError as error:
        why = Text("не читается: {why}", "cannot be read: {why}")
        raise file_error(path, why.filled(why=error.strerror or error)) from error
    return unpacked(whole, path)


def save(content: bytes, path: Path) -> None:
    """Write a file in one step: who has the old one open keeps it. OtklikError where it cannot be written."""
    try:
        handle, beside = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(beside).chmod(0o644)
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
    except OSError as error:
        why = Text("не записывается: {why}", "cannot be written: {why}")
        raise file_error(path, why.filled(why=error.strerror or error)) from error


def _digest(content: bytes | memoryview) -> bytes:
    return hashlib.blake2b(content, digest_size=16).hexdigest().encode() + b"\n"


def file_error(path: Path, what: Text) -> OtklikError:
    """The error that says what is wrong with a file."""
    return OtklikError(Text(f"{path}: {what.ru}", f"{path}: {what.en}"))

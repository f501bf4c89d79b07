"""PMTiles archives of version 3 as the specification says, whole ones and broken ones, written without our reader."""

import gzip
import io
import json
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from PIL import Image

Row = tuple[int, int, int, int]
"""An entry: number of the tile, run, offset, length."""
PNG, JPEG, WEBP, MVT = 2, 3, 4, 1


def picture(colour: str = "#336699", side: int = 256) -> bytes:
    """A tile of one colour."""
    content = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(content, "PNG")
    return content.getvalue()


def varint(number: int) -> bytes:
    """As protocol buffers write numbers."""
    content = bytearray()
    while number > 0x7F:
        content.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*content, number])


def directory(rows: Sequence[Row]) -> bytes:
    """A directory, not packed."""
    tiles = [tile for tile, *_ in rows]
    steps = [tile - before for tile, before in zip(tiles, [0, *tiles], strict=False)]
    columns = (steps, [row[1] for row in rows], [row[3] for row in rows], [row[2] + 1 for row in rows])
    return varint(len(rows)) + b"".join(varint(number) for column in columns for number in column)


def _field(number: int, content: bytes | int) -> bytes:
    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def vector_tile(layers: Sequence[str], kind: str) -> bytes:
    """A vector tile of version 2: in each of these layers one square as large as the tile, of that `kind`."""
    # Move to 0, 0; three lines; close: commands and steps to and fro, as numbers from zero on.
    steps = [1 << 3 | 1, 0, 0, 3 << 3 | 2, 2 * 4096, 0, 0, 2 * 4096, 2 * 4096 - 1, 0, 1 << 3 | 7]
    square = _field(2, varint(0) + varint(0)) + _field(3, 3) + _field(4, b"".join(map(varint, steps)))
    rest = _field(3, b"kind") + _field(4, _field(1, kind.encode())) + _field(5, 4096) + _field(15, 2)
    return b"".join(_field(3, _field(1, name.encode()) + _field(2, square) + rest) for name in layers)


BASE_MAP = gzip.compress(json.dumps({"vector_layers": [{"id": one} for one in ("earth", "roads", "water")]}).encode())
"""Metadata of an archive in Protomaps' scheme."""


@dataclass
class Archive:
    """What is written: `leaves` are packed directories that rows of run 0 lead to."""

    root: bytes
    tiles: bytes
    leaves: bytes = b""
    metadata: bytes = field(default_factory=lambda: gzip.compress(json.dumps({}).encode()))
    kind: int = PNG
    zooms: tuple[int, int] = (0, 3)
    packing: int = 2
    tile_packing: int = 1
    box: tuple[float, float, float, float] = (59.0, 55.0, 61.0, 57.0)
    """West, south, east, north."""

    def written(self) -> bytes:
        """The bytes of the file."""
        sections, at = [], 127
        for part in (self.root, self.metadata, self.leaves, self.tiles):
            sections += [at, len(part)]
            at += len(part)
        numbers = struct.pack("<11Q", *sections, 1, 1, 1)
        kinds = bytes([1, self.packing, self.tile_packing, self.kind, *self.zooms])
        corners = struct.pack("<4i", *(round(corner * 10**7) for corner in self.box))
        header = b"PMTiles\x03" + numbers + kinds + corners + bytes(9)
        return header + self.root + self.metadata + self.leaves + self.tiles


def packed(rows: Sequence[Row]) -> bytes:
    """A directory as archives have it."""
    return gzip.compress(directory(rows))

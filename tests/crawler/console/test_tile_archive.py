"""What `--tiles` takes as a file, and what it does with one that is broken or hostile."""

import gzip
import logging
import math
import os
import re
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.console.tile_archive import TileArchive
from crawler.console.tile_directory import MOST_ENTRIES, DamagedError, Directory, number_of
from crawler.model.errors import OtklikError
from tests.archives import BASE_MAP, MVT, WEBP, Archive, directory, packed, picture, varint, vector_tile

TILE = picture(side=8)
WHOLE = Archive(packed([(0, 1, 0, len(TILE))]), TILE)


@pytest.fixture
def written(tmp_path: Path) -> Callable[[Archive | bytes], Path]:
    def write(archive: Archive | bytes) -> Path:
        path = tmp_path / "city.pmtiles"
        path.write_bytes(archive if isinstance(archive, bytes) else archive.written())
        return path

    return write


def test_tiles_have_the_numbers_of_the_specification() -> None:
    # The table of spec/v3/spec.md.
    table = {(0, 0, 0): 0, (1, 0, 0): 1, (1, 0, 1): 2, (1, 1, 1): 3, (1, 1, 0): 4, (2, 0, 0): 5}
    assert {place: number_of(*place) for place in table} == table
    assert number_of(12, 3423, 1763) == 19078479


def test_the_numbers_of_a_zoom_are_a_walk_from_neighbour_to_neighbour() -> None:
    places = {number_of(6, x, y): (x, y) for x in range(64) for y in range(64)}
    assert sorted(places) == list(range(1365, 1365 + 64 * 64))
    assert {math.dist(places[number], places[number + 1]) for number in range(1365, 1365 + 64 * 64 - 1)} == {1.0}


def test_a_run_is_one_picture_and_a_directory_may_lead_on(written: Callable[[Archive | bytes], Path]) -> None:
    other = picture("#ffffff", 8)
    leaf = packed([(5, 3, 0, len(TILE)), (20, 1, len(TILE), len(other))])
    root = packed([(1, 2, 0, len(TILE)), (5, 0, 0, len(leaf))])
    with TileArchive(written(Archive(root, TILE + other, leaf))) as archive:
        found = {
            number_of(z, x, y): archive.tile(z, x, y) for z in range(4) for x in range(1 << z) for y in range(1 << z)
        }
        assert {number: tile for number, tile in found.items() if tile} == {
            **dict.fromkeys((1, 2, 5, 6, 7), TILE),
            20: other,
        }
        for outside in ((4, 0, 0), (-1, 0, 0), (1, 2, 0), (1, 0, -1), (2**40, 0, 0)):
            assert archive.tile(*outside) is None
        assert archive.box == (55.0, 59.0, 57.0, 61.0)


def test_tiles_may_be_packed(written: Callable[[Archive | bytes], Path]) -> None:
    tile = gzip.compress(TILE)
    archive = Archive(directory([(0, 1, 0, len(tile))]), tile, metadata=b"{}", packing=1, tile_packing=2)
    with TileArchive(written(archive)) as opened:
        assert opened.tile(0, 0, 0) == TILE


def test_who_made_the_map_is_told_as_plain_text(written: Callable[[Archive | bytes], Path]) -> None:
    metadata = '{"attribution": "<a href=\\"https://osm.org\\">\\u00a9 OpenStreetMap</a> &amp;\\n <b>others</b>"}'
    with TileArchive(written(replace(WHOLE, metadata=gzip.compress(metadata.encode())))) as archive:
        assert archive.attribution == "© OpenStreetMap & others"
    with TileArchive(written(replace(WHOLE, metadata=gzip.compress(b'{"attribution": ["x"]}')))) as archive:
        assert archive.attribution == ""


def test_a_box_of_no_area_is_none(written: Callable[[Archive | bytes], Path]) -> None:
    with TileArchive(written(replace(WHOLE, box=(0, 0, 0, 0)))) as archive:
        assert archive.box is None


BOMB = gzip.compress(bytes(64 << 20))
REFUSED = {
    "empty": (b"", "shorter than a header"),
    "short": (WHOLE.written()[:100], "shorter than a header"),
    "version 2": (b"PMTiles\x02" + WHOLE.written()[8:], "does not begin as one"),
    "cut": (WHOLE.written()[:-1], "ends before its header says"),
    "bomb": (replace(WHOLE, root=BOMB), "bytes unpacked"),
    "bomb of metadata": (replace(WHOLE, metadata=BOMB), "bytes unpacked"),
    "large metadata": (replace(WHOLE, metadata=bytes(2 << 20)), "bytes in one piece"),
    "deep metadata": (replace(WHOLE, metadata=gzip.compress(b"[" * 200_000)), "no JSON object"),
    "no metadata": (replace(WHOLE, metadata=gzip.compress(b"\xff")), "no JSON object"),
    "no gzip": (replace(WHOLE, root=directory([(0, 1, 0, 1)])), "broken gzip"),
    "half a gzip": (replace(WHOLE, root=WHOLE.root[:-6]), "gzip ends too early"),
    "many entries": (replace(WHOLE, root=gzip.compress(varint(MOST_ENTRIES + 1))), f"{MOST_ENTRIES + 1} entries"),
    "more entries": (replace(WHOLE, root=gzip.compress(varint(2**63))), "entries"),
    "no entries": (replace(WHOLE, root=gzip.compress(varint(0))), "0 entries"),
    "brotli": (replace(WHOLE, packing=3), "neither gzip nor none"),
    "zstd": (replace(WHOLE, tile_packing=4), "neither gzip nor none"),
    "zooms": (replace(WHOLE, zooms=(5, 4)), "zooms 5 to 4"),
    "high zooms": (replace(WHOLE, zooms=(0, 200)), "zooms 0 to 200"),
}


@pytest.mark.parametrize(("content", "why"), REFUSED.values(), ids=REFUSED)
def test_a_broken_archive_is_refused_at_the_start(
    written: Callable[[Archive | bytes], Path], content: Archive | bytes, why: str
) -> None:
    path = written(content)
    tracemalloc.start()
    with pytest.raises(OtklikError) as refused:
        TileArchive(path)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert why in refused.value.text.en
    assert str(path) in refused.value.text.ru
    assert most < 16 << 20


def test_vectors_of_the_base_map_are_given_unpacked(written: Callable[[Archive | bytes], Path]) -> None:
    tile = vector_tile(["water"], "lake")
    both = gzip.compress(tile) + gzip.compress(b"no tile")
    root = packed(
        [(0, 1, 0, len(gzip.compress(tile))), (1, 1, len(gzip.compress(tile)), len(gzip.compress(b"no tile")))]
    )
    with TileArchive(written(Archive(root, both, metadata=BASE_MAP, kind=MVT, tile_packing=2))) as archive:
        assert (archive.is_vector, archive.media_type) == (True, "application/vnd.mapbox-vector-tile")
        assert (archive.tile(0, 0, 0), archive.tile(1, 0, 0)) == (tile, None)


@pytest.mark.parametrize(
    "layers", ['{"vector_layers": [{"id": "transportation"}, {"id": "water"}, 7, {"id": []}]}', "{}"]
)
def test_vectors_of_another_scheme_are_refused_with_what_to_do(
    written: Callable[[Archive | bytes], Path], layers: str
) -> None:
    with pytest.raises(OtklikError) as refused:
        TileArchive(written(replace(WHOLE, kind=MVT, metadata=gzip.compress(layers.encode()))))
    assert re.search(r"no layers earth, roads.*pmtiles extract.*convert the archive to raster", refused.value.text.en)


def test_other_kinds_of_tiles_are_refused_with_what_to_do(written: Callable[[Archive | bytes], Path]) -> None:
    with pytest.raises(OtklikError) as refused:
        TileArchive(written(replace(WHOLE, kind=6)))
    assert re.search(r"MLT.*Convert it to raster.*\{z\}/\{x\}/\{y\}", refused.value.text.en)
    with pytest.raises(OtklikError, match="№ 77"):
        TileArchive(written(replace(WHOLE, kind=77)))


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pmtiles")
    for path in (tmp_path, tmp_path / "none.pmtiles", tmp_path / "pipe.pmtiles"):
        with pytest.raises(OtklikError) as refused:
            TileArchive(path)
        assert "cannot be read" in refused.value.text.en


LOOP = gzip.compress(directory([(0, 0, 0, 40)]))
BROKEN = {
    "beyond the tiles": (replace(WHOLE, root=packed([(0, 1, 1, len(TILE))])), "reaches out"),
    "far beyond": (replace(WHOLE, root=packed([(0, 1, 2**62, 1)])), "reaches out"),
    "huge": (replace(WHOLE, root=packed([(0, 1, 0, 2**40)])), "in one piece"),
    "huge directory": (replace(WHOLE, root=packed([(0, 0, 0, 2**40)])), "in one piece"),
    "a bomb of a tile": (Archive(packed([(0, 1, 0, len(BOMB))]), BOMB, tile_packing=2), "bytes unpacked"),
    "a bomb of a directory": (Archive(packed([(0, 0, 0, len(BOMB))]), TILE, BOMB), "bytes unpacked"),
    "in a circle": (
        Archive(packed([(0, 0, 0, len(LOOP))]), TILE, gzip.compress(directory([(0, 0, 0, len(LOOP))]))),
        "lead on and on",
    ),
    "another kind": (replace(WHOLE, kind=WEBP), "no image/webp"),
    "a page": (Archive(packed([(0, 1, 0, 16)]), b"<script></script>"), "no image/png"),
}


@pytest.mark.parametrize(("content", "why"), BROKEN.values(), ids=BROKEN)
def test_a_broken_tile_is_none_and_is_counted(
    written: Callable[[Archive | bytes], Path], caplog: pytest.LogCaptureFixture, content: Archive, why: str
) -> None:
    with TileArchive(written(content)) as archive, caplog.at_level(logging.WARNING):
        tracemalloc.start()
        assert [archive.tile(0, 0, 0) for _ in range(9)] == [None] * 9
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    said = [record.getMessage() for record in caplog.records]
    assert [int(line.split(": ")[1].split()[0]) for line in said] == [1, 2, 4, 8]
    assert all(why in line for line in said)
    assert most < 16 << 20


def test_a_file_that_is_written_over_is_not_read_on(
    written: Callable[[Archive | bytes], Path], caplog: pytest.LogCaptureFixture
) -> None:
    path = written(WHOLE)
    with TileArchive(path) as archive:
        assert archive.tile(0, 0, 0) == TILE
        os.truncate(path, 200)
        with caplog.at_level(logging.WARNING):
            assert archive.tile(0, 0, 0) is None
    assert "restart the console" in caplog.text


@pytest.mark.parametrize(
    "content",
    [
        directory([(0, 1, 0, 1)])[:-1],
        directory([(0, 1, 0, 1)]) + b"\0",
        directory([(7, 1, 0, 1), (7, 1, 0, 1)]),
        directory([(0, 1, 0, 0)]),
        directory([(2**64 - 1, 1, 0, 1)]) + b"\x80",
        b"\x01" + b"\xff" * 40,
        b"\x01" + varint(2**64) + b"\x01\x01\x01",
        b"\x02" + varint(2**64 - 1) + b"\x01" + b"\x01\x01" * 3,
        b"\x01\x00\x01\x01\x00",
        b"\x01\x00\x01" + varint(2**64 - 1) + varint(2**64 - 1),
    ],
)
def test_a_directory_that_makes_no_sense_is_none(content: bytes) -> None:
    with pytest.raises(DamagedError):
        Directory(content)

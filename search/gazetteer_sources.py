"""Builds a gazetteer from files: a map (.osm.pbf), tables of addresses (.csv), polygons of districts (.geojson)."""

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.gazetteer_build import built
from search.gazetteer_osm import read_map
from search.gazetteer_staged import Staged
from search.gazetteer_table import read_polygons, read_table
from search.shapes import read_shapes

MAPS = (".pbf", ".osm", ".osm.gz", ".osm.bz2")
TABLES = (".csv",)
POLYGONS = (".geojson", ".json")


def build(
    files: Sequence[Path], within: Path | None = None, progress: Callable[[int], None] = lambda _: None
) -> tuple[bytes, Counter[str]]:
    """The bytes of the gazetteer, and how many houses, streets and landmarks were left out because nobody could ask for
    them. Of two files that give one house the first has it. `within` is a GeoJSON: what lies outside is left out.
    OtklikError names the file that cannot be read.
    """
    for file in files:
        if not file.name.lower().endswith((*MAPS, *TABLES, *POLYGONS)):
            raise OtklikError(_UNKNOWN.filled(path=file))
    with Staged(_whole(within) if within else None) as staged:
        for file in files:
            staged.sources.append({"file": file.name, "date": _read(file, staged, progress)})
        return built(staged), staged.left_out


_UNKNOWN = Text(
    "{path}: неизвестный вид файла; годятся карта .osm.pbf, таблица .csv и многоугольники .geojson",
    "{path}: an unknown kind of file; a map .osm.pbf, a table .csv and polygons .geojson will do",
)


def _read(file: Path, staged: Staged, progress: Callable[[int], None]) -> str:
    name = file.name.lower()
    if name.endswith(MAPS):
        return read_map(file, staged, progress)
    if name.endswith(TABLES):
        read_table(file, staged)
    else:
        read_polygons(file, staged)
    return ""


def _whole(path: Path) -> Any:
    """All polygons of a file as one, made ready to be asked."""
    from shapely import prepare, union_all

    whole = union_all(list(read_shapes(path).values()))
    prepare(whole)
    return whole

"""Addresses with coordinates from a CSV table, and named polygons from GeoJSON, for a gazetteer."""

import csv
from collections.abc import Iterator
from pathlib import Path

from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.address import read_address
from search.gazetteer_records import id_of
from search.gazetteer_staged import Area, Spot, Staged
from search.shapes import read_shapes

_REQUIRED = ("address", "lat", "lon", "district")
_IDS = ("id", "building_id")
_MOST_ID = 1 << 60


def read_table(path: Path, staged: Staged) -> None:
    """Take the houses of a table with the columns address, lat, lon, district and, if it has one, id. OtklikError names
    the file, the line and what was expected.
    """
    for text, spot in _rows(path):
        address = read_address(text)
        if address and address.house:
            staged.house(address.name, address.type, address.house, spot._replace(town=address.settlement))
        else:
            # A village of numbered houses without streets cannot be asked for.
            staged.left_out["house"] += 1


def read_polygons(path: Path, staged: Staged) -> None:
    """Take the districts of a GeoJSON file. OtklikError names the file and what is wrong with it."""
    staged.areas += [Area(name, "", 0, 0, shape) for name, shape in read_shapes(path).items()]


def _rows(path: Path) -> Iterator[tuple[str, Spot]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.reader(lines)
            head = next(table, [])
            missing = [name for name in _REQUIRED if name not in head]
            if missing:
                expected = Text(
                    ru="нет столбцов {missing}; ожидаются address,lat,lon,district",
                    en="columns {missing} are missing; expected address,lat,lon,district",
                )
                raise _error(path, 1, expected.filled(missing=", ".join(missing)))
            at = [head.index(name) for name in (*_REQUIRED, *[name for name in _IDS if name in head][:1])]
            for row in table:
                if row:
                    yield _row(path, table.line_num, row, at)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise _unreadable(path, error) from error


def _row(path: Path, line: int, row: list[str], at: list[int]) -> tuple[str, Spot]:
    try:
        address, lat, lon, district, *numbers = (row[column].strip() for column in at)
        number = int(numbers[0]) if numbers and numbers[0] else 0
        spot = Spot(float(lat), float(lon), id_of("table", number), "", district)
    except (IndexError, ValueError) as error:
        expected = Text(
            ru="ожидаются адрес, числа lat, lon и целое id, если оно есть: {row}",
            en="expected an address, numbers lat, lon and, if any, a whole id: {row}",
        )
        raise _error(path, line, expected.filled(row=",".join(row)[:80])) from error
    if not (-90 <= spot.lat <= 90 and -180 <= spot.lon <= 180):
        wrong = Text(
            ru="координаты вне пределов (lat от -90 до 90, lon от -180 до 180): {lat}, {lon}",
            en="coordinates out of range (lat -90 to 90, lon -180 to 180): {lat}, {lon}",
        )
        raise _error(path, line, wrong.filled(lat=lat, lon=lon))
    if not 0 <= number < _MOST_ID:
        raise _error(path, line, Text(f"id вне пределов: {number}", f"the id is out of range: {number}"))
    return address, spot


def _error(path: Path, line: int, what: Text) -> OtklikError:
    return OtklikError(
        Text(ru=f"Газеттир {path}, строка {line}: {what.ru}", en=f"Gazetteer {path}, line {line}: {what.en}")
    )


def _unreadable(path: Path, error: Exception) -> OtklikError:
    text = Text(ru="Газеттир {path} не читается: {why}", en="Gazetteer {path} cannot be read: {why}")
    return OtklikError(text.filled(path=path, why=error))

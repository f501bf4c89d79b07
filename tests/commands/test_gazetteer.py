"""`otklik gazetteer`: built from a map, used by a city, looked into."""

from pathlib import Path

import pytest

from tests.search.map_of_town import drawn
from tests.shell import Otklik, posts


@pytest.fixture
def built(otklik: Otklik) -> Path:
    """A gazetteer beside the city file."""
    pbf = drawn().write(otklik.folder / "town.osm.pbf")
    run = otklik("gazetteer", "build", pbf, "--out", otklik.folder / "town.gazetteer")
    assert (run.code, run.err) == (0, "")
    assert "from town.osm.pbf" in run.out
    assert "6  streets" in run.out
    return otklik.folder / "town.gazetteer"


def test_a_city_takes_a_built_gazetteer(otklik: Otklik, built: Path) -> None:
    city = otklik.city(
        sources=f'[gazetteer]\nbuilt = "{built.name}"\n[gazetteer.aliases]\n"парковка" = "микрорайон Парковый"\n'
    )
    assert otklik("check", city).code == 0
    run = otklik("places", "--city", city, input=posts("Яма на Ленина, 5"))
    ((place,),) = (line["places"] for line in run.lines)
    assert (place["lat"], place["district"], place["precision"]) == (50.02, "Заводской район", "house")
    assert "6 streets, 5 houses, 5 districts, 6 landmarks" in otklik("doctor", city).out


def test_it_is_shown_as_a_whole_and_by_name(otklik: Otklik, built: Path) -> None:
    (whole,) = otklik("gazetteer", "show", built, "--json").lines
    assert (whole["streets"], whole["houses"], whole["kinds"]["школа"]) == (6, 5, 1)
    run = otklik("gazetteer", "show", built, "Садовая", "--json")
    assert [(one["kind"], one["district"], one.get("house")) for one in run.lines] == [
        ("street", "Озёрный район", None),
        ("house", "Озёрный район", "5"),
        ("street", "Заводской район", None),
        ("house", "Заводской район", "5"),
    ]
    (house,) = otklik("gazetteer", "show", built, "Ленина", "7/2", "--json").lines
    assert (house["lat"], house["lon"]) == (50.03, 60.0305)
    assert "школа" in otklik("gazetteer", "show", built, "школа", "12").out
    assert "617  houses" in otklik("gazetteer", "show", "tikhoozersk").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["build", "town.osm.pbf"], "--out"),
        (["build", "--out", "x.gazetteer"], "files"),
        (["build", "absent.csv", "--out", "x.gazetteer"], "absent.csv"),
        (["build", "empty.csv", "--out", "x.gazetteer"], "Not one street"),
        (["build", "town.shp", "--out", "x.gazetteer"], "town.shp"),
        (["show"], "file of a gazetteer or a city"),
        (["show", "empty.csv"], "empty.csv"),
        (["show", "tikhoozersk", "Небывалая"], "Небывалая"),
    ],
)
def test_what_is_missing_or_wrong_is_named(otklik: Otklik, arguments: list[str], says: str) -> None:
    (otklik.folder / "empty.csv").write_text("address,lat,lon,district\n", encoding="utf-8")
    run = otklik("gazetteer", *[otklik.folder / one if "." in one else one for one in arguments])
    assert run.code == 1
    assert says in run.err
    assert not (otklik.folder / "x.gazetteer").exists()


def test_a_city_with_a_damaged_gazetteer_or_two_is_told(otklik: Otklik, built: Path) -> None:
    (otklik.folder / "a.csv").write_text("address,lat,lon,district\n", encoding="utf-8")
    city = otklik.city(sources=f'[gazetteer]\nbuilt = "{built.name}"\naddresses = "a.csv"\n')
    run = otklik("check", city)
    assert run.code == 1
    assert "gazetteer.addresses" in run.out + run.err
    built.write_bytes(built.read_bytes()[:-1])
    run = otklik("check", otklik.city(sources=f'[gazetteer]\nbuilt = "{built.name}"\n'))
    assert run.code == 1
    assert "damaged" in run.out + run.err

"""`otklik gazetteer`: builds the file of what a city's places are, and shows what one knows."""

from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from crawler.checking import load_city
from crawler.commands.shell import JsonOption, err, out, plain, print_json, progress
from crawler.model.errors import OtklikError
from crawler.model.items import House
from crawler.model.text import Text
from search.address import read_address
from search.gazetteer import Gazetteer, gazetteer_of, open_gazetteer
from search.gazetteer_file import save, unpacked
from search.gazetteer_names import Named, called
from search.gazetteer_records import District, Landmark, Point, Settlement, Street
from search.street_key import street_key


class Action(StrEnum):
    """What is done with a gazetteer."""

    BUILD = "build"
    SHOW = "show"


ACTION = Text("build — собрать из файлов, show — показать, что в нём есть", "build one from files, or show what it has")
WHAT = Text(
    "build: карта .osm.pbf, таблицы .csv, районы .geojson; show: файл газеттира или город, потом название",
    "build: a map .osm.pbf, tables .csv, districts .geojson; show: the file of a gazetteer or a city, then a name",
)
OUT = Text("файл, который запишет build", "file that build writes")
WITHIN = Text(
    "build: взять только то, что внутри многоугольников этого GeoJSON",
    "build: take only what lies inside the polygons of this GeoJSON",
)
NO_FILES = Text("Назовите файлы, из которых собирать.", "Name the files to build it from.")
NO_OUT = Text("Нужен ключ --out с именем файла.", "The option --out with the name of a file is needed.")
NOTHING = Text("Назовите файл газеттира или город.", "Name the file of a gazetteer or a city.")
EMPTY = Text(
    "Ни одной улицы, района и населённого пункта: проверьте файлы и --within.",
    "Not one street, district or settlement: check the files and --within.",
)
UNKNOWN = Text("{name}: в газеттире такого нет.", "{name}: the gazetteer has no such place.")
NO_CITY_FILES = Text("{city}: газеттира в файле города нет.", "{city}: the city file has no gazetteer.")
READING = Text("чтение", "reading")
BUILT = Text("{path}: {size} МБ.", "{path}: {size} MB.")
LEFT_OUT = Text(
    "Пропущено: домов {house}, улиц {street}, ориентиров {landmark}: в адресе нет улицы или названия нет.",
    "Left out: {house} houses, {street} streets, {landmark} landmarks: no street in the address, or no name.",
)
FROM = Text("из {file}{date}", "from {file}{date}")
COUNTS = {
    "settlements": Text("населённых пунктов", "settlements"),
    "districts": Text("районов и их частей", "districts and their parts"),
    "polygons": Text("из них с границами", "of these with borders"),
    "streets": Text("улиц", "streets"),
    "lines": Text("из них с осью на карте", "of these with a line on the map"),
    "houses": Text("домов", "houses"),
    "landmarks": Text("ориентиров", "landmarks"),
}


def gazetteer(
    action: Annotated[Action, typer.Argument(help=str(ACTION), show_default=False)],
    what: Annotated[list[str] | None, typer.Argument(metavar="FILE...", help=str(WHAT), show_default=False)] = None,
    to: Annotated[Path | None, typer.Option("--out", help=str(OUT), show_default=False)] = None,
    within: Annotated[Path | None, typer.Option(help=str(WITHIN), show_default=False)] = None,
    as_json: JsonOption = False,
) -> None:
    """Build a gazetteer or look into one."""
    if action is Action.BUILD:
        _build([Path(one) for one in what or ()], to, within, as_json=as_json)
    else:
        _show(what or [], as_json=as_json)


def _build(files: list[Path], to: Path | None, within: Path | None, *, as_json: bool) -> None:
    from search.gazetteer_sources import build  # pyosmium: only to build

    if not files:
        raise OtklikError(NO_FILES)
    if to is None:
        raise OtklikError(NO_OUT)
    seen = 0
    with progress(READING, None) as advance:

        def tell(number: int) -> None:
            nonlocal seen
            advance(number - seen)
            seen = number

        content, left_out = build(files, within, tell)
    made = Gazetteer(unpacked(memoryview(content), to))
    if not any(made.counts.values()):
        raise OtklikError(EMPTY)
    save(content, to)
    _summary(made, as_json=as_json)
    if as_json:
        return
    _say(BUILT.format(path=to, size=f"{to.stat().st_size / 1e6:.1f}"))
    if left_out:
        err.print(LEFT_OUT.format(**{name: left_out[name] for name in ("house", "street", "landmark")}), style="yellow")


def _show(what: list[str], *, as_json: bool) -> None:
    if not what:
        raise OtklikError(NOTHING)
    known = _opened(what[0])
    name = " ".join(what[1:])
    if not name:
        _summary(known, as_json=as_json)
        return
    lines = list(_told(known, name))
    if not lines:
        raise OtklikError(UNKNOWN.filled(name=name))
    for line in lines:
        if as_json:
            print_json(line)
        else:
            _say(_line(line))


def _opened(name: str) -> Gazetteer:
    """That of a file, which begins as such; else that of a city."""
    path = Path(name)
    if path.is_file() and path.suffix != ".toml":
        return open_gazetteer(path, "")
    city = load_city(name)
    known = gazetteer_of(city.gazetteer, city.home)
    if not any(known.counts.values()):
        raise OtklikError(NO_CITY_FILES.filled(city=name))
    return known


def _summary(known: Gazetteer, *, as_json: bool) -> None:
    kinds = Counter(one.kind for one in known.every_landmark)
    sources = known.head.get("sources", [])
    if as_json:
        print_json({"sources": sources, **known.counts, "kinds": dict(kinds.most_common())})
        return
    for source in sources:
        _say(FROM.format(file=source["file"], date=f", {source['date']}" if source["date"] else ""))
    for name, count in known.counts.items():
        _say(f"{count:>9,}  {COUNTS[name]}".replace(",", " "))
    for kind, count in kinds.most_common():
        _say(f"{count:>9,}    {kind}".replace(",", " "))


def _told(known: Gazetteer, name: str) -> Iterator[dict[str, object]]:
    """What is called so; for an address its house, for a street all its houses."""
    address = read_address(name)
    if address and address.house:
        houses = [
            _house(street, address.house, point)
            for street in known.streets(street_key(address.name, address.type), address.settlement)
            if (point := street.house(address.house))
        ]
        if houses:
            yield from houses
            return
    for one in called(known, name):
        yield from _of(one)


def _of(one: Named) -> Iterator[dict[str, object]]:
    yield (
        {"kind": _KINDS[type(one)], "type": one.type if isinstance(one, Street) else one.kind, "name": one.name}
        | ({} if isinstance(one, District | Settlement) else {"settlement": one.settlement})
        | _where(one.point)
    )
    if isinstance(one, Street):
        for house, point in one.houses:
            yield _house(one, house, point)


_KINDS = {District: "district", Street: "street", Settlement: "settlement", Landmark: "landmark"}


def _house(street: Street, house: House, point: Point) -> dict[str, object]:
    told = {"kind": "house", "type": street.type, "name": street.name, "house": str(house)}
    return {**told, "settlement": street.settlement, **_where(point)}


def _where(point: Point | None) -> dict[str, object]:
    if point is None:
        return {}
    told = {"district": point.district, "lat": point.lat, "lon": point.lon, "precision": point.precision.value}
    return {**told, "id": point.id}


def _line(told: dict[str, object]) -> str:
    """One line a place; houses under their street."""
    name = f"{told['type']} {told['name']}".strip()
    words = [f"  {told['house']}"] if told["kind"] == "house" else [name]
    words += [str(told[key]) for key in ("settlement", "district") if told.get(key)]
    if "lat" in told:
        words += [f"{told['lat']}, {told['lon']}", str(told["precision"])]
    return " · ".join([*words, str(told.get("id") or "")]).rstrip(" ·")


def _say(line: str) -> None:
    out.print(plain(line), highlight=False, markup=False, soft_wrap=True)

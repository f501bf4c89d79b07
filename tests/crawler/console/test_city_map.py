import gzip
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from html import unescape
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Page

from crawler.accounts.roles import Role
from crawler.console.options import Options
from crawler.console.tile_archive import TileArchive
from crawler.console.tile_directory import number_of
from crawler.installation import Installation
from tests.archives import BASE_MAP, MVT, Archive, packed, picture, vector_tile
from tests.browsers import chromium
from tests.consoles import Visitor, employ, served
from tests.crawler.console.conftest import opened
from tests.shell import SEARCHES, Otklik, posts

TABLE = """address,lat,lon,district
"ул. Ленина, 5",56.1,60.1,Центральный
"ул. Ленина, 7",56.1004,60.1004,Центральный
"ул. Мира, 9",56.11,60.12,Центральный
"""
DISTRICT = {
    "type": "Feature",
    "properties": {"name": "Центральный"},
    "geometry": {"type": "Polygon", "coordinates": [[[60, 56], [60.2, 56], [60.2, 56.2], [60, 56.2], [60, 56]]]},
}
NUMBERS = re.compile(r'class="mrow" data-number="(\d+)"')


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Otklik:
    """A town with two houses of a street, a house of another, and four incidents, one of them without a place."""
    otklik = Otklik(tmp_path_factory.mktemp("town"))
    city = otklik.city()
    (otklik.folder / "addresses.csv").write_text(TABLE, encoding="utf-8")
    districts = {"type": "FeatureCollection", "features": [DISTRICT]}
    (otklik.folder / "districts.geojson").write_text(json.dumps(districts), encoding="utf-8")
    files = '\n[gazetteer]\naddresses = "addresses.csv"\ndistricts = "districts.geojson"\n'
    city.write_text(city.read_text("utf-8") + files, encoding="utf-8")
    said = ["Запах газа на улице Ленина, 5", "Нет воды на улице Мира, 9", "Нет воды", "Нет воды на улице Мира"]
    assert otklik("ingest", city, input=posts(*said)).code == 0
    return otklik


@pytest.fixture(scope="module")
def mapped(town: Otklik) -> Iterator[Installation]:
    with opened(town) as installation:
        employ(installation, reader=Role.READER)
        yield installation


@pytest.fixture(scope="module")
def reader(mapped: Installation) -> Iterator[Visitor]:
    with served(mapped) as port:
        visitor = Visitor(port)
        visitor.sign_in("reader")
        yield visitor


def test_incidents_with_an_exact_place_are_pins_and_all_are_in_the_list(reader: Visitor) -> None:
    page = reader.get("/ozersk/map")
    assert sorted(NUMBERS.findall(page.text)) == ["1", "2", "3", "4"]
    assert "2 without an exact place: in the list" in page.text
    assert page.text.count("no exact place") == 2
    assert " style=" not in page.text
    at = re.findall(r'data-pins="([^"]+)"', page.text)[0].replace("&amp;", "&")
    pins = json.loads(reader.get(at).text)["pins"]
    assert {(number, lat, lon) for number, lat, lon, *_ in pins} == {(1, 56.1, 60.1), (2, 56.11, 60.12)}
    assert {kind for _, _, _, kind, *_ in pins} <= {"ok", "late", "soon"}


def test_tiles_are_asked_of_the_host_that_the_operator_named(mapped: Installation) -> None:
    with served(mapped, Options(tiles="https://tiles.example.org/{z}/{x}/{y}.png")) as port:
        visitor = Visitor(port)
        visitor.sign_in("reader")
        page = visitor.get("/ozersk/map")
    assert "img-src 'self' data: https://tiles.example.org" in page.headers["content-security-policy"]
    assert 'data-tiles="https://tiles.example.org/{z}/{x}/{y}.png"' in page.text


@pytest.fixture(scope="module")
def archived(mapped: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """A reader of a console with an archive: one picture is every tile of zooms 9 to 12."""
    tile = picture()
    first, beyond = number_of(9, 0, 0), number_of(13, 0, 0)
    metadata = gzip.compress(b'{"attribution": "<b>The town</b> &lt;script&gt;"}')
    root = packed([(first, beyond - first, 0, len(tile))])
    path = tmp_path_factory.mktemp("tiles") / "town.pmtiles"
    path.write_bytes(Archive(root, tile, metadata=metadata, zooms=(9, 12), box=(60, 56, 60.2, 56.2)).written())
    with TileArchive(path) as archive, served(mapped, Options(archive=archive)) as port:
        visitor = Visitor(port)
        visitor.sign_in("reader")
        yield visitor


def test_tiles_of_an_archive_are_the_consoles_own(archived: Visitor) -> None:
    page = archived.get("/ozersk/map")
    assert "img-src 'self' data:;" in page.headers["content-security-policy"]
    assert 'data-tiles-from="9" data-tiles-to="12" data-tiles-box="56.0,60.0,56.2,60.2"' in page.text
    assert "the address plan of the city. The town &lt;script&gt;</div>" in page.text
    at = re.findall(r'data-tiles="([^"]+)"', page.text)[0]
    assert re.fullmatch(r"/ozersk/map/tiles/\{z\}/\{x\}/\{y\}\?v=[0-9a-f]{16}", at)
    here = at.format(z=10, x=682, y=321)
    answer = archived.get(here)
    assert (answer.status, answer.body, answer.headers["content-type"]) == (200, picture(), "image/png")
    assert answer.headers["cache-control"] == "private, max-age=604800"
    again = archived.get(here, If_None_Match=answer.headers["etag"])
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", answer.headers["etag"])


def test_a_place_that_an_archive_has_no_tile_of_is_not_found(archived: Visitor) -> None:
    for place in ("8/0/0", "13/0/0", "10/1024/0", "10/-1/0", "x/0/0", "10/0/٣", f"10/0/{'9' * 5000}", "..%2f/0/0"):
        answer = archived.get(f"/ozersk/map/tiles/{quote(place, safe='/%')}")
        assert (answer.status, answer.headers.get("etag")) == (404, None), place


def test_tiles_are_for_who_may_read_the_city(archived: Visitor, reader: Visitor) -> None:
    assert Visitor(archived.port).get("/ozersk/map/tiles/10/682/321").status == 303
    assert archived.get("/elsewhere/map/tiles/10/682/321").status == 404
    assert reader.get("/ozersk/map/tiles/10/682/321").status == 404


@contextmanager
def browsing(visitor: Visitor, said: list[str]) -> Iterator[Page]:
    """A page of somebody who is signed in; what its scripts say is added to `said`."""
    with chromium() as browser:
        at = f"http://127.0.0.1:{visitor.port}"
        context = browser.new_context(locale="en-US", base_url=at)
        context.add_cookies([{"name": name, "value": value, "url": at} for name, value in visitor.cookies.items()])
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        yield page


@pytest.mark.chromium
@pytest.mark.xdist_group("chromium")
def test_a_browser_shows_the_tiles_of_an_archive(archived: Visitor) -> None:
    said: list[str] = []
    asked: list[str] = []
    with browsing(archived, said) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto("/ozersk/map?at=1")
        page.wait_for_selector("img.leaflet-tile-loaded")
        assert page.eval_on_selector("img.leaflet-tile-loaded", "tile => tile.naturalWidth") == 256
        assert page.locator("path.m-road").count() == 0
    zooms = {int(url.split("/map/tiles/")[1].split("/")[0]) for url in asked if "/map/tiles/" in url}
    # At zoom 16 those of the last zoom that the archive has are drawn larger.
    assert 12 in zooms
    assert zooms <= {9, 10, 11, 12}
    assert {urlsplit(url).netloc for url in asked} == {f"127.0.0.1:{archived.port}"}
    assert said == []


@pytest.fixture(scope="module")
def vectors(mapped: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """A reader of a console with an archive of vectors: every tile of zooms 9 to 12 but one of zoom 9 is a lake."""
    tile = vector_tile(["earth", "water"], "lake")
    first, beyond = number_of(9, 0, 0), number_of(13, 0, 0)
    root = packed([(first + 1, beyond - first - 1, 0, len(tile))])
    path = tmp_path_factory.mktemp("vectors") / "town.pmtiles"
    path.write_bytes(
        Archive(root, tile, metadata=BASE_MAP, kind=MVT, zooms=(9, 12), box=(60, 56, 60.2, 56.2)).written()
    )
    with TileArchive(path) as archive, served(mapped, Options(archive=archive)) as port:
        visitor = Visitor(port)
        visitor.sign_in("reader")
        yield visitor


def test_vector_tiles_are_the_consoles_own_and_where_there_is_none_there_is_nothing(vectors: Visitor) -> None:
    page = vectors.get("/ozersk/map")
    assert re.search(r'<script src="[^"]+protomaps-leaflet[^"]*\.js', page.text)
    answer = vectors.get("/ozersk/map/tiles/10/682/321")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/vnd.mapbox-vector-tile")
    assert (vectors.get("/ozersk/map/tiles/9/0/0").status, vectors.get("/ozersk/map/tiles/8/0/0").status) == (204, 204)


MIDDLE = "tile => Array.from(tile.getContext('2d').getImageData(tile.width / 2, tile.height / 2, 1, 1).data)"


@pytest.mark.chromium
@pytest.mark.xdist_group("chromium")
def test_a_browser_draws_vector_tiles_in_the_colours_of_the_theme(vectors: Visitor) -> None:
    said: list[str] = []
    asked: list[str] = []
    with browsing(vectors, said) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.goto("/ozersk/map?at=1")
        page.wait_for_selector("canvas.leaflet-tile-loaded")
        light = page.eval_on_selector("canvas.leaflet-tile-loaded", MIDDLE)
        page.evaluate("document.querySelectorAll('canvas.leaflet-tile').forEach(tile => tile.classList.add('before'))")
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        page.wait_for_selector("canvas.leaflet-tile-loaded:not(.before)")
        dark = page.eval_on_selector("canvas.leaflet-tile-loaded:not(.before)", MIDDLE)
        assert page.locator("canvas.before").count() == 0
    # Water: blue in the light, and darker in the dark.
    assert light[2] > light[0]
    assert sum(dark[:3]) < sum(light[:3])
    assert light[3] == dark[3] == 255
    zooms = {int(url.split("/map/tiles/")[1].split("/")[0]) for url in asked if "/map/tiles/" in url}
    assert 12 in zooms
    assert zooms <= {9, 10, 11, 12}
    assert {urlsplit(url).netloc for url in asked} == {f"127.0.0.1:{vectors.port}"}
    assert said == []


@pytest.mark.chromium
@pytest.mark.xdist_group("chromium")
def test_the_map_is_walked_by_keyboard(reader: Visitor) -> None:
    said: list[str] = []
    with browsing(reader, said) as page:
        page.goto("/ozersk/map")
        page.wait_for_selector(".mapicon")
        assert page.locator(".mapicon").count() == 2
        assert page.locator("path.m-district").count() == 1
        first = page.locator(".mrow").first.get_attribute("data-number")
        page.keyboard.press("j")
        assert page.locator('.mrow[aria-current="true"]').get_attribute("data-number") == first
        page.wait_for_selector(".mappop")
        link = page.locator(".mappop a[href*=incidents]")
        assert link.get_attribute("href") == f"/ozersk/incidents/{first}"
        assert re.fullmatch(r"\d+ k?m", page.locator(".leaflet-control-scale").inner_text())
        page.goto("/language/ru?next=/ozersk/map")
        page.wait_for_selector(".mapicon")
        assert re.fullmatch(r"\d+ к?м", page.locator(".leaflet-control-scale").inner_text())
        page.goto("/language/en?next=/ozersk/map")
        page.goto("/ozersk/map?at=2")
        page.wait_for_selector(".mappop")
        assert "улица Мира, 9" in page.locator(".mappop").inner_text()
    assert said == []


def test_filters_have_addresses(reader: Visitor) -> None:
    water = quote("Вода")
    assert sorted(NUMBERS.findall(reader.get(f"/ozersk/map?topic={water}").text)) == ["2", "3", "4"]
    assert NUMBERS.findall(reader.get("/ozersk/map?severity=danger").text) == ["1"]
    assert NUMBERS.findall(reader.get("/ozersk/map?state=over").text) == []
    assert len(NUMBERS.findall(reader.get("/ozersk/map?since=1").text)) == 4
    assert len(NUMBERS.findall(reader.get("/ozersk/map?since=99&state=%22%3E&severity=x").text)) == 4
    pins = json.loads(reader.get(f"/ozersk/map/pins.json?topic={water}").text)["pins"]
    assert [one[0] for one in pins] == [2]


BAR = re.compile(r'<a href="([^"]+)" tabindex="-1" data-from="([^"]+)" data-to="([^"]+)"><title>([^<]+): (\d+)</title>')


def test_a_bar_of_the_strip_of_time_is_a_link_that_narrows_list_and_pins(reader: Visitor) -> None:
    page = reader.get("/ozersk/map?since=7").text
    bars = [(unescape(href), int(count)) for href, _, _, _, count in BAR.findall(page)]
    assert sum(count for _, count in bars) == 4
    full, empty = next(href for href, count in bars if count), next(href for href, count in bars if not count)
    # The same bars as a list, for who cannot point at one.
    assert full.replace("&", "&amp;") in page.partition('<details class="tlist">')[2]
    chosen = reader.get(f"/ozersk/map{full}").text
    assert len(NUMBERS.findall(chosen)) == max(count for _, count in bars)
    assert "Drop the time" in chosen
    assert sum(int(count) for *_, count in BAR.findall(chosen)) == 4
    none = reader.get(f"/ozersk/map{empty}").text
    assert NUMBERS.findall(none) == []
    at = unescape(re.findall(r'data-pins="([^"]+)"', none)[0])
    assert json.loads(reader.get(at).text)["pins"] == []
    assert len(NUMBERS.findall(reader.get("/ozersk/map?from=2020-01-01T00:00&to=x").text)) == 4
    assert NUMBERS.findall(reader.get("/ozersk/map?to=2021-01-01T00:00").text) == []


@pytest.mark.chromium
@pytest.mark.xdist_group("chromium")
def test_a_stretch_of_the_strip_is_dragged_and_played(reader: Visitor) -> None:
    said: list[str] = []
    with browsing(reader, said) as page:
        page.goto("/ozersk/map?since=1")
        page.wait_for_selector(".mapicon")
        box = page.locator(".tbar").bounding_box()
        assert box
        for move, x in (("move", 0.5), ("down", 0), ("move", 0.7), ("move", 0.9)):
            if move == "down":
                page.mouse.down()
            else:
                page.mouse.move(box["x"] + x * box["width"], box["y"] + 10)
        page.mouse.up()
        page.wait_for_url("**from=*")
        assert page.locator(".tbar rect.on:not(.thit)").count() > 5
        page.goto("/ozersk/map?since=1")
        page.wait_for_selector(".mapicon")
        page.locator("[data-play]").click()
        # Its first hour is a day ago, before anything was opened.
        page.wait_for_selector(".mapicon", state="detached")
        page.locator("[data-play]").click()
        page.wait_for_selector(".mapicon")
        page.locator(".tlist summary").focus()
        page.keyboard.press("Enter")
        page.locator(".tlist a").first.focus()
        page.keyboard.press("Escape")
        assert page.locator(".tlist[open]").count() == 0
    assert said == []


def test_the_map_is_the_gazetteers_and_is_asked_for_once(reader: Visitor) -> None:
    answer = reader.get("/ozersk/map/base.json")
    content = json.loads(answer.text)
    assert content["bbox"] == [60.1, 56.1, 60.12, 56.11]
    kinds = {(one["properties"]["kind"], one["properties"]["name"]): one["geometry"] for one in content["features"]}
    assert set(kinds) == {("district", "Центральный"), ("street", "улица Ленина"), ("street", "улица Мира")}
    assert kinds["district", "Центральный"]["type"] == "Polygon"
    # Lines of streets are not in a table: what is known of one is a point.
    assert kinds["street", "улица Ленина"]["type"] == "Point"
    tag = answer.headers["etag"]
    again = reader.get("/ozersk/map/base.json", If_None_Match=tag)
    assert (again.status, again.text, again.headers["etag"]) == (304, "", tag)


def test_an_incident_shows_the_houses_around_it(reader: Visitor) -> None:
    page = reader.get("/ozersk/incidents/1").text
    assert re.findall(r'<text class="mini-n"[^>]*>(\d+)</text>', page) == ["5", "7"]
    assert "/ozersk/map?state=open&amp;at=1" in page
    assert "It is not on the map: no point is known." in reader.get("/ozersk/incidents/4").text
    assert "minimap" not in reader.get("/ozersk/incidents/3").text


def test_houses_are_those_of_a_box(reader: Visitor) -> None:
    found = json.loads(reader.get("/ozersk/map/houses.json?box=56.09,60.09,56.105,60.11").text)["features"]
    points = {one["properties"]["name"]: one["geometry"]["coordinates"] for one in found}
    assert points == {"5": [60.1, 56.1], "7": [60.1004, 56.1004]}
    for wrong in ("", "1,2,3", "a,b,c,d", "50,60,40,70", "nan,nan,nan,nan", "1e999,0,1,1"):
        assert reader.get(f"/ozersk/map/houses.json?box={wrong}").status == 400


def test_a_map_without_an_address_plan_says_so_and_what_is_put_off_is_not_among_the_open_ones(
    reader: Visitor, tmp_path: Path, prepared: Path
) -> None:
    assert "The city has no address plan" not in reader.get("/ozersk/map").text
    shutil.copytree(prepared, tmp_path / "town")
    with opened(Otklik(tmp_path / "town")) as installation, served(installation) as port:
        operator = Visitor(port)
        operator.sign_in("operator")
        assert "The city has no address plan" in operator.get("/ozersk/map").text
        page = "/ozersk/incidents/1"
        seen = operator.get(page).hidden("seen")
        assert operator.act(page, f"{page}/put_off", until="1h", seen=seen, back=page).status == 303
        assert NUMBERS.findall(operator.get("/ozersk/map").text) == ["2"]
        assert NUMBERS.findall(operator.get("/ozersk/map?state=aside").text) == ["1"]


@pytest.fixture(scope="module")
def troubled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    """A reader of a town where an accident shows in three houses, a closed incident came back, and a risk spreads."""
    otklik = Otklik(tmp_path_factory.mktemp("troubled"))
    risk = """
[[search]]
key = "cold"
name = "О холоде пишут всё больше"
topic = "Холод"
query = "холодно"
rule = "frequency"
at_least = 3
within = "1d"
risk = true
"""
    city = otklik.city(searches=SEARCHES.replace("[topics]", '[topics]\n"Тепло" = ["Холод"]') + risk)
    more = "".join(f'"ул. Мира, {house}",{56.11 + house / 10_000},60.12,Центральный\n' for house in (1, 3, 5))
    (otklik.folder / "addresses.csv").write_text(TABLE + more, encoding="utf-8")
    city.write_text(city.read_text("utf-8") + '\n[gazetteer]\naddresses = "addresses.csv"\n', encoding="utf-8")
    pipe = [f"Нет воды на улице Мира, {house}" for house in (1, 3, 5)]
    cold = [
        f"Холодно, {what} на улице Ленина, {house}" for what, house in (("топят плохо", 5), ("мёрзнем", 7), ("дует", 5))
    ]
    assert otklik("ingest", city, input=posts("Запах газа на улице Ленина, 5")).code == 0
    for step in ("confirm", "in_work", "answered", "close"):
        assert otklik("incidents", city, step, 1).code == 0, step
    assert otklik("ingest", city, input=posts("Опять запах газа на улице Ленина, 5", *pipe, *cold, first=2)).code == 0
    with opened(otklik) as installation:
        employ(installation, reader=Role.READER)
        with served(installation) as port:
            visitor = Visitor(port)
            visitor.sign_in("reader")
            yield visitor


ZONES = re.compile(r'<a href="\?zone=([a-z]+-\d+)"[^>]*>.*?</svg>([^<]+)</a>')


def test_zones_are_shapes_on_the_map_and_links_with_words_beside_it(troubled: Visitor) -> None:
    page = troubled.get("/ozersk/map").text
    links = dict(ZONES.findall(page))
    words = sorted(links.values())
    assert words == [
        "accident: Вода (3)",
        "repeats: улица Ленина, 5 (2)",
        "risk: О холоде пишут всё больше (1)",
    ]
    told = json.loads(troubled.get("/ozersk/map/pins.json").text)["zones"]
    assert {key: name for key, name, *_ in told} == links
    for key, _, shapes, here, _ in told:
        assert not here, key
        assert all(len(shape) >= 8 for shape in shapes)
    keys = {key.partition("-")[0]: key for key in links}
    # Each leads to its list: of what came back also what was closed.
    repeats = troubled.get(f"/ozersk/map?zone={keys['repeat']}").text
    assert len(NUMBERS.findall(repeats)) == 2
    assert "1" in NUMBERS.findall(repeats)
    assert "Drop the zone: repeats" in repeats
    accident = troubled.get(f"/ozersk/map?zone={keys['accident']}").text
    assert len(NUMBERS.findall(accident)) == 3
    at = unescape(re.findall(r'data-pins="([^"]+)"', accident)[0])
    inside = json.loads(troubled.get(at).text)
    assert len(inside["pins"]) == 3
    assert [key for key, _, _, here, _ in inside["zones"] if here] == [keys["accident"]]
    gone = troubled.get("/ozersk/map?zone=accident-999").text
    assert "This zone is not there any more" in gone
    # Those of the stretch that is shown, and the one that was chosen.
    assert json.loads(troubled.get("/ozersk/map/pins.json?to=2021-01-01T00:00").text)["zones"] == []
    past = troubled.get(f"/ozersk/map?to=2021-01-01T00:00&zone={keys['accident']}").text
    assert list(dict(ZONES.findall(past))) == [keys["accident"]]
    assert len(json.loads(troubled.get("/ozersk/map/pins.json?from=2021-01-01T00:00").text)["zones"]) == 3


@pytest.mark.chromium
@pytest.mark.xdist_group("chromium")
def test_zones_are_of_the_time_that_is_played(troubled: Visitor) -> None:
    said: list[str] = []
    with browsing(troubled, said) as page:
        page.goto("/ozersk/map?since=1")
        page.wait_for_selector("path.zone")
        page.locator("[data-play]").click()
        # Its first hour is a day ago, before anything was opened.
        page.wait_for_selector("path.zone", state="detached")
        assert page.locator(".maplabel-zone").count() == 0
        assert "Zones whose incidents were opened then" in page.locator("[data-during]").inner_text()
        page.locator("[data-play]").click()
        page.wait_for_selector("path.zone")
        assert page.locator("[data-during]").is_hidden()
    assert said == []


@pytest.mark.chromium
@pytest.mark.xdist_group("chromium")
def test_a_zone_is_drawn_and_leads_to_its_list(troubled: Visitor) -> None:
    said: list[str] = []
    with browsing(troubled, said) as page:
        page.goto("/ozersk/map")
        page.wait_for_selector("path.zone")
        assert "accident: Вода (3)" in page.locator(".maplabel-zone").all_inner_texts()
        page.locator(".zlist summary").focus()
        page.keyboard.press("Enter")
        page.locator(".zlist a", has_text="accident").click()
        page.wait_for_selector("path.zone.on")
        assert page.locator("path.zone").count() == 1
        assert page.locator(".mrow").count() == 3
    assert said == []

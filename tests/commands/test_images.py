"""Photos of reports as an operator meets them: kept by the pass, shown, saved, and told by the doctor."""

import io
import json
import random
import time

from PIL import Image

from tests.crawling import Page, pages
from tests.pictures import SECRET, phone_photo, picture
from tests.shell import Otklik, posts, source


def test_photos_of_a_complaint_are_kept_shown_and_saved(otklik: Otklik) -> None:
    served = {"/1.jpg": Page(phone_photo()), "/2.png": Page(picture("PNG")), "/3": Page("<h1>no</h1>")}
    with pages({**served}) as site:
        allowed = source("desk", "given", "desk", allow_private=f'["{site.url[7:]}"]')
        city = otklik.city(sources=allowed)
        media = [site.url + path for path in (*served, "/gone.jpg")] + ["http://10.1.2.3/x.jpg"]
        line = {"id": 1, "text": "Яма на дороге у Ленина, 5", "source": "desk", "media": media}
        ingested = otklik("ingest", city, "--json", input=json.dumps(line))
        assert ingested.code == 0, ingested.err
        assert ingested.lines[0]["to_fetch"] == 0
        asked = len(site.paths)
        assert asked == 4

        folder = otklik.folder / "photos"
        shown = otklik("incidents", city, "show", 1, "--photos", folder)
        assert shown.code == 0, shown.err
        assert "photos: 2 kept, 1 no images, 1 gone, 1 address refused" in shown.out
        assert shown.err == f"Photos: 2 in {folder}\n"
        for path in folder.iterdir():
            with Image.open(io.BytesIO(path.read_bytes())) as saved:
                assert saved.format == "JPEG"
        (images,) = otklik("incidents", city, "show", 1, "--json").lines[0]["images"].values()
        assert [one["state"] for one in images] == ["kept", "kept", "wrong type", "gone", "refused"]

        told = otklik("doctor", city, "--json")
        assert "10.1.2.3" in {one["where"] for one in told.lines}
        otklik("ingest", city, input=json.dumps(line))
        assert len(site.paths) == asked
    for path in (otklik.home / "media").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert SECRET not in content
            assert b"JFIF" not in content


def test_an_erased_post_takes_its_photos_along_and_its_incident_can_still_be_shown(otklik: Otklik) -> None:
    with pages({"/1.jpg": Page(picture()), "/2.jpg": Page(picture(colour="blue"))}) as site:
        city = otklik.city(sources=source("desk", "given", "desk", allow_private=f'["{site.url[7:]}"]'))
        for number in (1, 2):
            media = [f"{site.url}/{number}.jpg"]
            lines = posts("Яма на дороге у Ленина, 5", source="desk", media=media, first=number)
            assert otklik("ingest", city, input=lines).code == 0
    assert otklik("erase", city, "given:desk/1", "--yes", "--why", "asked").code == 0
    assert otklik.rows("SELECT post FROM images") == [("given:desk/2",)]
    assert len([path for path in (otklik.home / "media").rglob("*") if path.is_file()]) == 1
    shown = [otklik("incidents", city, "show", number) for (number,) in otklik.rows("SELECT number FROM incidents")]
    assert {one.code for one in shown} == {0}
    said = "".join(one.out for one in shown)
    assert said.count("photos: 1 kept") == 1
    assert "erased a report" in said


def test_kills_while_images_are_kept_lose_none_and_keep_none_twice(otklik: Otklik) -> None:
    chance = random.Random(7)
    photos = {f"/{number}.png": Page(picture("PNG", colour=f"#{number:06x}")) for number in range(0, 240_000, 20_000)}
    with pages({**photos}) as site:
        city = otklik.city(sources=source("desk", "given", "desk", allow_private=f'["{site.url[7:]}"]'))
        lines = "".join(
            posts("Яма на дороге у Ленина, 5", source="desk", media=[site.url + path], first=number)
            for number, path in enumerate(photos)
        )
        assert otklik("ingest", city, "--drain", 0, input=lines).code == 0
        for _ in range(4):
            run = otklik.start("ingest", city, "-")
            asked = len(site.paths)
            while len(site.paths) == asked and run.process.is_alive():
                time.sleep(0.01)
            time.sleep(chance.uniform(0, 0.5))
            run.kill()
            run.end()
            # A lease runs out, and so does the rest of a host.
            otklik.change("UPDATE images SET next_at = 0 WHERE state IN ('waiting', 'fetching')")
        last = otklik("ingest", city, "-", "--drain", 60, "--json")
        assert (last.code, last.lines[0]["to_fetch"]) == (0, 0)
    assert otklik.rows("SELECT state, count(*), count(DISTINCT digest) FROM images GROUP BY state") == [
        ("kept", len(photos), len(photos))
    ]
    files = {path.name for path in (otklik.home / "media").rglob("*") if path.is_file() and path.name[0] != "."}
    assert files == {digest for (digest,) in otklik.rows("SELECT digest FROM images")}


def test_an_image_host_that_is_dead_holds_up_no_ticket(otklik: Otklik) -> None:
    city = otklik.city(sources=source("desk", "given", "desk"))
    line = {"id": 1, "text": "Запах газа на Ленина, 5", "source": "desk", "media": ["http://dead.invalid/1.jpg"]}
    ingested = otklik("ingest", city, input=json.dumps(line))
    assert ingested.code == 0
    assert "1 images to fetch" in ingested.err
    assert otklik.rows("SELECT state FROM deliveries") == [("sent",)]
    assert otklik.rows("SELECT state, attempts FROM images") == [("waiting", 1)]

"""From a report to the kept copy of its photos, and what becomes of those that cannot be kept."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler

import pytest

from crawler.model.errors import OtklikError
from crawler.model.items import Media
from search.images import keeper as module
from search.images import rows
from search.images.album import Album, sweep
from search.images.fate import Fate
from search.images.rows import MOST_TRIES, images_of
from tests.crawling import Page
from tests.pictures import SECRET, bomb, phone_photo, picture
from tests.readers import next_reader_killed
from tests.search.images.conftest import Desk
from tests.search.town import NOON, house, said

JPEG = {"Content-Type": "image/jpeg"}


def photo(colour: str = "red") -> Page:
    return Page(picture(colour=colour), headers=JPEG)


def moved(to: str) -> Page:
    return Page(status=302, headers={"Location": to})


def test_the_photos_of_a_report_are_kept_and_can_be_looked_at(desk: Desk) -> None:
    desk.served |= {"/1.jpg": Page(phone_photo(), headers=JPEG), "/2": Page(picture("PNG"), headers={})}
    desk.complain("tg:1/1", "/1.jpg", "/2")
    assert desk.fates("tg:1/1") == [Fate.WAITING, Fate.WAITING]
    kept = desk.keep()
    assert (kept.kept, kept.waiting, kept.errors) == (2, 0, ())
    with desk.town.database.read() as connection:
        first, second = images_of(connection, desk.town.city.key, "tg:1/1")
    assert (first.state, first.width, first.height, second.width) == (Fate.KEPT, 32, 64, 64)
    content = desk.album.open_image(desk.town.city.key, first.digest)
    assert content.startswith(b"\xff\xd8\xff")
    assert len(content) == first.size
    assert SECRET not in content
    for file in desk.files():
        assert b"\xff\xd8\xff" not in file.read_bytes()[:64]  # sealed
        assert file.stat().st_mode & 0o077 == 0
        assert file.parent.stat().st_mode & 0o077 == 0


def test_a_post_that_is_no_report_keeps_nothing(desk: Desk) -> None:
    made, reading = desk.said("tg:1/1", "/1.jpg", text="спасибо, всё хорошо")
    desk.town.hear((made, reading))
    assert desk.rows() == []


def test_only_photos_with_an_address_are_wanted(desk: Desk) -> None:
    made, reading = said("tg:1/1", "яма", house("Садовая", 5))
    media = (Media("video", desk.site.url + "/v"), Media("photo", "", "hidden"), Media("photo", desk.site.url + "/p"))
    desk.town.hear((replace(made, media=media), reading))
    assert [row.url for row in desk.rows()] == [desk.site.url + "/p"]


def test_one_image_of_several_posts_is_there_once(desk: Desk) -> None:
    desk.served |= {"/a": photo(), "/b": photo(), "/c": photo("blue")}
    desk.complain("tg:1/1", "/a", "/c")
    desk.complain("tg:1/2", "/b")
    assert desk.keep().kept == 3
    assert len(desk.files()) == 2
    erase(desk, "tg:1/1")
    assert len(desk.files()) == 1
    erase(desk, "tg:1/2")
    assert desk.files() == []


def erase(desk: Desk, *posts: str) -> int:
    city = desk.town.city.key
    with desk.town.database.begin() as connection:
        count = rows.erase(connection, city, posts)
    sweep(desk.town.database, desk.album, city)
    return count


def test_a_later_version_brings_its_new_photos(desk: Desk) -> None:
    desk.served |= {"/a": photo(), "/b": photo("blue")}
    desk.complain("tg:1/1", "/a")
    desk.keep()
    desk.complain("tg:1/1", "/b", version=2, text="яма на дороге всё больше")
    desk.keep()
    assert desk.fates("tg:1/1") == [Fate.KEPT, Fate.KEPT]
    assert desk.site.paths == ["/a", "/b"]


def test_a_post_that_becomes_a_report_by_an_edit_brings_them_too(desk: Desk) -> None:
    made, reading = desk.said("tg:1/1", "/a", text="спасибо")
    desk.town.hear((made, reading))
    desk.complain("tg:1/1", "/a", version=2)
    assert desk.fates("tg:1/1") == [Fate.WAITING]


def test_what_is_over_the_number_is_counted_and_not_fetched(desk: Desk) -> None:
    small = desk.with_rules(most_per_post=2)
    small.served |= {f"/{n}": photo() for n in range(5)}
    small.complain("tg:1/1", "/0", "/1", "/2")
    small.complain("tg:1/1", "/3", "/4", version=2, text="яма растёт")
    small.keep()
    assert small.fates("tg:1/1") == [Fate.KEPT, Fate.KEPT, *[Fate.OVER_NUMBER] * 3]
    assert small.site.paths == ["/0", "/1"]


def test_a_city_may_keep_none(desk: Desk) -> None:
    none = desk.with_rules(keep=False)
    none.complain("tg:1/1", "/1")
    assert none.rows() == []


def test_when_all_room_is_taken_new_ones_wait_for_more(desk: Desk) -> None:
    full = desk.with_rules(most_total=100)
    full.served |= {"/1": photo(), "/2": photo("blue")}
    full.complain("tg:1/1", "/1", "/2")
    kept = full.keep()
    assert (kept.kept, kept.waiting) == (1, 1)
    assert "total_gb" in kept.errors[0]
    assert full.fates("tg:1/1") == [Fate.KEPT, Fate.WAITING]
    assert desk.keep().kept == 1


@pytest.mark.parametrize(
    ("answer", "fate"),
    [
        (Page(status=404), Fate.GONE),
        (Page(status=403), Fate.GONE),
        (Page("<h1>Sign in</h1>"), Fate.WRONG_TYPE),
        (
            Page(b"<svg xmlns='http://www.w3.org/2000/svg'/>", headers={"Content-Type": "image/svg+xml"}),
            Fate.WRONG_TYPE,
        ),
        (Page(picture()[:300], headers=JPEG), Fate.DAMAGED),
        (Page(bomb(), headers={"Content-Type": "image/png"}), Fate.TOO_LARGE),
        (Page(bytes(200_000), headers=JPEG), Fate.TOO_LARGE),
        (moved("http://169.254.169.254/latest/meta-data"), Fate.REFUSED),
        (moved("file:///etc/passwd"), Fate.REFUSED),
        (moved("http://[bad"), Fate.REFUSED),
        (moved("/loop"), Fate.REFUSED),
    ],
)
def test_what_cannot_be_kept_is_counted_under_one_word(desk: Desk, answer: Page, fate: Fate) -> None:
    small = desk.with_rules(most_bytes=150_000)
    small.served |= {"/1": answer, "/loop": moved("/loop")}
    small.complain("tg:1/1", "/1")
    assert small.keep().waiting == 0
    assert small.fates("tg:1/1") == [fate]
    assert small.files() == []
    asked = len(small.site.paths)
    assert asked <= 4
    small.clock.pass_by(days=1)
    small.keep()
    assert len(small.site.paths) == asked


def test_redirects_are_followed_three_times(desk: Desk) -> None:
    desk.served |= {"/1": moved("/2"), "/2": moved("/3?x"), "/3?x": moved(desk.site.url + "/4"), "/4": photo()}
    desk.complain("tg:1/1", "/1")
    assert desk.keep().kept == 1


def test_a_private_address_needs_the_permission_of_the_posts_source(desk: Desk) -> None:
    made, reading = desk.said("vk:1", "/1")
    desk.town.hear((replace(made, source="unknown"), reading))
    desk.served["/1"] = photo()
    desk.keep()
    assert desk.fates("vk:1") == [Fate.REFUSED]
    assert desk.site.paths == []


def test_a_host_that_fails_is_left_alone_longer_and_longer_and_its_images_come_later(desk: Desk) -> None:
    desk.served |= {f"/{n}": Page(status=503) for n in range(3)}
    desk.complain("tg:1/1", "/0", "/1", "/2")
    keeper = desk.keeper()
    kept = keeper.keep(60)
    assert (kept.kept, kept.waiting, len(kept.errors)) == (0, 3, 1)
    assert desk.site.paths == ["/0"]
    desk.clock.pass_by(seconds=31)
    keeper.keep(60)
    assert desk.site.paths == ["/0", "/1"]
    desk.clock.pass_by(seconds=31)
    keeper.keep(60)
    assert len(desk.site.paths) == 2
    desk.served |= {f"/{n}": photo() for n in range(3)}
    desk.clock.pass_by(seconds=31)
    assert keeper.keep(60).kept == 3


def test_retry_after_is_heeded(desk: Desk) -> None:
    desk.served["/1"] = Page(status=429, headers={"Retry-After": "3600"})
    desk.complain("tg:1/1", "/1")
    desk.keep()
    desk.clock.pass_by(seconds=3500)
    desk.keep()
    assert desk.site.paths == ["/1"]
    desk.served["/1"] = photo()
    desk.clock.pass_by(seconds=101)
    assert desk.keep().kept == 1


def test_a_dead_host_holds_up_no_other(desk: Desk) -> None:
    desk.served["/1"] = photo()
    desk.complain("tg:1/1", *[f"http://127.0.0.2:9/{n}" for n in range(5)], "/1")
    with desk.town.database.begin() as connection:
        connection.exec_driver_sql("UPDATE images SET url = replace(url, '127.0.0.2:9', 'dead.invalid')")
        connection.exec_driver_sql("UPDATE images SET host = 'dead.invalid' WHERE url LIKE '%dead.invalid%'")
    kept = desk.keep()
    assert (kept.kept, kept.waiting, len(kept.errors)) == (1, 5, 1)


def test_what_never_comes_is_given_up_after_many_tries_and_said(desk: Desk) -> None:
    desk.served["/1"] = Page(status=500)
    desk.complain("tg:1/1", "/1")
    tries = 0
    while desk.fates("tg:1/1") == [Fate.WAITING]:
        desk.keep()
        desk.clock.pass_by(hours=7)
        tries += 1
    assert (tries, desk.fates("tg:1/1")) == (MOST_TRIES, [Fate.FAILED])
    (row,) = desk.rows()
    assert "500" in row.last_error


def test_a_post_seen_again_gives_its_unfetched_images_their_new_addresses(desk: Desk) -> None:
    city = desk.town.city.key
    desk.served |= {"/new": photo(), "/kept": photo()}
    desk.complain("tg:1/1", "/old", "/kept", "/big")
    desk.keep()
    with desk.town.database.begin() as connection:
        connection.exec_driver_sql("UPDATE images SET state = 'too large' WHERE key = '/big'")
    made, _ = desk.said("tg:1/1")
    fresh = tuple(Media("photo", f"{desk.site.url}/new?{key}", key=key) for key in ("/old", "/kept", "/big"))
    desk.served["/new?/old"] = photo()
    with desk.town.database.begin() as connection:
        rows.refresh(connection, city, [replace(made, media=fresh)], NOON)
    assert desk.fates("tg:1/1") == [Fate.WAITING, Fate.KEPT, Fate.TOO_LARGE]
    desk.keep()
    assert desk.fates("tg:1/1") == [Fate.KEPT, Fate.KEPT, Fate.TOO_LARGE]
    assert "/new?/kept" not in desk.site.paths


def test_several_keepers_fetch_every_image_once(desk: Desk) -> None:
    desk.served |= {f"/{n}": photo() for n in range(12)}
    for n in range(12):
        desk.complain(f"tg:1/{n}", f"/{n}")
    threads = [threading.Thread(target=desk.keep) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(desk.site.paths) == sorted(f"/{n}" for n in range(12))
    assert {row.state for row in desk.rows()} == {"kept"}


def test_a_post_that_is_erased_while_its_image_is_fetched_leaves_none(desk: Desk) -> None:
    def slow(handler: BaseHTTPRequestHandler) -> None:
        with desk.town.database.begin() as connection:
            rows.erase(connection, desk.town.city.key, ["tg:1/1"])
        body = picture()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    desk.served["/1"] = slow
    desk.complain("tg:1/1", "/1")
    desk.keep()
    assert desk.rows() == []
    assert desk.files() == []


def test_a_sweep_takes_what_nobody_names_and_what_was_left_half_written(desk: Desk) -> None:
    city = desk.town.city.key
    desk.served["/1"] = photo()
    desk.complain("tg:1/1", "/1")
    desk.keep()
    (kept,) = desk.files()
    desk.album.put(city, "f" * 32, b"left by a process that died")
    for name, age in ((".new-old", 7200), (".new-now", 0)):
        kept.with_name(name).write_bytes(b"half")
        os.utime(kept.with_name(name), (time.time() - age,) * 2)
    assert sweep(desk.town.database, desk.album, city) == 1
    assert {path.name for path in desk.files()} == {kept.name, ".new-now"}


def test_a_file_that_a_sweep_took_before_its_row_was_there_is_written_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Album.put
    swept: list[int] = []

    def put_and_sweep(album: Album, city: str, digest: str, content: bytes) -> None:
        put(album, city, digest, content)
        if not swept:
            swept.append(sweep(desk.town.database, album, city))

    monkeypatch.setattr(Album, "put", put_and_sweep)
    desk.served["/1"] = photo()
    desk.complain("tg:1/1", "/1")
    assert desk.keep().kept == 1
    assert swept == [1]
    assert len(desk.files()) == 1


def test_a_file_that_is_not_there_or_is_anothers_is_told(desk: Desk) -> None:
    city = desk.town.city.key
    desk.served |= {"/1": photo(), "/2": photo("blue")}
    desk.complain("tg:1/1", "/1", "/2")
    desk.keep()
    one, two = desk.files()
    two.write_bytes(one.read_bytes())
    with pytest.raises(OtklikError, match="подменён"):
        desk.album.open_image(city, two.name)
    one.write_bytes(b"\x01" + bytes(60))
    with pytest.raises(OtklikError):
        desk.album.open_image(city, one.name)
    one.unlink()
    with pytest.raises(OtklikError, match="копии"):
        desk.album.open_image(city, one.name)


def test_a_disk_without_room_is_left_to_the_state(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("search.images.room.LEAST_FREE", 10**18)
    desk.complain("tg:1/1", "/1")
    kept = desk.keep()
    assert (kept.waiting, desk.site.paths) == (1, [])
    assert "МБ" in kept.errors[0]


KILLED = """
import sys
from pathlib import Path
from search.images import rows
from search.images.album import Album, sweep
from search.state.database import Database
database = Database.open(Path(sys.argv[1]) / "state.db")
with database.begin() as connection:
    rows.erase(connection, "gorod", ["tg:1/1"])
print("committed", flush=True)
sys.stdin.read()
"""


def test_a_kill_between_commit_and_sweep_leaves_no_image_for_good(desk: Desk) -> None:
    desk.served["/1"] = photo()
    desk.complain("tg:1/1", "/1")
    desk.keep()
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(desk.home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == "committed\n"
        process.send_signal(signal.SIGKILL)
    assert len(desk.files()) == 1
    assert sweep(desk.town.database, desk.album, desk.town.city.key) == 1
    assert desk.files() == []


def test_an_image_whose_decoder_is_killed_waits_for_the_next_one(desk: Desk) -> None:
    desk.served["/1"] = photo()
    desk.complain("tg:1/1", "/1")
    with next_reader_killed():
        kept = desk.keep()
    assert (kept.kept, kept.waiting, len(kept.errors)) == (0, 1, 1)
    desk.clock.pass_by(minutes=1)
    assert desk.keep().kept == 1
    assert desk.fates("tg:1/1") == [Fate.KEPT]


def test_a_host_rests_between_two_images(desk: Desk) -> None:
    desk.served |= {"/1": photo(), "/2": photo("blue")}
    desk.complain("tg:1/1", "/1", "/2")
    begun = time.monotonic()
    keeper = module.Keeper(desk.town.city, desk.town.database, desk.album, desk.clock, gap=0.3)
    assert keeper.keep(60).kept == 2
    assert time.monotonic() - begun >= 0.3

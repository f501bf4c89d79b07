"""Pictures that the local servers make: the same for a name, and harmful ones that are really harmful."""

import http.client
import io
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from PIL import Image

from demo.servers.pictures import HOSTILE, PRIVATE, PictureServer


@pytest.fixture
def server() -> Iterator[PictureServer]:
    with PictureServer() as running:
        yield running


def fetch(url: str, most: int | None = None) -> tuple[str, bytes]:
    with urllib.request.urlopen(url) as answer:
        return answer.headers["Content-Type"], answer.read(most)


@pytest.mark.parametrize(("kind", "type_"), [("jpg", "jpeg"), ("png", "png"), ("webp", "webp"), ("gif", "gif")])
def test_a_photo_is_the_same_for_a_name_and_another_for_another(kind: str, type_: str, server: PictureServer) -> None:
    told, body = fetch(server.photo("yard", 604, 453, kind))
    assert told == f"image/{type_}"
    with Image.open(io.BytesIO(body)) as image:
        assert (image.size, image.format) == ((604, 453), type_.upper())
    assert fetch(server.photo("yard", 604, 453, kind))[1] == body
    assert fetch(server.photo("road", 604, 453, kind))[1] != body


@pytest.mark.parametrize("path", ["/photo/yard_0x10.jpg", "/photo/yard.jpg", "/hostile/nothing.jpg", "/"])
def test_what_is_no_picture_is_not_found(path: str, server: PictureServer) -> None:
    with pytest.raises(urllib.error.HTTPError) as failed:
        fetch(server.url + path)
    assert failed.value.code == 404
    failed.value.close()


def test_a_bomb_is_small_and_unpacks_to_much(server: PictureServer) -> None:
    told, body = fetch(server.hostile("bomb.png"))
    assert told == "image/png"
    assert len(body) < 1_000_000
    with pytest.raises(Image.DecompressionBombError), Image.open(io.BytesIO(body)):
        pass


def test_an_endless_picture_does_not_end(server: PictureServer) -> None:
    assert len(fetch(server.hostile("endless.jpg"), 20_000_000)[1]) == 20_000_000


def test_a_cut_picture_breaks_off(server: PictureServer) -> None:
    with pytest.raises(http.client.IncompleteRead):
        fetch(server.hostile("cut.jpg"))


def test_redirects_lead_to_a_private_address_or_in_a_circle(server: PictureServer) -> None:
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"))
    for name, where in (("private.jpg", PRIVATE), ("loop.jpg", server.hostile("loop.jpg"))):
        connection.request("GET", f"/hostile/{name}")
        answer = connection.getresponse()
        answer.read()
        assert (answer.status, answer.headers["Location"]) == (302, where)
    connection.close()


def test_a_photo_can_tell_where_it_was_taken(server: PictureServer) -> None:
    with Image.open(io.BytesIO(fetch(server.hostile("located.jpg"))[1])) as image:
        assert image.getexif().get_ifd(0x8825)[1] == "N"


def test_what_says_jpeg_and_is_none(server: PictureServer) -> None:
    for name in ("lying.jpg", "program.jpg", "svg.jpg", "empty.jpg"):
        told, body = fetch(server.hostile(name))
        assert told == "image/jpeg"
        with pytest.raises(OSError, match="cannot identify"):
            Image.open(io.BytesIO(body))
    with pytest.raises(ValueError, match=next(iter(HOSTILE))):
        server.hostile("nothing.jpg")

"""What is kept of an image, and what is none: told by content, decoded within bounds, pixels alone."""

import io
import random
import struct

import pytest
from PIL import Image

from crawler.fetching.reading import Reader
from search.images.fate import Fate
from search.images.picture import MOST_MEMORY, MOST_SIDE, picture_of
from tests.pictures import SECRET, bomb, phone_photo, picture

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
BMP = picture("BMP")
TIFF = picture("TIFF")
PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_an_honest_image_becomes_a_jpeg(kind: str) -> None:
    made = picture_of(picture(kind))
    assert (made.fate, made.width, made.height) == (Fate.KEPT, 64, 48)
    with Image.open(io.BytesIO(made.content)) as kept:
        assert (kept.format, kept.mode, kept.size) == ("JPEG", "RGB", (64, 48))
        red, green, blue = kept.getpixel((30, 20))  # type: ignore[misc]
        assert red > 240
        assert max(green, blue) < 15


def test_nothing_but_pixels_is_kept_and_the_photo_stands_upright() -> None:
    photo = phone_photo()
    assert SECRET in photo
    made = picture_of(photo)
    assert (made.width, made.height) == (32, 64)
    assert SECRET not in made.content
    with Image.open(io.BytesIO(made.content)) as kept:
        assert not kept.getexif()
        assert set(kept.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_metadata_of_other_types_goes_too(kind: str) -> None:
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()
    more = {"comment": SECRET} if kind == "GIF" else {"exif": exif, "icc_profile": SECRET}
    fetched = picture(kind, **more)
    assert SECRET in fetched
    made = picture_of(fetched)
    assert made.fate is Fate.KEPT
    assert SECRET not in made.content


def test_a_large_photo_is_made_smaller() -> None:
    made = picture_of(picture(size=(6000, 3000)))
    assert (made.width, made.height) == (MOST_SIDE, MOST_SIDE // 2)


def test_what_is_transparent_lies_on_white() -> None:
    written = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(written, "PNG")
    with Image.open(io.BytesIO(picture_of(written.getvalue()).content)) as kept:
        assert kept.getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    "fetched",
    [b"", b"GIF", SVG, b"<html><img src=x></html>", BMP, TIFF, PDF, b"PK\x03\x04" + picture(), b"%!PS-Adobe-3.0 EPSF"],
)
def test_what_is_no_image_of_the_four_types_is_refused(fetched: bytes) -> None:
    assert picture_of(fetched).fate is Fate.WRONG_TYPE


@pytest.mark.parametrize("hidden", [b"PK\x03\x04 an archive", b"<script>alert(1)</script>", SVG, PDF])
def test_what_hides_behind_an_image_is_left_behind(hidden: bytes) -> None:
    for kind in ("JPEG", "PNG", "GIF"):
        made = picture_of(picture(kind) + hidden)
        assert made.fate is Fate.KEPT
        assert hidden not in made.content


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
def test_an_image_cut_anywhere_or_spoilt_raises_nothing(kind: str) -> None:
    chance = random.Random(kind)
    whole = picture(kind, size=(200, 200), colour="navy")
    for _ in range(60):
        cut = picture_of(whole[: chance.randrange(len(whole))]).fate
        spoilt = bytearray(whole)
        for _ in range(8):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        assert {cut, picture_of(bytes(spoilt)).fate} <= {Fate.KEPT, Fate.WRONG_TYPE, Fate.DAMAGED, Fate.TOO_LARGE}
    assert picture_of(whole[: len(whole) // 2]).fate in {Fate.DAMAGED, Fate.WRONG_TYPE, Fate.KEPT}


def test_a_bomb_is_not_decoded() -> None:
    small = bomb()
    assert len(small) < 200_000
    assert picture_of(small).fate is Fate.TOO_LARGE
    assert picture_of(bomb(9_000)).fate is Fate.TOO_LARGE


def test_what_asks_for_more_memory_than_the_process_has_is_too_large() -> None:
    # A WebP says its size in the header: the decoder takes the memory before anybody sees a pixel.
    webp = bytearray(picture("WEBP", lossless=True))
    at = webp.index(b"VP8L") + 9
    bits = struct.unpack_from("<I", webp, at)[0] & ~0xFFFFFFF
    struct.pack_into("<I", webp, at, bits | 16_383 << 14 | 16_383 - 1)
    reader = Reader(memory=MOST_MEMORY)
    try:
        assert reader.call(picture_of, bytes(webp)).fate in {Fate.TOO_LARGE, Fate.DAMAGED, Fate.WRONG_TYPE}
        assert reader.call(picture_of, picture()).fate is Fate.KEPT
    finally:
        reader.close()

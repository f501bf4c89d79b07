"""Images made for tests: honest ones of every type, and hostile ones."""

import io
import struct
import zlib

from PIL import Image
from PIL.TiffImagePlugin import IFDRational

SECRET = b"Pixel 7 of Ivan"


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), colour: str = "red", **save: object) -> bytes:
    """An image of one colour."""
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, kind, **save)
    return made.getvalue()


def phone_photo() -> bytes:
    """A JPEG with what a phone writes into it: place, device, comment, and that it lies on its side."""
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()  # maker
    exif[0x0112] = 6  # turned by a quarter
    place = exif.get_ifd(0x8825)
    place.update({1: "N", 2: (IFDRational(46), IFDRational(57), IFDRational(30)), 3: "E"})
    return picture(size=(64, 32), exif=exif, comment=SECRET)


def bomb(side: int = 30_000) -> bytes:
    """A PNG of a few hundred kilobytes that would be `side` × `side` pixels."""
    row = zlib.compress(bytes(side // 8 + 1) * side, 9)
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", row) + _chunk(b"IEND", b"")


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

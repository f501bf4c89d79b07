"""Photos made on the fly, always the same for a name, and pictures that mean harm."""

import hashlib
import io
import re
import struct
import time
import zlib
from collections.abc import Callable, Iterator
from functools import lru_cache

from PIL import Image, ImageDraw

from demo.servers.local import Answer, LocalServer

_PHOTO = re.compile(r"/photo/(?P<name>[^/]+)_(?P<width>\d{1,4})x(?P<height>\d{1,4})\.(?P<kind>jpg|png|webp|gif)")
_FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF"}
_TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif"}

PRIVATE = "http://169.254.169.254/latest/meta-data/"
"""Where a hostile picture sends who asks for it."""


class PictureServer(LocalServer):
    """Serves `/photo/NAME_WIDTHxHEIGHT.jpg` (png, webp, gif) and `/hostile/NAME`, for the names of HOSTILE."""

    def photo(self, name: str, width: int = 1280, height: int = 960, kind: str = "jpg") -> str:
        """The address of a photo."""
        return f"{self.url}/photo/{name}_{width}x{height}.{kind}"

    def hostile(self, name: str) -> str:
        """The address of a picture that means harm."""
        if name not in HOSTILE:
            raise ValueError(f"no hostile picture “{name}”: there are {', '.join(HOSTILE)}")
        return f"{self.url}/hostile/{name}"

    def answer(self, path: str, query: str, headers: dict[str, str]) -> Answer:  # noqa: ARG002
        """A picture, or 404."""
        return picture(path, self.url)


def picture(path: str, url: str) -> Answer:
    """The picture at a path of the server at `url`, or 404."""
    asked = _PHOTO.fullmatch(path)
    if asked and int(asked["width"]) and int(asked["height"]):
        body = photo(asked["name"], int(asked["width"]), int(asked["height"]), asked["kind"])
        return Answer(body, type=_TYPES[asked["kind"]])
    hostile = HOSTILE.get(path.removeprefix("/hostile/")) if path.startswith("/hostile/") else None
    return hostile(url) if hostile else Answer(b"<h1>404</h1>", 404)


@lru_cache(maxsize=256)
def photo(name: str, width: int, height: int, kind: str = "jpg") -> bytes:
    """A picture of sky, ground and a house in colours that its name chooses."""
    seed = hashlib.blake2b(name.encode(), digest_size=12).digest()
    image = Image.new("RGB", (width, height), (120 + seed[0] % 100, 150 + seed[1] % 80, 200 + seed[2] % 50))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, height * 2 // 3, width, height), fill=(60 + seed[3] % 80, 90 + seed[4] % 60, 60 + seed[5] % 40))
    left, wall = width * (10 + seed[6] % 40) // 100, (150 + seed[7] % 100, 110 + seed[8] % 90, 90 + seed[9] % 60)
    draw.rectangle((left, height // 3, left + width // 3, height * 3 // 4), fill=wall)
    draw.polygon(
        [(left, height // 3), (left + width // 6, height // 6), (left + width // 3, height // 3)], fill=seed[10]
    )
    written = io.BytesIO()
    image.save(written, _FORMATS[kind])
    return written.getvalue()


@lru_cache(maxsize=4)
def bomb(side: int = 30_000) -> bytes:
    """A PNG of some hundred kilobytes that unpacks to `side` × `side` white points."""
    packer, row = zlib.compressobj(9), b"\0" + b"\xff" * ((side + 7) // 8)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", packed) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _jpeg(body: bytes) -> Answer:
    return Answer(body, type="image/jpeg")


def _endless(_: str) -> Answer:
    def parts() -> Iterator[bytes]:
        yield photo("endless", 640, 480)
        while True:
            yield b"\0" * 65536

    return Answer(type="image/jpeg", parts=parts())


def _slow(_: str) -> Answer:
    def parts() -> Iterator[bytes]:
        for byte in photo("slow", 640, 480):
            yield bytes((byte,))
            time.sleep(0.5)

    return Answer(type="image/jpeg", parts=parts())


def _located(_: str) -> Answer:
    """A photo that says where and with what it was taken: personal data inside the file."""
    written, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "Camera of a resident"
    exif.get_ifd(0x8825).update({1: "N", 2: (46.0, 57.0, 0.0), 3: "E", 4: (142.0, 44.0, 0.0)})
    Image.open(io.BytesIO(photo("located", 640, 480))).save(written, "JPEG", exif=exif)
    return _jpeg(written.getvalue())


def _redirect(where: str) -> Answer:
    return Answer(status=302, headers={"Location": where})


_SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><script>alert(1)</script></svg>"""

HOSTILE: dict[str, Callable[[str], Answer]] = {
    "page.jpg": lambda _: Answer(b"<html><script>alert(1)</script></html>", type="text/html"),
    "lying.jpg": lambda _: _jpeg(b"<html><script>alert(1)</script></html>"),
    "program.jpg": lambda _: _jpeg(b"MZ" + b"\0" * 4096),
    "script.svg": lambda _: Answer(_SVG, type="image/svg+xml"),
    "svg.jpg": lambda _: _jpeg(_SVG),
    "tail.jpg": lambda _: _jpeg(photo("tail", 640, 480) + b"<script>alert(1)</script>"),
    "half.jpg": lambda _: _jpeg(photo("half", 640, 480)[:2000]),
    "cut.jpg": lambda _: Answer(photo("cut", 640, 480), type="image/jpeg", cut=True),
    "empty.jpg": lambda _: _jpeg(b""),
    "bomb.png": lambda _: Answer(bomb(), type="image/png"),
    "endless.jpg": _endless,
    "slow.jpg": _slow,
    "located.jpg": _located,
    "private.jpg": lambda _: _redirect(PRIVATE),
    "loop.jpg": lambda url: _redirect(f"{url}/hostile/loop.jpg"),
    "gone.jpg": lambda _: Answer(b"<h1>404</h1>", 404),
}
"""What a picture can do to who asks for it, by name."""

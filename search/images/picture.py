"""What is kept of an image: a fresh JPEG of its pixels alone, made in a process apart (crawler/fetching/reading.py).

The type is told by the content, never by a name or a header. Decoding and encoding again leaves behind everything that
is no pixel: EXIF with the place and the device, thumbnails, comments, colour profiles, and whatever hides behind the
image's end. Orientation is turned into the pixels first.
"""

import io
import warnings
from dataclasses import dataclass

from PIL import Image as Pillow
from PIL import ImageOps, UnidentifiedImageError

from search.images.fate import Fate

MOST_PIXELS = 60_000_000
"""More than platforms send and phones take; at four bytes a pixel 240 MB while it is decoded."""
MOST_MEMORY = 1_500_000_000
"""Address space of the process that decodes."""
MOST_SIDE = 2560
"""Pixels of the longer side that are kept: what the large platforms show at most."""
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
_QUALITY = 85


@dataclass(frozen=True, slots=True)
class Picture:
    """A JPEG to keep, or why there is none: `fate` is KEPT, WRONG_TYPE, TOO_LARGE or DAMAGED."""

    fate: Fate
    content: bytes = b""
    width: int = 0
    height: int = 0


def picture_of(fetched: bytes) -> Picture:
    """The copy to keep of what a host sent. It raises nothing, whatever it was."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Pillow.DecompressionBombWarning)
            return _copied(fetched)
    except UnidentifiedImageError:
        return Picture(Fate.WRONG_TYPE)
    except (Pillow.DecompressionBombWarning, Pillow.DecompressionBombError, MemoryError):
        return Picture(Fate.TOO_LARGE)
    except Exception:  # noqa: BLE001 - what a damaged or hostile file makes of a decoder has many names
        return Picture(Fate.DAMAGED)


def _copied(fetched: bytes) -> Picture:
    with Pillow.open(io.BytesIO(fetched), formats=_FORMATS) as image:
        if image.width * image.height > MOST_PIXELS:
            return Picture(Fate.TOO_LARGE)
        # A JPEG is decoded at a fraction of its size here where that is enough.
        image.thumbnail((MOST_SIDE, MOST_SIDE))
        upright = ImageOps.exif_transpose(image)
        plain = _opaque(upright)
        written = io.BytesIO()
        # A new image: what the old one carries beside its pixels is not asked for by `save`.
        bare = Pillow.new("RGB", plain.size)
        bare.paste(plain)
        bare.save(written, "JPEG", quality=_QUALITY)
    return Picture(Fate.KEPT, written.getvalue(), *bare.size)


def _opaque(image: Pillow.Image) -> Pillow.Image:
    """In RGB; what is transparent lies on white."""
    if not image.has_transparency_data:
        return image.convert("RGB")
    ground = Pillow.new("RGBA", image.size, "white")
    ground.alpha_composite(image.convert("RGBA"))
    return ground.convert("RGB")

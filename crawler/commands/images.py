"""Images of reports for people: what became of each, and the kept ones as files."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from crawler.desk import Desk
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.images.fate import Fate
from search.images.rows import Image

WORDS = {
    Fate.WAITING: Text("ждут загрузки", "wait to be fetched"),
    Fate.FETCHING: Text("загружаются", "being fetched"),
    Fate.KEPT: Text("сохранено", "kept"),
    Fate.TOO_LARGE: Text("слишком велики", "too large"),
    Fate.WRONG_TYPE: Text("не изображения", "no images"),
    Fate.DAMAGED: Text("повреждены", "damaged"),
    Fate.GONE: Text("исчезли", "gone"),
    Fate.REFUSED: Text("адрес отклонён", "address refused"),
    Fate.FAILED: Text("не загрузились", "failed"),
    Fate.OVER_NUMBER: Text("сверх числа", "over the number"),
}
LINE = Text("фото: {what}", "photos: {what}")
SAVED = Text("Фото: {count} в {folder}", "Photos: {count} in {folder}")
NO_FOLDER = Text("В папку {folder} нельзя писать: {why}", "The folder {folder} cannot be written to: {why}")


def images_line(images: Sequence[Image]) -> str:
    """What became of a post's images, in one line; "" where it has none."""
    counted = Counter(image.state for image in images)
    return LINE.format(what=", ".join(f"{count} {WORDS[fate]}" for fate, count in counted.items())) if counted else ""


def save_images(desk: Desk, images: Mapping[str, Sequence[Image]], folder: Path) -> int:
    """Write the kept images as JPEG files into a folder, numbered in the order of the reports; how many."""
    kept = [image for one in images.values() for image in one if image.state is Fate.KEPT]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, image in enumerate(kept, 1):
            (folder / f"{number}.jpg").write_bytes(desk.album.open_image(desk.city.key, image.digest))
    except OSError as error:
        raise OtklikError(NO_FOLDER.filled(folder=folder, why=error.strerror or error)) from error
    return len(kept)

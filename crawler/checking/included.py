"""The files that a city file includes."""

from pathlib import Path

from crawler.checking.document import Document
from crawler.checking.problems import did_you_mean, listed
from crawler.checking.table import Table
from crawler.model.text import Text


def read_included(document: Document, folders: list[Path]) -> list[Document]:
    """The files that `include` names: beside the city file, else in the folders of city files."""
    city = document.values.get("city")
    table = Table(document, ("city",), city if isinstance(city, dict) else {}, "city")
    included = []
    for index, name in enumerate(table.strings("include")):
        places = [folder / name for folder in (document.path.parent, *folders)]
        path = next((place for place in places if place.is_file()), None)
        if path is None:
            shipped = sorted({place.name for folder in folders for place in folder.glob("*.toml")})
            looked = listed(dict.fromkeys(str(place.parent) for place in places))
            table.problem(
                "include",
                Text(f"нет такого файла в {looked}", f"there is no such file in {looked}"),
                found=f'"{name}"',
                hint=did_you_mean(name, shipped),
                index=index,
            )
        else:
            included.append(Document.read(path))
    return included

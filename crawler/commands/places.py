"""`otklik places`: the places that texts name, JSON lines in, JSON lines out, order kept."""

from dataclasses import replace
from typing import Annotated

import typer

from crawler.checking import load_city
from crawler.commands.shell import FileArgument, err, input_of, plain, print_json
from crawler.desk import finder_of
from crawler.given import BadLine, read_lines
from crawler.model.items import Place
from crawler.model.text import Text
from pipelines.places import Finder
from pipelines.toponyms import PlaceFinder
from search.gazetteer import Gazetteer

# Blanks of typography, each for one: offsets stay those of the text as it was given.
_BLANKS = dict.fromkeys(
    map(ord, "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"), " "
)
WITH_CITY = Text("искать по газеттиру этого города", "use the gazetteer of this city")


def places(
    file: FileArgument = "-",
    city: Annotated[str, typer.Option(help=str(WITH_CITY), show_default=False)] = "",
) -> None:
    """Print the places of each line."""
    finder: Finder = finder_of(load_city(city)) if city else PlaceFinder(Gazetteer.empty(""), "")
    bad = 0
    with input_of(file) as stream:
        for line in read_lines(stream):
            if isinstance(line, BadLine):
                bad += 1
                err.print(plain(line), style="red", highlight=False, markup=False, soft_wrap=True)
                continue
            text = str(line.values["text"])
            found = [replace(one, quote=text[one.start : one.end]) for one in finder.find(text.translate(_BLANKS))]
            print_json({"id": line.id, "places": [place_json(place) for place in found]})
    if bad:
        raise typer.Exit(1)


def place_json(place: Place) -> dict[str, object]:
    """A place as machines read it; a list of two names for an intersection."""
    values: dict[str, object] = {
        name: getattr(place, name)
        for name in (
            "start",
            "end",
            "quote",
            "kind",
            "type",
            "settlement",
            "district",
            "lat",
            "lon",
            "precision",
            "confidence",
            "id",
        )
    }
    values["name"] = place.name[0] if len(place.name) == 1 else list(place.name)
    values["houses"] = [str(house) for house in place.houses]
    values["candidates"] = list(place.candidates)
    return values

"""`otklik reindex CITY`: compare texts anew and build the index from the state; the old one answers meanwhile."""

from crawler.commands.shell import CityArgument, JsonOption, opened, out, print_json, progress
from crawler.model.text import Text
from pipelines.telling import tell_anew
from search.state import copies

REBUILDING = Text("Строю индекс", "Building the index")
DONE = Text("Готово: {count} публикаций в индексе.", "Done: {count} posts indexed.")


def reindex(city: CityArgument, as_json: JsonOption = False) -> None:
    """Rebuild the index of a city."""
    with opened(city) as desk, progress(REBUILDING, None) as done:
        copies.compare(desk.database, desk.city.key)
        tell_anew(desk.database, desk.city.key, desk.sources)
        count = desk.feeder.reindex(done)
    if as_json:
        print_json({"indexed": count})
    else:
        out.print(DONE.format(count=count), highlight=False)

"""`otklik check CITY`: everything that is wrong with a city file, at once."""

import typer

from crawler.checking import check_city, find_city
from crawler.commands.shell import CityArgument, JsonOption, err, out, plain, print_json
from crawler.model.text import Text

GOOD = Text(
    "{path}: в порядке. Источников {sources}, запросов {searches}, маршрутов {routes}, сроков {policies}.",
    "{path}: fine. {sources} sources, {searches} searches, {routes} routes, {policies} deadline policies.",
)


def check(city: CityArgument, as_json: JsonOption = False) -> None:
    """Show every problem of the file; exit code 1 when the city cannot run."""
    path = find_city(city)
    checked = check_city(path)
    for problem in checked.problems:
        if as_json:
            print_json(problem.as_json())
        else:
            (err if problem.is_error else out).print(plain(problem), highlight=False, markup=False, soft_wrap=True)
    if checked.city is None:
        raise typer.Exit(1)
    if not as_json:
        counts = {name: len(getattr(checked.city, name)) for name in ("sources", "searches", "routes", "policies")}
        out.print(GOOD.format(path=path, **counts), highlight=False, markup=False, soft_wrap=True)

"""`otklik ingest CITY [FILE|-]`: posts as JSON lines through the same steps as crawled ones."""

import typer

from crawler.commands.counting import DrainOption, print_drained, print_outcomes
from crawler.commands.shell import (
    CityArgument,
    FileArgument,
    JsonOption,
    err,
    input_of,
    opened_installation,
    plain,
    print_json,
    progress,
)
from crawler.model.text import Text
from crawler.replay import SHOWN
from crawler.replay import ingest as replay

READING = Text("Читаю публикации", "Reading posts")
MORE = Text("… и ещё {count} негодных строк", "… and {count} more bad lines")


def ingest(
    city: CityArgument, file: FileArgument = "-", drain: DrainOption = 30.0, as_json: JsonOption = False
) -> None:
    """Take the lines, then drain once; exit code 1 when a line was not stored."""
    with opened_installation(city) as (installation, loaded), input_of(file) as stream:
        desk = installation.desk(loaded.key)
        with progress(READING, None) as done:
            replayed = replay(desk, stream, done)
        for bad in replayed.shown:
            err.print(plain(bad), style="red", highlight=False, markup=False, soft_wrap=True)
        if replayed.bad > SHOWN:
            err.print(MORE.format(count=replayed.bad - SHOWN), style="red")
        drained = installation.finish(drain)
    if as_json:
        counts = {
            "lines": replayed.lines,
            "bad": replayed.bad,
            "outcomes": replayed.outcomes,
            "reasons": replayed.reasons,
        }
        waiting = {"to_index": drained.index, "to_deliver": drained.deliveries, "to_fetch": drained.images}
        print_json({**counts, **waiting, "dead": drained.dead})
    else:
        print_outcomes(replayed.outcomes, replayed.reasons, replayed.bad)
        print_drained(drained)
    if not replayed.stored:
        raise typer.Exit(1)

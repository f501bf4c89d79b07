"""What every run of `otklik` in the tests finds loaded (tests/shell.py).

Not crawler.commands, crawler.settings: they read the environment and the locale when they are imported.
"""

import alembic.command
import feedparser
import rich.progress
import rich.table
import trafilatura
import typer.rich_utils

import crawler.endless
import crawler.installation
import crawler.replay
import crawler.runner
import spiders.news
import spiders.telegram
import tests.shell
from pipelines.toponyms import PlaceFinder
from search.gazetteer import Gazetteer

LOADED = (
    alembic.command,
    feedparser,
    rich.progress,
    rich.table,
    trafilatura,
    typer.rich_utils,
    crawler.installation,
    crawler.replay,
    crawler.endless,
    crawler.runner,
    spiders.news,
    spiders.telegram,
    tests.shell,
)

# The dictionary of word forms and the tables of the places step are made at their first use.
PlaceFinder(Gazetteer.empty(""), "").find("Нет воды на улице Ленина, дом 5, у школы № 2")

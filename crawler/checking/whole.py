"""The whole of a city file: the tables in the order in which they refer to each other, included files, the record."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from crawler.checking import kinds, parts
from crawler.checking.document import Document
from crawler.checking.media import read_images
from crawler.checking.parts import Names, Read
from crawler.checking.records import note_same_addresses, read_all, read_searches, read_topics
from crawler.checking.retention import note_same_retentions, read_retention
from crawler.checking.rubric import Rubric, read_rubric
from crawler.checking.table import Table
from crawler.checking.tokens import check_access, read_tokens
from crawler.model.city import (
    Calendar,
    City,
    Destination,
    GazetteerFiles,
    ImageRules,
    Policy,
    Retention,
    Route,
    SavedSearch,
    Source,
    Token,
)
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from crawler.platforms import PLATFORMS
from search.areas import Areas
from search.names import Names as QueryNames
from search.names import known_topics
from search.ticketing import TICKET_SYSTEMS

Record = TypeVar("Record")


@dataclass
class Whole:
    """What was read from a city file and the files it includes, each record beside its table."""

    city: Table
    topic_tables: list[Table]
    rubric: Rubric
    rubric_table: Table
    engine: str = "embedded:"
    gazetteer: GazetteerFiles = field(default_factory=GazetteerFiles)
    topic_model: Path | None = None
    areas: Areas | None = None
    topics: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    images: ImageRules = field(default_factory=ImageRules)
    sources: list[Read[Source]] = field(default_factory=list)
    destinations: list[Read[Destination]] = field(default_factory=list)
    calendars: list[Read[Calendar]] = field(default_factory=list)
    policies: list[Read[Policy]] = field(default_factory=list)
    routes: list[Read[Route]] = field(default_factory=list)
    searches: list[Read[SavedSearch]] = field(default_factory=list)
    retentions: list[Read[Retention]] = field(default_factory=list)

    @property
    def query_names(self) -> QueryNames:
        """What queries may name."""
        return QueryNames(known_topics(self.topics, self.topic_model, self.rubric.topics), self.areas)

    def record(self, path: Path) -> City:
        """The city as a frozen record; only worth having when no error was found."""
        city = self.city
        return City(
            key=city.key("key"),
            name=city.text("name"),
            zone=parts.read_zone(city, "zone", ZoneInfo("UTC")),
            home=city.text("home"),
            region=city.text("region"),
            path=path,
            engine=self.engine,
            gazetteer=self.gazetteer,
            topic_model=self.topic_model,
            rubric=self.rubric.topics,
            topics=self.topics,
            sources=tuple(read.record for read in self.sources),
            tokens=self.tokens,
            searches=tuple(read.record for read in self.searches),
            destinations=tuple(read.record for read in self.destinations),
            routes=tuple(read.record for read in self.routes),
            policies=tuple(read.record for read in self.policies),
            calendars=tuple(read.record for read in self.calendars),
            images=self.images,
            retentions=tuple(read.record for read in self.retentions),
        )


def read_whole(document: Document, included: list[Document], folders: list[Path], *, thoroughly: bool = True) -> Whole:
    """Read every table of a city file; problems are noted in the documents they stand in. The queries of the rubric are
    only read `thoroughly`.
    """
    root = Table(document, (), document.values)
    if "city" not in document.values:
        root.problem("city", Text("нужна таблица [city]", "a table [city] is needed"))
    rubric_table = root.table("rubric")
    rubric = read_rubric(rubric_table, folders, thoroughly=thoroughly)
    whole = Whole(city=root.table("city"), topic_tables=[], rubric=rubric, rubric_table=rubric_table)
    of_files = tuple(name for name, platform in PLATFORMS.items() if platform.files)
    names = Names(platforms=tuple(PLATFORMS), of_files=of_files, systems=tuple(TICKET_SYSTEMS))
    _read_head(whole, names)
    _read_gazetteer(whole, root.table("gazetteer"), document.path.parent, names)
    whole.topic_model = _read_model(root.table("reading"), document.path.parent)
    roots = [Table(other, (), other.values) for other in included]
    whole.topic_tables = [table.table("topics") for table in (root, *roots)]
    whole.topics = read_topics(whole.topic_tables)
    names.topics = list(whole.query_names.topics)
    whole.tokens = read_tokens(root.table("tokens"))
    names.tokens = list(whole.tokens)
    whole.images = read_images(root.table("media"))
    _read_records(whole, root, roots, names)
    for table in (root, *roots):
        table.finish()
    _ask_kinds(whole)
    return whole


def _read_records(whole: Whole, root: Table, roots: list[Table], names: Names) -> None:
    """Every record of a kind after those that it may name."""
    whole.sources = read_all(root.tables("source"), names, parts.read_source)
    names.sources = [read.record.key for read in whole.sources]
    note_same_addresses(whole.sources)
    whole.destinations = read_all(root.tables("destination"), names, parts.read_destination)
    names.destinations = [read.record.key for read in whole.destinations]
    whole.calendars = read_all(root.tables("calendar"), names, parts.read_calendar)
    names.calendars = [read.record.key for read in whole.calendars]
    whole.policies = read_all(root.tables("policy"), names, parts.read_policy)
    names.policies = [read.record.key for read in whole.policies]
    whole.routes = read_all(root.tables("route"), names, parts.read_route)
    names.routes = [read.record.key for read in whole.routes]
    whole.searches = read_searches(root, roots, names)
    whole.retentions = read_all(root.tables("retention"), names, read_retention)
    note_same_retentions(whole.retentions)


def _ask_kinds(whole: Whole) -> None:
    """Let platforms, ticket systems and the query parser look at what is theirs."""
    for source in whole.sources:
        kinds.check_source(source.table, source.record)
        check_access(source.table, source.record, whole.tokens)
    for destination in whole.destinations:
        kinds.check_destination(destination.table, destination.record)
    keys = [source.record.key for source in whole.sources]
    # A rubric has hundreds of topics to go through.
    names = whole.query_names
    for search in whole.searches:
        kinds.check_search(search.table, search.record, keys, names)


def _read_head(whole: Whole, names: Names) -> None:
    """`[city]`: its values are read again when the record is made."""
    city = whole.city
    city.key("key")
    city.text("name", required=True)
    names.zone = parts.read_zone(city, "zone", ZoneInfo("UTC"), required=True)
    names.home = city.text("home", required=True)
    city.text("region")
    city.strings("include")
    whole.engine = city.text("engine", "embedded:")
    kinds.check_engine(city, whole.engine)
    city.finish()


_TWICE = Text(
    "есть собранный газеттир (built): соберите его вместе с этим файлом, otklik gazetteer build",
    "there is a built gazetteer (built): build it with this file in it, otklik gazetteer build",
)


def _read_gazetteer(whole: Whole, table: Table, folder: Path, names: Names) -> None:
    """The files, which must be there and load, the names of districts that routes may use, and those of polygons."""
    paths: dict[str, Path | None] = dict.fromkeys(("built", "addresses", "districts", "polygons"))
    for key in paths:
        name = table.text(key)
        if not name:
            continue
        path = (folder / name).resolve()
        if path.is_file():
            paths[key] = path
        else:
            table.problem(key, Text(f"нет файла {path}", f"there is no file {path}"))
    for key in ("addresses", "districts"):
        if paths["built"] and paths[key]:
            table.problem(key, _TWICE)
    aliases_table = table.table("aliases")
    aliases = {alias: aliases_table.text(alias) for alias in aliases_table.values}
    table.finish()
    whole.gazetteer = GazetteerFiles(**paths, aliases=aliases)
    names.districts = kinds.check_gazetteer(table, aliases_table, whole.gazetteer, names.home)
    whole.areas = kinds.check_polygons(table, whole.gazetteer)


def _read_model(table: Table, folder: Path) -> Path | None:
    """`[reading]`: the model of topics, which must be there and whole."""
    name = table.text("topics")
    table.finish()
    if not name:
        return None
    path = (folder / name).resolve()
    from search.topics.store import load  # numpy: only where there is a model

    try:
        load(path)
    except OtklikError as error:
        table.problem("topics", error.text, found="")
        return None
    return path

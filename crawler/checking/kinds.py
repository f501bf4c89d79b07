"""What is said by those who know: platforms, ticket systems and engines of their own settings, the query parser of
queries, the gazetteer of its files.
"""

from collections.abc import Iterable
from urllib.parse import parse_qsl

from crawler.checking.columns import check_folder
from crawler.checking.problems import Gravity, did_you_mean, listed
from crawler.checking.spiders import spider_names
from crawler.checking.table import Table, is_variable
from crawler.checking.urls import check_reach, names_secret
from crawler.model.city import Destination, GazetteerFiles, SavedSearch, Source
from crawler.model.errors import OtklikError, QueryError
from crawler.model.text import Text
from crawler.platforms import PLATFORMS, Platform, is_whole_option
from search.areas import Areas, areas_of
from search.engine import ENGINES
from search.gazetteer import Gazetteer, gazetteer_of
from search.names import Names
from search.saved import query_of
from search.ticketing import entry_of

_AROUND = 30


class _NoSecrets:
    """Stands in for secrets, which a check neither needs nor reads."""

    def get(self, name: str) -> str:
        """The name itself."""
        return name


def check_engine(table: Table, engine: str) -> None:
    """Note an engine that cannot be opened by its address; nothing is asked of a server."""
    scheme, _, rest = engine.partition(":")
    query = parse_qsl(rest.partition("?")[2], keep_blank_values=True)
    hidden = "@" in rest or any(names_secret(name) and not name.endswith("_env") for name, _ in query)
    found = str(Text("скрыто: в адресе секрет", "hidden: a secret in the address")) if hidden else None
    allowed = Text(
        'можно "embedded:" или "elasticsearch:http(s)://host:port" без имени и пароля',
        'allowed: "embedded:" or "elasticsearch:http(s)://host:port" without user name and password',
    )
    if scheme not in ENGINES or (scheme == "embedded" and rest):
        table.problem("engine", allowed, found=found, hint=did_you_mean(scheme, ENGINES))
        return
    for name, value in query:
        if name.endswith("_env") and not is_variable(value):
            wrong = Text(f"{name}: нужно имя переменной окружения", f"{name}: the name of an environment variable")
            table.problem("engine", wrong, found=str(Text("скрыто", "hidden")))
            return
    if scheme == "elasticsearch":
        from search.engines.elastic_url import connect

        try:
            connect(rest, _NoSecrets())[0].close()
        except OtklikError as error:
            table.problem("engine", allowed if hidden else error.text, found=found)
        except (OSError, ValueError) as error:
            table.problem("engine", Text(f"адрес не годится: {error}", f"not a usable address: {error}"), found=found)


def check_source(table: Table, source: Source) -> None:
    """Note what the platform finds wrong with its source."""
    if not source.platform:
        return
    platform = PLATFORMS[source.platform]
    if platform.spider and platform.spider not in spider_names():
        there = listed(sorted(spider_names()))
        table.problem(
            "platform",
            Text(
                f"платформу читает паук {platform.spider}, а в spiders/ такого нет, есть: {there}",
                f"the platform names the spider {platform.spider}, spiders/ has none, there are: {there}",
            ),
            hint=Text(
                "Сверьте name паука и строку в PLATFORMS; scrapy list покажет пауков",
                "Compare the spider's name with its line in PLATFORMS; scrapy list shows the spiders",
            ),
            # The other sources can be read.
            severity=Gravity.WARNING,
        )
    if source.address:
        for wrong in platform.check(source):
            table.problem("address", wrong, found="")
        if platform.spider and not platform.files:
            check_reach(table, "address", source.address, source.allow_private)
    if platform.files:
        check_folder(table, source)
    _check_options(table.table("options"), platform, source)


def _check_options(options: Table, platform: Platform, source: Source) -> None:
    if platform.check_options is None:
        _check_names(options, platform.whole_options)
    else:
        for name, wrong in platform.check_options(source.options).items():
            options.problem(name, wrong)
    for name in sorted(platform.whole_options & source.options.keys()):
        if not is_whole_option(source.options[name]):
            options.problem(
                name, Text('ожидается целое число больше нуля: "50"', 'a whole number above zero is expected: "50"')
            )


def _check_names(options: Table, known: Iterable[str]) -> None:
    """An option that nobody reads is a slip, which would be found out much later."""
    names = sorted(known)
    for name in sorted(options.values.keys() - set(names)):
        said = Text(
            f"такой настройки нет, можно: {listed(names)}", f"there is no such option, allowed: {listed(names)}"
        )
        if not options.has_problem(name):
            options.problem(name, said, found="", hint=did_you_mean(name, names))


_GAZETTEER_KEYS = ("built", "addresses", "districts")


def check_gazetteer(table: Table, aliases: Table, files: GazetteerFiles, home: str) -> tuple[str, ...]:
    """Note what keeps the gazetteer from loading and aliases of nothing; the names of its districts."""
    alone = {key: GazetteerFiles(**{key: getattr(files, key)}) for key in _GAZETTEER_KEYS if getattr(files, key)}
    known = [one for key, file in alone.items() if (one := _gazetteer(table, key, file, home))]
    names = list(dict.fromkeys(name for one in known for name in one.district_names))
    for alias, name in files.aliases.items() if known else ():
        if name and name not in names:
            there = listed(names) or "—"
            said = Text(f"в справочнике нет такого района, есть: {there}", f"the gazetteer has only: {there}")
            aliases.problem(alias, said, hint=did_you_mean(name, names))
    return tuple(names)


def _gazetteer(table: Table, key: str, file: GazetteerFiles, home: str) -> Gazetteer | None:
    try:
        return gazetteer_of(file, home)
    except OtklikError as error:
        table.problem(key, error.text, found="")
        return None


def check_polygons(table: Table, files: GazetteerFiles) -> Areas | None:
    """Note what keeps the polygons from loading; those that queries may name, None where that cannot be told."""
    if any(table.has_problem(key) for key in ("built", "districts", "polygons")):
        return None
    areas = areas_of(files)
    try:
        # Districts were looked at before.
        _ = areas.names if files.polygons else ()
    except OtklikError as error:
        table.problem("polygons", error.text, found="")
        return None
    return areas


def check_search(table: Table, search: SavedSearch, sources: Iterable[str], known: Names) -> None:
    """Note a query that cannot be read or matched, with the place inside it."""
    if not search.query:
        return
    try:
        query_of(search.query, sources=list(sources), platforms=list(PLATFORMS), names=known)
    except QueryError as error:
        query, start, end = search.query, error.start, error.end
        before, after = query[max(0, start - _AROUND) : start], query[end : end + _AROUND]
        excerpt = f"{'…' if start > _AROUND else ''}{before}⟦{_shortened(query[start:end])}⟧{after}"
        excerpt += "…" if end + _AROUND < len(query) else ""
        here = f"{start + 1}–{end}" if end > start + 1 else f"{start + 1}"
        table.problem(
            "query",
            Text(f"знаки {here} запроса: {error.text.ru}", f"characters {here} of the query: {error.text.en}"),
            found=excerpt,
            hint=_repair(error),
        )


def _repair(error: QueryError) -> Text:
    if not error.hint:
        return Text("", "")
    if error.hint.isspace():
        return Text("Возможно, это лишнее", "Perhaps this is too much")
    return Text(f"Возможно: {error.hint}", f"Perhaps: {error.hint}")


def _shortened(text: str) -> str:
    return text if len(text) <= 4 * _AROUND else f"{text[: 2 * _AROUND]}…{text[-2 * _AROUND :]}"


def check_destination(table: Table, destination: Destination) -> None:
    """Note what the ticket system finds wrong with a destination."""
    if destination.url:
        check_reach(table, "url", destination.url, destination.allow_private)
    if destination.system:
        entry = entry_of(destination.system)
        _check_names(table.table("options"), entry.options)
        for key, wrong in entry.check(table.values):
            if not table.has_problem(key):
                table.problem(key, wrong, found="")

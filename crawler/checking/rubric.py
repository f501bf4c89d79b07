"""`[rubric]` of a city file and the files of topics that it names: TOML tables of a group and a topic in it."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

from crawler.checking.document import Document
from crawler.checking.problems import Gravity, did_you_mean, listed, shown
from crawler.checking.table import Table
from crawler.environment import CHECKOUT
from crawler.model.errors import OtklikError
from crawler.model.rubric import RubricTopic
from crawler.model.text import Text
from search.lint.remark import leaves
from search.saved import query_of
from search.tree import Phrase, Prefix, Word
from search.whole_file import stamp_of

DEFAULT = "rubric.toml"
_SHIPPED = CHECKOUT / "cities"
_NO_FIELDS = Text(
    "рубрика читает только слова и фразы, без полей и времени",
    "a rubric reads words and phrases alone, no fields and no time",
)


class Rubric:
    """The topics of a city's rubric. `documents` are its files with what is wrong in them, `own` says that the city
    names files of its own.
    """

    def __init__(self, topics: Sequence[RubricTopic], documents: Sequence[Document], *, own: bool) -> None:
        self.topics = tuple(topics)
        self.documents = tuple(documents)
        self.own = own


def read_rubric(table: Table, folders: Sequence[Path], *, thoroughly: bool) -> Rubric:
    """The rubric that `[rubric]` asks for: the default one where it says nothing. A topic of a later file replaces one
    of the same name. Only `thoroughly` are the queries read: that costs a fifth of a second.
    """
    own = "files" in table.values
    names = table.strings("files") if own else (DEFAULT,)
    paths = [path for index, name in enumerate(names) if (path := _found(table, name, index, folders))]
    files = [_read_file(path, stamp_of(path), thoroughly) for path in paths]
    topics = {topic.name: topic for _, inside in files for topic in inside}
    known = [*topics, *dict.fromkeys(topic.group for topic in topics.values())]
    off = table.strings("off")
    for index, name in enumerate(off):
        _check_known(table, "off", name, known, index)
    renaming = table.table("rename")
    renamed = {name: renaming.text(name) for name in renaming.values}
    for name in renamed:
        _check_known(renaming, name, name, known)
    table.finish()
    kept = [
        RubricTopic(
            renamed.get(one.group, one.group), renamed.get(one.name, one.name), one.queries, one.hints, one.examples
        )
        for one in topics.values()
        if one.name not in off and one.group not in off
    ]
    for name in _twice([one.name for one in kept]):
        renaming.problem("", Text(f"две темы с именем «{name}»", f"two topics are named «{name}»"))
    return Rubric(kept, [document for document, _ in files], own=own)


def warn_of_examples(rubric: Rubric, table: Table) -> None:
    """Note the examples of the city's own rubric that are told as another topic and another group."""
    from search.topics.rubric import RubricModel, told_wrong  # numpy: only where it is asked for

    if not rubric.own or not rubric.topics:
        return
    for topic, example, told in told_wrong(RubricModel(rubric.topics)):
        as_what = Text(f"прочтён как «{told}»", f"is told as «{told}»") if told else Text("не узнан", "is not told")
        table.problem(
            "files",
            Text(f"пример темы «{topic.name}» {as_what.ru}", f"an example of «{topic.name}» {as_what.en}"),
            found=f"«{example}»",
            severity=Gravity.WARNING,
        )


def _found(table: Table, name: str, index: int, folders: Sequence[Path]) -> Path | None:
    places = [folder / name for folder in (table.document.path.parent, *folders, _SHIPPED)]
    path = next((place for place in places if place.is_file()), None)
    if path is None:
        looked = listed(dict.fromkeys(str(place.parent) for place in places))
        missing = Text(f"нет такого файла в {looked}", f"there is no such file in {looked}")
        table.problem("files", missing, found=f'"{name}"', index=index)
    return path


def _check_known(table: Table, key: str, name: str, known: Sequence[str], index: int | None = None) -> None:
    if name not in known:
        missing = Text("в рубрике нет такой темы или группы", "the rubric has no such topic or group")
        table.problem(key, missing, found=f'"{name}"', hint=did_you_mean(name, known), index=index)


def _twice(names: Sequence[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield name
        seen.add(name)


@lru_cache(16)
def _read_file(path: Path, stamp: tuple[int, ...], thoroughly: bool) -> tuple[Document, tuple[RubricTopic, ...]]:
    """The topics of a file. Where each line of it stands is only looked for when something is wrong with it."""
    document = Document.read(path, located=thoroughly)
    root = Table(document, (), document.values)
    topics = [topic for group in document.values for topic in _read_group(root.table(group), group, thoroughly)]
    for name in _twice([topic.name for topic in topics]):
        root.problem("", Text(f"тема «{name}» стоит в двух группах", f"the topic «{name}» stands in two groups"))
    if document.problems and not thoroughly:
        return _read_file(path, stamp, True)
    return document, tuple(topics)


def _read_group(table: Table, group: str, thoroughly: bool) -> Iterator[RubricTopic]:
    for name in table.values:
        inside = table.table(name)
        queries = _lines(inside, "queries", required=True)
        hints = tuple(" ".join(_lines(inside, "hints")).split())
        examples = _lines(inside, "examples")
        inside.finish()
        if thoroughly:
            _check_queries(inside, queries)
        yield RubricTopic(group, name, queries, hints, examples)


def _lines(table: Table, key: str, *, required: bool = False) -> tuple[str, ...]:
    """The lines of a text that are not blank."""
    value = table.raw(key)
    if isinstance(value, str) and (value.strip() or not required):
        return tuple(line.strip() for line in value.splitlines() if line.strip())
    if value is not None or required:
        table.problem(key, Text("ожидается текст, строка за строкой", "a text is expected, line by line"))
    return ()


def _check_queries(table: Table, queries: Sequence[str]) -> None:
    for query in queries:
        try:
            root = query_of(query).root
        except OtklikError as error:
            table.problem("queries", error.text, found=shown(query))
        else:
            if root and not all(isinstance(leaf, Word | Prefix | Phrase) for leaf in leaves(root)):
                table.problem("queries", _NO_FIELDS, found=shown(query))

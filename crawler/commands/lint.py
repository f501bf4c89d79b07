"""`otklik lint CITY QUERY`: how a query is read, what its words are looked for as, and what is likely wrong with it."""

from collections.abc import Sequence
from typing import Annotated

import typer

from crawler.commands.advice import show
from crawler.commands.search import parsed_query
from crawler.commands.shell import CityArgument, JsonOption, opened, out, plain, print_json, table
from crawler.desk import Desk
from crawler.model.text import Text
from crawler.remarks import remarks_of
from search import saved, saving
from search.lemmas import query_lemmas
from search.lint import Level, Remark
from search.lint.remark import words
from search.lint.required import requires
from search.query import show as spelt
from search.tree import And, Node, Prefix, Query, Word

QUERY = Text("запрос или ключ сохранённого", "a query, or the key of a saved one")
READ = Text("Читается: {query}", "Read as: {query}")
FOUND = Text("Находит {found} публикаций из {archive}.", "It finds {found} posts of {archive}.")
COST = Text(
    "Сохранённый, он проверялся бы целиком на {asked} из {archive} публикаций: где есть {clause}.",
    "Saved, it would be asked in full of {asked} of {archive} posts: those that have {clause}.",
)
FINE = Text("Замечаний нет.", "Nothing to remark.")


def lint(
    city: CityArgument, query: Annotated[str, typer.Argument(help=str(QUERY))], as_json: JsonOption = False
) -> None:
    """Show how a query is read; exit code 1 where no saved search can be so."""
    with opened(city) as desk:
        text = _saved(desk, query)
        parsed = parsed_query(text, "", "", desk.names)
        desk.engine.refresh()
        remarks = remarks_of(desk, text)
        if as_json:
            print_json(_as_json(desk, parsed, remarks))
        else:
            _show(desk, parsed)
            show(text, remarks)
            if not remarks:
                out.print(str(FINE))
    if any(one.level is Level.REFUSED for one in remarks):
        raise typer.Exit(1)


def _saved(desk: Desk, query: str) -> str:
    """The text of the saved search of that key, else the query itself."""
    with desk.database.read() as connection:
        known = {one.search.id: one.search.query for one in saving.current(connection, desk.city)}
    # The file may say more than the state has loaded.
    known |= {search.id: search.query for search in desk.city.searches}
    return known.get(query) or known.get(f"{saved.FILE}{query}") or known.get(f"{saving.USER}{query}") or query


def _as_json(desk: Desk, query: Query, remarks: Sequence[Remark]) -> dict[str, object]:
    cheapest = _cheapest(desk, query)
    return {
        "query": query.text,
        "read": spelt(query),
        "words": [{"word": word, "keys": keys, "posts": posts} for word, keys, posts in _words(desk, query)],
        "asked": {"clause": cheapest[0], "posts": cheapest[1]} if cheapest else None,
        "found": _count(desk, query.root),
        "archive": _count(desk, None),
        "remarks": [
            {
                "level": one.level.value,
                "code": one.code,
                "start": one.span[0],
                "end": one.span[1],
                "text": str(one.text),
                "hint": one.hint,
            }
            for one in remarks
        ],
    }


def _show(desk: Desk, query: Query) -> None:
    out.print(plain(READ.format(query=spelt(query))), style="bold", markup=False, highlight=False, soft_wrap=True)
    rows = [(word, ", ".join(keys), posts) for word, keys, posts in _words(desk, query)]
    if rows:
        columns = [Text("слово", "word"), Text("ищется как", "looked for as"), Text("публикаций", "posts")]
        out.print(table(Text("Слова", "Words"), columns, rows, numbers_from=2))
    archive = _count(desk, None)
    cheapest = _cheapest(desk, query)
    if cheapest:
        said = COST.format(clause=cheapest[0], asked=cheapest[1], archive=archive)
        out.print(plain(said), markup=False, highlight=False, soft_wrap=True)
    out.print(FOUND.format(found=_count(desk, query.root), archive=archive), highlight=False)


def _count(desk: Desk, node: Node | None) -> int:
    return desk.engine.count(Query("", node), desk.context())


def _words(desk: Desk, query: Query) -> list[tuple[str, list[str], int]]:
    """Each word, the keys it is looked up by (a beginning or a form by itself), and how many posts have it."""
    found: dict[str, tuple[str, list[str], int]] = {}
    for word in words(query.root):
        name = spelt(Query("", word))
        if name not in found:
            keys = sorted(query_lemmas(word.text)) if isinstance(word, Word) and not word.exact else [word.text]
            found[name] = (name, [f"{key}*" if isinstance(word, Prefix) else key for key in keys], _count(desk, word))
    return list(found.values())


def _cheapest(desk: Desk, query: Query) -> tuple[str, int] | tuple[()]:
    """The part that fewest posts have of those that every post must have, and how many; nothing where there is none."""
    root = query.root
    parts = root.parts if isinstance(root, And) else (root,) if root else ()
    found = [(_count(desk, part), spelt(Query("", part))) for part in parts if requires(part)]
    return min(found)[::-1] if found else ()

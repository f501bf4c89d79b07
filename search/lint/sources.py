"""Values of fields that the city or its archive does not have."""

from collections.abc import Iterator
from difflib import get_close_matches

from crawler.model.text import Text
from search.lint.remark import Around, Leaf, Remark, leaves, warning
from search.query_hints import valued
from search.query_show import show
from search.tree import And, At, Field, Node, Not, Or, Query

_READ = ("topic", "act", "lang", "story")
"""What steps read out of a post: an archive may be without any of it."""


def of_sources(query: Query, around: Around) -> Iterator[Remark]:
    """Posts of a source that went out of the city file may still be in the archive, so this is a warning."""
    for leaf in leaves(query.root):
        if not isinstance(leaf, Field) or leaf.name != "source" or not around.sources or leaf.value in around.sources:
            continue
        near = get_close_matches(leaf.value, around.sources, 3)
        ru, en = (f"; есть {', '.join(near)}", f"; there is {', '.join(near)}") if near else ("", "")
        said = Text(f"в файле города нет источника {leaf.value}{ru}", f"the city file has no source {leaf.value}{en}")
        yield warning("unknown-source", leaf.span, said, valued("source", near[0]) if near else "")


def of_values(query: Query, around: Around) -> Iterator[Remark]:
    """Values that no post of the archive has, where it has posts: of what is read out of them, and names of places."""
    for leaf in _asked(query.root):
        read = isinstance(leaf, Field) and leaf.name in _READ
        named = isinstance(leaf, At) and leaf == At(leaf.span, place=leaf.place)
        if not (read or named) or around.count is None or around.count(Query("", leaf)):
            continue
        if not around.count(Query("", None)):
            return
        clause = show(Query("", leaf)).removeprefix("at(").removesuffix(")") if named else show(Query("", leaf))
        said = Text(f"ни у одной публикации архива нет {clause}", f"no post of the archive has {clause}")
        yield warning("never-occurs", leaf.span, said)


def _asked(node: Node | None) -> Iterator[Leaf]:
    """The clauses that a post is to fit: to exclude what nobody has is a good habit."""
    match node:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _asked(part)
        case None | Not():
            return
        case _:
            yield node

"""Sources that the city does not have."""

from collections.abc import Iterator
from difflib import get_close_matches

from crawler.model.text import Text
from search.lint.remark import Around, Remark, leaves, warning
from search.query_hints import valued
from search.tree import Field, Query


def of_sources(query: Query, around: Around) -> Iterator[Remark]:
    """Posts of a source that went out of the city file may still be in the archive, so this is a warning."""
    for leaf in leaves(query.root):
        if not isinstance(leaf, Field) or leaf.name != "source" or not around.sources or leaf.value in around.sources:
            continue
        near = get_close_matches(leaf.value, around.sources, 3)
        ru, en = (f"; есть {', '.join(near)}", f"; there is {', '.join(near)}") if near else ("", "")
        said = Text(f"в файле города нет источника {leaf.value}{ru}", f"the city file has no source {leaf.value}{en}")
        yield warning("unknown-source", leaf.span, said, valued("source", near[0]) if near else "")

"""The spiders that are there, by the names they give themselves: read from their files, a check loads no Scrapy."""

import ast
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path


@cache
def spider_names() -> frozenset[str]:
    """What `scrapy list` shows: `name = "…"` of the classes in spiders/*.py."""
    found = find_spec("spiders")
    folders = found.submodule_search_locations if found else None
    return frozenset(name for folder in folders or () for path in Path(folder).glob("*.py") for name in names_in(path))


def names_in(path: Path) -> Iterator[str]:
    """The names of the spiders in one file; none in a file that is no Python."""
    try:
        tree = ast.parse(path.read_bytes())
    except SyntaxError:
        return
    for statement in (inner for node in tree.body if isinstance(node, ast.ClassDef) for inner in node.body):
        match statement:
            case ast.Assign(targets=[ast.Name(id="name")], value=ast.Constant(value=str(name))):
                yield name
            case ast.AnnAssign(target=ast.Name(id="name"), value=ast.Constant(value=str(name))):
                yield name
            case _:
                pass

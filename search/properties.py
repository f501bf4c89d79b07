"""The properties of a post that a query asks for: under which name a document, and every index, has each."""

from collections.abc import Callable

from crawler.model.items import AuthorRole
from search.document import Document
from search.names import Names
from search.tree import Field

ROLES = frozenset(role.value for role in AuthorRole)
MANY = frozenset({"has", "traits"})
"""Properties of which a post has several."""
_NAMES = {"lang": "language", "is": "traits"}
NAMES = frozenset({"source", "platform", "kind", "author", "role", "topic", "act", "language", "story", *MANY})


def property_of(field: Field) -> str:
    """The name of the property that a field asks for: `author:` asks for a role where its value is one."""
    if field.name == "author" and field.value in ROLES:
        return "role"
    name = _NAMES.get(field.name, field.name)
    if name not in NAMES:
        raise ValueError(f"no such property of a post: {field.name}")
    return name


def values_of(field: Field, names: Names) -> frozenset[str]:
    """The values of which a post needs one: those of a group of topics, else the one that is asked for."""
    return names.topics_of(field.value) if field.name == "topic" else frozenset({field.value})


def property_check(field: Field) -> Callable[[Document, Names], bool]:
    """Whether a document has what a field asks for."""
    name, value = property_of(field), field.value
    if name == "topic":
        return lambda document, names: document.topic in names.topics_of(value)
    if name in MANY:
        return lambda document, names: value in getattr(document, name)  # noqa: ARG005 - one shape for every check
    return lambda document, names: bool(getattr(document, name) == value)  # noqa: ARG005

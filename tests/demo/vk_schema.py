"""The official schema of VK's API as a validator, in plain draft 7. Its own dialect writes `required` inside a property
(moved to the object), and forbids in parts of an `allOf` what other parts allow (dropped). Files that it names and that
are not there are taken to allow anything.
"""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

_BASE = "https://schema.invalid/"
_DIALECT = {"required", "$schema", "additionalProperties"}


class VkSchema:
    """The schema in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def methods(self) -> dict[str, dict[str, Any]]:
        """Every method by its name, as the schema describes it."""
        files = (json.loads(path.read_text("utf-8")) for path in sorted(self.folder.glob("*/methods.json")))
        return {method["name"]: method for file in files for method in file["methods"]}

    @cached_property
    def errors(self) -> dict[int, str]:
        """What each error's code says."""
        told = json.loads((self.folder / "errors.json").read_text("utf-8"))["errors"].values()
        return {error["code"]: error["description"] for error in told}

    def wrong_in_answer(self, method: str, answer: dict[str, Any], *, extended: bool = False) -> list[str]:
        """What is wrong in the whole answer of a method."""
        named = self.methods[method]["responses"]
        kind = "extendedResponse" if extended and "extendedResponse" in named else "response"
        return self.wrong_in(named[kind]["$ref"].removeprefix("../"), answer)

    def wrong_in(self, definition: str, value: Any) -> list[str]:
        """What is wrong in a value of a definition such as `base/objects.json#/definitions/base_error`."""
        validator = Draft7Validator({"$ref": f"{_BASE}{definition}"}, registry=self._registry)
        return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]

    @cached_property
    def _registry(self) -> Registry[Any]:
        registry: Registry[Any] = Registry()
        for path in self.folder.glob("*/*.json"):
            contents = self._plain(json.loads(path.read_text("utf-8")), path)
            address = f"{_BASE}{path.relative_to(self.folder).as_posix()}"
            registry = registry.with_resource(address, DRAFT7.create_resource(contents))
        return registry.crawl()

    def _plain(self, node: Any, path: Path) -> Any:
        """A part of the file at `path` in plain draft 7."""
        if isinstance(node, list):
            return [self._plain(one, path) for one in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if isinstance(reference, str) and not (path.parent / reference.partition("#")[0]).exists():
            return {}
        plain = {name: self._plain(one, path) for name, one in node.items() if name not in _DIALECT}
        parts = node.get("properties")
        if isinstance(parts, dict):
            plain["required"] = [name for name, one in parts.items() if one.get("required") is True]
        return plain

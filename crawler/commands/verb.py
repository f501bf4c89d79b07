"""What a verb is: a function that Typer reads, with its help in both languages."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crawler.model.text import Text


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb of the command line."""

    run: Callable[..., Any]
    help: Text

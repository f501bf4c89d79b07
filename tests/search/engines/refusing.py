"""What an engine that cannot serve says at the command line."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from search.engine import EngineError


@contextmanager
def refuses(pattern: str) -> Iterator[None]:
    """It raises EngineError, and what is told of it with what to type fits the pattern."""
    with pytest.raises(EngineError) as caught:
        yield
    assert re.search(pattern, str(caught.value.typed)), caught.value.typed

"""What the doctor finds."""

from dataclasses import dataclass

from crawler.model.text import Text


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: where, what, and what to do."""

    where: str
    what: Text
    todo: Text

    def __str__(self) -> str:
        return f"✗ {self.where}: {self.what}\n  → {self.todo}"

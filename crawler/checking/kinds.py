"""What each platform, ticket system and engine says of its own section, and what the query parser and gazetteer say."""

from crawler.checking.parts import Read
from crawler.checking.table import Table
from crawler.model.city import GazetteerFiles, SavedSearch


def platform_names() -> list[str]:
    """The platforms a source can name."""
    return ["given", "news", "telegram"]


def system_names() -> list[str]:
    """The ticket systems a destination can name."""
    return ["blackhole", "webhook"]


def check_gazetteer(table: Table, aliases: Table, files: GazetteerFiles) -> list[str]:
    """Note what keeps the gazetteer from loading; the names of its districts."""
    return []


def check_queries(searches: list[Read[SavedSearch]]) -> None:
    """Note every query that cannot be read, with the place inside it."""

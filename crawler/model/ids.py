"""Ids of posts that are given to Otklik: by lines, tables, people."""

from urllib.parse import quote


def given_id(source: str, given: str) -> str:
    """`given:SOURCE/ID`. Blanks, controls and the percent sign are percent-encoded: different ids stay different."""
    return f"given:{source}/{printable(given.replace('%', '%25'))}"


def printable(text: str) -> str:
    """The text with blanks and whatever cannot be shown percent-encoded."""
    return "".join(char if char.isprintable() and char != " " else quote(char, errors="surrogatepass") for char in text)

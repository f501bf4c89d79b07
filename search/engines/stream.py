"""The stream of a document as the embedded engine stores it: two lines of words, lemmas and surface forms.

`|` stands between sentences and `||` ahead of each hyphenated whole, so that FTS5 finds no phrase across them. The
lines are kept compressed: FTS5 needs them to forget a document, and the reference matcher to look at one.
"""

import zlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from search.analysis import GAP, Token
from search.document import Document
from search.mapping import words
from search.reference import Context, compile_query
from search.tree import Phrase, Query

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_NO_CONTEXT = Context(_NO_TIME, ZoneInfo("UTC"))


def lines(document: Document) -> tuple[str, str]:
    """The lemmas and the surface forms of a document."""
    stream = words(document)
    lemmas = " | ".join(" ".join(lemma for lemma, _ in sentence) for sentence in stream.sentences)
    surfaces = " | ".join(" ".join(surface for _, surface in sentence) for sentence in stream.sentences)
    lemmas += "".join(f" || {lemma}" for lemma, _ in stream.wholes)
    surfaces += "".join(f" || {surface}" for _, surface in stream.wholes)
    return lemmas, surfaces


def pack(both: tuple[str, str]) -> bytes:
    """The two lines as stored."""
    return zlib.compress("\n".join(both).encode(), 1)


def unpack(stored: bytes) -> tuple[str, str]:
    """The two lines again."""
    lemmas, _, surfaces = zlib.decompress(stored).decode().partition("\n")
    return lemmas, surfaces


class Verifier:
    """Asks the reference matcher whether the words of a stored stream stand as a phrase says."""

    def __init__(self, phrase: Phrase) -> None:
        self._compiled = compile_query(Query("", phrase))

    def __call__(self, stored: bytes) -> bool:
        """Whether the phrase stands in the stream."""
        return self._compiled.fits(_document(stored), _NO_CONTEXT)


def _document(stored: bytes) -> Document:
    """The stream as a document: its words, positions and sentences, nothing else. Wholes have no part in a phrase."""
    lemmas, surfaces = (line.partition(" || ")[0].split(" ") for line in unpack(stored))
    tokens: list[Token] = []
    position = sentence = 0
    for lemma, surface in zip(lemmas, surfaces, strict=True):
        if lemma == "|":
            position, sentence = position + GAP, sentence + 1
        else:
            tokens.append(Token(surface, lemma, 0, len(surface), position, sentence, "text"))
            position += 1
    return Document("", 0, "", "", "", _NO_TIME, _NO_TIME, "", (), tuple(tokens))

"""A query in coloured pieces, as the line of the archive and the editor of saved searches show it."""

from collections.abc import Iterator, Sequence

from crawler.model.errors import QueryError
from search.query_lexer import Lexeme, Sort, lexemes

Piece = tuple[str, str]
"""A class of the style sheet, "" for none, and a part of the text."""
Span = tuple[int, int]

WRONG, DOUBTFUL = "q-e", "q-w"
_CLASSES = {
    Sort.AND: "q-o",
    Sort.OR: "q-o",
    Sort.NOT: "q-n",
    Sort.PHRASE: "q-s",
    Sort.WORD: "q-v",
    Sort.AT: "q-f",
}


def coloured(text: str, error: QueryError | None = None, doubtful: Sequence[Span] = ()) -> list[Piece]:
    """The text in pieces that make it up again. `error` is where it cannot be read, `doubtful` what lint remarks on."""
    kinds = [""] * len(text)
    for start, end, kind in _lexed(text):
        kinds[start:end] = [kind] * (end - start)
    for start, end in doubtful:
        kinds[start:end] = [DOUBTFUL] * len(kinds[start:end])
    if error:
        kinds[error.start : error.end] = [WRONG] * len(kinds[error.start : error.end])
    pieces: list[Piece] = []
    for kind, char in zip(kinds, text, strict=True):
        if pieces and pieces[-1][0] == kind:
            pieces[-1] = (kind, pieces[-1][1] + char)
        else:
            pieces.append((kind, char))
    return pieces


def _lexed(text: str) -> Iterator[tuple[int, int, str]]:
    """What stands where, as far as it can be read."""
    for lexeme in _as_far_as_it_goes(text):
        if lexeme.sort is Sort.FIELD:
            colon = lexeme.start + len(lexeme.called) + 1
            yield lexeme.start, colon, "q-f"
            yield colon, lexeme.end, "q-s"
        elif lexeme.sort in _CLASSES:
            yield lexeme.start, lexeme.end, _CLASSES[lexeme.sort]


def _as_far_as_it_goes(text: str) -> list[Lexeme]:
    try:
        return lexemes(text)
    except QueryError as error:
        try:
            return lexemes(text[: error.start])
        except QueryError:
            return []

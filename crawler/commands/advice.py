"""What the linter says of a query, beside what the query finds: on standard error, one line a remark."""

from collections.abc import Iterable

from crawler.commands.shell import err, plain
from crawler.desk import Desk
from crawler.model.errors import QueryError
from crawler.model.text import Text
from crawler.remarks import remarks_of
from search.lint import EMPTY, ONLY_TIME, Level, Remark
from search.query import mend
from search.query import show as spelt
from search.tree import And, Query

PERHAPS = Text("Возможно: {query}", "Perhaps: {query}")
WORDS = {
    Level.WARNING: Text("Похоже на ошибку", "Likely a mistake"),
    Level.REFUSED: Text("Сохранённым запросом не станет", "No saved search can be so"),
}
SAID = Text("{level}, знаки {first}–{last}: {text}", "{level}, characters {first}–{last}: {text}")
APART = Text(
    "Вместе ни в одной публикации. По отдельности: {parts}.", "No post has all of it. Each by itself: {parts}."
)
MOST_PARTS = 10
ASKED_FOR = (EMPTY, ONLY_TIME)
"""What is likely meant where the archive is looked through once."""


def point_at(error: QueryError, query: str) -> None:
    """The query with the place of the error beneath it, and as it was probably meant."""
    if error.end <= len(query) and "\n" not in query:
        err.print(plain(query), markup=False, highlight=False)
        err.print(" " * error.start + "^" * max(1, error.end - error.start), style="red", markup=False, highlight=False)
        if error.hint:
            err.print(plain(PERHAPS.format(query=mend(query, error).strip())), markup=False, highlight=False)


def advise(desk: Desk, text: str, *, saved: bool = False) -> None:
    """Say what is likely wrong with a query that can be read; `saved` also what no saved search may be."""
    remarks = [one for one in remarks_of(desk, text) if saved or one.code not in ASKED_FOR]
    show(text, remarks)


def tell_apart(desk: Desk, query: Query) -> None:
    """Of a query that finds nothing: what each of its parts finds, which tells the one to leave out."""
    parts = query.root.parts if isinstance(query.root, And) else ()
    context = desk.context()
    counted = [(one, desk.engine.count(Query("", one), context)) for one in parts[:MOST_PARTS]]
    if counted:
        listed = ", ".join(f"{spelt(Query('', part))} — {count}" for part, count in counted)
        said = APART.format(parts=listed + ", …" * (len(parts) > MOST_PARTS))
        err.print(plain(said), style="yellow", markup=False, highlight=False, soft_wrap=True)


def show(text: str, remarks: Iterable[Remark]) -> None:
    """One line a remark, and the query as it was probably meant."""
    for one in remarks:
        start, end = one.span
        said = SAID.format(level=WORDS[one.level], first=start + 1, last=max(end, start + 1), text=one.text)
        err.print(plain(said), style="yellow", markup=False, highlight=False, soft_wrap=True)
        if one.hint:
            mended = mend(text, QueryError(one.text, start, end, one.hint))
            err.print(plain("  " + PERHAPS.format(query=mended)), markup=False, highlight=False, soft_wrap=True)

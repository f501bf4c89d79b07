"""Errors that a person can act on: what was read, what was expected, where, and what to do."""

from datetime import datetime

from crawler.model.text import Text


class OtklikError(Exception):
    """Something the user or administrator can mend. `text` is shown as it is, without a stack trace, at the command
    line and in the console alike; `command` is what to type next, which the command line alone adds.
    """

    def __init__(self, text: Text, command: Text | None = None) -> None:
        super().__init__(text.en)
        self.text = text
        self.command = command

    def __str__(self) -> str:
        return str(self.text)

    @property
    def typed(self) -> Text:
        """All that the command line says of it."""
        if self.command is None:
            return self.text
        return Text(f"{self.text.ru} {self.command.ru}", f"{self.text.en} {self.command.en}")


class ByOtherError(OtklikError):
    """Somebody else stands in the way. `who` is the name that they sign in with; `named` tells it as colleagues know
    them. The text has a «{who}».
    """

    def __init__(self, text: Text, who: str, command: Text | None = None) -> None:
        super().__init__(text.filled(who=who), command)
        self.who = who
        self._text = text

    def named(self, name: str) -> Text:
        """The text with the name that is shown."""
        return self._text.filled(who=name)


class QueryError(OtklikError):
    """A query that cannot be read. `start` and `end` are code points of the query text; `hint` is what could stand
    there instead, a blank to take it out, "" where nothing is known that leads on.
    """

    def __init__(self, text: Text, start: int, end: int, hint: str = "") -> None:
        super().__init__(text)
        self.start = start
        self.end = end
        self.hint = hint


class AddressRefusedError(OtklikError):
    """A network address that the guard does not allow."""


class PageError(OtklikError):
    """A page that the browser could not show. `word` is the one under which it is counted."""

    def __init__(self, word: str, text: Text) -> None:
        super().__init__(text)
        self.word = word


class RestingError(OtklikError):
    """A token may not make this call now: its day's calls are spent, or it rests. `why` is the one word of it, `until`
    when it may be used again.
    """

    def __init__(self, text: Text, why: str, until: datetime) -> None:
        super().__init__(text)
        self.why = why
        self.until = until

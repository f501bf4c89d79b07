"""The blackhole: takes every ticket and hands it to nobody, so that development and tests run the whole path.

It keeps tickets in memory. An external id follows from the key, so that processes and restarts agree on it without
a file: what a restart forgets was never anywhere.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crawler.fetching.client import GuardedClient
from crawler.model.city import Destination
from crawler.model.ports import Secrets
from crawler.model.text import Text
from search.tickets import Can, Change, Entry, Problems, Ticket


class Kept(NamedTuple):
    """A ticket as it is now, with the key it was made with."""

    key: str
    ticket: Ticket
    sequence: int


class Blackhole:
    """Can all. `created` lists the keys of every creation, so that a doubled one is seen; `changes` is for tests."""

    can = frozenset(Can)

    def __init__(self) -> None:
        self.created: list[str] = []
        self.tickets: dict[str, Kept] = {}
        self.changes: list[Change] = []
        self.files: dict[str, dict[str, bytes]] = {}

    def create(self, incident: Ticket, key: str) -> str:
        """Keep a ticket."""
        external_id = f"hole-{key[:16]}"
        self.created.append(key)
        self.tickets[external_id] = Kept(key, incident, incident.sequence)
        return external_id

    def find_by_key(self, key: str) -> str | None:
        """The ticket of that key."""
        return next((external_id for external_id, kept in self.tickets.items() if kept.key == key), None)

    def update(self, external_id: str, change: Ticket, sequence: int) -> None:
        """Keep the later state; a ticket of before a restart is taken as it comes."""
        kept = self.tickets.get(external_id)
        if kept is None or sequence > kept.sequence:
            self.tickets[external_id] = Kept(kept.key if kept else "", change, sequence)

    def changes_since(self, cursor: str) -> tuple[Sequence[Change], str]:
        """What a test put into `changes`."""
        return self.changes[int(cursor or 0) :], str(len(self.changes))

    def attach(self, external_id: str, name: str, content: bytes) -> None:
        """Keep a file."""
        self.files.setdefault(external_id, {})[name] = content


def open_blackhole(_destination: Destination, _secrets: Secrets, _client: GuardedClient) -> Blackhole:
    """A blackhole needs nothing."""
    return Blackhole()


def check(values: Mapping[str, object]) -> Problems:
    """A blackhole has neither address nor secret."""
    wrong = Text("чёрной дыре не нужен: уберите", "a blackhole needs none: remove it")
    return [(key, wrong) for key in ("url", "secret") if values.get(key)]


ENTRY = Entry(open_blackhole, check)

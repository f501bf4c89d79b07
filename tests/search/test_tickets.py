"""What every ticket system must do, faults included. A new system adds one subclass at the end."""

import json
import socket
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crawler.environment import Environment, EnvironmentSecrets
from crawler.fetching.client import Answer, GuardedClient, NotSentError, UnknownOutcomeError
from crawler.model.city import Destination
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from demo.servers.webhook import TicketServer
from search.ticketing import (
    TICKET_SYSTEMS,
    Can,
    Change,
    LaterError,
    RefusedError,
    Ticket,
    TicketSystem,
    entry_of,
    open_system,
)
from search.tickets import CannotError, Quote, accepted
from search.tickets.blackhole import Blackhole
from search.tickets.webhook import Webhook, sign

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
SECRET = "not a real secret"
TICKET = Ticket(
    city="gorod",
    number=7,
    sequence=1,
    state="confirmed",
    title="Вода — улица Садовая, 5",
    topic="вода",
    severity="high",
    place="улица Садовая, 5",
    district="",
    lat=46.95,
    lon=142.73,
    executor="Водоканал",
    opened_at=NOON,
    due_first=NOON + timedelta(hours=4),
    due_resolved=None,
    repeat_of=None,
    reports=1,
    quotes=(Quote("Нет воды", "https://example.org/1", NOON),),
)


def test_a_ticket_says_where_a_merged_incident_went_and_is_else_as_it_was() -> None:
    assert "merged_into" not in TICKET.content()
    assert replace(TICKET, state="merged", merged_into=5).content()["merged_into"] == 5


@dataclass
class Faulty:
    """A ticket system with faults in front of it: "before" and "after" what is done, "refused", and "kill" of the
    process that calls, also before and after.
    """

    inner: TicketSystem
    faults: list[str] = field(default_factory=list)
    told: int = 0

    @property
    def can(self) -> frozenset[Can]:
        return self.inner.can

    def create(self, incident: Ticket, key: str) -> str:
        return str(self._call(lambda: self.inner.create(incident, key)))

    def find_by_key(self, key: str) -> str | None:
        found: str | None = self._call(lambda: self.inner.find_by_key(key))
        return found

    def update(self, external_id: str, change: Ticket, sequence: int) -> None:
        self._call(lambda: self.inner.update(external_id, change, sequence))

    def changes_since(self, cursor: str) -> tuple[Any, str]:
        return self.inner.changes_since(cursor)

    def attach(self, external_id: str, name: str, content: bytes) -> None:
        self.inner.attach(external_id, name, content)

    def _call(self, call: Any) -> Any:
        fault = self.faults.pop(0) if self.faults else ""
        self.told += bool(fault)
        text = Text(f"так велено: {fault}", f"as told: {fault}")
        if fault == "kill before":
            raise KilledError
        if fault == "not sent":
            raise NotSentError(text)
        if fault == "before":
            raise LaterError(text)
        if fault == "refused":
            raise RefusedError(text)
        done = call()
        if fault == "kill after":
            raise KilledError
        if fault == "after":
            raise UnknownOutcomeError(text)
        return done


class KilledError(BaseException):
    """The process dies here: nothing of ours catches it."""


@dataclass
class World:
    """A ticket system and what can be seen on its other side by key: the content, and how often it was made."""

    system: TicketSystem

    @abstractmethod
    def content(self, key: str) -> dict[str, Any]: ...

    @abstractmethod
    def made(self, key: str) -> int: ...

    @abstractmethod
    def fail(self, fault: str) -> None:
        """The next call fails: "before", "after" or "refused"."""


RETRIED = (LaterError, UnknownOutcomeError, NotSentError)


class TicketSystemTests:
    """Every ticket system does this. The fixture `world` of a subclass opens one."""

    def test_a_ticket_says_what_the_incident_says(self, world: World) -> None:
        external_id = world.system.create(TICKET, "key-1")
        assert external_id
        assert world.content("key-1") == TICKET.content()
        assert world.made("key-1") == 1

    def test_two_keys_are_two_tickets(self, world: World) -> None:
        ids = {world.system.create(TICKET, key) for key in ("key-one-is-long-enough", "another-key-long-enough")}
        assert len(ids) == 2

    def test_the_latest_state_wins(self, world: World) -> None:
        external_id = world.system.create(TICKET, "key-1")
        third, second = replace(TICKET, sequence=3, state="in_work"), replace(TICKET, sequence=2)
        if Can.UPDATE not in world.system.can:
            with pytest.raises(CannotError):
                world.system.update(external_id, third, 3)
            return
        world.system.update(external_id, third, 3)
        world.system.update(external_id, second, 2)
        assert world.content("key-1") == third.content()

    def test_it_is_found_by_its_key_or_says_that_it_cannot(self, world: World) -> None:
        external_id = world.system.create(TICKET, "key-1")
        if Can.FIND in world.system.can:
            assert world.system.find_by_key("key-1") == external_id
            assert world.system.find_by_key("key-2") is None
        else:
            with pytest.raises(CannotError):
                world.system.find_by_key("key-1")

    def test_files_are_taken_or_refused(self, world: World) -> None:
        external_id = world.system.create(TICKET, "key-1")
        if Can.ATTACH in world.system.can:
            world.system.attach(external_id, "a.jpg", b"photo")
        else:
            with pytest.raises(CannotError):
                world.system.attach(external_id, "a.jpg", b"photo")

    def test_changes_are_told_once_or_not_at_all(self, world: World) -> None:
        if Can.CHANGES not in world.system.can:
            with pytest.raises(CannotError):
                world.system.changes_since("")
            return
        _, cursor = world.system.changes_since("")
        assert world.system.changes_since(cursor) == ([], cursor)

    def test_what_failed_before_it_was_done_is_retried_into_one_ticket(self, world: World) -> None:
        world.fail("before")
        with pytest.raises(RETRIED):
            world.system.create(TICKET, "key-1")
        world.system.create(TICKET, "key-1")
        assert world.made("key-1") == 1

    def test_what_failed_after_it_was_done_is_still_one_ticket(self, world: World) -> None:
        world.fail("after")
        with pytest.raises(RETRIED):
            world.system.create(TICKET, "key-1")
        if Can.FIND in world.system.can:
            assert world.system.find_by_key("key-1")
        else:
            assert world.system.create(TICKET, "key-1")
        assert world.made("key-1") == 1

    def test_a_refusal_is_told_from_a_failure(self, world: World) -> None:
        world.fail("refused")
        with pytest.raises(RefusedError):
            world.system.create(TICKET, "key-1")


class BlackholeWorld(World):
    def __init__(self) -> None:
        self.hole = Blackhole()
        self.faulty = Faulty(self.hole)
        super().__init__(self.faulty)

    def content(self, key: str) -> dict[str, Any]:
        external_id = self.hole.find_by_key(key)
        assert external_id
        return self.hole.tickets[external_id].ticket.content()

    def made(self, key: str) -> int:
        return self.hole.created.count(key)

    def fail(self, fault: str) -> None:
        self.faulty.faults.append(fault)


class TestBlackhole(TicketSystemTests):
    @pytest.fixture
    def world(self) -> World:
        return BlackholeWorld()

    def test_it_keeps_files_and_tells_changes(self) -> None:
        hole = Blackhole()
        external_id = hole.create(TICKET, "key-1")
        hole.attach(external_id, "a.jpg", b"photo")
        hole.changes.append(Change(external_id, "closed", NOON))
        assert hole.files == {external_id: {"a.jpg": b"photo"}}
        assert hole.changes_since("0") == ([Change(external_id, "closed", NOON)], "1")

    def test_after_a_restart_a_key_has_the_same_id(self) -> None:
        external_id = Blackhole().create(TICKET, "key-1")
        reborn = Blackhole()
        reborn.update(external_id, TICKET, 2)
        assert reborn.create(TICKET, "key-1") == external_id


FAILURES = {"before": "503", "after": "drop after", "refused": "422"}


class WebhookWorld(World):
    def __init__(self, server: TicketServer) -> None:
        self.server = server
        super().__init__(open_webhook(server.url))

    def content(self, key: str) -> dict[str, Any]:
        return self.server.tickets[key].ticket

    def made(self, key: str) -> int:
        return self.server.tickets[key].made

    def fail(self, fault: str) -> None:
        self.server.failures.append(FAILURES[fault])


def open_webhook(url: str, secret: str = SECRET) -> TicketSystem:
    secrets = EnvironmentSecrets(Environment({"HOOK_SECRET": secret}))
    destination = Destination("hook", "webhook", url, "HOOK_SECRET", allow_private=("127.0.0.1",))
    return open_system(destination, secrets)


@pytest.fixture
def server() -> Iterator[TicketServer]:
    with TicketServer(SECRET) as server:
        yield server


class TestWebhook(TicketSystemTests):
    @pytest.fixture
    def world(self, server: TicketServer) -> World:
        return WebhookWorld(server)

    @pytest.mark.parametrize("status", ["400", "409", "410", "413", "422"])
    def test_other_4xx_are_for_good(self, server: TicketServer, status: str) -> None:
        server.failures.append(status)
        with pytest.raises(RefusedError, match=status):
            open_webhook(server.url).create(TICKET, "key-1")

    @pytest.mark.parametrize("status", ["302", "401", "403", "404", "408", "425", "429", "500", "502", "503"])
    def test_what_may_pass_is_tried_again(self, server: TicketServer, status: str) -> None:
        server.failures.append(status)
        with pytest.raises(LaterError, match=status):
            open_webhook(server.url).create(TICKET, "key-1")

    def test_a_secret_that_is_not_taken_is_said_to_be_the_secret(self, server: TicketServer) -> None:
        server.failures.append("401")
        with pytest.raises(LaterError) as told:
            open_webhook(server.url).create(TICKET, "key-1")
        assert "the secret" in told.value.text.en

    def test_the_body_is_signed_and_says_key_and_sequence(self, server: TicketServer) -> None:
        hook = open_webhook(server.url)
        hook.update(hook.create(TICKET, "key-1"), replace(TICKET, sequence=5), 5)
        (created, body), (updated, _) = server.seen
        assert created["x-otklik-signature"] == sign(SECRET.encode(), created["x-otklik-timestamp"], body)
        assert (created["idempotency-key"], created["x-otklik-sequence"]) == ("key-1", "1")
        assert (updated["idempotency-key"], updated["x-otklik-sequence"]) == ("T-1:5", "5")
        assert json.loads(body)["ticket"]["title"] == TICKET.title
        assert SECRET not in body.decode() + str(created)

    def test_another_secret_is_refused_by_the_receiver(self, server: TicketServer) -> None:
        with pytest.raises(LaterError):
            open_webhook(server.url, "another secret").create(TICKET, "key-1")
        assert server.calls == {"bad signature": 1}

    def test_a_replayed_call_is_refused_by_the_receiver(self, server: TicketServer) -> None:
        @dataclass
        class PastClock:
            def now(self) -> datetime:
                return NOON

        client = GuardedClient(("127.0.0.1",))
        with pytest.raises(LaterError):
            Webhook(server.url, SECRET, client, PastClock()).create(TICKET, "key-1")
        assert server.calls == {"stale": 1}

    def test_a_receiver_without_ids_is_spoken_to_by_key(self) -> None:
        with TicketServer(SECRET, gives_ids=False) as server:
            hook = open_webhook(server.url)
            assert hook.create(TICKET, "key-1") == "key-1"
            hook.update("key-1", replace(TICKET, state="closed"), 2)
            assert server.tickets["key-1"].ticket["state"] == "closed"

    def test_nobody_listening_means_not_sent(self) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
            with pytest.raises(NotSentError):
                open_webhook(url).create(TICKET, "key-1")

    def test_a_private_address_needs_permission(self, server: TicketServer) -> None:
        secrets = EnvironmentSecrets(Environment({"HOOK_SECRET": SECRET}))
        with pytest.raises(OtklikError):
            open_system(Destination("hook", "webhook", server.url, "HOOK_SECRET"), secrets).create(TICKET, "key-1")
        assert server.seen == []


@pytest.mark.parametrize(
    ("system", "values", "wrong"),
    [
        ("webhook", {"url": "https://t.example.org/in", "secret": "HOOK_SECRET"}, []),
        ("webhook", {}, ["url", "secret"]),
        ("webhook", {"url": "ftp://t.example.org/in", "secret": "S"}, ["url"]),
        ("webhook", {"url": "https://user:pass@t.example.org/in", "secret": "S"}, ["url"]),
        ("webhook", {"url": "https://[t/in", "secret": "S"}, ["url"]),
        ("webhook", {"url": "https://t.example.org:port/in", "secret": "S"}, ["url"]),
        ("webhook", {"url": 5, "secret": "S"}, ["url"]),
        ("blackhole", {}, []),
        ("blackhole", {"url": "https://t.example.org/in"}, ["url"]),
    ],
)
def test_the_city_check_hears_what_is_wrong(system: str, values: dict[str, object], wrong: list[str]) -> None:
    found = entry_of(system).check(values)
    assert [key for key, _ in found] == wrong
    assert all(text.ru and text.en for _, text in found)


@pytest.mark.parametrize(("wait", "seconds"), [("", 0), ("120", 120), ("999999", 6 * 3600), ("Mon, 01 Jan", 0)])
def test_a_system_that_asks_for_time_gets_it(wait: str, seconds: float) -> None:
    with pytest.raises(LaterError) as later:
        accepted(Answer(503, {"retry-after": wait}, b""))
    assert later.value.seconds == seconds


def test_every_system_of_the_table_has_shared_tests() -> None:
    tested = {one.__name__.removeprefix("Test").lower() for one in TicketSystemTests.__subclasses__()}
    assert tested == set(TICKET_SYSTEMS)

"""Webhook: signed JSON by POST, as docs/webhook.md describes it. At least once: a receiver tells repeats by the key."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from crawler.fetching.client import Answer, GuardedClient
from crawler.model.city import Destination
from crawler.model.ports import Clock, Secrets, SystemClock
from search.tickets import Can, CannotError, Change, Entry, Problems, Ticket, accepted, check_secret, check_url

_LONGEST_ID = 200


class Webhook:
    """Can create and update. The external id is the `id` of the receiver's JSON answer, else the key."""

    can = frozenset({Can.CREATE, Can.UPDATE})

    def __init__(self, url: str, secret: str, client: GuardedClient, clock: Clock) -> None:
        self._url = url
        self._secret = secret.encode()
        self._client = client
        self._clock = clock

    def create(self, incident: Ticket, key: str) -> str:
        """Send a ticket; its id on the other side."""
        body = {"event": "create", "key": key, "sequence": incident.sequence, "ticket": incident.content()}
        return _id_in(self._post(body, key, incident.sequence)) or key

    def update(self, external_id: str, change: Ticket, sequence: int) -> None:
        """Send the incident's current state."""
        body = {"event": "update", "id": external_id, "sequence": sequence, "ticket": change.content()}
        self._post(body, f"{external_id}:{sequence}", sequence)

    def find_by_key(self, key: str) -> str | None:  # noqa: ARG002 - the protocol's shape
        """A webhook cannot be asked."""
        self._cannot(Can.FIND)

    def changes_since(self, cursor: str) -> tuple[Sequence[Change], str]:  # noqa: ARG002
        """A webhook cannot be asked."""
        self._cannot(Can.CHANGES)

    def attach(self, external_id: str, name: str, content: bytes) -> None:  # noqa: ARG002
        """A webhook takes no files."""
        self._cannot(Can.ATTACH)

    def _cannot(self, ability: Can) -> NoReturn:
        raise CannotError("webhook", ability)

    def _post(self, content: Mapping[str, Any], key: str, sequence: int) -> Answer:
        body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
        timestamp = str(int(self._clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
            "Idempotency-Key": key,
            "X-Otklik-Sequence": str(sequence),
            "X-Otklik-Timestamp": timestamp,
            "X-Otklik-Signature": sign(self._secret, timestamp, body),
        }
        return accepted(self._client.request("POST", self._url, headers, body))


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """`sha256=` and the hex HMAC-SHA256 of the timestamp, a full stop and the body."""
    return "sha256=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _id_in(answer: Answer) -> str:
    """The `id` of a JSON answer, "" when it has none that could be one."""
    try:
        content = json.loads(answer.body)
    except ValueError:
        return ""
    found = content.get("id") if isinstance(content, dict) else None
    text = str(found) if isinstance(found, str | int) else ""
    return text if len(text) <= _LONGEST_ID and text.isprintable() else ""


def open_webhook(destination: Destination, secrets: Secrets, client: GuardedClient) -> Webhook:
    """The webhook of a destination. OtklikError when its secret is not set."""
    return Webhook(destination.url, secrets.get(destination.secret), client, SystemClock())


def check(values: Mapping[str, object]) -> Problems:
    """A webhook needs an address, and the name of a variable with the signing secret."""
    return [*check_url(values), *check_secret(values)]


ENTRY = Entry(open_webhook, check)

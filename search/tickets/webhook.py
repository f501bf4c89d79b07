"""Webhook: signed JSON by POST, as docs/webhook.md describes it. At least once: a receiver tells repeats by the key."""

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn
from urllib.parse import urlsplit

from crawler.fetching.client import Answer, GuardedClient
from crawler.model.city import Destination
from crawler.model.ports import Clock, Secrets, SystemClock
from crawler.model.text import Text
from search.tickets import Can, CannotError, Change, LaterError, RefusedError, Ticket

# Of 4xx these say «not now» (RFC 9110, 8470, 6585); every other says «never like this».
# A wrong secret or address is the administrator's to mend, and the tickets go then: they are not refused for good.
_NOT_NOW = frozenset({401, 403, 404, 405, 407, 408, 425, 429})
_LONGEST_ID = 200
_LONGEST_WAIT = 6 * 3600


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
        return _accepted(self._client.request("POST", self._url, headers, body))


def sign(secret: bytes, timestamp: str, body: bytes) -> str:
    """`sha256=` and the hex HMAC-SHA256 of the timestamp, a full stop and the body."""
    return "sha256=" + hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _accepted(answer: Answer) -> Answer:
    """The answer if it is a success. The body of any other is not repeated: nobody knows what it holds."""
    if 200 <= answer.status < 300:
        return answer
    text = Text("получатель ответил {status}", "the receiver answered {status}").filled(status=answer.status)
    if 400 <= answer.status < 500 and answer.status not in _NOT_NOW:
        raise RefusedError(text)
    wait = answer.headers.get("retry-after", "")
    raise LaterError(text, min(float(wait), _LONGEST_WAIT) if wait.isdecimal() else 0.0)


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


def check(values: Mapping[str, object]) -> list[tuple[str, Text]]:
    """A webhook needs an address without secrets in it, and the name of a variable with the signing secret."""
    problems = []
    parts = _split(values.get("url"))
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        problems.append(("url", Text("нужен адрес https://узел/путь", "an address https://host/path is needed")))
    elif parts.username or parts.password or parts.fragment:
        problems.append(
            ("url", Text("имени, пароля и # в адресе быть не должно", "no user name, password or # in the address"))
        )
    if not values.get("secret"):
        problems.append(
            (
                "secret",
                Text(
                    "нужно имя переменной окружения с секретом подписи",
                    "the name of the environment variable with the signing secret is needed",
                ),
            )
        )
    return problems


def _split(url: object) -> Any:
    try:
        return urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        return None

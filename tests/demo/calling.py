"""Calls of the local VK server as a program makes them."""

import json
import urllib.parse
import urllib.request
from typing import Any

from demo.servers.vk import VkServer


def call(server: VkServer, method: str, *, token: str = "t", post: bool = False, **params: Any) -> dict[str, Any]:
    """The JSON of the answer to a method; parameters that are None are left out."""
    given = {"v": "5.199", "access_token": token, **params}
    query = urllib.parse.urlencode({name: value for name, value in given.items() if value is not None})
    address, body = (f"{server.api}{method}", query.encode()) if post else (f"{server.api}{method}?{query}", None)
    with urllib.request.urlopen(urllib.request.Request(address, body)) as answer:
        assert answer.status == 200
        told = json.load(answer)
    assert isinstance(told, dict)
    return told


def ask(server: VkServer, method: str, *, token: str = "t", **params: Any) -> Any:
    """The `response` of a method; fails on an error."""
    told = call(server, method, token=token, **params)
    assert "response" in told, told
    return told["response"]


def refused(server: VkServer, method: str, *, token: str = "t", **params: Any) -> int:
    """The code of the error that a method answers."""
    told = call(server, method, token=token, **params)
    assert list(told) == ["error"], told
    return int(told["error"]["error_code"])

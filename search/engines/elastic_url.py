"""Where an Elasticsearch is and how to get in: the URL of a city file after `elasticsearch:`."""

import re
import ssl
from base64 import b64encode
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from elasticsearch import Elasticsearch

from crawler.model.ports import Secrets
from crawler.model.text import Text
from search.engine import EngineError

OPTIONS = ("user", "password_env", "api_key_env", "ca", "timeout")
_SECONDS = 30.0


def connect(url: str, secrets: Secrets) -> tuple[Elasticsearch, str]:
    """The client, and the hosts to show. `http://a:9200,http://b:9200?user=…&password_env=…&api_key_env=…&ca=…&timeout=…`

    Secrets are named by their environment variables. Raises EngineError. Nothing is asked of the server.
    """
    listed, _, rest = url.partition("?")
    hosts = [host.rstrip("/") for host in listed.split(",")]
    for host in hosts:
        parts = urlsplit(host)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise _wrong(f"{host.rpartition('@')[2]!r}: http(s)://host:port, {', '.join(OPTIONS)}")
    options = dict(parse_qsl(rest, keep_blank_values=True))
    unknown = sorted(options.keys() - set(OPTIONS))
    if unknown:
        raise _wrong(f"{unknown[0]!r}: {', '.join(OPTIONS)}")
    if ("user" in options) != ("password_env" in options) or {"user", "api_key_env"} <= options.keys():
        raise _wrong("user + password_env | api_key_env")
    # A node that is dead is stepped over; what a live one says is for us to judge.
    client = Elasticsearch(
        _ported(hosts), max_retries=len(hosts) - 1, retry_on_status=(), **_arguments(options, secrets)
    )
    return client, ", ".join(hosts)


def _ported(hosts: list[str]) -> list[str]:
    return [host if urlsplit(host).port else f"{host}:9200" for host in hosts]


def _arguments(options: dict[str, str], secrets: Secrets) -> dict[str, Any]:
    arguments: dict[str, Any] = {"request_timeout": _timeout(options.get("timeout", ""))}
    if "user" in options:
        # Encoded here: the client knows ASCII only.
        both = f"{options['user']}:{secrets.get(options['password_env'])}"
        arguments["basic_auth"] = b64encode(both.encode(errors="surrogateescape")).decode()
    if "api_key_env" in options:
        arguments["api_key"] = secrets.get(options["api_key_env"])
        if not re.fullmatch(r"[\w.:=+/-]+", arguments["api_key"], re.ASCII):
            raise _wrong(f"api_key_env={options['api_key_env']}: base64")
    if "ca" in options:
        try:
            ssl.create_default_context(cafile=options["ca"])
        except OSError as error:
            raise _wrong(f"ca={options['ca']}: {error.strerror or error}") from error
        arguments["ca_certs"] = options["ca"]
    return arguments


def _timeout(text: str) -> float:
    if not text:
        return _SECONDS
    if not text.isdecimal() or not 0 < int(text) <= 600:
        raise _wrong(f"timeout={text}: 1–600")
    return float(text)


def _wrong(detail: str) -> EngineError:
    return EngineError(
        Text(
            ru=f"Адрес Elasticsearch в файле города не понят: {detail}",
            en=f"The address of Elasticsearch in the city file is not understood: {detail}",
        )
    )

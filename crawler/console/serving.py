"""The console on a port of this machine."""

import asyncio
import errno
import socket
import threading
from contextlib import suppress

import uvicorn

from crawler.console.application import application
from crawler.console.options import Options
from crawler.console.warming import warm
from crawler.installation import Installation
from crawler.model.errors import OtklikError
from crawler.model.text import Text

TAKEN = Text(
    "{host}:{port} занят другой программой: укажите другой --port",
    "{host}:{port} is taken by another program: name another --port",
)
NO_ADDRESS = Text("{host}:{port}: слушать нельзя: {why}", "{host}:{port}: cannot listen there: {why}")


def serve(installation: Installation, options: Options, listening: socket.socket) -> None:
    """Serve on a socket of `listener` until a signal ends it."""
    threading.Thread(target=warm, args=(installation,), name="warming", daemon=True).start()
    # Ctrl+C is how it is meant to end; uvicorn raises it again when it has ended.
    with suppress(KeyboardInterrupt):
        asyncio.run(server(installation, options).serve(sockets=[listening]))


def server(installation: Installation, options: Options) -> uvicorn.Server:
    """The server, which a caller runs on a socket of `listener`."""
    return uvicorn.Server(
        uvicorn.Config(
            application(installation, options),
            log_config=None,
            # Addresses hold queries, and queries may hold names.
            access_log=False,
            server_header=False,
            # Any process of this machine could claim to be a proxy: only those that are named are believed.
            proxy_headers=bool(options.proxies),
            forwarded_allow_ips=list(options.proxies),
            # Queries of 20,000 Cyrillic letters, percent-encoded.
            h11_max_incomplete_event_size=160_000,
            limit_concurrency=200,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=5,
        )
    )


def listener(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any that is free."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        text = TAKEN if error.errno == errno.EADDRINUSE else NO_ADDRESS
        raise OtklikError(text.filled(host=host, port=port, why=error.strerror or error)) from error

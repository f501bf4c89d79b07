"""A genuine Elasticsearch for the tests: the core server from Maven Central, one node that goes with its owner.

`python -m tests.servers.elasticsearch_server` keeps one running and prints its address; with `--fetch` it
only fetches what is absent, a Java too, unpacks and checks.
"""

import argparse
import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.servers.elasticsearch_files import AbsentError, check, fetch_java
from tests.servers.elasticsearch_node import Server


def owned(owner: int) -> bool:
    """Whether the process that a server belongs to is there."""
    try:
        os.kill(owner, 0)
    except ProcessLookupError:
        return False
    return True


@contextlib.contextmanager
def _stopped_by_signals() -> Iterator[None]:
    def leave(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
    with contextlib.suppress(KeyboardInterrupt):
        yield


def main() -> int:
    """Keep a node running until a signal comes or the process `--owner` is gone; its address goes to `--tell`.

    With `--fetch` only see that one could be started: fetch and unpack what is absent.
    """
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--owner", type=int, default=os.getppid())
    parser.add_argument("--tell", type=Path)
    parser.add_argument("--fetch", action="store_true")
    options = parser.parse_args()
    try:
        if options.fetch:
            fetch_java()
        check()
    except AbsentError as absent:
        sys.stderr.write(f"{absent}\n")
        return 1
    if options.fetch:
        return 0
    with _stopped_by_signals():
        server = Server(options.port)
        try:
            server.wait()
            sys.stdout.write(f"{server.url}\n")
            sys.stdout.flush()
            if options.tell:
                beside = options.tell.with_suffix(".new")
                beside.write_text(server.url)
                beside.rename(options.tell)
            while server.alive() and owned(options.owner):
                time.sleep(0.5)
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""The processes that read strangers' files (crawler/fetching/reading.py), found and killed, as Linux tells of them."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def readers_of(process: int) -> list[int]:
    """The readers that this process started."""
    found = []
    for told in Path("/proc", str(process), "task").glob("*/children"):
        with suppress(OSError):
            found += [int(number) for number in told.read_text().split()]
    return [number for number in found if b"crawler.fetching.reading" in _command(number)]


def kill_reader(number: int) -> bool:
    """kill -9; whether it was still there."""
    try:
        os.kill(number, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


@contextmanager
def next_reader_killed() -> Iterator[None]:
    """The next reader that this process starts is killed before it has read anything: it takes longer to start."""
    before = set(readers_of(os.getpid()))
    over = threading.Event()

    def wait() -> None:
        while not over.is_set():
            if started := set(readers_of(os.getpid())) - before:
                kill_reader(started.pop())
                return
            time.sleep(0.001)

    killer = threading.Thread(target=wait)
    killer.start()
    try:
        yield
    finally:
        over.set()
        killer.join()


def _command(process: int) -> bytes:
    try:
        return Path("/proc", str(process), "cmdline").read_bytes()
    except OSError:
        return b""

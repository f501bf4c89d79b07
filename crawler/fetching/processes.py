"""The processes of the browser and the memory that they hold, as Linux tells; elsewhere nothing is known."""

import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
# How Playwright talks to the browser that it started.
_MARK = b"--remote-debugging-pipe"


def browser_processes(of: int | None = None) -> list[int]:
    """The ids of the browser that a process (this one) started, its main process first, then all below it."""
    below: defaultdict[int, list[int]] = defaultdict(list)
    for number, parent in _parents():
        below[parent].append(number)
    for number in _tree(os.getpid() if of is None else of, below):
        if _MARK in _command(number):
            return list(_tree(number, below))
    return []


def resident(processes: list[int]) -> int:
    """Resident bytes of these processes together; pages that they share count for each."""
    return sum(map(_resident, processes))


def _tree(root: int, below: dict[int, list[int]]) -> Iterator[int]:
    waiting = [root]
    while waiting:
        number = waiting.pop(0)
        yield number
        waiting += below.get(number, [])


def _parents() -> Iterator[tuple[int, int]]:
    with suppress(OSError):
        for number in (int(path.name) for path in _PROC.iterdir() if path.name.isdigit()):
            # What comes after the command's name in parentheses, which may hold anything.
            rest = _read(number, "stat").rpartition(b")")[2].split()
            if rest:
                yield number, int(rest[1])


def _command(number: int) -> list[bytes]:
    return _read(number, "cmdline").split(b"\0")


def _resident(number: int) -> int:
    fields = _read(number, "statm").split()
    return int(fields[1]) * _PAGE if fields else 0


def _read(number: int, name: str) -> bytes:
    """A file of a process; nothing once it has ended."""
    try:
        return (_PROC / str(number) / name).read_bytes()
    except OSError:
        return b""

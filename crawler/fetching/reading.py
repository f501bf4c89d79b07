"""Reading what strangers wrote in a process of its own: a hostile page costs that process, never the crawls' loop.

One process for all crawls, fed by one thread through pipes: trafilatura never promised to be safe in several threads.
It ends when its crawl's process does, however that ends, because its input is closed then.
"""

import asyncio
import atexit
import os
import pickle
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from traceback import format_exc
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

MOST_SECONDS = 10.0
"""CPU time that one document may take; the slowest honest page that we know takes under one."""


class SlowPageError(Exception):
    """A document took more time than any honest one; its reader was ended."""


class ReaderDiedError(Exception):
    """The reader's process ended in the middle of a document, by its exit code."""


class ReaderKilledError(ReaderDiedError):
    """The reader's process was killed from outside, by a person or a machine short of memory: says nothing of the
    document.
    """


class Reader:
    """A process that calls functions. `call` blocks, and is for one thread at a time.

    A document may take `seconds` of CPU time; `memory`, where it is given, bounds the address space of the process in
    bytes: what asks for more raises MemoryError there.
    """

    def __init__(self, seconds: float = MOST_SECONDS, memory: int = 0) -> None:
        self._seconds = seconds
        self._memory = memory
        self._process: subprocess.Popen[bytes] | None = None

    def call(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """What the function of a module gives or raises, there. SlowPageError, ReaderDiedError: it ended no way."""
        process = self._running()
        assert process.stdin
        assert process.stdout
        try:
            pickle.dump((function, args, kwargs), process.stdin)
            process.stdin.flush()
            given, error, trace = pickle.load(process.stdout)  # noqa: S301  written by our own process
        except (OSError, EOFError, pickle.UnpicklingError) as broken:
            code = process.wait()
            self.close()
            if code == -signal.SIGPROF:
                raise SlowPageError(f"more than {self._seconds:g} s of CPU time") from None
            died = ReaderKilledError if code == -signal.SIGKILL else ReaderDiedError
            raise died(f"exit code {code}") from broken
        if error is not None:
            error.add_note(trace)
            raise error
        result: T = given
        return result

    def close(self) -> None:
        """End the process; the next call starts another."""
        atexit.unregister(self.close)
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        # Leaving the context closes the pipes and waits; what was not flushed has no reader any more.
        try:
            with process:
                pass
        except BrokenPipeError:
            process.wait()

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is not None and self._process.poll() is not None:
            self.close()
        if self._process is None:
            atexit.register(self.close)
            self._process = subprocess.Popen(  # noqa: S603  our own module
                [sys.executable, "-P", "-m", __name__, str(self._seconds), str(self._memory)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            )
        return self._process


_READER = Reader()
_THREAD = ThreadPoolExecutor(1, thread_name_prefix="reader")


async def read_apart(function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a function of a module in the reader's process, and let the loop run meanwhile. Raises as Reader.call; who
    was killed is followed by another, once.
    """

    def call() -> T:
        try:
            return _READER.call(function, *args, **kwargs)
        except ReaderKilledError:
            return _READER.call(function, *args, **kwargs)

    return await asyncio.get_running_loop().run_in_executor(_THREAD, call)


def serve(seconds: float, memory: int) -> None:
    """The reader's side: answer until the input ends. Ctrl-C and a stop of the service are for the other side."""
    if memory:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # What a library prints must not get among the answers.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    while (asked := _next()) is not None:
        function, args, kwargs = asked
        # SIGPROF is not handled: the system ends the process, whatever C code it is in.
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            answer = pickle.dumps((function(*args, **kwargs), None, ""))
        except Exception as error:  # noqa: BLE001  the other side raises it
            answer = _raised(error)
        signal.setitimer(signal.ITIMER_PROF, 0)
        answers.write(answer)
        answers.flush()


def _next() -> Any:
    try:
        return pickle.load(sys.stdin.buffer)  # noqa: S301  written by our own process
    except EOFError:
        return None


def _raised(error: Exception) -> bytes:
    trace = format_exc()
    try:
        answer = pickle.dumps((None, error, trace))
        pickle.loads(answer)  # noqa: S301  an exception with a constructor of its own may not come back
    except Exception:  # noqa: BLE001  whatever it was, its trace tells
        return pickle.dumps((None, RuntimeError(repr(error)), trace))
    return answer


if __name__ == "__main__":
    serve(float(sys.argv[1]), int(sys.argv[2]))

"""One asyncio loop with Scrapy's reactor in it: what crawls in this process run in."""

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")


def in_reactor(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end in a loop that Twisted's asyncio reactor shares. Once in a process's main thread."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    from scrapy.utils.reactor import install_reactor

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor

    running: Any = reactor
    task = loop.create_task(coroutine)
    task.add_done_callback(lambda _: running.stop())
    running.run(installSignalHandlers=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        # What comes after the loop can be interrupted as usual.
        loop.remove_signal_handler(number)
    return task.result()


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM or SIGINT sets: finish what is under way. A second signal kills as usual.

    Called inside the running loop, in the main thread.
    """
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()

    def stopping() -> None:
        stop.set()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping)
    return stop

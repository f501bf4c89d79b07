"""The one event loop of a crawling process: Twisted's reactor on asyncio, with a clean stop on signals."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

T = TypeVar("T")


def in_reactor(main: Callable[[asyncio.Event], Awaitable[T]]) -> T:
    """Run `main` in the reactor and give what it gives; once a process, since a reactor does not start again.

    `main` gets an event that SIGTERM or SIGINT sets: finish what is under way and return. A second signal kills.
    """
    from scrapy.utils.reactor import install_reactor

    install_reactor("twisted.internet.asyncioreactor.AsyncioSelectorReactor")
    from twisted.internet import reactor as installed

    reactor: Any = installed
    loop = asyncio.get_event_loop()
    stop = asyncio.Event()
    results: list[asyncio.Task[T]] = []

    async def work() -> T:
        return await main(stop)

    def start() -> None:
        task = loop.create_task(work())
        results.append(task)
        task.add_done_callback(lambda _: reactor.stop())

    def stopping() -> None:
        stop.set()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping)
    reactor.callWhenRunning(start)
    reactor.run(installSignalHandlers=False)
    return results[0].result()

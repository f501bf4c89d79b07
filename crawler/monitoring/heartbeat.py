"""The heartbeat: an address of the administrator is called while all is well, so that silence alarms from outside.

All is well when the loop turns (this runs in it), no part of the run fails or is stuck (crawler/pulse.py), and the
state takes a write. Otherwise the call is left out and the log says why. What the other side does disturbs nothing.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from crawler.environment import HeartbeatPlan
from crawler.fetching.client import GuardedClient
from crawler.model.errors import OtklikError
from crawler.monitoring.counted import Counted
from crawler.pulse import Pulse
from search.state.database import Database
from search.state.marks import note

logger = logging.getLogger(__name__)

NAME = "heartbeat"
_CALL_SECONDS = 10.0
_WRITE_SECONDS = 10.0
_FIRST = 5.0
T = TypeVar("T")


class Heartbeat:
    """Calls `plan.url` every `plan.every` while all is well. Its addresses are secrets: no log line holds one."""

    def __init__(self, plan: HeartbeatPlan, database: Database, pulse: Pulse, counted: Counted) -> None:
        self._plan = plan
        self._database = database
        self._pulse = pulse
        self._counted = counted
        # The administrator's own address may be one of the inner network: who names it permits it.
        hosts = [urlsplit(url).netloc for url in (plan.url, plan.fail_url) if url]
        self._client = GuardedClient(hosts, seconds=_CALL_SECONDS, most=100_000)
        self._write = _Thread("heartbeat-write")
        self._call = _Thread("heartbeat-call")
        self._said = ""

    async def run(self) -> None:
        """Until it is cancelled."""
        seconds = self._plan.every.total_seconds()
        await asyncio.sleep(min(_FIRST, seconds))
        while True:
            await self._beat()
            await asyncio.sleep(seconds)

    async def _beat(self) -> None:
        why = self._pulse.complaint() or await self._state()
        self._say(why)
        if why:
            self._counted.add("otklik_heartbeats_total", ("skipped",), 1)
            if self._plan.fail_url:
                await self._ask("POST", self._plan.fail_url, why[:200].encode())
        else:
            sent = await self._ask("GET", self._plan.url)
            self._counted.add("otklik_heartbeats_total", ("sent" if sent else "failed",), 1)

    async def _state(self) -> str:
        """Why the state takes no write, "" when it does."""
        try:
            await self._write.run(self._mark, _WRITE_SECONDS)
        except TimeoutError:
            return f"state: no write within {_WRITE_SECONDS:.0f} s"
        except Exception as error:
            logger.info("the state takes no write", exc_info=True)
            return f"state: {type(error).__name__}"
        return ""

    def _mark(self) -> None:
        with self._database.begin() as connection:
            note(connection, NAME, datetime.now(UTC).isoformat(timespec="seconds"))

    async def _ask(self, method: str, url: str, body: bytes = b"") -> bool:
        """Whether the address took it; a failure is said without the address, which is a secret."""
        try:
            answer = await self._call.run(lambda: self._client.request(method, url, body=body), 2 * _CALL_SECONDS)
        except (TimeoutError, OtklikError) as error:
            logger.warning("heartbeat: %s could not be called: %s", urlsplit(url).hostname, type(error).__name__)
            return False
        except Exception as error:  # noqa: BLE001 - a strange answer must not disturb the run; what it says may hold the address
            logger.warning("heartbeat: %s failed: %s", urlsplit(url).hostname, type(error).__name__)
            return False
        if answer.status >= 300:
            logger.warning("heartbeat: %s answered %d", urlsplit(url).hostname, answer.status)
        return answer.status < 300

    def _say(self, why: str) -> None:
        """Log a change: a minute of it is as good as an hour."""
        if why and why != self._said:
            logger.warning("heartbeat left out, not all is well: %s", why)
        elif self._said and not why:
            logger.warning("heartbeat goes on, all is well again")
        self._said = why


class _Thread:
    """One thread for calls that block: what hangs hangs there alone, and another call does not queue behind it."""

    def __init__(self, name: str) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._busy: asyncio.Future[Any] | None = None

    async def run(self, function: Callable[[], T], seconds: float) -> T:
        """What the function gives, or raises; TimeoutError when it, or the one before it, takes longer."""
        if self._busy is not None and not self._busy.done():
            raise TimeoutError("the last call is still under way")
        future = asyncio.get_running_loop().run_in_executor(self._pool, function)
        self._busy = future
        # What ends after its time raises to nobody.
        future.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        async with asyncio.timeout(seconds):
            return await asyncio.shield(future)

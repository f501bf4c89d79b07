"""What a decision sets going is sent at once, by a thread of the console: a ticket does not wait for `otklik run`,
which may work beside it. The state says who sends what, so that two of them never send one thing twice.
"""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from crawler.installation import Installation
from crawler.model.errors import OtklikError

logger = logging.getLogger(__name__)

SECONDS = 15.0
"""For one city; what takes longer is sent by the next turn, or by `otklik run`."""
EVERY = 30.0
"""Without a decision."""


class Courier:
    """Wakes when something was decided. What fails stays in the state and is tried again at the next turn."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self._lock = threading.Lock()
        self._cities: set[str] = set()
        self._woken = threading.Event()
        self._over = False

    def wake(self, city: str) -> None:
        """Something of that city is to be sent or indexed."""
        with self._lock:
            self._cities.add(city)
        self._woken.set()

    @contextmanager
    def working(self) -> Iterator[None]:
        """Work while this lasts; a turn under way is finished."""
        thread = threading.Thread(target=self._work, name="courier", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._over = True
            self._woken.set()
            thread.join(2 * SECONDS)

    def _work(self) -> None:
        while not self._over:
            woken = self._woken.wait(EVERY)
            self._woken.clear()
            with self._lock:
                cities, self._cities = self._cities, set()
            # What waits for its next try has nobody to wake for it.
            for city in sorted(cities) if woken else list(self._installation.desks):
                self._drain(city)

    def _drain(self, city: str) -> None:
        try:
            waiting = self._installation.desk(city).drain(SECONDS)
        except OtklikError as error:
            logger.warning("console: %s: %s", city, error.text.en)
        except Exception:
            logger.exception("console: %s: what was decided waits for the next turn", city)
        else:
            for told in waiting.errors:
                logger.warning("console: %s: %s", city, told)

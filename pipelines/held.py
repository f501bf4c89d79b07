"""Checkpoints held until the posts that they cover have an outcome."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from crawler.model.crawled import Checkpoint

# A page covers tens of posts; of a pass without checkpoints (a million given lines) no more than this is remembered.
_REMEMBERED = 50_000


class Held:
    """Which posts of this pass have an outcome, and which checkpoints still wait for others."""

    def __init__(self) -> None:
        self._decided: OrderedDict[str, None] = OrderedDict()
        self._waiting: list[Checkpoint] = []

    def ready(self, decided: Iterable[str], arrived: Sequence[Checkpoint]) -> list[Checkpoint]:
        """The checkpoints that may be committed together with these decided posts, in order. Changes nothing: `settle`
        says that the commit happened.
        """
        fresh = set(decided)
        blocked: set[str] = set()
        free = []
        for checkpoint in (*self._waiting, *arrived):
            covered = all(post in fresh or post in self._decided for post in checkpoint.covers)
            if covered and checkpoint.source not in blocked:
                free.append(checkpoint)
            else:
                blocked.add(checkpoint.source)
        return free

    def settle(self, decided: Iterable[str], arrived: Sequence[Checkpoint], free: Sequence[Checkpoint]) -> None:
        """Remember what was committed; the other checkpoints wait on."""
        self._decided.update(dict.fromkeys(decided))
        while len(self._decided) > _REMEMBERED:
            self._decided.popitem(last=False)
        done = {id(checkpoint) for checkpoint in free}
        self._waiting = [one for one in (*self._waiting, *arrived) if id(one) not in done]

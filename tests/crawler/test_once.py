import threading
from dataclasses import dataclass, field

from crawler.once import once


@dataclass
class Thing:
    made: list[str] = field(default_factory=list)
    entered: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    @once
    def dear(self) -> object:
        """What takes time."""
        self.entered.set()
        self.go_on.wait(30)
        self.made.append("dear")
        return object()

    @once
    def other(self) -> object:
        self.made.append("other")
        return object()


def test_threads_that_ask_at_once_get_the_same_and_others_do_not_wait() -> None:
    thing, got = Thing(), list[object]()
    threads = [threading.Thread(target=lambda: got.append(thing.dear)) for _ in range(4)]
    for one in threads:
        one.start()
    assert thing.entered.wait(30)
    assert thing.other is thing.other
    thing.go_on.set()
    for one in threads:
        one.join()
    assert len(got) == 4
    assert len(set(map(id, got))) == 1
    assert thing.made == ["other", "dear"]


def test_what_is_taken_out_is_made_anew() -> None:
    thing = Thing()
    thing.go_on.set()
    first = thing.dear
    thing.__dict__.pop("dear")
    assert thing.dear is not first
    assert Thing.dear.__doc__ == "What takes time."

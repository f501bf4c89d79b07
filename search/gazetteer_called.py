"""Landmarks of a gazetteer by what they are called: the keys of their numbers and names, and the words in these."""

from collections.abc import Iterable, Sequence
from functools import cached_property

from search.gazetteer_landmarks import landmark_keys
from search.gazetteer_records import Landmark


class Called:
    """Finds landmarks by kind and name, in all settlements."""

    def __init__(self, landmarks: Iterable[tuple[Landmark, Sequence[str]]]) -> None:
        """Landmarks with their keys, in the order of the file."""
        self._by_key: dict[str, list[Landmark]] = {}
        for one, keys in landmarks:
            for key in keys:
                self._by_key.setdefault(key, []).append(one)

    def knows(self, kind: str, name: str) -> bool:
        """Whether there is an object of that kind which is called just so, or whose number is its name."""
        return any(key in self._by_key for key in landmark_keys(kind, name))

    def find(self, kind: str, name: str) -> tuple[Landmark, ...]:
        """The objects of a kind with this number or name; where none is called so, those whose names hold its words
        and more: «парк Горького» for «Парк имени Максима Горького».
        """
        for key in landmark_keys(kind, name):
            if key in self._by_key:
                return tuple(self._by_key[key])
            fits = self._longer(key)
            if fits:
                return tuple(dict.fromkeys(one for key in fits for one in self._by_key[key]))
        return ()

    def _longer(self, key: str) -> list[str]:
        """The keys that hold the words of a key and more; of one without words («ж/д вокзал») all of its series."""
        series, _, words = key.partition(":")
        wanted = set(words.split())
        among = self._by_word.get((series, max(wanted, key=len, default="")), {})
        return [one for one in among if wanted < set(one.partition(":")[2].split())]

    @cached_property
    def _by_word(self) -> dict[tuple[str, str], dict[str, None]]:
        """The keys of a series by each word in them, all of them by ""."""
        found: dict[tuple[str, str], dict[str, None]] = {}
        for key in self._by_key:
            series, _, words = key.partition(":")
            for word in ("", *words.split()):
                found.setdefault((series, word), {})[key] = None
        return found

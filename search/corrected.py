"""What people said an incident is about and where, against what Otklik had understood: it holds for all that comes
later. Pure.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Protocol

from crawler.model.items import Place
from crawler.model.text import Text
from search.states import Decided
from search.titles import called_by, place_content, place_of, place_text, title_of


@dataclass(frozen=True, slots=True)
class Said:
    """What people said of an incident: `of_topic` and `of_place` tell of which of the two they did. A place of None is
    one that nobody knows.
    """

    topic: str
    place: Place | None
    of_topic: bool
    of_place: bool

    @property
    def decided(self) -> list[str]:
        """What Otklik leaves alone since."""
        return [what.value for what, so in ((Decided.PLACE, self.of_place), (Decided.TOPIC, self.of_topic)) if so]

    def named(self, face: dict[str, Any], home: str) -> dict[str, Any]:
        """Title, place and topic of an incident that would have those of `face` if people had said nothing."""
        was = place_of(face["place"])
        topic = self.topic if self.of_topic else face["topic"]
        place = self.place if self.of_place else was
        title = title_of(topic or called_by(face["title"], was, home), place, home)
        return {"title": title, "place": place_content(place), "topic": topic}


def said_of(by_hand: Collection[str], topic: str, place: dict[str, Any] | None) -> Said | None:
    """What people said of an incident with that topic and place; None where Otklik understood both."""
    of_topic, of_place = Decided.TOPIC in by_hand, Decided.PLACE in by_hand
    return Said(topic, place_of(place), of_topic, of_place) if of_topic or of_place else None


@dataclass(frozen=True, slots=True)
class Understood:
    """What Otklik had understood before people said otherwise."""

    topic: str
    place: Place | None


def understood_of(content: dict[str, Any] | None) -> Understood | None:
    """What the state keeps of it."""
    return Understood(content["topic"], place_of(content["place"])) if content else None


class Corrected(Protocol):
    """An incident whose place or topic people may have put right."""

    @property
    def understood(self) -> Understood | None:
        """What Otklik had understood."""
        ...

    @property
    def by_hand(self) -> Collection[str]:
        """What people decided."""
        ...


def corrections(incident: Corrected, home: str) -> list[Text]:
    """What Otklik had understood, where people put it right."""
    was, told = incident.understood, []
    if was and Decided.PLACE in incident.by_hand:
        told.append(_WAS_THERE.filled(place=place_text(was.place, home) or _NOWHERE))
    if was and Decided.TOPIC in incident.by_hand:
        told.append(_WAS_ABOUT.filled(topic=was.topic or _NOTHING))
    return told


_NOWHERE = Text("не названо", "none named")
_NOTHING = Text("не определена", "none told")
_WAS_THERE = Text("Место исправлено, Отклик понял так: {place}", "The place was corrected, Otklik understood: {place}")
_WAS_ABOUT = Text("Тема исправлена, Отклик понял так: {topic}", "The topic was corrected, Otklik understood: {topic}")

"""What a report is about where its saved search does not say it: what the words of the post were read as. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from crawler.model.city import City
from search.document import Document


@dataclass(frozen=True, slots=True)
class Subject:
    """A topic as it was read, "" for none, and the topic group that its reports are put together by: "" where it was
    not read surely enough for that, so that they wait for people.
    """

    topic: str
    group: str


def subject_of(city: City, document: Document, known: Iterable[Sequence[sa.Row[Any]]]) -> Subject:
    """What a post is about, by its reading. `known` are the reports that it has already (their turns): what was read
    of an earlier version holds where a later one is read as nothing sure, since «спасибо, ждём» takes no report away.
    """
    now = _subject(city, document.topic)
    if now.group:
        return now
    before = [_subject(city, topic) for turns in known if turns[-1].fits for topic in _told(turns[-1].reasons)]
    return next((one for one in before if one.group), now)


def told_topic(reasons: Iterable[dict[str, Any]]) -> str:
    """The topic that the text was read as, where that made the report; "" where a search or a person said it."""
    return next(_told(reasons), "")


def _told(reasons: Iterable[dict[str, Any]]) -> Iterator[str]:
    return iter([reason["told"] for reason in reasons if reason.get("told")])


def _subject(city: City, topic: str) -> Subject:
    return Subject(topic, city.group_of(topic) if city.groups.is_one_problem(topic) else "")

"""Times of events: when what a post tells of happens, by the words of its title and text, in the zone of its source.

Words are read as of the moment of publication: «завтра» is the day after it, a day without a year is the nearest such
day, a weekday is the last one where its sentence tells the past and the next one else. A time of the clock alone is of
the day that was told last, else of the day of publication.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from crawler.model.items import EventPrecision, EventTime, Place, Post
from pipelines.draft import Draft
from pipelines.event_days import Days, day_span
from pipelines.event_groups import Group, Slot, groups
from pipelines.event_pieces import PARTS, Piece, fold, pieces
from search.morphology import forms

# An announcement tells its times early, and no post shall cost more than some articles.
LONGEST_READ = 20_000
_SENTENCE_END = re.compile(r"[.!?…]+\s+(?=[«\"(]?[А-ЯЁA-Z])|\n")
_WORD = re.compile(r"[а-я]{2,}")
_MOST_WORDS = 60
_FAR = 400
_RECURRING = re.compile(
    r"\bежедневн|\bпо будн|\bкажд(?:ый|ую|ое|ые|ого|ой)\b|\bрежим\w* работ|\bграфик\w* (?:работ|прием)"
    r"|\bчас\w* (?:работ|прием)|\bработа(?:ет|ем|ют)\b|\bкруглосуточн|\bбез выходных|\bперерыв|\bобычно\b|\bвсегда\b"
    r"|\bпостоянно\b|\bпо (?:ночам|утрам|вечерам|понедельникам|вторникам|средам|четвергам|пятницам|субботам)"
    r"|\bпо (?:воскресеньям|выходным)|\bпн\b|\bпонедельник\s*[-–—]|\bприем (?:граждан|ведет)|\bзвоните с\b"
)
_STAMPED = re.compile(
    r"(?:опубликован\w*|дата публикации|обновлен\w*|размещен\w*|дата создания|фото от|скриншот от)\W*$"
)
_DOCUMENT = re.compile(
    r"\b(?:постановлени|распоряжени|приказ|закон|указ|решени|письм|договор|контракт|фз|акт|протокол|сообщени|обращени|заявлени|заявк)"
    r"\w*(?:\s+\S+){0,6}?\s+(?:от|за)\s+$"
)
_NUMBERED = re.compile(r"\s*(?:г\.?|года)?\s*(?:№|n\s?\d|за номером)")
_NAMED = re.compile(
    r"\b(?:(?:улиц|проспект|площад|сквер|парк|переул|микрорайон|имени|завод|колхоз|фабрик)\w*|(?:ул|пр|просп|пл|пер|мкр|им)\b\.?)"
    r"\s+(?:им\.?\s+|имени\s+)?$"
)
_MONTH_IN_NAME = re.compile(r"январ|феврал|март|апрел|\bмая\b|июн|июл|август|сентябр|октябр|ноябр|декабр")
_ORDER = tuple(EventPrecision)


class EventTimes:
    """Add the times of events that a post tells of, once its date of publication and its places are known."""

    def process(self, batch: Sequence[Draft]) -> Sequence[Draft]:
        """Drafts with times of events in their readings."""
        return [
            draft.with_event_times(event_times(draft.post, draft.source.zone, draft.reading.places)) for draft in batch
        ]


def event_times(post: Post, zone: ZoneInfo, places: Sequence[Place] = ()) -> tuple[EventTime, ...]:
    """The times of events of a post, those of the title first. A street named after a day (one of `places`) is none."""
    clock = (post.published_at or post.seen_at).astimezone(zone)
    found: list[EventTime] = []
    told: Days | None = None
    for name, text in (("title", post.title), ("text", post.text)):
        reader = _Reader(text[:LONGEST_READ], name, clock, zone, told)
        read = list(reader.read())
        told = reader.told
        named = [place for place in places if read and place.field == name and _is_of_month(place)]
        found += [one for one in read if not any(p.start < one.end and one.start < p.end for p in named)]
    return tuple(found)


def _is_of_month(place: Place) -> bool:
    return any(map(_MONTH_IN_NAME.search, map(fold, place.name)))


class _Reader:
    """Reads one field; `told` is the day that was told last."""

    def __init__(self, text: str, field: str, clock: datetime, zone: ZoneInfo, told: Days | None) -> None:
        self.text, self.field, self.clock, self.zone, self.told = text, field, clock, zone, told
        self.folded = fold(text)

    def read(self) -> Iterator[EventTime]:
        for group in groups(self.folded, list(pieces(self.folded))):
            if self._is_none(group):
                continue
            try:
                yield from self._times(group)
            except (ValueError, OverflowError):
                # 31 February, or a year that no calendar has: the form is known, the day is not.
                continue

    def _is_none(self, group: Group) -> bool:
        """Whether it is a date of something else: of publication, of a document, of a name, of every week."""
        before, after = self.folded[max(0, group.start - 80) : group.start], self.folded[group.end : group.end + 20]
        if _STAMPED.search(before) or _DOCUMENT.search(before) or _NAMED.search(before):
            return True
        if any(day.kind == "day" for day in group.days) and _NUMBERED.match(after):
            return True
        if all(day.rule in {"weekday", "short_weekday"} for day in group.days):
            low, high = self._sentence(group)
            return bool(_RECURRING.search(self.folded[low:high]))
        return False

    def _sentence(self, group: Group) -> tuple[int, int]:
        low = max(0, group.start - _FAR)
        low = max((end.end() for end in _SENTENCE_END.finditer(self.text, low, group.start)), default=low)
        after = _SENTENCE_END.search(self.text, group.end)
        return low, min(after.start() if after else len(self.text), group.end + _FAR)

    def _past(self, group: Group) -> bool:
        """Whether the verb nearest to a group is of the past tense."""
        low, high = self._sentence(group)
        best, past = len(self.text), False
        for count, word in enumerate(_WORD.finditer(self.folded, low, high)):
            if count == _MOST_WORDS:
                break
            form = forms(word[0])[0]
            tense = form.marks & {"past", "futr", "pres"} if form.pos == "VERB" else set()
            far = min(abs(word.start() - group.end), abs(group.start - word.end()))
            if tense and far < best:
                best, past = far, "past" in tense
        return past

    def _times(self, group: Group) -> Iterator[EventTime]:
        if len(group.days) == 1 and group.days[0].value[0] == "list":
            piece = group.days[0]
            items = list(piece.value[1])  # type: ignore[call-overload]
            for at, (start, end, told) in enumerate(items):
                day = Piece(piece.start, piece.end, "day", ("date", told), "date")
                last = at == len(items) - 1
                yield self._time(group, start if at else group.start, group.end if last else end, day)
        else:
            yield self._time(group, group.start, group.end, None)

    def _time(self, group: Group, start: int, end: int, instead: Piece | None) -> EventTime:
        begins, ends, precision = self._bounds(group, instead)
        return EventTime(
            start,
            end,
            self.text[start:end],
            begins and begins.astimezone(UTC),
            ends and ends.astimezone(UTC),
            precision,
            self.zone.key,
            self.field,
        )

    def _bounds(self, group: Group, instead: Piece | None) -> tuple[datetime | None, datetime | None, EventPrecision]:
        if group.both.day and group.both.day.kind == "shift":
            return self._shifted(group.both.day)
        past = any(day.rule in {"weekday", "short_weekday"} for day in group.days) and self._past(group)

        def days(slot: Slot) -> Days | None:
            piece = instead if instead and slot.day else slot.day
            if piece and piece.kind == "shift":
                day = self._moved(piece).date()
                return Days(day, day, EventPrecision.DAY)
            return day_span(piece.value, self.clock, past) if piece else None

        both, first, last = days(group.both), days(group.begin), days(group.until)
        if group.both.day and group.both.day.value[0] == "since" and both:
            return self._at(both.first, 0), None, EventPrecision.DAY
        told = both or first or last
        if told and told.precision is EventPrecision.DAY:
            self.told = told
        today = self.told or Days(self.clock.date(), self.clock.date(), EventPrecision.DAY)
        first, last = first or both or (last if group.begin else None) or today, last or both or first or today
        if not group.begin and not group.until:
            return self._plain(group.both, first)
        return self._ended(group, first, last)

    def _plain(self, slot: Slot, days: Days) -> tuple[datetime | None, datetime | None, EventPrecision]:
        """A day alone, with a time or a part of the day."""
        if slot.clock:
            return self._at(days.first, _minute(slot)), None, EventPrecision.MINUTE
        if slot.part:
            low, high = PARTS[str(slot.part.value[0])]
            return self._at(days.first, low), self._at(days.last, high), EventPrecision.PART
        if days.night:
            return self._at(days.first - timedelta(days=1), 1320), self._at(days.last, 360), EventPrecision.PART
        return self._at(days.first, 0), self._at(days.last, 1440), days.precision

    def _ended(self, group: Group, first: Days, last: Days) -> tuple[datetime | None, datetime | None, EventPrecision]:
        """A begin, an end, or both. A time of day that stands beside neither is the begin."""
        begin, until = group.begin, group.until
        begins = ends = None
        exact = []
        low = _minute(begin) if begin.clock else None
        if until:
            high = _minute(until) if until.clock else None
            if (
                low is not None
                and high is not None
                and not _part(begin)
                and _part(until) == "вечера"
                and low + 720 < high
            ):
                low += 720
            ends, how = self._end(until, last, high)
            exact.append(how)
        if _is_span(begin.day) and not until:
            ends, how = self._end(begin, first, None)
            exact.append(how)
        span = not begin and (group.both.clock or _is_span(group.both.day))
        if begin or span:
            if span and group.both.clock:
                low = _minute(group.both)
            begins, how = self._begin(begin, first, low, after=group.after)
            exact.append(how)
        if begins and ends and ends <= begins:
            ends += timedelta(days=1)
        return begins, ends, max(exact, key=_ORDER.index)

    def _begin(self, slot: Slot, days: Days, minute: int | None, *, after: bool) -> tuple[datetime, EventPrecision]:
        if minute is not None:
            return self._at(days.first, minute), EventPrecision.MINUTE
        if slot.part:
            return self._at(days.first, PARTS[str(slot.part.value[0])][after]), EventPrecision.PART
        if after and slot.day:
            return self._at(days.last, 1440), days.precision
        return self._at(days.first, 0), days.precision

    def _end(self, slot: Slot, days: Days, minute: int | None) -> tuple[datetime, EventPrecision]:
        if minute is not None:
            return self._at(days.last, minute), EventPrecision.MINUTE
        if slot.part:
            return self._until_part(slot, days), EventPrecision.PART
        return self._at(days.last, 1440), days.precision

    def _until_part(self, slot: Slot, days: Days) -> datetime:
        """«до утра» is the next morning that comes, of the day that is told if one is."""
        assert slot.part
        at = self._at(days.last, PARTS[str(slot.part.value[0])][0])
        return at if slot.day or at > self.clock else at + timedelta(days=1)

    def _shifted(self, piece: Piece) -> tuple[datetime, datetime | None, EventPrecision]:
        at = self._moved(piece)
        _, unit = piece.value
        assert isinstance(unit, int)
        if unit < 1440:
            return at.replace(second=0, microsecond=0), None, EventPrecision.MINUTE
        return self._at(at.date(), 0), self._at(at.date(), 1440), EventPrecision.DAY

    def _moved(self, piece: Piece) -> datetime:
        """The clock, moved on or back as a shift says."""
        minutes, unit = piece.value
        assert isinstance(minutes, int)
        assert isinstance(unit, int)
        return _months(self.clock, minutes // unit) if unit == 43200 else self.clock + timedelta(minutes=minutes)

    def _at(self, day: date, minute: int) -> datetime:
        """The minute of a day on the wall clock; 1440 is the next midnight."""
        whole, rest = divmod(minute, 1440)
        return datetime.combine(day + timedelta(days=whole), time(rest // 60, rest % 60), self.zone)


def _is_span(piece: Piece | None) -> bool:
    return piece is not None and piece.kind == "days"


def _part(slot: Slot) -> str:
    return str(slot.clock.value[1]) if slot.clock else ""


def _minute(slot: Slot) -> int:
    """The minute of the day of a time of the clock, «7 вечера» after noon, also where the evening stands before it."""
    assert slot.clock
    minute, part = slot.clock.value[0], slot.clock.value[1] or (slot.part.value[1] if slot.part else "")
    assert isinstance(minute, int)
    if part in {"вечера", "вечером"} and minute < 720:
        return minute + 720
    if part in {"дня", "днем"} and minute < 420:
        return minute + 720
    if part in {"ночи", "ночью"} and 540 <= minute <= 720:
        return minute + 720
    return minute


def _months(clock: datetime, count: int) -> datetime:
    month = clock.year * 12 + clock.month - 1 + count
    year, month = divmod(month, 12)
    return clock.replace(year=year, month=month + 1, day=min(clock.day, 28))

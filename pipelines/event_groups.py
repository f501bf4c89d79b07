"""What pieces that stand together mean: a day here, from when and until when there.

Prepositions and dashes say which end a piece tells («с … до …»); what stands without one tells the day of both.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from pipelines.event_pieces import Piece

_FROM = frozenset({"с", "со", "после", "начиная с"})
_TILL = frozenset({"до", "по", "к", "ко", "не позднее", "не позже", "не позднее чем"})
_PREPOSITION = re.compile(
    r"(?<!\w)(?:ориентировочно |примерно |в период )?"
    r"(начиная с|не позднее чем|не позднее|не позже|вплоть до|с|со|после|до|по|к|ко|в|во|на|около|за)"
    r"\s+(?:(?:самого|самой|раннего|позднего|около|примерно)\s+)?$"
)
_LONGEST_PREPOSITION = 40
_GLUE = re.compile(
    r"(?:[\s,;()«»]|года?\b|г\.|и\b|включительно|ориентировочно|примерно|приблизительно|ровно"
    r"|местного времени|времени|в период|начиная|начало|начнется)*"
)
_LONGEST_GLUE = 30
_BARE_PARTS = frozenset({"утра", "утру", "вечера", "вечеру", "ночи", "обед", "обеда", "обеду"})
_WEDNESDAY = {"у": {"в", "на", "по"}, "ы": {"до", "со", "с", "после"}, "е": {"к"}}
_ENDED = re.compile(r"\s*(?:$|[.,;!)\n]|до\b|-)")
_WEAK = frozenset({"weekday", "short_weekday", "day_word"})
_DASH = re.compile(r"\s*[-–—]\s*")


@dataclass(slots=True)
class Slot:
    """What is told of one end: a day, a time of the clock with its part of the day, a part of the day."""

    day: Piece | None = None
    clock: Piece | None = None
    part: Piece | None = None

    def __bool__(self) -> bool:
        return bool(self.day or self.clock or self.part)


@dataclass(slots=True)
class Group:
    """Pieces that tell one time. `start` and `end` hold them with the first preposition; `after` is where a word of
    «после» moved the begin to the end of a part of the day.
    """

    start: int
    end: int
    both: Slot = field(default_factory=Slot)
    begin: Slot = field(default_factory=Slot)
    until: Slot = field(default_factory=Slot)
    after: bool = False

    @property
    def days(self) -> Sequence[Piece]:
        """The pieces that tell days."""
        return [slot.day for slot in (self.both, self.begin, self.until) if slot.day]


@dataclass(frozen=True, slots=True)
class _Placed:
    piece: Piece
    start: int
    preposition: str


def groups(folded: str, found: Sequence[Piece]) -> Iterator[Group]:
    """The groups of a folded text, in order. Numbers that may be no times of the clock need a word beside them."""
    placed = [_placed(folded, piece) for piece in found]
    run: list[_Placed] = []
    for one in placed:
        if run and not _together(folded[run[-1].piece.end : one.start]):
            yield from _of_run(folded, run)
            run = []
        run.append(one)
    yield from _of_run(folded, run)


def _of_run(folded: str, run: Sequence[_Placed]) -> Sequence[Group]:
    """The groups of a run; one without a day takes that of the next: «с 9 до 12 и с 13 до 17 часов 1 декабря»."""
    found = list(_parted(folded, run))
    for group, after in pairwise(found):
        if not any(one.days for one in found[: found.index(after)]) and after.days:
            group.both.day = after.days[0]
    return found


def _placed(folded: str, piece: Piece) -> _Placed:
    low = max(0, piece.start - _LONGEST_PREPOSITION)
    found = _PREPOSITION.search(folded[low : piece.start])
    if not found:
        return _Placed(piece, piece.start, "")
    word = found[1]
    return _Placed(piece, low + found.start(1), "до" if word == "вплоть до" else word)


def _together(between: str) -> bool:
    """Whether what stands between two pieces joins them."""
    if len(between) > _LONGEST_GLUE or "\n\n" in between:
        return False
    return bool(_GLUE.fullmatch(between) or _DASH.fullmatch(between))


def _parted(folded: str, run: Sequence[_Placed]) -> Iterator[Group]:
    group: Group | None = None
    mode = "both"
    before: _Placed | None = None
    certain = [_certain(folded, run, at) for at in range(len(run))]
    for at, one in enumerate(run):
        if not certain[at]:
            continue
        piece = one.piece
        dashed = before is not None and bool(_DASH.fullmatch(folded[before.piece.end : one.start]))
        if one.preposition in _FROM:
            mode = "begin"
        elif one.preposition in _TILL:
            mode = "until"
        elif group and dashed and before and before.piece.kind == piece.kind and mode != "until":
            _move(group, piece.kind, mode)
            mode = "until"
        if group is None or not _put(group, mode, piece):
            if group is not None:
                yield group
                mode = "both" if not one.preposition or one.preposition not in _FROM | _TILL else mode
            group = Group(one.start, piece.end)
            _put(group, mode, piece)
        group.after = group.after or one.preposition == "после"
        group.end = piece.end
        before = one
    if group is not None:
        yield group


def _certain(folded: str, run: Sequence[_Placed], at: int) -> bool:
    """Whether what looks like a time, a part of a day, a weekday or a week is one."""
    one, piece = run[at], run[at].piece
    others = [other.piece for place, other in enumerate(run) if place != at]
    has_day = any(other.kind in ("day", "days") for other in others)
    if piece.kind == "clock":
        return _is_clock(folded, one, others, has_day)
    if piece.kind == "part":
        bare = piece.value[1] in _BARE_PARTS
        return not bare or one.preposition in _FROM | _TILL or (piece.value[1] == "обед" and one.preposition == "в")
    if piece.rule == "weekday" and piece.value[1:] == (2, None):
        # «среда» is more often surroundings than a Wednesday.
        return has_day or one.preposition in _WEDNESDAY.get(folded[piece.end - 1], ())
    return piece.rule != "week" or (one.preposition != "за" and _is_week(folded, one))


def _is_clock(folded: str, one: _Placed, others: Sequence[Piece], has_day: bool) -> bool:
    """Whether a number is a time of the clock, by what stands beside it."""
    piece = one.piece
    clocks = [other for other in others if other.kind == "clock" and other.rule != "number"]
    if piece.rule == "number":
        ended = _ENDED.match(folded, piece.end)
        return bool((has_day and (one.preposition != "в" or ended)) or (clocks and one.preposition in _FROM | _TILL))
    if piece.value[2] == "sure" or has_day or one.preposition in _FROM | _TILL | {"в", "во", "около"}:
        return True
    ends = [(min(piece.end, other.end), max(piece.start, other.start)) for other in clocks]
    return any(_DASH.fullmatch(folded, low, high) for low, high in ends)


def _is_week(folded: str, one: _Placed) -> bool:
    """A week that is named, ended or lasts to; «две недели» is a length."""
    which, told = folded[one.piece.start : one.piece.end], one.preposition
    if one.piece.value[0] == "weekend":
        return told in {"в", "на", "до", "с", "после"} or " " in which
    return " " in which


def _move(group: Group, kind: str, mode: str) -> None:
    """A dash: what stood before it is the begin."""
    if mode != "both":
        return
    name = "clock" if kind == "clock" else "part" if kind == "part" else "day"
    setattr(group.begin, name, getattr(group.both, name))
    setattr(group.both, name, None)


def _put(group: Group, mode: str, piece: Piece) -> bool:
    """Put a piece where it belongs; False where something else is told there already."""
    slot: Slot = getattr(group, mode)
    if piece.kind in ("day", "days", "shift"):
        return _put_day(group, slot, piece)
    name = "clock" if piece.kind == "clock" else "part"
    if getattr(slot, name) is not None:
        return False
    setattr(slot, name, piece)
    return True


def _put_day(group: Group, slot: Slot, piece: Piece) -> bool:
    """A weekday and a date beside each other are one day, which the date tells."""
    told = slot.day
    if told is None:
        if group.days and (piece.kind == "shift" or slot is group.both):
            return False
        slot.day = piece
        return True
    if (told.rule in _WEAK) == (piece.rule in _WEAK) and {told.rule, piece.rule} != {"weekday", "day_word"}:
        return False
    if told.rule in _WEAK and not (piece.rule in _WEAK and told.rule == "day_word"):
        slot.day = piece
    return True

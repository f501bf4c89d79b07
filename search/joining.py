"""What a person does with several incidents: join them, split one, move reports from one to another.

A join is remembered by `merged_into`: reports that would have come to a joined incident come to the one it went into. A
split is remembered by a group key of its own, to which nothing comes by itself. No ticket is made or closed by a join.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from crawler.model.city import Severity
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.acting import over
from search.acts import DERIVED, Draft, Hand, Kind, row_of
from search.arrivals import earliest, is_of_rule, is_personal, split_key
from search.cases import follow
from search.founding import founded
from search.state.tables import incidents, reports
from search.states import OPEN, Decided, State, hand_over, is_weighed, moved
from search.wanted import TAKEN_BACK


def join(hand: Hand, into: int, others: Sequence[int], why: str = "", *, seen: int | None = None) -> int:
    """Put incidents into another, which keeps its name, executor and state; the earliest deadlines hold. The act.

    OtklikError when one of them is over, an alarm or a personal matter, or when people work on one that would go into
    one that nobody has confirmed.
    """
    row = _member(hand, into, seen)
    rows = [_member(hand, number) for number in dict.fromkeys(others) if number != into]
    if not rows:
        raise OtklikError((_NOTHING if others else _NO_OTHER).filled(number=into))
    for other in rows:
        _may_go(other, row)
    draft = Draft(hand, Kind.JOIN, f"{', '.join(str(other.number) for other in rows)} → {into}")
    for one in (row, *rows):
        draft.touch(one)
        draft.decide(one, Decided.MEMBERS)
    for other in rows:
        draft.carry(reports_in(hand, other.id), row.id, placed=False)
    _go_into(draft, row, rows)
    refresh(draft, row.id)
    moved(hand.connection, hand.city.key, [row.id, *(other.id for other in rows)], hand.at)
    happened = []
    for other in rows:
        reason = f"{other.number}: {why}" if why.strip() else str(other.number)
        happened.append(draft.event("merged", other.id, reason=f"→ {into}"))
        happened.append(draft.event("took in", row.id, reason=reason))
    return draft.finish(happened)


def split(
    hand: Hand, number: int, posts: Sequence[str], why: str = "", *, topic: str = "", seen: int | None = None
) -> int:
    """Put what these posts report into an incident of its own, new and with their deadlines; its number. Topic, place
    and executor are those of the worst of them, or of `topic`. OtklikError when nothing or nobody would remain.
    """
    row = _member(hand, number, seen)
    chosen = _chosen(hand, row, posts)
    if len(chosen) == len(standing_in(hand, row.id)):
        raise OtklikError(
            Text(
                "Инцидент № {number}: выбраны все обращения, отделять не от чего.",
                "Incident {number}: all its reports are chosen, nothing would remain of it.",
            ).filled(number=number)
        )
    last = sa.select(sa.func.max(incidents.c.number)).where(incidents.c.city == hand.city.key)
    new = (hand.connection.scalar(last) or 0) + 1
    values, route = founded(hand, row, chosen, topic)
    values |= {"number": new, "group_key": split_key(new)}
    inserted = hand.connection.execute(incidents.insert().values(**values))
    made = row_of(hand, new)
    assert inserted.inserted_primary_key is not None
    draft = Draft(hand, Kind.SPLIT, f"{number} → {new}")
    for one in (row, made):
        draft.touch(one)
    draft.more["founded"] = made.id
    draft.decide(row, Decided.MEMBERS)
    draft.decide(made, Decided.MEMBERS)
    draft.carry(chosen, made.id, placed=True)
    refresh(draft, row.id)
    moved(hand.connection, hand.city.key, [row.id], hand.at)
    if route:
        hand_over(hand.connection, hand.city, made.id, route, hand.at)
    subjects = _posts(chosen)
    happened = [
        draft.event("split", row.id, *subjects, reason=f"→ {new}: {why}" if why.strip() else f"→ {new}"),
        draft.event("opened", made.id, *subjects, reason=f"← {number}"),
    ]
    draft.finish(happened)
    return new


def move(hand: Hand, number: int, posts: Sequence[str], to: int, why: str = "", *, seen: int | None = None) -> int:
    """Put what these posts report from one incident into another; the act. One that loses its last report goes into the
    other too, as by `join`.
    """
    row, target = _member(hand, number, seen), _member(hand, to)
    if row.id == target.id:
        raise OtklikError(_NOTHING.filled(number=to))
    chosen = _chosen(hand, row, posts)
    emptied = len(chosen) == len(standing_in(hand, row.id))
    if emptied:
        _may_go(row, target)
        chosen = list(reports_in(hand, row.id))
    draft = Draft(hand, Kind.MOVE, f"{number} → {to}")
    for one in (row, target):
        draft.touch(one)
        draft.decide(one, Decided.MEMBERS)
    draft.carry(chosen, target.id, placed=True)
    if emptied:
        _go_into(draft, target, [row])
    for one in (row, target):
        refresh(draft, one.id)
    moved(hand.connection, hand.city.key, [row.id, target.id], hand.at)
    subjects = _posts(chosen)
    happened = [
        draft.event("moved away", row.id, *subjects, reason=f"→ {to}: {why}" if why.strip() else f"→ {to}"),
        draft.event("moved here", target.id, *subjects, reason=f"← {number}"),
    ]
    return draft.finish(happened + ([draft.event("merged", row.id, reason=f"→ {to}")] if emptied else []))


def reports_in(hand: Hand, incident: int) -> Sequence[sa.Row[Any]]:
    """The reports of an incident, earliest publication first."""
    query = sa.select(reports).where(reports.c.incident == incident)
    return hand.connection.execute(query.order_by(reports.c.published_at, reports.c.key)).all()


def standing_in(hand: Hand, incident: int) -> list[sa.Row[Any]]:
    """Those that nobody registered by mistake and took back."""
    return [report for report in reports_in(hand, incident) if report.state != TAKEN_BACK]


def refresh(draft: Draft, incident: int) -> None:
    """Let an open incident follow from the reports that it has now: how bad, by when, how late the last of them is."""
    hand = draft.hand
    row = hand.connection.execute(sa.select(incidents).where(incidents.c.id == incident)).one()
    mine = standing_in(hand, incident)
    if not mine or row.state not in OPEN:
        return
    values: dict[str, Any] = {"last_report_at": max(report.published_at for report in mine)}
    for name in ("due_first", "due_resolved"):
        values[name] = earliest([getattr(report, name) for report in mine]) or getattr(row, name)
    said = [Severity(reason["severity"]) for report in mine if report.fits for reason in report.reasons]
    if said and not is_weighed(row.by_hand):
        values["severity"] = min(said, key=lambda severity: severity.rank).value
    assert values.keys() <= set(DERIVED)
    draft.set(incident, **values)


def _go_into(draft: Draft, into: sa.Row[Any], rows: Sequence[sa.Row[Any]]) -> None:
    hand = draft.hand
    followed = follow(hand.connection, hand.city.key, into.id, [row.id for row in rows])
    draft.more["tickets"] = [[ticket, was, into.id] for ticket, was in followed]
    for row in rows:
        draft.set(row.id, state=State.MERGED.value, merged_into=into.id)
    repeats = into.repeat_of or next((row.repeat_of for row in rows if row.repeat_of), None)
    draft.set(into.id, repeat_of=repeats)


def _member(hand: Hand, number: int, seen: int | None = None) -> sa.Row[Any]:
    """An incident whose reports people may move."""
    row = row_of(hand, number, seen)
    if row.state not in OPEN:
        raise over(number, State(row.state))
    if is_personal(row.group_key) or is_of_rule(row.group_key):
        raise OtklikError(ALONE.filled(number=number))
    return row


def _may_go(row: sa.Row[Any], into: sa.Row[Any]) -> None:
    if row.state != State.NEW and into.state == State.NEW:
        raise OtklikError(_WORKED_ON.filled(number=row.number, into=into.number))


def _chosen(hand: Hand, row: sa.Row[Any], posts: Sequence[str]) -> list[sa.Row[Any]]:
    wanted = set(posts)
    chosen = [report for report in standing_in(hand, row.id) if report.post in wanted]
    missing = sorted(wanted - {report.post for report in chosen})
    if not wanted:
        raise OtklikError(_NONE_CHOSEN.filled(number=row.number), _SHOWN)
    if missing:
        raise OtklikError(_NOT_THERE.filled(number=row.number, posts=", ".join(missing)), _SHOWN)
    return chosen


def _posts(chosen: Sequence[sa.Row[Any]]) -> list[str]:
    return list(dict.fromkeys(report.post for report in chosen))


_NONE_CHOSEN = Text(
    "Не отмечено ни одного голоса: отметьте те голоса № {number}, что о другой беде.",
    "No voice is marked: mark those voices of {number} that are about another trouble.",
)
_NOT_THERE = Text(
    "В инциденте № {number} нет обращений: {posts}.",
    "Incident {number} has no reports: {posts}.",
)
_SHOWN = Text("Какие есть, показывает show; называют их --post.", "show lists those it has; --post names them.")
_NO_OTHER = Text(
    "Не названо, что объединить с № {number}: отметьте похожий инцидент или впишите номер.",
    "Nothing is named that goes into {number}: tick one that is alike, or write its number.",
)
_NOTHING = Text(
    "Инцидент № {number} нельзя соединить с самим собой: назовите другой номер.",
    "Incident {number} cannot be joined with itself: name another number.",
)
ALONE = Text(
    "Инцидент № {number} стоит отдельно (личное дело или тревога правила): его обращения не переносят.",
    "Incident {number} stands alone (a personal matter or the alarm of a rule): its reports are not moved.",
)
_WORKED_ON = Text(
    "Над № {number} уже работают, а № {into} ещё новый. Присоедините № {into} к № {number} или сначала подтвердите.",
    "People work on {number}, and {into} is still new. Join {into} to {number} instead, or confirm it first.",
)

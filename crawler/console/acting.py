"""What people do with one incident by a form: each act by its name, from the fields of its form."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from crawler.console.asked import Asked, Trouble
from crawler.console.decisions import MOST_WORDS, decision_of, reason_of
from crawler.console.putting_off import time_of
from crawler.console.routing import NOT_DONE
from crawler.model.city import Severity
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from pipelines.typed_place import known_place
from search import acting, correcting, joining, notes, putting_off, undoing
from search.acts import Hand, row_of
from search.states import State
from search.unlike import Difference, UnlikeError, differences


@dataclass(frozen=True, slots=True)
class Form:
    """One sent form: whose hand it is, which incident, and the act that its reader saw as the last (None: any)."""

    asked: Asked
    hand: Hand
    number: int
    seen: int | None

    @property
    def why(self) -> str:
        """The reason in words, for the journal."""
        return self.asked.value("why")[:MOST_WORDS]


def form_of(asked: Asked, connection: sa.Connection, number: int) -> Form:
    """The form, in a transaction."""
    hand = Hand(connection, asked.city, asked.installation.keys, asked.now, asked.user.name)
    seen = asked.value("seen")
    return Form(asked, hand, number, int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 16 else None)


def act(name: str, form: Form) -> int:
    """Do it; the number of the incident to show afterwards. OtklikError says why it cannot be done."""
    return ACTS[name](form) or form.number


def _decide(form: Form) -> None:
    decision, hand = decision_of(form.asked), form.hand
    acting.change(
        hand.connection,
        hand.city,
        form.number,
        decision.to,
        hand.by,
        form.why,
        at=hand.at,
        keys=hand.keys,
        rejected_for=reason_of(form.asked),
        seen=form.seen,
    )


def _take(form: Form) -> None:
    acting.take(form.hand, form.number, over=form.asked.value("over") == "yes", seen=form.seen)


def _give_back(form: Form) -> None:
    acting.give_back(form.hand, form.number, seen=form.seen)


def _assign(form: Form) -> None:
    # A name that was typed is meant, whatever route stands in the list.
    executor = form.asked.value("executor").strip()
    route = "" if executor else form.asked.value("route")
    acting.assign(form.hand, form.number, route=route, executor=executor, seen=form.seen)


def _put_off(form: Form) -> None:
    putting_off.put_off(form.hand, form.number, time_of(form.asked), seen=form.seen)


def _bring_back(form: Form) -> None:
    putting_off.bring_back(form.hand, form.number, seen=form.seen)


def _ask(form: Form) -> None:
    """Note that the address was asked for, and by whom; what is asked for is put off where its reader says so."""
    notes.note(form.hand, form.number, str(ASKED))
    if form.asked.value("until"):
        # Last, so that the undo which is offered brings the incident back; a note stands in nobody's way.
        _put_off(form)


def _weigh(form: Form) -> None:
    severity = form.asked.value("severity")
    if severity not in set(Severity):
        raise Trouble(400, NOT_DONE, _NO_SEVERITY)
    acting.weigh(form.hand, form.number, Severity(severity), form.why, seen=form.seen)


def _place(form: Form) -> None:
    asked, typed = form.asked, form.asked.value("place").strip()
    nowhere = asked.value("none") == "yes"
    if not typed and not nowhere:
        raise OtklikError(_NO_PLACE)
    place = None if nowhere else known_place(asked.desk.finder, asked.city.home, typed)
    correcting.correct_place(form.hand, form.number, place, seen=form.seen)


def _topic(form: Form) -> None:
    correcting.correct_topic(form.hand, form.number, form.asked.value("topic"), seen=form.seen)


def _note(form: Form) -> None:
    notes.note(form.hand, form.number, form.asked.value("text"))


def _remove_note(form: Form) -> None:
    notes.remove_note(form.hand, form.number, form.asked.number("note", 0, 2**62, 0))


def _join(form: Form) -> None:
    chosen = [*form.asked.values("other"), *form.asked.values("numbers")]
    others = list(dict.fromkeys(number for one in chosen for number in numbers_in(one)))
    if len(others) > MOST_AT_ONCE:
        raise OtklikError(_TOO_MANY.filled(count=len(others), most=MOST_AT_ONCE))
    found = _unlike(form, form.number, others)
    joining.join(form.hand, form.number, others, form.why, seen=form.seen)
    # After it: what is refused anyway is not asked about. The transaction ends without a trace.
    if found:
        raise UnlikeError(form.number, found)


def _unlike(form: Form, into: int, others: Sequence[int]) -> tuple[Difference, ...]:
    """How incidents differ from the one that they would go into, where nobody has said yet that they are meant."""
    meant = form.asked.value("sure").split(".")
    return differences(form.hand, into, [number for number in others if str(number) not in meant])


def _split(form: Form) -> int:
    posts, to = form.asked.values("post"), numbers_in(form.asked.value("to"))
    if len(to) > 1:
        raise OtklikError(_ONE.filled(given=form.asked.value("to").strip()[:100]))
    if to:
        found = _unlike(form, to[0], [form.number])
        joining.move(form.hand, form.number, posts, to[0], form.why, seen=form.seen)
        # One that lost its last voice went in whole: that is a join, and is asked about like one.
        if found and row_of(form.hand, form.number).state == State.MERGED:
            raise UnlikeError(to[0], found)
        return to[0]
    topic = form.asked.value("topic")
    return joining.split(form.hand, form.number, posts, form.why, topic=topic, seen=form.seen)


def _undo(form: Form) -> None:
    given = form.asked.value("act")
    act = form.asked.number("act", 1, 2**62, 0)
    # One that cannot be read must not become the last that stands.
    if given and not act:
        raise Trouble(400, NOT_DONE, _NO_ACT)
    undoing.undo(form.hand, form.number, act or None, seen=form.seen)


def numbers_in(text: str) -> list[int]:
    """The numbers of incidents that somebody typed: «№ 12, 14». OtklikError names what is none."""
    words = text.replace("№", " ").replace(",", " ").replace(";", " ").split()
    strange = [word for word in words if not (word.isascii() and word.isdigit() and len(word) < 10)]
    if strange:
        raise OtklikError(_NO_NUMBER.filled(given=" ".join(strange)[:100]))
    return [int(word) for word in words]


ACTS: Mapping[str, Callable[[Form], int | None]] = {
    "decide": _decide,
    "take": _take,
    "give_back": _give_back,
    "assign": _assign,
    "weigh": _weigh,
    "place": _place,
    "topic": _topic,
    "put_off": _put_off,
    "bring_back": _bring_back,
    "ask": _ask,
    "note": _note,
    "remove_note": _remove_note,
    "join": _join,
    "split": _split,
    "undo": _undo,
}
"""By the last part of their address."""

MOST_AT_ONCE = 200
"""Incidents that are put into another, or decided, at once."""
ASKED = Text("Адрес спрошен у жителя.", "The resident was asked for the address.")
_NO_ACT = Text("Такого действия нет.", "There is no such act.")
_NO_NUMBER = Text(
    "Не номер инцидента: «{given}». Пишется числом, например 2439.",
    "Not the number of an incident: “{given}”. It is written in digits, as in 2439.",
)
_TOO_MANY = Text(
    "За один раз объединяется не больше {most}, а номеров {count}. Ничего не записано: уберите лишние.",
    "No more are merged at once than {most}, and {count} are named. Nothing was recorded: leave some out.",
)
_ONE = Text(
    "Перенести можно в один инцидент, а номеров несколько: «{given}».",
    "Voices can be moved into one incident, and several are named: “{given}”.",
)
_NO_PLACE = Text(
    "Какое место? Впишите его, или отметьте, что оно неизвестно.",
    "Which place? Write it, or say that it is not known.",
)
_NO_SEVERITY = Text("Такой важности нет.", "There is no such severity.")

"""The same done to several incidents at once, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from urllib.parse import urlencode

import sqlalchemy as sa
from starlette.responses import RedirectResponse, Response

from crawler.accounts.roles import Permission
from crawler.console import rendering
from crawler.console.acting import MOST_AT_ONCE, act, form_of
from crawler.console.asked import Asked, Trouble
from crawler.console.decisions import REASONS
from crawler.console.pages.incident import refused_page
from crawler.console.putting_off import CHOICES
from crawler.console.routing import NOT_DONE, Page
from crawler.console.several import Bulk, bulk_of, lacks
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.acting import each
from search.acts import ChangedError, incidents_of_acts, row_of
from search.incidents import find_number
from search.states import OPEN, State

NOT_WRITTEN = Text(
    "№ {number}: не записано. Откройте его и решите отдельно: там будет сказано почему.",
    "{number}: not written. Open it and decide it there: it will say why.",
)

NOTHING_TO_ASK = Text(
    "Спрашивать не о чем: ничего не выделено, или решение не требует ни причины, ни времени.",
    "There is nothing to ask: nothing is selected, or the act needs neither a reason nor a time.",
)


def _send(asked: Asked) -> Response:
    """One by one: what one refuses the others do not feel. The outcome is a page of its own, which can be read again
    without anything being done again.
    """
    bulk, numbers = bulk_of(asked), list(dict.fromkeys(_numbers(asked, "number")))
    if bulk.act == "join" and numbers:
        return _join(asked, numbers)
    if bulk.act == "undo":
        return _undo(asked, bulk)
    if numbers and (refusal := lacks(asked, bulk)) is not None:
        return _form(asked, bulk, numbers, refusal) if asked.value("asked") == "yes" else _to_question(asked, numbers)
    acts: dict[int, int] = {}
    seen = _seen(asked)

    def one(connection: sa.Connection, number: int) -> None:
        form = replace(form_of(asked, connection, number), seen=seen.get(number))
        before = row_of(form.hand, number).last_act
        act(bulk.act, form)
        last = row_of(form.hand, number).last_act
        if last != before:
            acts[number] = last

    outcomes = each(asked.installation.database, numbers[:MOST_AT_ONCE], one)
    done = [one.number for one in outcomes if one.refused is None]
    changed = [one.number for one in outcomes if isinstance(one.refused, ChangedError)]
    return _outcome_at(
        asked,
        bulk,
        [acts[number] for number in done if number in acts],
        [one.number for one in outcomes if one.refused is not None and one.number not in changed],
        changed={number: seen[number] for number in changed},
        same=[number for number in done if number not in acts],
        left=len(numbers[MOST_AT_ONCE:]) + _left(asked),
    )


def _undo(asked: Asked, bulk: Bulk) -> Response:
    """Undo what was done to several at once: acts that stand, and only those."""
    with asked.installation.database.read() as connection:
        done = dict(incidents_of_acts(connection, asked.city.key, _numbers(asked, "acts")))
    acts: dict[int, int] = {}

    def one(connection: sa.Connection, number: int) -> None:
        form = form_of(replace(asked, form={**asked.form, "act": [str(done[number])]}), connection, number)
        act("undo", form)
        acts[number] = row_of(form.hand, number).last_act

    outcomes = each(asked.installation.database, list(done)[:MOST_AT_ONCE], one)
    refused = [one.number for one in outcomes if one.refused is not None]
    return _outcome_at(
        asked, bulk, list(acts.values()), refused, left=len(done) - len(outcomes), of=list(done.values())
    )


def _join(asked: Asked, numbers: list[int]) -> Response:
    """All into the oldest of those that people work on, else into the oldest. What is asked about, or refused, is shown
    in the form of that one.
    """
    into, seen = _oldest(asked, numbers[:MOST_AT_ONCE]), _seen(asked)
    others = " ".join(str(number) for number in numbers if number != into)
    back = f"{_back(asked)}&at={into}"
    sent = replace(asked, form={"csrf": asked.values("csrf"), "numbers": [others], "back": [back]})
    try:
        with asked.installation.database.begin() as connection:
            form = replace(form_of(sent, connection, into), seen=seen.get(into))
            for number in [one for one in numbers[:MOST_AT_ONCE] if one in seen]:
                row_of(form.hand, number, seen[number])
            act("join", form)
            made = row_of(form.hand, into).last_act
    except OtklikError as error:
        return refused_page(sent, "join", error, into)
    return _outcome_at(asked, bulk_of(asked), [made], [])


def _oldest(asked: Asked, numbers: list[int]) -> int:
    with asked.installation.database.read() as connection:
        found = [number for number in numbers if find_number(connection, asked.city, number)]
        states = {one: State(row_of(form_of(asked, connection, one).hand, one).state) for one in found}
    there = [number for number in found if states[number] in OPEN]
    worked_on = [number for number in there if states[number] is not State.NEW]
    return min(worked_on or there or found or numbers)


def _to_question(asked: Asked, numbers: list[int]) -> Response:
    """To the page that asks for what all of them need: one of its own, so that the browser can come back to it. Its
    address holds no more numbers than can be decided at once, and how many are left out.
    """
    some, seen = numbers[:MOST_AT_ONCE], _seen(asked)
    told = {
        "act": asked.value("act") or "decide",
        "decision": asked.value("decision"),
        "number": ".".join(map(str, some)),
        "was": ".".join(f"{number}-{seen[number]}" for number in some if number in seen),
        "left": len(numbers) - len(some),
        "back": _back(asked),
    }
    return RedirectResponse(f"/{asked.city.key}/queue/bulk/ask?{urlencode(told)}", 303)


def _question(asked: Asked) -> Response:
    """What all of them need is asked for; nothing is done."""
    bulk, numbers = bulk_of(asked), list(dict.fromkeys(_numbers(asked, "number")))
    if not bulk.asks or not numbers:
        raise Trouble(400, NOT_DONE, NOTHING_TO_ASK)
    return _form(asked, bulk, numbers[:MOST_AT_ONCE])


def _form(asked: Asked, bulk: Bulk, numbers: list[int], refusal: OtklikError | None = None) -> Response:
    """The form that asks; after it was sent, why it was refused and what was typed."""
    return rendering.render(
        asked,
        "bulk-ask.html",
        200 if refusal is None else 409,
        active="queue",
        bulk=bulk,
        numbers=numbers,
        seen=_seen(asked),
        left=_left(asked),
        refusal=refusal and asked.told(refusal),
        typed={name: asked.value(name)[:500] if refusal else "" for name in ("why", "at")},
        reasons=REASONS,
        choices=CHOICES,
        base=_back(asked),
    )


def _outcome_at(
    asked: Asked,
    bulk: Bulk,
    acts: Sequence[int],
    refused: Sequence[int],
    *,
    changed: Mapping[int, int] = MappingProxyType({}),
    same: Sequence[int] = (),
    left: int = 0,
    of: Sequence[int] = (),
) -> Response:
    """To the page that says what became of it; `changed` are those that others changed after what was seen, `of`
    the acts that were to be undone.
    """
    asked.wake_courier()
    told = {
        "act": bulk.act,
        "decision": asked.value("decision"),
        "acts": ".".join(map(str, acts)),
        "refused": ".".join(map(str, refused)),
        "was": ".".join(f"{number}-{seen}" for number, seen in changed.items()),
        "same": ".".join(map(str, same)),
        "left": left,
        "of": ".".join(map(str, of)),
        "back": _back(asked),
    }
    return RedirectResponse(f"/{asked.city.key}/queue/bulk?{urlencode(told)}", 303)


def _outcome(asked: Asked) -> Response:
    """What the acts did that the address names, and why the others were refused."""
    bulk = bulk_of(asked)
    with asked.installation.database.read() as connection:
        acts = _numbers(asked, "acts")
        done = incidents_of_acts(connection, asked.city.key, acts, bulk.kind, bulk.detail)
        of = dict(incidents_of_acts(connection, asked.city.key, _numbers(asked, "of")))
        refused = [_why(connection, asked, number, bulk, of.get(number)) for number in _numbers(asked, "refused")]
        changed = [(number, _who(connection, asked, number, seen)) for number, seen in _seen(asked).items()]
    return rendering.render(
        asked,
        "bulk.html",
        active="queue",
        bulk=bulk,
        done=done,
        same=_numbers(asked, "same"),
        refused=refused,
        changed=changed,
        left=_left(asked),
        most=MOST_AT_ONCE,
        base=_back(asked),
    )


def _why(connection: sa.Connection, asked: Asked, number: int, bulk: Bulk, of: int | None) -> str:
    refusal = bulk.refusal(form_of(asked, connection, number).hand, number, of)
    return str(asked.told(refusal)) if refusal else NOT_WRITTEN.format(number=number)


def _who(connection: sa.Connection, asked: Asked, number: int, seen: int) -> str:
    """Who changed an incident after the act that was seen as its last, "" where that is undone meanwhile."""
    try:
        row_of(form_of(asked, connection, number).hand, number, seen)
    except ChangedError as error:
        return asked.people.called(error.who)
    except OtklikError:
        return ""
    return ""


def _seen(asked: Asked) -> dict[int, int]:
    """The last act that was seen of each incident («7-12», in an address «7-12.8-14»)."""
    given = [part.split("-") for one in asked.values("was") for part in one.split(".")]
    pairs = [pair for pair in given if len(pair) == 2 and all(one.isascii() and one.isdigit() for one in pair)]
    return {int(number): int(act) for number, act in pairs if len(number) < 10 and len(act) < 16}


def _numbers(asked: Asked, name: str) -> list[int]:
    """Numbers of that name, as a form sends them or an address has them («7.8.9»)."""
    given = [part for one in asked.values(name) for part in one.split(".")]
    return [int(one) for one in given if one.isascii() and one.isdigit() and len(one) < 10]


def _left(asked: Asked) -> int:
    """How many were picked beyond those that can be decided at once."""
    return asked.number("left", 0, 1_000_000, 0)


def _back(asked: Asked) -> str:
    back = asked.value("back")
    return back if back.startswith(f"/{asked.city.key}/queue?") else f"/{asked.city.key}/queue?view=all"


PAGES = (
    Page("POST", "/{city}/queue/bulk", _send, Permission.DECIDE),
    Page("GET", "/{city}/queue/bulk", _outcome),
    Page("GET", "/{city}/queue/bulk/ask", _question, Permission.DECIDE),
)

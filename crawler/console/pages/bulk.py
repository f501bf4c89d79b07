"""The same decision about several incidents at once, and what became of it."""

from urllib.parse import urlencode

import sqlalchemy as sa
from starlette.responses import RedirectResponse, Response

from crawler.accounts.roles import Permission
from crawler.console import rendering
from crawler.console.acting import act, form_of
from crawler.console.asked import Asked
from crawler.console.decisions import Decision, decision_of
from crawler.console.routing import Page
from crawler.model.text import Text
from search.acting import each, refusal_of
from search.acts import Kind, incidents_of_acts, row_of

MOST_AT_ONCE = 200
NOT_WRITTEN = Text(
    "№ {number}: не записано. Откройте его и решите отдельно: там будет сказано почему.",
    "{number}: not written. Open it and decide it there: it will say why.",
)


def _decide(asked: Asked) -> Response:
    """One by one: what one refuses the others do not feel. The outcome is a page of its own, which can be read again
    without anything being decided again.
    """
    numbers = list(dict.fromkeys(_numbers(asked, "number")))
    decision = decision_of(asked)
    acts: dict[int, int] = {}

    def one(connection: sa.Connection, number: int) -> None:
        form = form_of(asked, connection, number)
        act("decide", form)
        acts[number] = row_of(form.hand, number).last_act

    outcomes = each(asked.installation.database, numbers[:MOST_AT_ONCE], one)
    asked.wake_courier()
    told = {
        "decision": decision.key,
        "acts": ".".join(str(acts[one.number]) for one in outcomes if one.refused is None),
        "refused": ".".join(str(one.number) for one in outcomes if one.refused is not None),
        "left": len(numbers[MOST_AT_ONCE:]),
        "back": _back(asked),
    }
    return RedirectResponse(f"/{asked.city.key}/queue/bulk?{urlencode(told)}", 303)


def _outcome(asked: Asked) -> Response:
    """What the acts did that the address names, and why the others were refused."""
    decision = decision_of(asked)
    with asked.installation.database.read() as connection:
        acts = _numbers(asked, "acts")
        done = incidents_of_acts(connection, asked.city.key, acts, Kind.STATE, decision.to.value)
        refused = [_why(connection, asked, number, decision) for number in _numbers(asked, "refused")]
    return rendering.render(
        asked,
        "bulk.html",
        active="queue",
        decision=decision,
        done=done,
        refused=refused,
        left=asked.number("left", 0, 1_000_000, 0),
        most=MOST_AT_ONCE,
        base=_back(asked),
    )


def _why(connection: sa.Connection, asked: Asked, number: int, decision: Decision) -> str:
    refusal = refusal_of(form_of(asked, connection, number).hand, number, decision.to)
    return str(asked.told(refusal)) if refusal else NOT_WRITTEN.format(number=number)


def _numbers(asked: Asked, name: str) -> list[int]:
    """Numbers of that name, as a form sends them or an address has them («7.8.9»)."""
    given = [part for one in asked.values(name) for part in one.split(".")]
    return [int(one) for one in given if one.isascii() and one.isdigit() and len(one) < 10]


def _back(asked: Asked) -> str:
    back = asked.value("back")
    return back if back.startswith(f"/{asked.city.key}/queue?") else f"/{asked.city.key}/queue?view=all"


PAGES = (
    Page("POST", "/{city}/queue/bulk", _decide, Permission.DECIDE),
    Page("GET", "/{city}/queue/bulk", _outcome),
)

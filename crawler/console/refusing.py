"""A form that was refused comes back: why at its head, what was typed and ticked in it, and a way back to where its
sender was. Where its incident no longer has such a form, what was typed stands beside the reason.
"""

from dataclasses import dataclass

from crawler.console.asked import Asked, Trouble
from crawler.console.panes import Pane
from crawler.model.errors import OtklikError
from crawler.model.text import Text
from search.acting import over
from search.acts import Act, ChangedError
from search.correcting import OF_RULE
from search.joining import ALONE
from search.unlike import Difference, UnlikeError

DIALOGS = {
    "assign": "executor.html",
    "ask": "ask.html",
    "join": "join.html",
    "split": "split.html",
    "place": "correct.html",
    "topic": "correct.html",
}
"""Forms that are pages of their own, by their acts."""
_WORDS = ("text", "why", "executor", "numbers", "to", "at", "place")
"""What people type into forms."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why an act was refused. `form` is the form that it came from, "" where it is no longer there; then `draft` has
    what was typed. `since` are the acts of others that its sender had not seen, `asks` what they
    have to confirm, `back` is where they were.
    """

    asked: Asked
    status: int
    text: Text
    form: str
    draft: tuple[str, ...]
    since: tuple[Act, ...]
    asks: tuple[Difference, ...]
    back: str

    def value(self, name: str) -> str:
        """What was typed."""
        return self.asked.value(name)

    def has(self, name: str, value: str) -> bool:
        """Whether that value was chosen or ticked."""
        return value in self.asked.values(name)


def refused(asked: Asked, name: str, error: OtklikError | Trouble, pane: Pane, back: str) -> Refused:
    """The refusal of an act on the incident of a pane, as it is now."""
    form = "reject" if name == "decide" and asked.value("decision") == "reject" else name
    there = {
        "reject": any(one.reasons for one in pane.decisions),
        "put_off": pane.can_be_put_off and not pane.is_aside,
        "weigh": pane.is_open,
        "note": True,
        **{one: never(one, pane) is None for one in DIALOGS},
    }
    # What is asked is answered in its form, also where that is offered no more: the move of an only voice.
    is_there = there.get(form, False) or isinstance(error, UnlikeError)
    typed = tuple(one.strip() for field in _WORDS for one in asked.values(field) if one.strip())
    return Refused(
        asked,
        # A question is no refusal.
        error.status if isinstance(error, Trouble) else 200 if isinstance(error, UnlikeError) else 409,
        error.text if isinstance(error, Trouble) else asked.told(error),
        form if is_there else "",
        () if is_there else typed,
        error.since if isinstance(error, ChangedError) else (),
        error.differences if isinstance(error, UnlikeError) else (),
        back,
    )


def never(name: str, pane: Pane) -> OtklikError | None:
    """Why nothing can be done by a form with an incident as it is, whatever is put in."""
    incident = pane.incident
    if incident.merged_into:
        return OtklikError(_WENT.filled(number=incident.number, into=incident.merged_into))
    if not pane.is_open:
        return over(incident.number, incident.state)
    if name in ("join", "split") and pane.stands_alone:
        return OtklikError(ALONE.filled(number=incident.number))
    if name in ("place", "topic") and not pane.can_be_corrected:
        return OtklikError(OF_RULE.filled(number=incident.number))
    if name == "split" and incident.reports < 2:
        return OtklikError(_ONE_VOICE.filled(number=incident.number))
    return None


_WENT = Text(
    "№ {number} вошёл в № {into}: голоса теперь там, и решают там.",
    "{number} went into {into}: its voices are there now, and it is decided there.",
)
_ONE_VOICE = Text("У № {number} один голос: делить нечего.", "{number} has one voice: there is nothing to split.")

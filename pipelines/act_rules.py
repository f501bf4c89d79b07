"""The rules that tell an act from weighed cues: small, named, in order; the first that answers decides.

Their thresholds were chosen on tests/quality/act_dev.jsonl. Where no rule answers the act is "": a wrong one would keep
a post from a saved search.
"""

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from crawler.model.items import Act, AuthorRole, Kind

_FEW_WORDS = 12
_FEWEST_WORDS, _SMALL_ADVERT = 4, 25


class Evidence(NamedTuple):
    """What the rules look at. `voice` is whose feed speaks, `weights` what the cues of each act weigh together and
    `complaint` that of complaints, `words` how many there are, `asks` whether there is a question mark, `ends_asking`
    whether the text ends with one, `addressed` whether a street, house or landmark is named.
    """

    kind: Kind
    voice: AuthorRole
    cues: Collection[str]
    weights: Mapping[Act, int]
    complaint: int
    words: int
    asks: bool
    ends_asking: bool
    addressed: bool

    @property
    def appeal(self) -> bool:
        """Whether it came by a form for appeals: that is never talk, and nobody sells there."""
        return self.kind is Kind.APPEAL


def authority(it: Evidence) -> Act | None:
    """Authorities and media tell news, and media sell; residents under their posts speak for themselves."""
    if it.appeal or it.voice not in (AuthorRole.OFFICIAL, AuthorRole.MEDIA):
        return None
    sells = it.voice is AuthorRole.MEDIA and it.kind is Kind.POST and it.weights[Act.ADVERT] >= 6
    return Act.ADVERT if sells else Act.TALK


def advert(it: Evidence) -> Act | None:
    """Something is sold, lost, found or offered, and more is said of it than of a problem."""
    weight = it.weights[Act.ADVERT]
    sells = weight >= 4 and weight >= it.complaint and weight > it.weights[Act.QUESTION]
    return Act.ADVERT if sells and not it.appeal else None


def announcement(it: Evidence) -> Act | None:
    """What an authority wrote, passed on by others: «Уважаемые жители! В связи с ремонтом …»."""
    told = "announces" in it.cues and not it.asks and not it.appeal and it.complaint < 4
    return Act.TALK if told else None


def reproach(it: Evidence) -> Act | None:
    """A question that wants no answer: «До каких пор …», «Почему никто не чистит …»."""
    return Act.COMPLAINT if "reproaches" in it.cues and it.weights[Act.PROPOSAL] < 3 else None


def proposal(it: Evidence) -> Act | None:
    """Something new is wished for, and that is more than the complaint about what is."""
    weight = it.weights[Act.PROPOSAL]
    more = weight >= it.complaint - 1 and weight >= it.weights[Act.QUESTION]
    return Act.PROPOSAL if weight >= 3 and more else None


def thanks(it: Evidence) -> Act | None:
    """Thanks that are no sarcasm and hold no complaint: nothing is broken, or it was and is mended."""
    polite = (it.asks or "thanks-ahead" in it.cues) and it.weights[Act.QUESTION] >= 3
    if "thanks" not in it.cues or polite:
        return None
    if "but" in it.cues:
        return Act.THANKS if not it.complaint else None
    return Act.THANKS if it.complaint < (4 if "done" in it.cues else 2) else None


def question(it: Evidence) -> Act | None:
    """Somebody is asked to tell something; a problem may be named, but is not what most of it is about."""
    asked = it.asks or "asks-to-tell" in it.cues
    bare = it.words < _FEW_WORDS and it.complaint < 2
    told = it.complaint < 5 if asked else bare
    return Act.QUESTION if it.weights[Act.QUESTION] >= 3 and it.weights[Act.TALK] < 2 and told else None


def chat(it: Evidence) -> Act | None:
    """Greetings, jokes, people among themselves, and «у нас всё есть»."""
    return Act.TALK if it.weights[Act.TALK] >= 2 and it.complaint < 3 and not it.appeal else None


def ends_asking(it: Evidence) -> Act | None:
    """«Мост открыли?»"""
    return Act.QUESTION if it.ends_asking and it.complaint < 4 else None


def complaint(it: Evidence) -> Act | None:
    """A problem is named, or hinted at together with where it is."""
    return Act.COMPLAINT if it.complaint + it.addressed >= 2 else None


def appeal(it: Evidence) -> Act | None:
    """Whatever else came by a form for appeals."""
    return Act.COMPLAINT if it.appeal else None


def asks(it: Evidence) -> Act | None:
    """A question mark somewhere, and nothing else."""
    return Act.QUESTION if it.asks else None


def small_advert(it: Evidence) -> Act | None:
    """An offer in a few words, and nothing of a problem."""
    small = _FEWEST_WORDS <= it.words <= _SMALL_ADVERT
    return Act.ADVERT if "offers" in it.cues and small and not it.complaint else None


def remark(it: Evidence) -> Act | None:
    """A few words without any cue: most of what is said under a post."""
    return Act.TALK if 0 < it.words <= _FEW_WORDS and not it.addressed else None


RULES: tuple[Callable[[Evidence], Act | None], ...] = (
    authority,
    advert,
    announcement,
    reproach,
    proposal,
    thanks,
    question,
    chat,
    ends_asking,
    complaint,
    appeal,
    asks,
    small_advert,
    remark,
)


def decide(evidence: Evidence) -> tuple[Act | None, str]:
    """The act, and the name of the rule that told it; (None, "") where no rule answers."""
    for rule in RULES:
        act = rule(evidence)
        if act is not None:
            return act, rule.__name__
    return None, ""

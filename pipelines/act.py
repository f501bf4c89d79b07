"""Acts of speech: whether a post complains, asks, proposes, thanks, talks or advertises.

Cues (pipelines/act_cues.py) are found over the tokens of the post and weighed; rules (pipelines/act_rules.py) decide.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from crawler.model.city import SourceRole
from crawler.model.items import Act, AuthorRole, Kind, Place, PlaceKind, Post
from pipelines.act_cues import cues
from pipelines.act_phrases import Found
from pipelines.act_rules import Evidence, decide
from pipelines.draft import Draft
from search.analysis import Token, analyze

# What a person wants is said in the first lines, and the longest article shall cost what a few comments do.
_TOKENS_READ = 400
_CHARACTERS_READ = 4_000
_MOST_OF_A_CUE = 3
_ASKED = re.compile(r"\?(?!\w)")  # not that of an address of a page
_ADDRESSES = frozenset({PlaceKind.STREET, PlaceKind.HOUSE, PlaceKind.INTERSECTION, PlaceKind.LANDMARK})
_VOICES = {SourceRole.OFFICIAL: AuthorRole.OFFICIAL, SourceRole.MEDIA: AuthorRole.MEDIA}
_OWN = frozenset({Kind.POST, Kind.ARTICLE})
_NONE = dict.fromkeys(Act, 0)


class Told(NamedTuple):
    """An act ("" where it cannot be told), the name of the rule that told it, and the cues that spoke for it: each with
    its words as they stand in the post.
    """

    act: str
    rule: str
    cues: tuple[tuple[str, str], ...]


class Acts:
    """Give every post its act, once its tokens and places are there."""

    def process(self, batch: Sequence[Draft]) -> Sequence[Draft]:
        """Drafts with the act in their readings."""
        return [
            draft.with_act(_read(draft.post, draft.source.role, draft.reading.places, draft.words()).act)
            for draft in batch
        ]


def act_of(post: Post, role: SourceRole, places: Sequence[Place]) -> Told:
    """The act of a post in the stored form, read from a source of that role, that names `places`; and why."""
    read = _read(post, role, places, analyze(post.title, post.text))
    fields = {"title": post.title, "text": post.text}
    ends = [(cue, read.tokens[first], read.tokens[last]) for cue, first, last in read.found]
    words = [(cue, fields[start.field][start.start : end.end]) for cue, start, end in ends]
    words += [(cue, found[0]) for cue, pattern in cues().patterns.items() if (found := pattern.search(_start(post)))]
    return Told(
        read.act, read.rule, tuple(dict.fromkeys(one for one in words if cues().weights[one[0]][0] == read.act))
    )


class _Reading(NamedTuple):
    act: str
    rule: str
    tokens: Sequence[Token]
    found: Sequence[Found]


def _read(post: Post, role: SourceRole, places: Sequence[Place], tokens: Sequence[Token]) -> _Reading:
    plain = [token for token in tokens[:_TOKENS_READ] if "-" not in token[0]]
    _, phrases, _, idle = cues()
    found = [one for one in phrases.find(plain) if one[0] != "tells-to" or plain[one[1]].surface not in idle]
    text = _start(post)
    heard, weights = _weighed([(cue, plain[first][1]) for cue, first, _ in found], text)
    asked = [match.end() for match in _ASKED.finditer(text)]
    act, rule = decide(
        Evidence(
            kind=post.kind,
            voice=_voice(post, role),
            cues=heard,
            weights=weights,
            complaint=weights[Act.COMPLAINT],
            words=len(plain) if any("а" <= token[0][0] <= "я" for token in plain) else 0,
            asks=bool(asked),
            ends_asking=bool(asked) and not text[asked[-1] :].strip(" )\n"),
            addressed=any(place.kind in _ADDRESSES and place.field != "location" for place in places),
        )
    )
    return _Reading(act.value if act else "", rule, plain, found)


def _start(post: Post) -> str:
    return f"{post.title[:_CHARACTERS_READ]}\n{post.text[:_CHARACTERS_READ]}"


def _weighed(found: Iterable[tuple[str, str]], text: str) -> tuple[set[str], dict[Act, int]]:
    """The cues that were found, by name and first word, and those of patterns; and what those of each act weigh
    together, each with a few different words at most.
    """
    counted: dict[str, int] = {}
    for cue, _ in set(found):
        counted[cue] = counted.get(cue, 0) + 1
    known = cues()
    for cue, pattern in known.patterns.items():
        if pattern.search(text):
            counted[cue] = 1
    weights = _NONE.copy()
    for name, times in counted.items():
        act, weight = known.weights[name]
        weights[act] += weight * min(times, _MOST_OF_A_CUE)
    return set(counted), weights


def _voice(post: Post, role: SourceRole) -> AuthorRole:
    """Whose voice it is: the author's, else that of the feed for what it publishes itself."""
    told = post.author.role if post.author else AuthorRole.UNKNOWN
    return _VOICES.get(role, told) if told is AuthorRole.UNKNOWN and post.kind in _OWN else told
